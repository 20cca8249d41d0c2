//! Users of accounts: what they keep without using it is taken away, and what shuts out somebody at work only where the
//! baseline says so.

use serde_json::{Value, json};
use trueup::simulator::services::iam::User;
use trueup::simulator::services::iam_access::LastUse;
use trueup::simulator::world::World;

use crate::harness::{HOME, Stage, error, list, organization, outcomes, rows, strike, text, verdicts, write};

const DAY: i64 = 86_400;

const UNUSED: &str = "controls:\n  iam.user:\n    max_unused_days: 45\n";

const EVERYTHING: &str = "\
controls:
  iam.user:
    mfa: console
    max_unused_days: 45
    max_key_age_days: 90
    one_active_key: true
    no_initial_access_key: true
    no_policies: true
    mend: [mfa, max_key_age_days, no_policies]
";

fn iam(world: &mut World, account: &str, operation: &str, input: Value) -> Value {
    world.build(account, HOME, "iam", operation, input)
}

fn set(world: &mut World, account: &str, name: &str, change: impl FnOnce(&mut User)) {
    change(world.account(account).expect("it is there").iam.users.get_mut(name).expect("the user is there"));
}

/// A user who was made so many days ago.
pub(crate) fn user(world: &mut World, account: &str, name: &str, days: i64) {
    let now = world.now();
    iam(world, account, "CreateUser", json!({"UserName": name, "Path": "/teams/"}));
    set(world, account, name, |user| user.created = now - days * DAY);
}

/// A password of so many days, used so many days ago.
pub(crate) fn password(world: &mut World, account: &str, name: &str, days: i64, used: Option<i64>) {
    let now = world.now();
    iam(world, account, "CreateLoginProfile", json!({"UserName": name, "Password": "correct horse"}));
    set(world, account, name, |user| {
        let login = user.login.as_mut().expect("it was just made");
        (login.created, login.last_used) = (now - days * DAY, used.map(|used| now - used * DAY));
    });
}

/// An access key of so many days, used so many days ago; answers its id.
pub(crate) fn key(world: &mut World, account: &str, name: &str, days: i64, used: Option<i64>) -> String {
    let now = world.now();
    let made = iam(world, account, "CreateAccessKey", json!({ "UserName": name }));
    set(world, account, name, |user| {
        let key = user.keys.last_mut().expect("it was just made");
        key.created = now - days * DAY;
        let last = |used| LastUse { at: now - used * DAY, region: HOME.to_owned(), service: "s3".to_owned() };
        key.last_used = used.map(last);
    });
    text(&made["AccessKey"]["AccessKeyId"]).to_owned()
}

fn mfa(world: &mut World, account: &str, name: &str) {
    let codes = json!({"UserName": name, "SerialNumber": "GAHT12345678", "AuthenticationCode1": "123456",
        "AuthenticationCode2": "654321"});
    iam(world, account, "EnableMFADevice", codes);
}

fn drifted(plan: &Value, account: &str) -> Vec<(String, String)> {
    let drifted = rows(plan, account).filter(|row| row["verdict"] == "drifted");
    let short = |row: &Value| text(&row["requirement"]).trim_start_matches("iam.user.").to_owned();
    drifted.map(|row| (text(&row["object"]).to_owned(), short(row))).collect()
}

fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(user, what)| ((*user).to_owned(), (*what).to_owned())).collect()
}

/// Somebody who works, somebody whose second key lies about, and somebody who left.
fn staff() -> (Stage, String, [String; 3]) {
    let (mut world, ids) = organization(&["one"]);
    let id = ids[0].clone();
    user(&mut world, &id, "active", 400);
    password(&mut world, &id, "active", 400, Some(1));
    let used = key(&mut world, &id, "active", 30, Some(2));
    let idle = key(&mut world, &id, "active", 60, None);
    user(&mut world, &id, "gone", 400);
    password(&mut world, &id, "gone", 400, Some(100));
    let left = key(&mut world, &id, "gone", 300, Some(46));
    (Stage::held_to(world, UNUSED), id, [used, idle, left])
}

fn run_of(stage: &Stage) -> String {
    let listed = stage.run(&["history", "--format", "json"]).json();
    text(&list(&listed["runs"]).last().expect("a run")["run"]).to_owned()
}

fn status<'a>(users: &'a Value, user: &str, key: &str) -> &'a str {
    let keys = list(&users[user]["keys"]);
    keys.iter().find(|found| found["AccessKeyId"] == key).map_or("", |key| text(&key["Status"]))
}

