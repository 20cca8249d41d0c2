//! Runs that are kept in a bucket of moto, and the lock beside them.

use serde_json::{Value, json};

use crate::server::text;
use crate::stand::{Stand, list, outcomes};

const STATE: &str = "s3://team-trueup/state";
const LOCK: [&str; 2] = ["--lock", "s3://team-trueup/lock"];

fn bucket(stand: &Stand, what: &str, more: &[&str]) -> Value {
    stand.moto.run("bucket.py", &[&["--bucket", "team-trueup", "--do", what], more].concat())
}

#[test]
fn a_run_is_kept_verified_shown_and_undone_in_s3() {
    let weak = |name: &str| json!({ "name": name, "password": "minimum_length" });
    let stand = Stand::cast(&json!([weak("first"), weak("last")]));
    bucket(&stand, "make", &[]);
    let before = ["first", "last"].map(|name| stand.account(name)["password"].clone());
    stand.plan(&[]).ended(2);
    let arguments = [&["plan.json", "--concurrency", "1", "--format", "json"], &LOCK[..]].concat();
    let applied = stand.shared(STATE, "apply", &arguments).json(0);
    assert_eq!(outcomes(&applied, &stand.id("first")), ["verified"]);

    let run = text(&applied["run"]);
    let line = |number: u64| format!("state/runs/{run}/journal/{number:010}.jsonl");
    let mut objects: Vec<String> = vec!["lock".to_owned()];
    objects.extend((1..=8).map(line));
    objects.push(format!("state/runs/{run}/plan.json"));
    assert_eq!(bucket(&stand, "list", &[]), json!(objects));
    assert_eq!(bucket(&stand, "put", &["--key", &line(3)]), "PreconditionFailed", "moto minds the condition");

    let listed = stand.shared(STATE, "history", &["--format", "json"]).json(0);
    assert_eq!((list(&listed, "runs").len(), &listed["runs"][0]["records"]), (1, &json!(8)));
    let shown = stand.shared(STATE, "history", &[&run, "--format", "json"]).json(0);
    assert_eq!(shown["outcomes"], applied["outcomes"]);
    stand.shared(STATE, "history", &["verify"]).ended(0);

    let undoing =
        [&[&*run, "--auto-approve", "--allow", "weakening,irreversible", "--format", "json"], &LOCK[..]].concat();
    stand.shared(STATE, "revert", &undoing).ended(0);
    assert_eq!(["first", "last"].map(|name| stand.account(name)["password"].clone()), before);

    bucket(&stand, "delete", &["--key", &line(4)]);
    let broken = stand.shared(STATE, "history", &["verify"]);
    broken.ended(1);
    let words = format!("s3://team-trueup/{} does not hold: line 1 does not follow", line(5));
    assert!(broken.stderr.contains(&words), "{}", broken.stderr);
}

/// The lock of another run, as it stands in the object.
fn of_another() -> Value {
    json!({ "format": "trueup.lock/1", "id": "20261101T100000Z-0001", "caller": "arn:aws:iam::123456789012:user/ada",
        "host": "build-7 (process 41)", "since": "2026-11-01T10:00:00Z", "released": false })
}

#[test]
fn a_lock_in_s3_is_refused_while_another_lives_taken_over_once_it_is_silent_and_let_go() {
    let stand = Stand::cast(&json!([{ "name": "weak", "password": "minimum_length" }]));
    bucket(&stand, "make", &[]);
    stand.plan(&[]).ended(2);
    let body = of_another().to_string();
    bucket(&stand, "put", &["--key", "lock", "--body", &body]);
    stand.moto.forget_calls();

    let refused = stand.apply_with(&LOCK);
    refused.ended(1);
    assert_eq!(refused.stdout, "", "stdout is the result, and there is none");
    let words = "another apply is at work: run 20261101T100000Z-0001 by arn:aws:iam::123456789012:user/ada on build-7";
    assert!(refused.stderr.contains(words), "{}", refused.stderr);
    assert!(stand.moto.writes().iter().all(|call| call["service"] == "s3"), "it tried to take the lock and no more");
    assert_eq!(bucket(&stand, "get", &["--key", "lock"])["body"], of_another(), "it is still theirs");

    stand.moto.grow_older(1);
    let applied = stand.apply_with(&LOCK).json(0);
    assert_eq!(outcomes(&applied, &stand.id("weak")), ["verified"]);
    let lock = bucket(&stand, "get", &["--key", "lock"]);
    assert_eq!((&lock["body"]["id"], &lock["body"]["released"]), (&applied["run"], &json!(true)), "let go");
    let stale = bucket(&stand, "put", &["--key", "lock", "--if-match", "\"0123456789abcdef0123456789abcdef\""]);
    assert_eq!(stale, "PreconditionFailed", "moto minds the condition");
    stand.apply_with(&LOCK).json(0);
}
