//! The files that a run was asked to write. They are opened before the work begins: nobody should wait for an
//! organization to be read, or written, to be told that there is no such folder.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::cli::{self, Format};
use crate::failure::Failure;
use crate::whole_file::WholeFile;

/// A file that was asked for. It is there when all is written, or not at all.
pub(super) struct AskedFile {
    path: PathBuf,
    file: WholeFile,
}

impl AskedFile {
    /// Opens it.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let file = WholeFile::create(path).map_err(|error| unwritable(path, &error))?;
        Ok(Self { path: path.to_owned(), file })
    }

    /// Writes all of it.
    pub(super) fn write(self, write: impl FnOnce(&mut (dyn Write + 'static)) -> io::Result<()>) -> Result<(), Failure> {
        let Self { path, mut file } = self;
        write(&mut file).and_then(|()| file.end()).map_err(|error| unwritable(&path, &error))
    }
}

/// A report that was asked for, and its format.
pub(super) type AskedReport = (Format, AskedFile);

/// Opens the reports.
pub(super) fn reports(typed: &cli::Reports) -> Result<Vec<AskedReport>, Failure> {
    typed.report.iter().map(|report| Ok((report.format, AskedFile::open(&report.path)?))).collect()
}

pub(super) fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::failed(format!("could not write {}: {error}", path.display()))
}
