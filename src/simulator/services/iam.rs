//! IAM: what an account's identities are, for whoever weighs their policies. Each kind of thing has a file of its own
//! beside this: `iam_users`, `iam_roles`, `iam_policies` and so on.

use super::iam_root::Root;
use super::{
    iam_access as access, iam_account as account, iam_attachments as attachments, iam_central_root as central_root,
    iam_details as details, iam_mfa as mfa, iam_password_policy as password_policy, iam_policies as policies,
    iam_report as report, iam_roles as roles, iam_simulation as simulation, iam_tags as tagging, iam_users as users,
};
use crate::fault::Fault;
use crate::front::{Call, Handler};
use crate::iam::{Document, Sort, managed_document};
use crate::world::World;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const HANDLERS: &[(&str, Handler)] = &[
    ("AddUserToGroup", users::join),
    ("AttachGroupPolicy", attachments::attach_to_group),
    ("AttachRolePolicy", roles::attach),
    ("AttachUserPolicy", attachments::attach_to_user),
    ("CreateAccessKey", access::create_key),
    ("CreateAccountAlias", account::create_alias),
    ("CreateGroup", users::create_group),
    ("CreateLoginProfile", access::create_login),
    ("CreateOpenIDConnectProvider", account::create_oidc),
    ("CreatePolicy", policies::create),
    ("CreatePolicyVersion", policies::create_version),
    ("CreateRole", roles::create),
    ("CreateSAMLProvider", account::create_saml),
    ("CreateServiceLinkedRole", roles::create_linked),
    ("CreateUser", users::create),
    ("CreateVirtualMFADevice", mfa::create),
    ("DeactivateMFADevice", mfa::deactivate),
    ("DeleteAccessKey", access::delete_key),
    ("DeleteAccountAlias", account::delete_alias),
    ("DeleteAccountPasswordPolicy", password_policy::delete),
    ("DeleteGroupPolicy", attachments::delete_of_group),
    ("DeleteLoginProfile", access::delete_login),
    ("DeletePolicy", policies::delete),
    ("DeleteRole", roles::delete),
    ("DeleteRolePolicy", roles::delete_policy),
    ("DeleteServerCertificate", account::delete_certificate),
    ("DeleteUser", users::delete),
    ("DeleteUserPolicy", attachments::delete_of_user),
    ("DeleteVirtualMFADevice", mfa::delete),
    ("DetachGroupPolicy", attachments::detach_from_group),
    ("DetachRolePolicy", roles::detach),
    ("DetachUserPolicy", attachments::detach_from_user),
    ("DisableOrganizationsRootCredentialsManagement", central_root::disable_credentials),
    ("DisableOrganizationsRootSessions", central_root::disable_sessions),
    ("EnableMFADevice", mfa::enable),
    ("EnableOrganizationsRootCredentialsManagement", central_root::enable_credentials),
    ("EnableOrganizationsRootSessions", central_root::enable_sessions),
    ("GenerateCredentialReport", report::generate),
    ("GetAccessKeyLastUsed", access::last_used),
    ("GetAccountAuthorizationDetails", details::get),
    ("GetAccountPasswordPolicy", password_policy::get),
    ("GetAccountSummary", details::summary),
    ("GetCredentialReport", report::get),
    ("GetLoginProfile", access::get_login),
    ("GetPolicy", policies::get),
    ("GetPolicyVersion", policies::get_version),
    ("GetRole", roles::get),
    ("GetRolePolicy", roles::get_policy),
    ("GetUser", users::get),
    ("GetUserPolicy", attachments::get_of_user),
    ("ListAccessKeys", access::list_keys),
    ("ListAccountAliases", account::list_aliases),
    ("ListAttachedGroupPolicies", attachments::list_attached_to_group),
    ("ListAttachedRolePolicies", roles::list_attached),
    ("ListAttachedUserPolicies", attachments::list_attached_to_user),
    ("ListEntitiesForPolicy", policies::entities),
    ("ListMFADevices", mfa::list),
    ("ListOpenIDConnectProviders", account::list_oidc),
    ("ListOrganizationsFeatures", central_root::list),
    ("ListPolicies", policies::list),
    ("ListPolicyTags", |call| tagging::list(call, tagging::of_policy)),
    ("ListRolePolicies", roles::list_policies),
    ("ListRoles", roles::list),
    ("ListSAMLProviders", account::list_saml),
    ("ListServerCertificateTags", |call| tagging::list(call, tagging::of_certificate)),
    ("ListServerCertificates", account::list_certificates),
    ("ListUserPolicies", attachments::list_of_user),
    ("ListUserTags", |call| tagging::list(call, tagging::of_user)),
    ("ListUsers", users::list),
    ("ListVirtualMFADevices", mfa::list_virtual),
    ("PutGroupPolicy", attachments::put_of_group),
    ("PutRolePolicy", roles::put_policy),
    ("PutUserPolicy", attachments::put_of_user),
    ("RemoveUserFromGroup", users::leave),
    ("SimulatePrincipalPolicy", simulation::simulate),
    ("TagPolicy", |call| tagging::tag(call, tagging::of_policy)),
    ("TagServerCertificate", |call| tagging::tag(call, tagging::of_certificate)),
    ("TagUser", |call| tagging::tag(call, tagging::of_user)),
    ("UntagPolicy", |call| tagging::untag(call, tagging::of_policy)),
    ("UntagServerCertificate", |call| tagging::untag(call, tagging::of_certificate)),
    ("UntagUser", |call| tagging::untag(call, tagging::of_user)),
    ("UpdateAccessKey", access::update_key),
    ("UpdateAccountPasswordPolicy", password_policy::update),
    ("UpdateAssumeRolePolicy", roles::update_trust),
    ("UploadServerCertificate", account::upload_certificate),
];

