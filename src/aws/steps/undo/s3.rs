//! What undoes a write to S3. No bucket is ever emptied. Every call names the owner it expects.

use aws_sdk_s3::types as sdk;
use serde::{Deserialize, Serialize};

use super::{Extent, Stands, Undo, Undoing, found, found_policy, gone};
use crate::observe::cloudtrail::DESCRIBE_TRAILS;
use crate::observe::s3::Switches;
use crate::observe::{Call, ReadError};
use crate::ownership::MANAGED;
use crate::steps::document::same;
use crate::steps::s3::{
    GET_BUCKET_POLICY, GET_BUCKET_TAGGING, GET_PUBLIC_ACCESS_BLOCK, arn_of, at, policy_of, switches_of, tags_of,
};
use crate::steps::writer::done_on;
use crate::steps::{Step, Writer};
use crate::target::{Partition, Region, Target};

const fn call(operation: &'static str, action: &'static str) -> Call {
    Call { service: "S3", operation, action }
}

const GET_BUCKET_VERSIONING: Call = call("GetBucketVersioning", "s3:GetBucketVersioning");

/// What is refused while something else is being done to the bucket.
const BUSY: &[&str] = &["OperationAborted"];

/// Takes a bucket away that was made, and into which nothing was put since.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeleteBucket {
    /// Its name.
    pub bucket: String,
    /// Its region.
    pub region: Region,
}

impl Undoing for DeleteBucket {
    const EXTENT: Extent = Extent::Whole;
    const CALLS: &'static [Call] = &[GET_BUCKET_TAGGING, DESCRIBE_TRAILS, call("DeleteBucket", "s3:DeleteBucket")];
    const RETRIED: &'static [&'static str] = BUSY;

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let request = writer.session.s3(&self.region).delete_bucket().bucket(&self.bucket);
        let request = request.expected_bucket_owner(writer.at.account.as_str());
        let written = writer.write(&at(writer, &self.region), &Self::CALLS[2], Undo::again(), request.send()).await;
        done_on(written, &["NoSuchBucket"])
    }

    fn resources(&self, _: &str, _: &Target, partition: &Partition) -> Vec<String> {
        vec![arn_of(&self.bucket, partition)]
    }

    fn says(&self) -> String {
        format!("DeleteBucket {}, if it is empty", self.bucket)
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        match tags_of(writer, &self.region, &self.bucket).await {
            Err(ReadError { code: Some(code), .. }) if code == "NoSuchBucket" => return Ok(Stands::Undone),
            there => drop(there?),
        }
        let trails = super::cloudtrail::visible(writer, &self.region).await?;
        let user = trails.iter().find(|trail| trail.s3_bucket_name() == Some(&self.bucket));
        Ok(user.map_or(Stands::Open, |trail| {
            Stands::Used(format!("trail {} delivers its files to it", trail.name().unwrap_or_default()))
        }))
    }

    fn stays(&self, refused: &ReadError) -> Option<String> {
        let holds = refused.code.as_deref() == Some("BucketNotEmpty");
        holds.then(|| "there are files in it, and trueup empties no bucket".to_owned())
    }
}

/// Takes our mark off a bucket, or puts back what stood in its place; other tags stay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestoreBucketTag {
    /// The bucket.
    pub bucket: String,
    /// Its region.
    pub region: Region,
    /// The value that the tag got.
    pub set: String,
    /// Its former value; none: it was not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

impl RestoreBucketTag {
    async fn send(&self, writer: &Writer, tags: Vec<sdk::Tag>) -> Result<(), ReadError> {
        let (at, owner) = (at(writer, &self.region), writer.at.account.as_str());
        let client = writer.session.s3(&self.region);
        if tags.is_empty() {
            let request = client.delete_bucket_tagging().bucket(&self.bucket).expected_bucket_owner(owner);
            return writer.write(&at, &Self::CALLS[2], Undo::again(), request.send()).await;
        }
        let Ok(tagging) = sdk::Tagging::builder().set_tag_set(Some(tags)).build() else { return Ok(()) };
        let request = client.put_bucket_tagging().bucket(&self.bucket).expected_bucket_owner(owner).tagging(tagging);
        writer.write(&at, &Self::CALLS[1], Undo::again(), request.send()).await
    }
}

