//! How carefully an apply goes about it: what it bears, in which waves, and when not at all.

use serde_json::{Value, json};

mod freezes;
mod typed;
mod waves;

use crate::harness::{STRONG, Stage, all_strong, error, list, organization, outcomes, set_policy, strike, text};

const WRITE: &str = "UpdateAccountPasswordPolicy";

/// An organization of so many members, each with one change, and no more than one of them at work at a time.
fn weak(count: usize) -> (Stage, Vec<String>) {
    let names: Vec<String> = (0..count).map(|number| format!("a{number}")).collect();
    let (mut world, ids) = organization(&names.iter().map(String::as_str).collect::<Vec<_>>());
    all_strong(&mut world);
    for id in &ids {
        set_policy(&mut world, id, json!({"MinimumPasswordLength": 8}));
    }
    (Stage::held_to(world, STRONG), ids)
}

/// The same with a plan, in which the writes to these accounts are refused.
fn refusing(count: usize, refused: &[usize]) -> (Stage, Vec<String>) {
    let (stage, ids) = weak(count);
    stage.planned(2);
    for number in refused {
        stage.inject(strike(&ids[*number], WRITE, error(403, "AccessDenied")));
    }
    (stage, ids)
}

/// One account after another.
fn one_by_one<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["--concurrency", "1"], more].concat()
}

/// The accounts that were written, in the order of the writes, refused ones too.
fn written(stage: &Stage) -> Vec<String> {
    let calls = stage.calls();
    calls.into_iter().filter(|entry| entry.operation == WRITE).map(|entry| entry.account).collect()
}

/// The outcomes alone.
fn came(applied: &Value) -> Vec<&str> {
    outcomes(applied).into_iter().map(|(_, outcome)| outcome).collect()
}

#[test]
fn as_many_accounts_as_are_borne_may_fail_and_one_more_begins_nothing_new() {
    let all = ["failed", "failed", "verified", "verified", "verified"];
    let stopped = ["failed", "failed", "held", "held", "held"];
    let first = ["failed", "held", "held", "held", "held"];
    for (borne, expected) in
        [("2", all), ("1", stopped), ("0", first), ("40%", all), ("39%", stopped), ("20%", stopped), ("19%", first)]
    {
        let (stage, ids) = refusing(5, &[0, 1]);
        let (applied, code) = stage.apply(&one_by_one(&["--max-failures", borne]));
        assert_eq!((came(&applied), code), (expected.to_vec(), Some(3)), "{borne}");
        let begun = expected.iter().filter(|outcome| **outcome != "held").count();
        assert_eq!(written(&stage), ids[..begun], "{borne}");
    }
}

#[test]
fn side_by_side_no_more_accounts_fail_than_are_borne_and_one() {
    let everywhere: Vec<usize> = (0..20).collect();
    for (said, most) in [
        (["--max-failures", "0"], 1),
        (["--max-failures", "3"], 4),
        (["--max-failures", "10%"], 3),
        (["--on-error", "stop"], 1),
        (["--on-error", "continue"], 20),
    ] {
        let (stage, _) = refusing(20, &everywhere);
        let (applied, code) = stage.apply(&said);
        let failed = came(&applied).into_iter().filter(|outcome| *outcome == "failed").count();
        assert_eq!((failed, written(&stage).len(), code), (most, most, Some(3)), "{said:?}");
    }
}

#[test]
fn what_was_not_begun_says_why_and_so_do_stderr_and_the_journal() {
    let (stage, _) = refusing(3, &[0]);
    let done = stage.run(&[&["apply", "plan.json"][..], &one_by_one(&["--max-failures", "0"])].concat());
    let why = "something failed in 1 of 3 accounts, more than the 0 borne";
    assert_eq!(done.code, Some(3));
    assert!(done.stderr.contains(&format!("stopped: {why}")), "{}", done.stderr);
    assert!(done.stdout.contains(why), "{}", done.stdout);
    let kept = stage.run(&["history", "--format", "json"]).json();
    assert_eq!(kept["runs"][0]["ended"], format!("stopped: {why}"));
}

#[test]
fn a_failure_goes_on_or_holds_all_as_it_was_said() {
    for (said, rest) in [("continue", "verified"), ("stop-account", "verified"), ("stop", "held")] {
        let (stage, ids) = refusing(3, &[0]);
        let (applied, code) = stage.apply(&one_by_one(&["--on-error", said]));
        assert_eq!((came(&applied), code), (vec!["failed", rest, rest], Some(3)), "{said}");
        assert_eq!(written(&stage).len(), if rest == "held" { 1 } else { 3 }, "{said}");
        if said == "stop" {
            let why = format!("a change in {} failed (on error: stop)", ids[0]);
            assert_eq!(text(&applied["outcomes"][1]["reason"]), why);
        }
    }
}

