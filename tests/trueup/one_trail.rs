//! A baseline of CIS with one trail for all, whose bucket a log archive keeps: plan, apply, plan. What is left then is a
//! person's, accepted, or set by the account of the trail.

use std::collections::BTreeSet;

use serde_json::Value;
use trueup::simulator::Options;
use trueup::simulator::world::World;

use crate::benchmarks::OURS;
use crate::harness::{HOME, Stage, line, list, offline, rows, text};

/// What the page says to add for one trail for all.
const ONE_TRAIL: &str = "  cloudtrail.trail: { scope: organization, log_account: '{archive}' }
  cloudtrail.bucket: { scope: organization, log_account: '{archive}' }
  cloudwatch.alarm: { scope: organization }
  cloudwatch.topic:
    scope: organization
    subscriptions:
      - { protocol: sqs, endpoint: 'arn:aws:sqs:{region}:{account}:alarms' }
";

/// Where flow logs are delivered.
const FLOWS: &str = "  ec2.flow_logs: { destination: { log_group: flows, role: flow-logs } }\n";

/// An organization of eight, the baseline for it, its log archive and its management account.
fn stage() -> (Stage, String, String) {
    let regions = [HOME, "eu-west-1"].map(str::to_owned).to_vec();
    let world = World::generate(&Options { accounts: 8, regions, seed: 44, start: None });
    let management = world.management();
    let named = |end: &str| world.accounts().find(|account| account.name.ends_with(end)).map(|one| one.id.clone());
    let unreachable = named("-02").expect("the one that the simulator lets nobody into");
    let able = |id: &String| {
        *id != management && *id != unreachable && world.accounts().any(|one| one.id == *id && one.state == "ACTIVE")
    };
    let archive = world.accounts().map(|account| account.id.clone()).find(able).expect("a log archive");
    let stage = Stage::new(world);
    let ours = format!("extends: [cis-aws-v7.0]\n{OURS}{FLOWS}{ONE_TRAIL}");
    let ours = ours.replace("{management}", &management).replace("{unreachable}", &unreachable);
    stage.baseline(&ours.replace("{archive}", &archive), "");
    (stage, archive, management)
}

#[test]
fn a_whole_baseline_with_one_trail_for_all_ends_in_line() {
    let (stage, archive, management) = stage();
    let (plan, code) = stage.plan(&["--out", "plan.json"]);
    assert_eq!((code, line(&plan, &archive)["status"].as_str()), (Some(2), Some("read")), "{plan:#}");
    let blocked: Vec<&Value> = list(&plan["changes"]).iter().filter(|change| change["blocked"].is_string()).collect();
    assert!(blocked.is_empty(), "{blocked:#?}");
    let made: BTreeSet<(&str, &str)> = list(&plan["changes"])
        .iter()
        .filter(|change| ["cloudtrail.trail", "cloudwatch.alarm"].contains(&text(&change["kind"])))
        .map(|change| (text(&change["kind"]), text(&change["account"])))
        .collect();
    assert_eq!(made, [("cloudtrail.trail", &*management), ("cloudwatch.alarm", &*management)].into());

    let (applied, code) = stage.apply(&["--allow", "cost,disruptive,irreversible", "--lock", "local"]);
    let came = |one: &&Value| !["verified", "already", "pending", "manual"].contains(&text(&one["outcome"]));
    let unfinished: Vec<&Value> = list(&applied["outcomes"]).iter().filter(came).collect();
    assert!(unfinished.is_empty(), "{code:?} {unfinished:#?}");
    // AWS takes some minutes until a recorder delivers, and until a trail arrives in its log group.
    stage.world(|world| world.advance(600));

    let (again, _) = stage.plan(&[]);
    let by_calls: Vec<&Value> = list(&again["changes"]).iter().filter(|change| change["manual"].is_null()).collect();
    assert!(by_calls.is_empty(), "{by_calls:#?}");
    let place = |row: &Value| ["account", "control", "object"].map(|key| text(&row[key]).to_owned());
    let told: BTreeSet<_> = list(&again["changes"]).iter().map(place).collect();
    let in_line = |row: &&Value| match text(&row["verdict"]) {
        "compliant" | "not_applicable" | "exempt" => true,
        "owned_elsewhere" => row["in_force"] == true,
        "drifted" => told.contains(&place(row)),
        _ => false,
    };
    let left: Vec<&Value> = list(&again["verdicts"]).iter().filter(|row| !in_line(row)).collect();
    assert!(left.is_empty(), "{left:#?}");
    let versions = rows(&again, &archive).find(|row| row["requirement"] == "cloudtrail.bucket.mfa_delete");
    assert_eq!(versions.map(|row| text(&row["verdict"])), Some("drifted"), "the root user's, in the log archive");
}

#[test]
fn scopes_that_differ_are_told_and_those_of_the_page_are_not() {
    let checked = |controls: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("acme.yaml");
        let content = format!("version: 1\nname: acme\nextends: [cis-aws-v7.0]\ncontrols:\n{controls}");
        std::fs::write(&file, content).expect("a file");
        let done = offline(&["baseline", "check", file.to_str().expect("a path"), "--format", "json"]);
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        list(&done.json()["warnings"]).iter().map(|words| text(words).to_owned()).collect::<Vec<_>>()
    };
    let alone = checked("  cloudtrail.trail: { scope: organization }\n");
    let differs = |of: &str| format!("`scope` of {of} is `account`, and that of cloudtrail.trail is `organization`");
    let three = ["cloudtrail.bucket", "cloudwatch.alarm", "cloudwatch.topic"].map(differs);
    assert_eq!(alone, three);
    assert_eq!(checked(&ONE_TRAIL.replace("{archive}", "111122223333")), Vec::<String>::new());
    let kept = "  cloudtrail.trail: { scope: organization, log_account: '111122223333' }\n  cloudtrail.bucket: \
                { scope: organization }\n  cloudwatch.alarm: { scope: organization }\n  cloudwatch.topic: \
                { scope: organization }\n";
    let words = "`log_account` of cloudtrail.bucket is left out, and that of cloudtrail.trail is `111122223333`";
    assert_eq!(checked(kept), [words]);
}

#[test]
fn an_override_that_parts_two_scopes_is_told() {
    let (stage, _, _) = stage();
    let more = "overrides:\n  - match: { ou: / }\n    controls: { cloudwatch.alarm: { scope: account } }\n";
    stage.write("more.yaml", &format!("version: 1\nname: more\nextends: [baseline.yaml]\n{more}"));
    let checked = stage.run(&["baseline", "check", "more.yaml", "--format", "json"]).json();
    let told: Vec<&str> = list(&checked["warnings"]).iter().map(text).collect();
    let of_alarm = "`scope` of cloudwatch.alarm is `account`, and that of cloudtrail.trail is `organization`";
    let of_topic = "`scope` of cloudwatch.topic is `organization`, and that of cloudwatch.alarm is `account`";
    assert_eq!(told, [of_alarm, of_topic]);
}
