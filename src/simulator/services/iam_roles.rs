//! Roles as the account makes and changes them: their trust, their policies, and those of services.

use super::iam::{Role, document, encoded, ensure_linked_role, exists, listed, missing, tags};
use crate::fault::Fault;
use crate::front::Call;
use crate::iam::{Document, Named, Sort};
use serde_json::{Value, json};

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
pub(super) fn shown(call: &Call<'_>, name: &str, role: &Role) -> Value {
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

pub(super) fn create(call: &mut Call<'_>) -> Result<Value, Fault> {
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

pub(super) fn get(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (name, role) = role(call)?;
    let role = role.clone();
    Ok(json!({ "Role": shown(call, &name, &role) }))
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Value, Fault> {
    let prefix = call.text("PathPrefix").unwrap_or("/").to_owned();
    let roles = call.mine().iam.roles.clone();
    let all = roles.iter().filter(|(_, role)| role.path.starts_with(&prefix));
    let all = all.map(|(name, role)| shown(call, name, role)).collect();
    listed(call, "Roles", all)
}

pub(super) fn update_trust(call: &mut Call<'_>) -> Result<Value, Fault> {
    let trust = trust(call, "PolicyDocument")?;
    own_role(call)?.1.trust = trust;
    Ok(json!({}))
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (name, role) = own_role(call)?;
    if !role.attached.is_empty() || !role.inline.is_empty() {
        return Err(Fault::new(409, "DeleteConflict", "Cannot delete entity, must detach all policies first."));
    }
    call.mine().iam.roles.remove(&name);
    Ok(json!({}))
}

pub(super) fn put_policy(call: &mut Call<'_>) -> Result<Value, Fault> {
    let policy = call.need("PolicyName")?.to_owned();
    let text = document(call.need("PolicyDocument")?)?;
    own_role(call)?.1.inline.insert(policy, text);
    Ok(json!({}))
}

pub(super) fn get_policy(call: &mut Call<'_>) -> Result<Value, Fault> {
    let policy = call.need("PolicyName")?.to_owned();
    let (name, role) = role(call)?;
    match role.inline.get(&policy) {
        Some(text) => Ok(json!({"RoleName": name, "PolicyName": policy, "PolicyDocument": encoded(text)})),
        None => Err(missing(format!("The role policy with name {policy} cannot be found."))),
    }
}

pub(super) fn delete_policy(call: &mut Call<'_>) -> Result<Value, Fault> {
    let policy = call.need("PolicyName")?.to_owned();
    match own_role(call)?.1.inline.remove(&policy) {
        Some(_) => Ok(json!({})),
        None => Err(missing(format!("The role policy with name {policy} cannot be found."))),
    }
}

pub(super) fn list_policies(call: &mut Call<'_>) -> Result<Value, Fault> {
    let names = role(call)?.1.inline.keys().map(|name| json!(name)).collect();
    listed(call, "PolicyNames", names)
}

pub(super) fn attach(call: &mut Call<'_>) -> Result<Value, Fault> {
    let arn = call.need("PolicyArn")?.to_owned();
    super::iam_attachments::attachable(call, &arn)?;
    let (_, role) = own_role(call)?;
    if !role.attached.contains(&arn) {
        role.attached.push(arn);
    }
    Ok(json!({}))
}

pub(super) fn detach(call: &mut Call<'_>) -> Result<Value, Fault> {
    let arn = call.need("PolicyArn")?.to_owned();
    let (_, role) = own_role(call)?;
    let before = role.attached.len();
    role.attached.retain(|attached| *attached != arn);
    if role.attached.len() == before {
        return Err(missing(format!("Policy {arn} was not found.")));
    }
    Ok(json!({}))
}

pub(super) fn list_attached(call: &mut Call<'_>) -> Result<Value, Fault> {
    let attached = role(call)?.1.attached.clone();
    let name = |arn: &str| arn.rsplit('/').next().unwrap_or_default().to_owned();
    let all = attached.iter().map(|arn| json!({"PolicyName": name(arn), "PolicyArn": arn})).collect();
    listed(call, "AttachedPolicies", all)
}

/// The service-linked roles of the services that are simulated, or that they make use of.
const LINKED_ROLES: &[(&str, &str)] = &[
    ("access-analyzer.amazonaws.com", "AWSServiceRoleForAccessAnalyzer"),
    ("cloudtrail.amazonaws.com", "AWSServiceRoleForCloudTrail"),
    ("config.amazonaws.com", "AWSServiceRoleForConfig"),
    ("guardduty.amazonaws.com", "AWSServiceRoleForAmazonGuardDuty"),
    ("malware-protection.guardduty.amazonaws.com", "AWSServiceRoleForAmazonGuardDutyMalwareProtection"),
    ("organizations.amazonaws.com", "AWSServiceRoleForOrganizations"),
    ("securityhub.amazonaws.com", "AWSServiceRoleForSecurityHub"),
];

pub(super) fn create_linked(call: &mut Call<'_>) -> Result<Value, Fault> {
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
