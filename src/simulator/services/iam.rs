//! IAM: the password policy, roles, and the policies of identities.
//!
//! One file a service, as AWS cuts them: the handlers are short and independent, and there are many.

use crate::simulator::fault::Fault;
use crate::simulator::front::{Call, Handler};
use crate::simulator::iam::{Document, Named, Sort, managed_document};
use crate::simulator::world::World;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub(crate) const HANDLERS: &[(&str, Handler)] = &[
    ("AttachRolePolicy", attach_role_policy),
    ("CreateRole", create_role),
    ("CreateServiceLinkedRole", create_service_linked_role),
    ("DeleteAccountPasswordPolicy", delete_password_policy),
    ("DeleteRole", delete_role),
    ("DeleteRolePolicy", delete_role_policy),
    ("DetachRolePolicy", detach_role_policy),
    ("GetAccountPasswordPolicy", get_password_policy),
    ("GetAccountSummary", get_account_summary),
    ("GetRole", get_role),
    ("GetRolePolicy", get_role_policy),
    ("ListAttachedRolePolicies", list_attached_role_policies),
    ("ListRolePolicies", list_role_policies),
    ("ListRoles", list_roles),
    ("PutRolePolicy", put_role_policy),
    ("UpdateAccountPasswordPolicy", update_password_policy),
    ("UpdateAssumeRolePolicy", update_assume_role_policy),
];

/// What IAM holds of an account: the same in every region.
#[derive(Clone, Debug, Default, Serialize)]
pub struct State {
    /// Absent until it is first updated.
    pub password_policy: Option<PasswordPolicy>,
    /// Roles by name, whatever their path.
    pub roles: BTreeMap<String, Role>,
    /// Users by name.
    pub users: BTreeMap<String, User>,
}

#[expect(clippy::struct_excessive_bools, reason = "they are the switches of the policy, as IAM has them")]
/// The account's password policy. What is `None` is unset and not answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PasswordPolicy {
    minimum_length: i64,
    symbols: bool,
    numbers: bool,
    uppercase: bool,
    lowercase: bool,
    users_may_change: bool,
    max_age: Option<i64>,
    reuse: Option<i64>,
    hard_expiry: Option<bool>,
}

/// A role.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Role {
    /// Such as `/` or `/aws-service-role/guardduty.amazonaws.com/`.
    pub path: String,
    /// `AROA…`.
    pub id: String,
    /// Who may assume it.
    pub trust: String,
    /// Seconds that a session may last.
    pub max_session: i64,
    /// Seconds since the epoch.
    pub created: i64,
    /// Free text.
    pub description: Option<String>,
    /// The ARN of the permissions boundary.
    pub boundary: Option<String>,
    /// Inline policies by name.
    pub inline: BTreeMap<String, String>,
    /// ARNs of attached managed policies.
    pub attached: Vec<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// A user: only what authorization needs.
#[derive(Clone, Debug, Default, Serialize)]
pub struct User {
    /// Inline policies by name.
    pub inline: BTreeMap<String, String>,
    /// ARNs of attached managed policies.
    pub attached: Vec<String>,
}

/// What limits and permits a role.
#[derive(Debug, Default)]
pub(crate) struct RolePolicies {
    pub(crate) identity: Vec<Document>,
    pub(crate) boundary: Option<Vec<Document>>,
    /// A service-linked role, which service control policies do not limit.
    pub(crate) linked: bool,
}

/// The ARN of a role by its name; of a role that is not there, the ARN it would have without a path.
pub(crate) fn role_arn(world: &mut World, account: &str, name: &str) -> String {
    let partition = world.partition.clone();
    let path = world.account(account).and_then(|account| account.iam.roles.get(name)).map(|role| role.path.clone());
    format!("arn:{partition}:iam::{account}:role{}{name}", path.as_deref().unwrap_or("/"))
}

/// Whether the account has a role of this name.
pub(crate) fn has_role(world: &mut World, account: &str, name: &str) -> bool {
    world.account(account).is_some_and(|account| account.iam.roles.contains_key(name))
}

