//! What a baseline may ask of a trail.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::control::{Context, Contradiction};
use crate::controls::Yes;
use crate::observe::cloudtrail::{Asked, Delivery, Part, Whose};
use crate::target::{AccountId, Target};

/// What the trail that covers an account has to be.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// `organization`: one trail of the organization covers every account, and is mended in the management account.
    /// `account`: each account is covered by a trail of its own or by the organization's. Left out: `account`.
    #[schemars(extend("default" = "account"))]
    scope: Option<Scope>,
    /// The name of the trail, `trueup` if left out. It may hold `{account}` and `{region}`.
    #[schemars(regex(
        pattern = r"^([A-Za-z0-9]|\{account\}|\{region\})(([A-Za-z0-9._-]|\{account\}|\{region\}){1,126}([A-Za-z0-9]|\{account\}|\{region\}))?$"
    ))]
    #[schemars(extend("default" = "trueup"))]
    name: Option<String>,
    /// The account that keeps the bucket and the key of the organization's trail, such as the log archive: both are made
    /// there before the trail, which stays in the management account. Only with `scope: organization`. Left out: the
    /// account of the trail.
    #[schemars(with = "Option<String>", regex(pattern = r"^[0-9]{12}$"))]
    log_account: Option<AccountId>,
    /// The bucket for a trail that has to be made, in the account that keeps it; `trueup-trail-{account}-{region}` if
    /// left out, with the id of that account.
    #[schemars(regex(
        pattern = r"^([a-z0-9]|\{account\}|\{region\})(([a-z0-9.-]|\{account\}|\{region\}){1,61}([a-z0-9]|\{account\}|\{region\}))?$"
    ))]
    #[schemars(extend("default" = "trueup-trail-{account}-{region}"))]
    bucket: Option<String>,
    /// Require that it encrypts its files with a KMS key that is enabled; with `kms_key`, with that one.
    kms: Option<Yes>,
    /// The key that encrypts the log files: `alias/NAME`, which is made where it is missing, or a key's id or ARN. Left
    /// out, with `kms`: any key that is enabled is kept, and a trail without one gets `alias/trueup-trail`.
    #[schemars(regex(
        pattern = r"^(alias/([A-Za-z0-9/_-]|\{account\}|\{region\})+|arn:[a-z-]+:kms:.+|mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$"
    ))]
    kms_key: Option<String>,
    /// What is done with a trail of somebody else that falls short. `leave`: it stays, and one of ours is made beside
    /// it. `mend`: the account's own best trail that logs management events is mended. Left out: `leave`.
    #[schemars(extend("default" = "leave"))]
    existing: Option<Existing>,
    /// Require that it logs every region, and the services that have none.
    multi_region: Option<Yes>,
    /// Require that it is logging, and that what it logs arrives.
    logging: Option<Yes>,
    /// Require that it logs all management events, reads and writes.
    management_events: Option<Yes>,
    /// Services whose management events it may leave out all the same. What it leaves out now and is not here is logged
    /// again; what it logs now stays.
    #[schemars(length(min = 1))]
    excluded_sources: Option<BTreeSet<EventSource>>,
    /// Require that it logs every write of an object in S3, in every region. The trail's own bucket may be left out.
    s3_data_events_write: Option<Yes>,
    /// Require that it logs every read of an object in S3, in every region. The trail's own bucket may be left out.
    s3_data_events_read: Option<Yes>,
    /// Require that CloudTrail Insights looks at its management events: at how many calls are made, and how many fail.
    insights: Option<Yes>,
    /// Require that it signs its files with digests.
    log_file_validation: Option<Yes>,
    /// Require that it delivers to a log group of CloudWatch Logs, and that something arrived there within a day. A log
    /// group that a trail has is kept; one that has none gets `log_group`.
    cloudwatch_logs: Option<Yes>,
    /// The log group for a trail that has none, in its home region: made where it is missing. It may hold `{account}` and
    /// `{region}`.
    #[schemars(regex(pattern = r"^([A-Za-z0-9._/#-]|\{account\}|\{region\}){1,512}$"))]
    #[schemars(extend("default" = "/aws/cloudtrail/trueup"))]
    log_group: Option<String>,
    /// The days that this log group keeps what it gets. One that keeps for longer, or for ever, goes on doing so.
    #[schemars(extend("enum" = RETENTIONS, "default" = 365))]
    log_retention_days: Option<i32>,
    /// The role by which CloudTrail writes to this log group: made where it is missing. It may hold `{account}` and
    /// `{region}`.
    #[schemars(length(min = 1), regex(pattern = r"^([A-Za-z0-9+=,.@_-]|\{account\}|\{region\}){1,64}$"))]
    #[schemars(extend("default" = "trueup-trail-logs"))]
    log_role: Option<String>,
}

/// The days that CloudWatch Logs keeps what a log group gets; it takes no others.
const RETENTIONS: [i32; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// A service whose management events a trail can leave out;
/// [CloudTrail takes no others](https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) enum EventSource {
    #[serde(rename = "kms.amazonaws.com")]
    Kms,
    #[serde(rename = "rdsdata.amazonaws.com")]
    RdsData,
}

