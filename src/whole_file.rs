//! Files of results: there as a whole or not at all, and for their owner alone.
//!
//! A file is opened before the work begins, so that a folder that is not there is told before AWS is asked. It gets
//! its name when all is in it; what was there under that name stays until then.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file that is being written. Dropped before its end, it leaves nothing.
pub struct WholeFile(BufWriter<Behind>);

/// What is written to.
enum Behind {
    /// A nameless neighbour, to be renamed.
    Neighbour { file: NamedTempFile, path: PathBuf },
    /// What is no file, such as a pipe or `/dev/stdout`: a rename would put a file in its place.
    Device(File),
}

impl WholeFile {
    /// Begins a file. A link is followed, and stays a link.
    ///
    /// # Errors
    /// Nothing can be written there.
    pub fn create(path: &Path) -> io::Result<Self> {
        let there = fs::metadata(path).ok();
        if there.as_ref().is_some_and(fs::Metadata::is_dir) {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
        }
        if there.as_ref().is_some_and(|there| !there.is_file()) {
            return Ok(Self(BufWriter::new(Behind::Device(File::options().write(true).open(path)?))));
        }
        let path = if there.is_some() { path.canonicalize()? } else { path.to_owned() };
        // The temporary file has mode 0600 from the start, and a rename keeps it.
        let file = NamedTempFile::new_in(folder(&path)).map_err(|error| without_path(&error))?;
        Ok(Self(BufWriter::new(Behind::Neighbour { file, path })))
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// The disk is full, or the folder cannot be written.
    pub fn end(self) -> io::Result<()> {
        let Behind::Neighbour { file, path } = self.0.into_inner().map_err(io::IntoInnerError::into_error)? else {
            return Ok(());
        };
        file.as_file().sync_all()?;
        file.persist(&path).map_err(|error| error.error)?;
        // Only when the folder is on disk does the new name survive a power cut.
        File::open(folder(&path))?.sync_all()
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Write for Behind {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Neighbour { file, .. } => file.write(bytes),
            Self::Device(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Neighbour { file, .. } => file.flush(),
            Self::Device(file) => file.flush(),
        }
    }
}

/// Makes a folder and those above it that are not there, each on the disk: a journal is lost with the folder it is in.
///
/// # Errors
/// There is something else, or it cannot be written where it would be.
pub fn make_folder(path: &Path) -> io::Result<()> {
    made(path, &File::sync_all)
}

fn made(path: &Path, sync: &dyn Fn(&File) -> io::Result<()>) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    made(folder(path), sync)?;
    match fs::create_dir(path) {
        // Somebody else was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {}
        made => made?,
    }
    sync(&File::open(folder(path))?)
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The error without the name of the temporary file, which tells nobody anything.
fn without_path(error: &io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::NotFound => io::Error::new(io::ErrorKind::NotFound, "there is no such folder"),
        kind => io::Error::from(kind),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

    use super::*;

    fn written(path: &Path, text: &str) -> io::Result<()> {
        let mut file = WholeFile::create(path)?;
        file.write_all(text.as_bytes())?;
        file.end()
    }

    #[test]
    fn what_was_there_is_replaced_as_a_whole_and_is_for_its_owner_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("plan.json");
        fs::write(&path, "something longer that was there").expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("it is ours");
        let mut file = WholeFile::create(&path).expect("it can be written");
        file.write_all(b"new").expect("room");
        file.flush().expect("room");
        assert_eq!(fs::read(&path).expect("it is there"), b"something longer that was there", "not yet");
        file.end().expect("it can be renamed");
        assert_eq!(fs::read(&path).expect("it is there"), b"new");
        assert_eq!(fs::metadata(&path).expect("it is there").mode() & 0o777, 0o600);
    }

    #[test]
    fn what_is_not_ended_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut file = WholeFile::create(&folder.path().join("plan.json")).expect("it can be written");
        file.write_all(b"half").expect("room");
        drop(file);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
    }

    #[test]
    fn a_link_stays_a_link_and_what_it_points_at_is_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let (link, file) = (folder.path().join("link"), folder.path().join("file"));
        fs::write(&file, "old").expect("a file");
        symlink(&file, &link).expect("a link");
        written(&link, "new").expect("it can be written");
        assert!(fs::symlink_metadata(&link).expect("it is there").is_symlink());
        assert_eq!(fs::read(&file).expect("it is there"), b"new");
    }

    #[test]
    fn what_is_no_file_is_written_to_and_stays_what_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
        assert!(made.success());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::read_to_string(pipe).expect("what was written")
        });
        written(&pipe, "through").expect("it can be written");
        assert_eq!(reader.join().expect("it was read"), "through");
        assert!(!fs::metadata(&pipe).expect("it is there").is_file());
    }

    #[test]
    fn where_nothing_can_be_written_the_reason_names_no_temporary_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = written(&folder.path().join("missing/plan.json"), "x").expect_err("no such folder");
        assert_eq!(error.to_string(), "there is no such folder");
        assert_eq!(written(folder.path(), "x").expect_err("a folder").to_string(), "it is a folder");
    }

    #[test]
    fn each_folder_that_is_made_is_on_the_disk_before_one_is_made_in_it() {
        let there = tempfile::tempdir().expect("a folder");
        let runs = there.path().join("state/runs");
        let synced = RefCell::new(vec![]);
        let sync = |file: &File| {
            synced.borrow_mut().push((file.metadata()?.ino(), runs.is_dir()));
            Ok(())
        };
        made(&runs, &sync).expect("they are made");
        made(&runs, &sync).expect("it is there");
        let number = |folder: &Path| fs::metadata(folder).expect("it is there").ino();
        let above = runs.parent().expect("a folder");
        assert_eq!(*synced.borrow(), [(number(there.path()), false), (number(above), true)]);
        fs::write(there.path().join("file"), "").expect("a file");
        made(&there.path().join("file"), &sync).expect_err("it is no folder");
    }
}
