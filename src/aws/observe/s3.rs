//! What is read of S3.

mod account;
mod doors;
mod lifecycle;
mod logging;
mod switches;

pub use account::{AccountBlock, AccountSwitches};
pub(crate) use account::{GET_ACCOUNT_BLOCK, in_api_of_account, switches_of_account};
pub use doors::{Doors, DoorsOf, OpenBucket, OpenBuckets};
pub use lifecycle::{Expiries, Expiry};
pub(crate) use lifecycle::{GET_LIFECYCLE, Lifecycle, days_of, is_short, lifecycle};
pub use logging::{AccessLogging, LoggedTo};
pub(crate) use logging::{GET_LOGGING, logged_to};
pub use switches::{Switches, SwitchesOf};

use aws_smithy_runtime_api::client::result::SdkError;
use serde::{Deserialize, Serialize};

use super::{Call, Class, DeniedBy, Home, Observe, ReadError, Readable, Reader, Reads, Scope};
use crate::ownership::Signs;
use crate::target::{Region, Target};
use crate::{Absent, Session};

/// A bucket by its name, as the account that wants it sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bucket {
    /// Nobody has it.
    Absent,
    /// Another account has it.
    Closed,
    /// The account has it, in this other region.
    Elsewhere(String),
    /// The account has it.
    Own(BucketSettings),
}

/// The settings of a bucket that matter for logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub struct BucketSettings {
    /// All four switches of its public access block are on.
    pub blocks_public_access: bool,
    /// It encrypts what is stored.
    pub encrypts: bool,
    /// It does so by an S3 Bucket Key, which who writes with a KMS key has to be allowed to decrypt.
    #[serde(default)]
    pub bucket_key: bool,
    /// It keeps former versions. Where nobody answers that, everything else of the bucket still counts.
    pub keeps_versions: Readable<bool>,
    /// Versions are deleted with a second factor alone.
    #[serde(default)]
    pub mfa_delete: bool,
    /// Its policy, JSON.
    pub policy: Option<String>,
    /// Its tags.
    pub tags: Vec<(String, String)>,
}

impl BucketSettings {
    /// What its tags say of who made it and who looks after it.
    #[must_use]
    pub fn signs(&self) -> Signs {
        Signs::of(self.tags.iter().cloned())
    }
}

/// Which bucket, where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BucketKey {
    /// Its name.
    pub name: String,
    /// The region in which it is expected.
    pub region: Region,
}

const fn call(operation: &'static str, action: &'static str) -> Call {
    Call { service: "S3", operation, action }
}

const HEAD_BUCKET: Call = call("HeadBucket", "s3:ListBucket");
const GET_BUCKET_ENCRYPTION: Call = call("GetBucketEncryption", "s3:GetEncryptionConfiguration");
const GET_BUCKET_VERSIONING: Call = call("GetBucketVersioning", "s3:GetBucketVersioning");
const GET_BUCKET_POLICY: Call = call("GetBucketPolicy", "s3:GetBucketPolicy");
const GET_BUCKET_TAGGING: Call = call("GetBucketTagging", "s3:GetBucketTagging");
const LIST_BUCKETS: Call = call("ListBuckets", "s3:ListAllMyBuckets");

impl Observe for Bucket {
    const NAME: &'static str = "s3.bucket";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[
        HEAD_BUCKET,
        GET_BUCKET_ENCRYPTION,
        GET_BUCKET_VERSIONING,
        GET_BUCKET_POLICY,
        GET_BUCKET_TAGGING,
        LIST_BUCKETS,
    ];
    type Key = BucketKey;

    async fn observe(reader: &Reader, key: &BucketKey) -> Result<Self, ReadError> {
        let at = Target { account: reader.at().account.clone(), region: Some(key.region.clone()) };
        let asking = Asking { session: reader.session()?, at, key };
        match asking.found().await? {
            Found::Here => {
                let switches = reader.of::<SwitchesOf>(key).await?.0.unwrap_or_default();
                Ok(Self::Own(asking.settings(switches).await?))
            }
            Found::Elsewhere(region) => Ok(Self::Elsewhere(region)),
            Found::Nowhere => Ok(Self::Absent),
            Found::Closed(_) => asking.closed().await.map(|()| Self::Closed),
        }
    }

    fn builds_on() -> Vec<Reads> {
        vec![Reads::of::<SwitchesOf>()]
    }
}

