//! What is read of CloudTrail.
//!
//! `DescribeTrails` alone does not show single-region trails of other regions, so trails are listed, and read by
//! their ARN in their home region. [`Coverage`] asks for no more than the judgement needs.

mod buckets;
mod choice;
mod coverage;
mod events;
mod insights;
mod management;
mod reads;
mod selectors;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::kms::named::KeyState;
use super::{Home, ReadError, Readable};
use crate::ownership::Signs;
use crate::target::{AccountId, Region};

pub use buckets::{BucketAsked, BucketPart, Delivering, LogTarget, TrailBucket, TrailBuckets};
pub use choice::{Choice, IDLE, Met, best_known, choose};
pub use coverage::{Coverage, DELIVERY_POLICY, Making, PRINCIPAL};
pub use events::{Events, Whole};
pub(crate) use insights::{GET_INSIGHTS, insights as insights_of};
pub use insights::{Insights, InsightsOf};
pub(crate) use reads::{DESCRIBE_TRAILS, GET_SELECTORS, selectors as selectors_of};
pub use reads::{SelectorsOf, StatusOf, TagsOf, TrailKey, Trails, VisibleTrails};
pub use selectors::{AdvancedSelector, BasicSelector, DataResource, FieldSelector, Selectors};

/// A leaf that is read in the account that is judged.
pub(super) const MEMBER: bool = false;
/// The same leaf read in the management account, once for all its members.
pub(super) const MANAGEMENT: bool = true;

pub(super) const fn home(management: bool) -> Home {
    if management { Home::Management } else { Home::Member }
}

/// One property that a trail is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// It logs every region, and the services that have none.
    MultiRegion,
    /// It is logging, and what it logs arrives.
    Logging,
    /// It logs all management events.
    ManagementEvents,
    /// It signs its files with digests.
    LogFileValidation,
    /// It encrypts with the wanted key, which is enabled.
    Kms,
    /// It delivers to a log group, and what it delivers arrives.
    CloudwatchLogs,
    /// It logs every write of an object in S3, in every region.
    S3DataEventsWrite,
    /// It logs every read of an object in S3, in every region.
    S3DataEventsRead,
    /// CloudTrail Insights looks at its management events, by every kind that there is.
    Insights,
}

impl Part {
    /// The short name of the requirement.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::MultiRegion => "multi_region",
            Self::Logging => "logging",
            Self::ManagementEvents => "management_events",
            Self::LogFileValidation => "log_file_validation",
            Self::Kms => "kms",
            Self::CloudwatchLogs => "cloudwatch_logs",
            Self::S3DataEventsWrite => "s3_data_events_write",
            Self::S3DataEventsRead => "s3_data_events_read",
            Self::Insights => "insights",
        }
    }

    /// The events that it is about.
    #[must_use]
    pub fn events(self) -> Option<Events> {
        match self {
            Self::ManagementEvents => Some(Events::Management),
            Self::S3DataEventsRead => Some(Events::S3Reads),
            Self::S3DataEventsWrite => Some(Events::S3Writes),
            Self::MultiRegion
            | Self::Logging
            | Self::LogFileValidation
            | Self::Kms
            | Self::CloudwatchLogs
            | Self::Insights => None,
        }
    }

    /// Whether it depends on what a trail logs.
    #[must_use]
    pub fn needs_selectors(self) -> bool {
        self == Self::Insights || self.events().is_some()
    }

    /// Whether it is asked of a trail of every region alone.
    #[must_use]
    pub fn is_everywhere(self) -> bool {
        matches!(self, Self::MultiRegion | Self::S3DataEventsWrite | Self::S3DataEventsRead)
    }
}

/// Whose trails count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// The organization's alone.
    Organization,
    /// The account's own and the organization's.
    Account,
}

/// What is asked of the trails of an account: which of its properties have to be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Whose trails count.
    pub whose: Whose,
    /// The properties that are asked for.
    pub parts: BTreeSet<Part>,
    /// Services whose management events it may leave out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excluded_sources: Vec<String>,
    /// The name of the trail that the baseline means.
    pub name: String,
    /// That name in the management account.
    #[serde(default)]
    pub name_there: String,
    /// The account that keeps bucket and key of the organization's trail; none: the account of the trail.
    pub log_account: Option<AccountId>,
    /// The bucket of a trail that has to be made.
    pub bucket: String,
    /// The key that has to encrypt, or, with `any_key`, that of a trail that has none: an alias, an id or an ARN.
    pub kms_key: Option<String>,
    /// Whether any key that is enabled will do.
    pub any_key: bool,
    /// The log group for a trail that has none, and the role by which it delivers there.
    pub delivery: Delivery,
    /// Whether somebody else's trail may be mended.
    pub mend: bool,
}

