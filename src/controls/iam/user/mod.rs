//! `iam.user`: what the users of an account sign in with, and what they may do by themselves.

mod case;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::case::Case;
use super::references;
use crate::control::{Context, Control, Meta, Needs, Notes, Requirement, Runs, Severity};
use crate::controls::Yes;
use crate::drift::Judged;
use crate::observe::iam::{AccessKeys, Details, HasMfa, LoginProfile, MfaOf, Report, SignIn, Users, UsersAsked};
use crate::observe::{Home, Reads};

/// See the module.
pub struct User;

/// What users have to have, and must not have.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// Require MFA of users with a password for the console, or of everyone.
    pub(super) mfa: Option<Mfa>,
    /// Days after which a password or an access key that nobody uses is taken away, 1 to 3650.
    #[schemars(range(min = 1, max = 3650))]
    pub(super) max_unused_days: Option<u32>,
    /// Days that an active access key may be old, 1 to 3650.
    #[schemars(range(min = 1, max = 3650))]
    pub(super) max_key_age_days: Option<u32>,
    /// Require that no user has two active access keys.
    pub(super) one_active_key: Option<Yes>,
    /// Require that no user with a password has an access key that was made with the user and never used.
    pub(super) no_initial_access_key: Option<Yes>,
    /// Require that users have policies by their groups alone.
    pub(super) no_policies: Option<Yes>,
    /// What apply may take away besides what is unused. Left out, a person is told: it shuts somebody out who may be at work.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) mend: Vec<Mend>,
}

/// Of whom MFA is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(super) enum Mfa {
    /// Users with a password for the console.
    Console,
    /// Every user.
    Everyone,
}

/// What apply may take away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(super) enum Mend {
    /// The password of a user without MFA.
    Mfa,
    /// The use of an access key that is too old.
    MaxKeyAgeDays,
    /// The policies of a user.
    NoPolicies,
}

impl Settings {
    pub(super) fn asked(&self, context: &Context<'_>) -> UsersAsked {
        UsersAsked {
            mfa: self.mfa.map(|of| match of {
                Mfa::Console => MfaOf::Console,
                Mfa::Everyone => MfaOf::Everyone,
            }),
            max_unused_days: self.max_unused_days,
            max_key_age_days: self.max_key_age_days,
            one_active_key: self.one_active_key.is_some(),
            no_initial_access_key: self.no_initial_access_key.is_some(),
            policies: self.no_policies.is_some(),
            today: context.today,
        }
    }

    pub(super) fn mends(&self, mend: Mend) -> bool {
        self.mend.contains(&mend)
    }

    fn asks_for_keys(&self) -> bool {
        self.max_unused_days.is_some()
            || self.max_key_age_days.is_some()
            || self.one_active_key.is_some()
            || self.no_initial_access_key.is_some()
    }
}

