//! What happens while the engine works. The engine tells, and does not print.

use jiff::Timestamp;

use crate::assessment::Status;
use crate::plan::Change;
use crate::target::AccountId;

use super::apply::Outcome;

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event<'a> {
    /// Work begins on so many accounts.
    Surveying {
        /// How many.
        accounts: usize,
    },
    /// An account was judged.
    Judged {
        /// Which.
        account: &'a AccountId,
        /// How much of it could be read.
        status: Status,
    },
    /// Work begins on so many changes.
    Applying {
        /// How many.
        changes: usize,
    },
    /// A change waits, because nobody knows yet whether a write was done that AWS cannot tell from its repetition.
    Waiting {
        /// Which.
        change: &'a Change,
        /// Until when, at the latest.
        until: Timestamp,
        /// For what, in words.
        why: &'a str,
    },
    /// A change was carried through, or not.
    Applied {
        /// Which.
        change: &'a Change,
        /// What came of it.
        outcome: &'a Outcome,
    },
}

/// Who is told.
pub trait Listener: Send + Sync {
    /// Is told.
    fn on(&self, event: &Event<'_>);
}

/// Nobody.
impl Listener for () {
    fn on(&self, _: &Event<'_>) {}
}
