//! What apply refuses before anything is written, and what the plan file is.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};
use trueup::simulator::ACCESS_ROLE;

use crate::harness::{STRONG, Stage, all_strong, organization, outcomes, policy_write, set_policy, strong};

/// One account that has drifted.
fn weak() -> (Stage, String) {
    let (mut world, ids) = organization(&["weak"]);
    all_strong(&mut world);
    set_policy(&mut world, &ids[0], json!({"MinimumPasswordLength": 8}));
    (Stage::held_to(world, STRONG), ids[0].clone())
}

/// The same with a plan for it.
fn planned() -> (Stage, String) {
    let (stage, id) = weak();
    stage.planned(2);
    (stage, id)
}

/// Changes the plan file and gives it the digest of the new content if it is to be believed.
fn tamper(stage: &Stage, believed: bool, change: impl FnOnce(&mut Value)) {
    let mut plan = stage.read_json("plan.json");
    change(&mut plan);
    if believed {
        let mut file: trueup::plan::PlanFile = serde_json::from_value(plan.clone()).expect("a plan");
        file.digest = file.content_digest();
        plan["digest"] = json!(file.digest);
    }
    stage.write("plan.json", &plan.to_string());
}

#[test]
fn a_plan_file_is_for_its_owner_alone_and_is_written_at_exits_0_2_and_3() {
    let (stage, id) = weak();
    let mode = || std::fs::metadata(stage.path("plan.json")).expect("it is there").permissions().mode() & 0o777;
    stage.planned(2);
    assert_eq!(mode(), 0o600);
    std::fs::remove_file(stage.path("plan.json")).expect("it was there");
    stage.world(|world| world.account(&id).expect("it is there").iam.roles.clear());
    stage.planned(3);
    assert_eq!(mode(), 0o600);
    std::fs::remove_file(stage.path("plan.json")).expect("it was there");
    let (_, code) = stage.plan(&["--out", "plan.json", "--exclude-account", &id]);
    assert_eq!((code, mode()), (Some(0), 0o600));
}

#[test]
fn a_plan_file_says_what_stdout_said() {
    let (stage, _) = weak();
    let said = stage.planned(2);
    assert_eq!(stage.read_json("plan.json"), said);
    let shown = stage.run(&["show", "plan.json", "--format", "json"]);
    assert_eq!((shown.json(), shown.code), (said, Some(0)));
}

#[test]
fn a_plan_that_was_changed_is_refused() {
    let (stage, _) = planned();
    tamper(&stage, false, |plan| plan["changes"][0]["steps"][0]["policy"]["minimum_length"] = json!(6));
    stage.run(&["apply", "plan.json"]).refused(64, "plan.json was changed after it was made");
    stage.run(&["show", "plan.json"]).refused(64, "plan.json was changed after it was made");
    assert_eq!(stage.writes(), []);
}

#[test]
fn a_plan_with_something_added_is_refused() {
    let (stage, _) = planned();
    tamper(&stage, false, |plan| plan["unheard_of"] = json!(true));
    stage.run(&["apply", "plan.json"]).refused(64, "was changed after it was made");
}

#[test]
fn a_plan_of_another_format_is_refused() {
    let (stage, _) = planned();
    tamper(&stage, false, |plan| plan["format"] = json!("trueup.plan/99"));
    stage.run(&["apply", "plan.json"]).refused(64, "plan.json has the format trueup.plan/99");
}

#[test]
fn what_is_no_plan_is_refused() {
    let (stage, _) = weak();
    for text in ["", "not json", "{}", "[]", "{\"format\": 7}", "{\"format\": \"trueup.plan/1\"}"] {
        stage.write("plan.json", text);
        stage.run(&["apply", "plan.json"]).refused(64, "plan.json is not a plan of trueup");
    }
    stage.run(&["apply", "missing.json"]).refused(64, "could not read missing.json");
    stage.run(&["show", "missing.json"]).refused(64, "could not read missing.json");
    assert!(stage.calls().is_empty(), "AWS is not asked for a plan that is refused");
}

#[test]
fn an_old_plan_is_refused_and_max_age_says_how_old() {
    let (stage, id) = planned();
    let yesterday = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(25);
    tamper(&stage, true, |plan| plan["created"] = json!(yesterday));
    stage.run(&["apply", "plan.json"]).refused(64, "older than --max-age");
    assert_eq!(stage.writes(), []);
    assert_eq!(stage.apply(&["--max-age", "26h"]).1, Some(0));
    assert_eq!(stage.writes(), [policy_write(&id)]);
    assert_eq!(stage.policy(&id)["MinimumPasswordLength"], 14);
}

#[test]
fn a_plan_of_another_organization_is_refused() {
    let (stage, _) = planned();
    let (other, _) = weak();
    other.write("plan.json", &stage.read("plan.json"));
    // The same accounts in another organization: only its id tells.
    let id = "o-zzzzzzzzzz".to_owned();
    other.world(|world| world.organization.as_mut().expect("an organization").id.clone_from(&id));
    other.run(&["apply", "plan.json"]).refused(64, &format!("these credentials are of {id}"));
    assert_eq!(other.writes(), []);
}

