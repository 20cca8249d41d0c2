//! What trueup does to S3: it makes a bucket for logs, and blocks public access. Every call to a bucket but the first
//! names the owner it expects.

mod account;
mod logs;
mod policy;

pub use account::PutAccountPublicAccessBlock;
pub(super) use account::{PUT_ACCOUNT_BLOCK, set_account_block};
pub use logs::{LengthenBucketLifecycle, PutBucketLogging};
pub(super) use logs::{PUT_LIFECYCLE, PUT_LOGGING, lifecycle_of, logging_of, set_days, set_lifecycle, set_logging};
pub use policy::{OnlyFor, PutBucketPolicy};

use aws_sdk_s3::types as sdk;
use serde::{Deserialize, Serialize};

use super::undo::s3::{DeleteBucket, RestoreBucketTag, RestorePublicAccessBlock, SuspendBucketVersioning};
use super::writer::done_on;
use super::{Atom, Step, Undo, Writer};
use crate::Absent;
use crate::observe::s3::Switches;
use crate::observe::{Call, Class, ReadError};
use crate::ownership::MANAGED;
use crate::target::{Partition, Region, Target};

const fn call(operation: &'static str, action: &'static str) -> Call {
    Call { service: "S3", operation, action }
}

/// What was made a moment ago may not be known everywhere.
const YOUNG: &[&str] = &["NoSuchBucket", "OperationAborted"];

pub(super) fn at(writer: &Writer, region: &Region) -> Target {
    Target { account: writer.at.account.clone(), region: Some(region.clone()) }
}

pub(super) fn arn_of(bucket: &str, partition: &Partition) -> String {
    format!("arn:{partition}:s3:::{bucket}")
}

pub(super) const GET_BUCKET_POLICY: Call = call("GetBucketPolicy", "s3:GetBucketPolicy");
pub(super) const GET_BUCKET_TAGGING: Call = call("GetBucketTagging", "s3:GetBucketTagging");
pub(super) const GET_PUBLIC_ACCESS_BLOCK: Call = call("GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock");

/// The policy of a bucket.
pub(super) async fn policy_of(writer: &Writer, region: &Region, bucket: &str) -> Result<Option<String>, ReadError> {
    let asked = writer.session.s3(region).get_bucket_policy().bucket(bucket);
    let asked = asked.expected_bucket_owner(writer.at.account.as_str());
    let sending = async { asked.send().await.absent_on(&["NoSuchBucketPolicy"]) };
    let found = writer.session.ask(&at(writer, region), &GET_BUCKET_POLICY, sending).await?;
    Ok(found.and_then(|found| found.policy).filter(|policy| !policy.is_empty()))
}

/// The tags of a bucket.
pub(super) async fn tags_of(writer: &Writer, region: &Region, bucket: &str) -> Result<Vec<sdk::Tag>, ReadError> {
    let asked = writer.session.s3(region).get_bucket_tagging().bucket(bucket);
    let asked = asked.expected_bucket_owner(writer.at.account.as_str());
    let sending = async { asked.send().await.absent_on(&["NoSuchTagSet"]) };
    let found = writer.session.ask(&at(writer, region), &GET_BUCKET_TAGGING, sending).await?;
    Ok(found.map(|found| found.tag_set).unwrap_or_default())
}

/// The public access block of a bucket.
pub(super) async fn switches_of(writer: &Writer, region: &Region, bucket: &str) -> Result<Option<Switches>, ReadError> {
    let asked = writer.session.s3(region).get_public_access_block().bucket(bucket);
    let asked = asked.expected_bucket_owner(writer.at.account.as_str());
    let sending = async { asked.send().await.absent_on(&["NoSuchPublicAccessBlockConfiguration"]) };
    let found = writer.session.ask(&at(writer, region), &GET_PUBLIC_ACCESS_BLOCK, sending).await?;
    Ok(found.and_then(|found| found.public_access_block_configuration).map(|block| Switches::of(&block)))
}

/// Makes a bucket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CreateBucket {
    /// Its name.
    pub bucket: String,
    /// Its region.
    pub region: Region,
}

/// The one region that may not be named as a bucket's location.
const UNNAMED_LOCATION: &str = "us-east-1";

