//! IAM: what an account's identities are, for whoever weighs their policies. The password policy is in
//! `iam_password_policy`; how roles are made and changed, in `iam_roles`; the policy simulator in `iam_simulation`.

use super::{iam_password_policy as password_policy, iam_roles as roles, iam_simulation as simulation};
use crate::simulator::fault::Fault;
use crate::simulator::front::{Call, Handler};
use crate::simulator::iam::{Document, Sort, managed_document};
use crate::simulator::world::World;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub(crate) const HANDLERS: &[(&str, Handler)] = &[
    ("AttachRolePolicy", roles::attach),
    ("CreateRole", roles::create),
    ("CreateServiceLinkedRole", roles::create_linked),
    ("DeleteAccountPasswordPolicy", password_policy::delete),
    ("DeleteRole", roles::delete),
    ("DeleteRolePolicy", roles::delete_policy),
    ("DetachRolePolicy", roles::detach),
    ("GetAccountPasswordPolicy", password_policy::get),
    ("GetAccountSummary", get_account_summary),
    ("GetRole", roles::get),
    ("GetRolePolicy", roles::get_policy),
    ("ListAttachedRolePolicies", roles::list_attached),
    ("ListRolePolicies", roles::list_policies),
    ("ListRoles", roles::list),
    ("PutRolePolicy", roles::put_policy),
    ("SimulatePrincipalPolicy", simulation::simulate),
    ("UpdateAccountPasswordPolicy", password_policy::update),
    ("UpdateAssumeRolePolicy", roles::update_trust),
];

/// What IAM holds of an account: the same in every region.
#[derive(Clone, Debug, Default, Serialize)]
pub struct State {
    /// Absent until it is first updated.
    pub password_policy: Option<password_policy::PasswordPolicy>,
    /// Roles by name, whatever their path.
    pub roles: BTreeMap<String, Role>,
    /// Users by name.
    pub users: BTreeMap<String, User>,
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

pub(super) fn missing(message: impl Into<String>) -> Fault {
    Fault::new(404, "NoSuchEntity", message)
}

/// Tags as IAM, Organizations and `CloudTrail` send them.
pub(crate) fn tags(list: &[Value]) -> BTreeMap<String, String> {
    let text = |tag: &Value, member| tag.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
    list.iter().map(|tag| (text(tag, "Key"), text(tag, "Value"))).collect()
}

/// One page of an IAM list: at most 100 unless asked otherwise.
pub(super) fn listed(call: &Call<'_>, member: &str, items: Vec<Value>) -> Result<Value, Fault> {
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

fn get_account_summary(call: &mut Call<'_>) -> Result<Value, Fault> {
    let iam = &call.mine().iam;
    Ok(json!({"SummaryMap": {
        "Users": iam.users.len(), "UsersQuota": 5000, "Roles": iam.roles.len(), "RolesQuota": 1000, "Groups": 0,
        "GroupsQuota": 300, "Policies": 0, "PoliciesQuota": 1500, "MFADevices": 0, "MFADevicesInUse": 0,
        "AccountMFAEnabled": 0, "AccountAccessKeysPresent": 0, "AccountPasswordPresent": 1,
        "AccountSigningCertificatesPresent": 0, "ServerCertificates": 0, "ServerCertificatesQuota": 20, "Providers": 0,
    }}))
}
