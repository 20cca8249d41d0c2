//! `CloudWatch`: alarms on metrics.

use super::paging;
use crate::fault::Fault;
use crate::front::{Call, Handler};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub(crate) const HANDLERS: &[(&str, Handler)] = &[
    ("DeleteAlarms", delete_alarms),
    ("DescribeAlarms", describe_alarms),
    ("DisableAlarmActions", |call| switch(call, false)),
    ("EnableAlarmActions", |call| switch(call, true)),
    ("ListTagsForResource", list_tags),
    ("PutMetricAlarm", put_metric_alarm),
    ("TagResource", tag),
    ("UntagResource", untag),
];

/// The alarms of an account in one region, by name.
#[derive(Clone, Debug, Default, Serialize)]
pub struct State {
    /// Alarms by name.
    pub alarms: BTreeMap<String, Alarm>,
}

/// An alarm.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Alarm {
    /// What was put: metric, threshold, actions, as members of the API.
    pub settings: Map<String, Value>,
    /// `OK`, `ALARM`, `INSUFFICIENT_DATA`.
    pub state: String,
    /// When its state was last looked at: seconds since the epoch.
    pub looked_at: i64,
    /// When it was last put or switched.
    pub updated: i64,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::new(400, "ValidationError", message)
}

/// Refuses an alarm that lacks what an alarm on one metric has to say.
fn whole(call: &Call<'_>) -> Result<(), Fault> {
    let sent = |member: &str| call.input.get(member).is_some_and(|value| !value.is_null());
    let missing = |member: &str| invalid(format!("The parameter {member} is required."));
    if let Some(member) = ["EvaluationPeriods", "ComparisonOperator"].iter().find(|member| !sent(member)) {
        return Err(missing(member));
    }
    if sent("MetricName") == sent("Metrics") {
        return Err(invalid("Exactly one of MetricName and Metrics has to be given."));
    }
    if sent("MetricName") {
        if let Some(member) = ["Namespace", "Period", "Threshold"].iter().find(|member| !sent(member)) {
            return Err(missing(member));
        }
        if sent("Statistic") == sent("ExtendedStatistic") {
            return Err(invalid("Exactly one of Statistic and ExtendedStatistic has to be given."));
        }
        let period = call.number("Period").unwrap_or_default();
        if ![10, 20, 30].contains(&period) && period % 60 != 0 {
            return Err(invalid("Period must be 10, 20, 30 or a multiple of 60"));
        }
    }
    let actions = ["AlarmActions", "OKActions", "InsufficientDataActions"].iter().flat_map(|member| call.texts(member));
    for action in actions {
        if !action.starts_with("arn:") || action.split(':').count() < 6 {
            return Err(invalid(format!("Invalid arn syntax: {action}")));
        }
    }
    Ok(())
}

/// The whole is replaced. What an alarm knows of its metric stays, and so do its tags.
fn put_metric_alarm(call: &mut Call<'_>) -> Result<Value, Fault> {
    whole(call)?;
    let (name, now) = (call.need("AlarmName")?.to_owned(), call.now());
    let sent = super::iam::tags(call.list("Tags"));
    let mut settings = call.input.as_object().cloned().unwrap_or_default();
    settings.remove("Tags");
    settings.entry("ActionsEnabled").or_insert(json!(true));
    for list in ["AlarmActions", "OKActions", "InsufficientDataActions"] {
        settings.entry(list).or_insert_with(|| json!([]));
    }
    if settings.contains_key("MetricName") {
        settings.entry("Dimensions").or_insert_with(|| json!([]));
    }
    let alarms = &mut call.here().cloudwatch.alarms;
    let alarm = alarms.entry(name).or_insert_with(|| Alarm {
        state: "INSUFFICIENT_DATA".to_owned(),
        looked_at: now,
        tags: sent,
        ..Alarm::default()
    });
    alarm.settings = settings;
    alarm.updated = now;
    Ok(json!({}))
}

fn shown(call: &Call<'_>, name: &str, alarm: &Alarm) -> Value {
    let mut shown = alarm.settings.clone();
    let reason = "Unchecked: Initial alarm creation";
    for (member, value) in [
        ("AlarmArn", json!(call.arn(&format!("alarm:{name}")))),
        ("AlarmConfigurationUpdatedTimestamp", json!(alarm.updated)),
        ("StateReason", json!(reason)),
        ("StateTransitionedTimestamp", json!(alarm.looked_at)),
        ("StateUpdatedTimestamp", json!(alarm.looked_at)),
        ("StateValue", json!(alarm.state)),
    ] {
        shown.insert(member.to_owned(), value);
    }
    Value::Object(shown)
}

