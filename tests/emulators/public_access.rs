//! The public access block of an account, on an emulator that others wrote: S3 Control asked at an endpoint of one's own.

use serde_json::{Value, json};

use crate::enforcement::all_verified;
use crate::server::text;
use crate::stand::{Stand, list};

const SHUT: &str = "\
controls:
  s3.account_public_access_block:
    block_public_acls: true
    ignore_public_acls: true
    block_public_policy: true
    restrict_public_buckets: true
";

#[test]
fn an_account_is_shut_with_its_public_buckets_named_and_opened_again() {
    let stand = Stand::cast(&json!([{ "name": "open" }, { "name": "other" }]));
    stand.baseline(SHUT, "");
    let id = stand.id("open");
    let block = |more: &[&str]| stand.moto.run("public_access.py", &[&["--account", id.as_str()], more].concat());
    assert_eq!(block(&["--make"]), Value::Null, "it has none");
    let plan = stand.plan(&["--account", "open"]).json(2);
    let [change] = list(&plan, "changes") else { panic!("one change: {plan:#}") };
    assert_eq!(change["steps"][0]["shuts"], json!([format!("downloads-{id}")]), "{plan:#}");
    let run = text(&all_verified(&stand.apply(), &plan)["run"]);
    let all = json!({ "BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true,
        "RestrictPublicBuckets": true });
    assert_eq!(block(&[]), all);
    stand.plan(&["--account", "open"]).json(0);
    stand.revert(&run, &[]).json(0);
    assert_eq!(block(&[]), Value::Null);
}
