//! Accounts of an organization: what is told of them, how they come, where they move, how they close.

use super::organization_tree::parent;
use super::organizations::{arn, fault, listed, organization, path_of};
use crate::fault::Fault;
use crate::front::Call;
use crate::world::{Account, World};
use serde_json::{Value, json};

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

pub(super) fn list(call: &mut Call<'_>) -> Result<Value, Fault> {
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

pub(super) fn list_for_parent(call: &mut Call<'_>) -> Result<Value, Fault> {
    let parent = parent(call, "ParentId")?;
    listed_accounts(call, |account| account.parent == parent)
}

/// An account of the organization, by an input member.
pub(super) fn member(call: &mut Call<'_>) -> Result<Account, Fault> {
    let id = call.need("AccountId")?.to_owned();
    organization(call)?;
    let found = call.world.accounts.get(&id).filter(|account| !account.parent.is_empty()).cloned();
    found.ok_or_else(|| fault("AccountNotFoundException", "You specified an account that doesn't exist."))
}

pub(super) fn describe(call: &mut Call<'_>) -> Result<Value, Fault> {
    let account = member(call)?;
    Ok(json!({ "Account": described(call.world, &account) }))
}

pub(super) fn move_to(call: &mut Call<'_>) -> Result<Value, Fault> {
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

pub(super) fn close(call: &mut Call<'_>) -> Result<Value, Fault> {
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

/// The account goes on by itself: no policy of the organization holds there any more, and its tags are gone. What is in
/// it, roles that trust the organization's accounts included, stays.
pub(super) fn remove(call: &mut Call<'_>) -> Result<Value, Fault> {
    let id = member(call)?.id;
    let organization = organization(call)?;
    if id == organization.management {
        return Err(fault(
            "MasterCannotLeaveOrganizationException",
            "You can't remove a management account from an organization.",
        ));
    }
    if organization.state.delegates.contains_key(&id) {
        let message = "You can't remove an account that is a delegated administrator of a service.";
        let reason = "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG";
        return Err(fault("ConstraintViolationException", message).with("Reason", reason));
    }
    organization.state.attached.remove(&id);
    organization.state.without_full_access.remove(&id);
    if let Some(account) = call.world.account(&id) {
        account.parent.clear();
        account.tags.clear();
    }
    Ok(json!({}))
}

/// The account is there at once, but the first answer says that it is being made, as AWS's does.
pub(super) fn create(call: &mut Call<'_>) -> Result<Value, Fault> {
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

pub(super) fn describe_creation(call: &mut Call<'_>) -> Result<Value, Fault> {
    let id = call.need("CreateAccountRequestId")?.to_owned();
    match organization(call)?.state.requests.get(&id) {
        Some(status) => Ok(json!({ "CreateAccountStatus": status })),
        None => Err(fault(
            "CreateAccountStatusNotFoundException",
            "We can't find an create account request with the id that you specified.",
        )),
    }
}
