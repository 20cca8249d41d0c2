//! Which events a trail records.

use super::cloudtrail::{Place, Trail, change, fault, place};
use super::cloudtrail_needs as needs;
use super::organizations;
use crate::fault::Fault;
use crate::front::Call;
use crate::world::World;
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

/// What basic selectors log data events of; of all else advanced ones do.
const BASIC: [&str; 3] = ["AWS::DynamoDB::Table", "AWS::Lambda::Function", "AWS::S3::Object"];

/// How much a trail may be told to log, and that each selector says of what.
fn within_limits(basic: &[Value], advanced: &[Value]) -> Result<(), Fault> {
    let invalid = |message: &str| Err(fault("InvalidEventSelectorsException", message));
    let resources: Vec<&Value> = basic.iter().flat_map(|selector| list(&selector["DataResources"])).collect();
    if resources.iter().map(|resource| list(&resource["Values"]).len()).sum::<usize>() > 250 {
        return invalid("The total number of data resources across all event selectors is limited to 250.");
    }
    if resources.iter().any(|resource| !BASIC.iter().any(|kind| resource["Type"] == *kind)) {
        return invalid("Event selectors log data events of S3 objects, Lambda functions and DynamoDB tables alone.");
    }
    let fields: Vec<&Value> = advanced.iter().flat_map(|selector| list(&selector["FieldSelectors"])).collect();
    let values = |field: &&Value| {
        let operators = ["Equals", "StartsWith", "EndsWith", "NotEquals", "NotStartsWith", "NotEndsWith"];
        operators.iter().map(|operator| list(&field[*operator]).len()).sum::<usize>()
    };
    if fields.iter().map(values).sum::<usize>() > 500 {
        return invalid("The total number of values of all advanced event selectors is limited to 500.");
    }
    for selector in advanced {
        let field = |name: &str| list(&selector["FieldSelectors"]).iter().find(|field| field["Field"] == name);
        let category = field("eventCategory").map(|field| &field["Equals"]);
        match category {
            Some(category) if *category == json!(["Management"]) => {}
            Some(category) if *category == json!(["Data"]) && field("resources.type").is_some() => {}
            Some(category) if *category == json!(["NetworkActivity"]) && field("eventSource").is_some() => {}
            _ => return invalid("Each advanced event selector needs a valid eventCategory, and its required fields."),
        }
    }
    Ok(())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

pub(super) fn put(call: &mut Call<'_>) -> Result<Value, Fault> {
    let mut basic = call.list("EventSelectors").to_vec();
    let advanced = call.list("AdvancedEventSelectors").to_vec();
    if basic.is_empty() == advanced.is_empty() || basic.len() > 5 {
        let message = "Specify either up to five event selectors or advanced event selectors, and not both.";
        return Err(fault("InvalidEventSelectorsException", message));
    }
    within_limits(&basic, &advanced)?;
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
