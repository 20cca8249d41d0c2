//! Objects in a bucket, written only under a condition: where a lock and a journal are shared.

use std::time::Duration;

use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::head_bucket::{HeadBucketError, HeadBucketOutput};
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::clock::Clock;
use super::errors::Absent as _;
use super::session::Session;
use crate::observe::{Call, ReadError};
use crate::target::{AccountId, Region, Target};

const fn call(operation: &'static str, action: &'static str) -> Call {
    Call { service: "S3", operation, action }
}

const HEAD_BUCKET: Call = call("HeadBucket", "s3:ListBucket");
const GET_OBJECT: Call = call("GetObject", "s3:GetObject");
const LIST_OBJECTS: Call = call("ListObjectsV2", "s3:ListBucket");
const PUT_OBJECT: Call = call("PutObject", "s3:PutObject");

/// The calls that shared objects take, by the caller's own credentials.
pub const OBJECT_CALLS: &[Call] = &[HEAD_BUCKET, GET_OBJECT, LIST_OBJECTS, PUT_OBJECT];

/// Those of them that only look.
pub const OBJECT_READS: &[Call] = &[HEAD_BUCKET, GET_OBJECT, LIST_OBJECTS];

/// How often a write is tried that another write got in the way of.
const CONFLICTS: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// Where objects are: `s3://bucket/key`, the key being that of an object or the front of many. A bucket of another
/// account than the caller's is written with it: `s3://111122223333@bucket/key`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The account that has the bucket, where it is not the caller's.
    owner: Option<AccountId>,
    bucket: String,
    key: String,
}

impl std::str::FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || "write it as s3://bucket/key, or s3://ACCOUNT@bucket/key for a bucket of another account".to_owned();
        let (whose, key) = text.strip_prefix("s3://").and_then(|rest| rest.split_once('/')).ok_or_else(wrong)?;
        let (owner, bucket) = match whose.split_once('@') {
            Some((owner, bucket)) => (Some(owner.parse().map_err(|_| wrong())?), bucket),
            None => (None, whose),
        };
        let key = key.trim_end_matches('/');
        if bucket.is_empty() || bucket.contains('@') || key.is_empty() {
            Err(wrong())
        } else {
            Ok(Self { owner, bucket: bucket.into(), key: key.into() })
        }
    }
}

impl Place {
    /// The account that has the bucket, if it is said; otherwise it is the caller's.
    #[must_use]
    pub fn owner(&self) -> Option<&AccountId> {
        self.owner.as_ref()
    }

    /// The name of the bucket.
    #[must_use]
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// The key of the object, or the front of many.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let owner = self.owner.as_ref().map(|owner| format!("{owner}@")).unwrap_or_default();
        write!(f, "s3://{owner}{}/{}", self.bucket, self.key)
    }
}

/// The objects below a place. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Objects {
    session: Session,
    place: Place,
    region: Region,
}

/// Under which condition an object is written.
#[derive(Clone, Copy, Debug)]
pub enum Only<'a> {
    /// There is none.
    IfAbsent,
    /// It is as it was read or written last: this is its `ETag`.
    IfStill(&'a str),
}

/// What came of a conditional write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// It was written, and has this `ETag` now.
    Done(String),
    /// The condition did not hold.
    NotSo,
}

/// An object as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What is in it.
    pub body: Vec<u8>,
    /// Its `ETag`.
    pub etag: String,
    /// How old it is by S3's clock, which is the same for everyone; none where the answer did not say.
    pub age: Option<Duration>,
}

impl Objects {
    /// Finds out in which region the bucket is, which every answer of S3 says, also a refusal.
    ///
    /// Each call names the account that has to have the bucket: one of this name may have been deleted, and made by
    /// somebody else since, who would be told where an organization is weak.
    ///
    /// # Errors
    /// S3 could not be asked.
    pub async fn open(session: Session, place: &Place) -> Result<Self, ReadError> {
        let home = session.home_region().clone();
        let mut region = home.clone();
        {
            let at = Target { account: session.account().clone(), region: Some(home.clone()) };
            let owner = place.owner.as_ref().unwrap_or(session.account()).as_str();
            let asked = session.s3(&home).head_bucket().bucket(&place.bucket).expected_bucket_owner(owner);
            let found = &mut region;
            let sending = async {
                let answer = asked.send().await;
                if let Some(named) = region_of(&answer) {
                    *found = named;
                    return Ok(());
                }
                answer.map(drop)
            };
            session.ask(&at, &HEAD_BUCKET, sending).await?;
        }
        Ok(Self { session, place: place.clone(), region })
    }

