//! What trueup does to watch a trail: it makes metric filters and alarms, and switches on what alarms do.

use aws_sdk_cloudwatch::types as sdk;
use aws_sdk_cloudwatchlogs::types as logs;
use serde::{Deserialize, Serialize};

use super::undo::cloudwatch::{
    AlarmState, DeleteAlarm, DeleteMetricFilter, DisableAlarmActions, FilterState, RestoreAlarm, RestoreMetricFilter,
};
use super::{Atom, Step, Undo, Writer};
use crate::Absent;
use crate::observe::cloudwatch::{DESCRIBE_ALARMS, DESCRIBE_FILTERS, alarm, named};
use crate::observe::{Call, Class, ReadError};
use crate::ownership::MANAGED;
use crate::target::{Partition, Region, Target};

const PUT_FILTER: Call =
    Call { service: "CloudWatch Logs", operation: "PutMetricFilter", action: "logs:PutMetricFilter" };
pub(super) const PUT_ALARM: Call =
    Call { service: "CloudWatch", operation: "PutMetricAlarm", action: "cloudwatch:PutMetricAlarm" };

/// The region of what is written.
pub(super) fn region(writer: &Writer) -> &Region {
    writer.at.region.as_ref().unwrap_or(writer.session.home_region())
}

fn here(at: &Target) -> &str {
    at.region.as_ref().map_or("*", Region::as_str)
}

/// A log group as policies name it.
pub(super) fn group_arn(group: &str, at: &Target, partition: &Partition) -> Vec<String> {
    vec![format!("arn:{partition}:logs:{}:{}:log-group:{group}:*", here(at), at.account)]
}

/// An alarm as policies name it.
pub(super) fn alarm_arn(alarm: &str, at: &Target, partition: &Partition) -> Vec<String> {
    vec![format!("arn:{partition}:cloudwatch:{}:{}:alarm:{alarm}", here(at), at.account)]
}

/// A metric filter of a log group; none: there is none of that name, or no such group.
pub(super) async fn filter_of(
    writer: &Writer,
    group: &str,
    name: &str,
) -> Result<Option<logs::MetricFilter>, ReadError> {
    let mut next: Option<String> = None;
    loop {
        let asked = writer.session.logs(region(writer)).describe_metric_filters().log_group_name(group);
        let asked = asked.filter_name_prefix(name).set_next_token(next);
        let sending = async { asked.send().await.absent_on(&["ResourceNotFoundException"]) };
        let Some(page) = writer.session.ask(&writer.at, &DESCRIBE_FILTERS, sending).await? else { return Ok(None) };
        if let Some(found) = page.metric_filters().iter().find(|filter| filter.filter_name() == Some(name)) {
            return Ok(Some(found.clone()));
        }
        next = page.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(None);
        }
    }
}

/// Makes a metric filter, or sets the one of that name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PutMetricFilter {
    /// The log group.
    pub group: String,
    /// Its name.
    pub filter: String,
    /// What it counts.
    pub pattern: String,
    /// The namespace of the metric that it makes.
    pub namespace: String,
    /// The name of that metric.
    pub metric: String,
}

impl PutMetricFilter {
    fn wanted(&self) -> FilterState {
        FilterState {
            pattern: self.pattern.clone(),
            namespace: self.namespace.clone(),
            metric: self.metric.clone(),
            value: "1".to_owned(),
            ..FilterState::default()
        }
    }
}

