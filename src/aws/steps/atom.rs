//! What every step of a control says of itself, and on which resources AWS lets it be allowed.

use std::future::Future;
use std::time::Duration;

use super::{Risk, Writer};
use crate::observe::{Call, ReadError};
use crate::target::{Partition, Target};

/// What every step of a control says of itself.
pub trait Atom {
    /// Every call that it sends.
    const CALLS: &'static [Call];
    /// IAM actions that AWS checks on the caller besides.
    const DEPENDENT: &'static [&'static str] = &[];
    /// Those of [`Atom::DEPENDENT`] that AWS checks only where the step acts for the whole organization.
    const OF_ORGANIZATION: &'static [&'static str] = &[];

    /// Whether all that is judged may hold before it is done, once the steps before it are: nobody who looks afresh sees
    /// that it is left. Who goes on with a change that was begun carries it out as well.
    const UNSEEN: bool = false;

    /// It is done as the root user of its account, whom the first of its calls lets the management account be for a
    /// while: that one is allowed there, and for the others no role needs a permission.
    const AS_ROOT: bool = false;

    /// Does it.
    ///
    /// # Errors
    /// AWS refused or failed.
    fn run(&self, writer: &Writer) -> impl Future<Output = Result<(), ReadError>> + Send;

    /// One line for a person.
    fn says(&self) -> String;

    /// The ARNs on which a write of it, or an action that AWS checks besides, is allowed. `*` where AWS knows no
    /// resource for the action; where it knows one and its id is not known beforehand, those of its account and region.
    fn resources(&self, _action: &str, _at: &Target, _partition: &Partition) -> Vec<String> {
        anywhere()
    }

    /// The part of its object that it writes: a field, a statement, a feature. None: the whole.
    fn part(&self) -> Option<&str> {
        None
    }

    /// What can go wrong for others.
    fn risk(&self) -> Risk {
        Risk::Safe
    }

    /// What bills from then on.
    fn cost(&self) -> Option<&'static str> {
        None
    }

    /// Error codes that mean: what this builds on has not propagated yet.
    fn retried(&self) -> &'static [&'static str] {
        &[]
    }

    /// How long AWS may take until what it did is seen to be in force, where that is longer than a moment.
    fn settles(&self) -> Duration {
        Duration::ZERO
    }

    /// This and the next step of the same object as one call, where AWS has one.
    fn with(&self, _next: &Self) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }

    /// This and what other settings ask of the same part of the object as one, where it adds to what is there.
    fn beside(&self, _other: &Self) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }

    /// How it is undone, in words.
    fn undo(&self) -> String;
}

/// How many of those whom a step hits are named in a line.
const NAMED: usize = 5;

/// The first few of those whom a step hits.
pub(super) fn named(names: &[String]) -> String {
    let more = if names.len() > NAMED { ", …" } else { "" };
    format!("{}{more}", names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", "))
}

pub(super) fn anywhere() -> Vec<String> {
    vec!["*".to_owned()]
}

/// The roles that a service has AWS make for itself in an account.
pub(super) fn linked_roles(service: &str, at: &Target, partition: &Partition) -> Vec<String> {
    vec![format!("arn:{partition}:iam::{}:role/aws-service-role/{service}/*", at.account)]
}
