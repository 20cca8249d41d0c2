//! Changes that were begun, by this run or by an earlier one of the same plan, and which of their steps were done.
//!
//! All that is judged may hold before the last step of a change is done: a key whose deletion was cancelled is not about
//! to be deleted any more, and is disabled until the next step enables it. Whoever looks afresh sees nothing to do. So
//! what was begun is remembered, over runs by the kept journals, and the steps that nobody sees are carried out as well.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use serde_json::Value;

use super::apply::OutcomeKind;
use super::journal::{Record, Says, Sent, as_journalled};
use crate::observe::Call;
use crate::plan::Change;
use crate::steps::{Answer, Step, Undo, Witness, is_lost};
use crate::target::Target;

/// What was begun, by the id of the change.
#[derive(Debug, Default)]
pub struct Begun(Mutex<BTreeMap<String, Steps>>);

/// The steps of one change.
#[derive(Debug, Default)]
struct Steps {
    /// What was sent and AWS did not refuse: the step, and the action.
    sent: Vec<(Value, String)>,
    /// Steps that were done.
    done: Vec<Value>,
    /// Whether this run sent anything.
    wrote: bool,
}

impl Steps {
    fn send(&mut self, step: &Value, action: &str) {
        self.sent.push((step.clone(), action.to_owned()));
    }

    fn refuse(&mut self, step: &Value, action: &str) {
        self.sent.retain(|(of, by)| !(of == step && by == action));
    }
}

impl Begun {
    /// What these records say that earlier runs of the plan with this digest began, one run after another.
    pub fn of<'a>(plan: &str, records: impl IntoIterator<Item = &'a Record>) -> Self {
        let mut begun: BTreeMap<String, Steps> = BTreeMap::new();
        for record in records.into_iter().filter(|record| record.of.plan == plan) {
            match &record.says {
                Says::WriteBegins(write) => {
                    begun.entry(write.place.change.clone()).or_default().send(&write.step, &write.action);
                }
                Says::WriteEnds { write, outcome, .. } => {
                    let steps = begun.entry(write.place.change.clone()).or_default();
                    match outcome {
                        Sent::Done => steps.done.push(write.step.clone()),
                        Sent::Refused => steps.refuse(&write.step, &write.action),
                        Sent::Lost => {}
                    }
                }
                // It was carried through: what is done to the object from then on is somebody else's.
                Says::ChangeEnds { place, outcome }
                    if matches!(outcome.kind, OutcomeKind::Verified | OutcomeKind::Already) =>
                {
                    begun.remove(&place.change);
                }
                _ => {}
            }
        }
        Self(Mutex::new(begun))
    }

    /// Whether a write of a change was sent that AWS did not refuse.
    pub(super) fn contains(&self, change: &Change) -> bool {
        self.begun().get(&change.id).is_some_and(|steps| !steps.sent.is_empty())
    }

    /// The steps of a change that was begun which are not known to be done, and which nobody sees.
    pub(super) fn left(&self, change: &Change) -> Vec<Step> {
        let begun = self.begun();
        let Some(steps) = begun.get(&change.id).filter(|steps| !steps.sent.is_empty()) else { return vec![] };
        let open = |step: &&Step| step.is_unseen() && !steps.done.contains(&as_journalled(step));
        change.steps.iter().filter(open).cloned().collect()
    }

    /// A step was carried out, whether or not anything had to be sent for it.
    pub(super) fn done(&self, change: &Change, step: &Step) {
        self.begun().entry(change.id.clone()).or_default().done.push(as_journalled(step));
    }

    /// Whether this run sent anything for a change.
    pub(super) fn wrote(&self, change: &Change) -> bool {
        self.begun().get(&change.id).is_some_and(|steps| steps.wrote)
    }

    /// A witness of the writes of one step of a change, who remembers them.
    pub(super) fn witness(
        self: &Arc<Self>,
        change: &Change,
        step: &Step,
        witness: Arc<dyn Witness>,
    ) -> Arc<dyn Witness> {
        Arc::new(Remembering { begun: Arc::clone(self), change: change.id.clone(), step: as_journalled(step), witness })
    }

    fn begun(&self) -> MutexGuard<'_, BTreeMap<String, Steps>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Remembering {
    begun: Arc<Begun>,
    change: String,
    step: Value,
    witness: Arc<dyn Witness>,
}

impl Witness for Remembering {
    fn doubts(&self, call: &Call) -> Option<String> {
        self.witness.doubts(call)
    }

