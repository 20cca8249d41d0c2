//! What undoes a write to alarms and metric filters.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::types as sdk;
use aws_sdk_cloudwatchlogs::types as logs;
use serde::{Deserialize, Serialize};

use super::{Extent, Stands, Undo, Undoing, found, gone};
use crate::Absent;
use crate::observe::cloudwatch::{DESCRIBE_ALARMS, DESCRIBE_FILTERS, named};
use crate::observe::{Call, ReadError};
use crate::ownership::MANAGED;
use crate::steps::cloudwatch::{PUT_ALARM, alarm_arn, filter_of, group_arn, put_alarm, put_filter, region};
use crate::steps::writer::done_on;
use crate::steps::{Step, Writer};
use crate::target::{Partition, Target};

const fn cloudwatch(operation: &'static str, action: &'static str) -> Call {
    Call { service: "CloudWatch", operation, action }
}

const fn of_logs(operation: &'static str, action: &'static str) -> Call {
    Call { service: "CloudWatch Logs", operation, action }
}

/// A metric filter as it is put.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FilterState {
    /// What it counts.
    pub pattern: String,
    /// The namespace of the metric that it makes.
    pub namespace: String,
    /// The name of that metric.
    pub metric: String,
    /// What it adds for each event.
    pub value: String,
    /// What the metric is where there is no event.
    pub default: Option<f64>,
    /// The unit of the metric.
    pub unit: Option<String>,
    /// The dimensions of the metric.
    pub dimensions: BTreeMap<String, String>,
}

impl FilterState {
    pub(crate) fn of(seen: &logs::MetricFilter) -> Self {
        let mut state = Self { pattern: seen.filter_pattern().unwrap_or_default().to_owned(), ..Self::default() };
        if let Some(made) = seen.metric_transformations().first() {
            made.metric_namespace().clone_into(&mut state.namespace);
            made.metric_name().clone_into(&mut state.metric);
            made.metric_value().clone_into(&mut state.value);
            state.default = made.default_value();
            state.unit = made.unit().map(|unit| unit.as_str().to_owned()).filter(|unit| unit != "None");
            state.dimensions = made.dimensions().into_iter().flatten().map(|(a, b)| (a.clone(), b.clone())).collect();
        }
        state
    }

    pub(crate) fn transformation(&self) -> Result<logs::MetricTransformation, String> {
        let dimensions = (!self.dimensions.is_empty()).then(|| self.dimensions.clone().into_iter().collect());
        logs::MetricTransformation::builder()
            .metric_namespace(&self.namespace)
            .metric_name(&self.metric)
            .metric_value(&self.value)
            .set_default_value(self.default)
            .set_unit(self.unit.as_deref().map(logs::StandardUnit::from))
            .set_dimensions(dimensions)
            .build()
            .map_err(|error| error.to_string())
    }
}

/// An alarm on one metric as it is put.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AlarmState {
    /// Free text.
    pub description: Option<String>,
    /// It does what it is to do.
    pub enabled: bool,
    /// What it does when all is well again.
    pub ok_actions: Vec<String>,
    /// What it does when it goes off.
    pub alarm_actions: Vec<String>,
    /// What it does when there is nothing to go by.
    pub missing_actions: Vec<String>,
    /// The namespace of its metric.
    pub namespace: String,
    /// The name of its metric.
    pub metric: String,
    /// How the values of a period become one.
    pub statistic: Option<String>,
    /// The same, by percentile.
    pub extended_statistic: Option<String>,
    /// The dimensions that it looks at.
    pub dimensions: Vec<(String, String)>,
    /// Seconds.
    pub period: i32,
    /// The unit of its metric.
    pub unit: Option<String>,
    /// Periods that are looked at.
    pub evaluation_periods: i32,
    /// Of these, so many have to be bad.
    pub datapoints: Option<i32>,
    /// What is compared with.
    pub threshold: f64,
    /// How it is compared.
    pub comparison: String,
    /// What is made of a period without values.
    pub missing_data: Option<String>,
    /// What is made of few values, by percentile.
    pub percentile_samples: Option<String>,
}

