//! One change that undoes another: each of its steps looks whether it finds what the run left or what was there before.

use std::sync::Arc;

use tokio::time::Instant;

use super::Apply;
use super::carry::{
    FIRST_PAUSE, Failed, LONGEST_PAUSE, NOT_IN_FORCE, ROUNDS, Rounds, Work, worth_asking_again, writing,
};
use super::outcome::{Outcome, OutcomeKind};
use crate::engine::held::Held;
use crate::observe::ReadError;
use crate::steps::{Extent, Stands, Step, is_lost};

/// How the object of a change is found.
enum Found {
    /// As it was before.
    Undone,
    /// These steps are left, in their order.
    Left(Vec<Step>),
    /// What is left for somebody.
    Ends(Outcome),
}

/// Why the steps of a change were not all run.
enum Stopped {
    /// The answer to a step was lost: what was done has to be looked at.
    Lost(Failed),
    /// This came of it.
    With(Outcome),
}

impl Apply<'_> {
    /// Looks, puts back, and looks again until all is as it was before.
    pub(super) async fn put_back(&self, work: Work<'_>) -> Outcome {
        let mut lost: Option<Failed> = None;
        let mut rounds = Rounds::new();
        while rounds.remain() {
            let wrote = lost.is_some();
            let steps = match self.found(work).await {
                Err(error) if wrote => return Outcome::because(OutcomeKind::Unknown, error.in_full()),
                Err(error) => return self.standings.outcome(work.change, &error).await,
                Ok(Found::Ends(outcome)) => return outcome,
                Ok(Found::Undone) if wrote => return Outcome::of(OutcomeKind::Verified),
                Ok(Found::Undone) => return Outcome::of(OutcomeKind::Already),
                Ok(Found::Left(steps)) => steps,
            };
            let allowed = Held::allowed(work.held, steps);
            if let Some(held) = work.held.filter(|_| allowed.is_empty()) {
                return Outcome::because(OutcomeKind::Held, &held.reason);
            }
            if let Some(outcome) = self.standings.outside(work.change).await {
                return outcome;
            }
            rounds.begin(allowed.len());
            match self.undo(work, &allowed, lost.as_ref().map(|lost| &*lost.step)).await {
                Ok(()) => return self.seen_undone(work, &allowed).await,
                Err(Stopped::With(outcome)) => return outcome,
                Err(Stopped::Lost(failed)) => {
                    rounds.lost(failed.done);
                    lost = Some(failed);
                }
            }
        }
        let why = lost.map(|lost| lost.why.in_full()).unwrap_or_default();
        Outcome::because(OutcomeKind::Unknown, format!("the answer to a write was lost {ROUNDS} times: {why}"))
    }

    async fn found(&self, work: Work<'_>) -> Result<Found, ReadError> {
        // Nothing is written by it, so there is nothing to witness.
        let reader = writing(work.change, (self.enter)(work.change), None, Arc::new(()));
        let mut left: Vec<Step> = vec![];
        for step in &work.change.steps {
            // What goes with the whole may be what uses it; that is seen once the whole is gone.
            let later =
                step.extent() == Some(Extent::Beside) && left.iter().any(|step| step.extent() == Some(Extent::Whole));
            match step.stands(&reader).await? {
                Stands::Undone => {}
                Stands::Changed(what) => return Ok(Found::Ends(Outcome::because(OutcomeKind::Stale, what))),
                Stands::Used(by) if !later => return Ok(Found::Ends(stays(by))),
                Stands::Open | Stands::Used(_) => left.push(step.clone()),
            }
        }
        Ok(if left.is_empty() { Found::Undone } else { Found::Left(left) })
    }

    /// Runs steps, each of which looks once more right before. `lost`: the one that was sent before and whose answer was
    /// lost.
    async fn undo(&self, work: Work<'_>, steps: &[Step], lost: Option<&Step>) -> Result<(), Stopped> {
        let change = work.change;
        let session = (self.enter)(change).once();
        work.carried.begin(change);
        for (done, step) in steps.iter().enumerate() {
            let session = if lost == Some(step) { session.once_more() } else { session.clone() };
            let writer = writing(change, session, None, self.scribe.witness(change, step));
            let failed = |error: ReadError| Stopped::With(Outcome::because(OutcomeKind::Failed, error.in_full()));
            match step.stands(&writer).await.map_err(failed)? {
                Stands::Undone => continue,
                Stands::Changed(what) => return Err(Stopped::With(Outcome::because(OutcomeKind::Stale, what))),
                Stands::Used(by) => return Err(Stopped::With(stays(by))),
                Stands::Open => {}
            }
            if let Err(refused) = self.run_step(work, step, writer).await {
                return Err(match step.stays(&refused) {
                    Some(why) => Stopped::With(stays(why)),
                    None if is_lost(&refused) => {
                        Stopped::Lost(Failed { done, step: Box::new(step.clone()), why: refused })
                    }
                    None => failed(refused),
                });
            }
        }
        Ok(())
    }

    /// Looks until all is as it was before, or the time for that is spent.
    async fn seen_undone(&self, work: Work<'_>, ran: &[Step]) -> Outcome {
        let started = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            let late = started.elapsed() + pause > self.propagation || self.stop.why().is_some();
            match self.found(work).await {
                Ok(Found::Undone) => return Outcome::of(OutcomeKind::Verified),
                Ok(Found::Left(steps)) => match work.held {
                    Some(held) if Held::allowed(Some(held), steps).is_empty() => {
                        return Outcome::because(OutcomeKind::Held, &held.reason);
                    }
                    _ if late => return self.not_in_force(ran, self.propagation, NOT_IN_FORCE),
                    _ => {}
                },
                Ok(Found::Ends(outcome)) if late => return outcome,
                Err(error) if late || !worth_asking_again(&error) => {
                    return Outcome::because(OutcomeKind::Unknown, error.in_full());
                }
                Ok(Found::Ends(_)) | Err(_) => {}
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.stop.asked() => {}
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

fn stays(why: impl std::fmt::Display) -> Outcome {
    Outcome::because(OutcomeKind::Manual, format!("it stays: {why}"))
}
