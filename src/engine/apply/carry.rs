//! One change: looked at afresh, written, and looked at until it is in force.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::Apply;
use super::carried::Carried;
use super::outcome::{Outcome, OutcomeKind};
use crate::aws::{self, Session};
use crate::drift::{Difference, Drift, Fix};
use crate::engine::held::Held;
use crate::engine::{Event, Listener, allow};
use crate::observe::{Class, ReadError};
use crate::organization::Account;
use crate::plan::{Change, Now};
use crate::steps::{Step, Witness, Writer, is_lost};

/// How long a write may take to be in force, and what it builds on to propagate, where nobody is in a hurry.
pub const PROPAGATION: Duration = Duration::from_mins(2);
pub(super) const NOT_IN_FORCE: &str = "it was written, and is not in force after two minutes";
const WAITS: &str = "it was written, and AWS takes some minutes until it is seen in force";
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(250);
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// How often a change whose answers are lost is looked at and tried again without getting any further.
pub(super) const ROUNDS: usize = 5;

/// The rounds of a change whose answers are lost. They are counted afresh whenever it gets further.
pub(super) struct Rounds {
    without_progress: usize,
    left: usize,
    furthest: usize,
}

impl Rounds {
    pub(super) fn new() -> Self {
        Self { without_progress: 0, left: usize::MAX, furthest: 0 }
    }

    pub(super) fn remain(&self) -> bool {
        self.without_progress < ROUNDS
    }

    /// One more, with so many steps left.
    pub(super) fn begin(&mut self, left: usize) {
        if left < self.left {
            *self = Self { left, ..Self::new() };
        }
        self.without_progress += 1;
    }

    /// An answer was lost after so many steps were answered. What is made needs all of its steps until the last is
    /// done, so those that were answered count.
    pub(super) fn lost(&mut self, done: usize) {
        if done > self.furthest {
            (self.without_progress, self.furthest) = (0, done);
        }
    }
}

/// A step that failed after so many that did not.
pub(super) struct Failed {
    pub(super) done: usize,
    pub(super) step: Box<Step>,
    pub(super) why: ReadError,
}

/// One change at work.
#[derive(Clone, Copy)]
pub(super) struct Work<'a> {
    account: &'a Account,
    pub(super) change: &'a Change,
    pub(super) held: Option<&'a Held>,
    pub(super) carried: &'a Carried,
    listener: &'a dyn Listener,
}

