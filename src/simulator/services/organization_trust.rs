//! Services that an organization trusts, accounts that administer them for it, and tags.

use super::organization_accounts::{described, member};
use super::organizations::{fault, listed, organization};
use crate::fault::Fault;
use crate::front::Call;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) fn enable_service(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (service, now) = (call.need("ServicePrincipal")?.to_owned(), call.now());
    if !service.ends_with(".amazonaws.com") {
        return Err(fault("InvalidInputException", "You specified an unrecognized service principal.")
            .with("Reason", "UNRECOGNIZED_SERVICE_PRINCIPAL"));
    }
    organization(call)?.state.services.entry(service).or_insert(now);
    Ok(json!({}))
}

pub(super) fn disable_service(call: &mut Call<'_>) -> Result<Value, Fault> {
    let service = call.need("ServicePrincipal")?.to_owned();
    organization(call)?.state.services.remove(&service);
    Ok(json!({}))
}

pub(super) fn list_services(call: &mut Call<'_>) -> Result<Value, Fault> {
    let services = organization(call)?.state.services.clone();
    let all =
        services.iter().map(|(service, since)| json!({"ServicePrincipal": service, "DateEnabled": since})).collect();
    listed(call, "EnabledServicePrincipals", all)
}

pub(super) fn register_delegate(call: &mut Call<'_>) -> Result<Value, Fault> {
    let account = member(call)?;
    let service = call.need("ServicePrincipal")?.to_owned();
    delegate(call, &account.id, &service)?;
    Ok(json!({}))
}

fn delegate(call: &mut Call<'_>, account: &str, service: &str) -> Result<(), Fault> {
    let now = call.now();
    let organization = organization(call)?;
    if account == organization.management {
        return Err(fault(
            "ConstraintViolationException",
            "You cannot register the management account as a delegated administrator.",
        )
        .with("Reason", "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR"));
    }
    if !organization.state.trusts(service) {
        return Err(fault(
            "ConstraintViolationException",
            "You must enable service access before you register a delegated administrator.",
        )
        .with("Reason", "SERVICE_ACCESS_NOT_ENABLED"));
    }
    if organization.state.delegated(account, service) {
        return Err(fault(
            "AccountAlreadyRegisteredException",
            "The specified account is already a delegated administrator for this AWS service.",
        ));
    }
    organization.state.delegates.entry(account.to_owned()).or_default().insert(service.to_owned(), now);
    Ok(())
}

pub(super) fn deregister_delegate(call: &mut Call<'_>) -> Result<Value, Fault> {
    let account = member(call)?.id;
    let service = call.need("ServicePrincipal")?.to_owned();
    let delegates = &mut organization(call)?.state.delegates;
    let removed = delegates.get_mut(&account).and_then(|services| services.remove(&service));
    delegates.retain(|_, services| !services.is_empty());
    match removed {
        Some(_) => Ok(json!({})),
        None => Err(fault(
            "AccountNotRegisteredException",
            "The specified account is not a delegated administrator for this AWS service.",
        )),
    }
}

pub(super) fn list_delegates(call: &mut Call<'_>) -> Result<Value, Fault> {
    let service = call.text("ServicePrincipal").map(str::to_owned);
    let delegates = organization(call)?.state.delegates.clone();
    let mut all = Vec::new();
    for (id, services) in &delegates {
        let since = match &service {
            Some(service) => services.get(service),
            None => services.values().min(),
        };
        let account = call.world.accounts.get(id);
        if let (Some(since), Some(account)) = (since, account) {
            let mut shown = described(call.world, account);
            shown["DelegationEnabledDate"] = json!(since);
            if let Some(map) = shown.as_object_mut() {
                map.remove("Paths");
            }
            all.push(shown);
        }
    }
    listed(call, "DelegatedAdministrators", all)
}

pub(super) fn list_delegated_services(call: &mut Call<'_>) -> Result<Value, Fault> {
    let account = member(call)?.id;
    let Some(services) = organization(call)?.state.delegates.get(&account).cloned() else {
        return Err(fault(
            "AccountNotRegisteredException",
            "The specified account is not a delegated administrator for this AWS service.",
        ));
    };
    let all =
        services.iter().map(|(service, since)| json!({"ServicePrincipal": service, "DelegationEnabledDate": since}));
    let all = all.collect();
    listed(call, "DelegatedServices", all)
}

/// The tags of an account, unit, root or policy.
fn tags<'a>(call: &'a mut Call<'_>) -> Result<&'a mut BTreeMap<String, String>, Fault> {
    let id = call.need("ResourceId")?.to_owned();
    let organization = organization(call)?;
    let state = &organization.state;
    if organization.root == id || organization.units.contains_key(&id) || state.policies.contains_key(&id) {
        return Ok(super::organizations::organization(call)?.state.tags.entry(id).or_default());
    }
    match call.world.account(&id) {
        Some(account) => Ok(&mut account.tags),
        None => Err(fault(
            "TargetNotFoundException",
            "We can't find a root, OU, account, or policy with the TargetId that you specified.",
        )),
    }
}

pub(super) fn list_tags(call: &mut Call<'_>) -> Result<Value, Fault> {
    let all = tags(call)?.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    listed(call, "Tags", all)
}

pub(super) fn tag_resource(call: &mut Call<'_>) -> Result<Value, Fault> {
    let sent = super::iam::tags(call.list("Tags"));
    tags(call)?.extend(sent);
    Ok(json!({}))
}

pub(super) fn untag_resource(call: &mut Call<'_>) -> Result<Value, Fault> {
    let keys = call.texts("TagKeys");
    tags(call)?.retain(|key, _| !keys.contains(key));
    Ok(json!({}))
}
