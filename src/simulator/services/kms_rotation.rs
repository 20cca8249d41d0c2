//! Automatic rotation of KMS keys: which keys can, and what is answered of those that cannot.

use super::kms::{Found, Key, fault, find, found};
use super::kms_states::{dying, usable};
use crate::fault::Fault;
use crate::front::Call;
use serde_json::{Value, json};

fn unsupported(found: &Found) -> Fault {
    let message = format!("{} does not support the operation: automatic key rotation.", found.arn);
    fault("UnsupportedOperationException", message)
}

/// Only symmetric keys whose material KMS made itself can rotate.
fn able(found: &Found, key: &Key) -> Result<(), Fault> {
    let symmetric = key.spec == "SYMMETRIC_DEFAULT" && key.origin == "AWS_KMS" && key.store.is_none();
    if symmetric { Ok(()) } else { Err(unsupported(found)) }
}

pub(super) fn enable(call: &mut Call<'_>) -> Result<Value, Fault> {
    let days = call.number("RotationPeriodInDays").unwrap_or(365);
    if !(90..=2560).contains(&days) {
        return Err(fault("ValidationException", "RotationPeriodInDays must be between 90 and 2560"));
    }
    set(call, Some(days))
}

pub(super) fn disable(call: &mut Call<'_>) -> Result<Value, Fault> {
    set(call, None)
}

fn set(call: &mut Call<'_>, rotation: Option<i64>) -> Result<Value, Fault> {
    let found = found(call, "KeyId", false)?;
    let key = found.key(call.world);
    able(&found, key)?;
    usable(&found.arn, key)?;
    // Rotation is a property of the primary, which its replicas share and cannot set.
    if key.managed_for.is_some() || key.primary.as_deref().is_some_and(|primary| primary != found.region) {
        return Err(unsupported(&found));
    }
    key.rotation = rotation;
    Ok(json!({}))
}

pub(super) fn status(call: &mut Call<'_>) -> Result<Value, Fault> {
    let found = found(call, "KeyId", false)?;
    let key = found.key(call.world).clone();
    able(&found, &key)?;
    let primary = key.primary.as_ref().filter(|primary| **primary != found.region).cloned();
    let rotation = match primary {
        Some(region) => {
            find(call.world, &found.account, &region, &found.id).and_then(|home| home.key(call.world).rotation)
        }
        None => key.rotation,
    };
    // A key that waits for its deletion is answered as one that does not rotate.
    let rotation = rotation.filter(|_| !dying(&key));
    let mut answer = json!({"KeyRotationEnabled": rotation.is_some(), "KeyId": found.arn});
    if let Some(days) = rotation {
        answer["RotationPeriodInDays"] = json!(days);
        answer["NextRotationDate"] = json!(key.created + days * 86_400);
    }
    Ok(answer)
}
