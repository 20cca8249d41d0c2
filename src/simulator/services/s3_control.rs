//! S3 Control: the public access block of an account, which holds for all its buckets.

use super::organization_effective::effective;
use super::organization_policies::S3;
use super::s3_settings::{everything_blocked, switched};
use crate::fault::Fault;
use crate::front::{Call, Handler};
use crate::world::World;
use serde_json::{Value, json};

pub(crate) const HANDLERS: &[(&str, Handler)] =
    &[("DeletePublicAccessBlock", delete), ("GetPublicAccessBlock", get), ("PutPublicAccessBlock", put)];

/// The block that a policy of the organization sets for an account.
fn of_organization(world: &World, account: &str) -> Option<Value> {
    let policy = effective(world, account, S3)?;
    let said = policy["s3_attributes"]["public_access_block_configuration"].as_str()?;
    let mut block = everything_blocked();
    for (_, on) in block.as_object_mut().into_iter().flatten() {
        *on = json!(said == "all");
    }
    Some(block)
}

/// The block that is in force for all buckets of an account.
pub(super) fn in_force(world: &mut World, account: &str) -> Option<Value> {
    of_organization(world, account).or_else(|| world.account(account)?.public_access_block.clone())
}

/// Whether a switch is on for all buckets of an account.
pub(super) fn blocks(world: &mut World, account: &str, switch: &str) -> bool {
    in_force(world, account).is_some_and(|block| block[switch] == json!(true))
}

/// An account asks for itself alone.
fn own(call: &Call<'_>) -> Result<(), Fault> {
    if call.need("AccountId")? == call.account { Ok(()) } else { Err(Fault::denied("Access Denied")) }
}

/// What a policy of the organization sets the account cannot change.
fn free(call: &Call<'_>) -> Result<(), Fault> {
    own(call)?;
    match of_organization(call.world, call.account) {
        None => Ok(()),
        Some(_) => Err(Fault::denied(
            "Access Denied: the public access block of this account is managed by a policy of the organization",
        )),
    }
}

fn get(call: &mut Call<'_>) -> Result<Value, Fault> {
    own(call)?;
    if let Some(block) = in_force(call.world, call.account) {
        return Ok(json!({ "PublicAccessBlockConfiguration": block }));
    }
    let message = "The public access block configuration was not found";
    let fault = Fault::new(404, "NoSuchPublicAccessBlockConfiguration", message);
    Err(fault.with("AccountId", call.account))
}

/// The whole block is replaced: a switch that is left out is off.
fn put(call: &mut Call<'_>) -> Result<Value, Fault> {
    free(call)?;
    let block = switched(&call.input["PublicAccessBlockConfiguration"]);
    call.mine().public_access_block = Some(block);
    Ok(json!({}))
}

fn delete(call: &mut Call<'_>) -> Result<Value, Fault> {
    free(call)?;
    call.mine().public_access_block = None;
    Ok(json!({}))
}
