//! What is read of AWS Config: the recorder of a region, where it delivers, and for how long items are kept.
//!
//! A region has one recorder that is the account's. Those that are linked to a service are the service's: without a
//! name AWS describes only the account's, and what bears a service principal is not counted.

mod reads;

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::observe::s3::{Bucket, BucketKey};
use crate::observe::{Home, Observe, ReadError, Readable, Reader, Reads, Scope};
use crate::target::{AccountId, Region};

pub(super) use reads::RecorderTags;
pub use reads::{Channels, Delivery, Linked, Listed, Recorders, Retention, ServiceRole, Statuses};
pub(crate) use reads::{
    DESCRIBE_CHANNELS, DESCRIBE_RECORDERS, DESCRIBE_RETENTION, DESCRIBE_STATUS, call, channel, recorder, retention,
    status,
};

/// AWS Config as other services name it.
pub const PRINCIPAL: &str = "config.amazonaws.com";

/// The role that AWS Config works by, where the account has none of its own for it.
pub const ROLE: &str = "AWSServiceRoleForConfig";

/// How often a change is recorded, the least often first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schemars(inline)]
pub enum Frequency {
    /// What is at the end of a day.
    Daily,
    /// Every change.
    Continuous,
}

impl Frequency {
    /// The word of the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Daily => "DAILY",
            Self::Continuous => "CONTINUOUS",
        }
    }
}

/// How often a snapshot is delivered, the least often first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum Snapshots {
    /// Once a day.
    #[serde(rename = "TwentyFour_Hours")]
    Daily,
    /// Twice a day.
    #[serde(rename = "Twelve_Hours")]
    EveryTwelveHours,
    /// Four times a day.
    #[serde(rename = "Six_Hours")]
    EverySixHours,
    /// Eight times a day.
    #[serde(rename = "Three_Hours")]
    EveryThreeHours,
    /// Every hour.
    #[serde(rename = "One_Hour")]
    Hourly,
}

impl Snapshots {
    /// All of them, the least often first.
    pub const ALL: [Self; 5] =
        [Self::Daily, Self::EveryTwelveHours, Self::EverySixHours, Self::EveryThreeHours, Self::Hourly];

    /// The word of the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Daily => "TwentyFour_Hours",
            Self::EveryTwelveHours => "Twelve_Hours",
            Self::EverySixHours => "Six_Hours",
            Self::EveryThreeHours => "Three_Hours",
            Self::Hourly => "One_Hour",
        }
    }
}

/// Which types of resources are recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Types {
    /// All that AWS Config knows, and those that it will.
    All {
        /// Users, groups, roles and policies of IAM too.
        global: bool,
    },
    /// All but these.
    AllBut(BTreeSet<String>),
    /// These alone.
    Only(BTreeSet<String>),
}

/// The types that a region records of IAM, which is the same in all regions.
pub const GLOBAL_TYPES: [&str; 4] = ["AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::User"];

impl Types {
    /// Whether the types of IAM are among them.
    #[must_use]
    pub fn record_global(&self) -> bool {
        self.global().len() == GLOBAL_TYPES.len()
    }

    /// The types of IAM that are among them.
    #[must_use]
    pub fn global(&self) -> Vec<&'static str> {
        let has = |kind: &str| match self {
            Self::All { global } => *global,
            Self::AllBut(excluded) => !excluded.contains(kind),
            Self::Only(types) => types.contains(kind),
        };
        GLOBAL_TYPES.into_iter().filter(|kind| has(kind)).collect()
    }
}

/// Regions that AWS Config came to after February 2022, in which it records nothing of IAM, whatever its recorder asks for.
const WITHOUT_GLOBAL: [&str; 12] = [
    "ap-east-2",
    "ap-south-2",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-west-1",
    "eu-central-2",
    "eu-south-2",
    "il-central-1",
    "me-central-1",
    "mx-central-1",
];

/// Whether AWS Config can record the types of IAM in a region.
#[must_use]
pub fn can_record_global(region: &Region) -> bool {
    !WITHOUT_GLOBAL.contains(&region.as_str())
}

/// Types that are recorded at a frequency of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// What it is for, in somebody's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The types.
    pub types: BTreeSet<String>,
    /// How often.
    pub frequency: Frequency,
}

/// The recorder of a region, as a whole: AWS replaces it as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorder {
    /// Its name, which cannot be changed.
    pub name: String,
    /// The ARN of the role that it reads by.
    pub role: String,
    /// What it records.
    pub types: Types,
    /// How often.
    pub frequency: Frequency,
    /// What it records otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<Override>,
}

/// Whether a recorder works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Whether it records.
    pub recording: bool,
    /// How the last attempt went, in AWS's word: `PENDING`, `SUCCESS`, `FAILURE`; none: there was none.
    pub last: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
}

/// Where items are delivered, as a whole: AWS replaces it as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// Its name, which cannot be changed.
    pub name: String,
    /// The bucket.
    pub bucket: String,
    /// Below which files are put.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// The ARN of the key that encrypts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<String>,
    /// The ARN of the topic that is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sns_topic: Option<String>,
    /// How often a snapshot is delivered; none: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshots: Option<Snapshots>,
}

