//! A change of several calls that is killed after each of them: the same plan, applied again, does the rest, also where
//! all that is judged holds by then.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trueup::controls::CONTROLS;
use trueup::engine::doubt::SEEN;
use trueup::engine::journal::Says;
use trueup::simulator::fault::{Effect, Injection, Moment};
use trueup::simulator::world::World;

use crate::dumped::dump;
use crate::earlier;
use crate::harness::{HOME, STRONG, Stage, organization, outcomes, strike};
use crate::journal::records;
use crate::keys::dying;
use crate::killed::{Calm, hang, killed_after, started};
use crate::mendable::cases::{CASES, Case};

const KEY_STAYS: &str = "controls:\n  kms.key_deletion:\n    not_scheduled: true\n    mend: true\n";
const ALLOWED: [&str; 2] = ["--allow", "cost,disruptive,irreversible"];

/// An account with a key that is about to be deleted. All that is made at one time is alike.
fn about_to_lose_a_key() -> Stage {
    let mut world = World::bare_at(&[HOME], 1, 1_700_000_000);
    let (id, management) = (world.add_member(None, "one"), world.management());
    dying(&mut world, &id, HOME);
    // Then the same is there whoever has looked.
    world.build(&management, HOME, "kms", "CreateKey", json!({}));
    Stage::held_to(world, KEY_STAYS)
}

/// The only key of a member: its account, its id and its state.
fn key(stage: &Stage) -> (String, String, Value) {
    let (accounts, management) = stage.world(|world| (world.state()["accounts"].clone(), world.management()));
    let members = accounts.as_object().expect("accounts").iter().filter(|(account, _)| **account != management);
    let mut keys = members.filter_map(|(account, there)| {
        let (id, key) = there["regions"][HOME]["kms"]["keys"].as_object()?.iter().next()?;
        Some((account.clone(), id.clone(), key["state"].clone()))
    });
    keys.next().expect("there is a key")
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
    let (account, _, key_state) = key(&stage);
    assert_eq!((code, key_state, stage.count(&account, "EnableKey")), (Some(2), json!("Disabled"), 1));
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
    let (applied, _) = stage.apply(&ALLOWED);
    assert!(outcomes(&applied).iter().any(|(_, outcome)| *outcome == "verified"), "{applied:#}");
    assert_eq!(key(&stage).2, json!("Disabled"));
}

/// Everything there is, without the times: these worlds are made one after another.
fn timeless(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), timeless(value))).collect(),
        Value::Array(items) => items.iter().map(timeless).collect(),
        Value::String(text) if text.starts_with("user,arn,") => json!("a credential report"),
        Value::Number(number) if number.as_f64().is_some_and(|number| number > 1e9) => json!("a time"),
        other => other.clone(),
    }
}

/// After which writes of the only run another of the same change follows; of those that send the same two calls for the
/// same control, the first.
fn within_changes(stage: &Stage) -> Vec<usize> {
    let begun = records(stage).into_iter().filter_map(|record| match record.says {
        Says::WriteBegins(write) => Some((write.place.change, write.action)),
        _ => None,
    });
    let (writes, mut known) = (begun.collect::<Vec<_>>(), BTreeSet::new());
    let mut within = vec![];
    for (number, pair) in writes.windows(2).enumerate() {
        if pair[0].0 == pair[1].0 && known.insert((&pair[0].1, &pair[1].1)) {
            within.push(number);
        }
    }
    within
}

/// Kills an apply in the middle of each of its changes, and holds the end of the next against that of one that nobody
/// disturbed.
fn nothing_is_left(control: &str, settings: &str, build: fn() -> World, wrong: &mut Vec<String>) {
    let made = || {
        let stage = Stage::new(build());
        stage.baseline("regions: [us-east-1]\n", &format!("controls:\n  {control}: {settings}\n"));
        stage.plan(&["--out", "plan.json"]);
        stage
    };
    let (calm, apply) = (made(), ["--concurrency", "1", ALLOWED[0], ALLOWED[1]]);
    calm.apply(&apply);
    let wanted = format!("{:#}", timeless(&dump(&calm)));
    for number in within_changes(&calm) {
        let stage = made();
        hang(&stage, number, Moment::After);
        killed_after(&stage, number + 1, started(&stage, &[&["apply", "plan.json"], &apply[..]].concat()));
        stage.world(|world| world.faults.clear());
        earlier::in_folder(&stage, SEEN);
        let (applied, _) = stage.apply(&apply);
        let end = format!("{:#}", timeless(&dump(&stage)));
        if let Some((is, wanted)) = end.lines().zip(wanted.lines()).find(|(is, wanted)| is != wanted) {
            let came: Vec<&str> = outcomes(&applied).into_iter().map(|(_, outcome)| outcome).collect();
            wrong.push(format!("{control}, killed after write {number}: {is:?} for {wanted:?}; {came:?}"));
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
