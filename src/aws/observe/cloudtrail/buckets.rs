//! The buckets that get the files of trails, each read where it is.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Listed, MANAGEMENT, MEMBER, Trails};
use crate::observe::s3::{
    AccessLogging, AccountSwitches, Bucket, BucketKey, BucketSettings, Doors, DoorsOf, Expiries, Expiry, LoggedTo,
    Switches,
};
use crate::observe::{Call, Home, Observe, ReadError, Readable, Reader, Reads, Scope};
use crate::target::Region;

/// One property that the bucket of a trail is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BucketPart {
    /// Nobody reaches it who was not let in.
    NotPublic,
    /// Its policy lets in its trails, and no others.
    Policy,
    /// It refuses requests without TLS.
    TlsOnly,
    /// Requests to it are logged.
    AccessLogging,
    /// It keeps former versions.
    Versioning,
    /// Versions are deleted with a second factor alone.
    MfaDelete,
    /// It keeps files for as long as wanted.
    Lifecycle,
}

impl BucketPart {
    /// The short name of the requirement.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NotPublic => "not_public",
            Self::Policy => "policy",
            Self::TlsOnly => "tls_only",
            Self::AccessLogging => "access_logging",
            Self::Versioning => "versioning",
            Self::MfaDelete => "mfa_delete",
            Self::Lifecycle => "lifecycle",
        }
    }
}

/// What is asked of the buckets of an account's trails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketAsked {
    /// The properties that are asked for.
    pub parts: BTreeSet<BucketPart>,
    /// The bucket that the baseline names, where it is this account's to keep.
    pub named: Option<String>,
    /// Whether this account keeps the bucket of the organization's trail.
    pub keeps_organizations: bool,
    /// The bucket for logs of requests. It may hold `{account}` and `{region}`.
    pub log_to: String,
}

/// A trail that delivers into a bucket.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Delivering {
    /// Its ARN, which names its owner.
    pub arn: String,
    /// What the names of its files begin with, before `AWSLogs/`.
    pub prefix: Option<String>,
    /// It is the organization's.
    pub organization: bool,
}

impl Delivering {
    /// What the names of its files begin with.
    #[must_use]
    pub fn files(&self) -> String {
        let prefix = self.prefix.as_ref().map(|prefix| format!("{prefix}/")).unwrap_or_default();
        format!("{prefix}AWSLogs/")
    }

    /// The account that owns it.
    #[must_use]
    pub fn owner(&self) -> &str {
        self.arn.split(':').nth(4).unwrap_or_default()
    }
}

/// A bucket for logs of requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogTarget {
    /// Its name.
    pub name: String,
    /// What it is.
    pub is: Readable<Bucket>,
}

/// The bucket of a trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailBucket {
    /// Its name.
    pub name: String,
    /// Its region, or where it is expected.
    pub region: Region,
    /// The trails that deliver into it, as far as they are known here.
    pub trails: Vec<Delivering>,
    /// What it is.
    pub is: Readable<Bucket>,
    /// Whether anybody reaches it; asked where its own block has a gap.
    pub open: Option<Readable<bool>>,
    /// Where requests are logged.
    pub logging: Option<Readable<Option<LoggedTo>>>,
    /// By which rules it deletes files; asked too where versions are wanted and not kept.
    pub expiries: Option<Readable<Vec<Expiry>>>,
    /// Where requests shall be logged; asked where they are logged nowhere.
    pub log_to: Option<LogTarget>,
}

impl TrailBucket {
    /// The settings of one that is there and the account's own.
    #[must_use]
    pub fn own(&self) -> Option<&BucketSettings> {
        match &self.is {
            Readable::Read(Bucket::Own(settings)) => Some(settings),
            _ => None,
        }
    }
}

/// The buckets of an account's trails, and the one that the baseline names; by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailBuckets(pub Vec<TrailBucket>);

impl Observe for TrailBuckets {
    const NAME: &'static str = "cloudtrail.trail_buckets";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[];
    type Key = BucketAsked;

    async fn observe(reader: &Reader, asked: &BucketAsked) -> Result<Self, ReadError> {
        let mut buckets: BTreeMap<String, (Region, BTreeSet<Delivering>)> = BTreeMap::new();
        let unmet = |region: &Region| (region.clone(), BTreeSet::new());
        for trail in trails(reader, asked).await? {
            let facts = trail.facts.clone()?;
            let delivering =
                Delivering { arn: trail.arn.clone(), prefix: facts.prefix, organization: facts.organization };
            buckets.entry(facts.bucket).or_insert_with(|| unmet(&trail.home_region)).1.insert(delivering);
        }
        if let Some(name) = &asked.named {
            buckets.entry(name.clone()).or_insert_with(|| unmet(reader.home_region()));
        }
        let reading = buckets.into_iter().map(|(name, (expected, trails))| async move {
            let (region, is) = placed(reader, &name, expected).await;
            let (open, logging, expiries, log_to) = (None, None, None, None);
            let trails = trails.into_iter().collect();
            let mut seen = TrailBucket { name, region, trails, is, open, logging, expiries, log_to };
            complete(reader, asked, &mut seen).await;
            seen
        });
        Ok(Self(futures::future::join_all(reading).await))
    }