impl Undoing for RestoreBucketTag {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[
        GET_BUCKET_TAGGING,
        call("PutBucketTagging", "s3:PutBucketTagging"),
        call("DeleteBucketTagging", "s3:PutBucketTagging"),
    ];
    const RETRIED: &'static [&'static str] = BUSY;

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let mut tags = tags_of(writer, &self.region, &self.bucket).await?;
        tags.retain(|tag| tag.key() != MANAGED);
        let before = self.before.as_ref().map(|value| sdk::Tag::builder().key(MANAGED).value(value).build());
        tags.extend(before.into_iter().flatten());
        self.send(writer, tags).await
    }

    fn resources(&self, _: &str, _: &Target, partition: &Partition) -> Vec<String> {
        vec![arn_of(&self.bucket, partition)]
    }

    fn says(&self) -> String {
        match &self.before {
            Some(before) => format!("PutBucketTagging {}: {MANAGED}={before}", self.bucket),
            None => format!("PutBucketTagging {} without {MANAGED}", self.bucket),
        }
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        (self.bucket == earlier.bucket).then(|| Self { before: earlier.before.clone(), ..self.clone() })
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let tags = tags_of(writer, &self.region, &self.bucket).await?;
        let now = tags.into_iter().find(|tag| tag.key() == MANAGED).map(|tag| tag.value);
        let what = format!("the tag {MANAGED} of bucket {}", self.bucket);
        Ok(found(&now, &Some(self.set.clone()), &self.before, &what))
    }
}

/// Puts the former public access block of a bucket back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestorePublicAccessBlock {
    /// The bucket.
    pub bucket: String,
    /// Its region.
    pub region: Region,
    /// The former switches; none: it had no block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Switches>,
}

impl Undoing for RestorePublicAccessBlock {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[
        GET_PUBLIC_ACCESS_BLOCK,
        call("PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock"),
        call("DeletePublicAccessBlock", "s3:PutBucketPublicAccessBlock"),
    ];
    const RETRIED: &'static [&'static str] = BUSY;

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let (at, owner) = (at(writer, &self.region), writer.at.account.as_str());
        let client = writer.session.s3(&self.region);
        match self.before {
            None => {
                let request = client.delete_public_access_block().bucket(&self.bucket).expected_bucket_owner(owner);
                writer.write(&at, &Self::CALLS[2], Undo::again(), request.send()).await
            }
            Some(switches) => {
                let request = client.put_public_access_block().bucket(&self.bucket).expected_bucket_owner(owner);
                let request = request.public_access_block_configuration(switches.in_api());
                writer.write(&at, &Self::CALLS[1], Undo::again(), request.send()).await
            }
        }
    }

    fn resources(&self, _: &str, _: &Target, partition: &Partition) -> Vec<String> {
        vec![arn_of(&self.bucket, partition)]
    }

    fn says(&self) -> String {
        match self.before {
            Some(_) => format!("PutPublicAccessBlock {} with the former switches", self.bucket),
            None => format!("DeletePublicAccessBlock {}", self.bucket),
        }
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        (self.bucket == earlier.bucket).then(|| earlier.clone())
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let now = switches_of(writer, &self.region, &self.bucket).await?;
        let what = format!("the public access block of bucket {}", self.bucket);
        Ok(found(&now, &Some(Switches::ALL), &self.before, &what))
    }
}

/// Keeps former versions no more. What S3 kept stays, and a bucket that ever kept versions cannot be made one that never
/// did: it is suspended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SuspendBucketVersioning {
    /// The bucket.
    pub bucket: String,
    /// Its region.
    pub region: Region,
}