/// The region of a bucket that may be another account's, as far as S3 says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketRegion(pub Option<Region>);

impl Observe for BucketRegion {
    const NAME: &'static str = "s3.bucket_region";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[HEAD_BUCKET];
    type Key = BucketKey;

    async fn observe(reader: &Reader, key: &BucketKey) -> Result<Self, ReadError> {
        let at = Target { account: reader.at().account.clone(), region: Some(key.region.clone()) };
        let asking = Asking { session: reader.session()?, at, key };
        Ok(Self(match asking.found().await? {
            Found::Here => Some(key.region.clone()),
            Found::Elsewhere(region) | Found::Closed(Some(region)) => region.parse().ok(),
            Found::Closed(None) | Found::Nowhere => None,
        }))
    }
}

/// Whether there is a bucket of a name, whoever has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketExists(pub bool);

impl Observe for BucketExists {
    const NAME: &'static str = "s3.bucket_exists";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[HEAD_BUCKET, LIST_BUCKETS];
    type Key = BucketKey;

    async fn observe(reader: &Reader, key: &BucketKey) -> Result<Self, ReadError> {
        let at = Target { account: reader.at().account.clone(), region: Some(key.region.clone()) };
        let asking = Asking { session: reader.session()?, at, key };
        match asking.found().await? {
            Found::Here | Found::Elsewhere(_) => Ok(Self(true)),
            Found::Closed(_) => asking.closed().await.map(|()| Self(true)),
            Found::Nowhere => Ok(Self(false)),
        }
    }
}

enum Found {
    Here,
    Elsewhere(String),
    Nowhere,
    /// It does not let us in; its region, where the refusal says it.
    Closed(Option<String>),
}

/// One bucket under questions; each says whose bucket it expects, so that nobody else's answers in its place.
struct Asking<'a> {
    session: &'a Session,
    at: Target,
    key: &'a BucketKey,
}