impl Atom for CreateBucket {
    const CALLS: &'static [Call] = &[call("CreateBucket", "s3:CreateBucket")];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let region = self.region.as_str();
        let location = (region != UNNAMED_LOCATION).then(|| {
            let location = sdk::BucketLocationConstraint::from(region);
            sdk::CreateBucketConfiguration::builder().location_constraint(location).build()
        });
        let request = writer.session.s3(&self.region).create_bucket().bucket(&self.bucket);
        let request = request.set_create_bucket_configuration(location);
        let back = DeleteBucket { bucket: self.bucket.clone(), region: self.region.clone() };
        let undo = Undo::by(Step::DeleteBucket(back));
        let written = writer.write(&at(writer, &self.region), &Self::CALLS[0], undo, request.send()).await;
        match done_on(written, &["BucketAlreadyOwnedByYou"]) {
            Err(refused) if refused.code.as_deref() == Some("BucketAlreadyExists") => {
                let taken = format!(
                    "the name {} is taken by another account: give another by the setting `bucket`",
                    self.bucket
                );
                Err(ReadError { class: Class::Failed, message: taken, ..refused })
            }
            other => other,
        }
    }

    fn resources(&self, _: &str, _: &Target, partition: &Partition) -> Vec<String> {
        vec![arn_of(&self.bucket, partition)]
    }

    fn says(&self) -> String {
        format!("CreateBucket {} in {}", self.bucket, self.region)
    }

    fn retried(&self) -> &'static [&'static str] {
        &["OperationAborted"]
    }

    fn undo(&self) -> String {
        format!("DeleteBucket {}, if it is empty", self.bucket)
    }
}

/// Marks a bucket as ours; the tags that it has stay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PutBucketTagging {
    /// The bucket.
    pub bucket: String,
    /// Its region.
    pub region: Region,
    /// The address that the tag gets as its value.
    pub address: String,
}

impl Atom for PutBucketTagging {
    const CALLS: &'static [Call] = &[GET_BUCKET_TAGGING, call("PutBucketTagging", "s3:PutBucketTagging")];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let (at, owner, client) =
            (at(writer, &self.region), writer.at.account.as_str(), writer.session.s3(&self.region));
        let mut tags = tags_of(writer, &self.region, &self.bucket).await?;
        let back = RestoreBucketTag {
            bucket: self.bucket.clone(),
            region: self.region.clone(),
            set: self.address.clone(),
            before: tags.iter().find(|tag| tag.key() == MANAGED).map(|tag| tag.value().to_owned()),
        };
        tags.retain(|tag| tag.key() != MANAGED);
        tags.extend(sdk::Tag::builder().key(MANAGED).value(&self.address).build());
        let Ok(tagging) = sdk::Tagging::builder().set_tag_set(Some(tags)).build() else { return Ok(()) };
        let request = client.put_bucket_tagging().bucket(&self.bucket).expected_bucket_owner(owner).tagging(tagging);
        writer.write(&at, &Self::CALLS[1], Undo::by(Step::RestoreBucketTag(back)), request.send()).await
    }

    fn resources(&self, _: &str, _: &Target, partition: &Partition) -> Vec<String> {
        vec![arn_of(&self.bucket, partition)]
    }

    fn says(&self) -> String {
        format!("PutBucketTagging {}: {MANAGED}", self.bucket)
    }

    fn retried(&self) -> &'static [&'static str] {
        YOUNG
    }

    fn undo(&self) -> String {
        format!("PutBucketTagging without {MANAGED}")
    }
}

/// Blocks all public access to a bucket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PutPublicAccessBlock {
    /// The bucket.
    pub bucket: String,
    /// Its region.
    pub region: Region,
}

