//! Keeping an apply: a folder with a copy of its plan, and the journal of what it does.

use std::io;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use super::output::Output;
use super::reach::Reached;
use super::scene::Moment;
use super::state;
use crate::engine::doubt::{Doubts, SEEN};
use crate::engine::journal::{Journal, Run, Says};
use crate::engine::stop::Stop;
use crate::failure::Failure;
use crate::history::History;
use crate::plan::PlanFile;
use crate::report::TOOL;

/// The plan of an apply, and the file that it was read from, where there is one.
pub(super) struct Planned<'a> {
    pub(super) file: PlanFile,
    pub(super) path: Option<&'a Path>,
}

/// Keeps the plan and begins the journal of this run. Nothing is written to AWS that could not be written down. Answers
/// as well which calls of earlier runs are not sent again for a while.
pub(super) async fn begin(
    planned: &Planned<'_>,
    state: Option<&Path>,
    reached: &Reached,
    moment: &Moment,
    stop: &Arc<Stop>,
    freeze_ignored: Option<String>,
    output: &Output,
) -> Result<(Arc<Journal>, Arc<Doubts>), Failure> {
    let Planned { file, path } = planned;
    let history = state::history(state)?;
    let doubts = doubts(&history, moment, output)?;
    let folder = history.begin(&moment.run).map_err(|error| unkept(&error))?;
    folder.keep_plan(file, *path).map_err(|error| unkept(&error))?;
    let sink = Box::new(folder.journal().map_err(|error| unkept(&error))?);
    let of = Run { run: moment.run.clone(), plan: file.digest.clone(), caller: reached.caller.arn.clone() };
    let journal = Arc::new(Journal::new(of, sink, Timestamp::now, stop));
    let organization = file.header.organization.id.clone();
    let begins = Says::RunBegins { tool: TOOL.to_owned(), organization, changes: file.changes.len(), freeze_ignored };
    journal.add(begins).await.map_err(|why| unkept(&io::Error::other(why)))?;
    Ok((journal, doubts))
}

/// Reads what earlier runs leave in doubt. A journal that does not hold is named: what it says is not known.
fn doubts(history: &History, moment: &Moment, output: &Output) -> Result<Arc<Doubts>, Failure> {
    let (records, problems) = history.since(moment.now - SEEN).map_err(|error| unkept(&error))?;
    for problem in problems {
        output.must_say(&format!("it is not known whether an earlier run made a key: {problem}"));
    }
    Ok(Arc::new(Doubts::of(Timestamp::now, &records)))
}

fn unkept(error: &io::Error) -> Failure {
    Failure::failed(format!("could not keep what is done, so nothing was written to AWS: {error}"))
        .hint("--state names another folder")
}
