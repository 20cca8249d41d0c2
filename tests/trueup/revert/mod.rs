//! What a run did is undone: everything is as it was before, but for what is said to stay.

use std::path::PathBuf;

use serde_json::{Value, json};
use trueup::simulator::fault::{Effect, Moment};
use trueup::simulator::world::World;

mod asked;
mod events;
mod interrupted;
mod log_groups;
mod put_back;
mod stays;

use crate::harness::{
    Done, HOME, STRONG, Stage, all_strong, error, list, organization, outcomes, policy_write, set_policy, strike, text,
    write,
};

const ROTATION: &str = "controls:\n  kms.key_rotation:\n    enabled: true\n";

const WATCHED: &str = "\
regions: [us-east-1]
controls:
  guardduty.detector:
    publishing_frequency: ONE_HOUR
    features: [S3_DATA_EVENTS]
";

const TRAIL: &str = "\
controls:
  cloudtrail.trail:
    scope: account
    name: audit
    multi_region: true
    logging: true
    management_events: true
    log_file_validation: true
    kms_key: alias/trueup-trail
";

const ORGANIZATION: &str = "\
controls:
  cloudtrail.trail:
    scope: organization
    multi_region: true
    logging: true
    log_file_validation: true
    kms_key: alias/trueup-trail
";

const EVERYTHING: &str = "cost,disruptive";
const UNDO: [&str; 2] = ["--allow", "weakening,irreversible"];

/// Everything there is, without the clock, the times at which things were done, and roles that services made for
/// themselves, which trueup never takes away. What AWS answers alike is alike.
fn dump(stage: &Stage) -> Value {
    let mut whole = stage.world(World::state);
    plain(&mut whole);
    whole
}

/// Nothing is otherwise than before.
#[track_caller]
fn unchanged(stage: &Stage, before: &Value) {
    alike(before, &dump(stage));
}

/// Two dumps are the same; what differs is named.
#[track_caller]
fn alike(before: &Value, after: &Value) {
    let mut found = vec![];
    differences("", before, after, &mut found);
    assert_eq!(found, [""; 0]);
}

fn differences(place: &str, one: &Value, other: &Value, found: &mut Vec<String>) {
    if let (Value::Object(one), Value::Object(other)) = (one, other) {
        let names: std::collections::BTreeSet<&String> = one.keys().chain(other.keys()).collect();
        for name in names {
            let of = |fields: &serde_json::Map<String, Value>| fields.get(name).cloned().unwrap_or_default();
            differences(&format!("{place}/{name}"), &of(one), &of(other), found);
        }
    } else if one != other {
        found.push(format!("{place}: {one} -> {other}"));
    }
}

/// A region in which somebody only looked is there, and empty.
fn is_empty(region: &Value) -> bool {
    let none = |value: &Value| value.is_null() || *value == json!({});
    let (kms, guardduty) = (&region["kms"], &region["guardduty"]);
    let unset = |value: &Value| none(value) || *value == json!(false);
    let defaults = region["ec2"].as_object().is_none_or(|ec2| ec2.values().all(unset));
    defaults
        && none(&kms["keys"])
        && none(&kms["aliases"])
        && none(&region["cloudtrail"]["trails"])
        && none(&region["logs"]["groups"])
        && none(&guardduty["detector"])
}

/// The keys and aliases of an account at home are taken out.
fn without_keys(mut dump: Value, account: &str) -> Value {
    if let Some(region) = dump["accounts"][account]["regions"].get_mut(HOME) {
        region["kms"] = json!({"keys": {}, "aliases": {}});
    }
    plain(&mut dump);
    dump
}

fn plain(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for passing in ["now", "started", "stopped", "updated", "created"] {
                fields.remove(passing);
            }
            fields.retain(|name, _| !name.starts_with("AWSServiceRole"));
            if let Some(expiry) = fields.get_mut("hard_expiry").filter(|expiry| expiry.is_null()) {
                *expiry = json!(false);
            }
            if let Some(Value::Object(regions)) = fields.get_mut("regions") {
                regions.retain(|_, region| !is_empty(region));
            }
            fields.values_mut().for_each(plain);
        }
        Value::Array(items) => items.iter_mut().for_each(plain),
        _ => {}
    }
}

