//! The buckets of trails, on an emulator that others wrote.

use serde_json::{Value, json};

use crate::enforcement::all_verified;
use crate::server::text;
use crate::stand::{Stand, list};

const ALL: &str = "\
controls:
  cloudtrail.bucket:
    existing: mend
    not_public: true
    policy: true
    tls_only: true
    access_logging: true
    versioning: true
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
    assert_eq!(list(&plan, "verdicts").iter().filter(drifted).count(), 6, "{plan:#}");
    let run = text(&all_verified(&stand.apply(), &plan)["run"]);
    let now = read(&[])[bucket.as_str()].clone();
    assert_eq!((&now["versioning"]["Status"], list(&now["lifecycle"], "Rules").len()), (&json!("Enabled"), 2));
    let access = format!("trueup-access-{id}-eu-west-1");
    assert_eq!(now["logging"]["LoggingEnabled"]["TargetBucket"], json!(access));
    assert!(text(&now["policy"]["Policy"]).contains("aws:SecureTransport"), "{now:#}");
    stand.plan(&["--account", "one"]).json(0);
    stand.revert(&run, &[]).json(0);
    assert_eq!(read(&[]), before);
}
