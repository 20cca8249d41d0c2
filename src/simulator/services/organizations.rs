//! Organizations: who may ask, and what an account's place in the tree means. Accounts are in `organization_accounts`,
//! units in `organization_tree`, policies in `organization_policies`; trusted services, delegated administrators and
//! tags in `organization_trust`.

use super::{
    organization_accounts as accounts, organization_effective as effective, organization_policies as policies,
    organization_tree as tree, organization_trust as trust,
};
use crate::fault::Fault;
use crate::front::{Call, Handler};
use crate::iam::{Document, Sort};
use crate::world::{Organization, World};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const HANDLERS: &[(&str, Handler)] = &[
    ("AttachPolicy", policies::attach),
    ("CloseAccount", accounts::close),
    ("CreateAccount", accounts::create),
    ("CreateOrganizationalUnit", tree::create_unit),
    ("CreatePolicy", policies::create),
    ("DescribeAccount", accounts::describe),
    ("DescribeCreateAccountStatus", accounts::describe_creation),
    ("DescribeEffectivePolicy", effective::describe),
    ("DescribeOrganization", describe_organization),
    ("DescribeOrganizationalUnit", tree::describe_unit),
    ("DescribePolicy", policies::describe),
    ("DetachPolicy", policies::detach),
    ("DeregisterDelegatedAdministrator", trust::deregister_delegate),
    ("DisableAWSServiceAccess", trust::disable_service),
    ("EnableAWSServiceAccess", trust::enable_service),
    ("EnablePolicyType", policies::enable_type),
    ("ListAWSServiceAccessForOrganization", trust::list_services),
    ("ListAccounts", accounts::list),
    ("ListAccountsForParent", accounts::list_for_parent),
    ("ListChildren", tree::list_children),
    ("ListDelegatedAdministrators", trust::list_delegates),
    ("ListDelegatedServicesForAccount", trust::list_delegated_services),
    ("ListOrganizationalUnitsForParent", tree::list_units_for_parent),
    ("ListParents", tree::list_parents),
    ("ListPolicies", policies::list),
    ("ListPoliciesForTarget", policies::list_for_target),
    ("ListRoots", tree::list_roots),
    ("ListTagsForResource", trust::list_tags),
    ("ListTargetsForPolicy", policies::list_targets),
    ("MoveAccount", accounts::move_to),
    ("RegisterDelegatedAdministrator", trust::register_delegate),
    ("RemoveAccountFromOrganization", accounts::remove),
    ("TagResource", trust::tag_resource),
    ("UntagResource", trust::untag_resource),
];

/// What hangs on the tree.
#[derive(Clone, Debug, Default, Serialize)]
pub struct State {
    /// Policies by id; the managed `p-FullAWSAccess` is not among them.
    pub policies: BTreeMap<String, Policy>,
    /// Ids of policies by the root, unit or account they are attached to.
    pub attached: BTreeMap<String, BTreeSet<String>>,
    /// Targets that `p-FullAWSAccess` was detached from; it is attached to everything else.
    pub without_full_access: BTreeSet<String>,
    /// Policy types that are enabled in the root.
    pub policy_types: BTreeSet<String>,
    /// Services with trusted access, and since when.
    pub services: BTreeMap<String, i64>,
    /// Delegated administrators: account, then service, and since when.
    pub delegates: BTreeMap<String, BTreeMap<String, i64>>,
    /// What the organization may do as the root users of its members, such as `RootSessions`.
    pub root_features: BTreeSet<String>,
    /// Requests to create accounts, as they are answered.
    pub requests: BTreeMap<String, Value>,
    /// Tags of the root, of units and of policies; accounts carry their own.
    pub tags: BTreeMap<String, BTreeMap<String, String>>,
    /// What an account's description leaves out.
    pub hidden: Hidden,
}

/// Members of an account's description that are left out, as older and newer AWS do.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Hidden {
    /// `Status` is retired.
    pub status: bool,
    /// `State` is not there yet.
    pub state: bool,
    /// `Paths` is not there yet.
    pub paths: bool,
}

/// A policy of the organization.
#[derive(Clone, Debug, Serialize)]
pub struct Policy {
    /// Its name, unique within its type.
    pub name: String,
    /// Free text.
    pub description: String,
    /// Such as `SERVICE_CONTROL_POLICY`.
    pub sort: String,
    /// The document.
    pub content: String,
}

impl State {
    /// Whether a service has trusted access.
    pub(crate) fn trusts(&self, service: &str) -> bool {
        self.services.contains_key(service)
    }

    /// Whether an account is a service's delegated administrator.
    pub(crate) fn delegated(&self, account: &str, service: &str) -> bool {
        self.delegates.get(account).is_some_and(|services| services.contains_key(service))
    }
}

/// The organization, if the account is in it.
pub(crate) fn of<'a>(world: &'a World, account: &str) -> Option<&'a Organization> {
    let organization = world.organization.as_ref()?;
    world.accounts.get(account).is_some_and(|known| !known.parent.is_empty()).then_some(organization)
}

/// Whether an account is the management account of its organization, or a delegate of the service.
pub(crate) fn leads(world: &World, account: &str, service: &str) -> bool {
    of(world, account).is_some_and(|organization| {
        organization.management == account || organization.state.delegated(account, service)
    })
}

