//! From what a run wrote to what undoes it. Pure.
//!
//! What was written and how each write is undone is in the run's journal; what it was written for, and what needs what,
//! is in the plan that the run applied.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Action, Change, Reverts, content_id};
use crate::drift::Difference;
use crate::engine::journal::{Record, Says, Sent, Write};
use crate::steps::{Extent, Risk, Step, Undo};

/// What undoes a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Undone {
    /// A change for each object that the run wrote, in the order of its plan; none where nothing is left to undo.
    pub changes: Vec<Change>,
    /// What of a change cannot be undone, beside what can.
    pub warnings: Vec<String>,
}

/// What undoes those of these changes that a run wrote something for.
///
/// Keys of KMS are deleted only where that is asked for: what they have encrypted is lost with them.
#[must_use]
pub fn revert(run: &str, changes: &[Change], records: &[Record], delete_keys: bool) -> Undone {
    let written = written(records);
    let mut undone = Undone::default();
    let mut ids: BTreeMap<&str, String> = BTreeMap::new();
    for change in changes {
        let Some(writes) = written.get(change.id.as_str()) else { continue };
        let back = Back::of(writes, delete_keys);
        if back.steps.is_empty() && back.stays.is_empty() {
            continue;
        }
        let address = change.target().address();
        if !back.steps.is_empty() {
            undone.warnings.extend(back.stays.iter().map(|why| format!("{address}: {why}")));
        }
        let next = back.into_change(run, change, writes);
        ids.insert(&change.id, next.id.clone());
        undone.changes.push(next);
    }
    // What needed something is undone before it.
    for change in changes {
        for need in &change.depends_on {
            let (Some(first), Some(then)) = (ids.get(change.id.as_str()), ids.get(need.as_str())) else { continue };
            undone.changes.iter_mut().filter(|one| one.id == *then).for_each(|one| one.depends_on.push(first.clone()));
        }
    }
    undone
}

/// By change, the writes that were done, or may have been: those that were not answered, and those whose answer was
/// lost.
fn written(records: &[Record]) -> BTreeMap<&str, Vec<&Write>> {
    let mut written: BTreeMap<&str, Vec<&Write>> = BTreeMap::new();
    for record in records {
        match &record.says {
            Says::WriteBegins(write) => written.entry(&write.place.change).or_default().push(write),
            // The writes of a change are sent one after another, so the last that began is the one that was refused.
            Says::WriteEnds { write, outcome: Sent::Refused, .. } => {
                written.entry(&write.place.change).or_default().pop();
            }
            Says::WriteEnds { .. } | Says::RunBegins { .. } | Says::ChangeEnds { .. } | Says::RunEnds { .. } => {}
        }
    }
    written.retain(|_, writes| !writes.is_empty());
    written
}

/// What undoes the writes of one change, the last of them first.
#[derive(Default)]
struct Back {
    steps: Vec<Step>,
    /// What cannot be undone, in words.
    stays: Vec<String>,
}

const UNKNOWN: &str = "the journal does not say how it is undone: an older version wrote it";

impl Back {
    fn of(writes: &[&Write], delete_keys: bool) -> Self {
        let mut back = Self::default();
        for write in writes.iter().rev() {
            match &write.undo {
                Some(Undo::By(steps)) => steps.iter().for_each(|step| back.add(step)),
                Some(Undo::Never(why)) => back.stays.push(why.clone()),
                None => back.stays.push(UNKNOWN.to_owned()),
            }
        }
        back.stays.dedup();
        if back.takes_away() {
            back.steps.retain(|step| step.extent() != Some(Extent::Part));
        }
        let key = back.steps.iter().find_map(|step| match step {
            Step::ScheduleKeyDeletion(key) => Some(key.alias.clone()),
            _ => None,
        });
        if let Some(alias) = key.filter(|_| !delete_keys) {
            back.steps.clear();
            back.stays = vec![format!(
                "the key for {alias} and the alias: what a key has encrypted is lost with it. With --delete-keys its \
                 deletion is scheduled, in 30 days"
            )];
        }
        back
    }

    /// One part that was written several times is put back at once, to what was there before the first.
    fn add(&mut self, earlier: &Step) {
        let same = |later: &&mut Step| *later == earlier || later.with(earlier).is_some();
        match self.steps.iter_mut().find(same) {
            Some(later) => *later = later.with(earlier).unwrap_or_else(|| later.clone()),
            None => self.steps.push(earlier.clone()),
        }
    }

    fn takes_away(&self) -> bool {
        self.steps.iter().any(|step| step.extent() == Some(Extent::Whole))
    }

    fn into_change(self, run: &str, change: &Change, writes: &[&Write]) -> Change {
        let differences = turned(change, writes);
        let undo: BTreeSet<String> = self.steps.iter().map(Step::undo).collect();
        Change {
            id: content_id(&change.target(), &differences, &self.steps, &[]),
            action: if self.takes_away() { Action::Remove } else { Action::Change },
            risk: self.steps.iter().map(Step::risk).max().unwrap_or(Risk::Weakening),
            cost: None,
            depends_on: vec![],
            undo: undo.into_iter().collect(),
            manual: self.steps.is_empty().then(|| self.stays.join("; ")),
            blocked: None,
            reverts: Some(Reverts { run: run.to_owned(), change: change.id.clone() }),
            differences,
            steps: self.steps,
            ..change.clone()
        }
    }
}

/// The differences of a change with their sides changed, where all of its steps were written; where some were not,
/// nobody can say which of them were mended.
fn turned(change: &Change, writes: &[&Write]) -> Vec<Difference> {
    let sent = |step: &Step| {
        let step = serde_json::to_value(step).expect("plain data serializes");
        writes.iter().any(|write| write.step == step)
    };
    if !Step::joined(&change.steps).iter().all(sent) {
        return vec![];
    }
    let turn = |difference: &Difference| Difference {
        requirement: difference.requirement.clone(),
        observed: difference.wanted.clone(),
        wanted: difference.observed.clone(),
    };
    change.differences.iter().map(turn).collect()
}
