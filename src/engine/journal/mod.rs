//! The journal: an append-only record of what an apply did.
//!
//! A line stands before each write is sent and after it is answered, and is kept before work goes on. Each line holds
//! the digest of the one before, so that nothing can be taken out unnoticed. There is one chain, whoever writes: lines
//! that come while others are being kept wait, and are kept together.

mod file;
mod object;
mod read;
mod record;

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use jiff::Timestamp;
use serde_json::{Map, Value};

pub use file::FileSink;
pub use object::ObjectSink;
pub use read::{Broken, Read, Why, read};
pub use record::{FORMAT, Link, Place, Record, Run, Says, Sent, Write};

use super::apply::{Outcome, Scribe};
use super::stop::Stop;
use crate::drift::Difference;
use crate::observe::{Call, ReadError};
use crate::plan::Change;
use crate::report::escape;
use crate::steps::{Answer, Step, Undo, Witness, is_lost};
use crate::target::Target;

/// Where the lines of a journal go.
pub trait Sink: Send {
    /// Adds lines, the first of which has this number; when this returns they are kept.
    fn append<'a>(&'a mut self, first: u64, lines: &'a [u8]) -> BoxFuture<'a, io::Result<()>>;
}

/// A journal that is being written.
pub struct Journal {
    of: Run,
    clock: fn() -> Timestamp,
    stop: Arc<Stop>,
    chain: Mutex<Chain>,
    /// Whoever has it keeps what has gathered.
    sink: tokio::sync::Mutex<Box<dyn Sink>>,
}

#[derive(Default)]
struct Chain {
    last: Option<Link>,
    /// Lines that nobody keeps yet, and the number of the first.
    gathered: Vec<u8>,
    first: u64,
    /// The number of the last line that is kept.
    kept: u64,
    /// Somebody keeps lines.
    keeping: bool,
    /// Why no line can follow: some could not be kept, and nobody knows how much of them was.
    broken: Option<String>,
}

/// Lines to keep, the numbers of the first and the last.
struct Lines {
    first: u64,
    last: u64,
    text: Vec<u8>,
}

impl Chain {
    fn push(&mut self, time: Timestamp, of: Run, says: Says) -> Result<u64, String> {
        if let Some(why) = &self.broken {
            return Err(why.clone());
        }
        let record = Record::next(self.last.as_ref(), time, of, says);
        if self.gathered.is_empty() {
            self.first = record.sequence;
        }
        let line = serde_json::to_string(&record).expect("plain data serializes");
        self.gathered.extend(escape::json(&line).as_bytes());
        self.gathered.push(b'\n');
        self.last = Some(record.link());
        Ok(record.sequence)
    }

    /// Takes what has gathered; none where the line of this number was kept with others.
    fn take(&mut self, number: u64) -> Result<Option<Lines>, String> {
        if self.kept >= number {
            return Ok(None);
        }
        // Whoever gave up while keeping lines has left nobody who knows whether they were kept.
        if self.keeping && self.broken.is_none() {
            self.broken = Some("the journal was left while it was written".to_owned());
        }
        if let Some(why) = &self.broken {
            return Err(why.clone());
        }
        self.keeping = true;
        let last = self.last.as_ref().map_or(number, |link| link.sequence);
        Ok(Some(Lines { first: self.first, last, text: std::mem::take(&mut self.gathered) }))
    }
}

impl Journal {
    /// A journal without lines. Where a line cannot be kept, `stop` is asked: nothing is written that is not journalled.
    #[must_use]
    pub fn new(of: Run, sink: Box<dyn Sink>, clock: fn() -> Timestamp, stop: &Arc<Stop>) -> Self {
        let (chain, sink) = (Mutex::default(), tokio::sync::Mutex::new(sink));
        Self { of, clock, stop: Arc::clone(stop), chain, sink }
    }

    /// Adds a line; when this returns it is kept, and every line before it.
    ///
    /// # Errors
    /// It could not be kept; why, in words.
    pub async fn add(&self, says: Says) -> Result<(), String> {
        let number = self.chain(|chain| chain.push((self.clock)(), self.of.clone(), says))?;
        let mut sink = self.sink.lock().await;
        let Some(Lines { first, last, text }) = self.chain(|chain| chain.take(number))? else { return Ok(()) };
        let kept = sink.append(first, &text).await;
        self.chain(|chain| match kept {
            Ok(()) => {
                (chain.kept, chain.keeping) = (last, false);
                Ok(())
            }
            Err(error) => {
                let why = format!("the journal could not be written: {error}");
                self.stop.ask(why.clone());
                chain.broken = Some(why.clone());
                Err(why)
            }
        })
    }