impl Atom for PutMetricFilter {
    const CALLS: &'static [Call] = &[DESCRIBE_FILTERS, PUT_FILTER];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let before = filter_of(writer, &self.group, &self.filter).await?.map(|seen| FilterState::of(&seen));
        let set = self.wanted();
        if before.as_ref() == Some(&set) {
            return Ok(());
        }
        let (group, filter) = (self.group.clone(), self.filter.clone());
        let back = match before {
            None => Step::DeleteMetricFilter(DeleteMetricFilter { group, filter, set: set.clone() }),
            Some(before) => Step::RestoreMetricFilter(RestoreMetricFilter { group, filter, set: set.clone(), before }),
        };
        put_filter(writer, &self.group, &self.filter, &set, Undo::by(back)).await
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        group_arn(&self.group, at, partition)
    }

    fn part(&self) -> Option<&str> {
        Some(&self.filter)
    }

    fn says(&self) -> String {
        format!("PutMetricFilter {} of {}: {} as {}", self.filter, self.group, self.pattern, self.metric)
    }

    fn cost(&self) -> Option<&'static str> {
        Some("a metric of one's own bills about USD 0.30 a month while it has values")
    }

    fn retried(&self) -> &'static [&'static str] {
        &["ResourceNotFoundException", "OperationAbortedException"]
    }

    fn undo(&self) -> String {
        format!("DeleteMetricFilter {}, or PutMetricFilter with the former one", self.filter)
    }
}

/// Sends a metric filter as a whole.
pub(super) async fn put_filter(
    writer: &Writer,
    group: &str,
    filter: &str,
    set: &FilterState,
    undo: Undo,
) -> Result<(), ReadError> {
    let made = set.transformation().map_err(|why| not_sent(&writer.at, &PUT_FILTER, &why))?;
    let request = writer.session.logs(region(writer)).put_metric_filter().log_group_name(group).filter_name(filter);
    let request = request.filter_pattern(&set.pattern).metric_transformations(made);
    writer.write(&writer.at, &PUT_FILTER, undo, request.send()).await
}

fn not_sent(at: &Target, call: &Call, why: &str) -> ReadError {
    ReadError {
        at: at.clone(),
        action: call.action.to_owned(),
        class: Class::NotSent,
        code: None,
        message: why.to_owned(),
        status: None,
        request_id: None,
    }
}

/// Makes an alarm that goes off at the first event in five minutes and tells a topic. Of one of that name that is there,
/// what it does besides stays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PutMetricAlarm {
    /// Its name.
    pub alarm: String,
    /// The namespace of its metric.
    pub namespace: String,
    /// The name of its metric.
    pub metric: String,
    /// The name of the topic that it tells.
    pub topic: String,
    /// The address of the object, by which it is tagged.
    pub address: String,
}

impl PutMetricAlarm {
    fn topic(&self, writer: &Writer) -> String {
        let (partition, region) = (writer.session.partition(), region(writer));
        format!("arn:{partition}:sns:{region}:{}:{}", writer.at.account, self.topic)
    }

    /// What is sent: the alarm that is there with what it lacks.
    fn wanted(&self, topic: &str, there: Option<&AlarmState>) -> AlarmState {
        let mut wanted = there.cloned().unwrap_or_default();
        wanted.namespace.clone_from(&self.namespace);
        wanted.metric.clone_from(&self.metric);
        wanted.enabled = true;
        wanted.statistic = Some("Sum".to_owned());
        wanted.extended_statistic = None;
        wanted.percentile_samples = None;
        wanted.dimensions.clear();
        wanted.unit = None;
        wanted.period = 300;
        wanted.evaluation_periods = 1;
        wanted.datapoints = None;
        wanted.threshold = 1.0;
        "GreaterThanOrEqualToThreshold".clone_into(&mut wanted.comparison);
        wanted.missing_data = Some("notBreaching".to_owned());
        if !wanted.alarm_actions.iter().any(|action| action == topic) {
            wanted.alarm_actions.push(topic.to_owned());
        }
        wanted
    }
}