/// A bucket to deliver into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Its name.
    pub name: String,
    /// The region in which it is made.
    pub region: Region,
    /// The account that keeps it, where that is another one.
    pub keeper: Option<AccountId>,
    /// Whether the baseline asks for deliveries into it; otherwise it is for a region that has nowhere to deliver.
    pub named: bool,
}

/// What is asked of a region: it decides what has to be looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
pub struct Asked {
    /// Whether it records.
    pub recording: bool,
    /// By which role.
    pub role: bool,
    /// Whether what is recorded arrives.
    pub delivered: bool,
    /// For how long items are kept.
    pub retention: bool,
    /// Where it delivers; none: that is not asked, and needs nothing.
    pub place: Option<Place>,
    /// The service whose own recorder is to record.
    pub linked_to: Option<String>,
}

/// All that decides what to do about recording in a region; what was not asked is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// The recorder: the account's, or that of the service that is named.
    pub recorder: Option<Recorder>,
    /// Its ARN, where it is the account's and AWS says it.
    pub arn: Option<String>,
    /// Whether it works.
    pub status: Option<Status>,
    /// Where it delivers.
    pub channel: Option<Channel>,
    /// Why the last delivery of the history failed, if it did.
    pub failure: Option<Readable<Option<String>>>,
    /// For how many days items are kept, where that is set.
    pub retention: Option<Readable<Option<u32>>>,
    /// Whether the account has the role of the service.
    pub role: Option<Readable<bool>>,
    /// The bucket to deliver into, as the account sees it that keeps it.
    pub bucket: Option<Readable<Bucket>>,
}

impl Observe for Recording {
    const NAME: &'static str = "config.recording";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [crate::observe::Call] = &[];
    type Key = Asked;

    async fn observe(reader: &Reader, asked: &Asked) -> Result<Self, ReadError> {
        if let Some(service) = &asked.linked_to {
            let linked = reader.of::<Linked>(service).await?;
            return Ok(Self { recorder: linked.recorder.clone(), status: linked.status.clone(), ..Self::default() });
        }
        let mut seen = Self::default();
        if let Some(listed) = &reader.get::<Recorders>().await?.0 {
            (seen.recorder, seen.arn) = (Some(listed.recorder.clone()), listed.arn.clone());
        }
        if asked.recording && seen.recorder.is_some() {
            seen.status.clone_from(&reader.get::<Statuses>().await?.0);
        }
        if asked.place.is_some() || asked.delivered {
            seen.channel.clone_from(&reader.get::<Channels>().await?.0);
        }
        if asked.delivered && seen.channel.is_some() {
            seen.failure = Some(reader.get::<Delivery>().await.map(|delivery| delivery.0.clone()).into());
        }
        if asked.retention {
            seen.retention = Some(reader.get::<Retention>().await.map(|retention| retention.0).into());
        }
        if asked.needs_role(seen.recorder.as_ref()) {
            seen.role = Some(reader.at_account().get::<ServiceRole>().await.map(|role| role.0).into());
        }
        if let Some(place) = asked.place.as_ref().filter(|place| place.matters(&seen, reader)) {
            seen.bucket = Some(bucket(reader, place).await);
        }
        Ok(seen)
    }

    fn builds_on() -> Vec<Reads> {
        vec![
            Reads::of::<Recorders>(),
            Reads::of::<Statuses>(),
            Reads::of::<Channels>(),
            Reads::of::<Delivery>(),
            Reads::of::<Retention>(),
            Reads::of::<ServiceRole>(),
            Reads::of::<Linked>(),
            Reads::of::<Bucket>(),
            Reads::of::<Bucket>().there(Home::LogArchive),
        ]
    }
}

impl Asked {
    /// Whether the role of the service is about to be used: where there is no recorder, or one that is to have it.
    fn needs_role(&self, recorder: Option<&Recorder>) -> bool {
        match recorder {
            None => self.recording,
            Some(recorder) => self.role && !is_service_role(&recorder.role),
        }
    }
}

/// Whether an ARN is that of the role that AWS Config has AWS make for it.
#[must_use]
pub fn is_service_role(arn: &str) -> bool {
    arn.ends_with(&format!(":role/aws-service-role/{PRINCIPAL}/{ROLE}"))
}

impl Place {
    /// Whether the bucket has to be looked at: by a region that is about to deliver into it, or whose deliveries into it
    /// fail; and, where it is kept for others, once by the account that keeps it.
    fn matters(&self, seen: &Recording, reader: &Reader) -> bool {
        let keeps = self.keeper.as_ref() == Some(&reader.at().account) && *reader.region() == self.region;
        let Some(channel) = &seen.channel else { return true };
        let delivers = channel.bucket == self.name;
        let fails = seen.failure.as_ref().is_some_and(|failure| !matches!(failure, Readable::Read(None)));
        keeps || if delivers { fails } else { self.named }
    }
}

async fn bucket(reader: &Reader, place: &Place) -> Readable<Bucket> {
    let there = match &place.keeper {
        Some(keeper) => reader.named(keeper),
        None => Ok(reader.clone()),
    };
    let key = BucketKey { name: place.name.clone(), region: place.region.clone() };
    match there {
        Ok(there) => there.of::<Bucket>(&key).await.map(|bucket| Bucket::clone(&bucket)).into(),
        Err(error) => Readable::Unreadable(error),
    }
}