    fn chain<T>(&self, look: impl FnOnce(&mut Chain) -> T) -> T {
        look(&mut self.chain.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A step as a record has it.
pub(super) fn as_journalled(step: &Step) -> Value {
    serde_json::to_value(step).expect("plain data serializes")
}

/// The journal as the scribe of an apply.
pub struct Journalled(pub Arc<Journal>);

impl Scribe for Journalled {
    fn witness(&self, change: &Change, step: &Step) -> Arc<dyn Witness> {
        let values = |of: fn(&Difference) -> &Value| {
            let pairs = change.differences.iter().map(|one| (one.requirement.clone(), of(one).clone()));
            Value::Object(pairs.collect::<Map<_, _>>())
        };
        Arc::new(Writing {
            journal: Arc::clone(&self.0),
            place: Place::of(change),
            step: as_journalled(step),
            before: values(|difference| &difference.observed),
            after: values(|difference| &difference.wanted),
        })
    }

    fn ended<'a>(&'a self, change: &'a Change, outcome: &'a Outcome) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let says = Says::ChangeEnds { place: Place::of(change), outcome: outcome.clone() };
            // Where it cannot be kept, the run has been asked to stop, and says why.
            let _ = self.0.add(says).await;
        })
    }
}

/// The writes of one step.
struct Writing {
    journal: Arc<Journal>,
    place: Place,
    step: Value,
    before: Value,
    after: Value,
}

impl Writing {
    fn write(&self, call: &Call, undo: Option<&Undo>) -> Write {
        Write {
            place: self.place.clone(),
            step: self.step.clone(),
            action: call.action.to_owned(),
            before: self.before.clone(),
            after: self.after.clone(),
            undo: undo.cloned(),
        }
    }
}

impl Witness for Writing {
    fn before<'a>(&'a self, _: &'a Target, call: &'a Call, undo: &'a Undo) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(self.journal.add(Says::WriteBegins(self.write(call, Some(undo)))))
    }

    fn after<'a>(&'a self, _: &'a Target, call: &'a Call, answer: Answer<'a>) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let (outcome, request_id, error) = match answer {
                Ok(request_id) => (Sent::Done, request_id.map(str::to_owned), None),
                Err(error) => (sent(error), error.request_id.clone(), Some(error.in_full())),
            };
            let says = Says::WriteEnds { write: self.write(call, None), outcome, request_id, error };
            // Where it cannot be kept, the run has been asked to stop, and says why.
            let _ = self.journal.add(says).await;
        })
    }
}

fn sent(error: &ReadError) -> Sent {
    if is_lost(error) { Sent::Lost } else { Sent::Refused }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was kept together, and whether anything more can be kept.
    #[derive(Default)]
    struct Kept {
        lots: Vec<(u64, Vec<u8>)>,
        full: bool,
    }

    struct Slow(Arc<Mutex<Kept>>);

    impl Sink for Slow {
        fn append<'a>(&'a mut self, first: u64, lines: &'a [u8]) -> BoxFuture<'a, io::Result<()>> {
            Box::pin(async move {
                // Everybody else gets as far as they can meanwhile.
                tokio::task::yield_now().await;
                let mut kept = self.0.lock().expect("nobody panicked");
                if kept.full {
                    return Err(io::Error::other("no room"));
                }
                kept.lots.push((first, lines.to_vec()));
                Ok(())
            })
        }
    }

    fn journal() -> (Journal, Arc<Mutex<Kept>>, Arc<Stop>) {
        let (kept, stop) = (Arc::default(), Arc::default());
        let of = Run { run: "r".to_owned(), plan: "sha256:p".to_owned(), caller: "arn:c".to_owned() };
        (Journal::new(of, Box::new(Slow(Arc::clone(&kept))), Timestamp::now, &stop), kept, stop)
    }

    fn says(number: usize) -> Says {
        Says::RunEnds { stopped: Some(number.to_string()) }
    }

    #[tokio::test]
    async fn lines_that_come_while_others_are_kept_are_kept_together_in_one_chain() {
        let (journal, kept, _) = journal();
        let added = futures::future::join_all((0..9).map(|number| journal.add(says(number)))).await;
        assert_eq!(added, vec![Ok(()); 9]);
        journal.add(says(9)).await.expect("there is room");
        let lots = std::mem::take(&mut kept.lock().expect("nobody panicked").lots);
        let firsts: Vec<u64> = lots.iter().map(|(first, _)| *first).collect();
        assert_eq!(firsts, [1, 2, 10], "the first alone, eight that waited, the last");
        let text: Vec<u8> = lots.into_iter().flat_map(|(_, lines)| lines).collect();
        assert_eq!(read(&text).expect("it holds").records.len(), 10);
    }

    #[tokio::test]
    async fn where_lines_cannot_be_kept_all_that_wait_for_them_are_told_and_none_can_follow() {
        let (journal, kept, stop) = journal();
        kept.lock().expect("nobody panicked").full = true;
        let added = futures::future::join_all((0..3).map(|number| journal.add(says(number)))).await;
        let why = Err("the journal could not be written: no room".to_owned());
        assert_eq!(added, vec![why.clone(); 3]);
        kept.lock().expect("nobody panicked").full = false;
        assert_eq!(journal.add(says(3)).await, why, "nobody knows how much was kept");
        assert!(stop.why().is_some() && kept.lock().expect("nobody panicked").lots.is_empty());
    }

    #[tokio::test]
    async fn whoever_gives_up_while_lines_are_kept_leaves_a_journal_that_nothing_follows() {
        let (journal, ..) = journal();
        assert_eq!(futures::poll!(Box::pin(journal.add(says(0)))), std::task::Poll::Pending);
        let told = journal.add(says(1)).await;
        assert_eq!(told, Err("the journal was left while it was written".to_owned()));
    }
}
