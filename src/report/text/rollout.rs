//! In which waves a plan is carried out, and how far each came.

use std::io;

use crate::plan::{Rollout, Wave};
use crate::report::Applied;
use crate::report::page::{DIM, Page, count, paint, safe};

/// Waves in a row that are no more than lots of the same are not told one by one beyond so many.
const SHOWN: usize = 20;

/// Writes what a plan says of it.
pub(super) fn planned(page: &mut Page<'_>, rollout: &Rollout) -> io::Result<()> {
    page.heading("Rollout")?;
    for (number, Wave { name, canary, accounts }) in rollout.waves.iter().take(SHOWN).enumerate() {
        let first = if *canary { ", verified before the others" } else { "" };
        page.line(2, format_args!("{}. {}: {}{first}", number + 1, safe(name), count(accounts.len(), "account")))?;
    }
    let more = rollout.waves.len().saturating_sub(SHOWN);
    if more > 0 {
        page.line(2, paint(DIM, format_args!("and {} more", count(more, "wave"))))?;
    }
    for limit in limits(rollout) {
        page.line(2, limit)?;
    }
    Ok(())
}

fn limits(rollout: &Rollout) -> Vec<String> {
    let Rollout { waves: _, pause, max_failures, max_changes, on_error, freeze } = rollout;
    let pause = pause.map(|pause| format!("pause between waves: {pause:#}"));
    let failures = max_failures.map(|borne| format!("accounts in which something may fail: {borne}"));
    let changes = max_changes.map(|most| format!("changes that may be written: {most}"));
    let on_error = on_error.map(|on_error| format!("on error: {on_error}"));
    let freezes = freeze.iter().map(|freeze| safe(&freeze.to_string()).into_owned());
    pause.into_iter().chain(failures).chain(changes).chain(on_error).chain(freezes).collect()
}

/// Writes how far each wave came, where there is more than one.
pub(super) fn applied(page: &mut Page<'_>, applied: &Applied<'_>) -> io::Result<()> {
    let waves = applied.waves();
    if waves.is_empty() {
        return Ok(());
    }
    page.heading("Waves")?;
    for (number, wave) in waves.iter().enumerate() {
        let came = if wave.changes == 0 { "nothing to do".to_owned() } else { wave.summary.to_string() };
        page.line(2, format_args!("{}. {}: {came}", number + 1, safe(wave.name)))?;
    }
    Ok(())
}
