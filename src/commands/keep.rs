//! Keeping an apply: a folder with a copy of its plan, and the journal of what it does.

use std::io;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use super::reach::Reached;
use super::scene::Moment;
use super::state;
use crate::engine::journal::{Journal, Run, Says};
use crate::engine::stop::Stop;
use crate::failure::Failure;
use crate::plan::PlanFile;
use crate::report::TOOL;

/// The plan of an apply, and the file that it was read from, where there is one.
pub(super) struct Planned<'a> {
    pub(super) file: PlanFile,
    pub(super) path: Option<&'a Path>,
}

/// Keeps the plan and begins the journal of this run. Nothing is written to AWS that could not be written down.
pub(super) async fn begin(
    planned: &Planned<'_>,
    state: Option<&Path>,
    reached: &Reached,
    moment: &Moment,
    stop: &Arc<Stop>,
    freeze_ignored: Option<String>,
) -> Result<Arc<Journal>, Failure> {
    let Planned { file, path } = planned;
    let folder = state::history(state)?.begin(&moment.run).map_err(|error| unkept(&error))?;
    folder.keep_plan(file, *path).map_err(|error| unkept(&error))?;
    let sink = Box::new(folder.journal().map_err(|error| unkept(&error))?);
    let of = Run { run: moment.run.clone(), plan: file.digest.clone(), caller: reached.caller.arn.clone() };
    let journal = Arc::new(Journal::new(of, sink, Timestamp::now, stop));
    let organization = file.header.organization.id.clone();
    let begins = Says::RunBegins { tool: TOOL.to_owned(), organization, changes: file.changes.len(), freeze_ignored };
    journal.add(begins).await.map_err(|why| unkept(&io::Error::other(why)))?;
    Ok(journal)
}

fn unkept(error: &io::Error) -> Failure {
    Failure::failed(format!("could not keep what is done, so nothing was written to AWS: {error}"))
        .hint("--state names another folder")
}
