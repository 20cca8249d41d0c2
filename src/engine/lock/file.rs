//! A lock of this machine: the operating system's, on a file of the state folder. It is gone with its process.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::time::Duration;

use futures::future::BoxFuture;

use super::{Holder, Lock, NotTaken};
use crate::whole_file::make_folder;

/// A file that this process has locked.
#[derive(Debug)]
pub struct FileLock(File);

/// How often a lock is tried that somebody may only look at, and how long between.
const TRIES: u32 = 5;
const BETWEEN: Duration = Duration::from_millis(10);

impl FileLock {
    /// Takes the lock of a file, which is made if it is not there.
    ///
    /// # Errors
    /// Another process has it, or the file cannot be made.
    pub fn take(path: &Path, holder: &Holder) -> Result<Self, NotTaken> {
        let failed = |error: io::Error| NotTaken::Failed { place: path.display().to_string(), why: error.to_string() };
        if let Some(folder) = path.parent() {
            make_folder(folder).map_err(failed)?;
        }
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(failed)?;
        for number in 1.. {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if number < TRIES => std::thread::sleep(BETWEEN),
                Err(TryLockError::WouldBlock) => return Err(held(&mut file, path)),
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
        write(&mut file, holder).map_err(failed)?;
        Ok(Self(file))
    }

    /// Who holds the lock of a file; none where nobody does. It only looks, which takes a moment in which nobody else
    /// can take it: who tries then tries again.
    ///
    /// # Errors
    /// The file cannot be read, or its holder did not say who it is.
    pub fn look(path: &Path) -> Result<Option<Holder>, NotTaken> {
        let failed = |error: io::Error| NotTaken::Failed { place: path.display().to_string(), why: error.to_string() };
        let mut file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(failed)?,
        };
        match file.try_lock_shared() {
            Ok(()) => file.unlock().map(|()| None).map_err(failed),
            Err(TryLockError::WouldBlock) => match held(&mut file, path) {
                NotTaken::Held { holder, .. } => Ok(Some(holder)),
                failed @ NotTaken::Failed { .. } => Err(failed),
            },
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}

fn write(file: &mut File, holder: &Holder) -> io::Result<()> {
    file.set_len(0)?;
    file.write_all(&serde_json::to_vec(holder)?)?;
    file.flush()
}

fn held(file: &mut File, path: &Path) -> NotTaken {
    let mut text = String::new();
    let read = file.read_to_string(&mut text).map_err(|error| error.to_string());
    match read.and_then(|_| serde_json::from_str(&text).map_err(|error| error.to_string())) {
        Ok(holder) => NotTaken::Held { holder, silent: None },
        Err(why) => {
            let place = path.display().to_string();
            NotTaken::Failed { place, why: format!("another process has it, and did not say which run: {why}") }
        }
    }
}

impl Lock for FileLock {
    /// The operating system keeps it as long as the process lives.
    fn check(&self) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async { Ok(()) })
    }

    fn release(&self) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async { self.0.unlock().map_err(|error| error.to_string()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(id: &str) -> Holder {
        let text = |text: &str| text.to_owned();
        Holder { id: text(id), caller: text("arn"), host: text("here"), since: text("2026-11-22T10:00:00Z") }
    }

    #[tokio::test]
    async fn the_second_is_told_who_has_it_until_it_is_let_go() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("locks/o-1.lock");
        let first = FileLock::take(&path, &holder("first")).expect("free");
        let refused = FileLock::take(&path, &holder("second")).expect_err("held");
        assert_eq!(refused, NotTaken::Held { holder: holder("first"), silent: None });
        first.release().await.expect("it was held");
        assert_eq!(FileLock::look(&path), Ok(None));
        let second = FileLock::take(&path, &holder("second")).expect("free again");
        assert_eq!(FileLock::look(&path), Ok(Some(holder("second"))));
        drop(second);
        let looking = File::open(&path).expect("it is there");
        looking.try_lock_shared().expect("free");
        let looked = std::thread::spawn(move || drop(looking));
        FileLock::take(&path, &holder("third")).expect("gone with its holder, and nobody looks any more");
        looked.join().expect("it looked");
        assert_eq!(FileLock::look(&folder.path().join("nowhere")), Ok(None));
    }
}
