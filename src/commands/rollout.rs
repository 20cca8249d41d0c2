//! How carefully a plan is carried out: what the baseline asks for goes into the plan, and what is typed wins over it.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::scene::Scene;
use crate::baseline::AccountFacts;
use crate::cli;
use crate::engine::allow::Allow;
use crate::engine::apply::to_write;
use crate::engine::tolerance::{Tally, Tolerance};
use crate::failure::Failure;
use crate::plan::{Header, PlanFile, Rollout};
use crate::target::AccountId;

/// What the baseline asks for, over the accounts that are written.
pub(super) fn asked(scene: &Scene, written: &BTreeSet<AccountId>) -> Option<Rollout> {
    let accounts = scene.accounts.iter().filter(|account| written.contains(&account.id));
    Rollout::of(&scene.baseline.rollout, &accounts.map(AccountFacts::from).collect::<Vec<_>>())
}

/// A canary in which nothing is written proves nothing.
pub(super) fn warning(scene: &Scene, header: &Header) -> Option<String> {
    let waves = header.waves();
    let idle = scene.baseline.rollout.canary.is_some() && !waves.is_empty() && !waves.iter().any(|wave| wave.canary);
    idle.then(|| "no account of the canary has a change: nothing is verified before the others are written".to_owned())
}

/// What the plan carries; what was typed wins.
pub(super) fn of(typed: &cli::Rollout, file: &PlanFile) -> Rollout {
    let carried = file.header.rollout.clone().unwrap_or_default();
    Rollout {
        pause: typed.pause.or(carried.pause),
        max_failures: typed.max_failures.or(carried.max_failures),
        max_changes: typed.max_changes.or(carried.max_changes),
        on_error: typed.on_error.or(carried.on_error),
        freeze: if typed.ignore_freeze.is_some() { vec![] } else { carried.freeze },
        waves: carried.waves,
    }
}

/// Refuses to write while nothing may be written, and a plan that changes more than may be changed.
pub(super) fn check(rollout: &Rollout, file: &PlanFile, allow: &[Allow]) -> Result<(), Failure> {
    if let Some(freeze) = rollout.frozen(Timestamp::now()) {
        return Err(Failure::usage(format!("{freeze}; nothing was written"))
            .hint("apply when it is over, or give --ignore-freeze REASON, which the journal keeps"));
    }
    let Some(most) = rollout.max_changes else { return Ok(()) };
    let found = to_write(&file.changes, allow);
    if found <= most as usize {
        return Ok(());
    }
    let changes = if found == 1 { "change" } else { "changes" };
    let refused = format!("{found} {changes} would be written, and {most} may be (max-changes): nothing was written");
    Err(Failure::usage(refused).hint("plan for fewer accounts or controls, or allow more with --max-changes"))
}

/// Counts what fails.
pub(super) fn tally(rollout: &Rollout, file: &PlanFile) -> Tally {
    let written = file.changes.iter().filter(|change| change.can_be_applied()).map(|change| &change.account);
    let tolerance = Tolerance { on_error: rollout.on_error.unwrap_or_default(), max_failures: rollout.max_failures };
    Tally::new(tolerance, written.collect::<BTreeSet<_>>().len())
}
