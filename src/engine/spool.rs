//! What was found, kept on disk by account, so that memory does not grow with the organization.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use super::Collect;
use crate::assessment::{Assessment, References, Row, Summary};
use crate::target::AccountId;

/// Assessments by account, in whichever order they are added. The file has no name, so nothing is left behind.
pub struct Spool {
    file: BufWriter<File>,
    end: u64,
    places: BTreeMap<AccountId, u64>,
    summary: Summary,
    menders: BTreeSet<AccountId>,
    /// The line that was written last: its room is used again.
    line: Vec<u8>,
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
        Ok(Self {
            file,
            end: 0,
            places: BTreeMap::new(),
            summary: Summary::empty(),
            menders: BTreeSet::new(),
            line: vec![],
        })
    }

    /// The accounts that others are mended at.
    #[must_use]
    pub fn menders(&self) -> &BTreeSet<AccountId> {
        &self.menders
    }

    /// Takes out what was added of an account; none: nothing was, or it is taken already.
    ///
    /// # Errors
    /// The disk fails.
    pub fn take(&mut self, account: &AccountId) -> io::Result<Option<Assessment>> {
        let Some(place) = self.places.remove(account) else { return Ok(None) };
        self.file.flush()?;
        let found = read_at(&mut BufReader::new(self.file.get_mut()), place, &mut String::new())?;
        self.file.get_mut().seek(SeekFrom::End(0))?;
        Ok(Some(found))
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
            each(read_at(&mut file, *place, &mut line)?)?;
        }
        self.file.get_mut().seek(SeekFrom::End(0)).map(drop)
    }
}

impl Collect for Spool {
    fn add(&mut self, mut assessment: Assessment) -> io::Result<()> {
        self.summary.add(&assessment);
        self.menders.extend(assessment.verdicts.iter().filter_map(Row::mended_at));
        // Most of a verdict is what its requirement is called elsewhere, and the registry knows that.
        assessment.verdicts.iter_mut().for_each(|row| row.references = References::default());
        self.line.clear();
        serde_json::to_writer(&mut self.line, &assessment)?;
        self.line.push(b'\n');
        self.places.insert(assessment.account.id, self.end);
        self.end += self.line.len() as u64;
        self.file.write_all(&self.line)
    }

    fn summary(&self) -> &Summary {
        &self.summary
    }
}

/// The line that begins at this place.
fn read_at(file: &mut BufReader<&mut File>, place: u64, line: &mut String) -> io::Result<Assessment> {
    file.seek(SeekFrom::Start(place))?;
    line.clear();
    file.read_line(line)?;
    let mut assessment: Assessment = serde_json::from_str(line)?;
    assessment.verdicts.iter_mut().for_each(|row| row.references = References::of(&row.requirement));
    Ok(assessment)
}
