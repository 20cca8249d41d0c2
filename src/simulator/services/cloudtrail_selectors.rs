//! Which events a trail records.

use super::cloudtrail::{Place, Trail, change, fault, place};
use super::cloudtrail_needs as needs;
use super::organizations;
use crate::simulator::fault::Fault;
use crate::simulator::front::Call;
use crate::simulator::world::World;
use serde_json::{Value, json};

/// The selector of a trail that was given none.
pub(super) fn first() -> Value {
    json!({"ReadWriteType": "All", "IncludeManagementEvents": true, "DataResources": [], "ExcludeManagementEventSources": []})
}

fn shown(world: &World, place: &Place, trail: &Trail) -> Value {
    let mut shown = json!({ "TrailARN": place.arn(world) });
    if trail.advanced.is_empty() {
        shown["EventSelectors"] = json!(trail.selectors);
    } else {
        shown["AdvancedEventSelectors"] = json!(trail.advanced);
    }
    shown
}

/// The selectors of an organization trail are its owner's business: a member may not read them.
pub(super) fn get(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (place, trail) = place(call, "TrailName")?;
    if place.account != call.account && !organizations::leads(call.world, call.account, needs::SERVICE) {
        return Err(Fault::denied(format!(
            "User: {} is not authorized to perform: cloudtrail:GetEventSelectors on resource: {} because no resource-based \
             policy allows the cloudtrail:GetEventSelectors action",
            call.caller.arn,
            place.arn(call.world)
        )));
    }
    Ok(shown(call.world, &place, &trail))
}

pub(super) fn put(call: &mut Call<'_>) -> Result<Value, Fault> {
    let mut basic = call.list("EventSelectors").to_vec();
    let advanced = call.list("AdvancedEventSelectors").to_vec();
    if basic.is_empty() == advanced.is_empty() || basic.len() > 5 {
        let message = "Specify either up to five event selectors or advanced event selectors, and not both.";
        return Err(fault("InvalidEventSelectorsException", message));
    }
    for selector in &mut basic {
        for (member, otherwise) in first().as_object().into_iter().flatten() {
            if selector.get(member).is_none() {
                selector[member.as_str()] = otherwise.clone();
            }
        }
    }
    // The whole set is replaced, and one sort of selectors takes the place of the other.
    change(call, "TrailName", |trail, _| {
        trail.selectors = basic;
        trail.advanced = advanced;
    })?;
    let (place, trail) = place(call, "TrailName")?;
    Ok(shown(call.world, &place, &trail))
}
