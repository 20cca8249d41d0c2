//! How fast AWS is asked.

use std::collections::BTreeMap;

/// What was sent to one service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Requests sent, retries among them.
    pub calls: u64,
    /// Answers that said to slow down.
    pub throttles: u64,
    /// Requests that were sent again.
    pub retries: u64,
}

/// What was sent so far, by the SDK's service id.
pub type Traffic = BTreeMap<&'static str, Tally>;
