//! By what anybody reaches a bucket.

use serde::{Deserialize, Serialize};

use super::{BucketKey, LIST_BUCKETS, SwitchesOf, call};
use crate::observe::{Call, Class, DeniedBy, Home, Observe, ReadError, Readable, Reader, Reads, Scope};
use crate::target::{Region, Target};
use crate::{Absent, Session};

const GET_POLICY_STATUS: Call = call("GetBucketPolicyStatus", "s3:GetBucketPolicyStatus");
const GET_ACL: Call = call("GetBucketAcl", "s3:GetBucketAcl");

/// The buckets of an account that anybody reaches today, by what their own block lets through, and those that did not
/// say; by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenBuckets(pub Vec<OpenBucket>);

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenBucket {
    /// Its name.
    pub name: String,
    /// Its region.
    pub region: Region,
    /// By what it is reached.
    pub by: Readable<Doors>,
}

/// By what a bucket is reached by anybody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doors {
    /// By its ACL.
    pub acl: bool,
    /// By its policy.
    pub policy: bool,
}

impl Observe for OpenBuckets {
    const NAME: &'static str = "s3.open_buckets";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[LIST_BUCKETS];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let listed = list(session, reader.at()).await?;
        // The session limits how many of these are in flight.
        let read = futures::future::join_all(listed.into_iter().map(|(name, region)| async move {
            let key = BucketKey { name, region };
            let by = doors(reader, &key).await;
            let BucketKey { name, region } = key;
            // Whom his own policies refuse, every bucket refuses alike: that is no matter of one of them.
            match by {
                Err(error) if error.class == Class::Denied(DeniedBy::Identity) => Err(error),
                Ok(doors) if doors == Doors::default() => Ok(None),
                by => Ok(Some(OpenBucket { name, region, by: by.into() })),
            }
        }));
        let open: Vec<Option<OpenBucket>> = read.await.into_iter().collect::<Result<_, ReadError>>()?;
        let mut open: Vec<OpenBucket> = open.into_iter().flatten().collect();
        open.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self(open))
    }

    fn builds_on() -> Vec<Reads> {
        vec![Reads::of::<DoorsOf>(), Reads::of::<SwitchesOf>()]
    }
}

/// By what anybody reaches a bucket, its own block considered; one that has gone is reached by nobody.
async fn doors(reader: &Reader, key: &BucketKey) -> Result<Doors, ReadError> {
    let doors = reader.of::<DoorsOf>(key).await?.0;
    if doors == Doors::default() {
        return Ok(doors);
    }
    let own = reader.of::<SwitchesOf>(key).await?.0.unwrap_or_default();
    Ok(Doors { acl: doors.acl && !own.ignore_public_acls, policy: doors.policy && !own.restrict_public_buckets })
}

/// By what anybody reaches one bucket, whatever its own block says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoorsOf(pub Doors);

impl Observe for DoorsOf {
    const NAME: &'static str = "s3.doors_of_bucket";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[GET_POLICY_STATUS, GET_ACL];
    type Key = BucketKey;

    async fn observe(reader: &Reader, key: &BucketKey) -> Result<Self, ReadError> {
        let at = Target { account: reader.at().account.clone(), region: Some(key.region.clone()) };
        let bucket = Bucket { session: reader.session()?, at, region: &key.region, name: &key.name };
        Ok(Self(Doors { acl: bucket.acl().await?, policy: bucket.policy().await? }))
    }
}

/// The account's buckets and their regions, which AWS says only where something is asked of the list.
async fn list(session: &Session, at: &Target) -> Result<Vec<(String, Region)>, ReadError> {
    const AT_ONCE: i32 = 1000;
    let home = session.home_region();
    let mut found = vec![];
    let mut next: Option<String> = None;
    loop {
        let asked = session.s3(home).list_buckets().max_buckets(AT_ONCE).set_continuation_token(next);
        let page = session.ask(at, &LIST_BUCKETS, asked.send()).await?;
        found.extend(page.buckets().iter().filter_map(|bucket| {
            let region = bucket.bucket_region().and_then(|region| region.parse().ok());
            Some((bucket.name()?.to_owned(), region.unwrap_or_else(|| home.clone())))
        }));
        next = page.continuation_token.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(found);
        }
    }
}

/// Who has no account of their own is one of the first, and everybody with some account one of the second.
const EVERYBODY: [&str; 2] = ["/groups/global/AllUsers", "/groups/global/AuthenticatedUsers"];

struct Bucket<'a> {
    session: &'a Session,
    at: Target,
    region: &'a Region,
    name: &'a str,
}

impl Bucket<'_> {
    async fn policy(&self) -> Result<bool, ReadError> {
        let asked = self.session.s3(self.region).get_bucket_policy_status().bucket(self.name);
        let asked = asked.expected_bucket_owner(self.at.account.as_str());
        let sending = async { asked.send().await.absent_on(&["NoSuchBucketPolicy", "NoSuchBucket"]) };
        let answer = self.session.ask(&self.at, &GET_POLICY_STATUS, sending).await?;
        Ok(answer.and_then(|answer| answer.policy_status).is_some_and(|status| status.is_public() == Some(true)))
    }

    async fn acl(&self) -> Result<bool, ReadError> {
        let asked = self.session.s3(self.region).get_bucket_acl().bucket(self.name);
        let asked = asked.expected_bucket_owner(self.at.account.as_str());
        let sending = async { asked.send().await.absent_on(&["NoSuchBucket"]) };
        let answer = self.session.ask(&self.at, &GET_ACL, sending).await?;
        let everybody = |uri: &str| EVERYBODY.iter().any(|group| uri.ends_with(group));
        let grants = answer.map(|answer| answer.grants.unwrap_or_default()).unwrap_or_default();
        Ok(grants.iter().filter_map(|grant| grant.grantee()?.uri()).any(everybody))
    }
}
