//! The demo's figures are those that `plan` finds in the same organization.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::Value;

use crate::harness::{Done, alone, offline, text};

/// Serves a simulated organization while something is done with what it said.
fn served<T>(arguments: &[&str], doing: impl FnOnce(&Value) -> T) -> T {
    let folder = tempfile::tempdir().expect("a folder");
    let mut simulate = alone(folder.path(), &[&["simulate", "-q"], arguments].concat());
    let mut serving = simulate.stdout(Stdio::piped()).spawn().expect("the binary runs");
    let mut line = String::new();
    BufReader::new(serving.stdout.take().expect("it is piped")).read_line(&mut line).expect("a line");
    let done = serde_json::from_str(&line).map(|said| doing(&said));
    serving.kill().expect("it was running");
    serving.wait().expect("it ends");
    done.expect("one line of JSON")
}

/// `plan --format json` of the simulated organization that another process serves.
fn plan_on_simulate(seed: &str) -> Value {
    served(&["--seed", seed, "--accounts", "12"], plan_on)
}

fn plan_on(said: &Value) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let mut plan = alone(folder.path(), &["plan", "--format", "json"]);
    plan.env("AWS_ACCESS_KEY_ID", text(&said["access_key_id"]))
        .env("AWS_SECRET_ACCESS_KEY", text(&said["secret_access_key"]))
        .env("AWS_REGION", text(&said["regions"][0]))
        .env("AWS_ENDPOINT_URL", text(&said["endpoint"]));
    let done = Done::from(plan.output().expect("the binary runs"));
    assert_eq!((done.code, said["session_token"].is_null()), (Some(3), true), "{}", done.stderr);
    assert_eq!(said["management_account"], done.json()["organization"]["management_account"]);
    done.json()
}

#[test]
fn the_demo_holds_and_tells_what_a_plan_finds() {
    for seed in ["1", "2", "3"] {
        let demo = offline(&["demo", "--seed", seed]);
        assert_eq!((demo.code, &*demo.stderr), (Some(0), ""), "{}", demo.stdout);
        let plan = plan_on_simulate(seed);
        let summary = &plan["summary"];
        let (accounts, requirements, changes) = (&summary["accounts"], &summary["requirements"], &summary["changes"]);
        let tenths = (summary["score"].as_f64().expect("a score") * 10.0).floor() / 10.0;
        for told in [
            text(&plan["organization"]["id"]).to_owned(),
            format!("{} in scope", accounts["in_scope"]),
            format!("Drifted requirements: {} before, 0 after.", requirements["drifted"]),
            "0 while planning".to_owned(),
            format!("Score: {tenths:.1} before"),
        ] {
            assert!(demo.stdout.contains(&told), "seed {seed}: {told}\n{}", demo.stdout);
        }
        // The demo may write the management account, so what a person has to do here is a change there.
        let count = |kind: &str| changes[kind].as_u64().expect("a number");
        let all: u64 = ["add", "change", "remove", "manual", "blocked"].into_iter().map(count).sum();
        assert_eq!(all, planned_changes(&demo.stdout), "seed {seed}: {changes}");
    }
}

/// The changes in the closing line of the demo's first plan.
fn planned_changes(told: &str) -> u64 {
    let line = told.lines().find(|line| line.starts_with("Plan: ")).expect("a closing line");
    let words: Vec<&str> = line.split([' ', ',', ';']).filter(|word| !word.is_empty()).collect();
    let numbers = words.windows(3).filter(|three| {
        let kinds = ["add", "change", "remove"];
        (three[1] == "to" && kinds.contains(&three[2]))
            || (three[1] == "need" || three[1] == "needs")
            || three[2] == "blocked"
    });
    numbers.filter_map(|three| three[0].parse::<u64>().ok()).sum()
}

#[test]
fn a_region_that_is_named_twice_is_there_once() {
    let regions = served(&["--regions", "eu-west-1,us-east-1,eu-west-1"], |said| said["regions"].clone());
    assert_eq!(regions, serde_json::json!(["eu-west-1", "us-east-1"]));
}

#[test]
fn the_demo_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let done = Done::from(alone(folder.path(), &["demo"]).output().expect("the binary runs"));
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
}
