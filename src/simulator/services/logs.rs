//! `CloudWatch` Logs: log groups, how long they keep, and their tags. What is in them is in `logs_streams`, the metrics
//! that are made of it in `logs_filters`.

use super::{logs_filters as filters, logs_streams as streams};
use crate::fault::Fault;
use crate::front::{Call, Handler};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) const HANDLERS: &[(&str, Handler)] = &[
    ("CreateLogGroup", create),
    ("CreateLogStream", streams::create),
    ("DeleteLogGroup", delete),
    ("DeleteMetricFilter", filters::delete),
    ("DeleteRetentionPolicy", keep_for_ever),
    ("DescribeLogGroups", describe),
    ("DescribeLogStreams", streams::describe),
    ("DescribeMetricFilters", filters::describe),
    ("ListTagsForResource", list_tags),
    ("PutLogEvents", streams::put),
    ("PutMetricFilter", filters::put),
    ("PutRetentionPolicy", put_retention),
    ("TagResource", tag),
    ("UntagResource", untag),
];

/// The days that a log group may keep what is in it; anything else is refused.
const RETENTIONS: [i64; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];
/// Elements of a page, unless fewer are asked for.
const PAGE: usize = 50;

/// The log groups of an account in one region.
#[derive(Clone, Debug, Default, Serialize)]
pub struct State {
    /// Log groups by name.
    pub groups: BTreeMap<String, Group>,
}

/// A log group.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Group {
    /// Milliseconds since the epoch.
    pub created: i64,
    /// The days that it keeps what is in it; none: for ever.
    pub retention: Option<i64>,
    /// Such as `STANDARD`.
    pub class: String,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// Log streams by name.
    pub streams: BTreeMap<String, streams::Stream>,
    /// Metric filters by name.
    pub filters: BTreeMap<String, filters::Filter>,
}

pub(super) fn fault(code: &str, message: impl Into<String>) -> Fault {
    Fault::new(400, code, message)
}

pub(super) fn invalid(message: impl Into<String>) -> Fault {
    fault("InvalidParameterException", message)
}

fn missing() -> Fault {
    fault("ResourceNotFoundException", "The specified log group does not exist.")
}

/// The log group that a call names.
pub(super) fn group<'a>(call: &'a mut Call<'_>) -> Result<&'a mut Group, Fault> {
    let name = call.need("logGroupName")?.to_owned();
    call.here().logs.groups.get_mut(&name).ok_or_else(missing)
}

/// One page of a list, and where the next begins.
pub(super) fn listed(call: &Call<'_>, member: &str, all: Vec<Value>) -> Result<Value, Fault> {
    let size = call.number("limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(PAGE);
    let (items, next) = super::paging::page(all, size, call.text("nextToken"))
        .ok_or_else(|| invalid("The specified nextToken is invalid."))?;
    let mut page = json!({ member: items });
    if let Some(next) = next {
        page["nextToken"] = json!(next);
    }
    Ok(page)
}

fn named_well(name: &str) -> Result<(), Fault> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/#".contains(&byte);
    if name.bytes().all(fits) && !name.starts_with("aws/") {
        return Ok(());
    }
    let message = format!(
        "1 validation error detected: Value '{name}' at 'logGroupName' failed to satisfy constraint: Member must \
         satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+"
    );
    Err(invalid(message))
}

fn create(call: &mut Call<'_>) -> Result<Value, Fault> {
    let name = call.need("logGroupName")?.to_owned();
    named_well(&name)?;
    if call.text("kmsKeyId").is_some() {
        return Err(Fault::new(501, "SimulatorGap", "the simulator has no log groups that are encrypted by a key"));
    }
    let tags = call.input["tags"].as_object().cloned().unwrap_or_default();
    let group = Group {
        created: call.now() * 1000,
        class: call.text("logGroupClass").unwrap_or("STANDARD").to_owned(),
        tags: tags.into_iter().filter_map(|(key, value)| Some((key, value.as_str()?.to_owned()))).collect(),
        ..Group::default()
    };
    let groups = &mut call.here().logs.groups;
    if groups.contains_key(&name) {
        return Err(fault("ResourceAlreadyExistsException", "The specified log group already exists"));
    }
    groups.insert(name, group);
    Ok(json!({}))
}

