//! Kept runs as objects in S3, which everyone who applies shares.

use std::io;

use futures::{StreamExt as _, TryStreamExt as _, stream};

use jiff::{SignedDuration, Timestamp};

use super::kept::{Part, Parts};
use super::{Kept, PLAN, Problem, RUNS};
use crate::aws::{Objects, Only, Written};
use crate::engine::journal::ObjectSink;
use crate::plan::PlanFile;

/// How many objects of a journal are read at once.
const AT_ONCE: usize = 8;

/// The kept runs below a place in S3.
#[derive(Clone, Debug)]
pub struct Runs(Objects);

/// Where the objects of a run go that is about to be kept.
#[derive(Clone, Debug)]
pub struct RunObjects {
    objects: Objects,
    run: String,
}

fn plan_of(run: &str) -> String {
    format!("/{RUNS}/{run}/{PLAN}")
}

fn journal_of(run: &str) -> String {
    format!("/{RUNS}/{run}/journal/")
}

impl Runs {
    pub(super) fn of(objects: Objects) -> Self {
        Self(objects)
    }

    pub(super) fn begin(&self, run: &str) -> RunObjects {
        RunObjects { objects: self.0.clone(), run: run.to_owned() }
    }

    fn at(&self, below: &str) -> String {
        format!("{}{below}", self.0.place())
    }

    pub(super) async fn ids(&self) -> Result<Vec<String>, Problem> {
        let below = format!("/{RUNS}/");
        let listed = self.0.folders(&below).await;
        let mut ids = listed.map_err(|error| Problem::unreadable(&self.at(&below), &error.in_full()))?;
        ids.sort();
        Ok(ids)
    }

    /// The ids of the runs that began at most a day before this time: what began earlier writes no more, since the
    /// sessions of an apply, and its plan, do not last that long. When each run last wrote is only known by listing all.
    pub(super) async fn begun_a_day_before(&self, time: Timestamp) -> Result<Vec<String>, Problem> {
        let first = (time - SignedDuration::from_hours(24)).strftime("%Y%m%dT%H%M%SZ").to_string();
        Ok(self.ids().await?.into_iter().filter(|run| *run >= first).collect())
    }

    pub(super) async fn journal(&self, run: &str) -> Result<Parts, Problem> {
        let below = journal_of(run);
        let place = self.at(&below);
        let listed = self.0.list(&below).await;
        let mut keys = listed.map_err(|error| Problem::unreadable(&place, &error.in_full()))?;
        keys.sort();
        let texts = stream::iter(keys).map(|key| self.part(key)).buffered(AT_ONCE).try_collect().await?;
        Ok(Parts { place, texts, whole: true })
    }

    pub(super) async fn kept(&self, run: &str) -> Result<Kept, Problem> {
        let journal = self.journal(run).await?;
        let plan = plan_of(run);
        let read = match self.part(plan.clone()).await {
            Ok(Part { place, text }) => PlanFile::parse(&place, &text).map_err(Problem::from),
            Err(problem) => Err(problem),
        };
        Kept::of(run, &journal, (self.at(&plan), read))
    }

    async fn part(&self, key: String) -> Result<Part, Problem> {
        let place = self.at(&key);
        match self.0.get(&key).await {
            Ok(Some(found)) => Ok(Part { place, text: found.body }),
            Ok(None) => Err(Problem::unreadable(&place, &"there is no such object")),
            Err(error) => Err(Problem::unreadable(&place, &error.in_full())),
        }
    }
}

impl RunObjects {
    pub(super) async fn keep_plan(&self, text: &[u8]) -> io::Result<()> {
        let key = plan_of(&self.run);
        let failed = |error: crate::observe::ReadError| io::Error::other(error.in_full());
        if let Written::Done(_) = self.objects.put(&key, text, Only::IfAbsent).await.map_err(failed)? {
            return Ok(());
        }
        // The answer to our own write was lost, or there is such a run.
        match self.objects.get(&key).await.map_err(failed)? {
            Some(found) if found.body == text => Ok(()),
            _ => Err(io::Error::other(format!("{}{key} is there already: of another run", self.objects.place()))),
        }
    }

    pub(super) fn journal(&self) -> ObjectSink {
        ObjectSink::new(self.objects.clone(), journal_of(&self.run))
    }
}
