//! What trueup does to `CloudWatch` Logs: it makes a log group, and lets one keep for longer.

use serde::{Deserialize, Serialize};

use super::undo::logs::{DeleteLogGroup, RestoreRetention};
use super::writer::done_on;
use super::{Atom, Step, Undo, Writer};
use crate::observe::logs::{DESCRIBE_LOG_GROUPS, LogGroupKey, find};
use crate::observe::{Call, Class, ReadError};
use crate::ownership::MANAGED;
use crate::target::{Partition, Region, Target};

const fn call(operation: &'static str, action: &'static str) -> Call {
    Call { service: "CloudWatch Logs", operation, action }
}

pub(super) const PUT_RETENTION: Call = call("PutRetentionPolicy", "logs:PutRetentionPolicy");

/// What is refused while something else is being done to the group.
pub(super) const BUSY: &[&str] = &["OperationAbortedException"];

pub(super) fn at(writer: &Writer, region: &Region) -> Target {
    Target { account: writer.at.account.clone(), region: Some(region.clone()) }
}

/// A log group as policies name it: what is done to it by the ARN with a star, its tags by the one without.
pub(super) fn resources(group: &str, region: &Region, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
    let arn = format!("arn:{partition}:logs:{region}:{}:log-group:{group}", at.account);
    let tags = ["logs:TagResource", "logs:ListTagsForResource"].contains(&action);
    vec![if tags { arn } else { format!("{arn}:*") }]
}

/// The days that a log group keeps what it gets; none within: for ever. None: it is not there.
pub(super) async fn retention_of(
    writer: &Writer,
    region: &Region,
    group: &str,
) -> Result<Option<Option<i32>>, ReadError> {
    let key = LogGroupKey { region: region.clone(), name: group.to_owned() };
    let found = find(&writer.session, &at(writer, region), &key).await?;
    Ok(found.map(|found| found.retention_in_days))
}

/// Makes a log group, which keeps for ever until it is told otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CreateLogGroup {
    /// Its name.
    pub group: String,
    /// Its region.
    pub region: Region,
    /// The address that its tag gets as its value.
    pub address: String,
}

impl Atom for CreateLogGroup {
    const CALLS: &'static [Call] = &[call("CreateLogGroup", "logs:CreateLogGroup")];
    const DEPENDENT: &'static [&'static str] = &["logs:TagResource"];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let request = writer.session.logs(&self.region).create_log_group().log_group_name(&self.group);
        let request = request.tags(MANAGED, &self.address);
        let back = DeleteLogGroup { group: self.group.clone(), region: self.region.clone() };
        let undo = Undo::by(Step::DeleteLogGroup(back));
        let written = writer.write(&at(writer, &self.region), &Self::CALLS[0], undo, request.send()).await;
        done_on(written, &["ResourceAlreadyExistsException"])
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        resources(&self.group, &self.region, action, at, partition)
    }

    fn says(&self) -> String {
        format!("CreateLogGroup {} in {}", self.group, self.region)
    }

    fn retried(&self) -> &'static [&'static str] {
        BUSY
    }

    fn undo(&self) -> String {
        format!("DeleteLogGroup {}, if there are no logs in it", self.group)
    }
}

/// Lets a log group keep what it gets for so many days, if it does not keep it for longer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PutRetentionPolicy {
    /// Its name.
    pub group: String,
    /// Its region.
    pub region: Region,
    /// The days.
    pub days: i32,
    /// It was made a moment ago, and keeps for ever because nobody has said how long.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub young: bool,
}

impl Atom for PutRetentionPolicy {
    const CALLS: &'static [Call] = &[DESCRIBE_LOG_GROUPS, PUT_RETENTION];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let at = at(writer, &self.region);
        let Some(before) = retention_of(writer, &self.region, &self.group).await? else {
            // It was made a moment ago, and is not listed everywhere yet.
            return Err(absent(&at));
        };
        let longer = before.map_or(!self.young, |days| days >= self.days);
        if longer {
            return Ok(());
        }
        let back = RestoreRetention { group: self.group.clone(), region: self.region.clone(), set: self.days, before };
        let request = writer.session.logs(&self.region).put_retention_policy().log_group_name(&self.group);
        let request = request.retention_in_days(self.days);
        writer.write(&at, &PUT_RETENTION, Undo::by(Step::RestoreRetention(back)), request.send()).await
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        resources(&self.group, &self.region, action, at, partition)
    }

    fn says(&self) -> String {
        format!("PutRetentionPolicy {}: {} days", self.group, self.days)
    }

    fn part(&self) -> Option<&str> {
        Some("retention_days")
    }

    fn retried(&self) -> &'static [&'static str] {
        &["OperationAbortedException", "ResourceNotFoundException"]
    }

    fn undo(&self) -> String {
        "PutRetentionPolicy with the former days, or DeleteRetentionPolicy".to_owned()
    }
}

fn absent(at: &Target) -> ReadError {
    ReadError {
        at: at.clone(),
        action: PUT_RETENTION.action.to_owned(),
        class: Class::Failed,
        code: Some("ResourceNotFoundException".to_owned()),
        message: "the log group is not listed".to_owned(),
        status: None,
        request_id: None,
    }
}
