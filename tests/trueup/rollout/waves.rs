//! In which order accounts are written.

use std::process::Stdio;

use trueup::plan::PlanFile;
use trueup::simulator::ledger::Entry;

use super::*;
use crate::harness::{Done, HOME};

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
