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
pub mod refusal;
pub mod s3;
mod writer;

use std::collections::BTreeSet;
use std::fmt;
use std::future::Future;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::aws::Grant;
use crate::observe::{Call, ReadError};
use crate::target::{Partition, Target};

pub use writer::{Answer, Witness, Writer, is_lost};

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

/// What every step says of itself.
pub trait Atom {
    /// Every call that it sends.
    const CALLS: &'static [Call];
    /// IAM actions that AWS checks on the caller besides.
    const DEPENDENT: &'static [&'static str] = &[];

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

            /// The ARNs on which a write of it, or an action that AWS checks besides, is allowed.
            fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
                match self { $(Self::$atom(step) => step.resources(action, at, partition),)* }
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

            /// How long AWS may take until what it did is seen to be in force.
            #[must_use]
            pub fn settles(&self) -> Duration {
                match self { $(Self::$atom(step) => step.settles(),)* }
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

fn anywhere() -> Vec<String> {
    vec!["*".to_owned()]
}

/// The roles that a service has AWS make for itself in an account.
fn linked_roles(service: &str, at: &Target, partition: &Partition) -> Vec<String> {
    vec![format!("arn:{partition}:iam::{}:role/aws-service-role/{service}/*", at.account)]
}

impl Step {
    /// What a role session needs for it, at this target.
    #[must_use]
    pub fn grants(&self, at: &Target, partition: &Partition) -> Vec<Grant> {
        let (reads, writes): (Vec<&Call>, Vec<&Call>) = self.calls().iter().partition(|call| call.reads());
        let reads = Grant::anywhere(reads.into_iter().map(|call| call.action.to_owned()).collect());
        let written = writes.into_iter().map(|call| call.action).chain(self.dependent().iter().copied());
        let granted = written.map(|action| Grant {
            actions: BTreeSet::from([action.to_owned()]),
            resources: self.resources(action, at, partition).into_iter().collect(),
        });
        [reads].into_iter().filter(|reads| !reads.actions.is_empty()).chain(granted).collect()
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
mod tests;