impl Undoing for SuspendBucketVersioning {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[GET_BUCKET_VERSIONING, call("PutBucketVersioning", "s3:PutBucketVersioning")];
    const RETRIED: &'static [&'static str] = BUSY;

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let suspended = sdk::VersioningConfiguration::builder().status(sdk::BucketVersioningStatus::Suspended).build();
        let request = writer.session.s3(&self.region).put_bucket_versioning().bucket(&self.bucket);
        let request = request.expected_bucket_owner(writer.at.account.as_str()).versioning_configuration(suspended);
        writer.write(&at(writer, &self.region), &Self::CALLS[1], Undo::again(), request.send()).await
    }

    fn resources(&self, _: &str, _: &Target, partition: &Partition) -> Vec<String> {
        vec![arn_of(&self.bucket, partition)]
    }

    fn says(&self) -> String {
        format!("PutBucketVersioning {}: Suspended", self.bucket)
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let asked = writer.session.s3(&self.region).get_bucket_versioning().bucket(&self.bucket);
        let asked = asked.expected_bucket_owner(writer.at.account.as_str());
        let answer = writer.session.ask(&at(writer, &self.region), &GET_BUCKET_VERSIONING, asked.send()).await?;
        let keeps = answer.status() == Some(&sdk::BucketVersioningStatus::Enabled);
        Ok(if keeps { Stands::Open } else { Stands::Undone })
    }
}

/// Puts the former policy of a bucket back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestoreBucketPolicy {
    /// The bucket.
    pub bucket: String,
    /// Its region.
    pub region: Region,
    /// The policy that was set.
    pub set: String,
    /// The former policy.
    pub before: String,
}

impl Undoing for RestoreBucketPolicy {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[GET_BUCKET_POLICY, call("PutBucketPolicy", "s3:PutBucketPolicy")];
    const RETRIED: &'static [&'static str] = BUSY;

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let request = writer.session.s3(&self.region).put_bucket_policy().bucket(&self.bucket);
        let request = request.expected_bucket_owner(writer.at.account.as_str()).policy(&self.before);
        let back = Self { set: self.before.clone(), before: self.set.clone(), ..self.clone() };
        let undo = Undo::by(Step::RestoreBucketPolicy(back));
        writer.write(&at(writer, &self.region), &Self::CALLS[1], undo, request.send()).await
    }

    fn resources(&self, _: &str, _: &Target, partition: &Partition) -> Vec<String> {
        vec![arn_of(&self.bucket, partition)]
    }

    fn says(&self) -> String {
        format!("PutBucketPolicy {} with the former policy", self.bucket)
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        (self.bucket == earlier.bucket).then(|| Self { before: earlier.before.clone(), ..self.clone() })
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let what = format!("the policy of bucket {}", self.bucket);
        let now = policy_of(writer, &self.region, &self.bucket).await?;
        Ok(now.map_or_else(|| gone(&what), |now| found_policy(&now, &self.set, &self.before, &what)))
    }
}

/// Takes a bucket's first policy away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeleteBucketPolicy {
    /// The bucket.
    pub bucket: String,
    /// Its region.
    pub region: Region,
    /// The policy that was set.
    pub set: String,
}

impl Undoing for DeleteBucketPolicy {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[GET_BUCKET_POLICY, call("DeleteBucketPolicy", "s3:DeleteBucketPolicy")];
    const RETRIED: &'static [&'static str] = BUSY;

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let request = writer.session.s3(&self.region).delete_bucket_policy().bucket(&self.bucket);
        let request = request.expected_bucket_owner(writer.at.account.as_str());
        writer.write(&at(writer, &self.region), &Self::CALLS[1], Undo::again(), request.send()).await
    }

    fn resources(&self, _: &str, _: &Target, partition: &Partition) -> Vec<String> {
        vec![arn_of(&self.bucket, partition)]
    }

    fn says(&self) -> String {
        format!("DeleteBucketPolicy {}: it had none", self.bucket)
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        Ok(match policy_of(writer, &self.region, &self.bucket).await? {
            None => Stands::Undone,
            Some(now) if same(&now, &self.set) => Stands::Open,
            Some(_) => Stands::Changed(format!("the policy of bucket {} was changed since", self.bucket)),
        })
    }
}
