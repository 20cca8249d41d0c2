//! Central root access: an organization whose management account, or whose administrator of IAM, may act as the root users
//! of its members.

use crate::fault::Fault;
use crate::front::Call;
use crate::world::World;
use serde_json::{Value, json};

/// The service that the organization has to trust, and that an account may administer for it.
const IAM: &str = "iam.amazonaws.com";

const CREDENTIALS: &str = "RootCredentialsManagement";
const SESSIONS: &str = "RootSessions";

pub(super) fn enable_credentials(call: &mut Call<'_>) -> Result<Value, Fault> {
    set(call, CREDENTIALS, true)
}

pub(super) fn disable_credentials(call: &mut Call<'_>) -> Result<Value, Fault> {
    set(call, CREDENTIALS, false)
}

pub(super) fn enable_sessions(call: &mut Call<'_>) -> Result<Value, Fault> {
    set(call, SESSIONS, true)
}

pub(super) fn disable_sessions(call: &mut Call<'_>) -> Result<Value, Fault> {
    set(call, SESSIONS, false)
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Value, Fault> {
    trusted(call)?;
    Ok(shown(call))
}

fn set(call: &mut Call<'_>, feature: &str, on: bool) -> Result<Value, Fault> {
    trusted(call)?;
    if call.world.organization.as_ref().is_none_or(|organization| organization.management != call.account) {
        let message = "The account making the request is not the management account of the organization.";
        return Err(Fault::new(400, "CallerIsNotManagementAccountException", message));
    }
    if let Some(organization) = &mut call.world.organization {
        let features = &mut organization.state.root_features;
        if on {
            features.insert(feature.to_owned())
        } else {
            features.remove(feature)
        };
    }
    Ok(shown(call))
}

fn shown(call: &Call<'_>) -> Value {
    let organization = call.world.organization.as_ref();
    let id = organization.map(|organization| &organization.id);
    let features = organization.map(|organization| &organization.state.root_features);
    json!({ "OrganizationId": id, "EnabledFeatures": features })
}

/// Who asks may, and the organization trusts IAM.
fn trusted(call: &Call<'_>) -> Result<(), Fault> {
    let Some(organization) = &call.world.organization else {
        let message = "No organization is associated with your account.";
        return Err(Fault::new(400, "OrganizationNotFoundException", message));
    };
    if !manages(call.world, call.account) {
        let message = "The account making the request is not the management account or a delegated administrator account \
                       for centralized root access.";
        return Err(Fault::new(400, "AccountNotManagementOrDelegatedAdministratorException", message));
    }
    if !organization.state.trusts(IAM) {
        let message = "Trusted access is not enabled for IAM in AWS Organizations.";
        return Err(Fault::new(400, "ServiceAccessNotEnabledException", message));
    }
    Ok(())
}

/// Whether an account is the one that manages the organization, or administers IAM for it.
pub(super) fn manages(world: &World, account: &str) -> bool {
    world
        .organization
        .as_ref()
        .is_some_and(|organization| organization.management == account || organization.state.delegated(account, IAM))
}

/// Whether root users of members can be become at all.
pub(super) fn is_on(world: &World) -> bool {
    world.organization.as_ref().is_some_and(|organization| {
        let features = &organization.state.root_features;
        organization.state.trusts(IAM) && [CREDENTIALS, SESSIONS].iter().all(|feature| features.contains(*feature))
    })
}