/// Whether an identity that a policy names is there: AWS refuses policies that name others. Accounts that are not of
/// this world are taken to exist, as those of other companies do.
pub(crate) fn exists(world: &mut World, arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, _, "iam" | "sts", _, account, resource] = parts[..] else { return false };
    let Some(account) = world.account(account) else { return true };
    let name = resource.rsplit('/').next().unwrap_or_default();
    match resource.split('/').next() {
        Some("role") => account.iam.roles.contains_key(name),
        Some("user") => account.iam.users.contains_key(name),
        Some("root" | "assumed-role") => true,
        _ => false,
    }
}

/// The policies of a role; of a role that was deleted, none that allow.
pub(crate) fn role_policies(world: &mut World, account: &str, name: &str) -> Result<RolePolicies, String> {
    let Some(role) = world.account(account).and_then(|account| account.iam.roles.get(name)) else {
        return Ok(RolePolicies::default());
    };
    Ok(RolePolicies {
        identity: identity_policies(&role.inline, &role.attached)?,
        boundary: match &role.boundary {
            Some(arn) => Some(identity_policies(&BTreeMap::new(), std::slice::from_ref(arn))?),
            None => None,
        },
        linked: role.path.starts_with("/aws-service-role/"),
    })
}

/// The policies of a user.
pub(crate) fn user_policies(world: &mut World, account: &str, name: &str) -> Result<Vec<Document>, String> {
    match world.account(account).and_then(|account| account.iam.users.get(name)) {
        Some(user) => identity_policies(&user.inline, &user.attached),
        None => Ok(Vec::new()),
    }
}

fn identity_policies(inline: &BTreeMap<String, String>, attached: &[String]) -> Result<Vec<Document>, String> {
    let managed = attached.iter().map(|arn| managed_document(arn).ok_or_else(|| format!("{arn} is not known here")));
    let texts = inline.values().map(|text| Ok(text.as_str())).chain(managed);
    texts.map(|text| Document::parse(text?, Sort::Identity)).collect()
}

/// Makes a service-linked role in an account, as services do by themselves; nothing if it is there.
pub(crate) fn ensure_linked_role(world: &mut World, account: &str, service: &str, name: &str) {
    let (now, id) = (world.now(), format!("AROA{}", world.token(17).to_uppercase()));
    let Some(account) = world.account(account) else { return };
    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]});
    account.iam.roles.entry(name.to_owned()).or_insert_with(|| Role {
        path: format!("/aws-service-role/{service}/"),
        id,
        trust: trust.to_string(),
        max_session: 3600,
        created: now,
        ..Role::default()
    });
}

/// The service-linked roles of the services that are simulated, or that they make use of.
const LINKED_ROLES: &[(&str, &str)] = &[
    ("cloudtrail.amazonaws.com", "AWSServiceRoleForCloudTrail"),
    ("guardduty.amazonaws.com", "AWSServiceRoleForAmazonGuardDuty"),
    ("malware-protection.guardduty.amazonaws.com", "AWSServiceRoleForAmazonGuardDutyMalwareProtection"),
    ("organizations.amazonaws.com", "AWSServiceRoleForOrganizations"),
];

fn missing(message: impl Into<String>) -> Fault {
    Fault::new(404, "NoSuchEntity", message)
}

fn no_password_policy(call: &Call<'_>) -> Fault {
    missing(format!("The Password Policy with domain name {} cannot be found.", call.account))
}

fn get_password_policy(call: &mut Call<'_>) -> Result<Value, Fault> {
    let Some(policy) = call.mine().iam.password_policy.clone() else { return Err(no_password_policy(call)) };
    let mut shown = json!({
        "MinimumPasswordLength": policy.minimum_length,
        "RequireSymbols": policy.symbols,
        "RequireNumbers": policy.numbers,
        "RequireUppercaseCharacters": policy.uppercase,
        "RequireLowercaseCharacters": policy.lowercase,
        "AllowUsersToChangePassword": policy.users_may_change,
        "ExpirePasswords": policy.max_age.is_some(),
    });
    let unset = [
        ("MaxPasswordAge", policy.max_age.map(Value::from)),
        ("PasswordReusePrevention", policy.reuse.map(Value::from)),
        ("HardExpiry", policy.hard_expiry.map(Value::from)),
    ];
    for (member, value) in unset {
        if let Some(value) = value {
            shown[member] = value;
        }
    }
    Ok(json!({ "PasswordPolicy": shown }))
}

