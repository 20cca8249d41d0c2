//! What came of a change.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What came of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeKind {
    /// Written, and seen to be in force.
    Verified,
    /// In force before anything was written.
    Already,
    /// Written, and not yet in force: AWS may take until the deadline.
    Pending,
    /// The object was not as the plan saw it; nothing was written.
    Stale,
    /// It was not begun, or a step of it was not allowed.
    Held,
    /// What it needs was not done.
    Blocked,
    /// A person has to mend it.
    Manual,
    /// A write was refused, or did not have its effect.
    Failed,
    /// Whether a write was done could not be found out.
    Unknown,
    /// Somebody else sets it back.
    Contested,
}

/// What came of a change, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// What.
    #[serde(rename = "outcome")]
    pub kind: OutcomeKind,
    /// Why, where that does not go without saying.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// By when it has to be in force, where it is pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Timestamp>,
}

impl Outcome {
    pub(super) fn of(kind: OutcomeKind) -> Self {
        Self { kind, reason: None, deadline: None }
    }

    pub(crate) fn because(kind: OutcomeKind, reason: impl fmt::Display) -> Self {
        Self { reason: Some(reason.to_string()), ..Self::of(kind) }
    }

    pub(super) fn pending(deadline: Timestamp, reason: impl fmt::Display) -> Self {
        Self { deadline: Some(deadline), ..Self::because(OutcomeKind::Pending, reason) }
    }

    /// Whether what depends on the change can go on.
    pub(super) fn done(&self) -> bool {
        matches!(self.kind, OutcomeKind::Verified | OutcomeKind::Already)
    }
}
