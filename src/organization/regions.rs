//! Which regions of an account are read.

use crate::target::Region;

/// The regions that the baseline asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All that are enabled in each account.
    All,
    /// These.
    These(Vec<Region>),
}

/// What `account:ListRegions` says of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptStatus {
    /// Enabled, or enabled by default.
    Enabled,
    /// Being enabled: it may refuse calls yet.
    Enabling,
    /// Disabled, or being disabled.
    Disabled,
}

/// The regions of an account, sorted. A list is taken as it is: whether a region is disabled shows when it is asked.
#[must_use]
pub fn enabled(wanted: &Wanted, listed: &[(Region, OptStatus)]) -> Vec<Region> {
    let _ = (wanted, listed);
    todo!()
}