fn update_password_policy(call: &mut Call<'_>) -> Result<Value, Fault> {
    // The whole policy is replaced: what is left out falls back to its default, not to what it was.
    let flag = |member| call.flag(member).unwrap_or(false);
    let policy = PasswordPolicy {
        minimum_length: call.number("MinimumPasswordLength").unwrap_or(6),
        symbols: flag("RequireSymbols"),
        numbers: flag("RequireNumbers"),
        uppercase: flag("RequireUppercaseCharacters"),
        lowercase: flag("RequireLowercaseCharacters"),
        users_may_change: flag("AllowUsersToChangePassword"),
        max_age: call.number("MaxPasswordAge"),
        reuse: call.number("PasswordReusePrevention"),
        hard_expiry: call.flag("HardExpiry"),
    };
    let ranges = [
        ("minimumPasswordLength", Some(policy.minimum_length), 6, 128),
        ("maxPasswordAge", policy.max_age, 1, 1095),
        ("passwordReusePrevention", policy.reuse, 1, 24),
    ];
    for (member, value, least, most) in ranges {
        if let Some(value) = value.filter(|value| !(least..=most).contains(value)) {
            let (bound, limit) = if value < least { ("greater", least) } else { ("less", most) };
            return Err(Fault::new(
                400,
                "ValidationError",
                format!(
                    "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: \
                     Member must have value {bound} than or equal to {limit}"
                ),
            ));
        }
    }
    call.mine().iam.password_policy = Some(policy);
    Ok(json!({}))
}

fn delete_password_policy(call: &mut Call<'_>) -> Result<Value, Fault> {
    let Some(_) = call.mine().iam.password_policy.take() else { return Err(no_password_policy(call)) };
    Ok(json!({}))
}

fn role<'a>(call: &'a mut Call<'_>) -> Result<(String, &'a mut Role), Fault> {
    let name = call.need("RoleName")?.to_owned();
    match call.mine().iam.roles.get_mut(&name) {
        Some(role) => Ok((name, role)),
        None => Err(missing(format!("The role with name {name} cannot be found."))),
    }
}

/// A role that may be changed: those of services may not.
fn own_role<'a>(call: &'a mut Call<'_>) -> Result<(String, &'a mut Role), Fault> {
    let (name, role) = role(call)?;
    if role.path.starts_with("/aws-service-role/") {
        let message = format!(
            "Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
        );
        return Err(Fault::new(400, "UnmodifiableEntity", message));
    }
    Ok((name, role))
}

/// A role as IAM answers it: documents are URL-encoded.
fn shown(call: &Call<'_>, name: &str, role: &Role) -> Value {
    let mut shown = json!({
        "Path": role.path,
        "RoleName": name,
        "RoleId": role.id,
        "Arn": format!("arn:{}:iam::{}:role{}{name}", call.world.partition, call.account, role.path),
        "CreateDate": role.created,
        "AssumeRolePolicyDocument": encoded(&role.trust),
        "MaxSessionDuration": role.max_session,
    });
    if let Some(description) = &role.description {
        shown["Description"] = json!(description);
    }
    if let Some(arn) = &role.boundary {
        shown["PermissionsBoundary"] = json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn});
    }
    if !role.tags.is_empty() {
        shown["Tags"] = role.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    }
    shown
}

/// Percent-encoding of everything but RFC 3986's unreserved letters.
fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&hex::encode_upper([byte]));
        }
    }
    out
}

fn document(text: &str) -> Result<String, Fault> {
    match Document::parse(text, Sort::Identity) {
        Ok(_) => Ok(text.to_owned()),
        Err(why) => Err(Fault::new(400, "MalformedPolicyDocument", why)),
    }
}

