//! `iam.password_policy`: the rules for the passwords of an account's IAM users.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::control::{Context, Control, Meta, Requirement, Runs, Severity};
use crate::controls::Yes;
use crate::drift::{Fix, Judged};
use crate::observe::iam::PasswordPolicy as Observed;
use crate::steps::Step;
use crate::steps::iam::UpdateAccountPasswordPolicy;

/// See the module.
pub struct PasswordPolicy;

/// What the password policy has to ask for.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// Characters at least, 6 to 128. A longer minimum is kept.
    #[schemars(range(min = 6, max = 128))]
    minimum_length: Option<u32>,
    /// Require a character that is neither letter nor digit.
    require_symbols: Option<Yes>,
    /// Require a digit.
    require_numbers: Option<Yes>,
    /// Require a letter from A to Z.
    require_uppercase: Option<Yes>,
    /// Require a letter from a to z.
    require_lowercase: Option<Yes>,
    /// Days until a password expires, 1 to 1095. A shorter age is kept.
    #[schemars(range(min = 1, max = 1095))]
    max_age_days: Option<u32>,
    /// Former passwords that may not be used again, 1 to 24. A higher number is kept.
    #[schemars(range(min = 1, max = 24))]
    reuse_prevention: Option<u32>,
    /// Whether users may change their own password. Neither side is stricter: it has to be the same.
    allow_users_to_change: Option<bool>,
    /// Whether a user whose password expired is locked out until an administrator resets it. It has to be the same.
    hard_expiry: Option<bool>,
}

/// What AWS enforces while an account has no policy of its own, and so what its first policy may not go below.
const LENGTH_WITHOUT_POLICY: u32 = 8;

const NAME: &str = "password policy";

impl Control for PasswordPolicy {
    const META: Meta = Meta {
        id: "iam.password_policy",
        title: "The account's password policy is strong",
        why: "IAM users sign in to the console with a password. Without a policy of its own an account accepts \
              eight characters of three kinds for ever, and a password that was used before.",
        runs: Runs::EveryAccount,
        requirements: &[
            Requirement {
                id: "iam.password_policy.minimum_length",
                title: "Passwords have the wanted length at least",
                severity: Severity::Medium,
                references: &[
                    "CIS AWS 1.4 1.8",
                    "CIS AWS 1.5 1.8",
                    "CIS AWS 2.0 1.8",
                    "CIS AWS 3.0 1.8",
                    "CIS AWS 4.0 1.8",
                    "CIS AWS 5.0 1.7",
                    "CIS AWS 6.0 2.7",
                    "CIS AWS 7.0 2.8",
                    "Security Hub IAM.7",
                    "Security Hub IAM.15",
                ],
            },
            Requirement {
                id: "iam.password_policy.require_symbols",
                title: "Passwords contain a symbol",
                severity: Severity::Medium,
                references: &["Security Hub IAM.7", "Security Hub IAM.13"],
            },
            Requirement {
                id: "iam.password_policy.require_numbers",
                title: "Passwords contain a digit",
                severity: Severity::Medium,
                references: &["Security Hub IAM.7", "Security Hub IAM.14"],
            },
            Requirement {
                id: "iam.password_policy.require_uppercase",
                title: "Passwords contain an upper-case letter",
                severity: Severity::Medium,
                references: &["Security Hub IAM.7", "Security Hub IAM.11"],
            },
            Requirement {
                id: "iam.password_policy.require_lowercase",
                title: "Passwords contain a lower-case letter",
                severity: Severity::Medium,
                references: &["Security Hub IAM.7", "Security Hub IAM.12"],
            },
            Requirement {
                id: "iam.password_policy.max_age_days",
                title: "Passwords expire within the wanted number of days",
                severity: Severity::Low,
                references: &["Security Hub IAM.17"],
            },
            Requirement {
                id: "iam.password_policy.reuse_prevention",
                title: "Former passwords cannot be used again",
                severity: Severity::Low,
                references: &[
                    "CIS AWS 1.4 1.9",
                    "CIS AWS 1.5 1.9",
                    "CIS AWS 2.0 1.9",
                    "CIS AWS 3.0 1.9",
                    "CIS AWS 4.0 1.9",
                    "CIS AWS 5.0 1.8",
                    "CIS AWS 6.0 2.8",
                    "CIS AWS 7.0 2.9",
                    "Security Hub IAM.16",
                ],
            },
            Requirement {
                id: "iam.password_policy.allow_users_to_change",
                title: "Users may change their own password, or may not, as wanted",
                severity: Severity::Low,
                references: &[],
            },
            Requirement {
                id: "iam.password_policy.hard_expiry",
                title: "Expired passwords lock the user out, or do not, as wanted",
                severity: Severity::Low,
                references: &[],
            },
        ],
    };
    type Settings = Settings;
    type Observed = Option<Observed>;

