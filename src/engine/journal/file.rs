//! A journal in a file.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::future::BoxFuture;

use super::Sink;

/// A file of lines, each on the disk before work goes on. It is there from its first line on, so one without lines is
/// one that was emptied.
pub struct FileSink {
    path: PathBuf,
    file: Option<Arc<File>>,
}

impl FileSink {
    /// A new file, which only its owner may read. It is made with its first lines.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), file: None }
    }
}

/// Makes the file with these lines, as a whole or not at all, where there is none.
fn create(path: &Path, lines: &[u8]) -> io::Result<File> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    // The temporary file has mode 0600 from the start, and keeps it under its name.
    let mut begun = tempfile::NamedTempFile::new_in(folder)?;
    begun.write_all(lines)?;
    begun.as_file().sync_all()?;
    let file = begun.persist_noclobber(path).map_err(|error| error.error)?;
    fs::File::open(folder)?.sync_all()?;
    Ok(file)
}

impl Sink for FileSink {
    fn append<'a>(&'a mut self, _: u64, lines: &'a [u8]) -> BoxFuture<'a, io::Result<()>> {
        let (path, file, lines) = (self.path.clone(), self.file.clone(), lines.to_vec());
        Box::pin(async move {
            // The one thread of the process waits for nothing, so the disk is waited for elsewhere.
            let kept = tokio::task::spawn_blocking(move || match file {
                None => create(&path, &lines).map(Arc::new),
                Some(file) => {
                    (&*file).write_all(&lines)?;
                    file.sync_data()?;
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
    use super::*;

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
