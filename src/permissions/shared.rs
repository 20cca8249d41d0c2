//! What an apply needs of objects in S3 that are shared: its lock, and the runs that it keeps.

use std::collections::BTreeSet;

use super::{Because, Policy};
use crate::aws::{OBJECT_CALLS, Place};

/// Objects that are shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shared<'a> {
    /// The lock: one object.
    Lock(&'a Place),
    /// The kept runs: all objects below a place.
    Runs(&'a Place),
}

impl Shared<'_> {
    fn place(&self) -> &Place {
        match self {
            Self::Lock(place) | Self::Runs(place) => place,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Lock(_) => "the lock in S3",
            Self::Runs(_) => "the runs that are kept in S3",
        }
    }

    fn objects(&self) -> String {
        let place = self.place();
        let below = match self {
            Self::Lock(_) => "",
            Self::Runs(_) => "/*",
        };
        format!("{}/{}{below}", self.bucket(), place.key())
    }

    fn bucket(&self) -> String {
        format!("arn:{{partition}}:s3:::{}", self.place().bucket())
    }

    pub(super) fn allow(self, policy: &mut Policy) {
        for call in OBJECT_CALLS {
            // Whether there is such a bucket or object is weighed on the bucket.
            let resource = if call.action == "s3:ListBucket" { self.bucket() } else { self.objects() };
            let allowed = policy.allowed.entry(call.action.to_owned()).or_default();
            allowed.because.insert(Because { control: None, by: self.words().to_owned(), dependent: false });
            allowed.resources.insert(resource);
            if allowed.anywhere.is_some() {
                allowed.resources = BTreeSet::from(["*".to_owned()]);
            }
        }
    }
}