impl AlarmState {
    pub(crate) fn of(seen: &sdk::MetricAlarm) -> Self {
        let text = |text: Option<&str>| text.map(str::to_owned);
        let dimension = |one: &sdk::Dimension| {
            (one.name().unwrap_or_default().to_owned(), one.value().unwrap_or_default().to_owned())
        };
        Self {
            description: text(seen.alarm_description()),
            enabled: seen.actions_enabled().unwrap_or(true),
            ok_actions: seen.ok_actions().to_vec(),
            alarm_actions: seen.alarm_actions().to_vec(),
            missing_actions: seen.insufficient_data_actions().to_vec(),
            namespace: seen.namespace().unwrap_or_default().to_owned(),
            metric: seen.metric_name().unwrap_or_default().to_owned(),
            statistic: text(seen.statistic().map(sdk::Statistic::as_str)),
            extended_statistic: text(seen.extended_statistic()),
            dimensions: seen.dimensions().iter().map(dimension).collect(),
            period: seen.period().unwrap_or_default(),
            unit: text(seen.unit().map(sdk::StandardUnit::as_str)),
            evaluation_periods: seen.evaluation_periods().unwrap_or_default(),
            datapoints: seen.datapoints_to_alarm(),
            threshold: seen.threshold().unwrap_or_default(),
            comparison: seen.comparison_operator().map_or_else(String::new, |how| how.as_str().to_owned()),
            missing_data: text(seen.treat_missing_data()),
            percentile_samples: text(seen.evaluate_low_sample_count_percentile()),
        }
    }
}

/// Takes a metric filter away that was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeleteMetricFilter {
    /// The log group.
    pub group: String,
    /// Its name.
    pub filter: String,
    /// What it was made as.
    pub set: FilterState,
}

impl Undoing for DeleteMetricFilter {
    const EXTENT: Extent = Extent::Beside;
    const TAKES_AWAY: bool = true;
    const CALLS: &'static [Call] = &[DESCRIBE_FILTERS, of_logs("DeleteMetricFilter", "logs:DeleteMetricFilter")];
    const RETRIED: &'static [&'static str] = &["OperationAbortedException"];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let request = writer.session.logs(region(writer)).delete_metric_filter();
        let request = request.log_group_name(&self.group).filter_name(&self.filter);
        let written = writer.write(&writer.at, &Self::CALLS[1], Undo::again(), request.send()).await;
        done_on(written, &["ResourceNotFoundException"])
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        group_arn(&self.group, at, partition)
    }

    fn says(&self) -> String {
        format!("DeleteMetricFilter {} of {}", self.filter, self.group)
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let now = filter_of(writer, &self.group, &self.filter).await?;
        Ok(match now.map(|now| FilterState::of(&now)) {
            None => Stands::Undone,
            Some(now) if now == self.set => Stands::Open,
            Some(_) => Stands::Changed(format!("metric filter {} was changed since", self.filter)),
        })
    }
}

/// Puts a former metric filter back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestoreMetricFilter {
    /// The log group.
    pub group: String,
    /// Its name.
    pub filter: String,
    /// What was set.
    pub set: FilterState,
    /// What was there before.
    pub before: FilterState,
}

impl Undoing for RestoreMetricFilter {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[DESCRIBE_FILTERS, of_logs("PutMetricFilter", "logs:PutMetricFilter")];
    const RETRIED: &'static [&'static str] = &["OperationAbortedException"];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let back = Self { set: self.before.clone(), before: self.set.clone(), ..self.clone() };
        let undo = Undo::by(Step::RestoreMetricFilter(back));
        put_filter(writer, &self.group, &self.filter, &self.before, undo).await
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        group_arn(&self.group, at, partition)
    }

    fn says(&self) -> String {
        format!("PutMetricFilter {} of {} with the former pattern and metric", self.filter, self.group)
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let what = format!("metric filter {}", self.filter);
        let now = filter_of(writer, &self.group, &self.filter).await?.map(|now| FilterState::of(&now));
        Ok(now.map_or_else(|| gone(&what), |now| found(&now, &self.set, &self.before, &what)))
    }
}

