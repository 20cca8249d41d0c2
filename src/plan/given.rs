//! The text of a plan as it is given: a file, or what comes by a pipe. It is read once, so that what was checked is what
//! is applied, and kept.

use std::fs::{self, File, FileType};
use std::io::{self, Read};
use std::path::Path;

use super::{PlanFile, Refused};

/// A text longer than this was not written by trueup for any organization. It is read whole, so this also bounds the
/// memory that reading takes.
const LARGEST: u64 = 1 << 30;

/// The text of a plan, and what errors call it.
#[derive(Debug)]
pub struct PlanText {
    name: String,
    bytes: Vec<u8>,
}

impl PlanText {
    /// Reads it. Who reads from a pipe waits until somebody has written into it.
    ///
    /// # Errors
    /// It cannot be read, is neither a file nor a pipe, or is larger than any plan.
    pub fn read(path: &Path) -> Result<Self, Refused> {
        let name = path.display().to_string();
        let unreadable = |error| Refused::Unreadable { path: name.clone(), error };
        let metadata = fs::metadata(path).map_err(unreadable)?;
        if !metadata.is_file() && !is_pipe(metadata.file_type()) {
            let found = if metadata.is_dir() { "a folder" } else { "a device" };
            return Err(Refused::NotAFile { path: name, found });
        }
        let too_large = || Refused::TooLarge { path: name.clone(), limit: LARGEST };
        if metadata.len() > LARGEST {
            return Err(too_large());
        }
        let file = File::open(path).map_err(unreadable)?;
        let bytes = bounded(file, metadata.len(), LARGEST).map_err(unreadable)?.ok_or_else(too_large)?;
        Ok(Self { name, bytes })
    }

    /// The plan, if it is whole, unchanged, and fits together.
    ///
    /// # Errors
    /// It is no plan, has another format, was changed, or contradicts itself.
    pub fn plan(&self) -> Result<PlanFile, Refused> {
        PlanFile::parse(&self.name, &self.bytes)
    }

    /// The text.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// All of it, of which so much is expected; none where it is longer than it may be.
fn bounded(from: impl Read, expected: u64, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or_default());
    from.take(limit + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}

#[cfg(unix)]
fn is_pipe(kind: FileType) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&kind)
}

#[cfg(not(unix))]
fn is_pipe(_: FileType) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_read_than_may_be() {
        assert_eq!(bounded(&b"12345"[..], 0, 5).expect("memory"), Some(b"12345".to_vec()));
        assert_eq!(bounded(&b"123456"[..], 0, 5).expect("memory"), None);
        assert_eq!(bounded(io::repeat(b' '), 0, 5).expect("memory"), None, "what never ends is not read to its end");
    }
}
