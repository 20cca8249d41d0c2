//! One step, whichever it is: `steps!` makes of a list of them the type that has them all.

use std::collections::BTreeSet;

use futures::future::BoxFuture;

use super::{Atom, Stands, Step, Undoing, Writer};
use crate::Grant;
use crate::observe::{Call, ReadError};
use crate::target::{AccountId, Partition, Target};

macro_rules! steps {
    (do { $($service:ident::$atom:ident,)* } undo { $($place:ident::$back:ident,)* }) => {
        /// Everything that trueup can do to an account.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "do", rename_all = "snake_case")]
        pub enum Step {
            $(
                #[doc = concat!("See [`", stringify!($service), "::", stringify!($atom), "`].")]
                $atom($service::$atom),
            )*
            $(
                #[doc = concat!("See [`undo::", stringify!($place), "::", stringify!($back), "`].")]
                $back(undo::$place::$back),
            )*
        }

        /// What every step of a control declares: its name, the calls that it sends, and the IAM actions that AWS checks
        /// besides.
        pub const DECLARED: &[(&str, &[Call], &[&str])] =
            &[$((stringify!($atom), $service::$atom::CALLS, $service::$atom::DEPENDENT),)*];

        /// The same of every step that undoes one.
        pub const UNDOING: &[(&str, &[Call], &[&str])] =
            &[$((stringify!($back), undo::$place::$back::CALLS, undo::$place::$back::DEPENDENT),)*];

        /// Of each step that undoes one, what it may do, and whether it takes away what a run made.
        pub const UNDOING_RISKS: &[(&str, Risk, bool)] =
            &[$((stringify!($back), undo::risk::<undo::$place::$back>(), undo::$place::$back::TAKES_AWAY),)*];

        /// Of each step, the IAM actions that AWS checks besides only where it acts for the whole organization.
        pub const OF_ORGANIZATION: &[(&str, &[&str])] =
            &[$((stringify!($atom), $service::$atom::OF_ORGANIZATION),)*];

        /// Of each step, whether it is done as the root user of its account.
        pub const AS_ROOT: &[(&str, bool)] = &[$((stringify!($atom), $service::$atom::AS_ROOT),)*];

        impl Step {
            /// Does it.
            ///
            /// # Errors
            /// AWS refused or failed.
            pub fn run<'a>(&'a self, writer: &'a Writer) -> BoxFuture<'a, Result<(), ReadError>> {
                match self {
                    $(Self::$atom(step) => running(step, writer),)*
                    $(Self::$back(step) => undoing(step, writer),)*
                }
            }

            /// How what it has to undo is found. A step of a control undoes nothing.
            ///
            /// # Errors
            /// It could not be read.
            pub fn stands<'a>(&'a self, writer: &'a Writer) -> BoxFuture<'a, Result<Stands, ReadError>> {
                match self {
                    $(Self::$atom(_) => Box::pin(future::ready(Ok(Stands::Undone))),)*
                    $(Self::$back(step) => standing(step, writer),)*
                }
            }

            /// How much of its object it undoes; none: it is a step of a control.
            #[must_use]
            pub fn extent(&self) -> Option<Extent> {
                match self {
                    $(Self::$atom(_) => None,)*
                    $(Self::$back(_) => Some(undo::$place::$back::EXTENT),)*
                }
            }

            /// It takes away what a run made.
            #[must_use]
            pub fn takes_away(&self) -> bool {
                match self {
                    $(Self::$atom(_) => false,)*
                    $(Self::$back(_) => undo::$place::$back::TAKES_AWAY,)*
                }
            }

            /// What a refusal says of why what it takes away stays, where that is no failure.
            #[must_use]
            pub fn stays(&self, refused: &ReadError) -> Option<String> {
                match self {
                    $(Self::$atom(_) => None,)*
                    $(Self::$back(step) => step.stays(refused),)*
                }
            }

            /// Every call that it sends.
            #[must_use]
            pub fn calls(&self) -> &'static [Call] {
                match self {
                    $(Self::$atom(_) => $service::$atom::CALLS,)*
                    $(Self::$back(_) => undo::$place::$back::CALLS,)*
                }
            }

            /// Whether it is done as the root user of its account, see [`Atom::AS_ROOT`].
            #[must_use]
            pub fn is_as_root(&self) -> bool {
                match self { $(Self::$atom(_) => $service::$atom::AS_ROOT,)* $(Self::$back(_) => false,)* }
            }

            /// IAM actions that AWS checks on the caller besides.
            #[must_use]
            pub fn dependent(&self) -> &'static [&'static str] {
                match self {
                    $(Self::$atom(_) => $service::$atom::DEPENDENT,)*
                    $(Self::$back(_) => undo::$place::$back::DEPENDENT,)*
                }
            }

            /// The ARNs on which a write of it, or an action that AWS checks besides, is allowed.
            pub(super) fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
                match self {
                    $(Self::$atom(step) => step.resources(action, at, partition),)*
                    $(Self::$back(step) => step.resources(action, at, partition),)*
                }
            }

            /// One line for a person.
            #[must_use]
            pub fn says(&self) -> String {
                match self { $(Self::$atom(step) => step.says(),)* $(Self::$back(step) => step.says(),)* }
            }

            /// Whether all that is judged may hold before it is done, once the steps before it are.
            #[must_use]
            pub fn is_unseen(&self) -> bool {
                match self { $(Self::$atom(_) => $service::$atom::UNSEEN,)* $(Self::$back(_) => false,)* }
            }

            /// The part of its object that it writes. None: the whole.
            #[must_use]
            pub fn part(&self) -> Option<&str> {
                match self { $(Self::$atom(step) => step.part(),)* $(Self::$back(_) => None,)* }
            }

            /// What can go wrong for others.
            #[must_use]
            pub fn risk(&self) -> Risk {
                match self {
                    $(Self::$atom(step) => step.risk(),)*
                    $(Self::$back(_) => undo::risk::<undo::$place::$back>(),)*
                }
            }

            /// What bills from then on.
            #[must_use]
            pub fn cost(&self) -> Option<&'static str> {
                match self { $(Self::$atom(step) => step.cost(),)* $(Self::$back(_) => None,)* }
            }

            /// Error codes that mean: what this builds on has not propagated yet.
            #[must_use]
            pub fn retried(&self) -> &'static [&'static str] {
                match self {
                    $(Self::$atom(step) => step.retried(),)*
                    $(Self::$back(_) => undo::$place::$back::RETRIED,)*
                }
            }

            /// How long AWS may take until what it did is seen to be in force.
            #[must_use]
            pub fn settles(&self) -> Duration {
                match self { $(Self::$atom(step) => step.settles(),)* $(Self::$back(_) => Duration::ZERO,)* }
            }

            /// This and the next step of the same object as one call, where AWS has one.
            #[must_use]
            pub fn with(&self, next: &Self) -> Option<Self> {
                match (self, next) {
                    $((Self::$atom(step), Self::$atom(next)) => step.with(next).map(Self::$atom),)*
                    $((Self::$back(step), Self::$back(next)) => step.with(next).map(Self::$back),)*
                    _ => None,
                }
            }

            /// This and what other settings ask of the same part of the object as one, where it adds to what is there.
            #[must_use]
            pub fn beside(&self, other: &Self) -> Option<Self> {
                match (self, other) {
                    $((Self::$atom(step), Self::$atom(other)) => step.beside(other).map(Self::$atom),)*
                    _ => None,
                }
            }

            /// Whether this does all that another does. Of what several settings ask of one part, some may be there.
            #[must_use]
            pub fn covers(&self, other: &Self) -> bool {
                self == other || self.beside(other).is_some_and(|both| both == *self)
            }

            /// How it is undone, in words.
            #[must_use]
            pub fn undo(&self) -> String {
                match self { $(Self::$atom(step) => step.undo(),)* $(Self::$back(step) => step.undo(),)* }
            }
        }
    };
}

