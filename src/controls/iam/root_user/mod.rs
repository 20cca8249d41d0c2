//! `iam.root_user`: the root user of an account, whom no policy limits.

mod case;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::references;
use crate::control::{Context, Control, Meta, Needs, Notes, Requirement, Runs, Severity};
use crate::controls::Yes;
use crate::drift::Judged;
use crate::observe::iam::{CentralRoot, Report, RootAsked, RootUser as Observed, Summary, VirtualDevices};
use crate::observe::{Home, Reads};
use case::{Case, unused_for};

/// See the module.
pub struct RootUser;

/// What the root user has to have, and must not have.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// Require that the root user has no access key. A member's is deleted, where central root access is on.
    no_access_key: Option<Yes>,
    /// Require MFA of the root user. A root user without any credentials cannot sign in, and meets this.
    mfa: Option<Yes>,
    /// Require that every MFA device of the root user is hardware.
    hardware_mfa: Option<Yes>,
    /// Days that the root user's last use has to be older than, 1 to 3650.
    #[schemars(range(min = 1, max = 3650))]
    unused_days: Option<u32>,
}

const NAME: &str = "root user";

impl Settings {
    fn asked(&self) -> RootAsked {
        RootAsked {
            summary: self.no_access_key.is_some() || self.mfa.is_some() || self.hardware_mfa.is_some(),
            devices: self.hardware_mfa.is_some(),
            used: self.unused_days.is_some(),
            keys: self.no_access_key.is_some(),
        }
    }
}

impl Control for RootUser {
    const META: Meta = Meta {
        id: "iam.root_user",
        title: "The root user is locked away",
        why: "The root user may do everything in its account, and no policy of the account can stop it. Whoever has its \
              password or its access key has the account; daily work never needs it.",
        runs: Runs::EveryAccount,
        requirements: &[
            Requirement {
                id: "iam.root_user.no_access_key",
                title: "The root user has no access key",
                severity: Severity::Critical,
                references: references::ROOT_NO_ACCESS_KEY,
            },
            Requirement {
                id: "iam.root_user.mfa",
                title: "The root user has MFA, or no credentials at all",
                severity: Severity::Critical,
                references: references::ROOT_MFA,
            },
            Requirement {
                id: "iam.root_user.hardware_mfa",
                title: "The root user has hardware MFA, and no virtual one beside it",
                severity: Severity::Critical,
                references: references::ROOT_HARDWARE_MFA,
            },
            Requirement {
                id: "iam.root_user.unused_days",
                title: "The root user was never used, or longer ago than the wanted number of days",
                severity: Severity::Low,
                references: references::ROOT_RECENT_USE,
            },
        ],
        steps: &["DeleteRootAccessKeys"],
    };
    const NOTES: Notes = Notes {
        costs: &[],
        disturbs: &["What still works with an access key of the root user stops when the key is deleted."],
        undo: &[
            "A deleted access key cannot be restored: who needs one makes another, as the root user.",
            "What else drifts is changed by the root user alone, by a person.",
        ],
        traps: &[
            "The credential report may be four hours old, so the root user's last use is known as of then.",
            "Access keys are deleted in member accounts alone, and only where central root access is on: \
             EnableOrganizationsRootCredentialsManagement and EnableOrganizationsRootSessions of IAM, in the management \
             account. Nobody but a person becomes the root user of the management account itself.",
            "AWS lets a session of the root user delete its keys, and not make them inactive. To see first what breaks, \
             sign in as the root user, make the key inactive, and delete it when nothing broke.",
            "The reason of the drift says when a key was used last, and `--allow irreversible:iam.root_user` deletes it.",
        ],
    };

    type Settings = Settings;
    type Observed = Observed;

    fn key(_: &Context<'_>, wanted: &Settings) -> RootAsked {
        wanted.asked()
    }

    fn required(wanted: &Settings) -> Vec<&'static str> {
        let named = [
            ("no_access_key", wanted.no_access_key.is_some()),
            ("mfa", wanted.mfa.is_some()),
            ("hardware_mfa", wanted.hardware_mfa.is_some()),
            ("unused_days", wanted.unused_days.is_some()),
        ];
        named.into_iter().filter_map(|(name, named)| named.then_some(name)).collect()
    }

    fn evaluate(context: &Context<'_>, seen: &Observed, wanted: &Settings) -> Vec<Judged> {
        let mut case = Case { bench: context.object(const { &Self::META }, NAME), steps: vec![], by_hand: vec![] };
        if let Some(summary) = &seen.summary {
            match summary.as_result() {
                Ok(summary) => case.credentials(summary, seen, wanted),
                Err(error) => case.unread(error, wanted),
            }
        }
        if let (Some(days), Some(used)) = (wanted.unused_days, &seen.used) {
            match used.as_result() {
                Ok(used) => case.used(context, *used, days),
                Err(error) => case.bench.unreadable("unused_days", error, unused_for(days)),
            }
        }
        vec![case.judged()]
    }

    fn needs(wanted: &Settings, home: Home) -> Needs {
        let asked = wanted.asked();
        // The keys of the management account's own root user are for a person.
        let keys = asked.keys && home != Home::Management;
        let parts = [
            (asked.summary, Reads::of::<Summary>()),
            (asked.devices, Reads::of::<VirtualDevices>()),
            (asked.used, Reads::of::<Report>()),
            (keys, Reads::of::<CentralRoot>()),
            // When a key was used last is only told.
            (keys && !asked.used, Reads::of::<Report>().only_told()),
        ];
        let reads = parts.into_iter().filter(|(asked, _)| *asked).map(|(_, reads)| reads);
        let steps = if keys { Self::META.steps.to_vec() } else { vec![] };
        Needs { reads: reads.collect(), steps, ..Needs::default() }
    }
}
