//! How carefully an apply goes about it: what it bears, and how much it may change.

use std::collections::BTreeSet;

use crate::cli;
use crate::engine::allow::Allow;
use crate::engine::apply::to_write;
use crate::engine::tolerance::{Tally, Tolerance};
use crate::failure::Failure;
use crate::plan::PlanFile;

/// Refuses a plan that changes more than may be changed.
pub(super) fn check(typed: &cli::Rollout, file: &PlanFile, allow: &[Allow]) -> Result<(), Failure> {
    let Some(most) = typed.max_changes else { return Ok(()) };
    let found = to_write(&file.changes, allow);
    if found <= most as usize {
        return Ok(());
    }
    let changes = if found == 1 { "change" } else { "changes" };
    Err(Failure::usage(format!(
        "{found} {changes} would be written, more than --max-changes {most}: nothing was written"
    ))
    .hint("plan for fewer accounts or controls, or allow more"))
}

/// Counts what fails.
pub(super) fn tally(typed: &cli::Rollout, file: &PlanFile) -> Tally {
    let written = file.changes.iter().filter(|change| change.can_be_applied()).map(|change| &change.account);
    let tolerance = Tolerance { on_error: typed.on_error.unwrap_or_default(), max_failures: typed.max_failures };
    Tally::new(tolerance, written.collect::<BTreeSet<_>>().len())
}
