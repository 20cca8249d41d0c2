//! A generated organization, a whole run on it, and what two runs have in common.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::assessment::{AccountLine, Row, Status, Summary};
use crate::aws::{self, Tally, Traffic};
use crate::baseline::Baseline;
use crate::cli::Scoped;
use crate::commands::enforce::Enforcement;
use crate::commands::scene::{Moment, Scene};
use crate::commands::{apply, plan};
use crate::controls;
use crate::controls::made::EVERY_CONTROL;
use crate::engine::allow::Allow;
use crate::engine::apply::{Carried, Outcome, PROPAGATION, Scribe};
use crate::engine::doubt::Doubts;
use crate::engine::stop::Stop;
use crate::engine::{Event, Listener, Spool};
use crate::history::Past;
use crate::plan::PlanFile;
use crate::simulator::fault::Injection;
use crate::simulator::ledger::Entry;
use crate::simulator::world::World;
use crate::simulator::{ACCESS_ROLE, Options, Simulator};

pub(super) const REGIONS: [&str; 2] = ["us-east-1", "eu-west-1"];
const AT_ONCE: usize = 16;
/// An endpoint that hangs is given up after this long; a slow machine only makes it send once more.
const ATTEMPT: Duration = Duration::from_millis(400);

thread_local! {
    /// How far the clock by which doubts end is ahead of that of the machine. Each of these runs has a thread for itself.
    static AHEAD: Cell<SignedDuration> = const { Cell::new(SignedDuration::ZERO) };
    /// What the runs of this thread said while they waited.
    static WAITED: RefCell<Vec<String>> = const { RefCell::new(vec![]) };
}

fn clock() -> Timestamp {
    Timestamp::now() + AHEAD.get()
}

/// What happens when a run says that it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meanwhile {
    /// Time passes as it does.
    Nothing,
    /// What it waits for has come by the clock.
    ClockMoves,
    /// Somebody interrupts it.
    Interrupted,
}

struct Waits<'a>(Meanwhile, &'a Stop);

impl Listener for Waits<'_> {
    fn on(&self, event: &Event<'_>) {
        let Event::Waiting { change, until, why } = event else { return };
        WAITED.with_borrow_mut(|waited| waited.push(format!("{} until {until}: {why}", change.target().address())));
        match self.0 {
            Meanwhile::Nothing => {}
            Meanwhile::ClockMoves => AHEAD.set(AHEAD.get() + until.duration_since(clock())),
            Meanwhile::Interrupted => self.1.ask("interrupted"),
        }
    }
}

/// When all of these worlds begin, so that what is made in them is made at the same time.
static START: LazyLock<i64> = LazyLock::new(|| jiff::Timestamp::now().as_second());

/// A generated organization, in which every control has drifted somewhere, under a baseline of all of them.
pub(super) struct Stage {
    simulator: Arc<Simulator>,
    baseline: Baseline,
    moment: Moment,
    doubts: Arc<Doubts>,
    pub(super) propagation: Duration,
    pub(super) meanwhile: Meanwhile,
}

/// What a run came to.
pub(super) struct Ran {
    pub(super) file: PlanFile,
    pub(super) outcomes: Vec<Outcome>,
    pub(super) after: (Summary, Vec<Row>),
    pub(super) traffic: Traffic,
    pub(super) state: Value,
    pub(super) calls: Vec<Entry>,
}

impl Stage {
    pub(super) fn new() -> Self {
        let regions = REGIONS.map(str::to_owned).to_vec();
        let mut world = World::generate(&Options { accounts: 9, regions, seed: 5, start: Some(*START) });
        key_to_be_deleted(&mut world);
        let id = world.organization.as_ref().expect("an organization").id.clone();
        let text = format!(
            "{EVERY_CONTROL}organization: {id}\naccess:\n  write_role: {ACCESS_ROLE}\nmanagement_account: include\n"
        );
        let moment = Moment::now();
        let baseline = Baseline::from_text("faults.yaml", &text, &controls::shapes(), moment.today()).expect("right");
        let doubts = Arc::new(Doubts::of(clock, []));
        let (simulator, meanwhile) = (Arc::new(Simulator::new(world)), Meanwhile::Nothing);
        Self { simulator, baseline, moment, doubts, propagation: PROPAGATION, meanwhile }
    }

