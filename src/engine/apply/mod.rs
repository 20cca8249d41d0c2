//! From a plan to outcomes: look again, write, look until it is in force.

mod carried;
mod carry;
mod order;
mod outcome;
mod put_back;
mod standings;
mod waves;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{self, BoxFuture, Shared};
use jiff::Timestamp;
use tokio::sync::{Semaphore, oneshot};

pub use super::held::to_write;
pub use carried::Carried;
pub use carry::PROPAGATION;
pub use outcome::{Outcome, OutcomeKind};
pub use standings::Standings;
pub use waves::by_wave;

use super::allow::Allow;
use super::begun::Begun;
use super::doubt::Doubts;
use super::held::Held;
use super::stop::Stop;
use super::tolerance::Tally;
use super::{Event, Listener, Survey};
use crate::aws::Session;
use crate::organization::Account;
use crate::plan::{Change, Rollout};
use crate::steps::{Step, Witness};
use crate::target::AccountId;

/// What an apply works from.
pub struct Apply<'a> {
    /// Judges again, in sessions that may write.
    pub survey: &'a Survey,
    /// The session in which a change is written.
    pub enter: &'a (dyn Fn(&Change) -> Session + Send + Sync),
    /// The session in the management account by which steps become the root user of an account, where some do.
    pub assuming: Option<Session>,
    /// The accounts of the changes.
    pub accounts: &'a [Account],
    /// Which classes of steps may run.
    pub allow: &'a [Allow],
    /// How many changes are worked on at once.
    pub at_once: usize,
    /// Who is told of every write.
    pub scribe: &'a dyn Scribe,
    /// Says when nothing new may be begun.
    pub stop: &'a Stop,
    /// Counts failures, and says when nothing new may be begun for them.
    pub tally: &'a Tally,
    /// Which calls are not sent again for a while.
    pub doubts: &'a Arc<Doubts>,
    /// Which changes were begun, and which of their steps were done.
    pub begun: &'a Arc<Begun>,
    /// Where accounts stand that let nobody in.
    pub standings: &'a Standings,
    /// How long a write may take to be in force, and what it builds on to propagate.
    pub propagation: Duration,
    /// The clock of the run, for deadlines.
    pub clock: fn() -> Timestamp,
}

/// Who writes down what an apply does.
pub trait Scribe: Send + Sync {
    /// The witness of the writes of one step of a change.
    fn witness(&self, change: &Change, step: &Step) -> Arc<dyn Witness>;
    /// Is told what came of a change.
    fn ended<'a>(&'a self, change: &'a Change, outcome: &'a Outcome) -> BoxFuture<'a, ()>;
}

/// Nobody.
impl Scribe for () {
    fn witness(&self, _: &Change, _: &Step) -> Arc<dyn Witness> {
        Arc::new(())
    }

    fn ended<'a>(&'a self, _: &'a Change, _: &'a Outcome) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }
}

/// The end of a change. Who waits for it is woken by that alone: waiting for the change itself would wake all that come
/// after it in its account with every answer of AWS.
type End = Shared<oneshot::Receiver<()>>;

impl Apply<'_> {
    /// Carries the changes through, wave after wave. Within one, an account's changes go one after another, accounts
    /// side by side. What comes of each is in `carried` as soon as it is known, so that it is not lost where this future
    /// is dropped.
    pub async fn run(&self, changes: &[Change], rollout: &Rollout, carried: &Carried, listener: &dyn Listener) {
        listener.on(&Event::Applying { changes: changes.len() });
        let held = Held::of_all(changes, self.allow);
        let lots = waves::by_wave(changes, &rollout.waves);
        for (number, lot) in lots.iter().enumerate() {
            self.run_wave(lot, &held, rollout, carried, listener).await;
            let canary = rollout.waves.get(number).is_some_and(|wave| wave.canary);
            if let Some(why) = waves::unverified(lot, carried).filter(|_| canary) {
                self.tally.end(why);
            }
            let more = lots[number + 1..].iter().flatten().any(|change| change.can_be_applied());
            if more && waves::wrote(lot, carried) && self.tally.why().is_none() {
                self.pause(rollout).await;
            }
        }
    }

    /// Waits, unless work has to stop.
    async fn pause(&self, rollout: &Rollout) {
        let pause = rollout.pause.unwrap_or_default().unsigned_abs();
        if !pause.is_zero() {
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.stop.asked() => {}
            }
        }
    }

    async fn run_wave(
        &self,
        changes: &[&Change],
        held: &BTreeMap<&str, Held>,
        rollout: &Rollout,
        carried: &Carried,
        listener: &dyn Listener,
    ) {
        let permits = Semaphore::new(self.at_once.max(1));
        let mut ends: HashMap<&str, End> = HashMap::new();
        let mut last_of: HashMap<&AccountId, End> = HashMap::new();
        let mut all = vec![];
        for change in order::in_order(changes) {
            let here = |id: &String| ends.get(id.as_str()).cloned();
            let needs: Vec<End> = change.depends_on.iter().filter_map(here).collect();
            let before = last_of.get(&change.account).cloned();
            let (ended, end) = oneshot::channel();
            let end = end.shared();
            let (permits, held) = (&permits, held.get(change.id.as_str()));
            let carrying = async move {
                future::join_all(before.into_iter().chain(needs)).await;
                let place = self.tally.place(&change.account).await;
                let permit = permits.acquire().await;
                // A run may take longer than it is until a freeze begins.
                if let Some(freeze) = rollout.frozen((self.clock)()) {
                    self.tally.end(freeze.to_string());
                }
                let outcome = self.carry_through(change, held, carried, listener).await;
                // Counted before anybody else may begin, so that what is borne is borne exactly.
                self.tally.count(&change.account, outcome.kind, place);
                drop(permit);
                carried.end(change, &outcome);
                self.scribe.ended(change, &outcome).await;
                listener.on(&Event::Applied { change, outcome: &outcome });
                // Nobody may be waiting for it.
                let _ = ended.send(());
            };
            all.push(carrying.boxed());
            ends.insert(&change.id, end.clone());
            last_of.insert(&change.account, end);
        }
        future::join_all(all).await;
    }
}
