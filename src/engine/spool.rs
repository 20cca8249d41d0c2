//! What was found, kept on disk by account, so that memory does not grow with the organization.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use crate::assessment::{Assessment, References, Summary};
use crate::target::AccountId;

/// Assessments by account, in whichever order they are added. The file has no name, so nothing is left behind.
pub struct Spool {
    file: BufWriter<File>,
    end: u64,
    places: BTreeMap<AccountId, u64>,
    summary: Summary,
}

impl Spool {
    /// An empty spool in a folder, which is made if it is not there; none: in the system's folder for such files.
    ///
    /// # Errors
    /// There is no room for temporary files.
    pub fn new(folder: Option<&Path>) -> io::Result<Self> {
        let file = match folder {
            Some(folder) => {
                std::fs::create_dir_all(folder)?;
                tempfile::tempfile_in(folder)?
            }
            None => tempfile::tempfile()?,
        };
        let file = BufWriter::new(file);
        Ok(Self { file, end: 0, places: BTreeMap::new(), summary: Summary::empty() })
    }

    /// Adds an account.
    ///
    /// # Errors
    /// The disk is full.
    pub fn add(&mut self, mut assessment: Assessment) -> io::Result<()> {
        self.summary.add(&assessment);
        // Most of a verdict is what its requirement is called elsewhere, and the registry knows that.
        assessment.verdicts.iter_mut().for_each(|row| row.references = References::default());
        let mut line = serde_json::to_vec(&assessment)?;
        line.push(b'\n');
        self.places.insert(assessment.account.id, self.end);
        self.end += line.len() as u64;
        self.file.write_all(&line)
    }

    /// The figures of what was added.
    #[must_use]
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Reads all that was added, one account at a time, by their ids.
    ///
    /// # Errors
    /// The disk fails.
    pub fn read(&mut self, mut each: impl FnMut(Assessment) -> io::Result<()>) -> io::Result<()> {
        self.file.flush()?;
        let mut file = BufReader::new(self.file.get_mut());
        let mut line = String::new();
        for place in self.places.values() {
            file.seek(SeekFrom::Start(*place))?;
            line.clear();
            file.read_line(&mut line)?;
            let mut assessment: Assessment = serde_json::from_str(&line)?;
            assessment.verdicts.iter_mut().for_each(|row| row.references = References::of(&row.requirement));
            each(assessment)?;
        }
        self.file.get_mut().seek(SeekFrom::End(0)).map(drop)
    }
}
