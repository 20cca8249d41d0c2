//! `trueup revert`: a plan that undoes a kept run, shown, asked about and applied, or written to a file.

use std::collections::BTreeSet;
use std::process::ExitCode;

use super::asked_file::AskedFile;
use super::interrupts::Interrupts;
use super::output::Output;
use super::scene::Moment;
use super::{apply, history, plan, rollout, state};
use crate::assessment::{AccountLine, Assessment, Status, Summary};
use crate::baseline::NamePattern;
use crate::cli::{self, Format};
use crate::controls;
use crate::engine::{Collect as _, Spool, Terms};
use crate::failure::Failure;
use crate::history::Kept;
use crate::plan::{Change, Header, Rollout, Undone, revert};
use crate::report::{self, TOOL};
use crate::target::AccountId;

pub(super) async fn run(typed: &cli::Revert, output: &Output, interrupts: &Interrupts) -> Result<ExitCode, Failure> {
    if !typed.reach.read_role.is_empty() {
        return Err(Failure::usage("a revert looks by the role that it writes with: --read-role is refused"));
    }
    if typed.out.is_some() && typed.rollout.ignore_freeze.is_some() {
        return Err(Failure::usage("--ignore-freeze is for the apply of the plan, whose journal keeps the reason"));
    }
    let moment = Moment::now();
    let kept = history::kept(typed.reports.state.as_ref(), &typed.reach, &moment.run, &typed.run).await?;
    if let Some(path) = &typed.out {
        let file = AskedFile::open(path)?;
        let (header, mut spool) = made(typed, &kept, &moment)?;
        file.write(|out| report::json::plan(&header, &mut spool, out).map(drop))?;
        plan::show(output, &header, &mut spool, typed.detail)?;
        if spool.summary().changes.change + spool.summary().changes.remove > 0 {
            output.say(&format!("\nTo do exactly this, with the flags that it needs: trueup apply {}", path.display()));
        }
        return Ok(ExitCode::SUCCESS);
    }
    let applying = applying(typed);
    apply::somebody_to_ask(&applying, "without a terminal revert takes --out FILE or --auto-approve")?;
    let (header, mut spool) = made(typed, &kept, &moment)?;
    if output.format == Format::Text {
        plan::show(output, &header, &mut spool, typed.detail)?;
    }
    apply::made(&applying, output, interrupts, moment, header, spool).await
}

/// A revert goes through the same gates as what it undoes.
fn applying(typed: &cli::Revert) -> cli::Apply {
    cli::Apply {
        scoped: cli::Scoped { reach: typed.reach.clone(), ..cli::Scoped::default() },
        auto_approve: typed.auto_approve,
        allow: typed.allow.clone(),
        lock: typed.lock.clone(),
        rollout: typed.rollout.clone(),
        reports: typed.reports.clone(),
        ..cli::Apply::default()
    }
}

/// The plan that undoes what was selected of a run.
fn made(typed: &cli::Revert, kept: &Kept, moment: &Moment) -> Result<(Header, Spool), Failure> {
    let changes = selected(typed, kept)?;
    let Undone { changes, warnings } = revert(&kept.of.run, &changes, &kept.records, typed.delete_keys);
    let mut spool = state::spool(typed.reports.state.as_ref())?;
    for line in &kept.plan.accounts {
        let changes: Vec<Change> = changes.iter().filter(|change| change.account == line.id).cloned().collect();
        if !changes.is_empty() {
            let found = assessment(line, changes, &kept.plan.terms);
            spool.add(found).map_err(|error| Failure::failed(format!("could not keep the plan: {error}")))?;
        }
    }
    let mut header = header(typed, kept, moment, spool.summary(), warnings);
    // What undoes a run is rolled out as the run was, unless it is said otherwise.
    let written = changes.iter().filter(|change| change.can_be_applied()).map(|change| &change.account).collect();
    let carried = header.rollout.take().unwrap_or_default();
    let rollout = rollout::typed_over(&typed.rollout, carried, &kept.plan.accounts, &written)?;
    header.rollout = (rollout != Rollout::default()).then_some(rollout);
    Ok((header, spool))
}

fn assessment(line: &AccountLine, changes: Vec<Change>, terms: &[Terms]) -> Assessment {
    let terms = terms.iter().find(|terms| terms.account == line.id).cloned();
    let account = AccountLine { status: Status::Read, reason: None, ..line.clone() };
    Assessment { account, regions: vec![], verdicts: vec![], changes, terms }
}

fn header(typed: &cli::Revert, kept: &Kept, moment: &Moment, summary: &Summary, warnings: Vec<String>) -> Header {
    let mut access = kept.plan.header.access.clone();
    if let Some(role) = &typed.reach.write_role {
        access.write_role = Some(role.clone());
    }
    if let Some(id) = &typed.reach.external_id {
        access.external_id = Some(id.clone());
    }
    let began = kept.began.strftime("%Y-%m-%d %H:%M:%S UTC");
    let undoes =
        format!("this undoes run {} of {began} by {}: what it protects gets weaker", kept.of.run, kept.of.caller);
    let mut summary = summary.clone();
    // They are those of the run; nothing was read to make this.
    summary.accounts.read = 0;
    Header {
        tool: TOOL.to_owned(),
        created: moment.now,
        created_by: None,
        complete: true,
        warnings: std::iter::once(undoes).chain(warnings).collect(),
        summary,
        access,
        ..kept.plan.header.clone()
    }
}

/// The changes of the run that are meant.
fn selected(typed: &cli::Revert, kept: &Kept) -> Result<Vec<Change>, Failure> {
    let accounts = accounts(typed, kept)?;
    let of_plan: BTreeSet<&str> = kept.plan.changes.iter().map(|change| change.control.as_str()).collect();
    for id in &typed.control {
        if controls::find(id).is_none() {
            return Err(Failure::usage(format!("there is no control `{id}`")).hint("`trueup controls` lists them"));
        }
        if !of_plan.contains(id.as_str()) {
            let failure = Failure::usage(format!("run {} changed nothing for the control `{id}`", kept.of.run));
            return Err(failure.hint(format!("`trueup history {}` shows what it did", kept.of.run)));
        }
    }
    let meant = |change: &&Change| {
        accounts.as_ref().is_none_or(|accounts| accounts.contains(&change.account))
            && (typed.control.is_empty() || typed.control.contains(&change.control))
    };
    Ok(kept.plan.changes.iter().filter(meant).cloned().collect())
}

/// The accounts that are meant; none: all.
fn accounts(typed: &cli::Revert, kept: &Kept) -> Result<Option<BTreeSet<AccountId>>, Failure> {
    if typed.account.is_empty() {
        return Ok(None);
    }
    let mut meant = BTreeSet::new();
    for text in &typed.account {
        let pattern: NamePattern = text.parse().map_err(|error| Failure::usage(format!("--account: {error}")))?;
        let lines = kept.plan.accounts.iter();
        let matched = lines.filter(|line| line.id.as_str() == text || pattern.matches(&line.name));
        let matched: Vec<AccountId> = matched.map(|line| line.id.clone()).collect();
        if matched.is_empty() {
            return Err(Failure::usage(format!("no account of run {} is `{text}`", kept.of.run)));
        }
        meant.extend(matched);
    }
    Ok(Some(meant))
}
