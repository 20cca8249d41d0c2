//! `iam.password_policy`: the rules for the passwords of an account's IAM users.

#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::references::STRONG_PASSWORDS;
use crate::control::{Context, Control, Meta, Needs, Notes, Requirement, Runs, Severity};
use crate::controls::Yes;
use crate::drift::{Fix, Judged, Why};
use crate::frameworks::{cis, security_hub};
use crate::observe::iam::{Fate, PasswordPolicy as Observed, Passwords, PasswordsAsked, Report};
use crate::observe::{Home, ReadError, Reads};
use crate::steps::Step;
use crate::steps::iam::UpdateAccountPasswordPolicy;
use crate::target::Object;

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

const NAME: &str = "password policy";

/// The requirements by which a password that is there may stop to let its user in.
const EXPIRING: [&str; 2] = ["max_age_days", "hard_expiry"];

/// The kind of what says how old passwords are.
const REPORT: &str = "iam.credential_report";

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
                    cis("1.4-4.0", "1.8"),
                    cis("5.0", "1.7"),
                    cis("6.0", "2.7"),
                    cis("7.0", "2.8"),
                    security_hub("IAM.7"),
                    security_hub("IAM.10"),
                    security_hub("IAM.15"),
                    STRONG_PASSWORDS,
                ],
            },
            Requirement {
                id: "iam.password_policy.require_symbols",
                title: "Passwords contain a symbol",
                severity: Severity::Medium,
                references: &[security_hub("IAM.7"), security_hub("IAM.13"), STRONG_PASSWORDS],
            },
            Requirement {
                id: "iam.password_policy.require_numbers",
                title: "Passwords contain a digit",
                severity: Severity::Medium,
                references: &[security_hub("IAM.7"), security_hub("IAM.10"), security_hub("IAM.14"), STRONG_PASSWORDS],
            },
            Requirement {
                id: "iam.password_policy.require_uppercase",
                title: "Passwords contain an upper-case letter",
                severity: Severity::Medium,
                references: &[security_hub("IAM.7"), security_hub("IAM.10"), security_hub("IAM.11"), STRONG_PASSWORDS],
            },
            Requirement {
                id: "iam.password_policy.require_lowercase",
                title: "Passwords contain a lower-case letter",
                severity: Severity::Medium,
                references: &[security_hub("IAM.7"), security_hub("IAM.10"), security_hub("IAM.12"), STRONG_PASSWORDS],
            },
            Requirement {
                id: "iam.password_policy.max_age_days",
                title: "Passwords expire within the wanted number of days",
                severity: Severity::Low,
                references: &[security_hub("IAM.10"), security_hub("IAM.17"), STRONG_PASSWORDS],
            },
            Requirement {
                id: "iam.password_policy.reuse_prevention",
                title: "Former passwords cannot be used again",
                severity: Severity::Low,
                references: &[
                    cis("1.4-4.0", "1.9"),
                    cis("5.0", "1.8"),
                    cis("6.0", "2.8"),
                    cis("7.0", "2.9"),
                    security_hub("IAM.10"),
                    security_hub("IAM.16"),
                    STRONG_PASSWORDS,
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
        steps: &["UpdateAccountPasswordPolicy"],
    };
    const NOTES: Notes = Notes {
        costs: &[],
        disturbs: &[
            "With `max_age_days` passwords that are older have expired at once: their users have to set a new one when \
             they sign in next, and with `hard_expiry` they are locked out until an administrator sets one. The plan \
             names them, and apply leaves the policy alone if by then it would hit anybody else.",
        ],
        undo: &["The former policy is set again, or the policy is deleted where there was none."],
        traps: &[
            "AWS replaces the whole policy at once. What it has besides is read and sent along, so nothing \
             gets weaker; what somebody changes in the same moment is lost, and is met by the read that \
             follows.",
            "Passwords are held to a new policy when they are changed: those that are there stay valid, \
             however short they are.",
            "How old passwords are is in the credential report, which may be four hours old, and nowhere else: who set a \
             new password since is still named. Where the report cannot be read, nothing is changed of when passwords \
             expire, and the run is incomplete.",
            "Users who sign in by a directory have no password in the account, and no policy here speaks of \
             theirs.",
        ],
    };
    type Settings = Settings;
    type Observed = Passwords;

    fn key(context: &Context<'_>, wanted: &Settings) -> PasswordsAsked {
        let asked = |name: &str| context.exemption(const { &Self::META }.requirement(name).id, NAME).is_none();
        PasswordsAsked {
            max_age_days: wanted.max_age_days.filter(|_| asked("max_age_days")),
            hard_expiry: wanted.hard_expiry.filter(|_| asked("hard_expiry")),
        }
    }

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

    fn needs(wanted: &Settings, _: Home) -> Needs {
        let asked = PasswordsAsked { max_age_days: wanted.max_age_days, hard_expiry: wanted.hard_expiry };
        let report = asked.may_hit().then(Reads::of::<Report>);
        let reads = std::iter::once(Reads::of::<Option<Observed>>()).chain(report).collect();
        Needs { reads, steps: Self::META.steps.to_vec(), ..Needs::default() }
    }

    fn evaluate(context: &Context<'_>, seen: &Passwords, wanted: &Settings) -> Vec<Judged> {
        let before = seen.policy.clone();
        // The first policy never asks for less than AWS enforces without one.
        let mut policy = before.clone().unwrap_or_else(Observed::without);
        let mut object = context.object(const { &Self::META }, NAME).absent(before.is_none());
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
        if before.is_none() {
            policy.minimum_length = policy.minimum_length.max(Observed::without().minimum_length);
        }
        let unknown = seen.unread().filter(|_| policy.hits(before.as_ref()));
        if unknown.is_some() {
            policy.max_age_days = before.as_ref().and_then(|before| before.max_age_days);
            policy.hard_expiry = before.as_ref().is_some_and(|before| before.hard_expiry);
        }
        let hit = |fate: Fate| seen.hit(&policy, context.today, fate);
        let (expires, locks_out) = (hit(Fate::Expired), hit(Fate::LockedOut));
        let step = UpdateAccountPasswordPolicy { policy, before, expires, locks_out };
        let step = Step::UpdateAccountPasswordPolicy(step);
        let judged = object.mend(|| Fix::Steps { steps: vec![step], needs: vec![] });
        match unknown {
            Some(error) => left(context, judged, error),
            None => vec![judged],
        }
    }
}

/// A policy of which it is not known whom it would hit: what would is left alone, and what could not be read stands beside.
fn left(context: &Context<'_>, mut judged: Judged, error: &ReadError) -> Vec<Judged> {
    let Some(drift) = &mut judged.drift else { return vec![judged] };
    let report = Object { at: context.at.clone(), kind: REPORT.to_owned(), name: "credential report".to_owned() };
    for name in EXPIRING {
        drift.leave(PasswordPolicy::META.requirement(name).id, Why::Unread(report.clone()));
    }
    if drift.differences.is_empty() {
        drift.fix = Fix::Steps { steps: vec![], needs: vec![] };
    }
    let is_left = |id: &str| drift.left.iter().any(|left| left.difference.requirement == id);
    let finding = judged.findings.iter().find(|finding| is_left(finding.requirement));
    let unread = finding.map(|finding| Judged::unknown(report, finding.requirement, finding.wanted.clone(), error));
    std::iter::once(judged).chain(unread).collect()
}
