//! What trueup does to S3: it makes a bucket for logs. Every call but the first names the owner it expects.

use aws_sdk_s3::types as sdk;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::document::document_of;
use super::writer::done_on;
use super::{Atom, Writer};
use crate::aws::Absent;
use crate::observe::cloudtrail::MANAGED;
use crate::observe::{Call, Class, ReadError};
use crate::target::{Partition, Region, Target};

const fn call(operation: &'static str, action: &'static str) -> Call {
    Call { service: "S3", operation, action }
}

/// What was made a moment ago may not be known everywhere.
const YOUNG: &[&str] = &["NoSuchBucket", "OperationAborted"];

fn at(writer: &Writer, region: &Region) -> Target {
    Target { account: writer.at.account.clone(), region: Some(region.clone()) }
}

fn arn_of(bucket: &str, partition: &Partition) -> String {
    format!("arn:{partition}:s3:::{bucket}")
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
        let written = writer.write(&at(writer, &self.region), &Self::CALLS[0], request.send()).await;
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
        "none: a bucket with logs is not deleted".to_owned()
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
    const CALLS: &'static [Call] =
        &[call("GetBucketTagging", "s3:GetBucketTagging"), call("PutBucketTagging", "s3:PutBucketTagging")];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let (at, owner, client) =
            (at(writer, &self.region), writer.at.account.as_str(), writer.session.s3(&self.region));
        let asked = client.get_bucket_tagging().bucket(&self.bucket).expected_bucket_owner(owner);
        let sending = async { asked.send().await.absent_on(&["NoSuchTagSet"]) };
        let found = writer.session.ask(&at, &Self::CALLS[0], sending).await?;
        let mut tags = found.map(|found| found.tag_set).unwrap_or_default();
        tags.retain(|tag| tag.key() != MANAGED);
        tags.extend(sdk::Tag::builder().key(MANAGED).value(&self.address).build());
        let Ok(tagging) = sdk::Tagging::builder().set_tag_set(Some(tags)).build() else { return Ok(()) };
        let request = client.put_bucket_tagging().bucket(&self.bucket).expected_bucket_owner(owner).tagging(tagging);
        writer.write(&at, &Self::CALLS[1], request.send()).await
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
    const CALLS: &'static [Call] = &[call("PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock")];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let block = sdk::PublicAccessBlockConfiguration::builder()
            .block_public_acls(true)
            .ignore_public_acls(true)
            .block_public_policy(true)
            .restrict_public_buckets(true)
            .build();
        let request = writer.session.s3(&self.region).put_public_access_block().bucket(&self.bucket);
        let request = request.expected_bucket_owner(writer.at.account.as_str());
        let request = request.public_access_block_configuration(block);
        writer.write(&at(writer, &self.region), &Self::CALLS[0], request.send()).await
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
        writer.write(&at(writer, &self.region), &Self::CALLS[0], request.send()).await
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
        "DeleteBucketEncryption".to_owned()
    }
}

/// Keeps former versions of what is stored in a bucket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PutBucketVersioning {
    /// The bucket.
    pub bucket: String,
    /// Its region.
    pub region: Region,
}

impl Atom for PutBucketVersioning {
    const CALLS: &'static [Call] = &[call("PutBucketVersioning", "s3:PutBucketVersioning")];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let enabled = sdk::VersioningConfiguration::builder().status(sdk::BucketVersioningStatus::Enabled).build();
        let request = writer.session.s3(&self.region).put_bucket_versioning().bucket(&self.bucket);
        let request = request.expected_bucket_owner(writer.at.account.as_str()).versioning_configuration(enabled);
        writer.write(&at(writer, &self.region), &Self::CALLS[0], request.send()).await
    }

    fn resources(&self, _: &str, _: &Target, partition: &Partition) -> Vec<String> {
        vec![arn_of(&self.bucket, partition)]
    }

    fn says(&self) -> String {
        format!("PutBucketVersioning {}: Enabled", self.bucket)
    }

    fn retried(&self) -> &'static [&'static str] {
        YOUNG
    }

    fn undo(&self) -> String {
        "PutBucketVersioning: Suspended".to_owned()
    }
}

/// Adds statements to the policy of a bucket; those of others stay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PutBucketPolicy {
    /// The bucket.
    pub bucket: String,
    /// Its region.
    pub region: Region,
    /// What the policy has to cover.
    pub statements: Vec<Value>,
}

impl Atom for PutBucketPolicy {
    const CALLS: &'static [Call] =
        &[call("GetBucketPolicy", "s3:GetBucketPolicy"), call("PutBucketPolicy", "s3:PutBucketPolicy")];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let (at, owner, client) =
            (at(writer, &self.region), writer.at.account.as_str(), writer.session.s3(&self.region));
        let asked = client.get_bucket_policy().bucket(&self.bucket).expected_bucket_owner(owner);
        let sending = async { asked.send().await.absent_on(&["NoSuchBucketPolicy"]) };
        let found = writer.session.ask(&at, &Self::CALLS[0], sending).await?;
        let found = found.and_then(|found| found.policy).filter(|policy| !policy.is_empty());
        let document = document_of(&at, &Self::CALLS[0], found.as_deref())?;
        if document.covers(&self.statements) {
            return Ok(());
        }
        let merged = document.with(&self.statements).to_string();
        let request = client.put_bucket_policy().bucket(&self.bucket).expected_bucket_owner(owner).policy(merged);
        writer.write(&at, &Self::CALLS[1], request.send()).await
    }

    fn resources(&self, _: &str, _: &Target, partition: &Partition) -> Vec<String> {
        vec![arn_of(&self.bucket, partition)]
    }

    fn says(&self) -> String {
        let sids: Vec<&str> = self.statements.iter().filter_map(|one| one["Sid"].as_str()).collect();
        format!("PutBucketPolicy {} with {} beside what it holds", self.bucket, sids.join(", "))
    }

    fn retried(&self) -> &'static [&'static str] {
        YOUNG
    }

    fn undo(&self) -> String {
        "PutBucketPolicy with the former policy".to_owned()
    }
}