/// Takes an alarm away that was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeleteAlarm {
    /// Its name.
    pub alarm: String,
    /// The value of its tag.
    pub address: String,
}

impl Undoing for DeleteAlarm {
    const EXTENT: Extent = Extent::Whole;
    const CALLS: &'static [Call] = &[
        DESCRIBE_ALARMS,
        cloudwatch("ListTagsForResource", "cloudwatch:ListTagsForResource"),
        cloudwatch("DeleteAlarms", "cloudwatch:DeleteAlarms"),
    ];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let request = writer.session.cloudwatch(region(writer)).delete_alarms().alarm_names(&self.alarm);
        let written = writer.write(&writer.at, &Self::CALLS[2], Undo::again(), request.send()).await;
        done_on(written, &["ResourceNotFound"])
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        alarm_arn(&self.alarm, at, partition)
    }

    fn says(&self) -> String {
        format!("DeleteAlarms {}", self.alarm)
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let Some(arn) =
            named(&writer.session, &writer.at, region(writer), &self.alarm).await?.and_then(|now| now.alarm_arn)
        else {
            return Ok(Stands::Undone);
        };
        let asked = writer.session.cloudwatch(region(writer)).list_tags_for_resource().resource_arn(arn);
        let sending = async { asked.send().await.absent_on(&["ResourceNotFoundException"]) };
        let Some(answer) = writer.session.ask(&writer.at, &Self::CALLS[1], sending).await? else {
            return Ok(Stands::Undone);
        };
        let ours = |tag: &sdk::Tag| tag.key() == Some(MANAGED) && tag.value() == Some(self.address.as_str());
        Ok(if answer.tags().iter().any(ours) {
            Stands::Open
        } else {
            Stands::Changed(format!("alarm {} is another one now", self.alarm))
        })
    }
}

/// Puts a former alarm back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestoreAlarm {
    /// Its name.
    pub alarm: String,
    /// What was set.
    pub set: AlarmState,
    /// What was there before.
    pub before: AlarmState,
}

impl Undoing for RestoreAlarm {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[DESCRIBE_ALARMS, PUT_ALARM];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let back = Self { set: self.before.clone(), before: self.set.clone(), ..self.clone() };
        put_alarm(writer, &self.alarm, &self.before, None, Undo::by(Step::RestoreAlarm(back))).await
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        alarm_arn(&self.alarm, at, partition)
    }

    fn says(&self) -> String {
        format!("PutMetricAlarm {} as it was", self.alarm)
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let what = format!("alarm {}", self.alarm);
        let now = named(&writer.session, &writer.at, region(writer), &self.alarm).await?;
        let now = now.map(|now| AlarmState::of(&now));
        Ok(now.map_or_else(|| gone(&what), |now| found(&now, &self.set, &self.before, &what)))
    }
}

/// Switches what an alarm does off again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DisableAlarmActions {
    /// Its name.
    pub alarm: String,
}

impl Undoing for DisableAlarmActions {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] =
        &[DESCRIBE_ALARMS, cloudwatch("DisableAlarmActions", "cloudwatch:DisableAlarmActions")];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let request = writer.session.cloudwatch(region(writer)).disable_alarm_actions().alarm_names(&self.alarm);
        writer.write(&writer.at, &Self::CALLS[1], Undo::again(), request.send()).await
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        alarm_arn(&self.alarm, at, partition)
    }

    fn says(&self) -> String {
        format!("DisableAlarmActions of {}", self.alarm)
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let now = named(&writer.session, &writer.at, region(writer), &self.alarm).await?;
        Ok(match now {
            None => gone(&format!("alarm {}", self.alarm)),
            Some(now) if now.actions_enabled().unwrap_or(true) => Stands::Open,
            Some(_) => Stands::Undone,
        })
    }
}
