//! What came of a change.

use std::fmt;
use std::time::Duration;

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

impl OutcomeKind {
    /// What is said of a change that another needs.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Verified | Self::Already => "was done",
            Self::Pending => "is not in force yet",
            Self::Stale => "is not as the plan saw it",
            Self::Held => "was held",
            Self::Blocked => "was blocked",
            Self::Manual => "a person has to mend",
            Self::Failed => "failed",
            Self::Unknown => "may or may not have been done",
            Self::Contested => "somebody else sets back",
        }
    }
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

    /// Of a write that is not in force when its object was looked at for the last time: `waited` long, or shorter where
    /// the run was `stopped`. It is pending where AWS may take longer than that for what was done.
    pub(super) fn not_in_force(
        now: Timestamp,
        settles: Duration,
        waited: Duration,
        stopped: Option<&str>,
        why: &str,
    ) -> Self {
        let (left, why) = match stopped {
            Some(stopped) => (settles.max(waited), format!("{stopped}, before it was seen in force")),
            None => (settles.saturating_sub(waited), why.to_owned()),
        };
        if left.is_zero() {
            return Self::because(OutcomeKind::Failed, why);
        }
        Self { deadline: Some(now + left), ..Self::because(OutcomeKind::Pending, why) }
    }

    /// Whether what depends on the change can go on: what AWS takes its time for was written all the same.
    pub(super) fn done(&self) -> bool {
        matches!(self.kind, OutcomeKind::Verified | OutcomeKind::Already | OutcomeKind::Pending)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAITED: Duration = Duration::from_mins(2);

    fn after(settles: Duration, stopped: Option<&str>) -> (OutcomeKind, Option<String>, Option<String>) {
        let now = "2026-11-22T10:00:00Z".parse().expect("a time");
        let Outcome { kind, reason, deadline } = Outcome::not_in_force(now, settles, WAITED, stopped, "it is off");
        (kind, reason, deadline.map(|deadline| deadline.to_string()))
    }

    #[test]
    fn what_aws_may_take_longer_for_is_pending_until_its_deadline_and_the_rest_has_failed() {
        let said = |text: &str| Some(text.to_owned());
        assert_eq!(after(Duration::ZERO, None), (OutcomeKind::Failed, said("it is off"), None));
        assert_eq!(after(WAITED, None), (OutcomeKind::Failed, said("it is off"), None));
        let pending = (OutcomeKind::Pending, said("it is off"), said("2026-11-22T10:13:00Z"));
        assert_eq!(after(Duration::from_mins(15), None), pending);
    }

    #[test]
    fn what_a_stopped_run_did_not_wait_for_is_pending() {
        let words = Some("interrupted, before it was seen in force".to_owned());
        let until = |time: &str| (OutcomeKind::Pending, words.clone(), Some(time.to_owned()));
        assert_eq!(after(Duration::ZERO, Some("interrupted")), until("2026-11-22T10:02:00Z"));
        assert_eq!(after(Duration::from_mins(15), Some("interrupted")), until("2026-11-22T10:15:00Z"));
    }
}
