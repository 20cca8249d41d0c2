//! What earlier runs set, as their journals say: a value that comes back after that is contested.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde_json::Value;

use super::History;
use crate::engine::apply::OutcomeKind;
use crate::engine::journal::{Record, Says, Sent};
use crate::plan::{Change, Contested, SetBy};
use crate::steps::Step;

/// So often a value has to have been set by us for its return to be contested.
const OFTEN: usize = 2;

/// The address of an object, the full id of a requirement, and what is wanted of it, as JSON.
type Wanted = (String, String, String);

/// What earlier runs set and saw in force.
#[derive(Debug, Default)]
pub struct Past {
    set: BTreeMap<Wanted, Vec<SetBy>>,
    /// Which runs could not be read, and why.
    pub unread: Vec<String>,
}

impl Past {
    /// What runs set since then.
    pub async fn of(history: &History, since: Timestamp) -> Self {
        match history.since(since).await {
            Ok((records, problems)) => {
                let mut past = Self::default();
                past.add(&records, since);
                past.unread.extend(problems.iter().map(not_known));
                past
            }
            Err(problem) => Self::unread(&problem),
        }
    }

    /// Nothing is known, for this reason.
    #[must_use]
    pub fn unread(why: &impl fmt::Display) -> Self {
        Self { unread: vec![not_known(why)], ..Self::default() }
    }

    /// Adds what runs set, by their journals, the oldest first. What they undid no longer counts: nobody else set that
    /// back.
    fn add(&mut self, records: &[Record], since: Timestamp) {
        // The same content has the same id in every plan.
        let mut written: BTreeMap<(&str, &str), &Value> = BTreeMap::new();
        for record in records.iter().filter(|record| record.time >= since) {
            let run = record.of.run.as_str();
            match &record.says {
                Says::WriteEnds { write, outcome: Sent::Done, .. } if undoes(&write.step) => {
                    self.forget(&write.place.object);
                }
                Says::WriteEnds { write, outcome: Sent::Done, .. } => {
                    written.insert((run, &write.place.change), &write.after);
                }
                Says::ChangeEnds { place, outcome } if outcome.kind == OutcomeKind::Verified => {
                    let set = SetBy { at: record.time, run: run.to_owned() };
                    let after = written.get(&(run, place.change.as_str())).and_then(|after| after.as_object());
                    for (requirement, wanted) in after.into_iter().flatten() {
                        let wanted = (place.object.clone(), requirement.clone(), wanted.to_string());
                        self.set.entry(wanted).or_default().push(set.clone());
                    }
                }
                _ => {}
            }
        }
    }

    fn forget(&mut self, object: &str) {
        self.set.retain(|(of, ..), _| of != object);
    }

    /// Whether somebody sets back what this change is to set.
    #[must_use]
    pub fn contested(&self, change: &Change) -> Option<Contested> {
        let address = change.target().address();
        let sets = change.differences.iter().filter_map(|difference| {
            let wanted = (address.clone(), difference.requirement.clone(), difference.wanted.to_string());
            self.set.get(&wanted).filter(|sets| sets.len() >= OFTEN)
        });
        let mut runs: Vec<SetBy> = sets.flatten().cloned().collect();
        runs.sort();
        runs.dedup();
        (!runs.is_empty()).then_some(Contested { runs })
    }
}

fn not_known(why: &impl fmt::Display) -> String {
    format!("what an earlier run set is not known: {why}")
}