    fn key(_: &Context<'_>, _: &Settings) {}

    fn required(wanted: &Settings) -> Vec<&'static str> {
        let named = [
            ("minimum_length", wanted.minimum_length.is_some()),
            ("require_symbols", wanted.require_symbols.is_some()),
            ("require_numbers", wanted.require_numbers.is_some()),
            ("require_uppercase", wanted.require_uppercase.is_some()),
            ("require_lowercase", wanted.require_lowercase.is_some()),
            ("max_age_days", wanted.max_age_days.is_some()),
            ("reuse_prevention", wanted.reuse_prevention.is_some()),
            ("allow_users_to_change", wanted.allow_users_to_change.is_some()),
            ("hard_expiry", wanted.hard_expiry.is_some()),
        ];
        named.into_iter().filter_map(|(name, named)| named.then_some(name)).collect()
    }

    fn evaluate(context: &Context<'_>, seen: &Self::Observed, wanted: &Settings) -> Vec<Judged> {
        let before = seen.clone();
        let mut policy = seen.clone().unwrap_or_else(first_policy);
        let mut object = context.object(const { &Self::META }, NAME).absent(seen.is_none());
        object.at_least("minimum_length", &mut policy.minimum_length, wanted.minimum_length.as_ref());
        object.at_least("require_symbols", &mut policy.require_symbols, Yes::flag(wanted.require_symbols));
        object.at_least("require_numbers", &mut policy.require_numbers, Yes::flag(wanted.require_numbers));
        object.at_least("require_uppercase", &mut policy.require_uppercase, Yes::flag(wanted.require_uppercase));
        object.at_least("require_lowercase", &mut policy.require_lowercase, Yes::flag(wanted.require_lowercase));
        object.at_most("max_age_days", &mut policy.max_age_days, wanted.max_age_days);
        let reuse = wanted.reuse_prevention.map(Some);
        object.at_least("reuse_prevention", &mut policy.reuse_prevention, reuse.as_ref());
        object.equal("allow_users_to_change", &mut policy.allow_users_to_change, wanted.allow_users_to_change.as_ref());
        object.equal("hard_expiry", &mut policy.hard_expiry, wanted.hard_expiry.as_ref());
        if seen.is_none() {
            policy.minimum_length = policy.minimum_length.max(LENGTH_WITHOUT_POLICY);
        }
        vec![object.mend(|| {
            let step = Step::UpdateAccountPasswordPolicy(UpdateAccountPasswordPolicy { policy, before });
            Fix::Steps { steps: vec![step], needs: vec![] }
        })]
    }
}

/// The policy that says what AWS enforces without one, so that the first policy never asks for less.
fn first_policy() -> Observed {
    Observed {
        minimum_length: LENGTH_WITHOUT_POLICY,
        require_symbols: false,
        require_numbers: false,
        require_uppercase: false,
        require_lowercase: false,
        allow_users_to_change: false,
        max_age_days: None,
        reuse_prevention: None,
        hard_expiry: false,
    }
}
