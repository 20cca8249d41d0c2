//! A journal in a file.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::future::BoxFuture;

use super::Sink;

/// Brings a file, or the names in a folder, to the disk.
pub(crate) type Sync = Arc<dyn Fn(&File) -> io::Result<()> + Send + std::marker::Sync>;

/// A file of lines, each on the disk before work goes on. It is there from its first line on, so one without lines is
/// one that was emptied.
pub struct FileSink {
    path: PathBuf,
    file: Option<Arc<File>>,
    sync: Sync,
}

impl FileSink {
    /// A new file, which only its owner may read. It is made with its first lines.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self::synced(path, Arc::new(File::sync_all))
    }

    /// The same with another way to the disk: tests see by it what is there, and when.
    pub(crate) fn synced(path: &Path, sync: Sync) -> Self {
        Self { path: path.to_owned(), file: None, sync }
    }
}

/// Makes the file with these lines, as a whole or not at all, where there is none.
fn create(path: &Path, lines: &[u8], sync: &Sync) -> io::Result<File> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    // The temporary file has mode 0600 from the start, and keeps it under its name.
    let mut begun = tempfile::NamedTempFile::new_in(folder)?;
    begun.write_all(lines)?;
    sync(begun.as_file())?;
    let file = begun.persist_noclobber(path).map_err(|error| error.error)?;
    // Only when the folder is on the disk does the name survive a power cut.
    sync(&File::open(folder)?)?;
    Ok(file)
}

impl Sink for FileSink {
    fn append<'a>(&'a mut self, _: u64, lines: &'a [u8]) -> BoxFuture<'a, io::Result<()>> {
        let (path, file, lines, sync) = (self.path.clone(), self.file.clone(), lines.to_vec(), Arc::clone(&self.sync));
        Box::pin(async move {
            // The one thread of the process waits for nothing, so the disk is waited for elsewhere.
            let kept = tokio::task::spawn_blocking(move || match file {
                None => create(&path, &lines, &sync).map(Arc::new),
                Some(file) => {
                    (&*file).write_all(&lines)?;
                    sync(&file)?;
                    Ok(file)
                }
            });
            self.file = Some(kept.await.map_err(io::Error::other)??);
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Read as _;
    use std::os::fd::OwnedFd;
    use std::os::unix::fs::FileExt as _;
    use std::sync::Mutex;

    use super::*;

    /// A sink that notes what comes to the disk: the text of a file, the names in its folder.
    fn noting(path: &Path) -> (FileSink, Arc<Mutex<Vec<String>>>) {
        let noted: Arc<Mutex<Vec<String>>> = Arc::default();
        let (kept, folder) = (Arc::clone(&noted), path.parent().expect("a folder").to_owned());
        let sync = move |file: &File| {
            let names =
                || fs::read_dir(&folder)?.map(|entry| Ok(entry?.file_name().into_string().expect("text"))).collect();
            let metadata = file.metadata()?;
            let note = if metadata.is_dir() {
                io::Result::<Vec<String>>::map(names(), |names| names.join(" "))?
            } else {
                let mut text = vec![0; usize::try_from(metadata.len()).expect("small")];
                file.read_exact_at(&mut text, 0)?;
                String::from_utf8(text).expect("text")
            };
            kept.lock().expect("nobody panicked").push(note);
            Ok(())
        };
        (FileSink::synced(path, Arc::new(sync)), noted)
    }

    #[tokio::test]
    async fn lines_are_on_the_disk_and_with_the_first_the_name_before_work_goes_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let (mut sink, noted) = noting(&folder.path().join("journal.jsonl"));
        let on_disk = || std::mem::take(&mut *noted.lock().expect("nobody panicked"));
        sink.append(1, b"one\n").await.expect("kept");
        assert_eq!(on_disk(), ["one\n", "journal.jsonl"]);
        sink.append(2, b"two\n").await.expect("kept");
        assert_eq!(on_disk(), ["one\ntwo\n"]);
    }

    /// A pipe can be written and has no disk: who brings it there is told so by the operating system.
    #[tokio::test]
    async fn lines_that_cannot_be_brought_to_the_disk_are_not_kept() {
        let (mut reader, writer) = io::pipe().expect("a pipe");
        let mut sink = FileSink::new(Path::new("journal.jsonl"));
        sink.file = Some(Arc::new(File::from(OwnedFd::from(writer))));
        let refused = sink.append(2, b"two\n").await.expect_err("it was brought to the disk");
        assert_eq!(refused.kind(), io::ErrorKind::InvalidInput);
        drop(sink);
        let mut written = String::new();
        reader.read_to_string(&mut written).expect("text");
        assert_eq!(written, "two\n", "it was written before");
    }

    #[tokio::test]
    async fn the_file_is_there_from_its_first_line_on_and_never_replaces_another() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.jsonl");
        let mut sink = FileSink::new(&path);
        assert!(!path.exists());
        sink.append(1, b"one\n").await.expect("kept");
        sink.append(2, b"two\nthree\n").await.expect("kept");
        assert_eq!(fs::read_to_string(&path).expect("it is there"), "one\ntwo\nthree\n");
        let refused = FileSink::new(&path).append(1, b"another\n").await.expect_err("there is one");
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing is left beside it");
    }
}
