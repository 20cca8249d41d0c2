//! One apply at a time: on this machine by a file, or for everyone by an object in S3.

mod file;
mod object;

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

pub use file::FileLock;
pub use object::{LEASE, ObjectLock, Rhythm, look, unlock};

use super::apply::{Outcome, Scribe};
use crate::observe::Call;
use crate::plan::Change;
use crate::steps::{Answer, Step, Undo, Witness};
use crate::target::Target;

/// Who holds a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// What `trueup unlock` takes: the id of its run.
    pub id: String,
    /// The ARN of the caller.
    pub caller: String,
    /// Its machine, and its process there.
    pub host: String,
    /// When it took the lock, RFC 3339.
    pub since: String,
}

/// Why a lock could not be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// Somebody has it.
    #[error("another apply is at work: run {} by {} on {}, since {}", holder.id, holder.caller, holder.host, holder.since)]
    Held {
        /// Who.
        holder: Holder,
        /// How long ago it last said that it lives, where that is known.
        silent: Option<Duration>,
    },
    /// Whether somebody has it could not be found out.
    #[error("could not take the lock {place}: {why}")]
    Failed {
        /// Which.
        place: String,
        /// Why.
        why: String,
    },
}

/// A lock that is held.
pub trait Lock: Send + Sync {
    /// Whether it is still held; asked before each write.
    fn check(&self) -> BoxFuture<'_, Result<(), String>>;
    /// Lets it go.
    fn release(&self) -> BoxFuture<'_, Result<(), String>>;
}

/// A scribe under a lock: nothing is written once the lock is lost.
pub struct Locked<S> {
    /// The lock.
    pub lock: Arc<dyn Lock>,
    /// Who writes down what is done.
    pub scribe: S,
}

impl<S: Scribe> Scribe for Locked<S> {
    fn witness(&self, change: &Change, step: &Step) -> Arc<dyn Witness> {
        Arc::new(Guarded { lock: Arc::clone(&self.lock), witness: self.scribe.witness(change, step) })
    }

    fn ended<'a>(&'a self, change: &'a Change, outcome: &'a Outcome) -> BoxFuture<'a, ()> {
        self.scribe.ended(change, outcome)
    }
}

struct Guarded {
    lock: Arc<dyn Lock>,
    witness: Arc<dyn Witness>,
}

impl Witness for Guarded {
    fn before<'a>(&'a self, at: &'a Target, call: &'a Call, undo: &'a Undo) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            self.witness.before(at, call, undo).await?;
            // Last, so that as little time as possible lies between this and the write.
            self.lock.check().await
        })
    }

    fn after<'a>(&'a self, at: &'a Target, call: &'a Call, answer: Answer<'a>) -> BoxFuture<'a, ()> {
        self.witness.after(at, call, answer)
    }
}