#[test]
fn a_failure_can_hold_what_is_left_of_its_account_alone() {
    for (said, left) in [("continue", "verified"), ("stop-account", "held")] {
        let (mut world, ids) = organization(&["one", "two"]);
        all_strong(&mut world);
        for id in &ids {
            set_policy(&mut world, id, json!({"MinimumPasswordLength": 8}));
        }
        let detectors = "  guardduty.detector: { enabled: true }\n";
        let stage = Stage::held_to(world, &format!("{STRONG}{detectors}"));
        stage.planned(2);
        stage.inject(strike(&ids[0], WRITE, error(403, "AccessDenied")));
        let (applied, code) = stage.apply(&one_by_one(&["--on-error", said, "--allow", "cost"]));
        let of = |id: &str| -> Vec<String> {
            let all = outcomes(&applied).into_iter();
            all.filter(|(account, _)| *account == id).map(|(_, outcome)| outcome.to_owned()).collect()
        };
        assert_eq!(code, Some(3));
        assert_eq!(of(&ids[0]), ["failed", left, left], "{said}");
        assert_eq!(of(&ids[1]), ["verified"; 3], "{said}");
        let made = if left == "held" { 0 } else { 2 };
        assert_eq!(stage.count(&ids[0], "CreateDetector"), made, "{said}");
        if left == "held" {
            let held = list(&applied["outcomes"]).iter().find(|one| one["outcome"] == "held").expect("one is held");
            let why = "an earlier change of this account failed (on error: stop-account)";
            assert_eq!(held["reason"], why);
        }
    }
}

#[test]
fn a_plan_with_more_changes_than_may_be_written_is_refused_before_anything_is_written() {
    let (stage, ids) = refusing(3, &[]);
    for (most, said) in [("2", "3 changes would be written, and 2 may be (max-changes)"), ("0", "and 0 may be")] {
        stage.run(&["apply", "plan.json", "--max-changes", most]).refused(64, said);
    }
    assert_eq!(written(&stage), Vec::<String>::new());
    assert_eq!(stage.apply(&["--max-changes", "3"]).1, Some(0));
    let mut found = written(&stage);
    found.sort();
    assert_eq!(found, ids);
}

#[test]
fn what_waits_for_a_flag_is_no_change_that_would_be_written() {
    let (mut world, ids) = organization(&["one"]);
    all_strong(&mut world);
    set_policy(&mut world, &ids[0], json!({"MinimumPasswordLength": 8}));
    let stage = Stage::held_to(world, &format!("{STRONG}  guardduty.detector: {{ enabled: true }}\n"));
    let plan = stage.planned(2);
    assert_eq!(plan["summary"]["changes"]["add"], 2, "detectors bill");
    stage
        .run(&["apply", "plan.json", "--max-changes", "1", "--allow", "cost"])
        .refused(64, "3 changes would be written, and 1 may be (max-changes)");
    let (applied, code) = stage.apply(&["--max-changes", "1"]);
    let of: Vec<_> = outcomes(&applied).into_iter().filter(|(account, _)| *account == ids[0]).collect();
    let mut of: Vec<_> = of.into_iter().map(|(_, outcome)| outcome).collect();
    of.sort_unstable();
    assert_eq!((of, code), (vec!["held", "held", "verified"], Some(2)));
}

#[test]
fn a_tolerance_that_is_none_is_wrong_usage() {
    let (stage, _) = weak(1);
    for wrong in
        [["--max-failures", "101%"], ["--max-failures", "some"], ["--on-error", "retry"], ["--max-changes", "x"]]
    {
        stage.run(&[&["apply", "plan.json"][..], &wrong].concat()).refused(64, wrong[0]);
    }
}

/// Members in these units (none: under the root), each with one change; the baseline asks for this rollout.
fn waved(rollout: &str, units: &[&str]) -> (Stage, Vec<String>) {
    let (mut world, _) = organization(&[]);
    let mut known: Vec<(String, String)> = vec![];
    let mut ids = vec![];
    for (number, unit) in units.iter().enumerate() {
        if !unit.is_empty() && !known.iter().any(|(name, _)| name == unit) {
            let id = world.add_unit(None, unit);
            known.push(((*unit).to_owned(), id));
        }
        let parent = known.iter().find(|(name, _)| name == unit).map(|(_, id)| id.clone());
        ids.push(world.add_member(parent.as_deref(), &format!("a{number}")));
    }
    all_strong(&mut world);
    for id in &ids {
        set_policy(&mut world, id, json!({"MinimumPasswordLength": 8}));
    }
    let stage = Stage::new(world);
    stage.baseline(rollout, STRONG);
    (stage, ids)
}

/// The accounts of a plan's waves, by their place among these.
fn waves(plan: &Value, ids: &[String]) -> Vec<(String, Vec<usize>)> {
    let place = |id: &Value| ids.iter().position(|known| known == text(id)).expect("a member");
    let wave = |wave: &Value| (text(&wave["name"]).to_owned(), list(&wave["accounts"]).iter().map(place).collect());
    list(&plan["rollout"]["waves"]).iter().map(wave).collect()
}

const WAVES: &str = "\
rollout:
  canary: { ou: /Canary }
  waves:
    - { ou: /Sandbox }
    - { size: 2 }
";
const UNITS: [&str; 6] = ["", "Sandbox", "Canary", "", "Sandbox", ""];

/// The journals of all runs so far.
fn journal(stage: &Stage) -> String {
    let runs = stage.path("state/trueup/runs");
    let runs = std::fs::read_dir(runs).into_iter().flatten().filter_map(Result::ok);
    runs.filter_map(|run| std::fs::read_to_string(run.path().join("journal.jsonl")).ok()).collect()
}
