//! One kept run, read again.

use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use crate::approval::Approval;
use crate::engine::apply::{Outcome, OutcomeKind};
use crate::engine::journal::{self, Broken, Record, Run, Says, Why};
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
    /// A file or an object of it cannot be read.
    #[error("could not read {place}: {error}")]
    Unreadable {
        /// Which.
        place: String,
        /// Why.
        error: String,
    },
    /// Its journal does not hold together.
    #[error("the journal {place} does not hold: {broken}")]
    Journal {
        /// The file or the object.
        place: String,
        /// Where.
        broken: Broken,
    },
    /// It has no journal.
    #[error("there is no line of a journal at {place}: the run was killed before it did anything")]
    NotBegun {
        /// Where it would be.
        place: String,
    },
    /// Its journal was made with its first line, and has none.
    #[error("the journal {place} is empty: its lines were taken away")]
    Emptied {
        /// Where it is.
        place: String,
    },
    /// Its plan cannot be read.
    #[error(transparent)]
    Plan(#[from] Refused),
    /// Its plan is not the one that the journal speaks of.
    #[error("{place} is not the plan that the journal is of: it has the digest {found}, and the journal says {said}")]
    OtherPlan {
        /// The file or the object.
        place: String,
        /// What it has.
        found: String,
        /// What the journal says.
        said: String,
    },
}

impl Problem {
    pub(super) fn unreadable(place: &dyn Display, error: &dyn Display) -> Self {
        Self::Unreadable { place: place.to_string(), error: error.to_string() }
    }
}

/// A text of a run, and where it is.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) place: String,
    pub(super) text: Vec<u8>,
}

/// A journal as it is kept: one text, or many in their order.
#[derive(Debug)]
pub(super) struct Parts {
    /// Where all of it is.
    pub(super) place: String,
    pub(super) texts: Vec<Part>,
    /// Whether each part is there as a whole or not at all; otherwise the last line may be cut off.
    pub(super) whole: bool,
}

impl Parts {
    /// Reads it as one.
    pub(super) fn read(&self) -> Result<journal::Read, Problem> {
        let cut = self.texts.iter().find(|part| self.whole && !part.text.ends_with(b"\n"));
        if let Some(Part { place, text }) = cut {
            let broken = Broken { line: lines(text).max(1), why: Why::CutOff };
            return Err(Problem::Journal { place: place.clone(), broken });
        }
        let texts: Vec<&[u8]> = self.texts.iter().map(|part| part.text.as_slice()).collect();
        let found = journal::read(&texts.concat()).map_err(|broken| self.at(broken))?;
        if found.records.is_empty() && !self.texts.is_empty() {
            return Err(Problem::Emptied { place: self.place.clone() });
        }
        Ok(found)
    }

    /// What is wrong, at its place and with the line there.
    fn at(&self, broken: Broken) -> Problem {
        let Broken { mut line, why } = broken;
        let [before @ .., last] = self.texts.as_slice() else {
            return Problem::Journal { place: self.place.clone(), broken: Broken { line, why } };
        };
        for part in before {
            let here = lines(&part.text);
            if line <= here {
                return Problem::Journal { place: part.place.clone(), broken: Broken { line, why } };
            }
            line -= here;
        }
        Problem::Journal { place: last.place.clone(), broken: Broken { line, why } }
    }
}

fn lines(text: &[u8]) -> usize {
    text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count()
}

impl Kept {
    /// Puts a run together. `plan` reads the plan, and where it is.
    pub(super) fn of(run: &str, journal: &Parts, plan: (String, Result<PlanFile, Problem>)) -> Result<Self, Problem> {
        let found = journal.read()?;
        let Some(first) = found.records.first() else { return Err(Problem::NotBegun { place: journal.place.clone() }) };
        let (of, began) = (first.of.clone(), first.time);
        if let Some(other) = found.records.iter().position(|record| record.of != of || record.of.run != run) {
            return Err(journal.at(Broken { line: other + 1, why: Why::OtherRun }));
        }
        let (place, file) = plan;
        let file = file?;
        if file.digest != of.plan {
            let (found, said) = (file.digest, of.plan);
            return Err(Problem::OtherPlan { place, found, said });
        }
        let standing = found.records.iter().find_map(|record| match &record.says {
            Says::RunEnds { stopped: None } => Some(Standing::Finished),
            Says::RunEnds { stopped: Some(why) } => Some(Standing::Stopped(why.clone())),
            _ => None,
        });
        let standing = standing.unwrap_or(Standing::Open);
        Ok(Self { of, began, standing, plan: file, records: found.records, torn: found.torn })
    }

    /// The approvals that it was asked for.
    #[must_use]
    pub fn approvals(&self) -> &[Approval] {
        match self.records.first().map(|record| &record.says) {
            Some(Says::RunBegins { approvals, .. }) => approvals,
            _ => &[],
        }
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
