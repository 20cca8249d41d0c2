//! KMS: keys, and how they are made and described. Aliases are in `kms_aliases`, policies in `kms_policy`, rotation in
//! `kms_rotation`, signatures in `kms_signing`, states in `kms_states`, tags in `kms_tags`.

use super::{
    kms_aliases as aliases, kms_policy as policy, kms_rotation as rotation, kms_signing as signing,
    kms_states as states, kms_tags as tags,
};
use crate::fault::Fault;
use crate::front::{Call, Handler};
use crate::world::World;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) const HANDLERS: &[(&str, Handler)] = &[
    ("CancelKeyDeletion", states::cancel_deletion),
    ("CreateAlias", aliases::create),
    ("CreateKey", create_key),
    ("DeleteAlias", aliases::delete),
    ("DescribeKey", describe_key),
    ("DisableKey", states::disable),
    ("DisableKeyRotation", rotation::disable),
    ("EnableKey", states::enable),
    ("EnableKeyRotation", rotation::enable),
    ("GetKeyPolicy", policy::get),
    ("GetKeyRotationStatus", rotation::status),
    ("GetPublicKey", signing::public_key),
    ("ListAliases", aliases::list),
    ("ListKeyPolicies", policy::list),
    ("ListKeys", list_keys),
    ("ListResourceTags", tags::list),
    ("PutKeyPolicy", policy::put),
    ("ReplicateKey", replicate_key),
    ("ScheduleKeyDeletion", states::schedule_deletion),
    ("Sign", signing::sign),
    ("TagResource", tags::tag),
    ("UntagResource", tags::untag),
    ("UpdateAlias", aliases::update),
    ("Verify", signing::verify),
];

/// Keys and aliases of an account in one region.
#[derive(Clone, Debug, Default, Serialize)]
pub struct State {
    /// Keys by id.
    pub keys: BTreeMap<String, Key>,
    /// Aliases by name, `alias/` included.
    pub aliases: BTreeMap<String, aliases::Alias>,
}

/// A key.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Key {
    /// Such as `SYMMETRIC_DEFAULT`.
    pub spec: String,
    /// Such as `ENCRYPT_DECRYPT`.
    pub usage: String,
    /// `AWS_KMS`, `EXTERNAL`, `AWS_CLOUDHSM`, `EXTERNAL_KEY_STORE`.
    pub origin: String,
    /// `Enabled`, `Disabled`, `PendingDeletion`, `PendingImport`, …
    pub state: String,
    /// The service an AWS managed key is for, such as `s3`; none for customer managed keys.
    pub managed_for: Option<String>,
    /// The region of the primary, if the key is in several regions.
    pub primary: Option<String>,
    /// The custom key store it is in.
    pub store: Option<String>,
    /// Free text.
    pub description: String,
    /// The key policy.
    pub policy: String,
    /// Days between automatic rotations; none if rotation is off.
    pub rotation: Option<i64>,
    /// Seconds since the epoch.
    pub created: i64,
    /// When it will be deleted.
    pub deletion: Option<i64>,
    /// Days that it waits once its last replica is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<i64>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// The private half of an asymmetric key, once it was needed. It never leaves KMS.
    #[serde(skip)]
    pub(super) material: Option<signing::Material>,
}

/// Where a key is.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) policy: String,
    /// It was named by an alias.
    pub(crate) by_alias: bool,
}

/// Finds a key by its id, its ARN, an alias or an alias's ARN. Naming an alias that AWS reserves makes its key.
pub(crate) fn find(world: &mut World, account: &str, region: &str, id: &str) -> Option<Found> {
    let (owner, region, name) = if id.starts_with("arn:") {
        let parts: Vec<&str> = id.splitn(6, ':').collect();
        let [_, _, "kms", region, owner, name] = parts[..] else { return None };
        (owner.to_owned(), region.to_owned(), name.trim_start_matches("key/").to_owned())
    } else {
        (account.to_owned(), region.to_owned(), id.to_owned())
    };
    let by_alias = name.starts_with("alias/");
    if by_alias {
        aliases::materialize(world, &owner, &region, &name);
    }
    let partition = world.partition.clone();
    let state = &world.account(&owner)?.regions.get(&region)?.kms;
    let id = if by_alias { state.aliases.get(&name)?.target.clone() } else { name };
    let policy = state.keys.get(&id)?.policy.clone();
    Some(Found {
        arn: format!("arn:{partition}:kms:{region}:{owner}:key/{id}"),
        account: owner,
        region,
        id,
        policy,
        by_alias,
    })
}

impl Found {
    /// The key itself.
    pub(crate) fn key<'a>(&self, world: &'a mut World) -> &'a mut Key {
        let account = world.account(&self.account).expect("the key was found in it");
        let region = account.regions.get_mut(&self.region).expect("the key was found in it");
        region.kms.keys.get_mut(&self.id).expect("it was found")
    }
}

