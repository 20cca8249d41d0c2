//! Tags of trails.

use super::cloudtrail::{change, fault, seen};
use crate::fault::Fault;
use crate::front::Call;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Tags of a trail by its ARN, at its home; those of other accounts' trails are not for us, also if we see the trail.
fn of(call: &mut Call<'_>, arn: &str) -> Result<BTreeMap<String, String>, Fault> {
    if !arn.starts_with("arn:") {
        return Err(fault("CloudTrailARNInvalidException", format!("{arn} is not a valid trail ARN.")));
    }
    if arn.split(':').nth(4) != Some(call.account) {
        let message =
            format!("AccountID in ARN is wrong, you can only access resources with AccountID {}.", call.account);
        return Err(fault("CloudTrailARNInvalidException", message));
    }
    if arn.split(':').nth(3) != Some(call.region) {
        let message = format!("Region in ARN is wrong, you can only access resources in region {}.", call.region);
        return Err(fault("CloudTrailARNInvalidException", message));
    }
    let account = call.account;
    let all = seen(call.world, account);
    let found = all.into_iter().find(|(place, _)| place.arn(call.world) == arn);
    found.map(|(_, trail)| trail.tags).ok_or_else(|| fault("ResourceNotFoundException", format!("{arn} is not found.")))
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Value, Fault> {
    let mut all = Vec::new();
    for arn in call.texts("ResourceIdList") {
        let tags = of(call, &arn)?;
        let tags: Vec<Value> = tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
        all.push(json!({"ResourceId": arn, "TagsList": tags}));
    }
    Ok(json!({ "ResourceTagList": all }))
}

pub(super) fn add(call: &mut Call<'_>) -> Result<Value, Fault> {
    let arn = call.need("ResourceId")?.to_owned();
    of(call, &arn)?;
    let sent = super::iam::tags(call.list("TagsList"));
    change(call, "ResourceId", |trail, _| trail.tags.extend(sent))?;
    Ok(json!({}))
}

pub(super) fn remove(call: &mut Call<'_>) -> Result<Value, Fault> {
    let arn = call.need("ResourceId")?.to_owned();
    of(call, &arn)?;
    let sent = super::iam::tags(call.list("TagsList"));
    change(call, "ResourceId", |trail, _| trail.tags.retain(|key, _| !sent.contains_key(key)))?;
    Ok(json!({}))
}