impl Atom for PutMetricAlarm {
    const CALLS: &'static [Call] = &[DESCRIBE_ALARMS, PUT_ALARM];
    const DEPENDENT: &'static [&'static str] = &["cloudwatch:TagResource"];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let seen = named(&writer.session, &writer.at, region(writer), &self.alarm).await?;
        let topic = self.topic(writer);
        let fine = |seen: &sdk::MetricAlarm| {
            let known = alarm(seen);
            let on = known.namespace.as_ref() == Some(&self.namespace) && known.metric.as_ref() == Some(&self.metric);
            on && !known.split && known.at_once && known.enabled && known.actions.contains(&topic)
        };
        if seen.as_ref().is_some_and(fine) {
            return Ok(());
        }
        let before = seen.as_ref().map(AlarmState::of);
        let set = self.wanted(&topic, before.as_ref());
        let name = self.alarm.clone();
        let back = match before {
            None => Step::DeleteAlarm(DeleteAlarm { alarm: name, address: self.address.clone() }),
            Some(before) => Step::RestoreAlarm(RestoreAlarm { alarm: name, set: set.clone(), before }),
        };
        let tag = seen.is_none().then_some(self.address.as_str());
        put_alarm(writer, &self.alarm, &set, tag, Undo::by(back)).await
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        alarm_arn(&self.alarm, at, partition)
    }

    fn part(&self) -> Option<&str> {
        Some(&self.alarm)
    }

    fn says(&self) -> String {
        format!("PutMetricAlarm {} on {}, telling {}", self.alarm, self.metric, self.topic)
    }

    fn cost(&self) -> Option<&'static str> {
        Some("an alarm bills about USD 0.10 a month")
    }

    fn undo(&self) -> String {
        format!("DeleteAlarms {}, or PutMetricAlarm with the former one", self.alarm)
    }
}

/// Sends an alarm as a whole.
pub(super) async fn put_alarm(
    writer: &Writer,
    alarm: &str,
    set: &AlarmState,
    tag: Option<&str>,
    undo: Undo,
) -> Result<(), ReadError> {
    let tag = tag.map(|address| sdk::Tag::builder().key(MANAGED).value(address).build());
    let dimensions =
        set.dimensions.iter().map(|(name, value)| sdk::Dimension::builder().name(name).value(value).build());
    let request = writer
        .session
        .cloudwatch(region(writer))
        .put_metric_alarm()
        .alarm_name(alarm)
        .set_alarm_description(set.description.clone())
        .actions_enabled(set.enabled)
        .set_ok_actions(Some(set.ok_actions.clone()))
        .set_alarm_actions(Some(set.alarm_actions.clone()))
        .set_insufficient_data_actions(Some(set.missing_actions.clone()))
        .namespace(&set.namespace)
        .metric_name(&set.metric)
        .set_statistic(set.statistic.as_deref().map(sdk::Statistic::from))
        .set_extended_statistic(set.extended_statistic.clone())
        .set_dimensions(Some(dimensions.collect()))
        .period(set.period)
        .set_unit(set.unit.as_deref().map(sdk::StandardUnit::from))
        .evaluation_periods(set.evaluation_periods)
        .set_datapoints_to_alarm(set.datapoints)
        .threshold(set.threshold)
        .comparison_operator(set.comparison.as_str().into())
        .set_treat_missing_data(set.missing_data.clone())
        .set_evaluate_low_sample_count_percentile(set.percentile_samples.clone())
        .set_tags(tag.map(|tag| vec![tag]));
    writer.write(&writer.at, &PUT_ALARM, undo, request.send()).await
}

/// Switches on what an alarm does when it goes off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnableAlarmActions {
    /// Its name.
    pub alarm: String,
}

impl Atom for EnableAlarmActions {
    const CALLS: &'static [Call] = &[
        DESCRIBE_ALARMS,
        Call { service: "CloudWatch", operation: "EnableAlarmActions", action: "cloudwatch:EnableAlarmActions" },
    ];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let seen = named(&writer.session, &writer.at, region(writer), &self.alarm).await?;
        if seen.is_none_or(|seen| alarm(&seen).enabled) {
            return Ok(());
        }
        let request = writer.session.cloudwatch(region(writer)).enable_alarm_actions().alarm_names(&self.alarm);
        let back = Step::DisableAlarmActions(DisableAlarmActions { alarm: self.alarm.clone() });
        writer.write(&writer.at, &Self::CALLS[1], Undo::by(back), request.send()).await
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        alarm_arn(&self.alarm, at, partition)
    }

    fn part(&self) -> Option<&str> {
        Some(&self.alarm)
    }

    fn says(&self) -> String {
        format!("EnableAlarmActions of {}", self.alarm)
    }

    fn undo(&self) -> String {
        format!("DisableAlarmActions of {}", self.alarm)
    }
}
