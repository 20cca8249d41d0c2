//! How writes are undone: steps that put back what was there before, and take away what was made.
//!
//! Each knows what the write left and what was there before it, and looks which of the two it finds. Anything else was
//! set by somebody since, and is not overwritten.

pub mod accessanalyzer;
pub mod account;
pub mod cloudtrail;
pub mod cloudwatch;
pub mod config;
pub mod ec2;
pub mod ec2_networks;
pub mod guardduty;
pub mod guardduty_members;
pub mod iam;
pub mod iam_account;
pub mod iam_roles;
pub mod iam_users;
pub mod kms;
pub mod kms_deletion;
pub mod logs;
pub mod organizations;
pub mod s3;
pub mod s3_account;
pub mod s3_logs;
pub mod securityhub;
pub mod sns;

use std::future::Future;

use serde::{Deserialize, Serialize};

use super::{Risk, Step, Writer, anywhere};
use crate::observe::{Call, ReadError};
use crate::steps::document::same;
use crate::target::{Partition, Target};

/// How a write is undone; it is known before the write is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Undo {
    /// By these steps; by none, where nothing is left of it once the rest is undone.
    By(Vec<Step>),
    /// By none; why, in words that say what a person can do.
    Never(String),
}

impl Undo {
    /// By one step.
    #[must_use]
    pub fn by(step: Step) -> Self {
        Self::By(vec![step])
    }

    /// What was taken away is made again by its baseline.
    fn again() -> Self {
        Self::Never(format!("what a revert took away is not put back by another: {AGAIN}"))
    }
}

/// How what a step has to undo is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stands {
    /// As it was before, or gone.
    Undone,
    /// As the write left it.
    Open,
    /// Otherwise, so somebody changed it since; what.
    Changed(String),
    /// As the write left it, and in use; by whom.
    Used(String),
}

/// How much of its object a step undoes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// A part of it, which goes with the whole where that is taken away.
    Part,
    /// The whole: it is taken away.
    Whole,
    /// Something beside it, which does not go with it.
    Beside,
}

/// What every step that undoes a write says of itself. What a step of a control says besides, such as what bills, is
/// nothing here.
pub trait Undoing {
    /// How much of its object it undoes.
    const EXTENT: Extent;
    /// It takes away what a run made: the whole, or something that is there by itself and goes by a call of its own.
    const TAKES_AWAY: bool = matches!(Self::EXTENT, Extent::Whole);
    /// Something that was kept, or can be read, is lost by it for ever.
    const LOSES: bool = false;
    /// Every call that it sends.
    const CALLS: &'static [Call];
    /// IAM actions that AWS checks on the caller besides.
    const DEPENDENT: &'static [&'static str] = &[];
    /// Error codes that mean: something else is being done to the object.
    const RETRIED: &'static [&'static str] = &[];

    /// Does it.
    ///
    /// # Errors
    /// AWS refused or failed.
    fn run(&self, writer: &Writer) -> impl Future<Output = Result<(), ReadError>> + Send;

    /// One line for a person.
    fn says(&self) -> String;

    /// The ARNs on which a write of it is allowed, as [`Atom::resources`](super::Atom::resources) has them.
    fn resources(&self, _action: &str, _at: &Target, _partition: &Partition) -> Vec<String> {
        anywhere()
    }

    /// This and the step that undoes an earlier write of the same object as one call, where AWS has one.
    fn with(&self, _earlier: &Self) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }

    /// How it is undone, in words.
    fn undo(&self) -> String {
        AGAIN.to_owned()
    }

    /// Looks at what it has to undo.
    ///
    /// # Errors
    /// It could not be read.
    fn stands(&self, writer: &Writer) -> impl Future<Output = Result<Stands, ReadError>> + Send;

    /// What a refusal says of why it stays, where that is no failure.
    fn stays(&self, _refused: &ReadError) -> Option<String> {
        None
    }
}

/// What a step that undoes may do, decided here for all of them. Something gets weaker at least, which is allowed
/// besides. What was made is not made again as it was: findings and digests end with it, its name may be taken by
/// somebody else, and who was told by it has to agree again.
pub(super) const fn risk<U: Undoing>() -> Risk {
    if U::TAKES_AWAY || U::LOSES { Risk::Irreversible } else { Risk::Weakening }
}

/// How a revert is undone, in words.
const AGAIN: &str = "plan and apply the baseline again";

/// Which of two values is found.
fn found<T: PartialEq>(now: &T, set: &T, before: &T, what: &str) -> Stands {
    if now == before {
        Stands::Undone
    } else if now == set {
        Stands::Open
    } else {
        Stands::Changed(format!("{what} was changed since"))
    }
}

/// Which of two policies is found.
fn found_policy(now: &str, set: &str, before: &str, what: &str) -> Stands {
    if same(now, before) {
        Stands::Undone
    } else if same(now, set) {
        Stands::Open
    } else {
        Stands::Changed(format!("{what} was changed since"))
    }
}

/// What is not there has nothing that could be put back.
fn gone(what: &str) -> Stands {
    Stands::Changed(format!("{what} is not there any more"))
}