/// Nothing asks whether there is anything in it.
fn delete(call: &mut Call<'_>) -> Result<Value, Fault> {
    let name = call.need("logGroupName")?.to_owned();
    call.here().logs.groups.remove(&name).map(|_| json!({})).ok_or_else(missing)
}

fn describe(call: &mut Call<'_>) -> Result<Value, Fault> {
    let prefix = call.text("logGroupNamePrefix").map(str::to_owned);
    let pattern = call.text("logGroupNamePattern").map(str::to_owned);
    if prefix.is_some() && pattern.is_some() {
        return Err(invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."));
    }
    let arns = call.arn("log-group:");
    super::cloudtrail::deliver_all(call.world, call.account, call.region);
    let groups = call.here().logs.groups.iter();
    let such = groups.filter(|(name, _)| {
        prefix.as_ref().is_none_or(|prefix| name.starts_with(prefix))
            && pattern.as_ref().is_none_or(|pattern| name.contains(pattern))
    });
    let all: Vec<Value> = such.map(|(name, group)| described(&arns, name, group)).collect();
    listed(call, "logGroups", all)
}

fn described(arns: &str, name: &str, group: &Group) -> Value {
    let bytes: i64 = group.streams.values().map(|stream| stream.bytes).sum();
    let mut shown = json!({
        "logGroupName": name,
        "creationTime": group.created,
        "metricFilterCount": group.filters.len(),
        "arn": format!("{arns}{name}:*"),
        "logGroupArn": format!("{arns}{name}"),
        "storedBytes": bytes,
        "logGroupClass": group.class,
    });
    if let Some(days) = group.retention {
        shown["retentionInDays"] = json!(days);
    }
    shown
}

fn put_retention(call: &mut Call<'_>) -> Result<Value, Fault> {
    let days = call.number("retentionInDays").unwrap_or_default();
    if !RETENTIONS.contains(&days) {
        let message = format!(
            "1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: Member \
             must satisfy enum value set: {RETENTIONS:?}"
        );
        return Err(invalid(message));
    }
    group(call)?.retention = Some(days);
    Ok(json!({}))
}

fn keep_for_ever(call: &mut Call<'_>) -> Result<Value, Fault> {
    group(call)?.retention = None;
    Ok(json!({}))
}

/// The log group of an ARN as tags know it: without the star at its end.
fn tagged<'a>(call: &'a mut Call<'_>) -> Result<&'a mut Group, Fault> {
    let arn = call.need("resourceArn")?.to_owned();
    let arns = call.arn("log-group:");
    let name = arn.strip_prefix(&arns).filter(|name| named_well(name).is_ok()).map(str::to_owned);
    let Some(name) = name else {
        return Err(invalid(format!("{arn} is not the ARN of a log group of this account in this Region.")));
    };
    let absent = || fault("ResourceNotFoundException", "The specified resource does not exist.");
    call.here().logs.groups.get_mut(&name).ok_or_else(absent)
}

fn list_tags(call: &mut Call<'_>) -> Result<Value, Fault> {
    let tags = tagged(call)?.tags.clone();
    Ok(json!({ "tags": tags }))
}

fn tag(call: &mut Call<'_>) -> Result<Value, Fault> {
    let tags = call.input["tags"].as_object().cloned().unwrap_or_default();
    let sent = tags.into_iter().filter_map(|(key, value)| Some((key, value.as_str()?.to_owned())));
    tagged(call)?.tags.extend(sent);
    Ok(json!({}))
}

fn untag(call: &mut Call<'_>) -> Result<Value, Fault> {
    let keys = call.texts("tagKeys");
    tagged(call)?.tags.retain(|key, _| !keys.contains(key));
    Ok(json!({}))
}