impl Control for User {
    const META: Meta = Meta {
        id: "iam.user",
        title: "IAM users sign in safely, and keep nothing that they do not use",
        why: "A password without MFA and an access key that lies about for years are what intruders find first. A user \
              that nobody uses is missed by nobody when somebody else does.",
        runs: Runs::EveryAccount,
        requirements: &[
            Requirement {
                id: "iam.user.mfa",
                title: "The user has MFA where the baseline asks for it",
                severity: Severity::Medium,
                references: references::USER_MFA,
            },
            Requirement {
                id: "iam.user.max_unused_days",
                title: "The user's password and active access keys were used within the wanted number of days",
                severity: Severity::Medium,
                references: references::UNUSED_CREDENTIALS,
            },
            Requirement {
                id: "iam.user.max_key_age_days",
                title: "The user's active access keys are not older than the wanted number of days",
                severity: Severity::Medium,
                references: references::ACCESS_KEY_ROTATION,
            },
            Requirement {
                id: "iam.user.one_active_key",
                title: "The user has one active access key at most",
                severity: Severity::Low,
                references: references::ONE_ACTIVE_KEY,
            },
            Requirement {
                id: "iam.user.no_initial_access_key",
                title: "The user has no access key that was made with a console user and never used",
                severity: Severity::Low,
                references: references::NO_INITIAL_ACCESS_KEY,
            },
            Requirement {
                id: "iam.user.no_policies",
                title: "The user has policies by groups alone",
                severity: Severity::Low,
                references: references::NO_USER_POLICIES,
            },
        ],
        steps: &["DeactivateAccessKey", "DeleteLoginProfile", "DetachUserPolicy", "DeleteUserPolicy"],
    };
    const NOTES: Notes = Notes {
        costs: &[],
        disturbs: &[
            "Who was away for longer than `max_unused_days` has no password or no active key any more.",
            "With `mend`, whatever still uses an old key or a user's own policy stops working at that moment: \
             the plan names the last use of each key.",
        ],
        undo: &["A key is made active again, and policies are attached and put again. A password that was deleted \
             cannot come back: an administrator sets a new one."],
        traps: &[
            "The credential report may be four hours old. What it says against a user is read again before it \
             is said; a user who was made since is missed until the next report.",
            "The user whose keys trueup itself was started with loses nothing.",
            "AWS records the use of a key with a delay, and not for every service.",
            "What was set, made or changed within `max_unused_days` is never taken away, however long ago it was used: \
             a person is told. That a password was set anew or a key made active again is in the credential report \
             alone, so within the last four hours it may not be seen.",
        ],
    };

    type Settings = Settings;
    type Observed = Users;

    fn key(context: &Context<'_>, wanted: &Settings) -> UsersAsked {
        wanted.asked(context)
    }

    fn required(wanted: &Settings) -> Vec<&'static str> {
        let named = [
            ("mfa", wanted.mfa.is_some()),
            ("max_unused_days", wanted.max_unused_days.is_some()),
            ("max_key_age_days", wanted.max_key_age_days.is_some()),
            ("one_active_key", wanted.one_active_key.is_some()),
            ("no_initial_access_key", wanted.no_initial_access_key.is_some()),
            ("no_policies", wanted.no_policies.is_some()),
        ];
        named.into_iter().filter_map(|(name, named)| named.then_some(name)).collect()
    }

    fn evaluate(context: &Context<'_>, seen: &Users, wanted: &Settings) -> Vec<Judged> {
        let asked = wanted.asked(context);
        seen.0.iter().map(|user| Case::new(context, user, &asked, wanted).judged()).collect()
    }

    fn needs(wanted: &Settings, _: Home) -> Needs {
        let unused = wanted.max_unused_days.is_some();
        let console = wanted.mfa == Some(Mfa::Console);
        let parts = [
            (wanted.mfa.is_some() || wanted.asks_for_keys(), Reads::of::<Report>()),
            (wanted.no_policies.is_some(), Reads::of::<Details>()),
            (console || unused || wanted.no_initial_access_key.is_some(), Reads::of::<LoginProfile>()),
            (wanted.mfa.is_some(), Reads::of::<HasMfa>()),
            (unused, Reads::of::<SignIn>()),
            (wanted.asks_for_keys(), Reads::of::<AccessKeys>()),
        ];
        let reads = parts.into_iter().filter(|(asked, _)| *asked).map(|(_, reads)| reads);
        let policies = wanted.no_policies.is_some() && wanted.mends(Mend::NoPolicies);
        let steps = [
            (unused || (wanted.max_key_age_days.is_some() && wanted.mends(Mend::MaxKeyAgeDays)), "DeactivateAccessKey"),
            (unused || (wanted.mfa.is_some() && wanted.mends(Mend::Mfa)), "DeleteLoginProfile"),
            (policies, "DetachUserPolicy"),
            (policies, "DeleteUserPolicy"),
        ];
        let steps = steps.into_iter().filter(|(planned, _)| *planned).map(|(_, step)| step);
        Needs { reads: reads.collect(), steps: steps.collect(), ..Needs::default() }
    }
}
