//! How carefully an apply goes about it: what it bears, in which waves, and when not at all.

use std::process::Stdio;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use trueup::plan::PlanFile;
use trueup::simulator::fault::Effect;
use trueup::simulator::ledger::Entry;

use crate::harness::{
    Done, HOME, STRONG, Stage, all_strong, error, list, organization, outcomes, set_policy, strike, text,
};

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

#[test]
fn waves_are_written_one_after_another_the_canary_first_and_the_plan_carries_them() {
    let (stage, ids) = waved(WAVES, &UNITS);
    let plan = stage.planned(2);
    let expected = [
        ("canary".to_owned(), vec![2]),
        ("/Sandbox".to_owned(), vec![1, 4]),
        ("the rest (1 of 2)".to_owned(), vec![0, 3]),
        ("the rest (2 of 2)".to_owned(), vec![5]),
    ];
    assert_eq!(waves(&plan, &ids), expected);
    // Apply obeys the plan, whatever has become of the baseline.
    stage.baseline("", STRONG);
    let (applied, code) = stage.apply(&[]);
    assert_eq!((came(&applied), code), (vec!["verified"; 6], Some(0)));
    let mut order = written(&stage);
    assert_eq!(order[0], ids[2], "the canary comes first");
    for wave in [1..3, 3..5, 5..6] {
        order[wave].sort();
    }
    assert_eq!(order, [2, 1, 4, 0, 3, 5].map(|number: usize| ids[number].clone()));
    let told: Vec<_> = list(&applied["waves"]).iter().map(|wave| wave["summary"]["verified"].as_u64()).collect();
    assert_eq!(told, [1, 2, 2, 1].map(Some));
}

#[test]
fn a_wave_begins_when_the_one_before_has_been_looked_at() {
    let (stage, ids) = waved(WAVES, &UNITS);
    stage.planned(2);
    let before = stage.calls().len();
    assert_eq!(stage.apply(&[]).1, Some(0));
    let calls = stage.calls().split_off(before);
    let at = |account: usize, operation: &str, last: bool| {
        let of = |call: &&Entry| call.account == ids[account] && call.operation == operation;
        let mut found: Vec<usize> = (0..calls.len()).filter(|at| of(&&calls[*at])).collect();
        if last { found.pop() } else { found.first().copied() }.expect("it was called")
    };
    for (before, after) in [(2, 1), (2, 4), (1, 0), (4, 0), (1, 3), (4, 3), (0, 5), (3, 5)] {
        let seen = at(before, "GetAccountPasswordPolicy", true);
        assert!(seen < at(after, WRITE, false), "{before} is in force before {after} is written");
    }
}

#[test]
fn a_canary_that_failed_holds_all_that_comes_after_it() {
    let (stage, ids) = waved(WAVES, &UNITS);
    stage.planned(2);
    stage.inject(strike(&ids[2], WRITE, error(403, "AccessDenied")));
    let (applied, code) = stage.apply(&[]);
    assert_eq!(came(&applied), ["held", "held", "failed", "held", "held", "held"]);
    assert_eq!((written(&stage), code), (vec![ids[2].clone()], Some(3)));
    let why = format!("the canary is not verified: {}", text(&applied["outcomes"][2]["account"]));
    assert!(text(&applied["outcomes"][0]["reason"]).starts_with(&why), "{applied:#}");

    // Mended, the same plan goes on: the canary again first.
    stage.world(|world| world.faults.clear());
    let (again, code) = stage.apply(&[]);
    assert_eq!((came(&again), code), (vec!["verified"; 6], Some(0)));
}

#[test]
fn a_canary_that_is_not_as_the_plan_saw_it_is_not_verified() {
    let (stage, ids) = waved(WAVES, &UNITS);
    stage.planned(2);
    stage.world(|world| set_policy(world, &ids[2], json!({"MinimumPasswordLength": 9})));
    let (applied, code) = stage.apply(&[]);
    assert_eq!(came(&applied), ["held", "held", "stale", "held", "held", "held"]);
    assert_eq!((written(&stage), code), (vec![], Some(2)));
}

