//! From a plan to outcomes: look again, write, look until it is in force.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::allow::Allow;
use super::held::Held;
use super::{Event, Listener, Survey};
use crate::aws::{Session, class_of_code, is_run_out};
use crate::drift::{Difference, Drift, Fix};
use crate::observe::{Class, ReadError};
use crate::organization::Account;
use crate::plan::{Change, Now};
use crate::steps::{Step, Writer};
use crate::target::AccountId;

/// What came of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeKind {
    /// Written, and seen to be in force.
    Verified,
    /// In force before anything was written.
    Already,
    /// Written, and not yet in force.
    Pending,
    /// The object was not as the plan saw it; nothing was written.
    Stale,
    /// A step of it was not allowed.
    Held,
    /// What it needs was not done.
    Blocked,
    /// A person has to mend it.
    Manual,
    /// A write was refused, or did not have its effect.
    Failed,
    /// Whether a write was done could not be found out.
    Unknown,
    /// Somebody else sets it back.
    Contested,
}

/// What came of a change, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// What.
    #[serde(rename = "outcome")]
    pub kind: OutcomeKind,
    /// Why, where that does not go without saying.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Outcome {
    fn of(kind: OutcomeKind) -> Self {
        Self { kind, reason: None }
    }

    fn because(kind: OutcomeKind, reason: impl fmt::Display) -> Self {
        Self { kind, reason: Some(reason.to_string()) }
    }

    /// Whether what depends on the change can go on.
    fn done(&self) -> bool {
        matches!(self.kind, OutcomeKind::Verified | OutcomeKind::Already)
    }
}

/// How long a write may take to be in force, and what it builds on to propagate.
const PROPAGATION: Duration = Duration::from_mins(2);
const NOT_IN_FORCE: &str = "it was written, and is not in force after two minutes";

/// How often a change whose answers are lost is looked at and tried again without getting any further.
const ROUNDS: usize = 5;

/// What an apply works from.
pub struct Apply<'a> {
    /// Judges again, in sessions that may write.
    pub survey: &'a Survey,
    /// The session in which an account is written.
    pub enter: &'a (dyn Fn(&AccountId) -> Session + Send + Sync),
    /// The accounts of the changes.
    pub accounts: &'a [Account],
    /// Which classes of steps may run.
    pub allow: &'a [Allow],
    /// How many changes are worked on at once.
    pub at_once: usize,
}

type Promise<'a> = Shared<BoxFuture<'a, Outcome>>;

