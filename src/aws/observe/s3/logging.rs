//! Where requests to a bucket are logged.

use serde::{Deserialize, Serialize};

use super::{BucketKey, call};
use crate::Session;
use crate::observe::{Call, Home, Observe, ReadError, Reader, Scope};
use crate::target::Target;

pub(crate) const GET_LOGGING: Call = call("GetBucketLogging", "s3:GetBucketLogging");

/// A place for the logs of a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedTo {
    /// The bucket that gets them.
    pub bucket: String,
    /// What their names begin with there.
    pub prefix: String,
}

/// Where requests to a bucket are logged; none: nowhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessLogging(pub Option<LoggedTo>);

impl Observe for AccessLogging {
    const NAME: &'static str = "s3.access_logging";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[GET_LOGGING];
    type Key = BucketKey;

    async fn observe(reader: &Reader, key: &BucketKey) -> Result<Self, ReadError> {
        let at = Target { account: reader.at().account.clone(), region: Some(key.region.clone()) };
        logged_to(reader.session()?, &at, key).await.map(Self)
    }
}

/// Where requests to a bucket are logged.
pub(crate) async fn logged_to(session: &Session, at: &Target, key: &BucketKey) -> Result<Option<LoggedTo>, ReadError> {
    let asked = session.s3(&key.region).get_bucket_logging().bucket(&key.name);
    let asked = asked.expected_bucket_owner(at.account.as_str());
    let answer = session.ask(at, &GET_LOGGING, asked.send()).await?;
    let enabled = answer.logging_enabled.filter(|enabled| !enabled.target_bucket().is_empty());
    Ok(enabled.map(|enabled| LoggedTo { bucket: enabled.target_bucket, prefix: enabled.target_prefix }))
}
