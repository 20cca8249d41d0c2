//! Calls that AWS cannot tell from their repetition, and whether what they made has to be waited for.
//!
//! `CreateKey` takes no token, and what it makes is not seen everywhere at once: to look, and to send it where nothing is
//! seen, may make a second key. So it is not sent again for a while after it was sent, unless AWS refused it: whoever
//! wants to send it waits for that long, and looks meanwhile. That holds for the next run as well, by the kept journals.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

use super::journal::{Record, Says, Sent};
use crate::observe::Call;
use crate::steps::{Answer, UNREPEATABLE, Undo, Witness, is_lost};
use crate::target::Target;

/// What was made is seen everywhere by then. KMS says that this
/// [takes several minutes](https://docs.aws.amazon.com/kms/latest/developerguide/programming-eventual-consistency.html) in
/// some cases; the longest time that [it names for anything](https://docs.aws.amazon.com/kms/latest/developerguide/abac.html)
/// is five.
pub const SEEN: SignedDuration = SignedDuration::from_mins(5);

/// When such calls were sent that AWS did not refuse, by the object that they are for and their action.
type Calls = BTreeMap<(String, String), Timestamp>;

/// Calls that were sent, and that are not sent again for a while.
#[derive(Debug)]
pub struct Doubts {
    clock: fn() -> Timestamp,
    sent: Mutex<Calls>,
}

impl Doubts {
    /// Those that these records of earlier runs speak of, one run after another.
    pub fn of<'a>(clock: fn() -> Timestamp, records: impl IntoIterator<Item = &'a Record>) -> Self {
        let mut sent = Calls::new();
        for record in records {
            match &record.says {
                Says::WriteBegins(write) if is_unrepeatable(&write.action) => {
                    // A clock that was ahead of this one makes nobody wait for longer.
                    let time = record.time.min(clock());
                    sent.insert((write.place.object.clone(), write.action.clone()), time);
                }
                Says::WriteEnds { write, outcome: Sent::Refused, .. } => {
                    sent.remove(&(write.place.object.clone(), write.action.clone()));
                }
                Says::WriteEnds { write, outcome: Sent::Done, .. } => {
                    // What was made is gone again.
                    for (makes, _) in UNREPEATABLE.iter().filter(|(_, takes)| *takes == write.action) {
                        sent.remove(&(write.place.object.clone(), (*makes).to_owned()));
                    }
                }
                _ => {}
            }
        }
        Self { clock, sent: Mutex::new(sent) }
    }

    /// A witness of the writes for an object, who keeps such calls from being sent again.
    pub(super) fn witness(self: &Arc<Self>, object: String, witness: Arc<dyn Witness>) -> Arc<dyn Witness> {
        Arc::new(Careful { doubts: Arc::clone(self), object, witness })
    }

    fn sent(&self) -> std::sync::MutexGuard<'_, Calls> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why a call for this object is not sent now.
    fn why(&self, object: &str, call: &Call) -> Option<String> {
        let sent = *self.sent().get(&(object.to_owned(), call.action.to_owned()))?;
        let until = sent + SEEN;
        (until > (self.clock)()).then(|| {
            let (sent, until) = (sent.strftime("%Y-%m-%d %H:%M:%SZ"), until.strftime("%H:%M:%SZ"));
            format!(
                "it was sent at {sent}, and what it may have made is not seen yet; from {until} on it is made where it is \
                 still not there"
            )
        })
    }

    /// Until when something is in doubt for this object, and how long that still is; none: nothing is.
    pub(super) fn until(&self, object: &str) -> Option<(Timestamp, Duration)> {
        let until = self.sent().iter().filter(|((of, _), _)| of == object).map(|(_, sent)| *sent + SEEN).max()?;
        let left = Duration::try_from(until.duration_since((self.clock)())).ok()?;
        (!left.is_zero()).then_some((until, left))
    }
}

fn is_unrepeatable(action: &str) -> bool {
    UNREPEATABLE.iter().any(|(makes, _)| *makes == action)
}

struct Careful {
    doubts: Arc<Doubts>,
    object: String,
    witness: Arc<dyn Witness>,
}

impl Witness for Careful {
    fn doubts(&self, call: &Call) -> Option<String> {
        self.doubts.why(&self.object, call)
    }

