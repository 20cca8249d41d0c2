//! Kept runs, each with the plan that was applied and the journal of what was done: folders in the state folder, or
//! objects in S3 that are shared.

mod folder;
mod kept;
mod objects;
mod past;

use std::io;
use std::path::Path;

use jiff::Timestamp;

use crate::aws::Objects;
use crate::engine::journal::{self, Record, Sink};
use crate::plan::PlanFile;

pub use folder::RunFolder;
pub use kept::{Kept, Problem, Standing};
pub use objects::RunObjects;
pub use past::Past;

const RUNS: &str = "runs";
const PLAN: &str = "plan.json";

/// The kept runs.
#[derive(Clone, Debug)]
pub enum History {
    /// Those of a state folder.
    Folder(folder::Runs),
    /// Those in S3.
    Objects(objects::Runs),
}

/// Room for a run that is about to be kept.
#[derive(Clone, Debug)]
pub enum Room {
    /// A folder.
    Folder(RunFolder),
    /// Objects.
    Objects(RunObjects),
}

impl History {
    /// The history in this state folder, which need not be there yet.
    #[must_use]
    pub fn of(state: &Path) -> Self {
        Self::Folder(folder::Runs::of(state))
    }

    /// The history below this place in S3.
    #[must_use]
    pub fn shared(objects: Objects) -> Self {
        Self::Objects(objects::Runs::of(objects))
    }

    /// Makes room for a run.
    ///
    /// # Errors
    /// The folder cannot be written, or there is such a run.
    pub fn begin(&self, run: &str) -> io::Result<Room> {
        match self {
            Self::Folder(runs) => runs.begin(run).map(Room::Folder),
            Self::Objects(runs) => Ok(Room::Objects(runs.begin(run))),
        }
    }

    /// The ids of all kept runs, the oldest first.
    ///
    /// # Errors
    /// They cannot be listed. That nothing was kept yet is no error.
    pub async fn runs(&self) -> Result<Vec<String>, Problem> {
        match self {
            Self::Folder(runs) => runs.ids(),
            Self::Objects(runs) => runs.ids().await,
        }
    }

    /// The lines of all journals that were written to since this time, the oldest run first, and which of them do not
    /// hold.
    ///
    /// # Errors
    /// The runs cannot be listed.
    pub async fn since(&self, time: Timestamp) -> Result<(Vec<Record>, Vec<Problem>), Problem> {
        let runs = match self {
            Self::Folder(runs) => runs.written_since(time)?,
            Self::Objects(runs) => runs.begun_a_day_before(time).await?,
        };
        let (mut records, mut problems) = (vec![], vec![]);
        for run in runs {
            match self.journal(&run).await {
                Ok(found) => records.extend(found.records),
                Err(problem) => problems.push(problem),
            }
        }
        Ok((records, problems))
    }

    async fn journal(&self, run: &str) -> Result<journal::Read, Problem> {
        match self {
            Self::Folder(runs) => runs.journal(run)?.read(),
            Self::Objects(runs) => runs.journal(run).await?.read(),
        }
    }

    /// One kept run.
    ///
    /// # Errors
    /// There is none of this id, or it does not hold together.
    pub async fn run(&self, run: &str) -> Result<Kept, Problem> {
        // An id is a name and no path, whatever was typed.
        let known = self.runs().await?;
        if !known.iter().any(|id| id == run) {
            return Err(Problem::Unknown { run: run.to_owned(), known });
        }
        self.known(run).await
    }

    /// One of the runs that were listed.
    ///
    /// # Errors
    /// It does not hold together.
    pub async fn known(&self, run: &str) -> Result<Kept, Problem> {
        match self {
            Self::Folder(runs) => runs.kept(run),
            Self::Objects(runs) => runs.kept(run).await,
        }
    }
}

impl Room {
    /// Keeps the plan of the run: the text that it was read from, or what was planned a moment ago.
    ///
    /// # Errors
    /// It cannot be written.
    pub async fn keep_plan(&self, plan: &PlanFile, read_from: Option<&[u8]>) -> io::Result<()> {
        let made;
        let text = if let Some(text) = read_from {
            text
        } else {
            made = serde_json::to_vec(plan)?;
            &made
        };
        match self {
            Self::Folder(folder) => folder.keep_plan(text),
            Self::Objects(objects) => objects.keep_plan(text).await,
        }
    }

    /// The journal of the run, which is there from its first line on.
    #[must_use]
    pub fn journal(&self) -> Box<dyn Sink> {
        match self {
            Self::Folder(folder) => Box::new(folder.journal()),
            Self::Objects(objects) => Box::new(objects.journal()),
        }
    }
}
