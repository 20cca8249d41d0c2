//! A journal in S3: an object for each lot of lines, written only where there is none.

use std::io;

use futures::future::BoxFuture;

use super::Sink;
use crate::aws::{Objects, Only, Written};

/// Objects of lines, each there before work goes on. Each is called by the number of its first line.
pub struct ObjectSink {
    objects: Objects,
    below: String,
}

impl ObjectSink {
    /// Objects whose keys begin so, below the place of the others.
    #[must_use]
    pub fn new(objects: Objects, below: String) -> Self {
        Self { objects, below }
    }

    async fn put(&self, first: u64, lines: &[u8]) -> io::Result<()> {
        let key = format!("{}{first:010}.jsonl", self.below);
        let failed = |error| io::Error::other(format!("{error}"));
        if let Written::Done(_) = self.objects.put(&key, lines, Only::IfAbsent).await.map_err(failed)? {
            return Ok(());
        }
        // The answer to our own write was lost, or somebody else writes where nobody else should.
        match self.objects.get(&key).await.map_err(failed)? {
            Some(found) if found.body == lines => Ok(()),
            _ => Err(io::Error::other(format!(
                "{}{key} is there already, and says something else",
                self.objects.place()
            ))),
        }
    }
}

impl Sink for ObjectSink {
    fn append<'a>(&'a mut self, first: u64, lines: &'a [u8]) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(self.put(first, lines))
    }
}