    /// The same, where this happens when a run says that it waits.
    pub(super) fn with(meanwhile: Meanwhile) -> Self {
        Self { meanwhile, ..Self::new() }
    }

    pub(super) fn inject(&self, faults: &[Injection]) {
        self.simulator.world(|world| faults.iter().cloned().for_each(|fault| world.faults.inject(fault)));
    }

    /// The simulator, for whoever looks at it while a run is at work.
    pub(super) fn simulator(&self) -> Arc<Simulator> {
        Arc::clone(&self.simulator)
    }

    /// How often a key was asked for.
    pub(super) fn asked_for_keys(&self) -> usize {
        self.simulator.world(|world| world.ledger.entries().iter().filter(|call| call.operation == "CreateKey").count())
    }

    /// What the runs of this thread have waited for.
    pub(super) fn waited() -> Vec<String> {
        WAITED.with_borrow(Clone::clone)
    }

    pub(super) async fn scene(&self) -> Scene {
        let keys = self.simulator.world(World::administrator);
        let credentials = Credentials::new(keys.access_key_id, keys.secret_access_key, None, None, "test");
        let options = aws::Options {
            region: REGIONS[0].parse().ok(),
            http_client: Some(self.simulator.client()),
            credentials: Some(SharedCredentialsProvider::new(credentials)),
            run_id: self.moment.run.clone(),
            global_cap: AT_ONCE,
            first_backoff: Some(Duration::from_millis(1)),
            attempt_timeout: Some(ATTEMPT),
            ..aws::Options::default()
        };
        let scene = Scene::held_to(self.baseline.clone(), &Scoped::default(), options, &self.moment, None).await;
        scene.expect("the organization is discovered")
    }

    pub(super) async fn plan(&self, scene: &Scene) -> PlanFile {
        let spool = Spool::new(None).expect("a temporary file");
        let (header, mut spool) =
            plan::make(scene, &self.moment, &Past::default(), spool, AT_ONCE, &(), None).await.expect("a plan");
        apply::in_memory(header, &mut spool).expect("it is read")
    }

    pub(super) async fn apply(&self, scene: &Scene, file: &PlanFile) -> Vec<Outcome> {
        self.apply_by(scene, file, &()).await
    }

    /// An apply of which this is written down.
    pub(super) async fn apply_by(&self, scene: &Scene, file: &PlanFile, scribe: &dyn Scribe) -> Vec<Outcome> {
        let reached = scene.reached.clone().expect("a live scene reached AWS");
        let allow: Vec<Allow> = ["cost", "disruptive"].iter().map(|class| class.parse().expect("a class")).collect();
        let stop = Stop::default();
        let enforcement = Enforcement {
            file,
            reached: &reached,
            access: &scene.access,
            allow: &allow,
            at_once: AT_ONCE,
            moment: &self.moment,
            scribe,
            stop: &stop,
            tally: &crate::engine::tolerance::Tally::default(),
            rollout: &crate::plan::Rollout::default(),
            doubts: &self.doubts,
            begun: &Arc::default(),
            propagation: self.propagation,
        };
        let carried = Carried::default();
        enforcement.run(&carried, &Waits(self.meanwhile, &stop)).await;
        carried.outcomes(&file.changes, "it was not begun")
    }

    pub(super) async fn run(self) -> Ran {
        let scene = self.scene().await;
        let file = self.plan(&scene).await;
        let outcomes = self.apply(&scene, &file).await;
        let mut traffic = scene.reached.as_ref().expect("it reached AWS").base.traffic();
        let again = self.scene().await;
        let after = self.plan(&again).await;
        for (service, tally) in again.reached.as_ref().expect("it reached AWS").base.traffic() {
            let sum: &mut Tally = traffic.entry(service).or_default();
            sum.calls += tally.calls;
            sum.throttles += tally.throttles;
            sum.retries += tally.retries;
        }
        let (state, calls) = self.simulator.world(|world| (world.state(), world.ledger.entries().to_vec()));
        let after = (after.header.summary, after.verdicts);
        Ran { file, outcomes, after, traffic, state: without_ids(&state), calls }
    }
}