/// A trust policy, which may name only identities that exist.
fn trust(call: &mut Call<'_>, member: &str) -> Result<String, Fault> {
    let text = call.need(member)?.to_owned();
    let malformed = |why: String| Fault::new(400, "MalformedPolicyDocument", why);
    let parsed = Document::parse(&text, Sort::Trust).map_err(malformed)?;
    for principal in parsed.statements().iter().filter_map(|one| one.principals()).flatten() {
        if let Named::Aws(arn) = principal
            && !exists(call.world, arn)
        {
            return Err(malformed(format!("Invalid principal in policy: \"AWS\":\"{arn}\"")));
        }
    }
    Ok(text)
}

fn create_role(call: &mut Call<'_>) -> Result<Value, Fault> {
    let name = call.need("RoleName")?.to_owned();
    if call.mine().iam.roles.keys().any(|known| known.eq_ignore_ascii_case(&name)) {
        return Err(Fault::new(409, "EntityAlreadyExists", format!("Role with name {name} already exists.")));
    }
    let role = Role {
        path: call.text("Path").unwrap_or("/").to_owned(),
        id: format!("AROA{}", call.world.token(17).to_uppercase()),
        trust: trust(call, "AssumeRolePolicyDocument")?,
        max_session: call.number("MaxSessionDuration").unwrap_or(3600),
        created: call.now(),
        description: call.text("Description").map(str::to_owned),
        boundary: call.text("PermissionsBoundary").map(str::to_owned),
        tags: tags(call.list("Tags")),
        ..Role::default()
    };
    let answer = shown(call, &name, &role);
    call.mine().iam.roles.insert(name, role);
    Ok(json!({ "Role": answer }))
}

/// Tags as IAM, Organizations and `CloudTrail` send them.
pub(crate) fn tags(list: &[Value]) -> BTreeMap<String, String> {
    let text = |tag: &Value, member| tag.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
    list.iter().map(|tag| (text(tag, "Key"), text(tag, "Value"))).collect()
}

fn get_role(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (name, role) = role(call)?;
    let role = role.clone();
    Ok(json!({ "Role": shown(call, &name, &role) }))
}

fn list_roles(call: &mut Call<'_>) -> Result<Value, Fault> {
    let prefix = call.text("PathPrefix").unwrap_or("/").to_owned();
    let roles = call.mine().iam.roles.clone();
    let all = roles.iter().filter(|(_, role)| role.path.starts_with(&prefix));
    let all = all.map(|(name, role)| shown(call, name, role)).collect();
    listed(call, "Roles", all)
}

/// One page of an IAM list: at most 100 unless asked otherwise.
fn listed(call: &Call<'_>, member: &str, items: Vec<Value>) -> Result<Value, Fault> {
    let size = call.number("MaxItems").and_then(|size| usize::try_from(size).ok()).unwrap_or(100);
    let (items, next) = super::paging::page(items, size, call.text("Marker"))
        .ok_or_else(|| Fault::new(400, "ValidationError", "Invalid Marker."))?;
    let mut page =
        Map::from_iter([(member.to_owned(), Value::from(items)), ("IsTruncated".to_owned(), next.is_some().into())]);
    if let Some(next) = next {
        page.insert("Marker".to_owned(), next.into());
    }
    Ok(Value::Object(page))
}

fn update_assume_role_policy(call: &mut Call<'_>) -> Result<Value, Fault> {
    let trust = trust(call, "PolicyDocument")?;
    own_role(call)?.1.trust = trust;
    Ok(json!({}))
}

fn delete_role(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (name, role) = own_role(call)?;
    if !role.attached.is_empty() || !role.inline.is_empty() {
        return Err(Fault::new(409, "DeleteConflict", "Cannot delete entity, must detach all policies first."));
    }
    call.mine().iam.roles.remove(&name);
    Ok(json!({}))
}

