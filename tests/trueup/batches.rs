//! A write for many members is several calls, fifty members each, and a run may be killed between two of them: the next
//! one tells the rest, and what undoes it is right member by member.

use std::collections::BTreeSet;

use serde_json::Value;
use trueup::simulator::fault::Moment;

use crate::dumped::{dump, ends_the_same};
use crate::harness::{Done, HOME, Stage, list, outcomes, text};
use crate::killed::{Calm, hang, killed_after, started};
use crate::members::{many, named, switch};

/// Members of the first call and of the second; one more has the feature by itself, and is in neither.
const FIRST: usize = 50;
const SECOND: usize = 2;
const FEATURE: &str = "S3_DATA_EVENTS";

/// An administrator and its members, one of which has what is wanted already.
fn stage() -> Stage {
    let (mut world, ids) = many(FIRST + SECOND + 1);
    switch(&mut world, &ids[0], &ids[FIRST + SECOND + 1], true);
    Stage::held_to(world, &named(&ids[0]))
}

/// Kills an apply at each of its two calls, before it has an effect, or after it and before its answer; tells what it
/// was killed at, and how many members had been told by then.
fn at_each_call(calm: &Calm, mut each: impl FnMut(Stage, &str, usize)) {
    for (number, moment, told) in [
        (0, Moment::Before, 0),
        (0, Moment::After, FIRST),
        (1, Moment::Before, FIRST),
        (1, Moment::After, FIRST + SECOND),
    ] {
        each(calm.killed_at(number, moment), &format!("killed at call {number}, {moment:?}"), told);
    }
}

/// The members that calls switched the feature in, call by call, as far as a call had an effect.
fn switched(stage: &Stage, on: bool) -> Vec<BTreeSet<String>> {
    let status = if on { "ENABLED" } else { "DISABLED" };
    let calls = stage.calls().into_iter().filter(|call| call.operation == "UpdateMemberDetectors" && call.carried_out);
    let calls = calls.filter(|call| call.input["Features"][0]["Status"] == status);
    calls.map(|call| list(&call.input["AccountIds"]).iter().map(|id| text(id).to_owned()).collect()).collect()
}

/// How many members these calls name, and how many different ones.
fn counted(calls: &[BTreeSet<String>]) -> (usize, usize) {
    let different: BTreeSet<&String> = calls.iter().flatten().collect();
    (calls.iter().map(BTreeSet::len).sum(), different.len())
}

/// The members that have the feature.
fn having(stage: &Stage) -> usize {
    let accounts = stage.world(|world| world.state()["accounts"].clone());
    let all = accounts.as_object().expect("accounts").values();
    let detectors = all.map(|account| &account["regions"][HOME]["guardduty"]);
    let members = detectors.filter(|guardduty| !guardduty["administrator"].is_null());
    members.filter(|guardduty| guardduty["detector"]["features"][FEATURE]["enabled"] == true).count()
}

/// The run that began last.
fn last(stage: &Stage) -> String {
    let runs = stage.run(&["history", "--format", "json"]).json();
    text(&list(&runs["runs"]).last().expect("a run")["run"]).to_owned()
}

fn reverted(stage: &Stage, run: &str) -> Done {
    stage.run(&["revert", run, "--auto-approve", "--allow", "weakening", "--format", "json"])
}

#[track_caller]
fn came(done: &Done, outcome: &str, when: &str) {
    let result = done.json();
    let came: Vec<&str> = outcomes(&result).into_iter().map(|(_, outcome)| outcome).collect();
    assert_eq!((came, done.code), (vec![outcome], Some(0)), "{when}: {result:#}");
}

#[test]
fn killed_between_two_calls_it_goes_on_and_no_member_is_told_twice() {
    let calm = Calm::run(stage, 0);
    assert_eq!(calm.writes, 2);
    at_each_call(&calm, |stage, when, told| {
        assert_eq!(having(&stage), told + 1, "{when}");
        calm.goes_on(&stage, when);
        let calls = switched(&stage, true);
        assert_eq!(counted(&calls), (FIRST + SECOND, FIRST + SECOND), "{when}: {calls:?}");
    });
}