impl Asking<'_> {
    fn client(&self) -> aws_sdk_s3::Client {
        self.session.s3(&self.key.region)
    }

    /// HEAD answers without a body, so its status is all that it says.
    async fn found(&self) -> Result<Found, ReadError> {
        let client = self.client();
        let asked = client.head_bucket().bucket(&self.key.name).expected_bucket_owner(self.at.account.as_str());
        let sending = async {
            match asked.send().await {
                Ok(answer) => {
                    let elsewhere = answer.bucket_region.filter(|region| region != self.key.region.as_str());
                    Ok(elsewhere.map_or(Found::Here, Found::Elsewhere))
                }
                Err(SdkError::ServiceError(refused)) => {
                    let region = refused.raw().headers().get("x-amz-bucket-region").map(str::to_owned);
                    // Older regions redirect. Where a younger one is concerned, the refusal is a plain 400, and only
                    // the header tells it from others.
                    match (refused.raw().status().as_u16(), region) {
                        (404, _) => Ok(Found::Nowhere),
                        (403, region) => Ok(Found::Closed(region)),
                        (301 | 307, None) => Ok(Found::Elsewhere("another region".to_owned())),
                        (301 | 307 | 400, Some(region)) if region != self.key.region.as_str() => {
                            Ok(Found::Elsewhere(region))
                        }
                        _ => Err(SdkError::ServiceError(refused)),
                    }
                }
                Err(other) => Err(other),
            }
        };
        self.session.ask(&self.at, &HEAD_BUCKET, sending).await
    }

    /// HEAD is refused without a word, to a stranger as to an owner who may not ask. Only the list of the account's own
    /// buckets tells the two apart: what is in it is not read, and nothing is known of it.
    async fn closed(&self) -> Result<(), ReadError> {
        let mut next: Option<String> = None;
        loop {
            let asked = self.client().list_buckets().prefix(&self.key.name).set_continuation_token(next);
            let page = self.session.ask(&self.at, &LIST_BUCKETS, asked.send()).await?;
            if page.buckets().iter().any(|own| own.name() == Some(&self.key.name)) {
                return Err(ReadError {
                    at: self.at.clone(),
                    action: HEAD_BUCKET.action.to_owned(),
                    class: Class::Denied(DeniedBy::Unknown),
                    code: None,
                    message: format!("HeadBucket of {}, which the account has", self.key.name),
                    status: None,
                    request_id: None,
                });
            }
            next = page.continuation_token.filter(|token| !token.is_empty());
            if next.is_none() {
                return Ok(());
            }
        }
    }

    async fn settings(&self, switches: Switches) -> Result<BucketSettings, ReadError> {
        let (encrypts, bucket_key) = self.encrypts().await?;
        let versions = match self.versions().await {
            Err(refused) if matches!(refused.class, Class::Denied(_)) => return Err(refused),
            other => other,
        };
        Ok(BucketSettings {
            blocks_public_access: switches == Switches::ALL,
            encrypts,
            bucket_key,
            mfa_delete: versions.as_ref().is_ok_and(|(_, mfa_delete)| *mfa_delete),
            keeps_versions: versions.map(|(keeps, _)| keeps).into(),
            policy: self.policy().await?,
            tags: self.tags().await?,
        })
    }

    /// Whether it encrypts, and whether by an S3 Bucket Key.
    async fn encrypts(&self) -> Result<(bool, bool), ReadError> {
        let asked = self.client().get_bucket_encryption().bucket(&self.key.name);
        let asked = asked.expected_bucket_owner(self.at.account.as_str());
        let sending = async { asked.send().await.absent_on(&["ServerSideEncryptionConfigurationNotFoundError"]) };
        let answer = self.session.ask(&self.at, &GET_BUCKET_ENCRYPTION, sending).await?;
        let rules = answer.and_then(|answer| answer.server_side_encryption_configuration);
        let rules = rules.map(|rules| rules.rules).unwrap_or_default();
        let encrypts = rules.iter().any(|rule| rule.apply_server_side_encryption_by_default().is_some());
        Ok((encrypts, rules.iter().any(|rule| rule.bucket_key_enabled() == Some(true))))
    }

    /// Whether it keeps former versions, and whether these are deleted with a second factor alone.
    async fn versions(&self) -> Result<(bool, bool), ReadError> {
        let asked = self.client().get_bucket_versioning().bucket(&self.key.name);
        let asked = asked.expected_bucket_owner(self.at.account.as_str());
        let answer = self.session.ask(&self.at, &GET_BUCKET_VERSIONING, asked.send()).await?;
        let keeps = answer.status() == Some(&aws_sdk_s3::types::BucketVersioningStatus::Enabled);
        Ok((keeps, answer.mfa_delete() == Some(&aws_sdk_s3::types::MfaDeleteStatus::Enabled)))
    }

    async fn policy(&self) -> Result<Option<String>, ReadError> {
        let asked = self.client().get_bucket_policy().bucket(&self.key.name);
        let asked = asked.expected_bucket_owner(self.at.account.as_str());
        let sending = async { asked.send().await.absent_on(&["NoSuchBucket", "NoSuchBucketPolicy"]) };
        let answer = self.session.ask(&self.at, &GET_BUCKET_POLICY, sending).await?;
        Ok(answer.and_then(|answer| answer.policy).filter(|policy| !policy.is_empty()))
    }

    async fn tags(&self) -> Result<Vec<(String, String)>, ReadError> {
        let asked = self.client().get_bucket_tagging().bucket(&self.key.name);
        let asked = asked.expected_bucket_owner(self.at.account.as_str());
        let sending = async { asked.send().await.absent_on(&["NoSuchTagSet"]) };
        let answer = self.session.ask(&self.at, &GET_BUCKET_TAGGING, sending).await?;
        let tags = answer.map(|answer| answer.tag_set).unwrap_or_default();
        Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
    }
}