fn put_role_policy(call: &mut Call<'_>) -> Result<Value, Fault> {
    let policy = call.need("PolicyName")?.to_owned();
    let text = document(call.need("PolicyDocument")?)?;
    own_role(call)?.1.inline.insert(policy, text);
    Ok(json!({}))
}

fn get_role_policy(call: &mut Call<'_>) -> Result<Value, Fault> {
    let policy = call.need("PolicyName")?.to_owned();
    let (name, role) = role(call)?;
    match role.inline.get(&policy) {
        Some(text) => Ok(json!({"RoleName": name, "PolicyName": policy, "PolicyDocument": encoded(text)})),
        None => Err(missing(format!("The role policy with name {policy} cannot be found."))),
    }
}

fn delete_role_policy(call: &mut Call<'_>) -> Result<Value, Fault> {
    let policy = call.need("PolicyName")?.to_owned();
    match own_role(call)?.1.inline.remove(&policy) {
        Some(_) => Ok(json!({})),
        None => Err(missing(format!("The role policy with name {policy} cannot be found."))),
    }
}

fn list_role_policies(call: &mut Call<'_>) -> Result<Value, Fault> {
    let names = role(call)?.1.inline.keys().map(|name| json!(name)).collect();
    listed(call, "PolicyNames", names)
}

fn attach_role_policy(call: &mut Call<'_>) -> Result<Value, Fault> {
    let arn = call.need("PolicyArn")?.to_owned();
    if managed_document(&arn).is_none() {
        return Err(missing(format!("Policy {arn} does not exist or is not attachable.")));
    }
    let (_, role) = own_role(call)?;
    if !role.attached.contains(&arn) {
        role.attached.push(arn);
    }
    Ok(json!({}))
}

fn detach_role_policy(call: &mut Call<'_>) -> Result<Value, Fault> {
    let arn = call.need("PolicyArn")?.to_owned();
    let (_, role) = own_role(call)?;
    let before = role.attached.len();
    role.attached.retain(|attached| *attached != arn);
    if role.attached.len() == before {
        return Err(missing(format!("Policy {arn} was not found.")));
    }
    Ok(json!({}))
}

fn list_attached_role_policies(call: &mut Call<'_>) -> Result<Value, Fault> {
    let attached = role(call)?.1.attached.clone();
    let name = |arn: &str| arn.rsplit('/').next().unwrap_or_default().to_owned();
    let all = attached.iter().map(|arn| json!({"PolicyName": name(arn), "PolicyArn": arn})).collect();
    listed(call, "AttachedPolicies", all)
}

fn create_service_linked_role(call: &mut Call<'_>) -> Result<Value, Fault> {
    let service = call.need("AWSServiceName")?.to_owned();
    let Some((_, name)) = LINKED_ROLES.iter().find(|(known, _)| *known == service) else {
        return Err(Fault::new(400, "InvalidInput", format!("Service name {service} is not valid.")));
    };
    if call.mine().iam.roles.contains_key(*name) {
        let message =
            format!("Service role name {name} has been taken in this account, please try a different suffix.");
        return Err(Fault::new(400, "InvalidInput", message));
    }
    let account = call.account;
    ensure_linked_role(call.world, account, &service, name);
    let role = call.mine().iam.roles[*name].clone();
    Ok(json!({ "Role": shown(call, name, &role) }))
}

fn get_account_summary(call: &mut Call<'_>) -> Result<Value, Fault> {
    let iam = &call.mine().iam;
    Ok(json!({"SummaryMap": {
        "Users": iam.users.len(), "UsersQuota": 5000, "Roles": iam.roles.len(), "RolesQuota": 1000, "Groups": 0,
        "GroupsQuota": 300, "Policies": 0, "PoliciesQuota": 1500, "MFADevices": 0, "MFADevicesInUse": 0,
        "AccountMFAEnabled": 0, "AccountAccessKeysPresent": 0, "AccountPasswordPresent": 1,
        "AccountSigningCertificatesPresent": 0, "ServerCertificates": 0, "ServerCertificatesQuota": 20, "Providers": 0,
    }}))
}
