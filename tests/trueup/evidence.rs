//! Kept observations judge again offline, and nothing secret is kept or said.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};
use trueup::simulator::Options;
use trueup::simulator::world::World;

use crate::harness::{Done, STRONG, Stage, all_strong, alone, organization, set_policy};

/// What two plans have to have in common.
fn findings(plan: &Value) -> [Value; 3] {
    [plan["verdicts"].clone(), plan["accounts"].clone(), plan["summary"].clone()]
}

#[test]
fn kept_observations_give_the_same_verdicts_without_a_network() {
    let world = World::generate(&Options { accounts: 12, seed: 4, ..Options::default() });
    let stage = Stage::new(world);
    let plan = ["plan", "--format", "json", "--save-evidence", "evidence.jsonl", "--out", "plan.json"];
    let live = stage.run(&plan);
    assert_eq!(live.code, Some(3), "{}", live.stderr);
    let mode = std::fs::metadata(stage.path("evidence.jsonl")).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let folder = tempfile::tempdir().expect("a folder");
    let kept = stage.path("evidence.jsonl");
    let again = ["plan", "--format", "json", "--from-evidence", kept.to_str().expect("a path")];
    let again = Done::from(alone(folder.path(), &again).output().expect("the binary runs"));
    assert_eq!(again.code, live.code, "{}", again.stderr);
    assert_eq!(findings(&again.json()), findings(&live.json()));
}

#[test]
fn kept_observations_are_judged_by_any_baseline() {
    let (mut world, ids) = organization(&["one"]);
    all_strong(&mut world);
    set_policy(&mut world, &ids[0], json!({"MinimumPasswordLength": 12}));
    let stage = Stage::held_to(world, STRONG);
    stage.plan(&["--save-evidence", "evidence.jsonl"]);
    stage.baseline("", "controls:\n  iam.password_policy:\n    minimum_length: 12\n");
    let calls = stage.calls().len();
    let (again, code) = stage.plan(&["--from-evidence", "evidence.jsonl"]);
    assert_eq!((code, again["summary"]["requirements"]["compliant"].clone()), (Some(0), json!(2)));
    assert_eq!(stage.calls().len(), calls, "AWS is not asked");
}

#[test]
fn every_option_has_a_say_over_kept_observations_or_is_refused() {
    let (mut world, ids) = organization(&["one", "two"]);
    all_strong(&mut world);
    let stage = Stage::held_to(world, STRONG);
    stage.plan(&["--save-evidence", "evidence.jsonl"]);
    let kept = |more: &[&str]| {
        let plan = ["plan", "-b", "baseline.yaml", "--format", "json", "--from-evidence", "evidence.jsonl"];
        stage.run(&[&plan[..], more].concat())
    };
    for (option, value) in [
        ("--profile", "audit"),
        ("--region", "eu-west-1"),
        ("--read-role", "audit"),
        ("--write-role", "mend"),
        ("--external-id", "words"),
        ("--endpoint-url", "http://127.0.0.1:1"),
    ] {
        kept(&[option, value]).refused(64, &format!("kept evidence is judged without AWS: {option} is refused"));
    }
    kept(&["--organization", "o-another1234"]).refused(64, "--organization says o-another1234, and this is o-");
    kept(&["--control", "iam.pasword_policy"]).refused(64, "did you mean `iam.password_policy`?");
    kept(&["--account", "nobody"]).refused(64, "no account matches the name `nobody`");
    let organization = stage.organization();
    let some = kept(&["--organization", &organization, "--account", &ids[1], "--concurrency", "1"]);
    let accounts: Vec<Value> =
        some.json()["accounts"].as_array().expect("a list").iter().map(|one| one["id"].clone()).collect();
    assert_eq!((accounts, some.code), (vec![json!(ids[1])], Some(0)));
}

#[test]
fn what_was_not_observed_is_unreadable_and_not_absent() {
    let (mut world, _) = organization(&["one"]);
    all_strong(&mut world);
    let stage = Stage::held_to(world, STRONG);
    stage.plan(&["--save-evidence", "evidence.jsonl"]);
    let head = stage.read("evidence.jsonl").lines().next().expect("a head").to_owned();
    stage.write("evidence.jsonl", &format!("{head}\n"));
    let (again, code) = stage.plan(&["--from-evidence", "evidence.jsonl"]);
    assert_eq!((code, again["summary"]["requirements"]["unreadable"].clone()), (Some(3), json!(12)));
}

#[test]
fn what_is_no_evidence_is_refused() {
    let stage = Stage::held_to(organization(&[]).0, STRONG);
    for text in ["", "{}", "not json", "{\"format\": \"trueup.evidence/9\"}"] {
        stage.write("evidence.jsonl", text);
        let done = stage.run(&["plan", "-b", "baseline.yaml", "--from-evidence", "evidence.jsonl"]);
        done.refused(64, "could not read the evidence evidence.jsonl");
    }
}

#[test]
fn credentials_appear_nowhere() {
    let (mut world, ids) = organization(&["one", "two"]);
    all_strong(&mut world);
    set_policy(&mut world, &ids[0], json!({"MinimumPasswordLength": 8}));
    let caller = world.administrator().caller;
    let keys = world.issue(caller, Some(3600));
    let stage = Stage::held_to(world, STRONG).with_keys(keys);
    let plan = ["plan", "-b", "baseline.yaml", "-vv", "--out", "plan.json", "--save-evidence", "evidence.jsonl"];
    let planned = stage.run(&plan);
    assert_eq!(planned.code, Some(2), "{}", planned.stderr);
    let applied = stage.run(&["apply", "plan.json", "-vv", "--report", "json=applied.json"]);
    assert_eq!(applied.code, Some(0), "{}", applied.stderr);

    let issued = stage.world(|world| world.issued());
    assert!(issued.len() >= 4, "the caller, and a session in each account for the plan");
    let written = ["plan.json", "evidence.jsonl", "applied.json"].map(|name| stage.read(name));
    let said = [planned.stdout, planned.stderr, applied.stdout, applied.stderr].into_iter().chain(written);
    for text in said {
        for keys in &issued {
            assert!(!text.contains(&keys.secret_access_key), "{text}");
            assert!(keys.session_token.as_ref().is_none_or(|token| !text.contains(token)), "{text}");
        }
    }
}