/// The id of the last run that was kept.
fn last(stage: &Stage) -> String {
    let listed = stage.run(&["history", "--format", "json"]).json();
    text(&list(&listed["runs"]).last().expect("a run")["run"]).to_owned()
}

/// Plans and applies; answers the id of the run.
fn applied(stage: &Stage, more: &[&str]) -> String {
    let (plan, code) = stage.plan(&[&["--out", "plan.json"], more].concat());
    assert_eq!(code, Some(2), "{plan:#}");
    let (applied, code) = stage.apply(&["--allow", EVERYTHING]);
    assert_eq!(code, Some(0), "{applied:#}");
    last(stage)
}

/// Reverts a run without a question.
fn reverted(stage: &Stage, run: &str, more: &[&str]) -> Done {
    stage.run(&[&["revert", run, "--auto-approve", "--format", "json"], more].concat())
}

/// What came of each object of a revert: its name and its outcome.
#[track_caller]
fn came(done: &Done, code: i32) -> Vec<(String, String)> {
    let result = done.json();
    assert_eq!(done.code, Some(code), "{result:#}\n{}", done.stderr);
    let one = |one: &Value| (text(&one["object"]).to_owned(), text(&one["outcome"]).to_owned());
    list(&result["outcomes"]).iter().map(one).collect()
}

/// All came to the same.
#[track_caller]
fn all_came(done: &Done, code: i32, outcome: &str) {
    let came = came(done, code);
    assert!(!came.is_empty() && came.iter().all(|(_, came)| came == outcome), "{came:?}\n{}", done.stdout);
}

/// The reason of the only outcome.
fn reason(done: &Done) -> String {
    text(&done.json()["outcomes"][0]["reason"]).to_owned()
}

fn weak(names: &[&str]) -> (World, Vec<String>) {
    let (mut world, ids) = organization(names);
    all_strong(&mut world);
    for id in &ids {
        set_policy(&mut world, id, json!({"MinimumPasswordLength": 8, "MaxPasswordAge": 60}));
    }
    (world, ids)
}

/// A bucket that takes the files of an account's trail, with a trail `audit` that does not log.
fn poor_trail(world: &mut World, account: &str) {
    let name = format!("audit-{account}");
    world.build(account, HOME, "s3", "CreateBucket", json!({"Bucket": name}));
    let service = json!({"Service": "cloudtrail.amazonaws.com"});
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": format!("arn:aws:s3:::{name}")},
        {"Effect": "Allow", "Principal": service, "Action": "s3:PutObject",
         "Resource": format!("arn:aws:s3:::{name}/AWSLogs/{account}/*"),
         "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}}]});
    world.build(account, HOME, "s3", "PutBucketPolicy", json!({"Bucket": name, "Policy": policy.to_string()}));
    let input = json!({"Name": "audit", "S3BucketName": name, "IncludeGlobalServiceEvents": false});
    world.build(account, HOME, "cloudtrail", "CreateTrail", input);
    let selectors = json!([{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": true}]);
    let input = json!({"TrailName": "audit", "EventSelectors": selectors});
    world.build(account, HOME, "cloudtrail", "PutEventSelectors", input);
}

/// A key under the alias that the baseline names, which does not let CloudTrail in.
fn closed_key(world: &mut World, account: &str) {
    let made = world.build(account, HOME, "kms", "CreateKey", json!({}));
    let alias = json!({"AliasName": "alias/trueup-trail", "TargetKeyId": made["KeyMetadata"]["KeyId"]});
    world.build(account, HOME, "kms", "CreateAlias", alias);
    let id = made["KeyMetadata"]["KeyId"].clone();
    world.build(account, HOME, "kms", "EnableKeyRotation", json!({"KeyId": id}));
}

/// The journal of a run.
fn journal(stage: &Stage, run: &str) -> PathBuf {
    stage.path("state/trueup/runs").join(run).join("journal.jsonl")
}

/// Cuts a journal after its first line that announces a write, as a kill leaves it.
fn killed_after_the_first_announcement(stage: &Stage, run: &str) {
    let path = journal(stage, run);
    let whole = std::fs::read_to_string(&path).expect("a journal");
    let announced = whole.lines().position(|line| line.contains(r#""record":"write_begins""#)).expect("a write");
    let cut: Vec<&str> = whole.lines().take(announced + 1).collect();
    std::fs::write(&path, cut.join("\n") + "\n").expect("a file");
}
