//! What a step may do to others.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What can go wrong for others when a step is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// Nothing.
    Safe,
    /// People or workloads may be shut out of something they use today.
    Disruptive,
    /// A protection gets weaker.
    Weakening,
    /// It cannot be undone.
    Irreversible,
}

impl fmt::Display for Risk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Safe => "safe",
            Self::Disruptive => "disruptive",
            Self::Weakening => "weakening",
            Self::Irreversible => "irreversible",
        })
    }
}