/// Only alarms on metrics are kept here, so that asking for the others finds none.
fn describe_alarms(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (names, types) = (call.texts("AlarmNames"), call.texts("AlarmTypes"));
    let prefix = call.text("AlarmNamePrefix").map(str::to_owned);
    if !names.is_empty() && prefix.is_some() {
        return Err(invalid("AlarmNamePrefix and AlarmNames cannot be given together."));
    }
    let (state, action) = (call.text("StateValue").map(str::to_owned), call.text("ActionPrefix").map(str::to_owned));
    let matches = |name: &str, alarm: &Alarm| {
        let actions = ["AlarmActions", "OKActions", "InsufficientDataActions"].map(|list| alarm.settings.get(list));
        let mut actions = actions.into_iter().flatten().filter_map(Value::as_array).flatten().filter_map(Value::as_str);
        (names.is_empty() || names.iter().any(|wanted| wanted == name))
            && prefix.as_deref().is_none_or(|prefix| name.starts_with(prefix))
            && state.as_ref().is_none_or(|state| *state == alarm.state)
            && action.as_ref().is_none_or(|prefix| actions.any(|action| action.starts_with(prefix.as_str())))
    };
    let metric = types.is_empty() || types.iter().any(|sort| sort == "MetricAlarm");
    let found: BTreeMap<String, Alarm> = call.here().cloudwatch.alarms.clone();
    let found = found.iter().filter(|(name, alarm)| metric && matches(name, alarm));
    let all = found.map(|(name, alarm)| shown(call, name, alarm)).collect();
    let size = call.number("MaxRecords").and_then(|size| usize::try_from(size).ok()).unwrap_or(50);
    let (page, next) = paging::page(all, size, call.text("NextToken"))
        .ok_or_else(|| Fault::new(400, "InvalidNextToken", "The next token specified is invalid."))?;
    let mut answer = json!({ "CompositeAlarms": [], "MetricAlarms": page });
    if let Some(next) = next {
        answer["NextToken"] = json!(next);
    }
    Ok(answer)
}

/// If one of the names is none, nothing is deleted.
fn delete_alarms(call: &mut Call<'_>) -> Result<Value, Fault> {
    let names = call.texts("AlarmNames");
    let alarms = &mut call.here().cloudwatch.alarms;
    if let Some(name) = names.iter().find(|name| !alarms.contains_key(*name)) {
        return Err(Fault::new(404, "ResourceNotFound", format!("There is no alarm {name}")));
    }
    alarms.retain(|name, _| !names.contains(name));
    Ok(json!({}))
}

/// Names that are none are passed over.
fn switch(call: &mut Call<'_>, on: bool) -> Result<Value, Fault> {
    let (names, now) = (call.texts("AlarmNames"), call.now());
    for name in names {
        if let Some(alarm) = call.here().cloudwatch.alarms.get_mut(&name) {
            alarm.settings.insert("ActionsEnabled".to_owned(), json!(on));
            alarm.updated = now;
        }
    }
    Ok(json!({}))
}

fn tagged<'a>(call: &'a mut Call<'_>) -> Result<&'a mut Alarm, Fault> {
    let arn = call.need("ResourceARN")?.to_owned();
    let name = arn.strip_prefix(&call.arn("alarm:")).map(str::to_owned);
    let alarm = name.and_then(|name| call.here().cloudwatch.alarms.get_mut(&name));
    alarm.ok_or_else(|| {
        Fault::new(404, "ResourceNotFoundException", format!("There is no resource {arn}"))
            .with("ResourceType", "alarm")
            .with("ResourceId", arn)
    })
}

fn list_tags(call: &mut Call<'_>) -> Result<Value, Fault> {
    let tags = tagged(call)?.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value}));
    Ok(json!({ "Tags": tags.collect::<Vec<_>>() }))
}

fn tag(call: &mut Call<'_>) -> Result<Value, Fault> {
    let sent = super::iam::tags(call.list("Tags"));
    tagged(call)?.tags.extend(sent);
    Ok(json!({}))
}

fn untag(call: &mut Call<'_>) -> Result<Value, Fault> {
    let keys = call.texts("TagKeys");
    tagged(call)?.tags.retain(|key, _| !keys.contains(key));
    Ok(json!({}))
}
