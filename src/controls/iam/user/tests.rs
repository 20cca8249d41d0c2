//! Each requirement of a user alone, what mends it, and what is left to a person.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::assessment::Verdict;
use crate::control::Accepted;
use crate::controls::made::{HERE, account, denied, drift, exempt, judged_at, named, steps};
use crate::drift::Fix;
use crate::observe::Readable;
use crate::observe::iam::{AccessKey, Inline, Password, User as Seen};
use crate::ownership::Signs;
use crate::steps::iam::{DeactivateAccessKey, DeleteLoginProfile, DeleteUserPolicy, DetachUserPolicy, Who};
use crate::steps::{Risk, Step};

/// The tests judge on 2026-12-01.
fn days_ago(days: i64) -> Option<Timestamp> {
    let today: Timestamp = "2026-12-01T12:00:00Z".parse().expect("a time");
    Timestamp::from_second(today.as_second() - days * 86_400).ok()
}

fn settings(value: Value) -> Settings {
    serde_json::from_value(value).expect("settings")
}

fn all() -> Value {
    json!({"mfa": "console", "max_unused_days": 45, "max_key_age_days": 90, "one_active_key": true,
        "no_initial_access_key": true, "no_policies": true})
}

fn mending() -> Settings {
    let mut all = all();
    all["mend"] = json!(["mfa", "max_key_age_days", "no_policies"]);
    settings(all)
}

/// A user who has everything that is asked.
fn alice() -> Seen {
    Seen {
        name: "alice".to_owned(),
        path: "/teams/".to_owned(),
        created: days_ago(400),
        password: Readable::Read(Some(Password { last_used: days_ago(45), since: days_ago(400) })),
        mfa: Readable::Read(true),
        keys: Readable::Read(vec![key("AKIA1", 90, Some(45))]),
        inline: vec![],
        attached: vec![],
        signs: None,
        runs_this: false,
    }
}

fn key(id: &str, age: i64, used: Option<i64>) -> AccessKey {
    let service = used.map(|_| "s3".to_owned());
    AccessKey { id: id.to_owned(), active: true, created: days_ago(age), last_used: used.and_then(days_ago), service }
}

fn judged_with(user: Seen, wanted: &Settings, accepted: &[Accepted]) -> Judged {
    judged_at::<User>(account(HERE), &Users(vec![user]), wanted, accepted).remove(0)
}

fn judged(user: Seen, wanted: &Settings) -> Judged {
    judged_with(user, wanted, &[])
}

fn drifted(judged: &Judged) -> Vec<&'static str> {
    named::<User>(judged, |verdict| *verdict == Verdict::Drifted)
}

fn words(judged: &Judged) -> &str {
    match &drift(judged).fix {
        Fix::Manual(words) => words,
        other => panic!("a person mends it: {other:?}"),
    }
}

fn who() -> Who {
    Who { name: "alice".to_owned(), path: "/teams/".to_owned() }
}

fn deactivate(key: &str) -> Step {
    Step::DeactivateAccessKey(DeactivateAccessKey { user: who(), key: key.to_owned() })
}

fn no_password() -> Step {
    Step::DeleteLoginProfile(DeleteLoginProfile { user: who() })
}

type Loosen = fn(&mut Seen);

#[test]
fn a_user_who_has_everything_that_is_asked_is_compliant() {
    let judged = judged(alice(), &settings(all()));
    assert_eq!(named::<User>(&judged, |verdict| *verdict == Verdict::Compliant).len(), 6);
    assert_eq!(judged.drift, None);
}

#[test]
fn each_difference_alone_is_drift_of_its_requirement() {
    let differences: [(&str, Loosen); 8] = [
        ("mfa", |user| user.mfa = Readable::Read(false)),
        ("max_unused_days", |user| {
            user.password = Readable::Read(Some(Password { last_used: days_ago(46), since: days_ago(400) }));
        }),
        ("max_unused_days", |user| {
            user.password = Readable::Read(Some(Password { last_used: None, since: days_ago(46) }));
        }),
        ("max_unused_days", |user| user.keys = Readable::Read(vec![key("AKIA1", 90, Some(46))])),
        ("max_key_age_days", |user| user.keys = Readable::Read(vec![key("AKIA1", 91, Some(0))])),
        ("one_active_key", |user| {
            user.keys = Readable::Read(vec![key("AKIA1", 1, Some(0)), key("AKIA2", 1, Some(0))]);
        }),
        ("no_initial_access_key", |user| {
            user.created = days_ago(10);
            user.keys = Readable::Read(vec![key("AKIA1", 10, None)]);
        }),
        ("no_policies", |user| user.attached = vec!["arn:aws-cn:iam::aws:policy/SecurityAudit".to_owned()]),
    ];
    for (requirement, differ) in differences {
        let mut user = alice();
        differ(&mut user);
        assert_eq!(drifted(&judged(user, &settings(all()))), [requirement]);
    }
}