/// Whether a step that was sent undoes another.
fn undoes(step: &Value) -> bool {
    serde_json::from_value::<Step>(step.clone()).is_ok_and(|step| step.extent().is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::engine::apply::Outcome;
    use crate::engine::journal::{Place, Run, Write};
    use crate::report::made;
    use crate::steps::undo::kms::DisableKeyRotation;

    const SINCE: &str = "2026-11-10T00:00:00Z";

    fn at(day: i8) -> Timestamp {
        let time = jiff::civil::date(2026, 11, day).at(12, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC);
        time.expect("a time").timestamp()
    }

    /// What the journal of a run says that carried a change out on that day.
    fn run(day: i8, change: &Change, step: &Step, sent: Sent, kind: OutcomeKind) -> Vec<Record> {
        let of = Run { run: format!("r{day}"), plan: String::new(), caller: String::new() };
        let after = change.differences.iter().map(|one| (one.requirement.clone(), one.wanted.clone()));
        let write = Write {
            place: Place::of(change),
            step: serde_json::to_value(step).expect("plain data"),
            action: String::new(),
            before: json!({}),
            after: Value::Object(after.collect()),
            undo: None,
        };
        let ended = Says::WriteEnds { write, outcome: sent, request_id: None, error: None };
        let outcome = Outcome::because(kind, "");
        let says = [ended, Says::ChangeEnds { place: Place::of(change), outcome }];
        says.map(|says| Record::next(None, at(day), of.clone(), says)).into()
    }

    fn past(runs: &[(i8, Change, OutcomeKind)]) -> Past {
        past_of(runs.iter().flat_map(|(day, change, kind)| run(*day, change, &change.steps[0], Sent::Done, *kind)))
    }

    fn past_of(records: impl Iterator<Item = Record>) -> Past {
        let mut past = Past::default();
        past.add(&records.collect::<Vec<_>>(), SINCE.parse().expect("a time"));
        past
    }

    fn days(contested: Option<Contested>) -> Vec<String> {
        contested.into_iter().flat_map(|contested| contested.runs).map(|set| set.run).collect()
    }

    #[test]
    fn what_was_set_twice_and_has_to_be_set_again_is_contested() {
        use OutcomeKind::Verified;
        let change = made::change(1);
        let once = past(&[(20, change.clone(), Verified)]);
        assert_eq!(once.contested(&change), None);
        let twice = past(&[(20, change.clone(), Verified), (22, change.clone(), Verified)]);
        let contested = twice.contested(&change).expect("it is");
        assert_eq!(
            contested.to_string(),
            "set by the runs r20 on 2026-11-20 and r22 on 2026-11-22, and set back by somebody else each time"
        );
        assert_eq!(twice.contested(&made::change(2)), None, "another account");
        let mut stricter = change.clone();
        stricter.differences.iter_mut().for_each(|difference| difference.wanted = json!(30));
        assert_eq!(twice.contested(&stricter), None, "another value was never set");
        let mut partly = change;
        partly.differences[0].wanted = json!(30);
        assert_eq!(days(twice.contested(&partly)), ["r20", "r22"], "one of its values is enough");
    }

    #[test]
    fn what_is_too_old_or_was_not_seen_in_force_or_not_written_does_not_count() {
        use OutcomeKind::{Already, Failed, Pending, Verified};
        let change = made::change(1);
        let seen = |first: (i8, Change, OutcomeKind)| past(&[first, (22, change.clone(), Verified)]).contested(&change);
        assert_eq!(seen((9, change.clone(), Verified)), None, "before the days that count");
        for kind in [Failed, Pending, Already] {
            assert_eq!(seen((20, change.clone(), kind)), None, "{kind:?}");
        }
        let sent = [Sent::Refused, Sent::Done];
        let refused =
            sent.into_iter().zip([20, 22]).flat_map(|(sent, day)| run(day, &change, &change.steps[0], sent, Verified));
        let refused = past_of(refused);
        assert_eq!(refused.contested(&change), None);
    }

    #[test]
    fn what_we_undid_ourselves_is_contested_by_nobody() {
        let change = made::change(1);
        let region = "eu-west-1".parse().expect("a region");
        let undoing = Step::DisableKeyRotation(DisableKeyRotation { key_id: String::new(), region, period_days: None });
        let records = |days: &[(i8, bool)]| -> Vec<Record> {
            let one = |(day, undoes): &(i8, bool)| {
                let step = if *undoes { &undoing } else { &change.steps[0] };
                run(*day, &change, step, Sent::Done, OutcomeKind::Verified)
            };
            days.iter().flat_map(one).collect()
        };
        let back = [(20, false), (21, true), (22, false)];
        assert_eq!(past_of(records(&back).into_iter()).contested(&change), None);
        let more = [&back[..], &[(23, false)]].concat();
        assert_eq!(days(past_of(records(&more).into_iter()).contested(&change)), ["r22", "r23"]);
    }
}
