//! A change of several calls that is killed after each of them: the same plan, applied again, does the rest, also where
//! all that is judged holds by then.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use trueup::controls::CONTROLS;
use trueup::engine::doubt::SEEN;
use trueup::simulator::fault::{Effect, Injection, Moment};
use trueup::simulator::world::World;

use crate::earlier;
use crate::harness::{HOME, STRONG, Stage, list, organization, outcomes, strike};
use crate::keys::dying;
use crate::killed::{Calm, hang, killed_after, started};
use crate::mendable::cases::{CASES, Case};

const KEY_STAYS: &str = "controls:\n  kms.key_deletion:\n    not_scheduled: true\n    mend: true\n";
const ALLOWED: [&str; 2] = ["--allow", "cost,disruptive,irreversible"];

/// An account with a key that is about to be deleted. All that is made at one time is alike.
fn about_to_lose_a_key() -> Stage {
    let mut world = World::bare_at(&[HOME], 1, 1_700_000_000);
    let id = world.add_member(None, "one");
    dying(&mut world, &id, HOME);
    Stage::held_to(world, KEY_STAYS)
}

/// The only key there is: its account, its id and its state.
fn key(stage: &Stage) -> (String, String, Value) {
    let accounts = stage.world(|world| world.state()["accounts"].clone());
    let keys = accounts.as_object().expect("accounts").iter().filter_map(|(account, there)| {
        let (id, key) = there["regions"][HOME]["kms"]["keys"].as_object()?.iter().next()?;
        Some((account.clone(), id.clone(), key["state"].clone()))
    });
    keys.last().expect("there is a key")
}

/// How the key and the run are found that goes on after a kill at this write.
fn goes_on_after(number: usize, moment: Moment) -> (Value, Value, Stage) {
    let calm = Calm::run(about_to_lose_a_key, 0);
    assert_eq!(calm.writes, 2, "CancelKeyDeletion and EnableKey");
    let stage = calm.killed_at(number, moment);
    let (.., between) = key(&stage);
    calm.goes_on(&stage, &format!("killed at write {number}, {moment:?}"));
    let (.., after) = key(&stage);
    (between, after, stage)
}

#[test]
fn a_key_that_a_killed_apply_left_disabled_is_enabled_by_the_next_of_the_same_plan() {
    // Before EnableKey, with CancelKeyDeletion answered; and after CancelKeyDeletion, before its answer.
    for (number, moment) in [(1, Moment::Before), (0, Moment::After)] {
        let (between, after, stage) = goes_on_after(number, moment);
        assert_eq!((between, after), (json!("Disabled"), json!("Enabled")), "{number} {moment:?}");
        let (account, ..) = key(&stage);
        assert_eq!(stage.count(&account, "CancelKeyDeletion"), 1, "nothing was cancelled twice");
    }
}

#[test]
fn a_key_that_was_enabled_before_the_answer_is_not_enabled_again() {
    let (between, after, stage) = goes_on_after(1, Moment::After);
    assert_eq!((between, after), (json!("Enabled"), json!("Enabled")));
    let (account, ..) = key(&stage);
    assert_eq!(stage.count(&account, "EnableKey"), 1);
    let (applied, code) = stage.apply(&ALLOWED);
    assert_eq!(code, Some(0), "{applied:#}");
    assert!(outcomes(&applied).iter().all(|(_, outcome)| *outcome == "already"), "{applied:#}");
}

#[test]
fn a_run_that_only_looked_says_that_nothing_was_to_be_written() {
    let stage = Calm::run(about_to_lose_a_key, 0).killed_at(1, Moment::After);
    let (applied, _) = stage.apply(&ALLOWED);
    assert!(outcomes(&applied).iter().all(|(_, outcome)| *outcome == "already"), "{applied:#}");
}

#[test]
fn what_is_left_of_a_change_still_waits_for_its_flag() {
    let stage = Calm::run(about_to_lose_a_key, 0).killed_at(1, Moment::Before);
    let (applied, code) = stage.apply(&[]);
    assert!(outcomes(&applied).iter().all(|(_, outcome)| *outcome == "held"), "{applied:#}");
    let (account, _, state) = key(&stage);
    assert_eq!((code, state, stage.count(&account, "EnableKey")), (Some(2), json!("Disabled"), 1));
}

/// What was carried through is over: who disables the key afterwards means it.
#[test]
fn a_key_that_somebody_disables_after_a_whole_run_stays_disabled() {
    let stage = about_to_lose_a_key();
    stage.planned(2);
    assert_eq!(stage.apply(&ALLOWED).1, Some(0));
    let (account, id, _) = key(&stage);
    stage.world(|world| drop(world.build(&account, HOME, "kms", "DisableKey", json!({ "KeyId": id }))));
    let (applied, _) = stage.apply(&ALLOWED);
    assert!(outcomes(&applied).iter().all(|(_, outcome)| *outcome == "already"), "{applied:#}");
    assert_eq!(key(&stage).2, json!("Disabled"));
}

