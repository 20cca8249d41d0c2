//! One kept run, read again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::engine::apply::{Outcome, OutcomeKind};
use crate::engine::journal::{self, Broken, Record, Run, Says};
use crate::plan::{PlanFile, Refused};

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It went through its whole plan.
    Finished,
    /// It stopped before; why.
    Stopped(String),
    /// It was killed, or is still at work.
    Open,
}

/// One kept run.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its id, the digest of its plan, and who ran it.
    pub of: Run,
    /// When it began.
    pub began: Timestamp,
    /// How it ended.
    pub standing: Standing,
    /// The plan that it applied.
    pub plan: PlanFile,
    /// The lines of its journal.
    pub records: Vec<Record>,
    /// Whether its last line was cut off.
    pub torn: bool,
}

/// Why a kept run cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// There is none of this id.
    #[error("there is no kept run `{run}`")]
    Unknown {
        /// What was asked for.
        run: String,
        /// Which there are.
        known: Vec<String>,
    },
    /// A file of it cannot be read.
    #[error("could not read {}: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: String,
    },
    /// Its journal does not hold together.
    #[error("the journal {} does not hold: {broken}", path.display())]
    Journal {
        /// The file.
        path: PathBuf,
        /// Where.
        broken: Broken,
    },
    /// Its journal has no line.
    #[error("the journal {} is empty: the run was killed before it did anything", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// Its plan cannot be read.
    #[error(transparent)]
    Plan(#[from] Refused),
    /// Its plan is not the one that the journal speaks of.
    #[error("{} is not the plan that the journal is of: it has the digest {found}, and the journal says {said}", path.display())]
    OtherPlan {
        /// The file.
        path: PathBuf,
        /// What it has.
        found: String,
        /// What the journal says.
        said: String,
    },
}

impl Problem {
    pub(super) fn unreadable(path: &Path, error: &io::Error) -> Self {
        Self::Unreadable { path: path.to_owned(), error: error.to_string() }
    }
}

/// The lines of a journal.
pub(super) fn lines(path: &Path) -> Result<journal::Read, Problem> {
    let text = fs::read(path).map_err(|error| Problem::unreadable(path, &error))?;
    journal::read(&text).map_err(|broken| Problem::Journal { path: path.to_owned(), broken })
}

impl Kept {
    pub(super) fn read(run: &str, journal: &Path, plan: &Path) -> Result<Self, Problem> {
        let found = lines(journal)?;
        let Some(first) = found.records.first() else { return Err(Problem::Empty { path: journal.to_owned() }) };
        let (of, began) = (first.of.clone(), first.time);
        if let Some(other) = found.records.iter().position(|record| record.of != of || record.of.run != run) {
            let broken = Broken { line: other + 1, why: "is of another run".to_owned() };
            return Err(Problem::Journal { path: journal.to_owned(), broken });
        }
        let file = PlanFile::read(plan)?;
        if file.digest != of.plan {
            let (found, said) = (file.digest, of.plan);
            return Err(Problem::OtherPlan { path: plan.to_owned(), found, said });
        }
        let standing = found.records.iter().find_map(|record| match &record.says {
            Says::RunEnds { stopped: None } => Some(Standing::Finished),
            Says::RunEnds { stopped: Some(why) } => Some(Standing::Stopped(why.clone())),
            _ => None,
        });
        let standing = standing.unwrap_or(Standing::Open);
        Ok(Self { of, began, standing, plan: file, records: found.records, torn: found.torn })
    }

    /// What came of each change of the plan, in its order, as far as the journal says.
    #[must_use]
    pub fn outcomes(&self) -> Vec<Outcome> {
        let mut ended: BTreeMap<&str, &Outcome> = BTreeMap::new();
        let mut begun: BTreeSet<&str> = BTreeSet::new();
        for record in &self.records {
            match &record.says {
                Says::ChangeEnds { place, outcome } => {
                    ended.insert(&place.change, outcome);
                }
                Says::WriteBegins(write) => {
                    begun.insert(&write.place.change);
                }
                Says::RunBegins { .. } | Says::WriteEnds { .. } | Says::RunEnds { .. } => {}
            }
        }
        let of = |id: &str| match ended.get(id) {
            Some(outcome) => (*outcome).clone(),
            None if begun.contains(id) => {
                Outcome::because(OutcomeKind::Unknown, "the run ended while it was worked on")
            }
            None => Outcome::because(OutcomeKind::Held, "the run ended before it was begun"),
        };
        self.plan.changes.iter().map(|change| of(&change.id)).collect()
    }
}
