//! Session policies: what a role session is narrowed to, whatever its role may do.

use std::collections::BTreeSet;

use crate::observe::Call;
use crate::target::Partition;

/// What a role session is narrowed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionPolicy {
    /// The inline policy, JSON.
    pub inline: String,
    /// ARNs of managed policies beside it.
    pub managed: Vec<String>,
}

/// Actions on resources (ARNs, or `*`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// IAM actions, in full.
    pub actions: BTreeSet<String>,
    /// Resource ARNs.
    pub resources: BTreeSet<String>,
}

impl SessionPolicy {
    /// Just these reads.
    #[must_use]
    pub fn reading(calls: &[Call], partition: &Partition) -> Self {
        let _ = (calls, partition);
        todo!()
    }

    /// Just these grants; where they do not fit, the actions on every resource.
    #[must_use]
    pub fn granting(grants: &[Grant]) -> Self {
        let _ = grants;
        todo!()
    }
}