/// What IAM holds of an account: the same in every region.
#[derive(Clone, Debug, Default, Serialize)]
pub struct State {
    /// Absent until it is first updated.
    pub password_policy: Option<password_policy::PasswordPolicy>,
    /// The root user.
    pub root: Root,
    /// Roles by name, whatever their path.
    pub roles: BTreeMap<String, Role>,
    /// Users by name.
    pub users: BTreeMap<String, User>,
    /// Groups by name.
    pub groups: BTreeMap<String, Group>,
    /// Customer managed policies by ARN.
    pub policies: BTreeMap<String, policies::Policy>,
    /// Virtual MFA devices by serial number.
    pub devices: BTreeMap<String, mfa::Device>,
    /// The credential report that was generated last.
    pub report: Option<report::Report>,
    /// Server certificates by name.
    pub certificates: BTreeMap<String, account::Certificate>,
    /// The name in the sign-in URL.
    pub alias: Option<String>,
    /// When each SAML provider was made, by ARN.
    pub saml: BTreeMap<String, i64>,
    /// OIDC providers by ARN.
    pub oidc: BTreeSet<String>,
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

/// A user.
#[derive(Clone, Debug, Default, Serialize)]
pub struct User {
    /// Such as `/`; empty is the same.
    pub path: String,
    /// `AIDA…`.
    pub id: String,
    /// Seconds since the epoch.
    pub created: i64,
    /// Inline policies by name.
    pub inline: BTreeMap<String, String>,
    /// ARNs of attached managed policies.
    pub attached: Vec<String>,
    /// The password for the console.
    pub login: Option<access::Login>,
    /// Access keys, in the order in which they were made.
    pub keys: Vec<access::AccessKey>,
    /// When each MFA device was enabled, by serial number.
    pub mfa: BTreeMap<String, i64>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// A group.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Group {
    /// Such as `/`.
    pub path: String,
    /// `AGPA…`.
    pub id: String,
    /// Seconds since the epoch.
    pub created: i64,
    /// Names of its users.
    pub users: BTreeSet<String>,
    /// Inline policies by name.
    pub inline: BTreeMap<String, String>,
    /// ARNs of attached managed policies.
    pub attached: Vec<String>,
}

impl User {
    /// Its ARN in an account.
    pub(crate) fn arn(&self, partition: &str, account: &str, name: &str) -> String {
        format!("arn:{partition}:iam::{account}:user{}{name}", self.path())
    }

