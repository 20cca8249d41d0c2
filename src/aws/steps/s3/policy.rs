//! The policy of a bucket: what is added to it, and whom it lets in for less. One call writes both, because two would
//! each be made of what the policy was before.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{GET_BUCKET_POLICY, YOUNG, arn_of, at, call, policy_of};
use crate::observe::{Call, ReadError};
use crate::steps::document::{Document, document_of, united};
use crate::steps::undo::s3::{DeleteBucketPolicy, RestoreBucketPolicy};
use crate::steps::{Atom, Risk, Step, Undo, Writer};
use crate::target::{Partition, Region, Target};

/// Adds statements to the policy of a bucket; those of others stay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PutBucketPolicy {
    /// The bucket.
    pub bucket: String,
    /// Its region.
    pub region: Region,
    /// What the policy has to cover.
    pub statements: Vec<Value>,
    /// Whom it lets in for any source, and should only for some.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub narrowed: Vec<OnlyFor>,
}

/// A service that comes only for some.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OnlyFor {
    /// The service, as policies name it.
    pub service: String,
    /// For whom it may come, by ARN.
    pub sources: Vec<String>,
}

impl PutBucketPolicy {
    /// Adds these statements.
    #[must_use]
    pub fn with(bucket: &str, region: &Region, statements: Vec<Value>) -> Self {
        Self { bucket: bucket.to_owned(), region: region.clone(), statements, narrowed: vec![] }
    }

    fn written_to(&self, found: Document) -> Document {
        let narrow = |found: Document, only: &OnlyFor| found.narrowed(&only.service, &only.sources);
        self.narrowed.iter().fold(found, narrow).with(&self.statements)
    }
}

impl Atom for PutBucketPolicy {
    const CALLS: &'static [Call] = &[GET_BUCKET_POLICY, call("PutBucketPolicy", "s3:PutBucketPolicy")];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let (at, owner, client) =
            (at(writer, &self.region), writer.at.account.as_str(), writer.session.s3(&self.region));
        let found = policy_of(writer, &self.region, &self.bucket).await?;
        let document = document_of(&at, &Self::CALLS[0], found.as_deref())?;
        let wanted = self.written_to(document.clone());
        if wanted == document {
            return Ok(());
        }
        let set = wanted.to_string();
        let request = client.put_bucket_policy().bucket(&self.bucket).expected_bucket_owner(owner).policy(&set);
        let (bucket, region) = (self.bucket.clone(), self.region.clone());
        let back = match found {
            Some(before) => Step::RestoreBucketPolicy(RestoreBucketPolicy { bucket, region, set, before }),
            None => Step::DeleteBucketPolicy(DeleteBucketPolicy { bucket, region, set }),
        };
        writer.write(&at, &Self::CALLS[1], Undo::by(back), request.send()).await
    }

    fn resources(&self, _: &str, _: &Target, partition: &Partition) -> Vec<String> {
        vec![arn_of(&self.bucket, partition)]
    }

    fn says(&self) -> String {
        let sids: Vec<&str> = self.statements.iter().filter_map(|one| one["Sid"].as_str()).collect();
        let added = (!sids.is_empty()).then(|| format!("with {} beside what it holds", sids.join(", ")));
        let narrowed =
            self.narrowed.iter().map(|only| format!("{} only for {}", only.service, only.sources.join(", ")));
        let parts: Vec<String> = added.into_iter().chain(narrowed).collect();
        format!("PutBucketPolicy {} {}", self.bucket, parts.join("; "))
    }

    /// Who came in by a wider statement, and is not known here, does so no more.
    fn risk(&self) -> Risk {
        if self.narrowed.is_empty() { Risk::Safe } else { Risk::Disruptive }
    }

    fn retried(&self) -> &'static [&'static str] {
        YOUNG
    }

    fn beside(&self, other: &Self) -> Option<Self> {
        let is_same = self.bucket == other.bucket && self.region == other.region;
        is_same.then(|| Self {
            statements: united(&self.statements, &other.statements),
            narrowed: united(&self.narrowed, &other.narrowed),
            ..self.clone()
        })
    }

    fn undo(&self) -> String {
        "PutBucketPolicy with the former policy".to_owned()
    }
}
