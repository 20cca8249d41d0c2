//! Organizations: the tree and its accounts. Policies are in `organization_policies`; trusted services, delegated
//! administrators and tags in `organization_trust`.
//!
//! One file a service, as AWS cuts them: the handlers are short and independent, and there are many.

use super::{organization_policies as policies, organization_trust as trust};
use crate::simulator::fault::Fault;
use crate::simulator::front::{Call, Handler};
use crate::simulator::iam::{Document, Sort};
use crate::simulator::world::{Account, Organization, Unit, World};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const HANDLERS: &[(&str, Handler)] = &[
    ("AttachPolicy", policies::attach),
    ("CloseAccount", close_account),
    ("CreateAccount", create_account),
    ("CreateOrganizationalUnit", create_unit),
    ("CreatePolicy", policies::create),
    ("DescribeAccount", describe_account),
    ("DescribeCreateAccountStatus", describe_create_account_status),
    ("DescribeEffectivePolicy", policies::describe_effective),
    ("DescribeOrganization", describe_organization),
    ("DescribeOrganizationalUnit", describe_unit),
    ("DescribePolicy", policies::describe),
    ("DetachPolicy", policies::detach),
    ("DeregisterDelegatedAdministrator", trust::deregister_delegate),
    ("DisableAWSServiceAccess", trust::disable_service),
    ("EnableAWSServiceAccess", trust::enable_service),
    ("EnablePolicyType", policies::enable_type),
    ("ListAWSServiceAccessForOrganization", trust::list_services),
    ("ListAccounts", list_accounts),
    ("ListAccountsForParent", list_accounts_for_parent),
    ("ListChildren", list_children),
    ("ListDelegatedAdministrators", trust::list_delegates),
    ("ListDelegatedServicesForAccount", trust::list_delegated_services),
    ("ListOrganizationalUnitsForParent", list_units_for_parent),
    ("ListParents", list_parents),
    ("ListPolicies", policies::list),
    ("ListPoliciesForTarget", policies::list_for_target),
    ("ListRoots", list_roots),
    ("ListTagsForResource", trust::list_tags),
    ("ListTargetsForPolicy", policies::list_targets),
    ("MoveAccount", move_account),
    ("RegisterDelegatedAdministrator", trust::register_delegate),
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

pub(super) fn described(world: &World, account: &Account) -> Value {
    let hidden = world.organization.as_ref().map(|organization| organization.state.hidden).unwrap_or_default();
    let management = world.organization.as_ref().is_some_and(|organization| organization.management == account.id);
    let mut shown = json!({
        "Id": account.id,
        "Arn": arn(world, &account.id),
        "Email": account.email,
        "Name": account.name,
        "JoinedMethod": if management { "INVITED" } else { "CREATED" },
        "JoinedTimestamp": account.joined,
    });
    if !hidden.state {
        shown["State"] = json!(account.state);
    }
    if !hidden.status {
        shown["Status"] = json!(match account.state.as_str() {
            "CLOSED" => "SUSPENDED",
            "PENDING_ACTIVATION" => "ACTIVE",
            state => state,
        });
    }
    if !hidden.paths {
        shown["Paths"] = json!([format!("{}{}/", path_of(world, &account.id).unwrap_or_default(), account.id)]);
    }
    shown
}

fn shown_unit(world: &World, unit: &Unit) -> Value {
    json!({"Id": unit.id, "Arn": arn(world, &unit.id), "Name": unit.name})
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

fn list_roots(call: &mut Call<'_>) -> Result<Value, Fault> {
    let organization = organization(call)?.clone();
    let root = policies::shown_root(call.world, &organization);
    listed(call, "Roots", vec![root])
}

fn list_accounts(call: &mut Call<'_>) -> Result<Value, Fault> {
    organization(call)?;
    listed_accounts(call, |account| !account.parent.is_empty())
}

/// One page of accounts. Only those on the page are described, since an organization may have thousands.
fn listed_accounts(call: &Call<'_>, wanted: impl Fn(&Account) -> bool) -> Result<Value, Fault> {
    let all = call.world.accounts().filter(|account| wanted(account)).map(|account| json!(account.id)).collect();
    let mut answer = listed(call, "Accounts", all)?;
    for item in answer["Accounts"].as_array_mut().into_iter().flatten() {
        let account = item.as_str().and_then(|id| call.world.accounts.get(id));
        *item = account.map(|account| described(call.world, account)).unwrap_or_default();
    }
    Ok(answer)
}

/// The id of a parent that exists.
fn parent(call: &mut Call<'_>, member: &str) -> Result<String, Fault> {
    let id = call.need(member)?.to_owned();
    let organization = organization(call)?;
    if organization.root == id || organization.units.contains_key(&id) {
        Ok(id)
    } else {
        Err(fault("ParentNotFoundException", "You specified parent that doesn't exist."))
    }
}

fn list_accounts_for_parent(call: &mut Call<'_>) -> Result<Value, Fault> {
    let parent = parent(call, "ParentId")?;
    listed_accounts(call, |account| account.parent == parent)
}

fn list_units_for_parent(call: &mut Call<'_>) -> Result<Value, Fault> {
    let parent = parent(call, "ParentId")?;
    let units: Vec<Unit> = organization(call)?.units.values().filter(|unit| unit.parent == parent).cloned().collect();
    let all = units.iter().map(|unit| shown_unit(call.world, unit)).collect();
    listed(call, "OrganizationalUnits", all)
}

fn list_children(call: &mut Call<'_>) -> Result<Value, Fault> {
    let parent = parent(call, "ParentId")?;
    let kind = call.need("ChildType")?.to_owned();
    let ids: Vec<String> = if kind == "ACCOUNT" {
        call.world.accounts().filter(|account| account.parent == parent).map(|account| account.id.clone()).collect()
    } else {
        organization(call)?.units.values().filter(|unit| unit.parent == parent).map(|unit| unit.id.clone()).collect()
    };
    let all = ids.into_iter().map(|id| json!({"Id": id, "Type": kind})).collect();
    listed(call, "Children", all)
}

/// An account of the organization, by an input member.
pub(super) fn member(call: &mut Call<'_>) -> Result<Account, Fault> {
    let id = call.need("AccountId")?.to_owned();
    organization(call)?;
    let found = call.world.accounts.get(&id).filter(|account| !account.parent.is_empty()).cloned();
    found.ok_or_else(|| fault("AccountNotFoundException", "You specified an account that doesn't exist."))
}

fn describe_account(call: &mut Call<'_>) -> Result<Value, Fault> {
    let account = member(call)?;
    Ok(json!({ "Account": described(call.world, &account) }))
}

fn list_parents(call: &mut Call<'_>) -> Result<Value, Fault> {
    let child = call.need("ChildId")?.to_owned();
    let organization = organization(call)?;
    let root = organization.root.clone();
    let unit = organization.units.get(&child).map(|unit| unit.parent.clone());
    let account = || call.world.accounts.get(&child).map(|account| account.parent.clone());
    let parent = unit.or_else(account).filter(|parent| !parent.is_empty());
    let Some(parent) = parent else {
        return Err(fault("ChildNotFoundException", "You specified a child that doesn't exist."));
    };
    let kind = if parent == root { "ROOT" } else { "ORGANIZATIONAL_UNIT" };
    Ok(json!({"Parents": [{"Id": parent, "Type": kind}]}))
}

fn describe_unit(call: &mut Call<'_>) -> Result<Value, Fault> {
    let id = call.need("OrganizationalUnitId")?.to_owned();
    let unit = organization(call)?.units.get(&id).cloned();
    let missing =
        || fault("OrganizationalUnitNotFoundException", "You specified an organizational unit that doesn't exist.");
    Ok(json!({ "OrganizationalUnit": shown_unit(call.world, &unit.ok_or_else(missing)?) }))
}

fn create_unit(call: &mut Call<'_>) -> Result<Value, Fault> {
    let parent = parent(call, "ParentId")?;
    let name = call.need("Name")?.to_owned();
    let tags = super::iam::tags(call.list("Tags"));
    let suffix = call.world.token(8);
    let organization = organization(call)?;
    if organization.units.values().any(|unit| unit.parent == parent && unit.name == name) {
        return Err(fault(
            "DuplicateOrganizationalUnitException",
            "An OU with the same name exists in the specified parent.",
        ));
    }
    let id = format!("ou-{}-{suffix}", organization.root.trim_start_matches("r-"));
    let unit = Unit { id: id.clone(), name, parent };
    organization.units.insert(id.clone(), unit.clone());
    organization.state.tags.insert(id, tags);
    Ok(json!({ "OrganizationalUnit": shown_unit(call.world, &unit) }))
}

fn move_account(call: &mut Call<'_>) -> Result<Value, Fault> {
    let account = member(call)?;
    let (from, to) = (call.need("SourceParentId")?.to_owned(), call.need("DestinationParentId")?.to_owned());
    let organization = organization(call)?;
    if to != organization.root && !organization.units.contains_key(&to) {
        return Err(fault("DestinationParentNotFoundException", "We can't find the destination container."));
    }
    if account.parent != from {
        return Err(fault(
            "SourceParentNotFoundException",
            "We can't find a source root or OU with the ParentId that you specified.",
        ));
    }
    if account.parent == to {
        return Err(fault(
            "DuplicateAccountException",
            "That account is already present in the specified destination.",
        ));
    }
    if let Some(account) = call.world.account(&account.id) {
        account.parent = to;
    }
    Ok(json!({}))
}

fn close_account(call: &mut Call<'_>) -> Result<Value, Fault> {
    let account = member(call)?;
    let violation =
        |reason: &str| fault("ConstraintViolationException", "You cannot close this account.").with("Reason", reason);
    let organization = organization(call)?;
    if account.id == organization.management {
        return Err(violation("CANNOT_CLOSE_MANAGEMENT_ACCOUNT"));
    }
    if account.state != "ACTIVE" {
        return Err(fault("AccountAlreadyClosedException", "The account is already closed."));
    }
    if let Some(account) = call.world.account(&account.id) {
        "PENDING_CLOSURE".clone_into(&mut account.state);
    }
    Ok(json!({}))
}

/// The account is there at once, but the first answer says that it is being made, as AWS's does.
fn create_account(call: &mut Call<'_>) -> Result<Value, Fault> {
    let organization = organization(call)?;
    let (root, management) = (organization.root.clone(), organization.management.clone());
    let (name, email) = (call.need("AccountName")?.to_owned(), call.need("Email")?.to_owned());
    let role = call.text("RoleName").unwrap_or("OrganizationAccountAccessRole").to_owned();
    let (now, id, request) = (call.now(), call.world.digits(12), format!("car-{}", call.world.hex(32)));
    let mut account = Account {
        id: id.clone(),
        name: name.clone(),
        email,
        state: "ACTIVE".to_owned(),
        parent: root,
        joined: now,
        tags: super::iam::tags(call.list("Tags")),
        ..Account::default()
    };
    account.iam.roles.insert(role, access_role(call.world, &management));
    call.world.add_account(account);
    let mut status = json!({"Id": request, "AccountName": name, "State": "IN_PROGRESS", "RequestedTimestamp": now});
    let first = status.clone();
    for (member, value) in [("State", json!("SUCCEEDED")), ("AccountId", json!(id)), ("CompletedTimestamp", json!(now))]
    {
        status[member] = value;
    }
    self::organization(call)?.state.requests.insert(request, status);
    Ok(json!({ "CreateAccountStatus": first }))
}

/// The role that lets the management account into an account it created.
pub(crate) fn access_role(world: &mut World, management: &str) -> super::iam::Role {
    let partition = world.partition.clone();
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"AWS": format!("arn:{partition}:iam::{management}:root")},
        "Action": "sts:AssumeRole",
    }]});
    super::iam::Role {
        path: "/".to_owned(),
        id: format!("AROA{}", world.token(17).to_uppercase()),
        trust: trust.to_string(),
        max_session: 3600,
        created: world.now(),
        attached: vec![format!("arn:{partition}:iam::aws:policy/AdministratorAccess")],
        ..super::iam::Role::default()
    }
}

fn describe_create_account_status(call: &mut Call<'_>) -> Result<Value, Fault> {
    let id = call.need("CreateAccountRequestId")?.to_owned();
    match organization(call)?.state.requests.get(&id) {
        Some(status) => Ok(json!({ "CreateAccountStatus": status })),
        None => Err(fault(
            "CreateAccountStatusNotFoundException",
            "We can't find an create account request with the id that you specified.",
        )),
    }
}
