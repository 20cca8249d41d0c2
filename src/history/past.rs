//! What earlier runs set, as their journals say: a value that comes back after that is contested.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::{History, Problem};
use crate::engine::apply::OutcomeKind;
use crate::engine::journal::{Record, Says, Sent};
use crate::plan::{Change, Contested, SetBy};

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
    /// What the kept runs set since then.
    #[must_use]
    pub fn of(history: &History, since: Timestamp) -> Self {
        let mut past = Self::default();
        // An id begins with the time at which its run began.
        let first = since.strftime("%Y%m%dT%H%M%SZ").to_string();
        let runs = match history.runs() {
            Ok(runs) => runs,
            Err(error) => {
                past.unread.push(format!("what earlier runs set is not known: {error}"));
                return past;
            }
        };
        for run in runs.into_iter().filter(|run| *run >= first) {
            match history.run(&run) {
                Ok(kept) => past.add(&kept.records, &kept.plan.changes, since),
                // It was killed before it did anything.
                Err(Problem::Empty { .. }) => {}
                Err(problem) => past.unread.push(format!("what run {run} set is not known: {problem}")),
            }
        }
        past
    }

    /// Adds what a run set, by its journal and the changes of its plan. What it undid of earlier runs no longer counts:
    /// nobody else set that back.
    fn add(&mut self, records: &[Record], changes: &[Change], since: Timestamp) {
        let mut sent: BTreeMap<&str, &Value> = BTreeMap::new();
        for record in records.iter().filter(|record| record.time >= since) {
            match &record.says {
                Says::WriteEnds { write, outcome: Sent::Done, .. } => {
                    sent.insert(&write.place.change, &write.after);
                }
                Says::ChangeEnds { place, outcome } if outcome.kind == OutcomeKind::Verified => {
                    let reverts = changes.iter().find(|change| change.id == place.change);
                    match (reverts.and_then(|change| change.reverts.as_ref()), sent.get(place.change.as_str())) {
                        (Some(undone), _) => self.forget(&place.object, &undone.run),
                        (None, Some(Value::Object(after))) => {
                            let set = SetBy { at: record.time, run: record.of.run.clone() };
                            for (requirement, wanted) in after {
                                let wanted = (place.object.clone(), requirement.clone(), wanted.to_string());
                                self.set.entry(wanted).or_default().push(set.clone());
                            }
                        }
                        (None, _) => {}
                    }
                }
                _ => {}
            }
        }
    }

    fn forget(&mut self, object: &str, run: &str) {
        for ((of, ..), sets) in &mut self.set {
            if of == object {
                sets.retain(|set| set.run != run);
            }
        }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::engine::apply::Outcome;
    use crate::engine::journal::{Place, Run, Write};
    use crate::plan::Reverts;
    use crate::report::made;

    const SINCE: &str = "2026-11-10T00:00:00Z";

    fn at(day: i8) -> Timestamp {
        let time = jiff::civil::date(2026, 11, day).at(12, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC);
        time.expect("a time").timestamp()
    }

    /// What the journal of a run says that carried a change out on that day.
    fn run(day: i8, change: &Change, sent: Sent, kind: OutcomeKind) -> Vec<Record> {
        let of = Run { run: format!("r{day}"), plan: String::new(), caller: String::new() };
        let after = change.differences.iter().map(|one| (one.requirement.clone(), one.wanted.clone()));
        let write = Write {
            place: Place::of(change),
            step: json!({}),
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
        let mut past = Past::default();
        for (day, change, kind) in runs {
            let records = run(*day, change, Sent::Done, *kind);
            past.add(&records, std::slice::from_ref(change), SINCE.parse().expect("a time"));
        }
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
        let mut refused = past(&[(22, change.clone(), Verified)]);
        let records = run(20, &change, Sent::Refused, Verified);
        refused.add(&records, std::slice::from_ref(&change), SINCE.parse().expect("a time"));
        assert_eq!(refused.contested(&change), None);
    }

    #[test]
    fn what_we_undid_ourselves_is_contested_by_nobody() {
        use OutcomeKind::Verified;
        let change = made::change(1);
        let undone = |run: &str| Change {
            id: "undoes".to_owned(),
            reverts: Some(Reverts { run: run.to_owned(), change: change.id.clone() }),
            ..change.clone()
        };
        let runs = [(20, change.clone(), Verified), (21, undone("r20"), Verified), (22, change.clone(), Verified)];
        assert_eq!(past(&runs).contested(&change), None);
        let more = [&runs[..], &[(23, change.clone(), Verified)]].concat();
        assert_eq!(days(past(&more).contested(&change)), ["r22", "r23"]);
    }
}
