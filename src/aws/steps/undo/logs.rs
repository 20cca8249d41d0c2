//! What undoes a write to `CloudWatch` Logs. No log is ever deleted.

use serde::{Deserialize, Serialize};

use super::{Extent, Stands, Undo, Undoing, found, gone};
use crate::Absent;
use crate::observe::cloudtrail::DESCRIBE_TRAILS;
use crate::observe::logs::DESCRIBE_LOG_GROUPS;
use crate::observe::{Call, ReadError};
use crate::steps::Writer;
use crate::steps::logs::{BUSY, PUT_RETENTION, at, resources, retention_of};
use crate::steps::writer::done_on;
use crate::target::{Partition, Region, Target};

const fn call(operation: &'static str, action: &'static str) -> Call {
    Call { service: "CloudWatch Logs", operation, action }
}

const DESCRIBE_STREAMS: Call = call("DescribeLogStreams", "logs:DescribeLogStreams");
const DESCRIBE_FILTERS: Call = call("DescribeMetricFilters", "logs:DescribeMetricFilters");
const DELETE_GROUP: Call = call("DeleteLogGroup", "logs:DeleteLogGroup");
const DELETE_RETENTION: Call = call("DeleteRetentionPolicy", "logs:DeleteRetentionPolicy");

const GONE: &[&str] = &["ResourceNotFoundException"];

/// Takes a log group away that was made, and into which nothing was logged since.
/// [`DeleteLogGroup`](https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html)
/// itself asks nobody, so it is looked at before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeleteLogGroup {
    /// Its name.
    pub group: String,
    /// Its region.
    pub region: Region,
}

impl DeleteLogGroup {
    /// The trail of the region that delivers to it.
    async fn trail(&self, writer: &Writer) -> Result<Option<String>, ReadError> {
        let trails = super::cloudtrail::visible(writer, &self.region).await?;
        let end = format!(":{}:{}:log-group:{}:*", self.region, writer.at.account, self.group);
        let delivers = |arn: &str| arn.ends_with(&end);
        let user = trails.iter().find(|trail| trail.cloud_watch_logs_log_group_arn().is_some_and(delivers));
        Ok(user.map(|trail| trail.name().unwrap_or_default().to_owned()))
    }

    /// What is in it; none within: nothing. None: it is not there.
    async fn holds(&self, writer: &Writer) -> Result<Option<Option<String>>, ReadError> {
        let (at, client) = (at(writer, &self.region), writer.session.logs(&self.region));
        let asked = client.describe_log_streams().log_group_name(&self.group).limit(1);
        let sending = async { asked.send().await.absent_on(GONE) };
        let Some(page) = writer.session.ask(&at, &DESCRIBE_STREAMS, sending).await? else { return Ok(None) };
        if let Some(stream) = page.log_streams().first().and_then(|stream| stream.log_stream_name()) {
            return Ok(Some(Some(format!("the log stream {stream} is in it, and trueup deletes no logs"))));
        }
        let asked = client.describe_metric_filters().log_group_name(&self.group).limit(1);
        let sending = async { asked.send().await.absent_on(GONE) };
        let Some(page) = writer.session.ask(&at, &DESCRIBE_FILTERS, sending).await? else { return Ok(None) };
        let filter = page.metric_filters().first().and_then(|filter| filter.filter_name());
        Ok(Some(filter.map(|filter| format!("the metric filter {filter} counts what comes into it"))))
    }
}

impl Undoing for DeleteLogGroup {
    const EXTENT: Extent = Extent::Whole;
    const CALLS: &'static [Call] = &[DESCRIBE_TRAILS, DESCRIBE_STREAMS, DESCRIBE_FILTERS, DELETE_GROUP];
    const RETRIED: &'static [&'static str] = BUSY;

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let request = writer.session.logs(&self.region).delete_log_group().log_group_name(&self.group);
        let written = writer.write(&at(writer, &self.region), &DELETE_GROUP, Undo::again(), request.send()).await;
        done_on(written, GONE)
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        resources(&self.group, &self.region, action, at, partition)
    }

    fn says(&self) -> String {
        format!("DeleteLogGroup {}, if there are no logs in it", self.group)
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let Some(holds) = self.holds(writer).await? else { return Ok(Stands::Undone) };
        if let Some(trail) = self.trail(writer).await? {
            return Ok(Stands::Used(format!("trail {trail} delivers to it")));
        }
        Ok(holds.map_or(Stands::Open, Stands::Used))
    }
}

/// Lets a log group keep for as long as before: what it has is kept until it has told that it is to be longer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestoreRetention {
    /// Its name.
    pub group: String,
    /// Its region.
    pub region: Region,
    /// The days that were set.
    pub set: i32,
    /// The days before; none: for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<i32>,
}

impl Undoing for RestoreRetention {
    const EXTENT: Extent = Extent::Part;
    const LOSES: bool = true;
    const CALLS: &'static [Call] = &[DESCRIBE_LOG_GROUPS, PUT_RETENTION, DELETE_RETENTION];
    const RETRIED: &'static [&'static str] = BUSY;

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let (at, client) = (at(writer, &self.region), writer.session.logs(&self.region));
        let Some(days) = self.before else {
            let request = client.delete_retention_policy().log_group_name(&self.group);
            return writer.write(&at, &DELETE_RETENTION, Undo::again(), request.send()).await;
        };
        let request = client.put_retention_policy().log_group_name(&self.group).retention_in_days(days);
        writer.write(&at, &PUT_RETENTION, Undo::again(), request.send()).await
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        resources(&self.group, &self.region, action, at, partition)
    }

    fn says(&self) -> String {
        match self.before {
            Some(days) => format!("PutRetentionPolicy {}: {days} days", self.group),
            None => format!("DeleteRetentionPolicy {}: it keeps for ever", self.group),
        }
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        (self.group == earlier.group).then(|| Self { before: earlier.before, ..self.clone() })
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let what = format!("how long log group {} keeps", self.group);
        let now = retention_of(writer, &self.region, &self.group).await?;
        Ok(now.map_or_else(|| gone(&what), |now| found(&now, &Some(self.set), &self.before, &what)))
    }
}