    /// Where they are.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Writes an object under a condition. `below` is added to the key of the place.
    ///
    /// # Errors
    /// S3 refused or failed.
    pub async fn put(&self, below: &str, body: &[u8], only: Only<'_>) -> Result<Written, ReadError> {
        let mut pause = FIRST_PAUSE;
        for _ in 1..CONFLICTS {
            match self.put_once(below, body, only).await {
                Err(error) if error.code.as_deref() == Some("ConditionalRequestConflict") => {
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                other => return other,
            }
        }
        self.put_once(below, body, only).await
    }

    async fn put_once(&self, below: &str, body: &[u8], only: Only<'_>) -> Result<Written, ReadError> {
        let request = self.client().put_object().bucket(&self.place.bucket).key(self.key(below));
        let request = request.expected_bucket_owner(self.owner().as_str());
        let request = request.body(ByteStream::from(body.to_vec())).content_type("application/json");
        let request = match only {
            Only::IfAbsent => request.if_none_match("*"),
            Only::IfStill(etag) => request.if_match(etag),
        };
        let sending = async { request.send().await.absent_on(&["PreconditionFailed", "NoSuchKey"]) };
        let answer = self.session.ask(&self.at(), &PUT_OBJECT, sending).await?;
        let Some(answer) = answer else { return Ok(Written::NotSo) };
        answer.e_tag.map(Written::Done).ok_or_else(|| self.senseless(&PUT_OBJECT, "the answer has no ETag"))
    }

    /// Reads an object; none where there is none.
    ///
    /// # Errors
    /// S3 refused or failed.
    pub async fn get(&self, below: &str) -> Result<Option<Found>, ReadError> {
        let clock = Clock::default();
        let request = self.client().get_object().bucket(&self.place.bucket).key(self.key(below));
        let request = request.expected_bucket_owner(self.owner().as_str()).customize().interceptor(clock.clone());
        let sending = async { request.send().await.absent_on(&["NoSuchKey"]) };
        let Some(answer) = self.session.ask(&self.at(), &GET_OBJECT, sending).await? else { return Ok(None) };
        let modified = answer.last_modified.map(|time| time.secs());
        let (Some(etag), body) = (answer.e_tag, answer.body.collect().await) else {
            return Err(self.senseless(&GET_OBJECT, "the answer has no ETag"));
        };
        let body = body.map_err(|error| self.senseless(&GET_OBJECT, &format!("the answer broke off: {error}")))?;
        let age =
            modified.zip(clock.seconds()).map(|(then, now)| Duration::from_secs((now - then).max(0).unsigned_abs()));
        Ok(Some(Found { body: body.to_vec(), etag, age }))
    }

    /// The objects whose keys continue that of the place by this; what follows the place's own key, in order.
    ///
    /// # Errors
    /// S3 refused or failed.
    pub async fn list(&self, below: &str) -> Result<Vec<String>, ReadError> {
        let (keys, _) = self.listed(below, None).await?;
        Ok(keys.iter().filter_map(|key| key.strip_prefix(self.place.key.as_str())).map(str::to_owned).collect())
    }

    /// What stands between this, which ends in a slash, and the next slash in the keys of objects.
    ///
    /// # Errors
    /// S3 refused or failed.
    pub async fn folders(&self, below: &str) -> Result<Vec<String>, ReadError> {
        let (_, fronts) = self.listed(below, Some("/")).await?;
        let front = self.key(below);
        let names = fronts.iter().filter_map(|key| key.strip_prefix(&front)?.strip_suffix('/'));
        Ok(names.map(str::to_owned).collect())
    }

    /// Keys that begin so and, with a delimiter, what those begin with that have it further on.
    async fn listed(&self, below: &str, delimiter: Option<&str>) -> Result<(Vec<String>, Vec<String>), ReadError> {
        let front = self.key(below);
        let (mut keys, mut fronts) = (vec![], vec![]);
        let mut token: Option<String> = None;
        loop {
            let request = self.client().list_objects_v2().bucket(&self.place.bucket).prefix(&front);
            let request = request.expected_bucket_owner(self.owner().as_str());
            let asked = request.set_delimiter(delimiter.map(str::to_owned)).set_continuation_token(token);
            let page = self.session.ask(&self.at(), &LIST_OBJECTS, asked.send()).await?;
            keys.extend(page.contents().iter().filter_map(|object| object.key()).map(str::to_owned));
            fronts.extend(page.common_prefixes().iter().filter_map(|front| front.prefix()).map(str::to_owned));
            token = page.next_continuation_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok((keys, fronts));
            }
        }
    }

    /// The account that has to have the bucket.
    fn owner(&self) -> &AccountId {
        self.place.owner.as_ref().unwrap_or(self.session.account())
    }

    fn client(&self) -> aws_sdk_s3::Client {
        self.session.s3(&self.region)
    }

    fn key(&self, below: &str) -> String {
        format!("{}{below}", self.place.key)
    }

    fn at(&self) -> Target {
        Target { account: self.session.account().clone(), region: Some(self.region.clone()) }
    }

    fn senseless(&self, call: &Call, message: &str) -> ReadError {
        ReadError::senseless(&self.at(), call, message)
    }
}

fn region_of(answer: &Result<HeadBucketOutput, SdkError<HeadBucketError, HttpResponse>>) -> Option<Region> {
    let named = match answer {
        Ok(found) => found.bucket_region().map(str::to_owned),
        Err(refused) => refused.raw_response()?.headers().get("x-amz-bucket-region").map(str::to_owned),
    };
    named?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_bucket_and_a_key() {
        let place: Place = "s3://bucket/a/b/".parse().expect("a place");
        assert_eq!((place.to_string().as_str(), place.owner()), ("s3://bucket/a/b", None));
        for wrong in [
            "bucket/key",
            "s3://bucket",
            "s3://bucket/",
            "s3:///key",
            "https://bucket/key",
            "s3://acme@bucket/key",
            "s3://1111@bucket/key",
            "s3://@bucket/key",
            "s3://111122223333@/key",
            "s3://111122223333@111122223333@bucket/key",
        ] {
            let why = wrong.parse::<Place>().expect_err(wrong);
            assert!(why.starts_with("write it as s3://bucket/key"), "{wrong}: {why}");
        }
    }

    #[test]
    fn a_bucket_of_another_account_is_written_with_it() {
        let place: Place = "s3://111122223333@bucket/a/@b".parse().expect("a place");
        assert_eq!(place.to_string(), "s3://111122223333@bucket/a/@b");
        assert_eq!((place.owner().map(AccountId::as_str), place.bucket()), (Some("111122223333"), "bucket"));
    }
}