pub(super) use steps;

/// A step at work. Each kind has a function of its own, so that no frame of the stack holds the futures of all kinds.
pub(super) fn running<'a, A: Atom + Sync>(step: &'a A, writer: &'a Writer) -> BoxFuture<'a, Result<(), ReadError>> {
    Box::pin(step.run(writer))
}

/// The same of a step that undoes one.
pub(super) fn undoing<'a, U: Undoing + Sync>(step: &'a U, writer: &'a Writer) -> BoxFuture<'a, Result<(), ReadError>> {
    Box::pin(step.run(writer))
}

/// The same of who looks how what a step undoes is found.
pub(super) fn standing<'a, U: Undoing + Sync>(
    step: &'a U,
    writer: &'a Writer,
) -> BoxFuture<'a, Result<Stands, ReadError>> {
    Box::pin(step.stands(writer))
}

impl Step {
    /// What a session in the management account needs for it, where it is done as the root user of an account.
    #[must_use]
    pub fn granted_above(&self, account: &AccountId, partition: &Partition) -> Option<Grant> {
        let first = self.calls().first().filter(|_| self.is_as_root())?;
        let root = format!("arn:{partition}:iam::{account}:root");
        Some(Grant { actions: BTreeSet::from([first.action.to_owned()]), resources: BTreeSet::from([root]) })
    }

    /// Neighbouring steps as one call where AWS has one.
    #[must_use]
    pub fn joined(steps: &[Self]) -> Vec<Self> {
        let mut calls: Vec<Self> = vec![];
        for step in steps {
            match calls.last().and_then(|last| last.with(step)) {
                Some(both) => *calls.last_mut().expect("it has a last") = both,
                None => calls.push(step.clone()),
            }
        }
        calls
    }

    /// What a role session needs for it, at this target.
    #[must_use]
    pub fn grants(&self, at: &Target, partition: &Partition) -> Vec<Grant> {
        if self.is_as_root() {
            return vec![];
        }
        let (reads, writes): (Vec<&Call>, Vec<&Call>) = self.calls().iter().partition(|call| call.reads());
        let reads = Grant::anywhere(reads.into_iter().map(|call| call.action.to_owned()).collect());
        let written = writes.into_iter().map(|call| call.action).chain(self.dependent().iter().copied());
        let granted = written.map(|action| Grant {
            actions: BTreeSet::from([action.to_owned()]),
            resources: self.resources(action, at, partition).into_iter().collect(),
        });
        // What this step does not do is not allowed on nothing, which would be no statement at all.
        let granted = granted.filter(|grant| !grant.resources.is_empty());
        [reads].into_iter().filter(|reads| !reads.actions.is_empty()).chain(granted).collect()
    }
}
