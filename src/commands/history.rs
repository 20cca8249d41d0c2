//! `trueup history`: the runs that were kept.

use std::path::Path;
use std::process::ExitCode;

use super::output::Output;
use super::state;
use crate::cli::{self, Format, HistoryVerb};
use crate::failure::Failure;
use crate::history::{History, Kept, Problem};
use crate::plan::revert;
use crate::report::history::Line;
use crate::report::{self, Applied};

pub(super) fn run(typed: &cli::History, output: &Output) -> Result<ExitCode, Failure> {
    let history = state::history(typed.state.as_deref())?;
    match (&typed.verb, &typed.run) {
        (Some(HistoryVerb::Verify { run }), _) => verify(&history, run.as_deref(), output),
        (None, Some(run)) => show(&history, run, output),
        (None, None) => list(&history, output),
    }
}

fn list(history: &History, output: &Output) -> Result<ExitCode, Failure> {
    let lines: Vec<Line> = ids(history)?.into_iter().map(|id| Line::of(id.clone(), &history.run(&id))).collect();
    output.result(|out| match output.format {
        Format::Text | Format::Markdown => report::history::list(&lines, out),
        Format::Json => report::history::json(&lines, out),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// A kept run by its id.
pub(super) fn kept(state: Option<&Path>, id: &str) -> Result<Kept, Failure> {
    state::history(state)?.run(id).map_err(|problem| refused(&problem))
}

fn show(history: &History, id: &str, output: &Output) -> Result<ExitCode, Failure> {
    let kept = history.run(id).map_err(|problem| refused(&problem))?;
    let undone = revert(&kept.of.run, &kept.plan.changes, &kept.records, false);
    let Kept { of, began, plan, .. } = &kept;
    let outcomes = kept.outcomes();
    let applied = Applied {
        run: &of.run,
        created: *began,
        plan: &of.plan,
        organization: &plan.header.organization,
        accounts: &plan.accounts,
        changes: &plan.changes,
        outcomes: &outcomes,
        waves: plan.header.waves(),
    };
    output.result(|out| match output.format {
        Format::Text | Format::Markdown => report::history::run(&kept, &applied, &undone, out),
        Format::Json => report::json::apply(&applied, out),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Every journal, or one; the first line that does not hold is named.
fn verify(history: &History, run: Option<&str>, output: &Output) -> Result<ExitCode, Failure> {
    let ids = match run {
        Some(id) => vec![id.to_owned()],
        None => ids(history)?,
    };
    let mut problems = vec![];
    let mut lines = vec![];
    for id in ids {
        match history.run(&id) {
            kept @ Ok(_) => lines.push(Line::of(id, &kept)),
            Err(problem @ Problem::Unknown { .. }) => return Err(refused(&problem)),
            Err(problem) => problems.push(format!("{id}: {problem}")),
        }
    }
    if !problems.is_empty() {
        return Err(Failure::failed(problems.join("\n")));
    }
    output.result(|out| match output.format {
        Format::Text | Format::Markdown => report::history::verified(&lines, out),
        Format::Json => report::history::json(&lines, out),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn ids(history: &History) -> Result<Vec<String>, Failure> {
    history.runs().map_err(|error| Failure::failed(format!("could not read the kept runs: {error}")))
}

fn refused(problem: &Problem) -> Failure {
    match problem {
        Problem::Unknown { known, .. } => {
            let failure = Failure::usage(problem);
            match known.last() {
                Some(last) => failure.hint(format!("`trueup history` lists them; the last is {last}")),
                None => failure.hint("no run was kept yet in this state folder"),
            }
        }
        _ => Failure::failed(problem),
    }
}