#[test]
fn what_is_unused_is_taken_away_and_the_rest_stays() {
    let mut user = alice();
    user.keys = Readable::Read(vec![key("AKIA1", 90, Some(0)), key("AKIA2", 60, None)]);
    let wanted = settings(json!({"max_unused_days": 45}));
    let judged = judged(user.clone(), &wanted);
    assert_eq!(steps(&judged), [deactivate("AKIA2")]);
    assert_eq!(judged.findings[0].reason.as_deref(), Some("access key AKIA2 never used since 2026-10-02"));
    user.password = Readable::Read(Some(Password { last_used: days_ago(300), since: days_ago(400) }));
    let judged = self::judged(user, &wanted);
    assert_eq!(steps(&judged), [deactivate("AKIA2"), no_password()]);
    let risks: Vec<Risk> = steps(&judged).iter().map(Step::risk).collect();
    assert_eq!(risks, [Risk::Disruptive, Risk::Irreversible]);
}

#[test]
fn an_inactive_key_is_nobodys_matter() {
    let mut user = alice();
    let asleep = AccessKey { active: false, ..key("AKIA2", 300, None) };
    user.keys = Readable::Read(vec![key("AKIA1", 1, Some(0)), asleep]);
    assert_eq!(drifted(&judged(user, &settings(all()))), [""; 0]);
}

#[test]
fn what_shuts_out_somebody_at_work_is_left_to_a_person_unless_the_baseline_lets_it_be_mended() {
    let mut user = alice();
    user.mfa = Readable::Read(false);
    user.keys = Readable::Read(vec![key("AKIA1", 300, Some(1))]);
    user.attached = vec!["arn:aws-cn:iam::aws:policy/SecurityAudit".to_owned()];
    user.inline = vec![Inline { name: "own".to_owned(), document: "{}".to_owned() }];
    let left = judged(user.clone(), &settings(all()));
    assert_eq!(drifted(&left), ["mfa", "max_key_age_days", "no_policies"]);
    assert_eq!(words(&left).split("; ").count(), 3);
    let mended = judged(user, &mending());
    let attached = "arn:aws-cn:iam::aws:policy/SecurityAudit".to_owned();
    let taken = [
        deactivate("AKIA1"),
        no_password(),
        Step::DetachUserPolicy(DetachUserPolicy { user: who(), policy: attached }),
        Step::DeleteUserPolicy(DeleteUserPolicy { user: who(), policy: "own".to_owned(), document: "{}".to_owned() }),
    ];
    assert_eq!(steps(&mended), taken);
}

#[test]
fn it_is_said_who_works_with_a_key_that_is_too_old() {
    let mut user = alice();
    user.keys = Readable::Read(vec![key("AKIA1", 300, Some(1)), key("AKIA2", 200, None)]);
    let judged = judged(user, &settings(json!({"max_key_age_days": 90})));
    let reason = judged.findings[0].reason.as_deref();
    let wanted = "access key AKIA1 of 2026-02-04 was last used on 2026-11-30 with s3; access key AKIA2 of 2026-05-15 was \
                  never used";
    assert_eq!(reason, Some(wanted));
}

#[test]
fn what_only_a_person_mends_stays_in_the_verdicts_beside_what_calls_do() {
    let mut user = alice();
    user.keys = Readable::Read(vec![key("AKIA1", 1, Some(0)), key("AKIA2", 60, None)]);
    let judged = judged(user, &settings(all()));
    assert_eq!(drifted(&judged), ["max_unused_days", "one_active_key"]);
    assert_eq!(steps(&judged), [deactivate("AKIA2")]);
    let promised: Vec<&str> = drift(&judged).differences.iter().map(|one| one.requirement.as_str()).collect();
    assert_eq!(promised, ["iam.user.max_unused_days"]);
}

#[test]
fn nothing_is_taken_from_the_user_by_whom_trueup_runs() {
    let user = Seen { runs_this: true, keys: Readable::Read(vec![key("AKIA1", 300, Some(0))]), ..alice() };
    let judged = judged(user, &mending());
    assert_eq!(drifted(&judged), ["max_key_age_days"]);
    assert_eq!(words(&judged), "alice is who runs this: change it as somebody else");
}

