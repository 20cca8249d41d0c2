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
