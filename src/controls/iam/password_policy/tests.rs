//! What is judged and written of a password policy, and whom it would hit.

use jiff::civil::{Date, date};
use serde_json::{Value, json};

use super::*;
use crate::assessment::Verdict;
use crate::control::Accepted;
use crate::controls::made::{HERE, account, denied, drift, exempt, judged_at, strong_policy};
use crate::observe::Readable;
use crate::observe::iam::Dated;
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
    let seen = Passwords { policy: seen.cloned(), since: None };
    judged_at::<PasswordPolicy>(account(HERE), &seen, wanted, accepted).remove(0)
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

/// A write that hits nobody.
fn update(policy: Observed, before: Option<Observed>) -> UpdateAccountPasswordPolicy {
    UpdateAccountPasswordPolicy { policy, before, expires: vec![], locks_out: vec![] }
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
        assert_eq!(written(&judged), update(good(), Some(seen)));
    }
}

#[test]
fn an_absent_policy_is_drift_of_every_requirement_and_made_in_one_write() {
    let judged = judged(None, &all());
    assert_eq!(named(&judged, |verdict| *verdict == Verdict::Drifted), NAMES);
    assert!(judged.findings.iter().all(|finding| finding.observed == Value::Null));
    assert!(judged.drift.as_ref().expect("drift").absent);
    assert_eq!(written(&judged), update(good(), None));
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
        assert_eq!(named(&judged, |verdict| *verdict == Verdict::Drifted), ["allow_users_to_change", "hard_expiry"]);
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

/// A policy of an account in which ada's password is from January, bob's 40 days old and carl's from yesterday.
fn staff(policy: Option<Observed>) -> Passwords {
    let dated = |user: &str, since: Date| Dated { user: user.to_owned(), since };
    let since =
        vec![dated("ada", date(2026, 1, 1)), dated("bob", date(2026, 10, 22)), dated("carl", date(2026, 11, 30))];
    Passwords { policy, since: Some(Readable::Read(since)) }
}

#[test]
fn who_would_be_hit_is_named_in_the_step() {
    let hit = |before: Option<Observed>, wanted: Value| {
        let judged = judged_at::<PasswordPolicy>(account(HERE), &staff(before), &settings(wanted), &[]).remove(0);
        let UpdateAccountPasswordPolicy { expires, locks_out, .. } = written(&judged);
        (expires, locks_out)
    };
    let aged = |days: Option<u32>, hard_expiry: bool| Some(Observed { max_age_days: days, hard_expiry, ..good() });
    let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(hit(None, json!({ "max_age_days": 90 })), (named(&["ada"]), vec![]));
    assert_eq!(hit(aged(None, false), json!({ "max_age_days": 40 })), (named(&["ada", "bob"]), vec![]));
    assert_eq!(hit(aged(Some(90), false), json!({ "max_age_days": 40 })), (named(&["bob"]), vec![]));
    assert_eq!(hit(aged(Some(90), false), json!({ "hard_expiry": true })), (vec![], named(&["ada"])));
    assert_eq!(hit(aged(Some(90), true), json!({ "max_age_days": 40 })), (vec![], named(&["bob"])));
    let both = json!({ "max_age_days": 40, "hard_expiry": true });
    assert_eq!(hit(aged(Some(90), false), both), (vec![], named(&["ada", "bob"])));
    assert_eq!(hit(aged(None, false), json!({ "hard_expiry": true })), (vec![], vec![]), "nothing expires");
}

#[test]
fn nothing_of_when_passwords_expire_is_written_while_it_is_not_known_whom_that_hits() {
    let error = denied("iam:GenerateCredentialReport", account(HERE));
    let unread = |policy: Option<Observed>| Passwords { policy, since: Some(Readable::Unreadable(error.clone())) };
    let judged = |seen: &Passwords, wanted: Value, accepted: &[Accepted]| {
        judged_at::<PasswordPolicy>(account(HERE), seen, &settings(wanted), accepted)
    };
    let before = Observed { minimum_length: 8, max_age_days: Some(180), ..good() };
    let both = judged(&unread(Some(before.clone())), json!({ "minimum_length": 14, "max_age_days": 90 }), &[]);
    let [policy, report] = &both[..] else { panic!("{both:?}") };
    assert_eq!(named(policy, |verdict| *verdict == Verdict::Drifted), ["minimum_length", "max_age_days"]);
    assert_eq!(written(policy), update(Observed { minimum_length: 14, ..before.clone() }, Some(before)));
    let [left] = &drift(policy).left[..] else { panic!("{policy:?}") };
    assert_eq!(left.why, Why::Unread(report.object.clone()));
    assert_eq!(named(report, |verdict| matches!(verdict, Verdict::Unreadable(_))), ["max_age_days"]);
    assert_eq!(report.drift, None);

    let alone = judged(&unread(None), json!({ "max_age_days": 90 }), &[]);
    assert!(drift(&alone[0]).fix.writes_nothing(), "{alone:?}");
    let accepted = [exempt("iam.password_policy.max_age_days")];
    let exempted = judged(&unread(None), json!({ "minimum_length": 14, "max_age_days": 90 }), &accepted);
    assert_eq!(exempted.len(), 1, "nobody is hit: {exempted:?}");
    assert_eq!(written(&exempted[0]).policy.minimum_length, 14);
}

#[test]
fn the_report_is_needed_only_where_somebody_could_be_hit() {
    for (wanted, reads) in [
        (json!({ "minimum_length": 14, "hard_expiry": false }), 1),
        (json!({ "hard_expiry": true }), 2),
        (json!({ "max_age_days": 365 }), 2),
    ] {
        assert_eq!(PasswordPolicy::needs(&settings(wanted.clone()), Home::Member).reads.len(), reads, "{wanted}");
    }
}
