//! The guard: a call that was not declared is refused before anything is sent, and every call is noted.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::observe::Call;

/// What may be called. One guard is shared by all sessions of a kind (reads; the writes of a plan).
///
/// It counts by service and operation alone, so that it does not grow with the organization;
/// which account and region was asked is counted by the [`Session`](super::Session).
#[derive(Debug)]
pub struct Guard {
    allowed: BTreeMap<(&'static str, &'static str), Counted>,
}

#[derive(Debug)]
struct Counted {
    call: Call,
    sent: AtomicU64,
}

/// A call that no declaration names. It was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{service}:{operation} is not declared, so it was not sent")]
pub struct Undeclared {
    /// The SDK's service id, such as `CloudTrail`.
    pub service: String,
    /// The operation, such as `DescribeTrails`.
    pub operation: String,
}

impl Guard {
    /// A guard that lets these calls pass.
    pub fn new(allowed: impl IntoIterator<Item = Call>) -> Self {
        let counted = |call: Call| ((call.service, call.operation), Counted { call, sent: AtomicU64::new(0) });
        Self { allowed: allowed.into_iter().map(counted).collect() }
    }

    /// Whether this call was declared.
    ///
    /// # Errors
    /// It was not.
    pub fn check(&self, service: &str, operation: &str) -> Result<Call, Undeclared> {
        self.allowed
            .get(&(service, operation))
            .map(|counted| counted.call)
            .ok_or_else(|| Undeclared { service: service.to_owned(), operation: operation.to_owned() })
    }

    /// The calls that were sent, and how often (attempts, so with retries); declared calls that were not sent are left out.
    #[must_use]
    pub fn noted(&self) -> BTreeMap<Call, u64> {
        let sent = |counted: &Counted| (counted.call, counted.sent.load(Ordering::Relaxed));
        self.allowed.values().map(sent).filter(|(_, sent)| *sent > 0).collect()
    }

    pub(super) fn note(&self, call: Call) {
        if let Some(counted) = self.allowed.get(&(call.service, call.operation)) {
            counted.sent.fetch_add(1, Ordering::Relaxed);
        }
    }
}