    /// Its path.
    pub(crate) fn path(&self) -> &str {
        if self.path.is_empty() { "/" } else { &self.path }
    }
}

impl Group {
    /// Its ARN in an account.
    pub(crate) fn arn(&self, partition: &str, account: &str, name: &str) -> String {
        format!("arn:{partition}:iam::{account}:group{}{name}", self.path)
    }
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

/// The ARN of a user by its name; of a user that is not there, the ARN it would have without a path.
pub(crate) fn user_arn(world: &mut World, account: &str, name: &str) -> String {
    let partition = world.partition.clone();
    let user = world.account(account).and_then(|account| account.iam.users.get(name)).cloned().unwrap_or_default();
    user.arn(&partition, account, name)
}

/// The ARN of a group by its name; of a group that is not there, the ARN it would have without a path.
pub(crate) fn group_arn(world: &mut World, account: &str, name: &str) -> String {
    let partition = world.partition.clone();
    let group = world.account(account).and_then(|account| account.iam.groups.get(name)).cloned();
    group.unwrap_or_else(|| Group { path: "/".to_owned(), ..Group::default() }).arn(&partition, account, name)
}

/// The user whose access key this is, in an account.
pub(crate) fn owner_of_key(world: &mut World, account: &str, key: &str) -> Option<String> {
    let users = &world.account(account)?.iam.users;
    users.iter().find(|(_, user)| user.keys.iter().any(|known| known.id == key)).map(|(name, _)| name.clone())
}

/// The policies of a role; of a role that was deleted, none that allow.
pub(crate) fn role_policies(world: &mut World, account: &str, name: &str) -> Result<RolePolicies, String> {
    let Some(state) = world.account(account).map(|account| &account.iam) else { return Ok(RolePolicies::default()) };
    let Some(role) = state.roles.get(name) else { return Ok(RolePolicies::default()) };
    Ok(RolePolicies {
        identity: identity_policies(state, &role.inline, &role.attached)?,
        boundary: match &role.boundary {
            Some(arn) => Some(identity_policies(state, &BTreeMap::new(), std::slice::from_ref(arn))?),
            None => None,
        },
        linked: role.path.starts_with("/aws-service-role/"),
    })
}

/// The policies of a user: its own, and those of its groups.
pub(crate) fn user_policies(world: &mut World, account: &str, name: &str) -> Result<Vec<Document>, String> {
    let Some(state) = world.account(account).map(|account| &account.iam) else { return Ok(Vec::new()) };
    let Some(user) = state.users.get(name) else { return Ok(Vec::new()) };
    let mut all = identity_policies(state, &user.inline, &user.attached)?;
    for group in state.groups.values().filter(|group| group.users.contains(name)) {
        all.extend(identity_policies(state, &group.inline, &group.attached)?);
    }
    Ok(all)
}

fn identity_policies(
    state: &State,
    inline: &BTreeMap<String, String>,
    attached: &[String],
) -> Result<Vec<Document>, String> {
    let managed = attached.iter().map(|arn| state.managed(arn).ok_or_else(|| format!("{arn} is not known here")));
    let texts = inline.values().map(|text| Ok(text.as_str())).chain(managed);
    texts.map(|text| Document::parse(text?, Sort::Identity)).collect()
}

impl State {
    /// The document of a managed policy, of AWS or of the account: its default version.
    pub(crate) fn managed(&self, arn: &str) -> Option<&str> {
        managed_document(arn).or_else(|| self.policies.get(arn).map(policies::Policy::document))
    }
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

pub(super) fn conflict(message: impl Into<String>) -> Fault {
    Fault::new(409, "DeleteConflict", message)
}

pub(super) fn taken(message: impl Into<String>) -> Fault {
    Fault::new(409, "EntityAlreadyExists", message)
}

/// Percent-encoding of everything but RFC 3986's unreserved letters: how IAM answers documents.
pub(super) fn encoded(text: &str) -> String {
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

/// A policy of an identity, as it was sent.
pub(super) fn document(text: &str) -> Result<String, Fault> {
    match Document::parse(text, Sort::Identity) {
        Ok(_) => Ok(text.to_owned()),
        Err(why) => Err(Fault::new(400, "MalformedPolicyDocument", why)),
    }
}

/// The name at the end of an ARN.
pub(super) fn name_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or_default()
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
