//! What was found, kept on disk by account, so that memory does not grow with the organization.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Seek as _, SeekFrom, Write as _};

use crate::assessment::{Assessment, Summary};

/// Assessments in the order in which they were added. The file has no name, so nothing is left behind.
pub struct Spool {
    file: BufWriter<File>,
    summary: Summary,
}

impl Spool {
    /// An empty spool.
    ///
    /// # Errors
    /// There is no room for temporary files.
    pub fn new() -> io::Result<Self> {
        Ok(Self { file: BufWriter::new(tempfile::tempfile()?), summary: Summary::empty() })
    }

    /// Adds an account.
    ///
    /// # Errors
    /// The disk is full.
    pub fn add(&mut self, assessment: &Assessment) -> io::Result<()> {
        self.summary.add(assessment);
        serde_json::to_writer(&mut self.file, assessment)?;
        self.file.write_all(b"\n")
    }

    /// The figures of what was added.
    #[must_use]
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Reads all that was added, one account at a time.
    ///
    /// # Errors
    /// The disk fails.
    pub fn read(&mut self, mut each: impl FnMut(Assessment) -> io::Result<()>) -> io::Result<()> {
        self.file.flush()?;
        let file = self.file.get_mut();
        file.seek(SeekFrom::Start(0))?;
        for line in BufReader::new(&mut *file).lines() {
            each(serde_json::from_str(&line?)?)?;
        }
        self.file.get_mut().seek(SeekFrom::End(0)).map(drop)
    }
}