impl Atom for PutPublicAccessBlock {
    const CALLS: &'static [Call] =
        &[GET_PUBLIC_ACCESS_BLOCK, call("PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock")];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let before = switches_of(writer, &self.region, &self.bucket).await?;
        let (bucket, region) = (self.bucket.clone(), self.region.clone());
        let undo = Undo::by(Step::RestorePublicAccessBlock(RestorePublicAccessBlock { bucket, region, before }));
        let request = writer.session.s3(&self.region).put_public_access_block().bucket(&self.bucket);
        let request = request.expected_bucket_owner(writer.at.account.as_str());
        let request = request.public_access_block_configuration(Switches::ALL.in_api());
        writer.write(&at(writer, &self.region), &Self::CALLS[1], undo, request.send()).await
    }

    fn resources(&self, _: &str, _: &Target, partition: &Partition) -> Vec<String> {
        vec![arn_of(&self.bucket, partition)]
    }

    fn says(&self) -> String {
        format!("PutPublicAccessBlock {}: all four", self.bucket)
    }

    fn retried(&self) -> &'static [&'static str] {
        YOUNG
    }

    fn undo(&self) -> String {
        "PutPublicAccessBlock with the former switches".to_owned()
    }
}

/// Encrypts what is stored in a bucket from then on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PutBucketEncryption {
    /// The bucket.
    pub bucket: String,
    /// Its region.
    pub region: Region,
}

impl Atom for PutBucketEncryption {
    const CALLS: &'static [Call] = &[call("PutBucketEncryption", "s3:PutEncryptionConfiguration")];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let by_default = sdk::ServerSideEncryptionByDefault::builder().sse_algorithm(sdk::ServerSideEncryption::Aes256);
        let rule = sdk::ServerSideEncryptionRule::builder()
            .set_apply_server_side_encryption_by_default(by_default.build().ok())
            .build();
        let rules = sdk::ServerSideEncryptionConfiguration::builder().rules(rule).build().ok();
        let request = writer.session.s3(&self.region).put_bucket_encryption().bucket(&self.bucket);
        let request = request.expected_bucket_owner(writer.at.account.as_str());
        let request = request.set_server_side_encryption_configuration(rules);
        // There are no buckets without encryption
        // [any more](https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html): what was there
        // before cannot be put back, and it is what this sets.
        writer.write(&at(writer, &self.region), &Self::CALLS[0], Undo::By(vec![]), request.send()).await
    }

    fn resources(&self, _: &str, _: &Target, partition: &Partition) -> Vec<String> {
        vec![arn_of(&self.bucket, partition)]
    }

    fn says(&self) -> String {
        format!("PutBucketEncryption {}: AES256", self.bucket)
    }

    fn retried(&self) -> &'static [&'static str] {
        YOUNG
    }

    fn undo(&self) -> String {
        "none: S3 encrypts every bucket by itself".to_owned()
    }
}

/// Keeps former versions of what is stored in a bucket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PutBucketVersioning {
    /// The bucket.
    pub bucket: String,
    /// Its region.
    pub region: Region,
    /// Whether there will be former versions as a matter of course: a lifecycle deletes files, of which they are left.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bills: bool,
}

impl Atom for PutBucketVersioning {
    const CALLS: &'static [Call] = &[call("PutBucketVersioning", "s3:PutBucketVersioning")];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let enabled = sdk::VersioningConfiguration::builder().status(sdk::BucketVersioningStatus::Enabled).build();
        let request = writer.session.s3(&self.region).put_bucket_versioning().bucket(&self.bucket);
        let request = request.expected_bucket_owner(writer.at.account.as_str()).versioning_configuration(enabled);
        let back = SuspendBucketVersioning { bucket: self.bucket.clone(), region: self.region.clone() };
        let undo = Undo::by(Step::SuspendBucketVersioning(back));
        writer.write(&at(writer, &self.region), &Self::CALLS[0], undo, request.send()).await
    }

    fn resources(&self, _: &str, _: &Target, partition: &Partition) -> Vec<String> {
        vec![arn_of(&self.bucket, partition)]
    }

    fn says(&self) -> String {
        format!("PutBucketVersioning {}: Enabled", self.bucket)
    }

    fn beside(&self, other: &Self) -> Option<Self> {
        (self.bucket == other.bucket && self.region == other.region)
            .then(|| Self { bills: self.bills || other.bills, ..self.clone() })
    }

    fn cost(&self) -> Option<&'static str> {
        self.bills.then_some(
            "S3 bills for former versions, and what the lifecycle of the bucket deletes from then on is kept as one until a \
             rule of it deletes those as well",
        )
    }

    fn retried(&self) -> &'static [&'static str] {
        YOUNG
    }

    fn undo(&self) -> String {
        "PutBucketVersioning: Suspended".to_owned()
    }
}
