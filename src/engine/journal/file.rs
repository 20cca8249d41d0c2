//! A journal in a file.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

use futures::future::BoxFuture;

use super::Sink;

/// A file of lines, each on the disk before work goes on.
pub struct FileSink {
    file: Arc<File>,
}

impl FileSink {
    /// A new file, which only its owner may read.
    ///
    /// # Errors
    /// There is such a file, or none can be made.
    pub fn create(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.append(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Self { file: Arc::new(options.open(path)?) })
    }
}

impl Sink for FileSink {
    fn append<'a>(&'a mut self, _: u64, lines: &'a [u8]) -> BoxFuture<'a, io::Result<()>> {
        let (file, lines) = (Arc::clone(&self.file), lines.to_vec());
        Box::pin(async move {
            // The one thread of the process waits for nothing, so the disk is waited for elsewhere.
            let kept = tokio::task::spawn_blocking(move || {
                (&*file).write_all(&lines)?;
                file.sync_data()
            });
            kept.await.map_err(io::Error::other)?
        })
    }
}
