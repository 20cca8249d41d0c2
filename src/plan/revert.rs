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
        if back.steps.iter().any(|step| step.extent() == Some(Extent::Whole)) {
            back.steps.retain(|step| step.extent() != Some(Extent::Part));
        }
        if let Some(key) = back.steps.iter().find_map(key_to_delete).filter(|_| !delete_keys) {
            back.steps.clear();
            back.stays = vec![key];
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

    /// Whether the object itself goes, and not only something beside it.
    fn takes_away(&self) -> bool {
        self.steps.iter().any(|step| step.takes_away() && step.extent() != Some(Extent::Beside))
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
            contested: None,
            reverts: Some(Reverts { run: run.to_owned(), change: change.id.clone() }),
            differences,
            steps: self.steps,
            ..change.clone()
        }
    }
}

/// What is said of a key whose deletion a step would schedule, where nobody asked for that.
fn key_to_delete(step: &Step) -> Option<String> {
    match step {
        Step::ScheduleKeyDeletion(key) => Some(format!(
            "the key for {} and the alias: what a key has encrypted is lost with it. With --delete-keys its deletion is \
             scheduled, in 30 days",
            key.alias
        )),
        Step::RescheduleKeyDeletion(key) => Some(format!(
            "key {}: what it has encrypted is lost with it. With --delete-keys its deletion is scheduled again, no sooner \
             than it was to be",
            key.key_id
        )),
        _ => None,
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::engine::journal::{Place, Run};
    use crate::steps::kms::EnableKeyRotation;
    use crate::steps::undo::kms::{DeleteAlias, DisableKeyRotation, RestoreKeyPolicy, ScheduleKeyDeletion};
    use crate::steps::undo::kms_deletion::RescheduleKeyDeletion;
    use crate::steps::undo::organizations::DisableServiceAccess;

    const REGION: &str = "eu-west-1";

    fn change(id: &str, depends_on: &[&str]) -> Change {
        let step =
            Step::EnableKeyRotation(EnableKeyRotation { key_id: id.to_owned(), period_days: None, instead_of: None });
        let requirement = "kms.key_rotation.enabled".to_owned();
        Change {
            id: id.to_owned(),
            account: "111122223333".parse().expect("an id"),
            region: Some(REGION.parse().expect("a region")),
            control: "kms.key_rotation".to_owned(),
            kind: "kms.key_rotation".to_owned(),
            object: id.to_owned(),
            action: Action::Change,
            severity: crate::control::Severity::Medium,
            risk: Risk::Safe,
            cost: Some("it bills".to_owned()),
            differences: vec![Difference { requirement, observed: json!(false), wanted: json!(true) }],
            steps: vec![step],
            depends_on: depends_on.iter().map(|&id| id.to_owned()).collect(),
            undo: vec![],
            manual: None,
            blocked: None,
            managed_by: None,
            tags_unread: false,
            contested: None,
            reverts: None,
        }
    }

    fn write(change: &Change, undo: Option<Undo>) -> Write {
        let step = serde_json::to_value(&change.steps[0]).expect("a step");
        let (before, after) = (Value::Null, Value::Null);
        Write { place: Place::of(change), step, action: "kms:Something".to_owned(), before, after, undo }
    }

    /// The journal of these writes, each with what came of it; none: nothing.
    fn records(writes: &[(&Change, Undo, Option<Sent>)]) -> Vec<Record> {
        let of = Run { run: "r".to_owned(), plan: "p".to_owned(), caller: "c".to_owned() };
        let mut says = vec![];
        for (change, undo, outcome) in writes {
            says.push(Says::WriteBegins(write(change, Some(undo.clone()))));
            let ends = |outcome| Says::WriteEnds { write: write(change, None), outcome, request_id: None, error: None };
            says.extend(outcome.map(ends));
        }
        let time = "2026-11-22T10:00:00Z".parse().expect("a time");
        says.into_iter().map(|says| Record::next(None, time, of.clone(), says)).collect()
    }

    fn rotation(key: &str) -> Step {
        let (key_id, region) = (key.to_owned(), REGION.parse().expect("a region"));
        Step::DisableKeyRotation(DisableKeyRotation { key_id, region, period_days: None })
    }

    fn policy(set: &str, before: &str) -> Step {
        let (key, region) = ("k".to_owned(), REGION.parse().expect("a region"));
        Step::RestoreKeyPolicy(RestoreKeyPolicy { key, region, set: set.to_owned(), before: before.to_owned() })
    }

    fn alias() -> Step {
        let (alias, key_id) = ("alias/a".to_owned(), "k".to_owned());
        Step::DeleteAlias(DeleteAlias { alias, region: REGION.parse().expect("a region"), key_id })
    }

    fn deletion() -> Step {
        let (alias, address) = ("alias/a".to_owned(), "address".to_owned());
        let region = REGION.parse().expect("a region");
        Step::ScheduleKeyDeletion(ScheduleKeyDeletion { alias, region, address, policy: json!({}) })
    }

    #[test]
    fn what_was_done_or_may_have_been_is_undone_and_what_was_refused_is_not() {
        let changes = ["done", "lost", "unanswered", "refused", "untouched"].map(|id| change(id, &[]));
        let [done, lost, unanswered, refused, _] = &changes;
        let journal = records(&[
            (done, Undo::by(rotation("done")), Some(Sent::Done)),
            (lost, Undo::by(rotation("lost")), Some(Sent::Lost)),
            (refused, Undo::by(rotation("refused")), Some(Sent::Refused)),
            (unanswered, Undo::by(rotation("unanswered")), None),
        ]);
        let undone = revert("r", &changes, &journal, false);
        let objects: Vec<&str> = undone.changes.iter().map(|change| change.object.as_str()).collect();
        assert_eq!(objects, ["done", "lost", "unanswered"], "in the order of the plan");
        let first = &undone.changes[0];
        assert_eq!((first.risk, first.action, &first.cost), (Risk::Weakening, Action::Change, &None));
        assert_eq!(first.reverts, Some(Reverts { run: "r".to_owned(), change: "done".to_owned() }));
        assert_eq!((&first.differences[0].observed, &first.differences[0].wanted), (&json!(true), &json!(false)));
    }

    #[test]
    fn what_was_written_twice_is_put_back_once_to_what_was_there_first() {
        let one = change("one", &[]);
        let journal = records(&[
            (&one, Undo::by(policy("second", "first")), Some(Sent::Lost)),
            (&one, Undo::by(policy("third", "second")), Some(Sent::Done)),
            (&one, Undo::by(rotation("one")), Some(Sent::Done)),
        ]);
        let undone = revert("r", &[one], &journal, false);
        assert_eq!(undone.changes[0].steps, [rotation("one"), policy("third", "first")], "the last comes first");
    }

    #[test]
    fn what_needed_something_is_undone_before_it() {
        let changes = [change("trail", &["bucket", "key"]), change("bucket", &[]), change("key", &[])];
        let writes: Vec<_> = changes.iter().map(|one| (one, Undo::by(rotation(&one.id)), Some(Sent::Done))).collect();
        let undone = revert("r", &changes, &records(&writes), false);
        let [trail, bucket, key] = undone.changes.as_slice() else { panic!("{undone:#?}") };
        assert_eq!(trail.depends_on, [""; 0]);
        assert_eq!((&bucket.depends_on, &key.depends_on), (&vec![trail.id.clone()], &vec![trail.id.clone()]));
    }

    #[test]
    fn where_the_whole_goes_its_parts_go_with_it_and_what_stands_beside_it_does_not() {
        let key = change("key", &[]);
        let journal = records(&[
            (&key, Undo::by(deletion()), Some(Sent::Done)),
            (&key, Undo::by(rotation("key")), Some(Sent::Done)),
            (&key, Undo::by(alias()), Some(Sent::Done)),
        ]);
        let undone = revert("r", std::slice::from_ref(&key), &journal, true);
        let gone = &undone.changes[0];
        assert_eq!((gone.action, gone.risk, &gone.manual), (Action::Remove, Risk::Irreversible, &None));
        assert_eq!(gone.steps, [alias(), deletion()]);

        let undone = revert("r", &[key], &journal, false);
        let stays = &undone.changes[0];
        assert_eq!(stays.steps, [], "without being asked for no key is deleted, and its alias stays with it");
        assert!(stays.manual.as_deref().is_some_and(|words| words.contains("--delete-keys")), "{stays:#?}");
    }

    #[test]
    fn a_key_that_was_saved_is_given_up_only_where_that_is_asked() {
        let one = change("one", &[]);
        let (key_id, region) = ("one".to_owned(), REGION.parse().expect("a region"));
        let again = RescheduleKeyDeletion { key_id, region, deletion: Some(1_700_000_000), window: None };
        let again = Step::RescheduleKeyDeletion(again);
        let journal =
            records(&[(&one, Undo::by(again.clone()), Some(Sent::Done)), (&one, Undo::By(vec![]), Some(Sent::Done))]);
        let stays = revert("r", std::slice::from_ref(&one), &journal, false);
        assert_eq!(stays.changes[0].steps, []);
        assert!(stays.changes[0].manual.as_deref().is_some_and(|words| words.contains("--delete-keys")), "{stays:#?}");
        let given_up = revert("r", &[one], &journal, true);
        assert_eq!((&given_up.changes[0].steps, given_up.changes[0].risk), (&vec![again], Risk::Irreversible));
    }

    #[test]
    fn what_cannot_be_undone_is_said_beside_what_can() {
        let one = change("one", &[]);
        let never = || Undo::Never("set it by hand".to_owned());
        let alone = revert("r", std::slice::from_ref(&one), &records(&[(&one, never(), Some(Sent::Done))]), false);
        assert_eq!(alone.changes[0].manual.as_deref(), Some("set it by hand"));
        let journal =
            records(&[(&one, never(), Some(Sent::Done)), (&one, Undo::by(rotation("one")), Some(Sent::Done))]);
        let both = revert("r", std::slice::from_ref(&one), &journal, false);
        assert_eq!((&both.changes[0].manual, both.changes[0].steps.len()), (&None, 1));
        assert_eq!(both.warnings, ["111122223333/eu-west-1/kms.key_rotation/one: set it by hand"]);
        let nothing = records(&[(&one, Undo::By(vec![]), Some(Sent::Done))]);
        assert_eq!(revert("r", &[one], &nothing, false), Undone::default(), "there is nothing to undo");
    }

    #[test]
    fn a_journal_that_does_not_say_how_is_not_guessed_at() {
        let one = change("one", &[]);
        let mut journal = records(&[(&one, Undo::By(vec![]), Some(Sent::Done))]);
        if let Says::WriteBegins(write) = &mut journal[0].says {
            write.undo = None;
        }
        let undone = revert("r", &[one], &journal, false);
        assert_eq!(undone.changes[0].manual.as_deref(), Some(UNKNOWN));
    }

    #[test]
    fn differences_are_told_only_where_every_step_was_written() {
        let mut one = change("one", &[]);
        let another = EnableKeyRotation { key_id: "another".to_owned(), period_days: None, instead_of: None };
        one.steps.push(Step::EnableKeyRotation(another));
        let journal = records(&[(&one, Undo::by(rotation("one")), Some(Sent::Done))]);
        assert_eq!(revert("r", &[one], &journal, false).changes[0].differences, []);
    }

    #[test]
    fn steps_survive_the_journal() {
        let access = DisableServiceAccess { principal: "cloudtrail.amazonaws.com".to_owned() };
        let undo = Undo::By(vec![policy("a", "b"), alias(), deletion(), Step::DisableServiceAccess(access)]);
        let text = serde_json::to_string(&undo).expect("JSON");
        assert_eq!(serde_json::from_str::<Undo>(&text).expect("what was written"), undo);
        assert!(text.starts_with(r#"{"by":[{"do":"restore_key_policy""#), "{text}");
    }
}
