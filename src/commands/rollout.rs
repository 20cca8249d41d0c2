//! How carefully a plan is carried out: what the baseline asks for goes into the plan, and what is typed wins over it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::output::Output;
use super::scene::Scene;
use crate::assessment::AccountLine;
use crate::baseline::{AccountFacts, Baseline, Scope, Spanned, Unit, WaveOf};
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
    idle.then(|| IDLE_CANARY.to_owned())
}

/// Puts what was typed of canary and waves in the place of what the baseline says.
pub(super) fn retype(baseline: &mut Baseline, typed: &cli::Rollout) -> Result<(), Failure> {
    let (canary, waves) = waves(typed)?;
    if canary.is_some() {
        baseline.rollout.canary = canary;
    }
    if waves.is_some() {
        baseline.rollout.waves = waves;
    }
    Ok(())
}

/// Refuses a typed canary or wave that none of these accounts is in.
pub(super) fn check_matches(typed: &cli::Rollout, accounts: &[AccountFacts]) -> Result<(), Failure> {
    let (canary, waves) = waves(typed)?;
    let none = |scope: &Scope| !accounts.iter().any(|account| scope.holds(account));
    if canary.as_ref().is_some_and(none) {
        return Err(Failure::usage("--canary chooses none of the accounts"));
    }
    match waves.iter().flatten().position(|wave| none(&wave.scope)) {
        Some(number) => Err(Failure::usage(format!("wave {} of --waves chooses none of the accounts", number + 1))),
        None => Ok(()),
    }
}

/// Canary and waves as they were typed; none where they were not.
fn waves(typed: &cli::Rollout) -> Result<(Option<Scope>, Option<Vec<WaveOf>>), Failure> {
    let canary = (!typed.canary.is_empty()).then(|| WaveOf::canary(&typed.canary)).transpose();
    let waves = (!typed.waves.is_empty()).then(|| WaveOf::in_order(&typed.waves).map(<[_]>::to_vec)).transpose();
    let of = |option: &str, error: String| Failure::usage(format!("--{option}: {error}"));
    Ok((canary.map_err(|error| of("canary", error))?, waves.map_err(|error| of("waves", error))?))
}

/// What a plan carries, with what was typed in its place, over the accounts that it lists. `written` are those that it
/// writes.
pub(super) fn typed_over(
    typed: &cli::Rollout,
    carried: Rollout,
    lines: &[AccountLine],
    written: &BTreeSet<&AccountId>,
) -> Result<Rollout, Failure> {
    let mut rollout = Rollout {
        pause: typed.pause.or(carried.pause),
        max_failures: typed.max_failures.or(carried.max_failures),
        max_changes: typed.max_changes.or(carried.max_changes),
        on_error: typed.on_error.or(carried.on_error),
        freeze: carried.freeze,
        waves: carried.waves,
    };
    let (canary, waves) = waves(typed)?;
    if canary.is_none() && waves.is_none() {
        return Ok(rollout);
    }
    let scopes = canary.iter().chain(waves.iter().flatten().map(|wave| &wave.scope));
    let by_id = |unit: &Spanned<Unit>| matches!(unit.value, Unit::Id(_));
    if scopes.into_iter().any(|scope| !scope.tags.is_empty() || scope.ous.iter().any(by_id)) {
        return Err(Failure::usage(
            "a plan knows accounts by id and by path of their unit, not by tag or id of a unit",
        )
        .hint("--canary and --waves take ou=/PATH and account=ID with it"));
    }
    let accounts: Vec<AccountFacts> = lines.iter().map(facts).collect();
    check_matches(typed, &accounts)?;
    let written: Vec<AccountFacts> = accounts.into_iter().filter(|account| written.contains(&account.id)).collect();
    rollout.retype(canary.as_ref(), waves.as_deref(), &written);
    Ok(rollout)
}

fn facts(line: &AccountLine) -> AccountFacts {
    AccountFacts {
        id: line.id.clone(),
        name: line.name.clone(),
        ou_path: line.ou_path.clone().unwrap_or_default(),
        ou_ids: vec![],
        tags: BTreeMap::new(),
    }
}

/// The same of a plan file or of a plan that undoes a run, as it is carried out.
pub(super) fn over(typed: &cli::Rollout, file: &PlanFile, output: &Output) -> Result<Rollout, Failure> {
    let written = file.changes.iter().filter(|change| change.can_be_applied()).map(|change| &change.account);
    let carried = of(typed, file);
    let rollout = typed_over(typed, carried, &file.accounts, &written.collect())?;
    if !typed.canary.is_empty() && !rollout.waves.iter().any(|wave| wave.canary) {
        output.must_say(IDLE_CANARY);
    }
    Ok(rollout)
}

const IDLE_CANARY: &str = "no account of the canary has a change: nothing is verified before the others are written";

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
