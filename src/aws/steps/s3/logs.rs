//! What a bucket for logs is set besides: where requests to it are logged, and how long it keeps what is in it.

use aws_sdk_s3::types as sdk;
use serde::{Deserialize, Serialize};

use super::{YOUNG, arn_of, at, call};
use crate::observe::s3::{
    BucketKey, GET_LIFECYCLE, GET_LOGGING, Lifecycle, LoggedTo, days_of, is_short, lifecycle, logged_to,
};
use crate::observe::{Call, ReadError};
use crate::steps::undo::s3_logs::{RestoreBucketLifecycle, RestoreBucketLogging};
use crate::steps::{Atom, Step, Undo, Writer};
use crate::target::{Partition, Region, Target};

pub(in crate::steps) const PUT_LOGGING: Call = call("PutBucketLogging", "s3:PutBucketLogging");
pub(in crate::steps) const PUT_LIFECYCLE: Call =
    call("PutBucketLifecycleConfiguration", "s3:PutLifecycleConfiguration");

fn key(bucket: &str, region: &Region) -> BucketKey {
    BucketKey { name: bucket.to_owned(), region: region.clone() }
}

/// Sends where requests to a bucket are logged; none: nowhere.
pub(in crate::steps) async fn set_logging(
    writer: &Writer,
    (bucket, region): (&str, &Region),
    to: Option<&LoggedTo>,
    undo: Undo,
) -> Result<(), ReadError> {
    let enabled = to.and_then(|to| {
        let to = sdk::LoggingEnabled::builder().target_bucket(&to.bucket).target_prefix(&to.prefix);
        to.build().ok()
    });
    let status = sdk::BucketLoggingStatus::builder().set_logging_enabled(enabled).build();
    let request = writer.session.s3(region).put_bucket_logging().bucket(bucket).bucket_logging_status(status);
    let request = request.expected_bucket_owner(writer.at.account.as_str());
    writer.write(&at(writer, region), &PUT_LOGGING, undo, request.send()).await
}

/// Where requests to a bucket are logged.
pub(in crate::steps) async fn logging_of(
    writer: &Writer,
    bucket: &str,
    region: &Region,
) -> Result<Option<LoggedTo>, ReadError> {
    logged_to(&writer.session, &at(writer, region), &key(bucket, region)).await
}

/// Has requests to a bucket logged, unless they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PutBucketLogging {
    /// The bucket.
    pub bucket: String,
    /// Its region.
    pub region: Region,
    /// Where the logs go.
    pub to: LoggedTo,
}

impl Atom for PutBucketLogging {
    const CALLS: &'static [Call] = &[GET_LOGGING, PUT_LOGGING];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        if logging_of(writer, &self.bucket, &self.region).await?.is_some() {
            return Ok(());
        }
        let (bucket, region) = (self.bucket.clone(), self.region.clone());
        let back = RestoreBucketLogging { bucket, region, set: self.to.clone() };
        let undo = Undo::by(Step::RestoreBucketLogging(back));
        set_logging(writer, (&self.bucket, &self.region), Some(&self.to), undo).await
    }

    fn resources(&self, _: &str, _: &Target, partition: &Partition) -> Vec<String> {
        vec![arn_of(&self.bucket, partition)]
    }

    fn says(&self) -> String {
        format!("PutBucketLogging {} to {}/{}", self.bucket, self.to.bucket, self.to.prefix)
    }

    fn cost(&self) -> Option<&'static str> {
        Some("logs of requests bill for what is stored of them")
    }

    /// The bucket, and the policy of the one that gets the logs, may not be known everywhere.
    fn retried(&self) -> &'static [&'static str] {
        &["NoSuchBucket", "OperationAborted", "InvalidTargetBucketForLogging"]
    }

    fn undo(&self) -> String {
        format!("PutBucketLogging {}: none", self.bucket)
    }
}

/// Sends the lifecycle of a bucket as a whole.
pub(in crate::steps) async fn set_lifecycle(
    writer: &Writer,
    (bucket, region): (&str, &Region),
    Lifecycle { rules, smallest }: Lifecycle,
    undo: Undo,
) -> Result<(), ReadError> {
    let rules = sdk::BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build().ok();
    let request = writer.session.s3(region).put_bucket_lifecycle_configuration().bucket(bucket);
    let request = request.expected_bucket_owner(writer.at.account.as_str()).set_lifecycle_configuration(rules);
    let request = request.set_transition_default_minimum_object_size(smallest);
    writer.write(&at(writer, region), &PUT_LIFECYCLE, undo, request.send()).await
}

/// The lifecycle of a bucket.
pub(in crate::steps) async fn lifecycle_of(
    writer: &Writer,
    bucket: &str,
    region: &Region,
) -> Result<Lifecycle, ReadError> {
    lifecycle(&writer.session, &at(writer, region), &key(bucket, region)).await
}

/// Sets after how many days a rule deletes; everything else of it stays.
pub(in crate::steps) fn set_days(rule: &mut sdk::LifecycleRule, days: i32) {
    if let Some(expiration) = &mut rule.expiration {
        expiration.days = Some(days);
    }
}

/// Has rules that delete files too early wait for longer. Other rules, and what else these say, stay; no rule is made,
/// and none waits for less.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LengthenBucketLifecycle {
    /// The bucket.
    pub bucket: String,
    /// Its region.
    pub region: Region,
    /// What the names of the files begin with.
    pub prefixes: Vec<String>,
    /// For so many days they stay at least.
    pub days: i32,
}

impl Atom for LengthenBucketLifecycle {
    const CALLS: &'static [Call] = &[GET_LIFECYCLE, PUT_LIFECYCLE];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let mut found = lifecycle_of(writer, &self.bucket, &self.region).await?;
        let mut before = vec![];
        for rule in found.rules.iter_mut().filter(|rule| is_short(rule, &self.prefixes, self.days)) {
            before.extend(days_of(rule).map(|days| (rule.id().unwrap_or_default().to_owned(), days)));
            set_days(rule, self.days);
        }
        if before.is_empty() {
            return Ok(());
        }
        let (bucket, region) = (self.bucket.clone(), self.region.clone());
        let back = RestoreBucketLifecycle { bucket, region, set: self.days, before };
        let undo = Undo::by(Step::RestoreBucketLifecycle(back));
        set_lifecycle(writer, (&self.bucket, &self.region), found, undo).await
    }

    fn resources(&self, _: &str, _: &Target, partition: &Partition) -> Vec<String> {
        vec![arn_of(&self.bucket, partition)]
    }

    fn says(&self) -> String {
        let prefixes = self.prefixes.join(", ");
        format!("PutBucketLifecycleConfiguration {}: {prefixes} stay for {} days", self.bucket, self.days)
    }

    fn retried(&self) -> &'static [&'static str] {
        YOUNG
    }

    fn undo(&self) -> String {
        "PutBucketLifecycleConfiguration with the former days".to_owned()
    }
}
