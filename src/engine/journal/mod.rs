//! The journal: an append-only record of what an apply did.
//!
//! A line stands before each write is sent and after it is answered, and is on the disk before work goes on. Each line
//! holds the digest of the one before, so that nothing can be taken out unnoticed.

mod file;
mod read;
mod record;

use std::io;
use std::sync::Arc;

use futures::future::BoxFuture;
use jiff::Timestamp;
use serde_json::{Map, Value};
use tokio::sync::Mutex;

pub use file::FileSink;
pub use read::{Broken, Read, read};
pub use record::{FORMAT, Link, Place, Record, Run, Says, Sent, Write};

use super::apply::{Outcome, Scribe};
use super::stop::Stop;
use crate::drift::Difference;
use crate::observe::{Call, ReadError};
use crate::plan::Change;
use crate::steps::{Answer, Step, Undo, Witness, is_lost};
use crate::target::Target;

/// Where the lines of a journal go.
pub trait Sink: Send {
    /// Adds a line; when this returns it is kept.
    fn append<'a>(&'a mut self, sequence: u64, line: &'a [u8]) -> BoxFuture<'a, io::Result<()>>;
}

/// A journal that is being written.
pub struct Journal {
    of: Run,
    clock: fn() -> Timestamp,
    stop: Arc<Stop>,
    chain: Mutex<Chain>,
}

struct Chain {
    sink: Box<dyn Sink>,
    last: Option<Link>,
    /// Why no line can follow: one could not be kept, and nobody knows how much of it was.
    broken: Option<String>,
}

impl Journal {
    /// A journal without lines. Where a line cannot be kept, `stop` is asked: nothing is written that is not journalled.
    #[must_use]
    pub fn new(of: Run, sink: Box<dyn Sink>, clock: fn() -> Timestamp, stop: &Arc<Stop>) -> Self {
        Self { of, clock, stop: Arc::clone(stop), chain: Mutex::new(Chain { sink, last: None, broken: None }) }
    }

    /// Adds a line.
    ///
    /// # Errors
    /// It could not be kept; why, in words.
    pub async fn add(&self, says: Says) -> Result<(), String> {
        let mut chain = self.chain.lock().await;
        if let Some(why) = &chain.broken {
            return Err(why.clone());
        }
        let record = Record::next(chain.last.as_ref(), (self.clock)(), self.of.clone(), says);
        let mut line = serde_json::to_vec(&record).expect("plain data serializes");
        line.push(b'\n');
        let kept = chain.sink.append(record.sequence, &line).await;
        if let Err(error) = kept {
            let why = format!("the journal could not be written: {error}");
            self.stop.ask(why.clone());
            chain.broken = Some(why.clone());
            return Err(why);
        }
        chain.last = Some(record.link());
        Ok(())
    }
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
            step: serde_json::to_value(step).expect("plain data serializes"),
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
