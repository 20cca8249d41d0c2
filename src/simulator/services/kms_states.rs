//! The states of a key: what each allows, and how a key comes from one to another.

use super::kms::{Found, Key, fault, found};
use crate::fault::Fault;
use crate::front::Call;
use crate::world::World;
use serde_json::{Value, json};

/// Refuses what a key's state does not allow: a disabled key has an error of its own.
pub(super) fn usable(arn: &str, key: &Key) -> Result<(), Fault> {
    match key.state.as_str() {
        "Enabled" => Ok(()),
        "Disabled" => Err(fault("DisabledException", format!("{arn} is disabled."))),
        other => Err(invalid_state(arn, other)),
    }
}

/// Whether a key waits for its deletion, or for that of its replicas before it.
pub(super) fn dying(key: &Key) -> bool {
    matches!(key.state.as_str(), "PendingDeletion" | "PendingReplicaDeletion")
}

pub(super) fn invalid_state(arn: &str, state: &str) -> Fault {
    let words = match state {
        "PendingDeletion" => "pending deletion".to_owned(),
        "PendingReplicaDeletion" => "pending replica deletion".to_owned(),
        "PendingImport" => "pending import".to_owned(),
        other => other.to_lowercase(),
    };
    fault("KMSInvalidStateException", format!("{arn} is {words}."))
}

pub(super) fn enable(call: &mut Call<'_>) -> Result<Value, Fault> {
    switch(call, "Enabled")
}

pub(super) fn disable(call: &mut Call<'_>) -> Result<Value, Fault> {
    switch(call, "Disabled")
}

pub(super) fn switch(call: &mut Call<'_>, to: &str) -> Result<Value, Fault> {
    let found = found(call, "KeyId", false)?;
    let key = found.key(call.world);
    match key.state.as_str() {
        "Enabled" | "Disabled" => to.clone_into(&mut key.state),
        other => return Err(invalid_state(&found.arn, other)),
    }
    Ok(json!({}))
}

pub(super) fn schedule_deletion(call: &mut Call<'_>) -> Result<Value, Fault> {
    let found = found(call, "KeyId", false)?;
    let days = call.number("PendingWindowInDays").unwrap_or(30);
    if !(7..=30).contains(&days) {
        return Err(fault("ValidationException", "PendingWindowInDays must be between 7 and 30"));
    }
    let (deletion, replicated) = (call.now() + days * 86_400, replicated(call.world, &found));
    let key = found.key(call.world);
    if dying(key) {
        return Err(invalid_state(&found.arn, &key.state));
    }
    if replicated {
        // The wait begins when the last replica is gone, so that nobody knows its end.
        "PendingReplicaDeletion".clone_into(&mut key.state);
        key.window = Some(days);
        return Ok(json!({"KeyId": found.arn, "KeyState": key.state, "PendingWindowInDays": days}));
    }
    "PendingDeletion".clone_into(&mut key.state);
    key.deletion = Some(deletion);
    Ok(json!({"KeyId": found.arn, "DeletionDate": deletion, "KeyState": key.state, "PendingWindowInDays": days}))
}

/// Whether a key is a primary that has replicas.
pub(super) fn replicated(world: &mut World, found: &Found) -> bool {
    let primary = found.key(world).primary.as_ref() == Some(&found.region);
    let regions = world.account(&found.account).map(|account| &account.regions);
    primary
        && regions
            .into_iter()
            .flatten()
            .any(|(name, region)| *name != found.region && region.kms.keys.contains_key(&found.id))
}

pub(super) fn cancel_deletion(call: &mut Call<'_>) -> Result<Value, Fault> {
    let found = found(call, "KeyId", false)?;
    let key = found.key(call.world);
    if !dying(key) {
        return Err(fault("KMSInvalidStateException", format!("{} is not pending deletion.", found.arn)));
    }
    // A key that was saved from deletion is disabled until it is enabled by hand.
    "Disabled".clone_into(&mut key.state);
    (key.deletion, key.window) = (None, None);
    Ok(json!({ "KeyId": found.arn }))
}
