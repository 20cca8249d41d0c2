//! Files that are there as a whole or not at all, and readable for their owner alone.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Writes a file that appears under its name when it is complete, with mode 0600.
///
/// # Errors
/// The folder cannot be written, or `content` fails; what was under the name before then stays.
pub fn write(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // The temporary file has mode 0600 from the start, and a rename keeps it.
    let mut file = BufWriter::new(tempfile::NamedTempFile::new_in(folder)?);
    content(&mut file)?;
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    // Only when the folder is on disk does the new name survive a power cut.
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_written_whole_leaves_the_former_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        write(&path, |out| out.write_all(b"first")).expect("written");
        let failed = write(&path, |out| out.write_all(b"half").and(Err(io::Error::other("the disk is full"))));
        assert_eq!(failed.expect_err("it failed").to_string(), "the disk is full");
        assert_eq!(std::fs::read(&path).expect("it is there"), b"first");
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing else is left");
    }
}
