//! What `CloudTrail` Insights looks for in a trail.

use super::cloudtrail::{Place, Trail, change, fault, place};
use super::cloudtrail_needs as needs;
use super::organizations;
use crate::fault::Fault;
use crate::front::Call;
use crate::world::World;
use serde_json::{Value, json};

fn shown(world: &World, place: &Place, trail: &Trail) -> Value {
    json!({ "TrailARN": place.arn(world), "InsightSelectors": trail.insights })
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (place, trail) = place(call, "TrailName")?;
    if place.account != call.account && !organizations::leads(call.world, call.account, needs::SERVICE) {
        return Err(Fault::denied(format!(
            "User: {} is not authorized to perform: cloudtrail:GetInsightSelectors on resource: {}",
            call.caller.arn,
            place.arn(call.world)
        )));
    }
    if trail.insights.is_empty() {
        let message = format!("Trail {} does not have Insights enabled.", place.arn(call.world));
        return Err(fault("InsightNotEnabledException", message));
    }
    Ok(shown(call.world, &place, &trail))
}

/// All are replaced, and an empty list switches them off. Management events are looked at where nothing else is said.
pub(super) fn put(call: &mut Call<'_>) -> Result<Value, Fault> {
    let mut insights = call.list("InsightSelectors").to_vec();
    let kinds: std::collections::BTreeSet<String> = insights.iter().map(|one| one["InsightType"].to_string()).collect();
    if kinds.len() < insights.len() || insights.iter().any(|one| one["InsightType"].is_null()) {
        return Err(fault("InvalidInsightSelectorsException", "Name each insight type once."));
    }
    for one in &mut insights {
        if one["EventCategories"].as_array().is_none_or(Vec::is_empty) {
            one["EventCategories"] = json!(["Management"]);
        }
    }
    change(call, "TrailName", |trail, _| trail.insights = insights)?;
    let (place, trail) = place(call, "TrailName")?;
    Ok(shown(call.world, &place, &trail))
}
