//! The room that changes AWS. One file per service; who reviews what trueup can do reads this folder.
//!
//! A step is one mutating call, plus the reads that find out whether it was done already. It names
//! objects by their natural names, and running it twice is as running it once.

pub mod cloudtrail;
pub mod document;
pub mod guardduty;
pub mod iam;
pub mod kms;
pub mod organizations;
pub mod s3;

use std::collections::BTreeSet;
use std::fmt;
use std::future::Future;

use serde::{Deserialize, Serialize};

use crate::aws::{Grant, Session};
use crate::observe::{Call, ReadError};
use crate::target::{Partition, Target};

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

/// A session that may write, bound to the target of one object.
#[derive(Clone)]
pub struct Writer {
    /// The target of the object.
    pub at: Target,
    /// The session in its account.
    pub session: Session,
}

/// What every step says of itself.
pub trait Atom {
    /// Every call that it sends.
    const CALLS: &'static [Call];
    /// IAM actions that AWS checks on the caller besides.
    const DEPENDENT: &'static [&'static str] = &[];
    /// Those of [`Atom::DEPENDENT`] that AWS checks only where the step acts for the whole organization.
    const OF_ORGANIZATION: &'static [&'static str] = &[];

    /// Does it.
    ///
    /// # Errors
    /// AWS refused or failed.
    fn run(&self, writer: &Writer) -> impl Future<Output = Result<(), ReadError>> + Send;

    /// One line for a person.
    fn says(&self) -> String;

    /// The ARNs that its writes concern; `*` where AWS knows no resource for them, or none is known beforehand.
    fn resources(&self, _at: &Target, _partition: &Partition) -> Vec<String> {
        vec!["*".to_owned()]
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

    /// This and the next step of the same object as one call, where AWS has one.
    fn with(&self, _next: &Self) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }

    /// How it is undone, in words.
    fn undo(&self) -> String;
}

macro_rules! steps {
    ($($service:ident::$atom:ident,)*) => {
        /// Everything that trueup can do to an account.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "do", rename_all = "snake_case")]
        pub enum Step {
            $(
                #[doc = concat!("See [`", stringify!($service), "::", stringify!($atom), "`].")]
                $atom($service::$atom),
            )*
        }

        /// What every step declares: its name, the calls that it sends, and the IAM actions that AWS checks besides.
        pub const DECLARED: &[(&str, &[Call], &[&str])] =
            &[$((stringify!($atom), $service::$atom::CALLS, $service::$atom::DEPENDENT),)*];

        /// Of each step, the IAM actions that AWS checks besides only where it acts for the whole organization.
        pub const OF_ORGANIZATION: &[(&str, &[&str])] =
            &[$((stringify!($atom), $service::$atom::OF_ORGANIZATION),)*];

        impl Step {
            /// Does it.
            ///
            /// # Errors
            /// AWS refused or failed.
            pub async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
                match self { $(Self::$atom(step) => step.run(writer).await,)* }
            }

            /// Every call that it sends.
            #[must_use]
            pub fn calls(&self) -> &'static [Call] {
                match self { $(Self::$atom(_) => $service::$atom::CALLS,)* }
            }

            /// IAM actions that AWS checks on the caller besides.
            #[must_use]
            pub fn dependent(&self) -> &'static [&'static str] {
                match self { $(Self::$atom(_) => $service::$atom::DEPENDENT,)* }
            }

            /// The ARNs that its writes concern.
            fn resources(&self, at: &Target, partition: &Partition) -> Vec<String> {
                match self { $(Self::$atom(step) => step.resources(at, partition),)* }
            }

            /// One line for a person.
            #[must_use]
            pub fn says(&self) -> String {
                match self { $(Self::$atom(step) => step.says(),)* }
            }

            /// The part of its object that it writes. None: the whole.
            #[must_use]
            pub fn part(&self) -> Option<&str> {
                match self { $(Self::$atom(step) => step.part(),)* }
            }

            /// What can go wrong for others.
            #[must_use]
            pub fn risk(&self) -> Risk {
                match self { $(Self::$atom(step) => step.risk(),)* }
            }

            /// What bills from then on.
            #[must_use]
            pub fn cost(&self) -> Option<&'static str> {
                match self { $(Self::$atom(step) => step.cost(),)* }
            }

            /// Error codes that mean: what this builds on has not propagated yet.
            #[must_use]
            pub fn retried(&self) -> &'static [&'static str] {
                match self { $(Self::$atom(step) => step.retried(),)* }
            }

            /// This and the next step of the same object as one call, where AWS has one.
            #[must_use]
            pub fn with(&self, next: &Self) -> Option<Self> {
                match (self, next) {
                    $((Self::$atom(step), Self::$atom(next)) => step.with(next).map(Self::$atom),)*
                    _ => None,
                }
            }

            /// How it is undone, in words.
            #[must_use]
            pub fn undo(&self) -> String {
                match self { $(Self::$atom(step) => step.undo(),)* }
            }
        }
    };
}

impl Step {
    /// What a role session needs for it, at this target.
    #[must_use]
    pub fn grants(&self, at: &Target, partition: &Partition) -> [Grant; 2] {
        let (reads, writes): (Vec<&Call>, Vec<&Call>) = self.calls().iter().partition(|call| call.reads());
        let own = |calls: Vec<&Call>| calls.into_iter().map(|call| call.action.to_owned()).collect::<BTreeSet<_>>();
        let mut anywhere = own(reads);
        anywhere.extend(self.dependent().iter().map(|&action| action.to_owned()));
        let everywhere = BTreeSet::from(["*".to_owned()]);
        [
            Grant { actions: anywhere, resources: everywhere },
            Grant { actions: own(writes), resources: self.resources(at, partition).into_iter().collect() },
        ]
    }
}

steps! {
    cloudtrail::CreateTrail,
    cloudtrail::PutEventSelectors,
    cloudtrail::StartLogging,
    cloudtrail::UpdateTrail,
    guardduty::CreateDetector,
    guardduty::UpdateDetector,
    iam::UpdateAccountPasswordPolicy,
    kms::CreateAlias,
    kms::CreateKey,
    kms::EnableKeyRotation,
    kms::PutKeyPolicy,
    kms::RotateMadeKey,
    organizations::EnableServiceAccess,
    s3::CreateBucket,
    s3::PutBucketEncryption,
    s3::PutBucketPolicy,
    s3::PutBucketTagging,
    s3::PutBucketVersioning,
    s3::PutPublicAccessBlock,
}

#[cfg(test)]
mod tests {
    use super::kms::EnableKeyRotation;
    use super::*;

    #[test]
    fn a_write_is_granted_on_its_own_resource_and_reads_on_all() {
        let at = Target {
            account: "111122223333".parse().expect("an id"),
            region: Some("eu-west-1".parse().expect("a region")),
        };
        let partition = Partition::of_arn("arn:aws-cn:iam::111122223333:root").expect("an ARN");
        let step = Step::EnableKeyRotation(EnableKeyRotation { key_id: "k1".to_owned() });
        let [reads, writes] = step.grants(&at, &partition);
        assert_eq!(reads.resources, BTreeSet::from(["*".to_owned()]));
        assert!(reads.actions.is_empty(), "{reads:?}");
        assert_eq!(writes.actions, BTreeSet::from(["kms:EnableKeyRotation".to_owned()]));
        assert_eq!(writes.resources, BTreeSet::from(["arn:aws-cn:kms:eu-west-1:111122223333:key/k1".to_owned()]));
    }
}
