//! The alarms of CIS and the topic that they tell on moto, behind a front that speaks CloudWatch's CBOR: drifted, mended,
//! switched off and on, and undone, as `tests/mendable.txt` has them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::enforcement::all_verified;
use crate::mendable::{on_moto, table};
use crate::server::text;
use crate::stand::{Stand, list};

const CONTROLS: &str = "\
controls:
  cloudwatch.topic:
    publish: true
    usable_key: true
    subscriptions: [{ protocol: email, endpoint: security@acme.example }]
  cloudwatch.alarm:
    unauthorized_api_calls: true
    console_signin_without_mfa: true
    root_usage: true
    iam_policy_changes: true
    cloudtrail_changes: true
    console_auth_failures: true
    kms_cmk_disable_delete: true
    s3_bucket_policy_changes: true
    config_changes: true
    security_group_changes: true
    nacl_changes: true
    network_gateway_changes: true
    route_table_changes: true
    vpc_changes: true
    organizations_changes: true
    actions: true
";
const ONLY: &[&str] = &["--account", "one"];

fn alarms(stand: &Stand, more: &[&str]) -> Value {
    stand.moto.run("alarms.py", &[&["--account", &stand.id("one")], more].concat())
}

/// An account whose trail delivers to a log group that nobody watches.
fn unwatched() -> (Stand, Value) {
    let stand = Stand::cast(&json!([{ "name": "one", "trail": "absent" }]));
    stand.baseline(CONTROLS, "");
    let there = alarms(&stand, &["--make"]);
    assert_eq!(there, json!({ "Filters": {}, "Alarms": {} }));
    (stand, there)
}

#[test]
fn alarms_and_their_topic_are_drifted_mended_and_undone_as_the_table_says() {
    let (stand, nothing) = unwatched();
    let before = stand.plan(ONLY).json(2);
    let promised = table::mended(&before);
    let on_moto = on_moto(|requirement| requirement.starts_with("cloudwatch."));
    assert_eq!(promised.iter().cloned().map(table::requirement).collect::<BTreeSet<_>>(), on_moto);
    assert_eq!(table::drifted(&before), on_moto);

    let run = text(&all_verified(&stand.apply(), &before)["run"]);
    let made = alarms(&stand, &[]);
    let found = made["Alarms"].as_object().expect("there are alarms");
    assert_eq!((found.len(), found.values().all(|alarm| alarm["ActionsEnabled"] == true)), (15, true), "{made:#}");
    let after = stand.plan(ONLY).json(0);
    let unmended = table::unmended(&promised, &after);
    assert!(unmended.is_empty(), "{unmended:#?}");

    let held = stand.shared("state", "revert", &[&run, "--auto-approve", "--allow", "weakening", "--lock", "local"]);
    held.ended(2);
    assert_eq!(alarms(&stand, &[]), made, "what was made is taken away only where that is allowed");
    stand.revert(&run, &[]).json(0);
    assert_eq!(alarms(&stand, &[]), nothing);
    let again = stand.plan(ONLY).json(2);
    assert_eq!(table::turns(&before, &again, &promised), BTreeSet::new());
}

#[test]
fn an_alarm_that_was_switched_off_is_switched_on_and_off_again_by_a_revert() {
    let (stand, _) = unwatched();
    let plan = stand.plan(ONLY).json(2);
    all_verified(&stand.apply(), &plan);
    let name = "trueup-root_usage";
    let off = alarms(&stand, &["--off", name]);
    assert_eq!(off["Alarms"][name]["ActionsEnabled"], false);
    let plan = stand.plan(ONLY).json(2);
    let [change] = list(&plan, "changes") else { panic!("{plan:#}") };
    assert_eq!(change["steps"][0]["do"], "enable_alarm_actions", "{change:#}");
    assert!(table::drifted(&plan).contains("cloudwatch.alarm.actions"));
    let run = text(&all_verified(&stand.apply(), &plan)["run"]);
    assert_eq!(alarms(&stand, &[])["Alarms"][name]["ActionsEnabled"], true);
    stand.plan(ONLY).json(0);
    let undone = stand.shared("state", "revert", &[&run, "--auto-approve", "--allow", "weakening", "--lock", "local"]);
    undone.ended(0);
    assert_eq!(alarms(&stand, &[]), off, "a former value needs no more than that");
}