#[test]
fn a_key_whose_cancelled_deletion_was_not_answered_is_enabled_by_the_same_run() {
    let stage = about_to_lose_a_key();
    stage.planned(2);
    let (account, ..) = key(&stage);
    let lost = strike(&account, "CancelKeyDeletion", Effect::Reset);
    stage.inject(Injection { moment: Moment::After, times: Some(1), ..lost });
    let (applied, code) = stage.apply(&ALLOWED);
    assert_eq!((code, key(&stage).2), (Some(0), json!("Enabled")), "{applied:#}");
}

/// What a key needs is not done by a plan that was made afterwards: it knows nothing of the key.
#[test]
fn another_plan_begins_nothing_of_the_first() {
    let stage = Calm::run(about_to_lose_a_key, 0).killed_at(1, Moment::Before);
    stage.baseline("", STRONG);
    stage.planned(2);
    assert_eq!(stage.apply(&ALLOWED).1, Some(0));
    assert_eq!(key(&stage).2, json!("Disabled"));
}

/// How often each call that changes something had an effect.
fn carried_out(stage: &Stage) -> BTreeMap<(String, String), usize> {
    let mut counts = BTreeMap::new();
    let writes = stage.world(|world| world.ledger.writes().cloned().collect::<Vec<_>>());
    for write in writes.into_iter().filter(|write| write.carried_out) {
        *counts.entry((write.account, write.operation)).or_default() += 1;
    }
    counts
}

/// Kills an apply after each of its writes, and sees the next do what is left.
fn nothing_is_left(control: &str, settings: &str, build: fn() -> World, wrong: &mut Vec<String>) {
    let planned = || {
        let stage = Stage::new(build());
        let more = "management_account: include\nregions: [us-east-1]\n";
        stage.baseline(more, &format!("controls:\n  {control}: {settings}\n"));
        stage.planned(2);
        stage
    };
    let calm = planned();
    let plan = calm.read_json("plan.json");
    if list(&plan["changes"]).iter().all(|change| list(&change["steps"]).len() < 2) {
        return;
    }
    calm.apply(&ALLOWED);
    let wanted = carried_out(&calm);
    for number in 0..wanted.values().sum() {
        let stage = planned();
        hang(&stage, number, Moment::After);
        let apply = ["apply", "plan.json", "--concurrency", "1", ALLOWED[0], ALLOWED[1]];
        killed_after(&stage, number + 1, started(&stage, &apply));
        stage.world(|world| world.faults.clear());
        earlier::in_folder(&stage, SEEN);
        let (applied, _) = stage.apply(&ALLOWED);
        let found = carried_out(&stage);
        let left: Vec<_> = wanted.iter().filter(|(call, count)| found.get(call) < Some(count)).collect();
        if !left.is_empty() {
            let came: Vec<&str> = outcomes(&applied).into_iter().map(|(_, outcome)| outcome).collect();
            wrong.push(format!("{control} {settings}, killed after write {number}: {left:?} is not done; {came:?}"));
        }
    }
}

/// Where a change has steps that no requirement asks for.
const ALONE: &[(&str, &str)] = &[("cloudtrail.trail", "{ multi_region: true }")];

fn bare() -> World {
    organization(&["one"]).0
}

fn nothing_is_left_of(services: &[&str]) {
    let several = |case: &&Case| {
        let meta = CONTROLS.iter().map(|control| control.meta()).find(|meta| meta.id == case.control);
        meta.is_some_and(|meta| meta.steps.len() > 1)
    };
    let of = |control: &str| services.iter().any(|service| control.starts_with(&format!("{service}.")));
    let mut wrong = vec![];
    for case in CASES.iter().filter(several).filter(|case| of(case.control)) {
        for build in case.worlds {
            nothing_is_left(case.control, case.settings, *build, &mut wrong);
        }
    }
    for (control, settings) in ALONE.iter().filter(|(control, _)| of(control)) {
        nothing_is_left(control, settings, bare, &mut wrong);
    }
    assert!(wrong.is_empty(), "a step may have to be `UNSEEN`:\n{}", wrong.join("\n"));
}

#[test]
fn of_trails_and_buckets_nothing_is_left_half_done() {
    nothing_is_left_of(&["cloudtrail"]);
}

#[test]
fn of_recorders_detectors_and_alarms_nothing_is_left_half_done() {
    nothing_is_left_of(&["config", "guardduty", "cloudwatch"]);
}

#[test]
fn of_keys_identities_and_networks_nothing_is_left_half_done() {
    nothing_is_left_of(&["kms", "iam", "ec2"]);
}

#[test]
fn every_control_of_several_steps_is_killed_here() {
    for meta in CONTROLS.iter().map(|control| control.meta()).filter(|meta| meta.steps.len() > 1) {
        let service = meta.id.split('.').next().unwrap_or_default();
        let all = ["cloudtrail", "config", "guardduty", "cloudwatch", "kms", "iam", "ec2"];
        assert!(all.contains(&service), "{}", meta.id);
    }
}