#[test]
fn a_canary_that_is_in_force_already_lets_the_others_begin() {
    let (stage, ids) = waved(WAVES, &UNITS);
    stage.planned(2);
    stage.world(|world| set_policy(world, &ids[2], crate::harness::strong()));
    let (applied, code) = stage.apply(&[]);
    assert_eq!((came(&applied)[2], code), ("already", Some(0)));
    assert_eq!(came(&applied).iter().filter(|outcome| **outcome == "verified").count(), 5);
}

#[test]
fn a_canary_with_nothing_to_write_is_said_to_prove_nothing() {
    let (stage, ids) = waved(WAVES, &UNITS);
    stage.world(|world| set_policy(world, &ids[2], crate::harness::strong()));
    let plan = stage.planned(2);
    assert!(plan["warnings"].to_string().contains("no account of the canary has a change"), "{}", plan["warnings"]);
    assert_eq!(stage.apply(&[]).1, Some(0));
}

#[test]
fn a_tolerance_counts_over_all_waves_and_holds_those_that_come() {
    for (borne, last) in [("2", "verified"), ("1", "held")] {
        let (stage, ids) = waved(&format!("{WAVES}  max_failures: {borne}\n"), &UNITS);
        stage.planned(2);
        for number in [1, 3] {
            stage.inject(strike(&ids[number], WRITE, error(403, "AccessDenied")));
        }
        let (applied, code) = stage.apply(&one_by_one(&[]));
        assert_eq!(came(&applied), ["verified", "failed", "verified", "failed", "verified", last], "{borne}");
        assert_eq!(code, Some(3));
        // What is typed wins over what the plan carries.
        let (applied, _) = stage.apply(&one_by_one(&["--max-failures", "100%"]));
        assert_eq!(came(&applied)[5], if last == "held" { "verified" } else { "already" });
    }
}

#[test]
fn the_baseline_can_say_what_is_borne_and_what_is_typed_wins() {
    let (stage, ids) = waved("rollout:\n  max_changes: 1\n  on_error: stop\n", &["", "", ""]);
    let plan = stage.planned(2);
    assert_eq!(plan["rollout"], json!({"max_changes": 1, "on_error": "stop"}));
    stage.run(&["apply", "plan.json"]).refused(64, "3 changes would be written, and 1 may be (max-changes)");
    stage.inject(strike(&ids[0], WRITE, error(403, "AccessDenied")));
    let (applied, _) = stage.apply(&one_by_one(&["--max-changes", "3"]));
    assert_eq!(came(&applied), ["failed", "held", "held"]);
    let (applied, _) = stage.apply(&one_by_one(&["--max-changes", "3", "--on-error", "continue"]));
    assert_eq!(came(&applied), ["failed", "verified", "verified"]);
}

#[test]
fn a_change_goes_with_the_later_wave_of_what_it_needs_and_is_blocked_where_that_failed() {
    for (fails, expected, order) in [
        (false, ["verified", "verified", "verified"], vec![1, 2, 0]),
        (true, ["blocked", "verified", "failed"], vec![1, 2]),
    ] {
        let waves = "rollout:\n  waves: [{ ou: /First }, { ou: /Second }]\n";
        let (stage, ids) = waved(waves, &["First", "First", "Second"]);
        stage.planned(2);
        let path = stage.path("plan.json");
        let mut file = PlanFile::read(&path).expect("a plan");
        let need = file.changes[2].id.clone();
        file.changes[0].depends_on.push(need);
        file.digest = file.content_digest();
        std::fs::write(&path, serde_json::to_string(&file).expect("JSON")).expect("a file");
        if fails {
            stage.inject(strike(&ids[2], WRITE, error(403, "AccessDenied")));
        }
        let (applied, _) = stage.apply(&[]);
        assert_eq!(came(&applied), expected);
        assert_eq!(written(&stage), order.into_iter().map(|number: usize| ids[number].clone()).collect::<Vec<_>>());
    }
}