impl Apply<'_> {
    pub(super) async fn carry_through(
        &self,
        change: &Change,
        held: Option<&Held>,
        carried: &Carried,
        listener: &dyn Listener,
    ) -> Outcome {
        if let Some(words) = &change.manual {
            return Outcome::because(OutcomeKind::Manual, words);
        }
        if let Some(why) = &change.blocked {
            return Outcome::because(OutcomeKind::Blocked, why);
        }
        if let Some(contested) = allow::contested(change, self.allow) {
            return Outcome::because(OutcomeKind::Contested, contested);
        }
        if let Some(why) = self.stop.why() {
            return Outcome::because(OutcomeKind::Held, why);
        }
        if let Some(why) = self.tally.holds(&change.account) {
            return Outcome::because(OutcomeKind::Held, why);
        }
        if let Some(why) = carried.missing(&change.depends_on) {
            return Outcome::because(OutcomeKind::Blocked, why);
        }
        let Some(account) = self.accounts.iter().find(|account| account.id == change.account) else {
            return Outcome::because(OutcomeKind::Failed, "the plan does not have its account");
        };
        let work = Work { account, change, held, carried, listener };
        if change.reverts.is_some() { self.put_back(work).await } else { self.write(work).await }
    }

    /// Looks, writes, and looks again until nothing is left to do.
    async fn write(&self, work: Work<'_>) -> Outcome {
        let mut wrote = false;
        let mut lost: Option<Failed> = None;
        let mut rounds = Rounds::new();
        while rounds.remain() {
            let steps = match self.left(work, wrote).await {
                Ok(steps) => steps,
                Err(outcome) => return outcome,
            };
            if !steps.is_empty()
                && let Some(outcome) = self.standings.outside(work.change).await
            {
                return outcome;
            }
            rounds.begin(steps.len());
            match self.run_steps(work, &steps, lost.as_ref().map(|lost| &*lost.step)).await {
                Ok(()) => return self.verify(work).await,
                Err(failed) if is_lost(&failed.why) => {
                    rounds.lost(failed.done);
                    wrote = true;
                    lost = Some(failed);
                }
                // The run was stopped while it waited.
                Err(Failed { why, .. }) if why.class == Class::InDoubt => {
                    return Outcome::because(OutcomeKind::Unknown, why.in_full());
                }
                Err(Failed { why, .. }) => return self.after_refusal(work, &why).await,
            }
        }
        let why = lost.map(|lost| lost.why.in_full()).unwrap_or_default();
        Outcome::because(OutcomeKind::Unknown, format!("the answer to a write was lost {ROUNDS} times: {why}"))
    }

    /// The steps that are left and allowed, or the outcome where there are none.
    async fn left(&self, work: Work<'_>, wrote: bool) -> Result<Vec<Step>, Outcome> {
        let in_force = if wrote { OutcomeKind::Verified } else { OutcomeKind::Already };
        match self.look(work, self.begun.contains(work.change)).await {
            Err(error) if wrote => Err(Outcome::because(OutcomeKind::Unknown, error.in_full())),
            Err(error) => Err(self.standings.outcome(work.change, &error).await),
            Ok(Now::Already) => Err(Outcome::of(in_force)),
            Ok(Now::Stale(why)) => Err(Outcome::because(OutcomeKind::Stale, why)),
            Ok(Now::Run(steps)) => {
                let allowed = Held::allowed(work.held, steps);
                match work.held {
                    Some(held) if allowed.is_empty() => Err(Outcome::because(OutcomeKind::Held, &held.reason)),
                    _ => Ok(allowed),
                }
            }
        }
    }

    async fn look(&self, Work { account, change, .. }: Work<'_>, begun: bool) -> Result<Now, ReadError> {
        let planned =
            |difference: &Difference| change.differences.iter().any(|then| then.requirement == difference.requirement);
        let seen = self.survey.look(account, change).await?;
        if let Some(words) = seen.as_ref().and_then(|drift| drift.left_to_a_person(&change.differences)) {
            return Ok(Now::Stale(words.to_owned()));
        }
        let now = match seen {
            None => Now::Already,
            // What is left for a person, or until something can be read, was left by the plan as well.
            Some(Drift { differences, fix, .. }) if fix.writes_nothing() && !differences.iter().any(planned) => {
                Now::Already
            }
            Some(Drift { differences, fix: Fix::Steps { steps, .. }, .. }) => {
                change.against(&differences, &steps, begun)
            }
            Some(Drift { fix: Fix::Manual(words), .. }) => Now::Stale(words),
            Some(Drift { fix: Fix::Through { object, .. }, .. }) => {
                Now::Stale(format!("it is mended by {} now", object.address()))
            }
        };
        Ok(change.go_on(now, &self.begun.left(change)))
    }

    /// Runs steps until one fails. `lost`: the one that was sent before and whose answer was lost.
    async fn run_steps(&self, work: Work<'_>, steps: &[Step], lost: Option<&Step>) -> Result<(), Failed> {
        let change = work.change;
        let session = (self.enter)(change).once();
        work.carried.begin(change);
        for (done, step) in Step::joined(steps).into_iter().enumerate() {
            let witness = self.begun.witness(change, &step, self.scribe.witness(change, &step));
            let witness = self.doubts.witness(change.target().address(), witness);
            let session = if lost == Some(&step) { session.once_more() } else { session.clone() };
            let above = self.assuming.as_ref().filter(|_| step.is_as_root()).map(Session::once);
            let writer = writing(change, session, above, witness);
            if let Err(why) = self.run_step(work, &step, writer).await {
                return Err(Failed { done, step: Box::new(step), why });
            }
            self.begun.done(change, &step);
        }
        Ok(())
    }

    /// Runs a step, again for a while where what it builds on has not arrived everywhere, and as long as nobody knows
    /// whether it was done before.
    pub(super) async fn run_step(&self, work: Work<'_>, step: &Step, mut writer: Writer) -> Result<(), ReadError> {
        let mut since = Instant::now();
        let mut pause = FIRST_PAUSE;
        let mut told = false;
        while let Err(error) = step.run(&writer).await {
            let doubt =
                if error.class == Class::InDoubt { self.doubts.until(&work.change.target().address()) } else { None };
            if let Some((until, left)) = doubt {
                if !std::mem::replace(&mut told, true) {
                    work.listener.on(&Event::Waiting { change: work.change, until, why: &error.message });
                }
                // What it builds on may take its time from then on.
                since = Instant::now();
                pause = pause.min(left);
            }
            let late = doubt.is_none() && since.elapsed() + pause > self.propagation;
            // A session that has run out was refused before anything was done, and the next one is another.
            let renewed = writer.session.renews() && error.code.as_deref().is_some_and(aws::ran_out);
            if late || self.stop.why().is_some() || !(renewed || comes_later(step, &error)) {
                return Err(error);
            }
            writer.session = writer.session.once_more();
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.stop.asked() => {}
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        Ok(())
    }

    /// Looks until the object is as planned, or the time for that is spent.
    async fn verify(&self, work: Work<'_>) -> Outcome {
        // Also of an earlier run: what it wrote is not written again, and may still be on its way.
        let steps = &work.change.steps;
        let takes_longer = steps.iter().any(|step| step.settles() > self.propagation);
        let started = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            let seen = self.look(work, false).await;
            let late = started.elapsed() + pause > self.propagation || self.stop.why().is_some();
            match seen {
                // What an earlier run left may have been done all the same: then there was nothing to write.
                Ok(Now::Already) if !self.begun.wrote(work.change) => return Outcome::of(OutcomeKind::Already),
                Ok(Now::Already) => return Outcome::of(OutcomeKind::Verified),
                Ok(Now::Run(left)) => match work.held {
                    Some(held) if Held::allowed(Some(held), left.clone()).is_empty() => {
                        return Outcome::because(OutcomeKind::Held, &held.reason);
                    }
                    // Nothing is left but to wait for longer than anybody waits here.
                    _ if left.is_empty() && takes_longer => return self.not_in_force(steps, Duration::ZERO, WAITS),
                    _ if late => return self.not_in_force(steps, self.propagation, NOT_IN_FORCE),
                    _ => {}
                },
                Ok(Now::Stale(why)) if late => return self.not_in_force(steps, self.propagation, &why),
                Err(error) if late || !worth_asking_again(&error) => {
                    return Outcome::because(OutcomeKind::Unknown, error.in_full());
                }
                Ok(Now::Stale(_)) | Err(_) => {}
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.stop.asked() => {}
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    pub(super) fn not_in_force(&self, ran: &[Step], waited: Duration, why: &str) -> Outcome {
        let settles = ran.iter().map(Step::settles).max().unwrap_or_default();
        Outcome::not_in_force((self.clock)(), settles, waited, self.stop.why(), why)
    }

    /// A refused write may have been done all the same, by somebody else or by an attempt that was lost. One that is
    /// denied was not, and what it would have done may not show: a key that was saved from deletion stays disabled.
    async fn after_refusal(&self, work: Work<'_>, refused: &ReadError) -> Outcome {
        let denied = matches!(refused.class, Class::Denied(_));
        match self.left(work, true).await {
            Err(outcome) if outcome.kind == OutcomeKind::Verified && !denied => outcome,
            // The region is not enabled any more, or the account is suspended: who looked again knows which.
            Err(Outcome { kind: OutcomeKind::Unknown, reason: Some(why), .. })
                if refused.class == Class::RegionDisabled =>
            {
                Outcome::because(OutcomeKind::Failed, why)
            }
            _ => Outcome::because(OutcomeKind::Failed, refused.in_full()),
        }
    }
}

/// What the steps of a change reach AWS by.
pub(super) fn writing(change: &Change, session: Session, above: Option<Session>, witness: Arc<dyn Witness>) -> Writer {
    Writer { at: change.target().at, session, assuming: above, witness }
}

/// Whether an error means: later it may work, and nothing was done.
fn comes_later(step: &Step, error: &ReadError) -> bool {
    let later = || error.code.as_deref().is_some_and(|code| step.retried().contains(&code));
    matches!(error.class, Class::Throttled | Class::InDoubt) || (!is_lost(error) && later())
}

pub(super) fn worth_asking_again(error: &ReadError) -> bool {
    let passes = matches!(error.class, Class::Throttled | Class::Failed);
    // Credentials that have run out, or are accepted nowhere any more, will be no better in two minutes.
    let lost = |code: &str| aws::ran_out(code) || aws::class_of_code(code, "") == Class::RegionDisabled;
    passes && !error.code.as_deref().is_some_and(lost)
}
