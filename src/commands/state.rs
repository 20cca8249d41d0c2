//! The state folder: where findings wait during a run, and where runs are kept.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;
use jiff::{SignedDuration, Timestamp};

use crate::engine::Spool;
use crate::failure::Failure;
use crate::history::{History, Past};

/// The folder that was named, or that of the system for a program's state.
fn folder(named: Option<&Path>) -> Option<PathBuf> {
    match named {
        Some(folder) => Some(folder.to_owned()),
        None => etcetera::choose_base_strategy().ok()?.state_dir().map(|folder| folder.join("trueup")),
    }
}

/// Room for what will be found. Where the system's folder cannot be written, as in many containers, what is found
/// waits among the temporary files.
pub(super) fn spool(named: Option<&Path>) -> Result<Spool, Failure> {
    let made = folder(named).map(|folder| Spool::new(Some(&folder)));
    match (named, made) {
        (_, Some(Ok(spool))) => Ok(spool),
        (Some(folder), Some(Err(error))) => {
            let folder = folder.display();
            Err(Failure::failed(format!("could not make room for what is found in {folder}: {error}"))
                .hint("--state names another folder"))
        }
        _ => {
            Spool::new(None).map_err(|error| Failure::failed(format!("could not make room for what is found: {error}")))
        }
    }
}

/// The folder, and why it cannot be written where that is so. Nothing stays behind but the folder itself.
pub(super) fn check(named: Option<&Path>) -> (String, Result<(), String>) {
    let Some(folder) = folder(named) else { return ("the state folder".to_owned(), Err(unknown().message)) };
    let written = Spool::new(Some(&folder)).map(drop).map_err(|error| error.to_string());
    (folder.display().to_string(), written)
}

/// The lock of this machine on applies to an organization.
pub(super) fn lock(named: Option<&Path>, organization: &str) -> Result<PathBuf, Failure> {
    let folder = folder(named).ok_or_else(unknown)?;
    Ok(folder.join("locks").join(format!("{organization}.lock")))
}

/// The runs that were kept.
pub(super) fn history(named: Option<&Path>) -> Result<History, Failure> {
    folder(named).map(|folder| History::of(&folder)).ok_or_else(unknown)
}

/// What runs of the last so many days set. Where no state folder is known, nothing is.
pub(super) fn past(named: Option<&Path>, days: u16, now: Timestamp) -> Past {
    let since = now - SignedDuration::from_hours(24 * i64::from(days));
    history(named).map(|history| Past::of(&history, since)).unwrap_or_default()
}

fn unknown() -> Failure {
    Failure::failed("no folder for the state of programs is known here").hint("name one with --state DIR")
}