/// The log group for a trail that has none, and the role by which it delivers there: both of the trail's account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The name of the log group.
    pub group: String,
    /// The days that it keeps what it gets, at least.
    pub retention_days: i32,
    /// The name of the role.
    pub role: String,
}

impl Asked {
    /// Whether this property is asked for.
    #[must_use]
    pub fn asks(&self, part: Part) -> bool {
        self.parts.contains(&part)
    }

    /// Whether it has to be asked whether trails work.
    #[must_use]
    pub fn asks_for_status(&self) -> bool {
        self.asks(Part::Logging) || self.asks(Part::CloudwatchLogs)
    }

    /// Whether it has to be asked what trails log.
    #[must_use]
    pub fn asks_for_events(&self) -> bool {
        self.parts.iter().any(|part| part.needs_selectors())
    }
}

/// What `DescribeTrails` says of a trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "the API has these switches")]
pub struct Facts {
    /// It logs every region, and the services that have none.
    pub multi_region: bool,
    /// It is the organization's.
    pub organization: bool,
    /// It signs its files with digests.
    pub validation: bool,
    /// It has selectors of its own; without, AWS logs all management events.
    pub custom_selectors: bool,
    /// CloudTrail Insights looks at what it logs.
    #[serde(default)]
    pub insights: bool,
    /// The key that encrypts its files.
    pub kms_key: Option<String>,
    /// The bucket that gets its files.
    pub bucket: String,
    /// What their names begin with there, before `AWSLogs/`.
    #[serde(default)]
    pub prefix: Option<String>,
    /// The ARN of the log group that gets its events, `:*` included.
    #[serde(default)]
    pub log_group: Option<String>,
}

/// A trail as the list shows it, with what could be read of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its ARN, which names its owner.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// The region in which it is changed.
    pub home_region: Region,
    /// What it is; an error where its home region did not answer.
    pub facts: Result<Facts, ReadError>,
}

impl Listed {
    /// Whether it shows in a region: at home, and everywhere if it logs every region.
    #[must_use]
    pub fn shows_in(&self, region: &Region) -> bool {
        self.home_region == *region || self.facts.as_ref().is_ok_and(|facts| facts.multi_region)
    }

    /// What counts as all events that it has to log.
    #[must_use]
    pub fn whole<'a>(&'a self, asked: &'a Asked) -> Whole<'a> {
        Whole {
            excluded: &asked.excluded_sources,
            partition: self.arn.split(':').nth(1).unwrap_or("aws"),
            log_bucket: self.facts.as_ref().map_or("", |facts| &facts.bucket),
        }
    }
}

/// What `GetTrailStatus` says of a trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// It is switched on.
    pub logging: bool,
    /// Why its files do not arrive.
    pub delivery_error: Option<String>,
    /// Why its digests do not arrive.
    pub digest_error: Option<String>,
    /// When this was said, in seconds since 1970 by the clock of who said it.
    #[serde(default)]
    pub said: i64,
    /// When it was last switched on, in seconds since 1970.
    #[serde(default)]
    pub started: Option<i64>,
    /// When something last arrived in its log group, in seconds since 1970.
    #[serde(default)]
    pub logs_delivered: Option<i64>,
    /// Why nothing arrives in its log group.
    #[serde(default)]
    pub logs_error: Option<String>,
}

impl Status {
    /// Why what is logged does not arrive, if it does not.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.delivery_error.as_deref().or(self.digest_error.as_deref())
    }
}

/// A trail with everything that was asked about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trail {
    /// The trail.
    pub listed: Listed,
    /// Whether it works; none: not asked.
    pub status: Option<Readable<Status>>,
    /// Its selectors; none: not asked.
    pub selectors: Option<Readable<Selectors>>,
    /// Its Insights; none: not asked, as where it has none.
    #[serde(default)]
    pub insights: Option<Readable<Insights>>,
    /// The key that it should encrypt with, as the trail's home region knows it: the wanted one, or where any will do
    /// its own. None: not asked.
    pub wanted_key: Option<Readable<Option<KeyState>>>,
    /// The tags that say who made it and who looks after it; none: not asked.
    pub signs: Option<Readable<Signs>>,
}

impl Trail {
    /// A trail of which nothing was asked besides.
    fn only_listed(listed: &Listed) -> Self {
        let listed = listed.clone();
        Self { listed, status: None, selectors: None, insights: None, wanted_key: None, signs: None }
    }
}