pub(super) fn fault(code: &str, message: impl Into<String>) -> Fault {
    Fault::new(400, code, message)
}

/// The key an operation names. Only some operations take an alias for it; the others know no key of that name.
pub(super) fn found(call: &mut Call<'_>, member: &str, alias: bool) -> Result<Found, Fault> {
    let id = call.need(member)?.to_owned();
    let region = id.starts_with("arn:").then(|| id.split(':').nth(3).unwrap_or_default().to_owned());
    if let Some(region) = region.filter(|region| region != call.region) {
        return Err(fault("InvalidArnException", format!("Invalid arn {region}")));
    }
    if !alias && id.starts_with("alias/") {
        return Err(fault("NotFoundException", format!("Invalid keyId '{id}'")));
    }
    match find(call.world, call.account, call.region, &id) {
        Some(found) if found.by_alias && !alias => Err(fault("InvalidArnException", format!("{id} is not a key"))),
        Some(found) => Ok(found),
        None => Err(missing(call, &id)),
    }
}

fn missing(call: &Call<'_>, id: &str) -> Fault {
    let message = match id {
        arn if arn.starts_with("arn:") && arn.contains(":alias/") => format!("Alias {arn} is not found."),
        arn if arn.starts_with("arn:") => format!("Key '{arn}' does not exist"),
        alias if alias.starts_with("alias/") => format!("Alias {} is not found.", call.arn(alias)),
        id => format!("Key '{}' does not exist", call.arn(&format!("key/{id}"))),
    };
    fault("NotFoundException", message)
}

/// A key's description, as `CreateKey` and `DescribeKey` answer it.
fn metadata(world: &mut World, found: &Found) -> Value {
    let key = found.key(world).clone();
    let mut shown = json!({
        "AWSAccountId": found.account,
        "KeyId": found.id,
        "Arn": found.arn,
        "CreationDate": key.created,
        "Enabled": key.state == "Enabled",
        "Description": key.description,
        "KeyUsage": key.usage,
        "KeyState": key.state,
        "Origin": key.origin,
        "KeyManager": if key.managed_for.is_some() { "AWS" } else { "CUSTOMER" },
        "CustomerMasterKeySpec": key.spec,
        "KeySpec": key.spec,
        "MultiRegion": key.primary.is_some(),
    });
    if let Some((member, algorithms)) = algorithms(&key) {
        shown[member] = json!(algorithms);
    }
    if let Some(deletion) = key.deletion {
        shown["DeletionDate"] = json!(deletion);
    }
    if let Some(window) = key.window {
        shown["PendingDeletionWindowInDays"] = json!(window);
    }
    if let Some(store) = &key.store {
        shown["CustomKeyStoreId"] = json!(store);
    }
    if let Some(primary) = &key.primary {
        shown["MultiRegionConfiguration"] = siblings(world, found, primary);
    }
    shown
}

fn siblings(world: &mut World, found: &Found, primary: &str) -> Value {
    let partition = world.partition.clone();
    let regions = world.account(&found.account).map(|account| {
        let with = account.regions.iter().filter(|(_, state)| state.kms.keys.contains_key(&found.id));
        with.map(|(region, _)| region.clone()).collect::<Vec<_>>()
    });
    let shown = |region: &str| json!({"Arn": format!("arn:{partition}:kms:{region}:{}:key/{}", found.account, found.id), "Region": region});
    let replicas = regions.iter().flatten().filter(|region| *region != primary).map(|region| shown(region));
    json!({
        "MultiRegionKeyType": if found.region == primary { "PRIMARY" } else { "REPLICA" },
        "PrimaryKey": shown(primary),
        "ReplicaKeys": replicas.collect::<Vec<_>>(),
    })
}

