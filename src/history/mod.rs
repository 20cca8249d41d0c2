//! Kept runs: a folder for each in the state folder, with the plan that was applied and the journal of what was done.

mod kept;
mod past;

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::engine::journal::FileSink;
use crate::plan::PlanFile;

pub use kept::{Kept, Problem, Standing};
pub use past::Past;

const RUNS: &str = "runs";
const PLAN: &str = "plan.json";
const JOURNAL: &str = "journal.jsonl";

/// The kept runs of a state folder.
#[derive(Clone, Debug)]
pub struct History {
    folder: PathBuf,
}

/// The folder of a run that is about to be kept.
#[derive(Clone, Debug)]
pub struct RunFolder(PathBuf);

impl History {
    /// The history in this state folder, which need not be there yet.
    #[must_use]
    pub fn of(state: &Path) -> Self {
        Self { folder: state.join(RUNS) }
    }

    /// Makes room for a run.
    ///
    /// # Errors
    /// The folder cannot be written, or there is such a run.
    pub fn begin(&self, run: &str) -> io::Result<RunFolder> {
        fs::create_dir_all(&self.folder)?;
        let folder = self.folder.join(run);
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder)?;
        Ok(RunFolder(folder))
    }

    /// The ids of all kept runs, the oldest first.
    ///
    /// # Errors
    /// The folder cannot be read. That it is not there is no error: nothing was kept.
    pub fn runs(&self) -> io::Result<Vec<String>> {
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

    /// One kept run.
    ///
    /// # Errors
    /// There is none of this id, or it does not hold together.
    pub fn run(&self, run: &str) -> Result<Kept, Problem> {
        // An id is a name and no path, whatever was typed.
        let known = self.runs().map_err(|error| Problem::unreadable(&self.folder, &error))?;
        if !known.iter().any(|id| id == run) {
            return Err(Problem::Unknown { run: run.to_owned(), known });
        }
        let folder = self.folder.join(run);
        Kept::read(run, &folder.join(JOURNAL), &folder.join(PLAN))
    }
}

impl RunFolder {
    /// Keeps the plan of the run: a copy of the file that it was read from, or what was planned a moment ago.
    ///
    /// # Errors
    /// It cannot be read or written.
    pub fn keep_plan(&self, plan: &PlanFile, read_from: Option<&Path>) -> io::Result<()> {
        // The temporary file has mode 0600 from the start, and a rename keeps it.
        let mut file = tempfile::NamedTempFile::new_in(&self.0)?;
        match read_from {
            Some(path) => drop(io::copy(&mut fs::File::open(path)?, &mut file)?),
            None => file.write_all(&serde_json::to_vec(plan)?)?,
        }
        file.as_file().sync_all()?;
        file.persist(self.0.join(PLAN)).map_err(|error| error.error)?;
        fs::File::open(&self.0)?.sync_all()
    }

    /// The journal of the run.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn journal(&self) -> io::Result<FileSink> {
        FileSink::create(&self.0.join(JOURNAL))
    }
}
