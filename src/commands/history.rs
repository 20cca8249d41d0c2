//! `trueup history`: the runs that were kept.

use std::process::ExitCode;

use futures::{StreamExt as _, stream};

use super::output::Output;
use super::scene::Moment;
use super::state;
use crate::cli::{self, Format, HistoryVerb, Reach, StateAt};
use crate::failure::{Failure, Kind};
use crate::history::{History, Kept, Problem};
use crate::plan::revert;
use crate::report::escape::safe;
use crate::report::history::Line;
use crate::report::{self, Applied};

/// How many runs are read at once.
const AT_ONCE: usize = 4;

pub(super) async fn run(typed: &cli::History, output: &Output) -> Result<ExitCode, Failure> {
    let cli::History { verb, run, state, profile, region, endpoint_url } = typed;
    let (profile, region, endpoint_url) = (profile.clone(), region.clone(), endpoint_url.clone());
    let reach = Reach { profile, region, endpoint_url, concurrency: 16, ..Reach::default() };
    let history = state::history(state.as_ref(), &reach, &Moment::now().run).await?;
    match (verb, run) {
        (Some(HistoryVerb::Verify { run: named }), run) => {
            verify(&history, named.as_ref().or(run.as_ref()).map(String::as_str), output).await
        }
        (None, Some(run)) => show(&history, run, output).await,
        (None, None) => list(&history, output).await,
    }
}

async fn list(history: &History, output: &Output) -> Result<ExitCode, Failure> {
    let read = all(history, ids(history).await?).await;
    let lines: Vec<Line> = read.iter().map(|(id, kept)| Line::of(id.clone(), kept)).collect();
    output.result(|out| match output.format {
        Format::Text | Format::Markdown => report::history::list(&lines, out),
        Format::Json => report::history::json(&lines, out),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// These runs of those that were listed, in their order.
async fn all(history: &History, ids: Vec<String>) -> Vec<(String, Result<Kept, Problem>)> {
    let read = |id: String| async {
        let kept = history.known(&id).await;
        (id, kept)
    };
    stream::iter(ids).map(read).buffered(AT_ONCE).collect().await
}

/// A kept run by its id, of a run that reaches AWS so where it has to.
pub(super) async fn kept(at: Option<&StateAt>, reach: &Reach, own: &str, id: &str) -> Result<Kept, Failure> {
    let history = state::history(at, reach, own).await?;
    history.run(id).await.map_err(|problem| refused(&problem))
}

async fn show(history: &History, id: &str, output: &Output) -> Result<ExitCode, Failure> {
    let kept = history.run(id).await.map_err(|problem| refused(&problem))?;
    let undone = revert(&kept.of.run, &kept.plan.changes, &kept.records, false);
    let Kept { of, began, plan, .. } = &kept;
    let outcomes = kept.outcomes();
    let applied = Applied {
        run: &of.run,
        created: *began,
        plan: &of.plan,
        organization: &plan.header.organization,
        accounts: &plan.accounts,
        complete: plan.header.complete,
        changes: &plan.changes,
        outcomes: &outcomes,
        waves: plan.header.waves(),
        approvals: kept.approvals(),
    };
    output.result(|out| match output.format {
        Format::Text | Format::Markdown => report::history::run(&kept, &applied, &undone, out),
        Format::Json => report::json::apply(&applied, out),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Every journal, or one; the first line that does not hold is named.
async fn verify(history: &History, run: Option<&str>, output: &Output) -> Result<ExitCode, Failure> {
    let read = match run {
        Some(id) => vec![(id.to_owned(), history.run(id).await)],
        None => all(history, ids(history).await?).await,
    };
    let mut problems = vec![];
    let mut lines = vec![];
    for (id, kept) in read {
        match kept {
            // A kill that strikes before the first line leaves no other trace, and is nobody's fault.
            Ok(_) | Err(Problem::NotBegun { .. }) => lines.push(Line::of(id, &kept)),
            Err(problem @ Problem::Unknown { .. }) => return Err(refused(&problem)),
            Err(problem) => problems.push(safe(&format!("{id}: {problem}")).into_owned()),
        }
    }
    if !problems.is_empty() {
        return Err(Failure::lines(Kind::Failed, problems.join("\n")));
    }
    output.result(|out| match output.format {
        Format::Text | Format::Markdown => report::history::verified(&lines, out),
        Format::Json => report::history::json(&lines, out),
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn ids(history: &History) -> Result<Vec<String>, Failure> {
    history.runs().await.map_err(Failure::failed)
}

fn refused(problem: &Problem) -> Failure {
    match problem {
        Problem::Unknown { known, .. } => {
            let failure = Failure::usage(problem);
            match known.last() {
                Some(last) => failure.hint(format!("`trueup history` lists them; the last is {last}")),
                None => failure.hint("no run was kept yet there"),
            }
        }
        _ => Failure::failed(problem),
    }
}
