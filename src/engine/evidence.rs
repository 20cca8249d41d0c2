//! The file in which a run keeps its observations: JSON lines, mode 0600.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::observe::{Evidence, Kept};
use crate::organization::Organization;
use crate::target::{AccountId, Region};
use crate::whole_file::WholeFile;

/// The format that is written and read.
const FORMAT: &str = "trueup.evidence/1";

#[derive(Serialize, Deserialize)]
struct Head {
    format: String,
    organization: Organization,
    home_region: Region,
}

#[derive(Serialize, Deserialize)]
struct Line {
    account: AccountId,
    kept: Vec<Kept>,
}

/// A file that is being written.
pub struct EvidenceFile(WholeFile);

/// What an earlier run kept.
pub struct KeptRun {
    /// The organization as it was discovered.
    pub organization: Organization,
    /// The home region.
    pub home_region: Region,
    /// The observations.
    pub evidence: Evidence,
}

impl EvidenceFile {
    /// Begins a file.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn create(path: &Path, organization: &Organization, home_region: &Region) -> io::Result<Self> {
        let mut file = Self(WholeFile::create(path)?);
        file.line(&Head {
            format: FORMAT.to_owned(),
            organization: organization.clone(),
            home_region: home_region.clone(),
        })?;
        Ok(file)
    }

    /// Adds what was kept of an account.
    ///
    /// # Errors
    /// The disk is full.
    pub fn add(&mut self, account: &AccountId, kept: Vec<Kept>) -> io::Result<()> {
        if kept.is_empty() { Ok(()) } else { self.line(&Line { account: account.clone(), kept }) }
    }

    /// Ends the file.
    ///
    /// # Errors
    /// The disk is full.
    pub fn end(self) -> io::Result<()> {
        self.0.end()
    }

    fn line<T: Serialize>(&mut self, line: &T) -> io::Result<()> {
        serde_json::to_writer(&mut self.0, line)?;
        self.0.write_all(b"\n")
    }
}

impl KeptRun {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, or is no evidence of a format that is known.
    pub fn read(path: &Path) -> io::Result<Self> {
        let mut lines = BufReader::new(File::open(path)?).lines();
        let head = lines.next().transpose()?.unwrap_or_default();
        let head: Head = serde_json::from_str(&head)?;
        if head.format != FORMAT {
            let message = format!("its format is {}, and this version reads {FORMAT}", head.format);
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        let evidence = Evidence::default();
        for line in lines {
            let Line { account, kept } = serde_json::from_str(&line?)?;
            evidence.keep(&account, kept);
        }
        Ok(Self { organization: head.organization, home_region: head.home_region, evidence })
    }
}
