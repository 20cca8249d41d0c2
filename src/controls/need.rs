//! What one object of the plan needs of another: a trail of its bucket, a channel of its own.

use serde_json::Value;

use crate::drift::{Difference, Drift, Fix, Judged};
use crate::observe::ReadError;
use crate::ownership::Signs;
use crate::steps::Step;
use crate::target::Object;

/// What has to change before something can be used.
pub(super) enum Need {
    /// Nothing.
    Nothing,
    /// This.
    Change(Box<Judged>),
    /// Something that no call mends; what a person does, in words.
    Stuck { judged: Box<Judged>, words: String },
    /// It cannot be told, because it could not be read.
    Unread(Box<Judged>),
}

impl Need {
    pub(super) fn into_judged(self) -> Option<Judged> {
        match self {
            Self::Nothing => None,
            Self::Change(judged) | Self::Stuck { judged, .. } | Self::Unread(judged) => Some(*judged),
        }
    }

    pub(super) fn steps(object: Object, absent: bool, difference: Difference, steps: Vec<Step>) -> Self {
        let fix = Fix::Steps { steps, needs: vec![] };
        Self::Change(Box::new(Judged::needed(Drift::needed(object, absent, difference, fix))))
    }

    /// The same of an object with these tags.
    pub(super) fn signed(mut self, signs: &Signs) -> Self {
        if let Self::Change(judged) | Self::Stuck { judged, .. } = &mut self
            && let Some(drift) = &mut judged.drift
        {
            drift.managed_by = signs.tool();
        }
        self
    }

    pub(super) fn stuck(object: Object, absent: bool, difference: Difference, words: String) -> Self {
        let fix = Fix::Manual(words.clone());
        let drift = Drift::needed(object, absent, difference, fix);
        Self::Stuck { judged: Box::new(Judged::needed(drift)), words }
    }

    /// What an object that is needed for this requirement lacks could not be read.
    pub(super) fn unread(object: Object, requirement: &'static str, wanted: Value, error: &ReadError) -> Self {
        Self::Unread(Box::new(Judged::unknown(object, requirement, wanted, error)))
    }
}
