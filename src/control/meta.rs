//! What a control says of itself: its requirements, and what its page tells.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::frameworks::Reference;

/// How bad it is when a requirement is not met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good practice.
    Low,
    /// A protection is missing.
    Medium,
    /// An attack or its traces may go unseen.
    High,
    /// An open door.
    Critical,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        })
    }
}

/// One property of an object, with its own severity and references.
#[derive(Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The full id, such as `cloudtrail.trail.kms`.
    pub id: &'static str,
    /// True when compliant.
    pub title: &'static str,
    /// How bad it is when it is not met.
    pub severity: Severity,
    /// What it is called elsewhere.
    pub references: &'static [Reference],
}

impl Requirement {
    /// What it is called elsewhere, in full: `CIS AWS 3.0 1.8`, `Security Hub IAM.15`.
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.references.iter().flat_map(|reference| reference.names())
    }
}

/// Where a control is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runs {
    /// Once in every account.
    EveryAccount,
    /// In every region of every account.
    EveryRegion,
}

/// What a control says of itself.
#[derive(Debug)]
pub struct Meta {
    /// The id, `service.thing`.
    pub id: &'static str,
    /// True when compliant.
    pub title: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// Where it is judged.
    pub runs: Runs,
    /// Its requirements, in the order of its page.
    pub requirements: &'static [Requirement],
    /// The names of the steps that it may plan, as [`crate::steps::DECLARED`] has them, in the order of its page.
    pub steps: &'static [&'static str],
}

/// What somebody should know before they ask for a control: its page says it, in whole sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Notes {
    /// What bills from then on.
    pub costs: &'static [&'static str],
    /// Whom it may disturb, and how.
    pub disturbs: &'static [&'static str],
    /// How it is undone, and what stays.
    pub undo: &'static [&'static str],
    /// What can go wrong, and what then.
    pub traps: &'static [&'static str],
}

impl Notes {
    /// Nothing is said.
    pub const NONE: Self = Self { costs: &[], disturbs: &[], undo: &[], traps: &[] };
}

impl Meta {
    /// The requirement with this short name: the id without the control's.
    ///
    /// # Panics
    /// There is none: a mistake in the control, which its tests meet.
    #[must_use]
    pub fn requirement(&self, name: &str) -> &'static Requirement {
        let short = |requirement: &&Requirement| {
            requirement.id.strip_prefix(self.id).and_then(|rest| rest.strip_prefix('.')) == Some(name)
        };
        self.requirements.iter().find(short).unwrap_or_else(|| panic!("{} has no requirement {name}", self.id))
    }
}
