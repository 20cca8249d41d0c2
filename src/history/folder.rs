//! Kept runs as folders in the state folder.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::kept::{Part, Parts};
use super::{Kept, PLAN, Problem, RUNS};
use crate::engine::journal::FileSink;
use crate::plan::PlanFile;
use crate::whole_file::make_folder;

const JOURNAL: &str = "journal.jsonl";

/// The kept runs of a state folder.
#[derive(Clone, Debug)]
pub struct Runs {
    folder: PathBuf,
}

/// The folder of a run that is about to be kept.
#[derive(Clone, Debug)]
pub struct RunFolder(PathBuf);

impl Runs {
    pub(super) fn of(state: &Path) -> Self {
        Self { folder: state.join(RUNS) }
    }

    pub(super) fn begin(&self, run: &str) -> io::Result<RunFolder> {
        make_folder(&self.folder)?;
        let folder = self.folder.join(run);
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder)?;
        File::open(&self.folder)?.sync_all()?;
        Ok(RunFolder(folder))
    }

    pub(super) fn ids(&self) -> Result<Vec<String>, Problem> {
        self.listed().map_err(|error| Problem::unreadable(&self.folder.display(), &error))
    }

    fn listed(&self) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
            entries => entries?,
        };
        let mut runs = vec![];
        for entry in entries {
            let entry = entry?;
            if entry.path().join(JOURNAL).exists() {
                runs.extend(entry.file_name().into_string());
            }
        }
        runs.sort();
        Ok(runs)
    }

    /// The ids of the runs that wrote since this time. One whose time is not known may have.
    pub(super) fn written_since(&self, time: Timestamp) -> Result<Vec<String>, Problem> {
        let before = |run: &String| {
            let written = fs::metadata(self.folder.join(run).join(JOURNAL)).and_then(|metadata| metadata.modified());
            written.is_ok_and(|written| Timestamp::try_from(written).is_ok_and(|written| written < time))
        };
        Ok(self.ids()?.into_iter().filter(|run| !before(run)).collect())
    }

    pub(super) fn journal(&self, run: &str) -> Result<Parts, Problem> {
        let journal = self.folder.join(run).join(JOURNAL);
        let place = journal.display().to_string();
        let text = fs::read(&journal).map_err(|error| Problem::unreadable(&place, &error))?;
        let texts = vec![Part { place: place.clone(), text }];
        Ok(Parts { place, texts, whole: false })
    }

    pub(super) fn kept(&self, run: &str) -> Result<Kept, Problem> {
        let plan = self.folder.join(run).join(PLAN);
        let read = PlanFile::read(&plan).map_err(Problem::from);
        Kept::of(run, &self.journal(run)?, (plan.display().to_string(), read))
    }
}

impl RunFolder {
    pub(super) fn keep_plan(&self, text: &[u8]) -> io::Result<()> {
        // The temporary file has mode 0600 from the start, and a rename keeps it.
        let mut file = tempfile::NamedTempFile::new_in(&self.0)?;
        file.write_all(text)?;
        file.as_file().sync_all()?;
        file.persist(self.0.join(PLAN)).map_err(|error| error.error)?;
        File::open(&self.0)?.sync_all()
    }

    pub(super) fn journal(&self) -> FileSink {
        FileSink::new(&self.0.join(JOURNAL))
    }
}