#[test]
fn mfa_is_asked_of_users_with_a_password_or_of_everyone() {
    let mut user = alice();
    user.password = Readable::Read(None);
    user.mfa = Readable::Read(false);
    assert_eq!(drifted(&judged(user.clone(), &settings(json!({"mfa": "console"})))), [""; 0]);
    let everyone = settings(json!({"mfa": "everyone", "mend": ["mfa"]}));
    let judged = judged(user, &everyone);
    assert_eq!(drifted(&judged), ["mfa"]);
    assert!(words(&judged).contains("register an MFA device"), "there is no password to take away");
}

#[test]
fn a_key_made_with_a_user_counts_only_with_a_password_and_while_it_is_unused() {
    let wanted = settings(json!({"no_initial_access_key": true}));
    let mut user = alice();
    user.created = days_ago(10);
    for (password, used, initial) in [(true, None, true), (false, None, false), (true, Some(5), false)] {
        user.password = Readable::Read(password.then(Password::default));
        user.keys = Readable::Read(vec![key("AKIA1", 10, used)]);
        assert_eq!(drifted(&judged(user.clone(), &wanted)).len(), usize::from(initial));
    }
}

#[test]
fn a_part_that_could_not_be_read_is_unreadable_and_the_others_are_judged() {
    let mut user = alice();
    let error = denied("iam:ListAccessKeys", account(HERE));
    user.keys = Readable::Unreadable(error.clone());
    user.mfa = Readable::Read(false);
    let judged = judged(user, &settings(all()));
    let unreadable = named::<User>(&judged, |verdict| *verdict == Verdict::Unreadable(error.clone()));
    assert_eq!(unreadable, ["max_unused_days", "max_key_age_days", "one_active_key", "no_initial_access_key"]);
    assert_eq!(drifted(&judged), ["mfa"]);
}

#[test]
fn an_exempt_user_is_left_alone_beside_a_drifted_one() {
    let mut user = alice();
    user.mfa = Readable::Read(false);
    let other = Seen { name: "bob".to_owned(), ..user.clone() };
    let accepted = Accepted { objects: vec!["alice".to_owned()], ..exempt("iam.user.mfa") };
    let judged = judged_at::<User>(account(HERE), &Users(vec![user, other]), &mending(), &[accepted]);
    assert!(matches!(judged[0].findings[0].verdict, Verdict::Exempt(_)) && judged[0].drift.is_none());
    assert!(judged[1].drift.is_some());
}

#[test]
fn an_exempt_requirement_is_not_mended_beside_a_drifted_one() {
    let mut user = alice();
    user.mfa = Readable::Read(false);
    user.keys = Readable::Read(vec![key("AKIA1", 60, None)]);
    let judged = judged_with(user, &mending(), &[exempt("iam.user.mfa")]);
    assert_eq!(steps(&judged), [deactivate("AKIA1")]);
}

#[test]
fn only_what_is_asked_is_judged_read_and_planned() {
    let of = |wanted: Value| {
        let needs = User::needs(&settings(wanted), Home::Member);
        (needs.reads.iter().map(|reads| reads.name).collect::<Vec<_>>(), needs.steps)
    };
    let mfa = vec!["iam.credential_report", "iam.login_profile", "iam.mfa_devices"];
    assert_eq!(of(json!({"mfa": "console"})), (mfa, vec![]));
    let policies = vec!["iam.authorization_details"];
    assert_eq!(of(json!({"no_policies": true})), (policies, vec![]));
    let (reads, steps) = of(json!({"max_unused_days": 45}));
    let used = ["iam.credential_report", "iam.login_profile", "iam.sign_in", "iam.access_keys"];
    assert_eq!((&reads[..], &steps[..]), (&used[..], &["DeactivateAccessKey", "DeleteLoginProfile"][..]));
    assert_eq!(User::required(&settings(json!({"one_active_key": true}))), ["one_active_key"]);
    assert_eq!(judged(alice(), &settings(json!({"one_active_key": true}))).findings.len(), 1);
}

#[test]
fn what_looks_after_a_user_is_told_where_its_tags_were_read_with_its_policies() {
    let signs = Signs::of([("ManagedBy", "terraform")]);
    let judged = judged_with(Seen { mfa: Readable::Read(false), signs: Some(signs), ..alice() }, &mending(), &[]);
    assert_eq!(drift(&judged).managed_by.as_deref(), Some("Terraform, says its tag ManagedBy"));
    let unknown = judged_with(Seen { mfa: Readable::Read(false), ..alice() }, &mending(), &[]);
    assert_eq!(drift(&unknown).managed_by, None);
}
