//! Metric filters: the metrics that are made of what comes into a log group.

use super::logs::{State, fault, group, invalid, listed};
use super::logs_patterns as patterns;
use crate::fault::Fault;
use crate::front::Call;
use serde::Serialize;
use serde_json::{Value, json};

/// Filters that a log group may have.
const ROOM: usize = 100;
/// Filters of a log group that may have regular expressions.
const ROOM_FOR_EXPRESSIONS: usize = 5;
/// Dimensions that a metric may have.
const DIMENSIONS: usize = 3;

/// A metric filter.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Filter {
    /// What it counts.
    pub pattern: String,
    /// The metric that it makes.
    pub transformation: Value,
    /// Milliseconds since the epoch.
    pub created: i64,
}

pub(super) fn put(call: &mut Call<'_>) -> Result<Value, Fault> {
    let name = call.need("filterName")?.to_owned();
    if name.contains([':', '*']) {
        return Err(invalid(format!("Value '{name}' at 'filterName' has a colon or an asterisk.")));
    }
    let (pattern, created) = (call.need("filterPattern")?.to_owned(), call.now() * 1000);
    let expressions =
        patterns::check(&pattern).map_err(|why| invalid(format!("Invalid metric filter pattern provided: {why}")))?;
    let transformation = call.list("metricTransformations").first().cloned().unwrap_or_default();
    makes_sense(&transformation)?;
    let group = group(call)?;
    if group.class != "STANDARD" {
        let message = format!("Metric filters are not supported for log groups of class {}.", group.class);
        return Err(fault("InvalidOperationException", message));
    }
    let others = || group.filters.iter().filter(|(other, _)| **other != name);
    let with_expressions = others().filter(|(_, filter)| patterns::check(&filter.pattern).is_ok_and(|some| some > 0));
    let full = others().count() >= ROOM || expressions > 0 && with_expressions.count() >= ROOM_FOR_EXPRESSIONS;
    if full {
        return Err(fault("LimitExceededException", "Resource limit exceeded."));
    }
    group.filters.insert(name, Filter { pattern, transformation, created });
    Ok(json!({}))
}

fn makes_sense(transformation: &Value) -> Result<(), Fault> {
    for member in ["metricName", "metricNamespace"] {
        let text = transformation[member].as_str().unwrap_or_default();
        if text.is_empty() || text.contains([':', '*', '$']) {
            return Err(invalid(format!("Value '{text}' at 'metricTransformations.1.member.{member}' is not valid.")));
        }
    }
    let value = transformation["metricValue"].as_str().unwrap_or_default();
    if value.parse::<f64>().is_err() && !value.starts_with('$') {
        return Err(invalid(format!("Invalid metric transformation: {value} is no number and no field.")));
    }
    let dimensions = transformation["dimensions"].as_object().map_or(0, serde_json::Map::len);
    if dimensions > 0 && transformation["defaultValue"].is_number() {
        let message = "Invalid metric transformation: dimensions and default value are mutually exclusive properties.";
        return Err(invalid(message));
    }
    if dimensions > DIMENSIONS {
        return Err(invalid(format!("Invalid metric transformation: there are more than {DIMENSIONS} dimensions.")));
    }
    Ok(())
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Value, Fault> {
    let name = call.need("filterName")?.to_owned();
    let absent = || fault("ResourceNotFoundException", "The specified metric filter does not exist.");
    group(call)?.filters.remove(&name).map(|_| json!({})).ok_or_else(absent)
}

pub(super) fn describe(call: &mut Call<'_>) -> Result<Value, Fault> {
    let metric = (call.text("metricName").map(str::to_owned), call.text("metricNamespace").map(str::to_owned));
    if metric.0.is_some() != metric.1.is_some() {
        return Err(invalid("A metric is named by its name and its namespace: one without the other is not valid."));
    }
    let named = call.text("logGroupName").map(str::to_owned);
    let prefix = call.text("filterNamePrefix").map(str::to_owned).filter(|_| named.is_some());
    if named.is_some() {
        group(call)?;
    }
    let makes = |filter: &Filter, member: &str, wanted: &Option<String>| {
        wanted.as_ref().is_none_or(|wanted| filter.transformation[member] == wanted.as_str())
    };
    let State { groups } = &call.here().logs;
    let of_groups = groups.iter().filter(|(group, _)| named.as_ref().is_none_or(|named| named == *group));
    let filters =
        of_groups.flat_map(|(group, state)| state.filters.iter().map(move |(name, filter)| (group, name, filter)));
    let mut such: Vec<_> = filters
        .filter(|(_, name, filter)| {
            prefix.as_ref().is_none_or(|prefix| name.starts_with(prefix))
                && makes(filter, "metricName", &metric.0)
                && makes(filter, "metricNamespace", &metric.1)
        })
        .collect();
    such.sort_by_key(|(_, name, _)| *name);
    let all: Vec<Value> = such.into_iter().map(|(group, name, filter)| described(group, name, filter)).collect();
    listed(call, "metricFilters", all)
}

fn described(group: &str, name: &str, filter: &Filter) -> Value {
    json!({
        "filterName": name,
        "filterPattern": filter.pattern,
        "metricTransformations": [filter.transformation],
        "creationTime": filter.created,
        "logGroupName": group,
    })
}
