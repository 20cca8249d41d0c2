//! `GuardDuty` across an organization: a delegated administrator for each region, its members, what they get.

use super::guardduty::{
    Detector, FEATURES, Feature, POLICY, State, data_sources, detector, exclusive, first_features, furnish, managed,
    merge, refused, shown_features,
};
use super::guardduty_invitations::{self as invitations, create};
use super::organizations;
use crate::fault::Fault;
use crate::front::Call;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const SERVICE: &str = "guardduty.amazonaws.com";
const AT_ONCE: usize = 50;

/// What accounts of the organization get: `NEW`, `ALL` or `NONE`.
#[derive(Clone, Debug, Serialize)]
pub struct Configuration {
    /// Whether accounts become members.
    pub members: String,
    /// Whether members get a feature.
    pub features: BTreeMap<String, String>,
}

impl Default for Configuration {
    fn default() -> Self {
        let features = FEATURES.iter().map(|(name, ..)| ((*name).to_owned(), "NONE".to_owned())).collect();
        Self { members: "NONE".to_owned(), features }
    }
}

/// Only the management account names the administrator.
fn management(call: &Call<'_>) -> Result<(), Fault> {
    let managed = organizations::of(call.world, call.account);
    if managed.is_some_and(|organization| organization.management == call.account) {
        return Ok(());
    }
    Err(refused("the current account is not the management account of an organization"))
}

pub(super) fn enable_admin(call: &mut Call<'_>) -> Result<Value, Fault> {
    management(call)?;
    let admin = call.need("AdminAccountId")?.to_owned();
    if organizations::of(call.world, &admin).is_none() {
        return Err(refused("the account is not a member of the organization"));
    }
    if call.here().guardduty.delegate.is_some() {
        return Err(refused("an administrator account is already enabled for the organization"));
    }
    let now = call.now();
    let management = call.account;
    // GuardDuty gives itself trusted access and registers the delegate, by the caller's own permissions.
    if let Some(organization) = call.world.organization.as_mut() {
        organization.state.services.entry(SERVICE.to_owned()).or_insert(now);
        if admin != management {
            organization.state.delegates.entry(admin.clone()).or_default().entry(SERVICE.to_owned()).or_insert(now);
        }
    }
    call.here().guardduty.delegate = Some(admin.clone());
    if state(call, &admin).is_some_and(|state| state.detector.is_none()) {
        furnish(call, &admin, first_features());
    }
    Ok(json!({}))
}

/// `GuardDuty` of another account in the call's region.
pub(super) fn state<'a>(call: &'a mut Call<'_>, account: &str) -> Option<&'a mut State> {
    let region = call.region;
    Some(&mut call.world.account(account)?.regions.entry(region.to_owned()).or_default().guardduty)
}

pub(super) fn disable_admin(call: &mut Call<'_>) -> Result<Value, Fault> {
    management(call)?;
    let admin = call.need("AdminAccountId")?.to_owned();
    if call.here().guardduty.delegate.as_ref() != Some(&admin) {
        return Err(refused("the account is not the administrator of the organization"));
    }
    call.here().guardduty.delegate = None;
    let members = state(call, &admin).map(|state| std::mem::take(&mut state.members)).unwrap_or_default();
    for member in members.keys() {
        if let Some(state) = state(call, member) {
            state.administrator = None;
        }
    }
    Ok(json!({}))
}

pub(super) fn list_admins(call: &mut Call<'_>) -> Result<Value, Fault> {
    management(call)?;
    let admins =
        call.here().guardduty.delegate.iter().map(|id| json!({"AdminAccountId": id, "AdminStatus": "ENABLED"}));
    let admins: Vec<Value> = admins.collect();
    Ok(json!({ "AdminAccounts": admins }))
}

/// A member is told its administrator; everyone else gets an answer without content.
pub(super) fn get_administrator(call: &mut Call<'_>) -> Result<Value, Fault> {
    detector(call)?;
    match call.here().guardduty.administrator.clone() {
        Some(id) => Ok(json!({"Administrator": {"AccountId": id, "RelationshipStatus": "Enabled"}})),
        None => Ok(json!({})),
    }
}

/// How often the administrator of the caller exports, which holds for all of its members.
pub(super) fn frequency_of_administrator(call: &mut Call<'_>) -> Option<String> {
    let administrator = call.here().guardduty.administrator.clone()?;
    Some(state(call, &administrator)?.detector.as_ref()?.frequency.clone())
}

/// Only the region's delegated administrator looks after the organization.
fn administrator(call: &mut Call<'_>) -> Result<(), Fault> {
    detector(call)?;
    let management = organizations::of(call.world, call.account).map(|organization| organization.management.clone());
    let delegate = management.and_then(|id| state(call, &id)?.delegate.clone());
    if delegate.as_deref() == Some(call.account) {
        return Ok(());
    }
    Err(refused("the current account is not the delegated administrator of the organization"))
}