#[test]
fn what_is_unused_is_held_back_until_it_is_allowed_and_then_taken_away() {
    let (stage, id, [used, idle, left]) = staff();
    let plan = stage.planned(2);
    assert_eq!(drifted(&plan, &id), pairs(&[("active", "max_unused_days"), ("gone", "max_unused_days")]));
    let (held, code) = stage.apply(&[]);
    assert_eq!((outcomes(&held), code), (vec![(&*id, "held"), (&*id, "held")], Some(2)));
    assert_eq!(stage.writes(), []);

    let (some, _) = stage.apply(&["--allow", "disruptive"]);
    assert_eq!(outcomes(&some), [(&*id, "verified"), (&*id, "held")], "a password cannot be given back");
    let update = || write(&id, "iam", "UpdateAccessKey");
    assert_eq!(stage.writes(), [update(), update()]);

    stage.planned(2);
    let (all, code) = stage.apply(&["--allow", "disruptive,irreversible"]);
    assert_eq!((outcomes(&all), code), (vec![(&*id, "verified")], Some(0)));
    assert_eq!(stage.writes(), [write(&id, "iam", "DeleteLoginProfile"), update(), update()]);
    let users = stage.users(&id);
    assert_eq!([status(&users, "active", &used), status(&users, "active", &idle)], ["Active", "Inactive"]);
    assert_eq!((status(&users, "gone", &left), &users["gone"]["password"]), ("Inactive", &json!(false)));
    assert_eq!(users["active"]["password"], true);
}

#[test]
fn what_was_mended_is_compliant_at_once_although_the_report_is_old() {
    let (stage, id, _) = staff();
    stage.planned(2);
    assert_eq!(stage.apply(&["--allow", "disruptive,irreversible"]).1, Some(0));
    let (plan, code) = stage.plan(&[]);
    assert_eq!((drifted(&plan, &id), code), (vec![], Some(0)));
    let keys = stage.world(|world| world.account(&id).expect("it is there").iam.report.clone().expect("a report"));
    assert!(keys.text.contains("gone,"), "the report is the one that was made before");
}

#[test]
fn a_revert_gives_keys_back_and_says_that_a_password_is_gone() {
    let (stage, id, [_, idle, left]) = staff();
    stage.planned(2);
    stage.apply(&["--allow", "disruptive,irreversible"]);
    let done = stage.run(&["revert", &run_of(&stage), "--auto-approve", "--allow", "weakening"]);
    let said = format!("{}{}", done.stdout, done.stderr);
    assert!(said.contains("an administrator sets a new one"), "{said}");
    let users = stage.users(&id);
    assert_eq!([status(&users, "active", &idle), status(&users, "gone", &left)], ["Active", "Active"], "{said}");
    assert_eq!(users["gone"]["password"], false);
}

#[test]
fn a_user_without_complaint_costs_no_call_and_another_only_what_is_in_doubt() {
    let (stage, id, _) = staff();
    stage.world(|world| {
        user(world, &id, "good", 10);
        password(world, &id, "good", 10, Some(1));
    });
    stage.planned(2);
    let mut asked: Vec<(String, String)> = stage
        .calls()
        .into_iter()
        .filter(|call| call.account == id)
        .map(|call| (call.operation, text(&call.input["UserName"]).to_owned()))
        .collect();
    asked.sort();
    let each = [
        ("GenerateCredentialReport", ""),
        ("GenerateCredentialReport", ""),
        ("GenerateCredentialReport", ""),
        // Of the two keys of one, and of the key of the other.
        ("GetAccessKeyLastUsed", ""),
        ("GetAccessKeyLastUsed", ""),
        ("GetAccessKeyLastUsed", ""),
        ("GetCredentialReport", ""),
        ("GetLoginProfile", "gone"),
        ("GetUser", "gone"),
        ("ListAccessKeys", "active"),
        ("ListAccessKeys", "gone"),
    ];
    assert_eq!(asked, pairs(&each));
}

#[test]
fn who_came_back_to_work_since_the_plan_keeps_the_password() {
    let (stage, id, [_, _, left]) = staff();
    stage.planned(2);
    stage.world(|world| {
        let now = world.now();
        set(world, &id, "gone", |user| user.login.as_mut().expect("it is there").last_used = Some(now));
    });
    let (applied, code) = stage.apply(&["--allow", "disruptive,irreversible"]);
    assert_eq!((outcomes(&applied), code), (vec![(&*id, "verified"), (&*id, "verified")], Some(0)));
    let users = stage.users(&id);
    assert_eq!((status(&users, "gone", &left), &users["gone"]["password"]), ("Inactive", &json!(true)));
    let update = || write(&id, "iam", "UpdateAccessKey");
    assert_eq!(stage.writes(), [update(), update()]);
}

