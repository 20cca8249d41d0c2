//! Every kind of write of every control, in runs over accounts in which all of them are planned, and what comes of such
//! a run when each of them is killed or breaks down.

mod broken_down;
mod killed;
mod scenes;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::Value;
use trueup::engine::journal::Says;
use trueup::simulator::ledger::Entry;
use trueup::steps::DECLARED;

use crate::dumped::{alike, dump, ends_the_same};
use crate::harness::{Stage, list, text};
use crate::journal::records;

const ALLOWED: &[&str] = &["--allow", "cost,disruptive,irreversible"];

/// A service and its operation.
type Kind = (String, String);

/// A run that nobody disturbed.
struct Calm {
    made: fn() -> Stage,
    plan: String,
    /// How often it sent each write.
    sent: BTreeMap<Sent, usize>,
    /// What they were, as actions.
    actions: BTreeSet<String>,
    /// The same as operations.
    kinds: BTreeSet<Kind>,
    created: BTreeMap<Sent, usize>,
    came: BTreeMap<String, String>,
    /// The verdicts of the plan afterwards.
    after: Value,
    end: Value,
}

/// The account, the operation, and what was asked for.
type Sent = (String, String, String);

static OF_ACCOUNTS: LazyLock<Calm> = LazyLock::new(|| Calm::run(scenes::accounts));
static OF_ORGANIZATION: LazyLock<Calm> = LazyLock::new(|| Calm::run(scenes::organization));

impl Calm {
    fn run(made: fn() -> Stage) -> Self {
        let stage = made();
        let (plan, code) = stage.plan(&["--out", "plan.json"]);
        assert_eq!(code, Some(2), "{:#}", plan["summary"]);
        let (applied, code) = stage.apply(ALLOWED);
        let came = came(&applied);
        let failed: Vec<_> = came.iter().filter(|(_, outcome)| !fine(outcome)).collect();
        assert!(failed.is_empty() && code == Some(2), "{code:?} {failed:#?} {applied:#}");
        let kinds = stage.writes().into_iter().map(|(_, service, operation)| (service, operation)).collect();
        let (plan, actions, created) = (stage.read("plan.json"), actions(&stage), created(&stage));
        let after = verdicts(&stage);
        Self { made, plan, sent: sent(&stage), actions, kinds, created, came, after, end: dump(&stage) }
    }

    /// The same accounts once more, and the plan.
    fn again(&self) -> Stage {
        let stage = (self.made)();
        stage.write("plan.json", &self.plan);
        stage
    }

    /// Holds what came of a run of the plan to its end against the undisturbed one.
    fn ended_alike(&self, stage: &Stage, applied: &Value, when: &str) {
        let settled = |outcome: &String| match outcome.as_str() {
            // What AWS takes minutes for may be in force already when somebody looks who was held up.
            "already" | "pending" => "verified".to_owned(),
            other => other.to_owned(),
        };
        let other = |(id, outcome): (&String, &String)| {
            let calm = self.came.get(id).map(settled);
            (calm != Some(settled(outcome))).then(|| format!("{id}: {outcome}, and not {calm:?}"))
        };
        let came = came(applied);
        let others: Vec<String> = came.iter().filter_map(other).collect();
        assert!(others.is_empty() && came.len() == self.came.len(), "{when}: {others:#?} {:#?}", reasons(applied));
        ends_the_same(&verdicts(stage), &self.after, when);
        ends_the_same(&dump(stage), &self.end, when);
        let verified = stage.run(&["history", "verify"]);
        assert_eq!(verified.code, Some(0), "{when}: {}", verified.stderr);
    }
}

/// What came of each change, by its id.
fn came(applied: &Value) -> BTreeMap<String, String> {
    let outcomes = list(&applied["outcomes"]).iter();
    outcomes.map(|one| (text(&one["id"]).to_owned(), text(&one["outcome"]).to_owned())).collect()
}

fn fine(outcome: &str) -> bool {
    ["verified", "already", "pending", "manual", "blocked"].contains(&outcome)
}

/// What a plan says now, with ids that AWS draws made alike.
fn verdicts(stage: &Stage) -> Value {
    alike(&stage.plan(&[]).0["verdicts"])
}

/// Why changes came to what they did, where that is said and no person has to do it.
fn reasons(applied: &Value) -> Vec<&Value> {
    list(&applied["outcomes"]).iter().filter(|one| one["outcome"] != "manual" && !one["reason"].is_null()).collect()
}

/// How often a stage was sent each of the writes that these are.
fn counted(stage: &Stage, are: impl Fn(&Entry) -> bool) -> BTreeMap<Sent, usize> {
    let mut counted = BTreeMap::new();
    for call in stage.calls().into_iter().filter(|call| call.write && are(call)) {
        // Ids that AWS drew, and tokens of the caller, are others each time.
        *counted.entry((call.account, call.operation, alike(&call.input).to_string())).or_default() += 1;
    }
    counted
}

/// Every write that a stage was sent so far.
fn sent(stage: &Stage) -> BTreeMap<Sent, usize> {
    counted(stage, |_| true)
}

/// What a stage was asked to make so far, as far as that was done.
fn created(stage: &Stage) -> BTreeMap<Sent, usize> {
    let makes = |operation: &str| ["Create", "Subscribe"].iter().any(|verb| operation.starts_with(verb));
    counted(stage, |call| makes(&call.operation) && call.carried_out && call.code.is_none())
}

/// The writes of the one apply so far, which its journal has as actions.
fn actions(stage: &Stage) -> BTreeSet<String> {
    let begun = records(stage).into_iter().filter_map(|record| match record.says {
        Says::WriteBegins(write) => Some(write.action),
        _ => None,
    });
    begun.collect()
}

/// A key that waits for its deletion is saved by two calls between which it looks saved.
const ELSEWHERE: &[&str] = &["kms:CancelKeyDeletion", "kms:EnableKey"];

#[test]
fn the_runs_that_are_disturbed_have_every_write_of_every_step() {
    let calls = DECLARED.iter().flat_map(|(_, calls, _)| *calls).filter(|call| !call.reads());
    let wanted: BTreeSet<&str> = calls.map(|call| call.action).filter(|action| !ELSEWHERE.contains(action)).collect();
    let met: BTreeSet<&str> = OF_ACCOUNTS.actions.iter().chain(&OF_ORGANIZATION.actions).map(String::as_str).collect();
    assert_eq!(met, wanted);
}
