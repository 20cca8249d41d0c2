//! The buckets of trails, on an emulator that others wrote.

use serde_json::{Value, json};

use crate::enforcement::all_verified;
use crate::server::text;
use crate::stand::{Stand, list};

/// All but `versioning`: moto answers `GetBucketVersioning` by another element than AWS, which no SDK but Python's reads.
const ALL: &str = "\
controls:
  cloudtrail.bucket:
    existing: mend
    not_public: true
    policy: true
    tls_only: true
    access_logging: true
    lifecycle: true
";

#[test]
fn a_shabby_bucket_is_mended_and_put_back() {
    let stand = Stand::cast(&json!([{ "name": "one" }]));
    stand.baseline(ALL, "");
    let id = stand.id("one");
    let read = |more: &[&str]| stand.moto.run("trail_buckets.py", &[&["--account", id.as_str()], more].concat());
    let before = read(&["--make"]);
    let plan = stand.plan(&["--account", "one"]).json(2);
    let bucket = format!("audit-{id}");
    let drifted = |row: &&Value| row["verdict"] == "drifted" && row["object"] == json!(bucket);
    assert_eq!(list(&plan, "verdicts").iter().filter(drifted).count(), 5, "{plan:#}");
    let run = text(&all_verified(&stand.apply(), &plan)["run"]);
    let now = read(&[])[bucket.as_str()].clone();
    assert_eq!(list(&now["lifecycle"], "Rules").len(), 2);
    let access = format!("trueup-access-{id}-eu-west-1");
    assert_eq!(now["logging"]["LoggingEnabled"]["TargetBucket"], json!(access));
    assert!(text(&now["policy"]["Policy"]).contains("aws:SecureTransport"), "{now:#}");
    stand.plan(&["--account", "one"]).json(0);
    // What moto has logged meanwhile is in the bucket for that, and no bucket is ever emptied.
    let reverted = stand.revert(&run, &[]).json(2);
    let stays = |row: &&Value| row["reason"].to_string().contains("there are files in it");
    let stays: Vec<&Value> = list(&reverted, "outcomes").iter().filter(stays).map(|row| &row["object"]).collect();
    assert_eq!(stays, [&json!(access)], "{reverted:#}");
    let mut after = read(&[]);
    after.as_object_mut().expect("buckets").remove(&access);
    assert_eq!(after, before);
}