    fn before<'a>(&'a self, at: &'a Target, call: &'a Call, undo: &'a Undo) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            self.witness.before(at, call, undo).await?;
            if is_unrepeatable(call.action) {
                let key = (self.object.clone(), call.action.to_owned());
                self.doubts.sent().insert(key, (self.doubts.clock)());
            }
            Ok(())
        })
    }

    fn after<'a>(&'a self, at: &'a Target, call: &'a Call, answer: Answer<'a>) -> BoxFuture<'a, ()> {
        if answer.is_err_and(|error| !is_lost(error)) {
            self.doubts.sent().remove(&(self.object.clone(), call.action.to_owned()));
        }
        self.witness.after(at, call, answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::journal::{Place, Run, Write};

    const CREATE: &str = "kms:CreateKey";
    const DELETE: &str = "kms:ScheduleKeyDeletion";
    const OBJECT: &str = "111122223333/eu-west-1/kms.key/alias/trueup-trail";

    fn now() -> Timestamp {
        "2026-11-22T10:05:00Z".parse().expect("a time")
    }

    /// What the lines of a journal leave in doubt at five past ten, which were written at this time.
    fn doubts(time: &str, lines: &[(&str, Option<Sent>)]) -> Doubts {
        let of = Run { run: "r".to_owned(), plan: "sha256:p".to_owned(), caller: "arn:c".to_owned() };
        let record = |(action, outcome): &(&str, Option<Sent>)| {
            let account = "111122223333".parse().expect("an id");
            let place = Place { change: "c".to_owned(), account, region: None, object: OBJECT.to_owned() };
            let nothing = serde_json::Value::Null;
            let (step, before, after) = (nothing.clone(), nothing.clone(), nothing);
            let write = Write { place, step, action: (*action).to_owned(), before, after, undo: None };
            let says = match outcome {
                None => Says::WriteBegins(write),
                Some(outcome) => Says::WriteEnds { write, outcome: *outcome, request_id: None, error: None },
            };
            Record::next(None, time.parse().expect("a time"), of.clone(), says)
        };
        let records: Vec<Record> = lines.iter().map(record).collect();
        Doubts::of(now, &records)
    }

    /// Why the call is not sent then.
    fn left(time: &str, lines: &[(&str, Option<Sent>)]) -> Option<String> {
        doubts(time, lines).why(OBJECT, &Call { service: "KMS", operation: "CreateKey", action: CREATE })
    }

    #[test]
    fn a_key_that_was_asked_for_a_moment_ago_is_not_asked_for_again_unless_that_was_refused() {
        const AT: &str = "2026-11-22T10:03:00Z";
        assert!(left(AT, &[(CREATE, None)]).is_some(), "the process was killed");
        assert!(left(AT, &[(CREATE, None), (CREATE, Some(Sent::Lost))]).is_some());
        let made = left(AT, &[(CREATE, None), (CREATE, Some(Sent::Done))]).expect("it may not be seen yet");
        assert!(made.contains("at 2026-11-22 10:03:00Z") && made.contains("from 10:08:00Z on"), "{made}");
        assert_eq!(left(AT, &[(CREATE, None), (CREATE, Some(Sent::Refused))]), None);
        assert_eq!(left(AT, &[("kms:CreateAlias", None)]), None, "AWS tells that from its repetition");
        assert_eq!(left("2026-11-22T10:00:00Z", &[(CREATE, None)]), None, "by now it would be seen");
    }

    #[test]
    fn it_is_waited_for_until_the_doubt_ends_and_never_for_longer_than_that_takes() {
        let begun = [(CREATE, None)];
        let until = |time: &str, object: &str| {
            let left = doubts(time, &begun).until(object);
            left.map(|(until, left)| (until.strftime("%H:%M:%S").to_string(), left.as_secs()))
        };
        assert_eq!(until("2026-11-22T10:03:00Z", OBJECT), Some(("10:08:00".to_owned(), 180)));
        assert_eq!(until("2026-11-22T10:00:00Z", OBJECT), None, "it is over");
        assert_eq!(until("2026-11-22T10:03:00Z", "111122223333/eu-west-1/kms.key/another"), None);
        let ahead = until("2026-11-22T11:00:00Z", OBJECT);
        assert_eq!(ahead, Some(("10:10:00".to_owned(), 300)), "the clock of that machine was wrong");
    }

    #[test]
    fn a_key_that_was_taken_away_again_may_be_made_again() {
        const AT: &str = "2026-11-22T10:03:00Z";
        let made = [(CREATE, None), (CREATE, Some(Sent::Done)), (DELETE, None)];
        assert!(left(AT, &made).is_some());
        assert_eq!(left(AT, &[&made[..], &[(DELETE, Some(Sent::Done))]].concat()), None);
    }
}