#[test]
fn the_report_says_how_far_each_wave_came_and_show_which_waves_there_are() {
    let rollout = format!("{WAVES}  pause: 0s\n  max_failures: 2%\n");
    let (stage, ids) = waved(&rollout, &UNITS);
    stage.planned(2);
    let shown = stage.run(&["show", "plan.json"]).stdout;
    let lines = "Rollout\n  1. canary: 1 account, verified before the others\n  2. /Sandbox: 2 accounts\n  \
                 3. the rest (1 of 2): 2 accounts\n  4. the rest (2 of 2): 1 account\n  pause between waves: 0s\n  \
                 accounts in which something may fail: 2%\n";
    assert!(shown.contains(lines), "{shown}");
    stage.inject(strike(&ids[1], WRITE, error(403, "AccessDenied")));
    let done = stage.run(&["apply", "plan.json", "--concurrency", "1"]);
    let lines = "Waves\n  1. canary: 1 verified\n  2. /Sandbox: 0 verified, 1 held; 1 failed\n  \
                 3. the rest (1 of 2): 0 verified, 2 held\n  4. the rest (2 of 2): 0 verified, 1 held\n";
    assert!(done.stdout.contains(lines), "{}", done.stdout);
    assert!(done.stdout.contains("something failed in 1 of 6 accounts, more than the 2% borne"), "{}", done.stdout);
}

#[test]
fn a_pause_between_waves_ends_with_an_interrupt() {
    let (stage, ids) = waved(WAVES, &UNITS);
    stage.planned(2);
    let mut command = stage.command(&["apply", "plan.json", "--pause", "1h", "--format", "json"]);
    let running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
    while !journal(&stage).contains("change_ends") {
        std::thread::yield_now();
    }
    let sent = std::process::Command::new("kill").args(["-INT", &running.id().to_string()]).status();
    assert!(sent.expect("kill runs").success());
    let done = Done::from(running.wait_with_output().expect("it ends"));
    assert_eq!(done.code, Some(130), "{}", done.stderr);
    assert_eq!(came(&done.json()), ["held", "held", "verified", "held", "held", "held"]);
    assert_eq!(written(&stage), [ids[2].clone()]);

    // Nothing is waited for after a wave in which nothing was left to do: this one waits after the next.
    let (again, code) = stage.apply(&["--pause", "0s"]);
    assert_eq!((came(&again)[2], code), ("already", Some(0)));
    stage.run(&["apply", "plan.json", "--pause", "2d"]).refused(64, "is not a time of at most a day");
    let (done, code) = stage.apply(&["--pause", "1h"]);
    assert_eq!((came(&done), code), (vec!["already"; 6], Some(0)), "nobody waits where nothing is written");
}

/// The journals of all runs so far.
fn journal(stage: &Stage) -> String {
    let runs = stage.path("state/trueup/runs");
    let runs = std::fs::read_dir(runs).into_iter().flatten().filter_map(Result::ok);
    runs.filter_map(|run| std::fs::read_to_string(run.path().join("journal.jsonl")).ok()).collect()
}

#[test]
fn a_unit_that_the_organization_does_not_have_is_shown_where_it_stands() {
    let (stage, _) = waved("rollout:\n  waves:\n    - { ou: /Sandbax }\n", &["Sandbox"]);
    let done = stage.run(&["plan", "-b", "baseline.yaml"]);
    done.refused(64, "the organization has no OU `/Sandbax`");
    assert!(done.stderr.contains("did you mean `/Sandbox`?"), "{}", done.stderr);
}

#[test]
fn waves_are_chosen_by_tag_too() {
    let (stage, ids) = waved("rollout:\n  canary: { tag: tier=dev }\n", &["", "", ""]);
    stage.world(|world| {
        let management = world.management();
        let tags = json!({"ResourceId": ids[1], "Tags": [{"Key": "tier", "Value": "dev"}]});
        world.build(&management, HOME, "organizations", "TagResource", tags);
    });
    let plan = stage.planned(2);
    assert_eq!(waves(&plan, &ids), [("canary".to_owned(), vec![1]), ("the rest".to_owned(), vec![0, 2])]);
}