impl EventSource {
    fn name(self) -> String {
        match self {
            Self::Kms => "kms.amazonaws.com",
            Self::RdsData => "rdsdata.amazonaws.com",
        }
        .to_owned()
    }
}

/// Whose trail is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(super) enum Scope {
    Organization,
    Account,
}

/// What is done with what somebody else made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(super) enum Existing {
    Leave,
    Mend,
}

/// The bucket of a trail that is made, where no other is named.
pub(super) const BUCKET: &str = "trueup-trail-{account}-{region}";

impl Settings {
    pub(super) fn parts(&self) -> impl Iterator<Item = Part> {
        let named = [
            (Part::MultiRegion, self.multi_region.is_some()),
            (Part::Logging, self.logging.is_some()),
            (Part::ManagementEvents, self.management_events.is_some()),
            (Part::LogFileValidation, self.log_file_validation.is_some()),
            (Part::Kms, self.kms.is_some() || self.kms_key.is_some()),
            (Part::CloudwatchLogs, self.cloudwatch_logs.is_some()),
            (Part::S3DataEventsWrite, self.s3_data_events_write.is_some()),
            (Part::S3DataEventsRead, self.s3_data_events_read.is_some()),
            (Part::Insights, self.insights.is_some()),
        ];
        named.into_iter().filter_map(|(part, named)| named.then_some(part))
    }

    pub(super) fn asks(&self, part: Part) -> bool {
        self.parts().any(|asked| asked == part)
    }

    /// Whether it has to be asked whether trails work.
    pub(super) fn asks_for_status(&self) -> bool {
        self.asks(Part::Logging) || self.asks(Part::CloudwatchLogs)
    }

    /// Whether it has to be asked what trails log.
    pub(super) fn asks_for_events(&self) -> bool {
        self.parts().any(Part::needs_selectors)
    }

    pub(super) fn whose(&self) -> Whose {
        match self.scope {
            Some(Scope::Organization) => Whose::Organization,
            Some(Scope::Account) | None => Whose::Account,
        }
    }

    /// Who keeps bucket and key, where that is said to be another account than the trail's.
    pub(super) fn keeper(&self) -> Option<&AccountId> {
        self.log_account.as_ref().filter(|_| self.whose() == Whose::Organization)
    }

    /// Whether the key that is asked for may be one that the account of the trail keeps, and not the log archive.
    pub(super) fn keeps_own_key(&self) -> bool {
        let named = self.kms_key.as_deref();
        named.is_none_or(|key| key.starts_with("arn:"))
    }

    /// Why these make no sense together.
    pub(super) fn contradiction(&self) -> Option<Contradiction> {
        let alone = self.log_account.is_some() && self.keeper().is_none();
        alone.then_some(Contradiction {
            setting: "log_account",
            words: "`log_account` is for the trail of the organization",
            mend: "add `scope: organization`, or leave `log_account` out: a trail of each account delivers into that \
                   account",
        })
    }

    pub(super) fn mends(&self) -> bool {
        self.existing == Some(Existing::Mend)
    }

    /// The bucket of a trail that is made, and the key, if one is asked for.
    pub(super) fn named(&self) -> (&str, Option<&str>) {
        let bucket = self.bucket.as_deref().unwrap_or(BUCKET);
        (bucket, self.kms_key.as_deref().or(self.kms.map(|Yes| "alias/trueup-trail")))
    }

    /// The log group for a trail that has none, and the role by which it delivers there.
    pub(super) fn delivery(&self) -> (&str, &str) {
        let group = self.log_group.as_deref().unwrap_or("/aws/cloudtrail/trueup");
        (group, self.log_role.as_deref().unwrap_or("trueup-trail-logs"))
    }

    pub(super) fn asked(&self, context: &Context<'_>) -> Asked {
        let whose = self.whose();
        let (bucket, key) = self.named();
        // The organization's trail, its bucket and its key are named after the accounts that own them.
        let owner = owner(whose, context);
        let keeper = self.keeper().unwrap_or(owner);
        let kept = |template: &str| in_account(template, keeper, context);
        let (group, role) = self.delivery();
        let own = |template: &str| in_account(template, owner, context);
        let name = self.name.as_deref().unwrap_or("trueup");
        Asked {
            whose,
            parts: self.parts().collect(),
            excluded_sources: self.excluded_sources.iter().flatten().map(|source| source.name()).collect(),
            name: own(name),
            name_there: in_account(name, context.management.unwrap_or(owner), context),
            log_account: self.keeper().cloned(),
            bucket: kept(bucket),
            kms_key: key.map(kept),
            any_key: self.kms_key.is_none(),
            delivery: Delivery {
                group: own(group),
                retention_days: self.log_retention_days.unwrap_or(365),
                role: own(role),
            },
            mend: self.mends(),
        }
    }
}

/// The account of a trail that is made or mended.
pub(super) fn owner<'a>(whose: Whose, context: &'a Context<'_>) -> &'a AccountId {
    match (whose, context.management) {
        (Whose::Organization, Some(management)) => management,
        _ => &context.at.account,
    }
}

/// A name of the baseline in the account that keeps what is named.
pub(super) fn in_account(template: &str, account: &AccountId, context: &Context<'_>) -> String {
    let at = Target { account: account.clone(), region: None };
    Context { at, ..context.clone() }.named(template, context.home_region)
}