/// What a key can be used with, and the member of its description that says so.
pub(super) fn algorithms(key: &Key) -> Option<(&'static str, &'static [&'static str])> {
    Some(match (key.usage.as_str(), key.spec.as_str()) {
        ("ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT") => ("EncryptionAlgorithms", &["SYMMETRIC_DEFAULT"]),
        ("ENCRYPT_DECRYPT", _) => ("EncryptionAlgorithms", &["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]),
        ("SIGN_VERIFY", spec) => ("SigningAlgorithms", signing::algorithms(spec)),
        ("KEY_AGREEMENT", _) => ("KeyAgreementAlgorithms", &["ECDH"]),
        ("GENERATE_VERIFY_MAC", _) => ("MacAlgorithms", &["HMAC_SHA_256"]),
        _ => return None,
    })
}

fn create_key(call: &mut Call<'_>) -> Result<Value, Fault> {
    let text = |member, otherwise: &str| call.text(member).unwrap_or(otherwise).to_owned();
    let spec = call.text("KeySpec").or(call.text("CustomerMasterKeySpec")).unwrap_or("SYMMETRIC_DEFAULT").to_owned();
    let usage = text("KeyUsage", "ENCRYPT_DECRYPT");
    let origin = text("Origin", "AWS_KMS");
    let fits = match spec.as_str() {
        "SYMMETRIC_DEFAULT" => usage == "ENCRYPT_DECRYPT",
        spec if spec.starts_with("HMAC") => usage == "GENERATE_VERIFY_MAC",
        spec if spec.starts_with("RSA") => usage == "ENCRYPT_DECRYPT" || usage == "SIGN_VERIFY",
        _ => usage == "SIGN_VERIFY" || usage == "KEY_AGREEMENT",
    };
    if !fits {
        return Err(fault("ValidationException", format!("KeyUsage {usage} is not compatible with KeySpec {spec}")));
    }
    let stored = origin == "AWS_CLOUDHSM" || origin == "EXTERNAL_KEY_STORE";
    if stored != call.text("CustomKeyStoreId").is_some() {
        return Err(fault("ValidationException", "CustomKeyStoreId and Origin do not go together"));
    }
    let multi = call.flag("MultiRegion").unwrap_or(false);
    let id = if multi { format!("mrk-{}", call.world.hex(32)) } else { call.world.uuid() };
    let policy = policy::checked(call, &id)?;
    let key = Key {
        state: if origin == "EXTERNAL" { "PendingImport" } else { "Enabled" }.to_owned(),
        spec,
        usage,
        origin,
        primary: multi.then(|| call.region.to_owned()),
        store: call.text("CustomKeyStoreId").map(str::to_owned),
        description: call.text("Description").unwrap_or_default().to_owned(),
        policy,
        created: call.now(),
        tags: tags::parsed(call.list("Tags"))?,
        ..Key::default()
    };
    call.here().kms.keys.insert(id.clone(), key);
    let (account, region) = (call.account, call.region);
    let found = find(call.world, account, region, &id).expect("it was just made");
    Ok(json!({ "KeyMetadata": metadata(call.world, &found) }))
}

fn describe_key(call: &mut Call<'_>) -> Result<Value, Fault> {
    let found = found(call, "KeyId", true)?;
    Ok(json!({ "KeyMetadata": metadata(call.world, &found) }))
}

/// One page in KMS's manner: `Limit`, `Marker`, `Truncated`, `NextMarker`.
pub(super) fn listed(call: &Call<'_>, member: &str, items: Vec<Value>, otherwise: usize) -> Result<Value, Fault> {
    let size = call.number("Limit").and_then(|size| usize::try_from(size).ok()).unwrap_or(otherwise);
    let (page, next) = super::paging::page(items, size, call.text("Marker"))
        .ok_or_else(|| fault("InvalidMarkerException", "Could not deserialize marker"))?;
    let mut answer = json!({ member: page, "Truncated": next.is_some() });
    if let Some(next) = next {
        answer["NextMarker"] = json!(next);
    }
    Ok(answer)
}

fn list_keys(call: &mut Call<'_>) -> Result<Value, Fault> {
    let ids: Vec<String> = call.here().kms.keys.keys().cloned().collect();
    let all = ids.iter().map(|id| json!({"KeyId": id, "KeyArn": call.arn(&format!("key/{id}"))})).collect();
    listed(call, "Keys", all, 100)
}

fn replicate_key(call: &mut Call<'_>) -> Result<Value, Fault> {
    let found = found(call, "KeyId", false)?;
    let to = call.need("ReplicaRegion")?.to_owned();
    let key = found.key(call.world).clone();
    states::usable(&found.arn, &key)?;
    if key.primary.as_deref() != Some(call.region) || to == call.region {
        let message = format!("{} is not a multi-region primary key that can be replicated to {to}.", found.arn);
        return Err(fault("UnsupportedOperationException", message));
    }
    let policy = policy::checked(call, &found.id)?;
    let replica = Key {
        policy: policy.clone(),
        description: call.text("Description").unwrap_or_default().to_owned(),
        tags: tags::parsed(call.list("Tags"))?,
        created: call.now(),
        ..key
    };
    let there = &mut call.mine().regions.entry(to.clone()).or_default().kms.keys;
    if there.contains_key(&found.id) {
        return Err(fault("AlreadyExistsException", format!("{} is replicated to {to} already.", found.arn)));
    }
    there.insert(found.id.clone(), replica);
    let account = call.account;
    let made = find(call.world, account, &to, &found.id).expect("it was just made");
    Ok(
        json!({"ReplicaKeyMetadata": metadata(call.world, &made), "ReplicaPolicy": policy, "ReplicaTags": call.list("Tags")}),
    )
}