/// What no account is generated with.
fn key_to_be_deleted(world: &mut World) {
    let management = world.management();
    let key = world.build(&management, REGIONS[0], "kms", "CreateKey", json!({}))["KeyMetadata"]["KeyId"].clone();
    world.build(&management, REGIONS[0], "kms", "ScheduleKeyDeletion", json!({ "KeyId": key }));
}

/// The same without what AWS draws: an order of its own for things that only an id names, and no id.
fn without_ids(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(without_drawn(text)),
        Value::Array(items) => Value::Array(items.iter().map(without_ids).collect()),
        Value::Object(fields) => {
            let mut named: BTreeMap<String, Vec<Value>> = BTreeMap::new();
            for (key, value) in fields {
                named.entry(without_drawn(key)).or_default().push(without_ids(value));
            }
            let sorted = named.into_iter().map(|(key, mut values)| {
                values.sort_by_key(Value::to_string);
                (key, if values.len() == 1 { values.remove(0) } else { Value::Array(values) })
            });
            Value::Object(sorted.collect())
        }
        other => other.clone(),
    }
}

/// Ids of keys are UUIDs, those of detectors 32 hexadecimal digits, those of roles and users begin with `A`, those of flow
/// logs with `fl-`.
fn without_drawn(text: &str) -> String {
    let words = text.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let drawn = |word: &str| {
        let hex = word.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
        let digits = word.chars().filter(|c| *c != '-').count();
        let flow_log = word.len() == 20 && word.starts_with("fl-");
        (hex && digits == 32)
            || flow_log
            || (digits == 21 && ["AROA", "AIDA"].iter().any(|kind| word.starts_with(kind)))
    };
    let settled = words.map(|word| {
        let end = word.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(word.len());
        if drawn(&word[..end]) { format!("DRAWN{}", &word[end..]) } else { word.to_owned() }
    });
    settled.collect()
}

/// Where two documents differ.
fn differences(at: &str, one: &Value, other: &Value, found: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(fields), Value::Object(others)) => {
            let keys: BTreeSet<&String> = fields.keys().chain(others.keys()).collect();
            for key in keys {
                let value = |of: &serde_json::Map<String, Value>| of.get(key).cloned().unwrap_or_default();
                differences(&format!("{at}/{key}"), &value(fields), &value(others), found);
            }
        }
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
            for (index, (item, other)) in items.iter().zip(others).enumerate() {
                differences(&format!("{at}/{index}"), item, other, found);
            }
        }
        _ if one == other => {}
        _ => found.push(format!("{at}: {one}, and not {other}")),
    }
}

/// The same in both runs.
#[track_caller]
pub(super) fn same(what: &str, ran: &Value, calm: &Value) {
    let mut found = vec![];
    differences("", ran, calm, &mut found);
    assert!(found.is_empty(), "{what} differ in {} places:\n{}", found.len(), found[..found.len().min(20)].join("\n"));
}

/// Verdicts without ids. What one control says in one place of objects that are called by their ids comes in an order
/// that says nothing.
pub(super) fn rows(verdicts: &[Row]) -> Value {
    let mut rows: Vec<Value> = verdicts.iter().map(|row| without_ids(&json!(row))).collect();
    let place = |row: &Value| ["account", "region", "control"].map(|name| row[name].clone());
    for of_one in rows.chunk_by_mut(|one, next| place(one) == place(next)) {
        of_one.sort_by_cached_key(Value::to_string);
    }
    json!(rows)
}

pub(super) fn lines(file: &PlanFile) -> Vec<(String, Status)> {
    file.accounts.iter().map(|AccountLine { id, status, .. }| (id.to_string(), *status)).collect()
}
