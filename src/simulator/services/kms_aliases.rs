//! Aliases of KMS keys, among them those AWS reserves for its services.

use super::kms::{Key, fault, found, listed};
use super::kms_states::{dying, usable};
use crate::fault::Fault;
use crate::front::Call;
use crate::world::World;
use serde::Serialize;
use serde_json::{Value, json};

/// An alias.
#[derive(Clone, Debug, Serialize)]
pub struct Alias {
    /// The id of the key it stands for.
    pub target: String,
    /// Seconds since the epoch.
    pub created: i64,
    /// Seconds since the epoch.
    pub updated: i64,
}

/// Aliases that are there from the start, without a key until they are first used.
const RESERVED: &[&str] = &["dynamodb", "ebs", "rds", "s3", "secretsmanager", "ssm"];

/// Makes the AWS managed key behind a reserved alias when it is first named.
pub(crate) fn materialize(world: &mut World, account: &str, region: &str, alias: &str) {
    let Some(service) = alias.strip_prefix("alias/aws/").filter(|service| RESERVED.contains(service)) else { return };
    let (now, id, partition) = (world.now(), world.uuid(), world.partition.clone());
    let Some(owner) = world.account(account) else { return };
    let kms = &mut owner.regions.entry(region.to_owned()).or_default().kms;
    if kms.aliases.contains_key(alias) {
        return;
    }
    let policy = json!({"Version": "2012-10-17", "Id": format!("auto-{service}-1"), "Statement": [
        {"Sid": "Allow access for all principals in the account that are authorized to use the service",
         "Effect": "Allow", "Principal": {"AWS": "*"},
         "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": "*",
         "Condition": {"StringEquals": {"kms:ViaService": format!("{service}.{region}.amazonaws.com"), "kms:CallerAccount": account}}},
        {"Sid": "Allow direct access to key metadata to the account", "Effect": "Allow",
         "Principal": {"AWS": format!("arn:{partition}:iam::{account}:root")},
         "Action": ["kms:Describe*", "kms:Get*", "kms:List*"], "Resource": "*"},
    ]});
    let key = Key {
        spec: "SYMMETRIC_DEFAULT".to_owned(),
        usage: "ENCRYPT_DECRYPT".to_owned(),
        origin: "AWS_KMS".to_owned(),
        state: "Enabled".to_owned(),
        managed_for: Some(service.to_owned()),
        description: format!("Default key that protects my {service} data when no other key is defined"),
        policy: policy.to_string(),
        rotation: Some(365),
        created: now,
        ..Key::default()
    };
    kms.keys.insert(id.clone(), key);
    kms.aliases.insert(alias.to_owned(), Alias { target: id, created: now, updated: now });
}

fn name(call: &Call<'_>) -> Result<String, Fault> {
    let name = call.need("AliasName")?.to_owned();
    if !name.starts_with("alias/") {
        return Err(fault("ValidationException", "Invalid identifier"));
    }
    if name.starts_with("alias/aws/") {
        return Err(fault("NotAuthorizedException", "Aliases that start with alias/aws/ are reserved"));
    }
    Ok(name)
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Value, Fault> {
    let name = name(call)?;
    if call.here().kms.aliases.contains_key(&name) {
        let message = format!("An alias with the name {} already exists", call.arn(&name));
        return Err(fault("AlreadyExistsException", message));
    }
    point(call, name)
}

pub(super) fn update(call: &mut Call<'_>) -> Result<Value, Fault> {
    let name = name(call)?;
    if !call.here().kms.aliases.contains_key(&name) {
        return Err(fault("NotFoundException", format!("Alias {} is not found.", call.arn(&name))));
    }
    point(call, name)
}

fn point(call: &mut Call<'_>, name: String) -> Result<Value, Fault> {
    let target = found(call, "TargetKeyId", false)?;
    let key = target.key(call.world).clone();
    if dying(&key) {
        usable(&target.arn, &key)?;
    }
    let now = call.now();
    let aliases = &mut call.here().kms.aliases;
    let created = aliases.get(&name).map_or(now, |alias| alias.created);
    aliases.insert(name, Alias { target: target.id, created, updated: now });
    Ok(json!({}))
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Value, Fault> {
    let name = name(call)?;
    match call.here().kms.aliases.remove(&name) {
        Some(_) => Ok(json!({})),
        None => Err(fault("NotFoundException", format!("Alias {} is not found.", call.arn(&name)))),
    }
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Value, Fault> {
    let only = match call.text("KeyId") {
        Some(_) => Some(found(call, "KeyId", false)?.id),
        None => None,
    };
    let aliases = call.here().kms.aliases.clone();
    let mut all: Vec<(String, Value)> = Vec::new();
    for (name, alias) in &aliases {
        if only.as_ref().is_none_or(|only| *only == alias.target) {
            let shown = json!({"AliasName": name, "AliasArn": call.arn(name), "TargetKeyId": alias.target,
                "CreationDate": alias.created, "LastUpdatedDate": alias.updated});
            all.push((name.clone(), shown));
        }
    }
    let reserved = RESERVED.iter().map(|service| format!("alias/aws/{service}"));
    for name in reserved.filter(|name| only.is_none() && !aliases.contains_key(name)) {
        let shown = json!({"AliasName": name, "AliasArn": call.arn(&name)});
        all.push((name, shown));
    }
    all.sort_by(|one, other| one.0.cmp(&other.0));
    listed(call, "Aliases", all.into_iter().map(|(_, shown)| shown).collect(), 50)
}
