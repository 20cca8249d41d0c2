//! What a baseline may ask of a recorder.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::control::{Context, Contradiction};
use crate::controls::Yes;
use crate::observe::config::{Asked, Frequency, Place, Snapshots};
use crate::target::{AccountId, Target};

/// What AWS Config has to do in each region.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// Require that a recorder is on. A region without one gets one, with a channel where it has none.
    pub(super) recording: Option<Yes>,
    /// Require that it records all types of resources, those of the future too.
    pub(super) all_types: Option<Yes>,
    /// Types that it may leave out all the same. What it leaves out now and is not here is recorded again.
    #[schemars(length(min = 1))]
    pub(super) excluded_types: Option<BTreeSet<String>>,
    /// Require that it records the users, groups, roles and policies of IAM in the home region. Elsewhere they are
    /// recorded and paid again: a person is told to take them out there.
    pub(super) global_types: Option<Yes>,
    /// Require that it works by the role that AWS keeps for it, `AWSServiceRoleForConfig`.
    pub(super) role: Option<Yes>,
    /// How often a change is recorded. More often is kept, and so is what is recorded otherwise and not less often.
    pub(super) frequency: Option<Frequency>,
    /// Where it delivers. What is left out stays as it is.
    pub(super) delivery: Option<Channel>,
    /// Require that the last delivery of its history did not fail.
    pub(super) delivered: Option<Yes>,
    /// For how many days items are kept at least. Where nothing is set, AWS keeps them for 2557 days.
    #[schemars(range(min = 30, max = 2557))]
    pub(super) retention: Option<u32>,
    /// The account that keeps the bucket, such as the log archive: it is made there, and lets in AWS Config of every
    /// account of the organization. Left out: each account keeps its own.
    #[schemars(with = "Option<String>", regex(pattern = r"^[0-9]{12}$"))]
    pub(super) log_account: Option<AccountId>,
    /// A service whose own recorder is to record in place of the account's, by its principal, such as
    /// `securityhub.amazonaws.com`. What that recorder does is the service's to set, and is never written.
    #[schemars(regex(pattern = r"^[a-z0-9.-]+\.amazonaws\.com$"))]
    pub(super) linked_to: Option<String>,
}

/// Where items are delivered.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub(super) struct Channel {
    /// The bucket, in which `{account}` and `{region}` may stand for the account that keeps it and the home region. Left
    /// out: any will do, and a region that has no channel gets one into `trueup-config-{account}-{region}`.
    #[schemars(regex(
        pattern = r"^([a-z0-9]|\{account\}|\{region\})(([a-z0-9.-]|\{account\}|\{region\}){1,61}([a-z0-9]|\{account\}|\{region\}))?$"
    ))]
    pub(super) bucket: Option<String>,
    /// Below which files are put in the bucket.
    #[schemars(length(min = 1, max = 512))]
    pub(super) prefix: Option<String>,
    /// The ARN of the KMS key that encrypts them. Its policy has to let AWS Config in.
    #[schemars(regex(pattern = r"^arn:[a-z-]+:kms:.+$"))]
    pub(super) kms_key: Option<String>,
    /// The ARN of the topic that is told, in which `{account}` and `{region}` may stand for those of the recorder.
    #[schemars(regex(pattern = r"^arn:[a-z-]+:sns:.+$"))]
    pub(super) sns_topic: Option<String>,
    /// How often a snapshot is delivered. More often is kept.
    pub(super) snapshots: Option<Snapshots>,
}

const BUCKET: &str = "trueup-config-{account}-{region}";

impl Settings {
    /// The short names of the requirements that these name.
    pub(super) fn named(&self) -> Vec<&'static str> {
        let named = [
            ("recording", self.recording.is_some()),
            ("all_types", self.all_types.is_some()),
            ("global_types", self.global_types.is_some()),
            ("role", self.role.is_some()),
            ("frequency", self.frequency.is_some()),
            ("delivery", self.delivery.is_some()),
            ("delivered", self.delivered.is_some()),
            ("retention", self.retention.is_some()),
        ];
        named.into_iter().filter_map(|(name, named)| named.then_some(name)).collect()
    }

    /// Whether the recorder itself is asked for anything.
    pub(super) fn ask_of_recorder(&self) -> bool {
        let settings = [self.recording, self.all_types, self.global_types, self.role];
        settings.iter().any(Option::is_some) || self.frequency.is_some()
    }

    /// Whether something may have to be delivered into a bucket of ours.
    pub(super) fn deliver(&self) -> bool {
        self.recording.is_some() || self.delivery.is_some() || self.delivered.is_some()
    }

    /// The name of the bucket, as it is given.
    pub(super) fn bucket(&self) -> &str {
        self.delivery.as_ref().and_then(|channel| channel.bucket.as_deref()).unwrap_or(BUCKET)
    }

    /// Whether deliveries go into that bucket and no other.
    pub(super) fn names_bucket(&self) -> bool {
        self.log_account.is_some() || self.delivery.as_ref().is_some_and(|channel| channel.bucket.is_some())
    }

    /// Where a region delivers that has to.
    pub(super) fn place(&self, context: &Context<'_>) -> Place {
        let keeper = self.log_account.clone().unwrap_or_else(|| context.at.account.clone());
        let at = Target { account: keeper, region: None };
        Place {
            name: Context { at, ..context.clone() }.named(self.bucket(), context.home_region),
            region: context.home_region.clone(),
            keeper: self.log_account.clone(),
            named: self.names_bucket(),
        }
    }

    pub(super) fn asked(&self, context: &Context<'_>) -> Asked {
        Asked {
            recording: self.recording.is_some(),
            role: self.role.is_some(),
            delivered: self.delivered.is_some(),
            retention: self.retention.is_some(),
            place: self.deliver().then(|| self.place(context)),
            linked_to: self.linked_to.clone(),
        }
    }

    /// Why these make no sense together.
    pub(super) fn contradiction(&self) -> Option<Contradiction> {
        let wrong = |setting, words, mend| Some(Contradiction { setting, words, mend });
        let delivers = self.delivery.is_some() || self.delivered.is_some();
        if self.linked_to.is_some() && (delivers || self.retention.is_some()) {
            return wrong(
                "linked_to",
                "a recorder that is linked to a service delivers and keeps as that service says",
                "take `delivery`, `delivered` and `retention` out, or `linked_to`",
            );
        }
        if self.excluded_types.is_some() && self.all_types.is_none() {
            return wrong("excluded_types", "`excluded_types` excepts from `all_types`", "add `all_types: true`");
        }
        if self.log_account.is_some() && self.delivery.is_none() {
            return wrong(
                "log_account",
                "`log_account` keeps what is delivered",
                "add `delivery: {}`, or leave `log_account` out",
            );
        }
        None
    }
}