#[test]
fn an_organization_that_is_said_has_to_be_the_one() {
    let (stage, _) = planned();
    let said = ["apply", "plan.json", "--organization", "o-aaaaaaaaaa"];
    stage.run(&said).refused(64, "only o-aaaaaaaaaa may be written");
    let said = ["plan", "-b", "baseline.yaml", "--organization", "o-aaaaaaaaaa"];
    stage.run(&said).refused(64, "--organization says o-aaaaaaaaaa");
    assert_eq!(stage.writes(), []);
}

#[test]
fn apply_needs_an_organization_in_the_baseline() {
    let (stage, id) = weak();
    let text = format!("version: 1\nname: test\naccess: {{ write_role: {ACCESS_ROLE} }}\n{STRONG}");
    stage.write("baseline.yaml", &text);
    stage.planned(2);
    stage.run(&["apply", "plan.json"]).refused(64, "set `organization:` in the baseline");
    assert_eq!(stage.writes(), []);
    let organization = stage.organization();
    assert_eq!(stage.apply(&["--organization", &organization]).1, Some(0));
    assert_eq!(stage.writes(), [policy_write(&id)]);
    assert_eq!(stage.policy(&id)["MinimumPasswordLength"], 14);
}

#[test]
fn apply_needs_a_role_to_write_with() {
    let (stage, id) = weak();
    let text = format!("version: 1\nname: test\norganization: {}\n{STRONG}", stage.organization());
    stage.write("baseline.yaml", &text);
    stage.planned(2);
    stage.run(&["apply", "plan.json"]).refused(64, "set `access.write_role` in the baseline");
    assert_eq!(stage.writes(), []);
    assert_eq!(stage.apply(&["--write-role", ACCESS_ROLE]).1, Some(0));
    assert_eq!(stage.writes(), [policy_write(&id)]);
    assert_eq!(stage.policy(&id)["MinimumPasswordLength"], 14);
}

#[test]
fn without_a_terminal_apply_takes_a_plan_or_auto_approve() {
    let (stage, id) = weak();
    stage.run(&["apply", "-b", "baseline.yaml"]).refused(64, "there is nobody to ask");
    assert!(stage.calls().is_empty());
    let done = stage.run(&["apply", "-b", "baseline.yaml", "--auto-approve", "--format", "json"]);
    assert_eq!((outcomes(&done.json()), done.code), (vec![(&*id, "verified")], Some(0)));
    assert_eq!(stage.writes(), [policy_write(&id)]);
    assert_eq!(stage.policy(&id)["MinimumPasswordLength"], 14);
}

#[test]
fn a_plan_file_is_applied_as_it_is() {
    let (stage, _) = planned();
    for more in [
        ["--baseline", "baseline.yaml"],
        ["--account", "100000000002"],
        ["--exclude-ou", "/Sandbox"],
        ["--regions", "us-east-1"],
        ["--control", "iam.password_policy"],
    ] {
        let done = stage.run(&[&["apply", "plan.json"][..], &more].concat());
        done.refused(64, "--baseline, selectors and --regions are refused");
    }
    assert_eq!(stage.writes(), []);
}

#[test]
fn how_accounts_are_entered_is_in_the_plan_file_too() {
    let (stage, _) = planned();
    for more in [["--read-role", "audit"], ["--external-id", "acme"]] {
        let done = stage.run(&[&["apply", "plan.json"][..], &more].concat());
        done.refused(64, "--read-role and --external-id are refused");
    }
    assert_eq!(stage.writes(), []);
}

#[test]
fn a_class_that_does_not_exist_is_not_allowed() {
    let (stage, _) = planned();
    stage.run(&["apply", "plan.json", "--allow", "everything"]).refused(64, "`everything` is not a class");
    stage.run(&["apply", "plan.json", "--allow", "cost:iam.passwords"]).refused(64, "`iam.passwords` is not a control");
}

#[test]
fn apply_writes_what_the_plan_says_and_not_what_the_baseline_says_by_now() {
    let (stage, id) = planned();
    stage.baseline("", "controls:\n  iam.password_policy:\n    minimum_length: 100\n");
    assert_eq!(stage.apply(&[]).1, Some(0));
    assert_eq!(stage.writes(), [policy_write(&id)]);
    assert_eq!(stage.policy(&id)["MinimumPasswordLength"], strong()["MinimumPasswordLength"]);
}

#[test]
fn the_reports_of_a_plan_and_an_apply_are_those_of_stdout() {
    let (stage, _) = weak();
    let done = stage.run(&["plan", "-b", "baseline.yaml", "--out", "plan.json", "--report", "json=again.json"]);
    assert_eq!(done.code, Some(2), "{}", done.stderr);
    assert_eq!(stage.read_json("again.json"), stage.read_json("plan.json"));
    let done = stage.run(&["apply", "plan.json", "--report", "json=applied.json", "--report", "text=applied.txt"]);
    assert_eq!(stage.read("applied.txt"), done.stdout);
    assert_eq!(stage.read_json("applied.json")["summary"]["verified"], 1);
}