/// Somebody whose password and key were not used for long, and lately set by an administrator.
fn returning(world: &mut World, id: &str, [password_set, key_changed]: [Option<i64>; 2]) {
    let now = world.now();
    user(world, id, "back", 400);
    password(world, id, "back", 400, Some(100));
    key(world, id, "back", 300, Some(100));
    set(world, id, "back", |user| {
        user.login.as_mut().expect("it is there").changed = password_set.map(|days| now - days * DAY);
        user.keys[0].changed = key_changed.map(|days| now - days * DAY);
    });
}

#[test]
fn what_was_unused_and_was_set_or_changed_since_is_told_to_a_person_and_never_taken_away() {
    for changed in [[Some(1), None], [None, Some(1)]] {
        let (mut world, ids) = organization(&["one"]);
        let id = ids[0].clone();
        returning(&mut world, &id, changed);
        let stage = Stage::held_to(world, UNUSED);
        let plan = stage.planned(2);
        assert_eq!(drifted(&plan, &id), pairs(&[("back", "max_unused_days")]));
        let row = rows(&plan, &id).find(|row| row["verdict"] == "drifted").expect("it drifted");
        assert!(text(&row["reason"]).contains(", and changed on "), "{row}");
        let (applied, code) = stage.apply(&["--allow", "disruptive,irreversible"]);
        assert_eq!((outcomes(&applied), code), (vec![(&*id, "manual")], Some(2)));
        assert_eq!(stage.writes(), []);
    }
}

#[test]
fn what_was_set_since_the_plan_is_not_taken_away() {
    for changed in [[Some(0), None], [None, Some(0)]] {
        let (mut world, ids) = organization(&["one"]);
        let id = ids[0].clone();
        returning(&mut world, &id, [None, None]);
        let stage = Stage::held_to(world, UNUSED);
        stage.planned(2);
        stage.world(|world| {
            // By then AWS makes another report.
            world.account(&id).expect("it is there").iam.report = None;
            let now = world.now();
            set(world, &id, "back", |user| {
                user.login.as_mut().expect("it is there").changed = changed[0].map(|_| now);
                user.keys[0].changed = changed[1].map(|_| now);
            });
        });
        let (applied, code) = stage.apply(&["--allow", "disruptive,irreversible"]);
        assert_eq!((outcomes(&applied), code), (vec![(&*id, "stale")], Some(2)));
        assert_eq!(stage.writes(), []);
    }
}

#[test]
fn what_the_report_holds_against_somebody_who_changed_it_since_is_no_drift() {
    let (stage, id, _) = staff();
    stage.plan(&[]);
    // The report that AWS answers for four hours still has them.
    stage.world(|world| {
        let now = world.now();
        set(world, &id, "active", |user| user.keys[1].active = false);
        set(world, &id, "gone", |user| {
            user.login = None;
            user.keys[0].last_used = Some(LastUse { at: now, region: HOME.to_owned(), service: "sts".to_owned() });
        });
    });
    let (plan, code) = stage.plan(&[]);
    assert_eq!((drifted(&plan, &id), code), (vec![], Some(0)));
}

/// Users who fall short of one thing each.
fn all_sorts() -> (Stage, String, String) {
    let (mut world, ids) = organization(&["one"]);
    let id = ids[0].clone();
    for name in ["admin", "bare", "fresh", "rotating"] {
        user(&mut world, &id, name, 20);
    }
    user(&mut world, &id, "old", 200);
    password(&mut world, &id, "bare", 20, Some(1));
    password(&mut world, &id, "fresh", 20, Some(1));
    mfa(&mut world, &id, "fresh");
    key(&mut world, &id, "fresh", 20, None);
    let old = key(&mut world, &id, "old", 200, Some(1));
    key(&mut world, &id, "rotating", 10, Some(1));
    key(&mut world, &id, "rotating", 5, Some(1));
    let audit = json!({"UserName": "admin", "PolicyArn": "arn:aws:iam::aws:policy/SecurityAudit"});
    iam(&mut world, &id, "AttachUserPolicy", audit);
    let own = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "a b"}]});
    let inline = json!({"UserName": "admin", "PolicyName": "own", "PolicyDocument": own.to_string()});
    iam(&mut world, &id, "PutUserPolicy", inline);
    (Stage::held_to(world, EVERYTHING), id, old)
}

