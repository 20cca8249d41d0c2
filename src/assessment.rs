//! What a survey found: what plan, reports and history are made from.

mod references;
mod standing;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::control::{Accepted, Severity};
use crate::engine::Terms;
use crate::observe::ReadError;
use crate::ownership::Owner;
use crate::plan::Change;
use crate::target::{AccountId, Region};
pub use references::References;
pub use standing::{Count, SectionStanding, Standing, Tally};

/// What was found of one requirement and one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As wanted, or stricter.
    Compliant,
    /// Not as wanted.
    Drifted,
    /// Not as wanted, and accepted in the baseline.
    Exempt(Accepted),
    /// Set by somebody else.
    OwnedElsewhere {
        /// The owner in words, with the id by which it is found.
        owner: String,
        /// What to do there.
        mend: String,
        /// Whether what the owner set is as wanted.
        in_force: bool,
    },
    /// There is nothing of the kind to judge.
    NotApplicable(String),
    /// Written, and not yet in force.
    Pending(String),
    /// It could not be read.
    Unreadable(ReadError),
}

impl Verdict {
    /// Set by this owner.
    #[must_use]
    pub fn owned_elsewhere(owner: &Owner, in_force: bool) -> Self {
        Self::OwnedElsewhere { owner: owner.to_string(), mend: owner.mend(), in_force }
    }
}

/// A verdict as a control gives it.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The full id of the requirement.
    pub requirement: &'static str,
    /// The verdict.
    pub verdict: Verdict,
    /// What is; null where it is absent or unreadable.
    pub observed: Value,
    /// What should be.
    pub wanted: Value,
    /// More, in words.
    pub reason: Option<String>,
}

/// The kinds of verdict, as reports name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerdictKind {
    /// See [`Verdict::Compliant`].
    Compliant,
    /// See [`Verdict::Drifted`].
    Drifted,
    /// See [`Verdict::Exempt`].
    Exempt,
    /// See [`Verdict::OwnedElsewhere`].
    OwnedElsewhere,
    /// See [`Verdict::NotApplicable`].
    NotApplicable,
    /// See [`Verdict::Pending`].
    Pending,
    /// See [`Verdict::Unreadable`].
    Unreadable,
}

/// One verdict of a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The account.
    pub account: AccountId,
    /// The region; none at account scope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// The id of the control.
    pub control: String,
    /// The full id of the requirement.
    pub requirement: String,
    /// The name of the object, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The verdict.
    pub verdict: VerdictKind,
    /// Whether what another owner set is as wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_force: Option<bool>,
    /// How bad a drift is.
    pub severity: Severity,
    /// What is.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub observed: Value,
    /// What should be.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub wanted: Value,
    /// Why, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who sets the value, when it is not the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Which exemption of the baseline accepts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exemption: Option<usize>,
    /// The object whose change mends this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<String>,
    /// What the requirement is called elsewhere.
    #[serde(default)]
    pub references: References,
}

impl Row {
    /// The account whose change mends it, where that is done at another object.
    pub fn mended_at(&self) -> Option<AccountId> {
        self.through.as_ref()?.split('/').next()?.parse().ok()
    }
}

/// How much of an account could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// All of it.
    Read,
    /// Some of it.
    Partial,
    /// Nothing: it could not be entered.
    Unreadable,
    /// It was not asked: not active, or listed as unreachable.
    Skipped,
}

/// One account of the organization as a run met it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountLine {
    /// The account.
    pub id: AccountId,
    /// Its name in the organization.
    pub name: String,
    /// The path of its organizational unit, where the organization could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ou_path: Option<String>,
    /// Its state in the organization.
    pub state: String,
    /// How much of it could be read.
    pub status: Status,
    /// Why not all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Everything found of one account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assessment {
    /// The account.
    pub account: AccountLine,
    /// The regions that were judged.
    pub regions: Vec<Region>,
    /// Its verdicts, in order of region, control and object.
    pub verdicts: Vec<Row>,
    /// What mends it.
    pub changes: Vec<Change>,
    /// What the baseline asks of it, where something is to be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Terms>,
}

/// Accounts by status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountCounts {
    /// Selected, skipped ones included.
    pub in_scope: usize,
    /// Read in full.
    pub read: usize,
    /// Read in part.
    pub partial: usize,
    /// Not read.
    pub unreadable: usize,
    /// Not asked.
    pub skipped: usize,
}

/// Changes by what they do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeCounts {
    /// Objects to be made.
    pub add: usize,
    /// Objects to be changed.
    pub change: usize,
    /// Objects to be removed.
    pub remove: usize,
    /// Objects that a person has to mend.
    pub manual: usize,
    /// Objects that cannot be mended, because what they need is in nobody's hands.
    pub blocked: usize,
}

/// The figures of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Accounts by status.
    pub accounts: AccountCounts,
    /// Verdicts by kind.
    pub requirements: BTreeMap<VerdictKind, usize>,
    /// Changes by what they do.
    pub changes: ChangeCounts,
    /// Requirements that another owner set otherwise than wanted.
    pub not_in_force: usize,
    /// 100 · compliant / (compliant + drifted + unreadable + pending); none if there is nothing to count.
    pub score: Option<f64>,
}

impl Summary {
    /// Figures in which every kind of verdict is named, also where none was given.
    #[must_use]
    pub fn empty() -> Self {
        use VerdictKind::{Compliant, Drifted, Exempt, NotApplicable, OwnedElsewhere, Pending, Unreadable};
        let kinds = [Compliant, Drifted, Exempt, OwnedElsewhere, NotApplicable, Pending, Unreadable];
        Self { requirements: kinds.into_iter().map(|kind| (kind, 0)).collect(), ..Self::default() }
    }

    /// Counts one account.
    pub fn add(&mut self, assessment: &Assessment) {
        self.accounts.in_scope += 1;
        match assessment.account.status {
            Status::Read => self.accounts.read += 1,
            Status::Partial => self.accounts.partial += 1,
            Status::Unreadable => self.accounts.unreadable += 1,
            Status::Skipped => self.accounts.skipped += 1,
        }
        for row in &assessment.verdicts {
            *self.requirements.entry(row.verdict).or_default() += 1;
            self.not_in_force += usize::from(row.in_force == Some(false));
        }
        for change in &assessment.changes {
            change.count(&mut self.changes);
        }
        self.score = self.scored();
    }

    /// How many verdicts are of this kind.
    #[must_use]
    pub fn of(&self, kind: VerdictKind) -> usize {
        self.requirements.get(&kind).copied().unwrap_or(0)
    }

    /// Whether everything that was asked could be read.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.accounts.partial == 0 && self.accounts.unreadable == 0 && self.of(VerdictKind::Unreadable) == 0
    }

    fn scored(&self) -> Option<f64> {
        let compliant = self.of(VerdictKind::Compliant);
        let rest = [VerdictKind::Drifted, VerdictKind::Unreadable, VerdictKind::Pending];
        score(compliant, compliant + rest.into_iter().map(|kind| self.of(kind)).sum::<usize>())
    }
}

/// 100 where all are compliant; none where there are none.
#[expect(clippy::cast_precision_loss, reason = "counts of verdicts are far below 2^52")]
fn score(compliant: usize, all: usize) -> Option<f64> {
    (all > 0).then(|| 100.0 * compliant as f64 / all as f64)
}
