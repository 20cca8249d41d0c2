//! How far an apply is: what came of each change, and which are being worked on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::outcome::{Outcome, OutcomeKind};
use crate::plan::Change;

/// How far an apply is. It outlives the work, so that what was done is known however the work ended.
#[derive(Debug, Default)]
pub struct Carried(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    outcomes: BTreeMap<String, Outcome>,
    addresses: BTreeMap<String, String>,
    begun: BTreeSet<String>,
}

/// What is said of a change whose work was broken off.
const BROKEN_OFF: &str = "it was broken off while it was worked on: the next apply of this plan looks what was done";

impl Carried {
    pub(super) fn begin(&self, change: &Change) {
        self.inner().begun.insert(change.id.clone());
    }

    pub(super) fn end(&self, change: &Change, outcome: &Outcome) {
        let mut inner = self.inner();
        inner.outcomes.insert(change.id.clone(), outcome.clone());
        inner.addresses.insert(change.id.clone(), change.target().address());
    }

    /// What came of a change, if it is known.
    #[must_use]
    pub fn outcome(&self, id: &str) -> Option<Outcome> {
        self.inner().outcomes.get(id).cloned()
    }

    /// What keeps a change that needs these from being done, in words; none: they are done.
    pub(super) fn missing(&self, needs: &[String]) -> Option<String> {
        let inner = self.inner();
        needs.iter().find_map(|id| match inner.outcomes.get(id) {
            Some(outcome) if outcome.done() => None,
            outcome => {
                let address = inner.addresses.get(id).map_or("a change", String::as_str);
                let came = outcome.map_or("was not begun", |outcome| outcome.kind.words());
                Some(format!("it needs {address}, which {came}"))
            }
        })
    }

    /// What came of each of these changes; `why` is said of those that were not begun.
    #[must_use]
    pub fn outcomes(&self, changes: &[Change], why: &str) -> Vec<Outcome> {
        let inner = self.inner();
        let of = |change: &Change| match inner.outcomes.get(&change.id) {
            Some(outcome) => outcome.clone(),
            None if inner.begun.contains(&change.id) => Outcome::because(OutcomeKind::Unknown, BROKEN_OFF),
            None => Outcome::because(OutcomeKind::Held, why),
        };
        changes.iter().map(of).collect()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
