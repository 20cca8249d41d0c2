//! What undoes what a bucket for logs was set besides.

use serde::{Deserialize, Serialize};

use super::{Extent, Stands, Undo, Undoing, found};
use crate::observe::s3::{GET_LIFECYCLE, GET_LOGGING, LoggedTo, days_of};
use crate::observe::{Call, ReadError};
use crate::steps::Writer;
use crate::steps::s3::{
    PUT_LIFECYCLE, PUT_LOGGING, arn_of, lifecycle_of, logging_of, set_days, set_lifecycle, set_logging,
};
use crate::target::{Partition, Region, Target};

/// What is refused while something else is being done to the bucket.
const BUSY: &[&str] = &["OperationAborted"];

/// Has requests to a bucket logged no more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestoreBucketLogging {
    /// The bucket.
    pub bucket: String,
    /// Its region.
    pub region: Region,
    /// Where the logs went.
    pub set: LoggedTo,
}

impl Undoing for RestoreBucketLogging {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[GET_LOGGING, PUT_LOGGING];
    const RETRIED: &'static [&'static str] = BUSY;

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        set_logging(writer, (&self.bucket, &self.region), None, Undo::again()).await
    }

    fn resources(&self, _: &str, _: &Target, partition: &Partition) -> Vec<String> {
        vec![arn_of(&self.bucket, partition)]
    }

    fn says(&self) -> String {
        format!("PutBucketLogging {}: none", self.bucket)
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let now = logging_of(writer, &self.bucket, &self.region).await?;
        let what = format!("where requests to bucket {} are logged", self.bucket);
        Ok(found(&now, &Some(self.set.clone()), &None, &what))
    }
}

/// Has rules delete files as early as before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestoreBucketLifecycle {
    /// The bucket.
    pub bucket: String,
    /// Its region.
    pub region: Region,
    /// The days that were set.
    pub set: i32,
    /// The rules that got them, with their former days.
    pub before: Vec<(String, i32)>,
}

impl Undoing for RestoreBucketLifecycle {
    const EXTENT: Extent = Extent::Part;
    const LOSES: bool = true;
    const CALLS: &'static [Call] = &[GET_LIFECYCLE, PUT_LIFECYCLE];
    const RETRIED: &'static [&'static str] = BUSY;

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let mut lifecycle = lifecycle_of(writer, &self.bucket, &self.region).await?;
        for (id, days) in &self.before {
            let is_set = |rule: &&mut aws_sdk_s3::types::LifecycleRule| {
                rule.id().unwrap_or_default() == id && days_of(rule) == Some(self.set)
            };
            if let Some(rule) = lifecycle.rules.iter_mut().find(is_set) {
                set_days(rule, *days);
            }
        }
        set_lifecycle(writer, (&self.bucket, &self.region), lifecycle, Undo::again()).await
    }

    fn resources(&self, _: &str, _: &Target, partition: &Partition) -> Vec<String> {
        vec![arn_of(&self.bucket, partition)]
    }

    fn says(&self) -> String {
        format!("PutBucketLifecycleConfiguration {} with the former days", self.bucket)
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let now = lifecycle_of(writer, &self.bucket, &self.region).await?;
        let days = |id: &str| now.rules.iter().find(|rule| rule.id().unwrap_or_default() == id).and_then(days_of);
        let now: Vec<Option<i32>> = self.before.iter().map(|(id, _)| days(id)).collect();
        let set = vec![Some(self.set); self.before.len()];
        let before: Vec<Option<i32>> = self.before.iter().map(|(_, days)| Some(*days)).collect();
        Ok(found(&now, &set, &before, &format!("how long bucket {} keeps files", self.bucket)))
    }
}