    fn before<'a>(&'a self, at: &'a Target, call: &'a Call, undo: &'a Undo) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            self.witness.before(at, call, undo).await?;
            let mut begun = self.begun.begun();
            let steps = begun.entry(self.change.clone()).or_default();
            steps.send(&self.step, call.action);
            steps.wrote = true;
            Ok(())
        })
    }

    fn after<'a>(&'a self, at: &'a Target, call: &'a Call, answer: Answer<'a>) -> BoxFuture<'a, ()> {
        if answer.is_err_and(|error| !is_lost(error))
            && let Some(steps) = self.begun.begun().get_mut(&self.change)
        {
            steps.refuse(&self.step, call.action);
        }
        self.witness.after(at, call, answer)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::engine::apply::Outcome;
    use crate::engine::journal::{Place, Run, Write};

    /// A key whose deletion is cancelled, and which is enabled then.
    fn change() -> Change {
        let steps = json!([
            { "do": "cancel_key_deletion", "key_id": "k" },
            { "do": "enable_key", "key_id": "k" },
        ]);
        let change = json!({
            "id": "c", "account": "111122223333", "region": "eu-west-1", "control": "kms.key_deletion",
            "kind": "kms.key_deletion", "object": "k", "action": "change", "severity": "critical",
            "risk": "disruptive", "cost": null, "differences": [], "steps": steps, "depends_on": [], "undo": [],
        });
        serde_json::from_value(change).expect("a change")
    }

    enum Line {
        Begins(usize),
        Ends(usize, Sent),
        Carried(OutcomeKind),
    }

    use Line::{Begins, Carried, Ends};

    fn says(line: &Line) -> Says {
        let change = change();
        let write = |number: &usize| Write {
            place: Place::of(&change),
            step: as_journalled(&change.steps[*number]),
            action: ["kms:CancelKeyDeletion", "kms:EnableKey"][*number].to_owned(),
            before: Value::Null,
            after: Value::Null,
            undo: None,
        };
        match line {
            Begins(step) => Says::WriteBegins(write(step)),
            Ends(step, outcome) => {
                Says::WriteEnds { write: write(step), outcome: *outcome, request_id: None, error: None }
            }
            Carried(kind) => Says::ChangeEnds { place: Place::of(&change), outcome: Outcome::because(*kind, "") },
        }
    }

    /// How many steps a run of this plan finds left after these lines of a run of plan `p`.
    fn left(plan: &str, lines: &[Line]) -> usize {
        let of = Run { run: "r".to_owned(), plan: "p".to_owned(), caller: "arn:c".to_owned() };
        let time: Timestamp = "2026-11-22T10:03:00Z".parse().expect("a time");
        let records: Vec<Record> = lines.iter().map(|line| Record::next(None, time, of.clone(), says(line))).collect();
        Begun::of(plan, &records).left(&change()).len()
    }

    #[test]
    fn what_nobody_sees_is_left_once_a_write_of_its_change_was_sent_until_it_is_done_itself() {
        assert_eq!(left("p", &[]), 0, "nothing was begun");
        assert_eq!(left("p", &[Begins(0)]), 1, "it may have been done");
        assert_eq!(left("p", &[Begins(0), Ends(0, Sent::Lost)]), 1);
        assert_eq!(left("p", &[Begins(0), Ends(0, Sent::Refused)]), 0);
        let cancelled = || vec![Begins(0), Ends(0, Sent::Done)];
        assert_eq!(left("p", &cancelled()), 1);
        let and = |more: Vec<Line>| left("p", &[cancelled(), more].into_iter().flatten().collect::<Vec<_>>());
        assert_eq!(and(vec![Begins(1)]), 1, "nobody knows whether it was done");
        assert_eq!(and(vec![Begins(1), Ends(1, Sent::Lost)]), 1);
        assert_eq!(and(vec![Begins(1), Ends(1, Sent::Refused), Carried(OutcomeKind::Failed)]), 1);
        assert_eq!(and(vec![Begins(1), Ends(1, Sent::Done)]), 0);
    }

    #[test]
    fn what_was_carried_through_is_not_begun_any_more_and_another_plan_is_another_matter() {
        let cancelled = || vec![Begins(0), Ends(0, Sent::Done)];
        for (kind, steps) in [(OutcomeKind::Verified, 0), (OutcomeKind::Already, 0), (OutcomeKind::Unknown, 1)] {
            let lines = [cancelled(), vec![Carried(kind)]].into_iter().flatten().collect::<Vec<_>>();
            assert_eq!(left("p", &lines), steps, "{kind:?}");
        }
        assert_eq!(left("q", &cancelled()), 0);
    }
}