#[test]
fn each_shortcoming_is_found_and_mended_where_the_baseline_says_so_and_given_back() {
    let (stage, id, old) = all_sorts();
    let plan = stage.planned(2);
    let found = pairs(&[
        ("admin", "no_policies"),
        ("bare", "mfa"),
        ("fresh", "no_initial_access_key"),
        ("old", "max_key_age_days"),
        ("rotating", "one_active_key"),
    ]);
    assert_eq!(drifted(&plan, &id), found);
    let row = rows(&plan, &id).find(|row| row["object"] == "old" && row["verdict"] == "drifted").expect("it drifted");
    assert!(text(&row["reason"]).contains("was last used on"), "it is said who would be shut out: {row}");
    let said = stage.run(&["show", "plan.json"]).stdout;
    let hits = said.split("who would be hit\n").skip(1).find(|hit| hit.contains(&old)).expect("whoever has the key");
    assert!(hits.contains(" of old becomes inactive\n") && hits.contains(" was last used on "), "{said}");
    let before = stage.users(&id);
    let (applied, code) = stage.apply(&["--allow", "disruptive,irreversible"]);
    let ends = ["verified", "verified", "manual", "verified", "manual"];
    let mut of_account = outcomes(&applied);
    of_account.retain(|(account, _)| *account == id);
    assert_eq!((of_account, code), (ends.map(|end| (&*id, end)).to_vec(), Some(2)));
    let writes = ["DeleteLoginProfile", "DeleteUserPolicy", "DetachUserPolicy", "UpdateAccessKey"];
    assert_eq!(stage.writes(), writes.map(|operation| write(&id, "iam", operation)));
    let users = stage.users(&id);
    assert_eq!(status(&users, "old", &old), "Inactive");
    assert_eq!((&users["admin"]["attached"], &users["admin"]["inline"]), (&json!([]), &json!({})));
    assert_eq!(users["bare"]["password"], false);

    let done = stage.run(&["revert", &run_of(&stage), "--auto-approve", "--allow", "weakening"]);
    let after = stage.users(&id);
    for name in ["admin", "old"] {
        assert_eq!(after[name], before[name], "{}{}", done.stdout, done.stderr);
    }
}

#[test]
fn who_came_after_the_report_is_looked_at_by_the_policies_that_are_read_anyway() {
    let (stage, id, _) = all_sorts();
    stage.plan(&[]);
    stage.world(|world| {
        user(world, &id, "late", 0);
        password(world, &id, "late", 0, None);
    });
    let (plan, _) = stage.plan(&[]);
    assert!(drifted(&plan, &id).contains(&("late".to_owned(), "mfa".to_owned())), "{plan:#}");
    assert_eq!(stage.count(&id, "GetAccountAuthorizationDetails"), 2, "once a plan");
}

#[test]
fn a_user_who_does_not_let_himself_be_read_is_unreadable_and_the_others_are_judged() {
    let (stage, id, _) = staff();
    stage.inject(strike(&id, "ListAccessKeys", error(403, "AccessDenied")));
    let (plan, code) = stage.plan(&[]);
    assert_eq!(code, Some(3));
    let found = verdicts(&plan, &id);
    assert_eq!(found.iter().filter(|(_, verdict)| verdict == "unreadable").count(), 2, "{found:?}");
    assert_eq!(line_reason(&plan, &id).matches("iam:ListAccessKeys").count(), 1);
}

fn line_reason<'a>(plan: &'a Value, account: &str) -> &'a str {
    text(&crate::harness::line(plan, account)["reason"])
}

#[test]
fn what_calls_mend_of_a_user_and_what_a_person_mends_are_both_in_the_plan() {
    let (mut world, ids) = organization(&["one"]);
    let id = ids[0].clone();
    user(&mut world, &id, "active", 400);
    password(&mut world, &id, "active", 400, Some(1));
    key(&mut world, &id, "active", 200, None);
    let asked = "controls:\n  iam.user:\n    max_unused_days: 45\n    mfa: console\n";
    let stage = Stage::held_to(world, asked);
    let plan = stage.planned(2);
    let parts = list(&plan["changes"]).iter().map(|change| {
        let named = list(&change["differences"]).iter().map(|one| text(&one["requirement"]).to_owned());
        (change["manual"].as_str().map(str::to_owned), list(&change["steps"]).len(), named.collect::<Vec<_>>())
    });
    let words = "have active register an MFA device, or take the user away".to_owned();
    let by_hand = (Some(words), 0, vec!["iam.user.mfa".to_owned()]);
    assert_eq!(parts.collect::<Vec<_>>(), [by_hand, (None, 1, vec!["iam.user.max_unused_days".to_owned()])]);
    let figures = &plan["summary"]["changes"];
    assert_eq!((&figures["change"], &figures["manual"]), (&json!(1), &json!(1)));

    let (applied, code) = stage.apply(&["--allow", "disruptive"]);
    assert_eq!((outcomes(&applied), code), (vec![(&*id, "manual"), (&*id, "verified")], Some(2)));
    assert_eq!(stage.writes(), [write(&id, "iam", "UpdateAccessKey")], "a password that is in use stays");
}
