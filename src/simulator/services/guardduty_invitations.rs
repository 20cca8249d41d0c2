//! `GuardDuty` without Organizations: who wants members invites them, and whoever accepts has an administrator.

use super::guardduty::{detector, refused};
use super::guardduty_organization::{at_once, state, unprocessed};
use crate::fault::Fault;
use crate::front::Call;
use serde::Serialize;
use serde_json::{Value, json};

/// What an administrator by invitation switches for itself alone.
pub(super) const OWN_ONLY: &str = "EBS_MALWARE_PROTECTION";

/// An account that somebody would have as a member, and that has not accepted.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Invited {
    /// Its address.
    pub email: String,
    /// The id of the invitation; none was sent yet.
    pub invitation: Option<String>,
}

/// Notes an account that is to be invited.
pub(super) fn create(call: &mut Call<'_>, id: &str, email: String) -> Result<(), &'static str> {
    if id == call.account {
        return Err("the administrator account cannot be a member of itself");
    }
    if call.here().guardduty.members.contains_key(id) {
        return Err("the account is a member already");
    }
    call.here().guardduty.invited.entry(id.to_owned()).or_insert(Invited { email, invitation: None });
    Ok(())
}

pub(super) fn invite(call: &mut Call<'_>) -> Result<Value, Fault> {
    detector(call)?;
    let ids = call.texts("AccountIds");
    at_once(ids.len())?;
    let mut left = Vec::new();
    for id in ids {
        let invitation = call.world.hex(32);
        match call.here().guardduty.invited.get_mut(&id) {
            Some(invited) => drop(invited.invitation.get_or_insert(invitation)),
            None => left.push(unprocessed(&id, "the account was not created as a member")),
        }
    }
    Ok(json!({ "UnprocessedAccounts": left }))
}

/// Whom the caller would have, as it lists them beside its members.
pub(super) fn shown(call: &mut Call<'_>) -> Vec<Value> {
    let admin = call.account;
    let one = |(id, invited): (&String, &Invited)| {
        let status = if invited.invitation.is_some() { "Invited" } else { "Created" };
        json!({"AccountId": id, "MasterId": admin, "AdministratorId": admin, "Email": invited.email,
            "RelationshipStatus": status, "UpdatedAt": "2023-11-14T22:13:20.000Z"})
    };
    call.here().guardduty.invited.iter().map(one).collect()
}

/// Who invited the caller, in its region, each with the id of its invitation.
fn invitations(call: &Call<'_>) -> Vec<(String, String)> {
    let of = |account: &crate::world::Account| {
        let invited = account.regions.get(call.region)?.guardduty.invited.get(call.account)?;
        Some((account.id.clone(), invited.invitation.clone()?))
    };
    call.world.accounts().filter_map(of).collect()
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Value, Fault> {
    let one = |(admin, id): &(String, String)| json!({"AccountId": admin, "InvitationId": id, "RelationshipStatus": "Invited"});
    let all: Vec<Value> = invitations(call).iter().map(one).collect();
    Ok(json!({ "Invitations": all }))
}

/// An account has one administrator, and who is one has none.
pub(super) fn accept(call: &mut Call<'_>) -> Result<Value, Fault> {
    detector(call)?;
    let asked = (call.need("AdministratorId")?.to_owned(), call.need("InvitationId")?.to_owned());
    let own = &call.here().guardduty;
    if own.administrator.is_some() || !own.members.is_empty() {
        return Err(refused("the current account is a member of another account, or has members itself"));
    }
    if !invitations(call).contains(&asked) {
        return Err(refused("there is no such invitation"));
    }
    let (admin, member) = (asked.0, call.account.to_owned());
    let invited = state(call, &admin).and_then(|state| state.invited.remove(&member)).unwrap_or_default();
    if let Some(state) = state(call, &admin) {
        state.members.insert(member, invited.email);
    }
    call.here().guardduty.administrator = Some(admin);
    Ok(json!({}))
}
