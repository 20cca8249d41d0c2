//! Keeping an apply: its plan, and the journal of what it does.

use std::cell::Cell;
use std::fmt::Display;
use std::sync::Arc;

use jiff::Timestamp;

use super::output::Output;
use super::reach::Reached;
use super::scene::Moment;
use super::state;
use crate::approval::Approval;
use crate::cli::StateAt;
use crate::engine::begun::Begun;
use crate::engine::doubt::{Doubts, SEEN};
use crate::engine::journal::{Journal, Run, Says};
use crate::engine::stop::Stop;
use crate::failure::Failure;
use crate::history::{History, Problem};
use crate::plan::{PlanFile, PlanText};
use crate::report::TOOL;

/// The plan of an apply.
pub(super) struct Planned {
    pub(super) file: PlanFile,
    /// What it was read from, until it is kept.
    pub(super) text: Cell<Option<PlanText>>,
    /// The approvals of others that it was asked for, and that count.
    pub(super) approvals: Vec<Approval>,
}

impl Planned {
    /// A plan that was made a moment ago by whoever applies it.
    pub(super) fn just_made(file: PlanFile) -> Self {
        Self { file, text: Cell::default(), approvals: vec![] }
    }
}

/// A run that is kept, and what the journals of earlier ones say.
pub(super) struct Keeping {
    pub(super) journal: Arc<Journal>,
    /// Which calls are not sent again for a while.
    pub(super) doubts: Arc<Doubts>,
    /// Which changes of the same plan were begun.
    pub(super) begun: Arc<Begun>,
}

/// Keeps the plan and begins the journal of this run. Nothing is written to AWS that could not be written down.
pub(super) async fn begin(
    planned: &Planned,
    at: Option<&StateAt>,
    reached: &Reached,
    moment: &Moment,
    stop: &Arc<Stop>,
    freeze_ignored: Option<String>,
    output: &Output,
) -> Result<Keeping, Failure> {
    let Planned { file, text, approvals } = planned;
    let unkept = |error: &dyn Display| unkept(error, at);
    let history = state::to_keep(at, reached).await?;
    let (doubts, begun) = left(&history, file, moment, output).await.map_err(|problem| unkept(&problem))?;
    let room = history.begin(&moment.run).map_err(|error| unkept(&error))?;
    let text = text.take();
    room.keep_plan(file, text.as_ref().map(PlanText::bytes)).await.map_err(|error| unkept(&error))?;
    let of = Run { run: moment.run.clone(), plan: file.digest.clone(), caller: reached.caller.arn.clone() };
    let journal = Arc::new(Journal::new(of, room.journal(), Timestamp::now, stop));
    let begins = Says::RunBegins {
        tool: TOOL.to_owned(),
        organization: file.header.organization.id.clone(),
        changes: file.changes.len(),
        freeze_ignored,
        approvals: approvals.clone(),
    };
    journal.add(begins).await.map_err(|why| unkept(&why))?;
    Ok(Keeping { journal, doubts, begun })
}

/// Reads what earlier runs leave in doubt, and what those of this plan left half done. A journal that does not hold is
/// named: what it says is not known.
async fn left(
    history: &History,
    plan: &PlanFile,
    moment: &Moment,
    output: &Output,
) -> Result<(Arc<Doubts>, Arc<Begun>), Problem> {
    let since = plan.header.created.min(moment.now - SEEN);
    let (records, problems) = history.since(since).await?;
    for problem in problems {
        output.must_say(&format!(
            "it is not known whether an earlier run made a key, or left a change half done: {problem}"
        ));
    }
    Ok((Arc::new(Doubts::of(Timestamp::now, &records)), Arc::new(Begun::of(&plan.digest, &records))))
}

fn unkept(error: &dyn Display, at: Option<&StateAt>) -> Failure {
    let failure = Failure::failed(format!("could not keep what is done, so nothing was written to AWS: {error}"));
    match at {
        Some(StateAt::Objects(place)) => failure.hint(state::SHARED_NEEDS).hint(state::whose(place)),
        Some(StateAt::Folder(_)) | None => failure.hint("--state names another folder"),
    }
}