#[test]
fn each_call_is_in_the_journal_with_its_own_members_and_what_undoes_it_in_them() {
    let calm = Calm::run(stage, 0);
    let stage = calm.killed_at(1, Moment::Before);
    let journal = stage.read(&format!("state/trueup/runs/{}/journal.jsonl", last(&stage)));
    let records: Vec<Value> = journal.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let of = |kind: &str| records.iter().filter(|record| record["record"] == kind).cloned().collect::<Vec<_>>();
    let (begun, ended) = (of("write_begins"), of("write_ends"));
    assert_eq!((begun.len(), ended.len()), (2, 1), "{journal}");
    let undone: Vec<BTreeSet<String>> = begun
        .iter()
        .map(|record| list(&record["undo"]["by"][0]["off"][FEATURE]).iter().map(|id| text(id).to_owned()).collect())
        .collect();
    let sent = stage.calls().into_iter().filter(|call| call.operation == "UpdateMemberDetectors");
    let sent: Vec<BTreeSet<String>> =
        sent.map(|call| list(&call.input["AccountIds"]).iter().map(|id| text(id).to_owned()).collect()).collect();
    assert_eq!((&undone, undone.iter().map(BTreeSet::len).collect::<Vec<_>>()), (&sent, vec![FIRST, SECOND]));
}

#[test]
fn what_it_had_done_is_undone_in_those_members_and_in_no_other() {
    let calm = Calm::run(stage, 0);
    let before = dump(&stage());
    at_each_call(&calm, |stage, when, told| {
        let done = reverted(&stage, &last(&stage));
        came(&done, if told == 0 { "already" } else { "verified" }, when);
        let calls = switched(&stage, false);
        assert_eq!(counted(&calls), (told, told), "{when}: {calls:?}");
        assert_eq!(having(&stage), 1, "{when}: what had it before keeps it");
        ends_the_same(&dump(&stage), &before, when);
    });
}

#[test]
fn two_runs_that_shared_the_work_are_undone_one_by_one() {
    let calm = Calm::run(stage, 0);
    let stage = calm.killed_at(0, Moment::After);
    let first = last(&stage);
    calm.goes_on(&stage, "killed after the first call");
    let second = last(&stage);
    assert_ne!(first, second);
    came(&reverted(&stage, &second), "verified", "the second run");
    assert_eq!(having(&stage), FIRST + 1, "those that the first run told keep it");
    came(&reverted(&stage, &first), "verified", "the first run");
    assert_eq!(having(&stage), 1);
    let calls = switched(&stage, false);
    assert_eq!(calls.iter().map(BTreeSet::len).collect::<Vec<_>>(), [SECOND, FIRST]);
}

#[test]
fn a_revert_that_is_killed_between_two_calls_goes_on_as_well() {
    let calm = Calm::run(stage, 0);
    let before = dump(&stage());
    for (number, moment) in [(0, Moment::After), (1, Moment::Before), (1, Moment::After)] {
        let stage = calm.killed_at(1, Moment::After);
        let (run, when) = (last(&stage), format!("killed at call {number} of the revert, {moment:?}"));
        hang(&stage, number, moment);
        let revert = ["revert", &run, "--auto-approve", "--allow", "weakening"];
        killed_after(&stage, 2 + number + 1, started(&stage, &revert));
        stage.world(|world| world.faults.clear());
        let all = number == 1 && moment == Moment::After;
        came(&reverted(&stage, &run), if all { "already" } else { "verified" }, &when);
        let calls = switched(&stage, false);
        assert_eq!(counted(&calls), (FIRST + SECOND, FIRST + SECOND), "{when}: {calls:?}");
        ends_the_same(&dump(&stage), &before, &when);
    }
}