    fn builds_on() -> Vec<Reads> {
        vec![
            Reads::of::<Trails<MEMBER>>(),
            Reads::of::<Trails<MANAGEMENT>>(),
            Reads::of::<Bucket>(),
            Reads::of::<DoorsOf>(),
            Reads::of::<AccountSwitches>(),
            Reads::of::<AccessLogging>(),
            Reads::of::<Expiries>(),
        ]
    }
}

/// The account's own trails, and the organization's where the account keeps what they deliver.
async fn trails(reader: &Reader, asked: &BucketAsked) -> Result<Vec<Listed>, ReadError> {
    let management = reader.home(Home::Management);
    if management.is_some_and(|management| management.at().account == reader.at().account) {
        return Ok(reader.get::<Trails<MANAGEMENT>>().await?.0.clone());
    }
    let mut trails = reader.get::<Trails<MEMBER>>().await?.0.clone();
    if asked.keeps_organizations {
        let all = reader.get::<Trails<MANAGEMENT>>().await?;
        let organizations = |trail: &&Listed| trail.facts.as_ref().map_or(true, |facts| facts.organization);
        trails.extend(all.0.iter().filter(organizations).cloned());
    }
    Ok(trails)
}

/// A bucket where it is: trails deliver into other regions as well.
async fn placed(reader: &Reader, name: &str, expected: Region) -> (Region, Readable<Bucket>) {
    let found = bucket(reader, name, &expected).await;
    let elsewhere = match &found {
        Ok(Bucket::Elsewhere(region)) => region.parse::<Region>().ok(),
        _ => None,
    };
    match elsewhere {
        None => (expected, found.into()),
        Some(region) => {
            let found = bucket(reader, name, &region).await;
            (region, found.into())
        }
    }
}

async fn bucket(reader: &Reader, name: &str, region: &Region) -> Result<Bucket, ReadError> {
    let key = BucketKey { name: name.to_owned(), region: region.clone() };
    reader.of::<Bucket>(&key).await.map(|bucket| Bucket::clone(&bucket))
}

/// Reads what else is asked of a bucket that is the account's own.
async fn complete(reader: &Reader, asked: &BucketAsked, seen: &mut TrailBucket) {
    let asks = |part: BucketPart| asked.parts.contains(&part);
    let Some(blocks) = seen.own().map(|settings| settings.blocks_public_access) else {
        // One that is about to be made will need it as well.
        if seen.is == Readable::Read(Bucket::Absent) && seen.trails.is_empty() && asks(BucketPart::AccessLogging) {
            seen.log_to = Some(log_target(reader, asked, &seen.region).await);
        }
        return;
    };
    let key = BucketKey { name: seen.name.clone(), region: seen.region.clone() };
    if asks(BucketPart::NotPublic) && !blocks {
        seen.open = Some(is_open(reader, &key).await.into());
    }
    if asks(BucketPart::AccessLogging) {
        let logging = reader.of::<AccessLogging>(&key).await.map(|logging| logging.0.clone());
        if logging == Ok(None) {
            seen.log_to = Some(log_target(reader, asked, &seen.region).await);
        }
        seen.logging = Some(logging.into());
    }
    // Versions that are about to be kept bill where files are deleted.
    let lacks_versions = seen.own().is_some_and(|settings| settings.keeps_versions == Readable::Read(false));
    if asks(BucketPart::Lifecycle) || (asks(BucketPart::Versioning) && lacks_versions) {
        seen.expiries = Some(reader.of::<Expiries>(&key).await.map(|expiries| expiries.0.clone()).into());
    }
}

/// Whether anybody reaches a bucket whose own block has a gap: that of the account closes it, or nothing opens it.
async fn is_open(reader: &Reader, key: &BucketKey) -> Result<bool, ReadError> {
    if reader.get::<AccountSwitches>().await?.0 == Some(Switches::ALL) {
        return Ok(false);
    }
    Ok(reader.of::<DoorsOf>(key).await?.0 != Doors::default())
}

async fn log_target(reader: &Reader, asked: &BucketAsked, region: &Region) -> LogTarget {
    let account = reader.at().account.as_str();
    let name = asked.log_to.replace("{account}", account).replace("{region}", region.as_str());
    let is = bucket(reader, &name, region).await.into();
    LogTarget { name, is }
}
