//! What an apply did, as reports need it.

use std::collections::HashMap;
use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use super::page::Grouped;
use crate::approval::{Approval, KeyArn, Statement};
use crate::assessment::AccountLine;
use crate::engine::apply::{Outcome, OutcomeKind, by_wave};
use crate::plan::{Change, OrganizationLine, REST, Wave};

/// The result of an apply. Outcomes are those of the changes, in the same order.
#[derive(Clone, Copy, Debug)]
pub struct Applied<'a> {
    /// The id of the run.
    pub run: &'a str,
    /// When it began.
    pub created: Timestamp,
    /// The digest of the plan that was applied.
    pub plan: &'a str,
    /// The organization.
    pub organization: &'a OrganizationLine,
    /// The accounts of the plan, for their names.
    pub accounts: &'a [AccountLine],
    /// Whether the plan could read everything that it asked for.
    pub complete: bool,
    /// The changes of the plan, in its order.
    pub changes: &'a [Change],
    /// What came of each.
    pub outcomes: &'a [Outcome],
    /// The waves of the plan, where it has some.
    pub waves: &'a [Wave],
    /// The approvals of others that it was asked for, and that counted.
    pub approvals: &'a [Approval],
}

/// An approval, as a report has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Approved<'a> {
    /// The key that it was signed with, which was proven.
    pub key: &'a KeyArn,
    /// Who says to have approved. Nothing proves it but the word of whoever could use the key.
    pub claimed_by: &'a str,
    /// Until when it counted.
    pub expires: Timestamp,
}

/// How far a wave came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Waved<'a> {
    /// How people know it.
    pub name: &'a str,
    /// Whether it had to be verified before the others.
    pub canary: bool,
    /// Its changes.
    pub changes: usize,
    /// What came of them.
    pub summary: Counts,
}

impl<'a> Applied<'a> {
    /// Every change with what came of it, in the order of the plan.
    pub fn pairs(&self) -> impl Iterator<Item = (&'a Change, &'a Outcome)> + use<'a> {
        self.changes.iter().zip(self.outcomes)
    }

    /// How far each wave came, in their order; none where the plan has no waves.
    #[must_use]
    pub fn waves(&self) -> Vec<Waved<'a>> {
        if self.waves.is_empty() {
            return vec![];
        }
        let of: HashMap<&str, &Outcome> = self.pairs().map(|(change, outcome)| (change.id.as_str(), outcome)).collect();
        let names = self.waves.iter().map(|wave| (wave.name.as_str(), wave.canary));
        let lots = by_wave(self.changes, self.waves).into_iter().zip(names.chain([(REST, false)])).enumerate();
        let waved = lots.map(|(number, (lot, (name, canary)))| {
            let outcomes = lot.iter().filter_map(|change| of.get(change.id.as_str()).copied());
            let waved = Waved { name, canary, changes: lot.len(), summary: Counts::of_all(outcomes) };
            (number, waved)
        });
        // What only a person can mend is in no wave of the plan, and makes none of its own.
        let begun = |one: &Waved<'_>| one.changes > one.summary.manual;
        waved.filter(|(number, one)| *number < self.waves.len() || begun(one)).map(|(_, one)| one).collect()
    }

    /// Who approved.
    #[must_use]
    pub fn approved(&self) -> Vec<Approved<'a>> {
        let of = |approval: &'a Approval| {
            let Statement { key, approved_by, expires, .. } = &approval.statement;
            Approved { key, claimed_by: approved_by.as_str(), expires: *expires }
        };
        self.approvals.iter().map(of).collect()
    }

    /// The figures.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts::of_all(self.outcomes)
    }
}

/// Outcomes by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// See [`OutcomeKind::Verified`].
    pub verified: usize,
    /// See [`OutcomeKind::Already`].
    pub already: usize,
    /// See [`OutcomeKind::Pending`].
    pub pending: usize,
    /// See [`OutcomeKind::Stale`].
    pub stale: usize,
    /// See [`OutcomeKind::Held`].
    pub held: usize,
    /// See [`OutcomeKind::Blocked`].
    pub blocked: usize,
    /// See [`OutcomeKind::Manual`].
    pub manual: usize,
    /// See [`OutcomeKind::Failed`].
    pub failed: usize,
    /// See [`OutcomeKind::Unknown`].
    pub unknown: usize,
    /// See [`OutcomeKind::Contested`].
    pub contested: usize,
}

impl Counts {
    /// The figures of these outcomes.
    #[must_use]
    pub fn of_all<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>) -> Self {
        let mut counts = Self::default();
        for outcome in outcomes {
            *counts.of_mut(outcome.kind) += 1;
        }
        counts
    }

    /// How many outcomes are of this kind.
    #[must_use]
    pub fn of(mut self, kind: OutcomeKind) -> usize {
        *self.of_mut(kind)
    }

    fn of_mut(&mut self, kind: OutcomeKind) -> &mut usize {
        match kind {
            OutcomeKind::Verified => &mut self.verified,
            OutcomeKind::Already => &mut self.already,
            OutcomeKind::Pending => &mut self.pending,
            OutcomeKind::Stale => &mut self.stale,
            OutcomeKind::Held => &mut self.held,
            OutcomeKind::Blocked => &mut self.blocked,
            OutcomeKind::Manual => &mut self.manual,
            OutcomeKind::Failed => &mut self.failed,
            OutcomeKind::Unknown => &mut self.unknown,
            OutcomeKind::Contested => &mut self.contested,
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use OutcomeKind::{Already, Blocked, Contested, Failed, Held, Manual, Pending, Stale, Unknown};
        let first = [
            (Already, "already in force"),
            (Pending, "not yet in force"),
            (Held, "held"),
            (Blocked, "blocked"),
            (Stale, "stale"),
        ];
        let person = (Manual, if self.manual == 1 { "needs a person" } else { "need a person" });
        let then = [person, (Contested, "contested"), (Unknown, "unknown"), (Failed, "failed")];
        write!(f, "{} verified", Grouped(self.verified))?;
        let some = |(kind, _): &(OutcomeKind, &str)| self.of(*kind) > 0;
        for (kind, word) in first.into_iter().filter(some) {
            write!(f, ", {} {word}", Grouped(self.of(kind)))?;
        }
        for (kind, word) in then.into_iter().filter(some) {
            write!(f, "; {} {word}", Grouped(self.of(kind)))?;
        }
        Ok(())
    }
}