impl Apply<'_> {
    /// Carries the changes through. One account's changes go one after another, accounts side by side.
    pub async fn run(&self, changes: &[Change], listener: &dyn Listener) -> Vec<Outcome> {
        listener.on(&Event::Applying { changes: changes.len() });
        let permits = Semaphore::new(self.at_once.max(1));
        let held = Held::of_all(changes, self.allow);
        let mut promises: HashMap<&str, Promise<'_>> = HashMap::new();
        let mut last_of: HashMap<&AccountId, Promise<'_>> = HashMap::new();
        for change in in_order(changes) {
            let needs: Vec<Promise<'_>> =
                change.depends_on.iter().filter_map(|id| promises.get(id.as_str()).cloned()).collect();
            let before = last_of.get(&change.account).cloned();
            let (permits, held) = (&permits, held.get(change.id.as_str()));
            let carried = async move {
                if let Some(before) = before {
                    before.await;
                }
                let needs = futures::future::join_all(needs).await;
                let permit = permits.acquire().await;
                let outcome = self.carry_through(change, &needs, held).await;
                drop(permit);
                listener.on(&Event::Applied { change, outcome: &outcome });
                outcome
            };
            let promise = carried.boxed().shared();
            promises.insert(&change.id, promise.clone());
            last_of.insert(&change.account, promise);
        }
        futures::future::join_all(changes.iter().map(|change| promises[change.id.as_str()].clone())).await
    }

    async fn carry_through(&self, change: &Change, needs: &[Outcome], held: Option<&Held>) -> Outcome {
        if let Some(words) = &change.manual {
            return Outcome::because(OutcomeKind::Manual, words);
        }
        if let Some(why) = &change.blocked {
            return Outcome::because(OutcomeKind::Blocked, why);
        }
        if needs.len() < change.depends_on.len() || needs.iter().any(|outcome| !outcome.done()) {
            return Outcome::because(OutcomeKind::Blocked, "a change that it needs was not done");
        }
        let Some(account) = self.accounts.iter().find(|account| account.id == change.account) else {
            return Outcome::because(OutcomeKind::Failed, "the plan does not have its account");
        };
        self.write(account, change, held).await
    }

    /// Looks, writes, and looks again until nothing is left to do.
    async fn write(&self, account: &Account, change: &Change, held: Option<&Held>) -> Outcome {
        let mut wrote = false;
        let mut lost: Option<ReadError> = None;
        let (mut round, mut left, mut furthest) = (0, usize::MAX, 0);
        while round < ROUNDS {
            let steps = match self.left(account, change, held, wrote).await {
                Ok(steps) => steps,
                Err(outcome) => return outcome,
            };
            if steps.len() < left {
                (round, left, furthest) = (0, steps.len(), 0);
            }
            round += 1;
            match self.run_steps(change, &steps).await {
                Ok(()) => return self.verify(account, change, held).await,
                Err((done, refused)) if is_lost(&refused) => {
                    // What is made needs all of its steps until the last is done; those that were answered count.
                    if done > furthest {
                        (round, furthest) = (0, done);
                    }
                    wrote = true;
                    lost = Some(refused);
                }
                Err((_, refused)) => return self.after_refusal(account, change, held, &refused).await,
            }
        }
        let why = lost.map(|error| error.to_string()).unwrap_or_default();
        Outcome::because(OutcomeKind::Unknown, format!("the answer to a write was lost {ROUNDS} times: {why}"))
    }

    /// The steps that are left and allowed, or the outcome where there are none.
    async fn left(
        &self,
        account: &Account,
        change: &Change,
        held: Option<&Held>,
        wrote: bool,
    ) -> Result<Vec<Step>, Outcome> {
        let in_force = if wrote { OutcomeKind::Verified } else { OutcomeKind::Already };
        match self.look(account, change).await {
            Err(error) if wrote => Err(Outcome::because(OutcomeKind::Unknown, error)),
            Err(error) => Err(Outcome::because(OutcomeKind::Failed, error)),
            Ok(Now::Already) => Err(Outcome::of(in_force)),
            Ok(Now::Stale(why)) => Err(Outcome::because(OutcomeKind::Stale, why)),
            Ok(Now::Run(steps)) => {
                let allowed = Held::allowed(held, steps);
                match held {
                    Some(held) if allowed.is_empty() => Err(Outcome::because(OutcomeKind::Held, &held.reason)),
                    _ => Ok(allowed),
                }
            }
        }
    }

    async fn look(&self, account: &Account, change: &Change) -> Result<Now, ReadError> {
        let planned =
            |difference: &Difference| change.differences.iter().any(|then| then.requirement == difference.requirement);
        Ok(match self.survey.look(account, change).await? {
            None => Now::Already,
            Some(Drift { differences, fix: Fix::Steps { steps, .. }, .. }) => change.against(&differences, &steps),
            // What is left for a person was left by the plan as well.
            Some(Drift { differences, fix: Fix::Manual(_), .. }) if !differences.iter().any(planned) => Now::Already,
            Some(Drift { fix: Fix::Manual(words), .. }) => Now::Stale(words),
            Some(Drift { fix: Fix::Through(object), .. }) => {
                Now::Stale(format!("it is mended by {} now", object.address()))
            }
        })
    }

    /// Runs steps until one is refused; says then how many were not.
    async fn run_steps(&self, change: &Change, steps: &[Step]) -> Result<(), (usize, ReadError)> {
        let session = (self.enter)(&change.account);
        let again = Writer { at: change.target().at, session: session.once_more() };
        let first = Writer { session: session.once(), ..again.clone() };
        for (done, step) in joined(steps).into_iter().enumerate() {
            let started = Instant::now();
            let (mut pause, mut writer) = (FIRST_PAUSE, &first);
            while let Err(error) = step.run(writer).await {
                // A session that has run out was refused before anything was done, and the next one is another.
                let renewed = session.renews() && error.code.as_deref().is_some_and(is_run_out);
                if !(renewed || comes_later(&step, &error)) || started.elapsed() + pause > PROPAGATION {
                    return Err((done, error));
                }
                writer = &again;
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
        Ok(())
    }

    /// Looks until the object is as planned, or the time for that is spent.
    async fn verify(&self, account: &Account, change: &Change, held: Option<&Held>) -> Outcome {
        let started = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            let seen = self.look(account, change).await;
            let late = started.elapsed() + pause > PROPAGATION;
            match seen {
                Ok(Now::Already) => return Outcome::of(OutcomeKind::Verified),
                Ok(Now::Run(steps)) => match held {
                    Some(held) if Held::allowed(Some(held), steps).is_empty() => {
                        return Outcome::because(OutcomeKind::Held, &held.reason);
                    }
                    _ if late => return Outcome::because(OutcomeKind::Failed, NOT_IN_FORCE),
                    _ => {}
                },
                Ok(Now::Stale(why)) if late => return Outcome::because(OutcomeKind::Failed, why),
                Err(error) if late || !worth_asking_again(&error) => {
                    return Outcome::because(OutcomeKind::Unknown, error);
                }
                Ok(Now::Stale(_)) | Err(_) => {}
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// A refused write may have been done all the same, by somebody else or by an attempt that was lost.
    async fn after_refusal(
        &self,
        account: &Account,
        change: &Change,
        held: Option<&Held>,
        refused: &ReadError,
    ) -> Outcome {
        match self.left(account, change, held, true).await {
            Err(outcome) if outcome.kind == OutcomeKind::Verified => outcome,
            // The region is not enabled any more, or the account is suspended: who looked again knows which.
            Err(Outcome { kind: OutcomeKind::Unknown, reason: Some(why) })
                if refused.class == Class::RegionDisabled =>
            {
                Outcome::because(OutcomeKind::Failed, why)
            }
            _ => Outcome::because(OutcomeKind::Failed, refused),
        }
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Changes with what they depend on before them.
fn in_order(changes: &[Change]) -> Vec<&Change> {
    let by_id: BTreeMap<&str, &Change> = changes.iter().map(|change| (change.id.as_str(), change)).collect();
    let mut order: Vec<&Change> = vec![];
    let mut open: Vec<(&Change, bool)> = changes.iter().rev().map(|change| (change, false)).collect();
    let mut entered = std::collections::HashSet::new();
    while let Some((change, leaving)) = open.pop() {
        if leaving {
            order.push(change);
        } else if entered.insert(change.id.as_str()) {
            open.push((change, true));
            open.extend(change.depends_on.iter().filter_map(|id| by_id.get(id.as_str())).map(|need| (*need, false)));
        }
    }
    order
}

/// Neighbouring steps as one call where AWS has one.
fn joined(steps: &[Step]) -> Vec<Step> {
    let mut calls: Vec<Step> = vec![];
    for step in steps {
        match calls.last().and_then(|last| last.with(step)) {
            Some(both) => *calls.last_mut().expect("it has a last") = both,
            None => calls.push(step.clone()),
        }
    }
    calls
}

/// Whether an error means: later it may work, and nothing was done.
fn comes_later(step: &Step, error: &ReadError) -> bool {
    error.class == Class::Throttled || error.code.as_deref().is_some_and(|code| step.retried().contains(&code))
}

/// Whether an error leaves open if the write was done: no answer, or one that AWS did not finish.
fn is_lost(error: &ReadError) -> bool {
    const UNFINISHED: [&str; 6] = [
        "InternalFailure",
        "InternalError",
        "InternalServerError",
        "InternalServerErrorException",
        "ServiceFailure",
        "ServiceUnavailable",
    ];
    error.class == Class::Failed && error.code.as_deref().is_none_or(|code| UNFINISHED.contains(&code))
}

fn worth_asking_again(error: &ReadError) -> bool {
    // A session that is accepted nowhere any more will not be in two minutes.
    let lost = error.code.as_deref().is_some_and(|code| class_of_code(code, "") == Class::RegionDisabled);
    matches!(error.class, Class::Throttled | Class::Failed) && !lost
}