pub(super) fn unprocessed(account: &str, why: &str) -> Value {
    json!({"AccountId": account, "Result": format!("The request is rejected because {why}.")})
}

pub(super) fn create_members(call: &mut Call<'_>) -> Result<Value, Fault> {
    detector(call)?;
    let details = call.list("AccountDetails").to_vec();
    at_once(details.len())?;
    let mut left = Vec::new();
    for one in &details {
        let text = |member: &str| one[member].as_str().unwrap_or_default().to_owned();
        let (id, email) = (text("AccountId"), text("Email"));
        // Whom nobody made the organization's administrator invites its members.
        let taken = if administrator(call).is_ok() { enroll(call, &id, email) } else { create(call, &id, email) };
        if let Err(why) = taken {
            left.push(unprocessed(&id, why));
        }
    }
    Ok(json!({ "UnprocessedAccounts": left }))
}

pub(super) fn at_once(count: usize) -> Result<(), Fault> {
    if count > AT_ONCE { Err(refused("the number of accounts exceeds the limit of 50")) } else { Ok(()) }
}

/// Makes an account of the organization a member: at once, and with a detector if it has none.
fn enroll(call: &mut Call<'_>, id: &str, email: String) -> Result<(), &'static str> {
    let admin = call.account;
    if administrator(call).is_err() || organizations::of(call.world, id).is_none() {
        return Err("the account is not a member of an organization of the administrator");
    }
    if id == admin {
        return Err("the administrator account cannot be a member of itself");
    }
    if call.world.account(id).is_none_or(|account| account.state != "ACTIVE") {
        return Err("the account is suspended or closed");
    }
    let wanted = call.here().guardduty.organization.features.clone();
    if state(call, id).is_some_and(|state| state.administrator.as_deref().is_some_and(|other| other != admin)) {
        return Err("the account is a member of another administrator");
    }
    if state(call, id).is_some_and(|state| state.detector.is_none()) {
        let mut features = first_features();
        for (name, feature) in &mut features {
            feature.enabled = wanted.get(name).is_some_and(|auto| auto != "NONE");
        }
        furnish(call, id, features);
    }
    if let Some(state) = state(call, id) {
        state.administrator = Some(admin.to_owned());
    }
    call.here().guardduty.members.insert(id.to_owned(), email);
    Ok(())
}

fn shown_member(call: &mut Call<'_>, id: &str, email: &str) -> Value {
    let admin = call.account;
    let detector = state(call, id).and_then(|state| state.detector.clone()).unwrap_or_default();
    let moment = jiff::Timestamp::from_second(detector.updated).map(|at| format!("{at:.3}")).unwrap_or_default();
    json!({"AccountId": id, "DetectorId": detector.id, "MasterId": admin, "AdministratorId": admin, "Email": email,
        "RelationshipStatus": if detector.enabled { "Enabled" } else { "Paused" }, "InvitedAt": moment, "UpdatedAt": moment})
}

pub(super) fn list_members(call: &mut Call<'_>) -> Result<Value, Fault> {
    detector(call)?;
    let members = call.here().guardduty.members.clone();
    let mut all: Vec<Value> = members.iter().map(|(id, email)| shown_member(call, id, email)).collect();
    if call.text("OnlyAssociated").is_some_and(|only| only.eq_ignore_ascii_case("false")) {
        all.extend(invitations::shown(call));
    }
    let size = call.number("MaxResults").and_then(|size| usize::try_from(size).ok()).unwrap_or(50);
    let token = call.text("NextToken").filter(|token| !token.is_empty());
    let (page, next) =
        super::paging::page(all, size, token).ok_or_else(|| refused("the parameter nextToken is invalid"))?;
    let mut answer = json!({ "Members": page });
    if let Some(next) = next {
        answer["NextToken"] = json!(next);
    }
    Ok(answer)
}

/// Does something for each account of the input that is a member, and names the others, with those it cannot be done for.
fn each_member(
    call: &mut Call<'_>,
    mut act: impl FnMut(&mut Call<'_>, &str, &str) -> Result<Option<&'static str>, Fault>,
) -> Result<Vec<Value>, Fault> {
    detector(call)?;
    let ids = call.texts("AccountIds");
    at_once(ids.len())?;
    let members = call.here().guardduty.members.clone();
    let mut left = Vec::new();
    for id in ids {
        match members.get(&id) {
            Some(email) => left.extend(act(call, &id, email)?.map(|why| unprocessed(&id, why))),
            None => left.push(unprocessed(
                &id,
                "the given account ID is not an associated member of account the current account",
            )),
        }
    }
    Ok(left)
}

/// Members of an organization that takes in everyone cannot be let go.
pub(super) fn delete_members(call: &mut Call<'_>) -> Result<Value, Fault> {
    if call.here().guardduty.organization.members == "ALL" {
        return Err(refused("autoEnableOrganizationMembers is set to ALL"));
    }
    let left = each_member(call, |call, id, _| {
        if let Some(state) = state(call, id) {
            state.administrator = None;
        }
        call.here().guardduty.members.remove(id);
        Ok(None)
    })?;
    Ok(json!({ "UnprocessedAccounts": left }))
}

pub(super) fn get_members(call: &mut Call<'_>) -> Result<Value, Fault> {
    let mut found = Vec::new();
    let left = each_member(call, |call, id, email| {
        found.push(shown_member(call, id, email));
        Ok(None)
    })?;
    Ok(json!({"Members": found, "UnprocessedAccounts": left}))
}

pub(super) fn get_member_detectors(call: &mut Call<'_>) -> Result<Value, Fault> {
    let mut found = Vec::new();
    let left = each_member(call, |call, id, _| {
        let detector: Detector = state(call, id).and_then(|state| state.detector.clone()).unwrap_or_default();
        let (managed, mut features) = (managed(call, id), shown_features(&detector));
        for feature in features.iter_mut().filter(|one| managed.iter().any(|name| one["Name"] == **name)) {
            feature["ManagedBy"] = json!(POLICY);
        }
        found.push(json!({"AccountId": id, "DataSources": data_sources(&detector), "Features": features}));
        Ok(None)
    })?;
    Ok(json!({"MemberDataSourceConfigurations": found, "UnprocessedAccounts": left}))
}

pub(super) fn update_member_detectors(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (sent, now) = (call.list("Features").to_vec(), call.now());
    exclusive(&sent)?;
    let invites = administrator(call).is_err();
    let left = each_member(call, |call, id, _| {
        if invites && sent.iter().any(|one| one["Name"] == invitations::OWN_ONLY) {
            return Ok(Some("an administrator by invitation cannot change it in the account of a member"));
        }
        let managed = managed(call, id);
        if sent.iter().any(|one| managed.iter().any(|name| one["Name"] == **name)) {
            return Ok(Some("an organization policy manages it"));
        }
        let Some(detector) = state(call, id).and_then(|state| state.detector.as_mut()) else { return Ok(None) };
        let mut features: BTreeMap<String, Feature> = detector.features.clone();
        merge(&mut features, &sent)?;
        detector.features = features;
        detector.updated = now;
        Ok(None)
    })?;
    Ok(json!({ "UnprocessedAccounts": left }))
}

pub(super) fn describe(call: &mut Call<'_>) -> Result<Value, Fault> {
    administrator(call)?;
    let configuration = &call.here().guardduty.organization;
    let auto = |name: &str| configuration.features.get(name).map_or("NONE", String::as_str);
    let features = FEATURES.iter().map(|(name, _, parts)| {
        let mut one = json!({"Name": name, "AutoEnable": auto(name)});
        if !parts.is_empty() {
            let part = |part: &&str| json!({"Name": part, "AutoEnable": auto(&format!("{name}/{part}"))});
            one["AdditionalConfiguration"] = parts.iter().map(part).collect();
        }
        one
    });
    Ok(json!({
        "AutoEnable": configuration.members != "NONE",
        "AutoEnableOrganizationMembers": configuration.members,
        "MemberAccountLimitReached": false,
        "Features": features.collect::<Vec<_>>(),
    }))
}

pub(super) fn update(call: &mut Call<'_>) -> Result<Value, Fault> {
    administrator(call)?;
    let old = call.flag("AutoEnable");
    let new = call.text("AutoEnableOrganizationMembers").map(str::to_owned);
    if old.is_some() == new.is_some() {
        return Err(refused("exactly one of autoEnable and autoEnableOrganizationMembers must be specified"));
    }
    let sent = call.list("Features").to_vec();
    exclusive(&sent)?;
    let configuration = &mut call.here().guardduty.organization;
    // The older switch reaches new accounts only.
    configuration.members = new.unwrap_or_else(|| if old == Some(true) { "NEW" } else { "NONE" }.to_owned());
    for one in &sent {
        let text = |value: &Value, member: &str| value[member].as_str().unwrap_or_default().to_owned();
        let name = text(one, "Name");
        configuration.features.insert(name.clone(), text(one, "AutoEnable"));
        for part in one["AdditionalConfiguration"].as_array().into_iter().flatten() {
            configuration.features.insert(format!("{name}/{}", text(part, "Name")), text(part, "AutoEnable"));
        }
    }
    let everyone = configuration.members == "ALL";
    let known: Vec<(String, String)> =
        call.world.accounts().map(|account| (account.id.clone(), account.email.clone())).collect();
    for (id, email) in known.into_iter().filter(|_| everyone) {
        // Whom the administrator cannot take in, itself among them, is left as it is.
        let _left = enroll(call, &id, email);
    }
    Ok(json!({}))
}
