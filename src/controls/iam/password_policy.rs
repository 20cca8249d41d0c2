//! `iam.password_policy`: the rules for the passwords of an account's IAM users.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::references::STRONG_PASSWORDS;
use crate::control::{Context, Control, Meta, Notes, Requirement, Runs, Severity};
use crate::controls::Yes;
use crate::drift::{Fix, Judged};
use crate::frameworks::{cis, security_hub};
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
            "With `max_age_days` passwords that are older have expired at once, and with `hard_expiry` their users are \
             locked out until an administrator resets them. The plan does not name them: the credential report of the \
             account says how old each password is.",
        ],
        undo: &["The former policy is set again, or the policy is deleted where there was none."],
        traps: &[
            "AWS replaces the whole policy at once. What it has besides is read and sent along, so nothing \
             gets weaker; what somebody changes in the same moment is lost, and is met by the read that \
             follows.",
            "Passwords are held to a new policy when they are changed: those that are there stay valid, \
             however short they are.",
            "Users who sign in by a directory have no password in the account, and no policy here speaks of \
             theirs.",
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::assessment::Verdict;
    use crate::control::Accepted;
    use crate::controls::made::{HERE, account, drift, exempt, judged_at, strong_policy};
    use crate::steps::Risk;

    fn settings(value: Value) -> Settings {
        serde_json::from_value(value).expect("settings")
    }

    fn all() -> Settings {
        settings(json!({
            "minimum_length": 14,
            "require_symbols": true,
            "require_numbers": true,
            "require_uppercase": true,
            "require_lowercase": true,
            "max_age_days": 90,
            "reuse_prevention": 24,
            "allow_users_to_change": true,
            "hard_expiry": false,
        }))
    }

    const NAMES: [&str; 9] = [
        "minimum_length",
        "require_symbols",
        "require_numbers",
        "require_uppercase",
        "require_lowercase",
        "max_age_days",
        "reuse_prevention",
        "allow_users_to_change",
        "hard_expiry",
    ];

    /// Just what `all` asks for.
    fn good() -> Observed {
        Observed { max_age_days: Some(90), ..strong_policy() }
    }

    fn judged_with(accepted: &[Accepted], seen: Option<&Observed>, wanted: &Settings) -> Judged {
        judged_at::<PasswordPolicy>(account(HERE), &seen.cloned(), wanted, accepted).remove(0)
    }

    fn judged(seen: Option<&Observed>, wanted: &Settings) -> Judged {
        judged_with(&[], seen, wanted)
    }

    fn named(judged: &Judged, such: impl Fn(&Verdict) -> bool) -> Vec<&'static str> {
        crate::controls::made::named::<PasswordPolicy>(judged, such)
    }

    fn written(judged: &Judged) -> UpdateAccountPasswordPolicy {
        let Fix::Steps { steps, needs } = &drift(judged).fix else { panic!("steps: {judged:?}") };
        let [Step::UpdateAccountPasswordPolicy(step)] = &steps[..] else { panic!("one step: {steps:?}") };
        assert_eq!(needs[..], []);
        step.clone()
    }

    #[test]
    fn a_policy_that_is_as_wanted_is_compliant() {
        let judged = judged(Some(&good()), &all());
        assert_eq!(named(&judged, |verdict| *verdict == Verdict::Compliant), NAMES);
        assert_eq!(judged.drift, None);
    }

    type Loosen = fn(&mut Observed);

    #[test]
    fn each_difference_alone_is_drift_of_its_requirement_and_the_rest_stays() {
        let differences: [(&str, Loosen); 10] = [
            ("minimum_length", |policy| policy.minimum_length = 13),
            ("require_symbols", |policy| policy.require_symbols = false),
            ("require_numbers", |policy| policy.require_numbers = false),
            ("require_uppercase", |policy| policy.require_uppercase = false),
            ("require_lowercase", |policy| policy.require_lowercase = false),
            ("max_age_days", |policy| policy.max_age_days = Some(91)),
            ("max_age_days", |policy| policy.max_age_days = None),
            ("reuse_prevention", |policy| policy.reuse_prevention = None),
            ("allow_users_to_change", |policy| policy.allow_users_to_change = false),
            ("hard_expiry", |policy| policy.hard_expiry = true),
        ];
        for (requirement, differ) in differences {
            let mut seen = good();
            differ(&mut seen);
            let judged = judged(Some(&seen), &all());
            assert_eq!(named(&judged, |verdict| *verdict == Verdict::Drifted), [requirement]);
            assert_eq!(written(&judged), UpdateAccountPasswordPolicy { policy: good(), before: Some(seen) });
        }
    }

    #[test]
    fn an_absent_policy_is_drift_of_every_requirement_and_made_in_one_write() {
        let judged = judged(None, &all());
        assert_eq!(named(&judged, |verdict| *verdict == Verdict::Drifted), NAMES);
        assert!(judged.findings.iter().all(|finding| finding.observed == Value::Null));
        assert!(judged.drift.as_ref().expect("drift").absent);
        assert_eq!(written(&judged), UpdateAccountPasswordPolicy { policy: good(), before: None });
    }

    #[test]
    fn what_is_stricter_already_is_kept() {
        let stricter = Observed { minimum_length: 20, max_age_days: Some(30), require_symbols: false, ..good() };
        let wanted = settings(json!({ "minimum_length": 14, "max_age_days": 90, "reuse_prevention": 12 }));
        assert_eq!(judged(Some(&stricter), &wanted).drift, None);
        let wanted = settings(json!({ "minimum_length": 14, "max_age_days": 90, "require_symbols": true }));
        let judged = judged(Some(&stricter), &wanted);
        assert_eq!(written(&judged).policy, Observed { require_symbols: true, ..stricter });
    }

    #[test]
    fn what_is_not_asked_is_not_judged_and_not_touched() {
        let seen = Observed { minimum_length: 6, require_numbers: false, hard_expiry: true, ..good() };
        let wanted = settings(json!({ "require_numbers": true }));
        assert_eq!(PasswordPolicy::required(&wanted), ["require_numbers"]);
        let judged = judged(Some(&seen), &wanted);
        assert_eq!(judged.findings.len(), 1);
        assert_eq!(written(&judged).policy, Observed { require_numbers: true, ..seen });
    }

    #[test]
    fn an_exempt_requirement_stays_as_it_is_beside_a_drifted_one() {
        let accepted = exempt("iam.password_policy.minimum_length");
        let seen = Observed { minimum_length: 10, require_symbols: false, ..good() };
        let judged = judged_with(&[accepted], Some(&seen), &all());
        assert_eq!(named(&judged, |verdict| matches!(verdict, Verdict::Exempt(_))), ["minimum_length"]);
        assert_eq!(named(&judged, |verdict| *verdict == Verdict::Drifted), ["require_symbols"]);
        assert_eq!(written(&judged).policy, Observed { require_symbols: true, ..seen });
    }

    #[test]
    fn the_first_policy_has_the_length_that_aws_enforces_without_one() {
        for (wanted, length) in [
            (json!({ "require_symbols": true }), 8),
            (json!({ "minimum_length": 6 }), 8),
            (json!({ "minimum_length": 14 }), 14),
        ] {
            assert_eq!(written(&judged(None, &settings(wanted.clone()))).policy.minimum_length, length, "{wanted}");
        }
        let short = Observed { minimum_length: 6, require_symbols: false, ..good() };
        let wanted = settings(json!({ "require_symbols": true }));
        assert_eq!(written(&judged(Some(&short), &wanted)).policy.minimum_length, 6, "a policy there is stays");
    }

    #[test]
    fn an_age_and_a_reuse_that_nobody_set_stay_unset() {
        let unset = Observed { max_age_days: None, reuse_prevention: None, require_symbols: false, ..good() };
        let wanted = settings(json!({ "require_symbols": true }));
        for seen in [Some(unset), None] {
            let policy = written(&judged(seen.as_ref(), &wanted)).policy;
            assert_eq!((policy.max_age_days, policy.reuse_prevention), (None, None));
        }
    }

    #[test]
    fn two_sided_settings_have_to_be_the_same() {
        for wanted in [true, false] {
            let asked = settings(json!({ "allow_users_to_change": wanted, "hard_expiry": wanted }));
            let same = Observed { allow_users_to_change: wanted, hard_expiry: wanted, ..good() };
            let other = Observed { allow_users_to_change: !wanted, hard_expiry: !wanted, ..good() };
            assert_eq!(judged(Some(&same), &asked).drift, None);
            let judged = judged(Some(&other), &asked);
            assert_eq!(
                named(&judged, |verdict| *verdict == Verdict::Drifted),
                ["allow_users_to_change", "hard_expiry"]
            );
            assert_eq!(written(&judged).policy, same);
        }
    }

    #[test]
    fn an_age_that_begins_or_shrinks_and_hard_expiry_are_disruptive() {
        let risk = |seen: Option<Observed>, wanted: Value| {
            let judged = judged(seen.as_ref(), &settings(wanted));
            Step::UpdateAccountPasswordPolicy(written(&judged)).risk()
        };
        let age = |days: Option<u32>| Some(Observed { max_age_days: days, require_symbols: false, ..good() });
        assert_eq!(risk(age(None), json!({ "max_age_days": 90 })), Risk::Disruptive);
        assert_eq!(risk(age(Some(180)), json!({ "max_age_days": 90 })), Risk::Disruptive);
        assert_eq!(risk(None, json!({ "max_age_days": 90 })), Risk::Disruptive);
        assert_eq!(risk(age(Some(60)), json!({ "max_age_days": 90, "require_symbols": true })), Risk::Safe);
        assert_eq!(risk(Some(good()), json!({ "hard_expiry": true })), Risk::Disruptive);
        let locked = Some(Observed { hard_expiry: true, require_symbols: false, ..good() });
        assert_eq!(risk(locked.clone(), json!({ "hard_expiry": true, "require_symbols": true })), Risk::Safe);
        assert_eq!(risk(locked, json!({ "hard_expiry": false })), Risk::Safe);
        assert_eq!(risk(None, json!({ "minimum_length": 14 })), Risk::Safe);
    }
}