/// A time that is so many seconds from now.
fn in_seconds(seconds: i64) -> Timestamp {
    Timestamp::now() + SignedDuration::from_secs(seconds)
}

fn freeze(from: i64, until: i64) -> String {
    let (from, until) = (in_seconds(from), in_seconds(until));
    format!("rollout:\n  freeze:\n    - {{ from: \"{from}\", until: \"{until}\", reason: the sales of the year }}\n")
}

#[test]
fn nothing_is_written_in_a_freeze_unless_somebody_says_why() {
    let (stage, _) = waved(&freeze(-3600, 3600), &["", ""]);
    stage.planned(2);
    let refused = stage.run(&["apply", "plan.json"]);
    refused.refused(64, "the sales of the year; nothing was written");
    assert!(refused.stderr.contains("frozen from 20"), "{}", refused.stderr);
    assert_eq!(written(&stage), Vec::<String>::new());
    stage.run(&["apply", "plan.json", "--ignore-freeze", " "]).refused(64, "say why");

    let (applied, code) = stage.apply(&["--ignore-freeze", "the leak of today, INC-7"]);
    assert_eq!((came(&applied), code), (vec!["verified"; 2], Some(0)));
    let begins = journal(&stage).lines().next().expect("a line").to_owned();
    let begins: Value = serde_json::from_str(&begins).expect("JSON");
    assert_eq!(
        (&begins["record"], &begins["freeze_ignored"]),
        (&json!("run_begins"), &json!("the leak of today, INC-7"))
    );
}

#[test]
fn before_a_freeze_and_after_it_work_goes_on() {
    for (from, until) in [(3600, 7200), (-7200, -3600)] {
        let (stage, _) = waved(&freeze(from, until), &[""]);
        let plan = stage.planned(2);
        assert_eq!(list(&plan["rollout"]["freeze"]).len(), 1);
        let shown = stage.run(&["show", "plan.json"]).stdout;
        assert!(shown.contains("the sales of the year"), "{shown}");
        assert_eq!(stage.apply(&[]).1, Some(0));
        assert!(!journal(&stage).contains("freeze_ignored"));
    }
}

#[test]
fn a_freeze_that_begins_in_the_middle_holds_the_waves_that_come() {
    let (stage, ids) = waved("", &["First", "Second"]);
    let waves = "  canary: { ou: /First }\n";
    stage.baseline(&format!("{}{waves}", freeze(3600, 7200)), STRONG);
    stage.planned(2);
    let path = stage.path("plan.json");
    // A machine that takes longer to begin is refused, for it is in the freeze already, and gets more time.
    for begins in [2, 4, 8, 16_u32] {
        let mut file = PlanFile::read(&path).expect("a plan");
        file.header.rollout.as_mut().expect("a rollout").freeze[0].from = in_seconds(begins.into());
        file.digest = file.content_digest();
        std::fs::write(&path, serde_json::to_string(&file).expect("JSON")).expect("a file");
        // The first wave is answered when the freeze has begun, however soon it was written.
        let late = Effect::Latency { milliseconds: u64::from(begins) * 1000 };
        stage.world(|world| world.faults.clear());
        stage.inject(strike(&ids[0], WRITE, late));
        let done = stage.run(&["apply", "plan.json", "--format", "json"]);
        if done.code == Some(64) {
            done.refused(64, "frozen from 20");
            assert_eq!(written(&stage), Vec::<String>::new());
            continue;
        }
        let applied = done.json();
        assert_eq!((came(&applied), done.code), (vec!["verified", "held"], Some(2)));
        assert_eq!(written(&stage), ids[..1]);
        assert!(text(&applied["outcomes"][1]["reason"]).starts_with("frozen from 20"), "{applied:#}");
        return;
    }
    panic!("it never began in time");
}