/// The root, the units and the account itself, from the top down.
pub(crate) fn lineage(world: &World, account: &str) -> Vec<String> {
    let Some(organization) = &world.organization else { return Vec::new() };
    let Some(known) = world.accounts.get(account) else { return Vec::new() };
    let mut line = vec![account.to_owned()];
    let mut parent = known.parent.as_str();
    while let Some(unit) = organization.units.get(parent) {
        line.push(unit.id.clone());
        parent = &unit.parent;
    }
    line.push(organization.root.clone());
    line.reverse();
    line
}

/// The path of the account's parent in ids, as `aws:PrincipalOrgPaths` has it: `o-…/r-…/ou-…/`.
pub(crate) fn path_of(world: &World, account: &str) -> Option<String> {
    let organization = of(world, account)?;
    let mut line = lineage(world, account);
    line.pop();
    Some(format!("{}/{}/", organization.id, line.join("/")))
}

/// The service control policies over an account, level by level; none where they do not apply.
pub(crate) fn guardrails(world: &World, account: &str) -> Result<Vec<Vec<Document>>, String> {
    let Some(organization) = of(world, account) else { return Ok(Vec::new()) };
    let state = &organization.state;
    if organization.management == account || !state.policy_types.contains(policies::GUARDRAIL) {
        return Ok(Vec::new());
    }
    let level = |target: &String| {
        let attached = state.attached.get(target).into_iter().flatten().filter_map(|id| state.policies.get(id));
        let texts = attached.filter(|policy| policy.sort == policies::GUARDRAIL).map(|policy| policy.content.as_str());
        let full = (!state.without_full_access.contains(target)).then_some(policies::FULL_ACCESS_TEXT);
        texts.chain(full).map(|text| Document::parse(text, Sort::Identity)).collect()
    };
    lineage(world, account).iter().map(level).collect()
}

/// The ARN of an account, unit, root or policy by its id.
pub(crate) fn arn(world: &World, id: &str) -> String {
    let Some(organization) = &world.organization else { return "*".to_owned() };
    let kind = match id.split('-').next() {
        Some("ou") => "ou",
        Some("r") => "root",
        Some("p") => "policy",
        _ if id.is_empty() => return "*".to_owned(),
        _ => "account",
    };
    let (partition, management, own) = (&world.partition, &organization.management, &organization.id);
    if kind == "policy" {
        let sort = organization.state.policies.get(id).map_or(policies::GUARDRAIL, |policy| policy.sort.as_str());
        let sort = sort.to_lowercase();
        return match id {
            policies::FULL_ACCESS => format!("arn:{partition}:organizations::aws:policy/{sort}/{id}"),
            _ => format!("arn:{partition}:organizations::{management}:policy/{own}/{sort}/{id}"),
        };
    }
    format!("arn:{partition}:organizations::{management}:{kind}/{own}/{id}")
}

pub(super) fn fault(code: &str, message: impl Into<String>) -> Fault {
    Fault::new(400, code, message)
}

/// The organization of the caller. Only the management account may change it; delegates may read it; other members
/// get neither.
pub(super) fn organization<'a>(call: &'a mut Call<'_>) -> Result<&'a mut Organization, Fault> {
    let reads = ["Describe", "List"].iter().any(|verb| call.operation.starts_with(verb));
    let account = call.account;
    let Some(organization) = of(call.world, account) else {
        return Err(fault("AWSOrganizationsNotInUseException", "Your account is not a member of an organization."));
    };
    let delegate = organization.state.delegates.contains_key(account);
    if account != organization.management && !(reads && delegate) {
        return Err(Fault::denied("You don't have permissions to access this resource."));
    }
    Ok(call.world.organization.as_mut().expect("it was found above"))
}

/// One page of at most 20. Where there is more than one page, an empty one comes after the first: AWS documents that
/// a page may be empty and still have a token.
pub(super) fn listed(call: &Call<'_>, member: &str, items: Vec<Value>) -> Result<Value, Fault> {
    let size = call.number("MaxResults").and_then(|size| usize::try_from(size).ok()).unwrap_or(20).clamp(1, 20);
    let token = call.text("NextToken");
    if let Some(next) = token.and_then(|token| token.strip_prefix("empty.")) {
        return Ok(json!({ member: [], "NextToken": next }));
    }
    let invalid =
        || fault("InvalidInputException", "You specified an invalid value.").with("Reason", "INVALID_NEXT_TOKEN");
    let (page, next) = super::paging::page(items, size, token).ok_or_else(invalid)?;
    let mut answer = json!({ member: page });
    if let Some(next) = next {
        answer["NextToken"] = json!(if token.is_none() { format!("empty.{next}") } else { next });
    }
    Ok(answer)
}

fn describe_organization(call: &mut Call<'_>) -> Result<Value, Fault> {
    let Some(organization) = of(call.world, call.account) else {
        return Err(fault("AWSOrganizationsNotInUseException", "Your account is not a member of an organization."));
    };
    let management = &organization.management;
    let email = call.world.accounts.get(management).map(|account| account.email.clone());
    let partition = &call.world.partition;
    Ok(json!({"Organization": {
        "Id": organization.id,
        "Arn": format!("arn:{partition}:organizations::{management}:organization/{}", organization.id),
        "FeatureSet": "ALL",
        "MasterAccountArn": arn(call.world, management),
        "MasterAccountId": management,
        "MasterAccountEmail": email,
        "AvailablePolicyTypes": [{"Type": policies::GUARDRAIL, "Status": "ENABLED"}],
    }}))
}
