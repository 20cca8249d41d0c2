//! The state of trueup: where findings wait during a run, and where runs are kept. That is a folder; runs may be kept in
//! S3 as well, and what concerns this machine alone stays in the folder of the system then.

use std::path::PathBuf;

use etcetera::BaseStrategy as _;
use jiff::{SignedDuration, Timestamp};

use super::reach::{self, Reached};
use crate::aws::{Objects, Place};
use crate::cli::{self, StateAt};
use crate::engine::Spool;
use crate::failure::Failure;
use crate::history::{History, Past};

/// What keeping runs in S3 takes.
pub(super) const SHARED_NEEDS: &str =
    "it takes s3:GetObject, s3:PutObject and s3:ListBucket by the caller's own credentials";

/// Whose bucket it has to be: S3 says no more of somebody else's than that it is denied.
pub(super) fn whose(place: &Place) -> String {
    match place.owner() {
        Some(owner) => format!("the bucket has to be one of account {owner}, as {place} says"),
        None => format!(
            "the bucket has to be one of the caller's account: write s3://ACCOUNT@{}/{} for one of another",
            place.bucket(),
            place.key()
        ),
    }
}

/// The folder that was named, or that of the system for a program's state.
fn folder(named: Option<&StateAt>) -> Option<PathBuf> {
    match named {
        Some(StateAt::Folder(folder)) => Some(folder.clone()),
        Some(StateAt::Objects(_)) | None => {
            etcetera::choose_base_strategy().ok()?.state_dir().map(|folder| folder.join("trueup"))
        }
    }
}

/// Room for what will be found. Where the system's folder cannot be written, as in many containers, what is found
/// waits among the temporary files.
pub(super) fn spool(named: Option<&StateAt>) -> Result<Spool, Failure> {
    let made = folder(named).map(|folder| Spool::new(Some(&folder)));
    match (named, made) {
        (_, Some(Ok(spool))) => Ok(spool),
        (Some(StateAt::Folder(folder)), Some(Err(error))) => {
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
pub(super) fn check(named: Option<&StateAt>) -> (String, Result<(), String>) {
    let Some(folder) = folder(named) else { return ("the state folder".to_owned(), Err(unknown().message)) };
    let written = Spool::new(Some(&folder)).map(drop).map_err(|error| error.to_string());
    (folder.display().to_string(), written)
}

/// The lock of this machine on applies to an organization.
pub(super) fn lock(named: Option<&StateAt>, organization: &str) -> Result<PathBuf, Failure> {
    let folder = folder(named).ok_or_else(unknown)?;
    Ok(folder.join("locks").join(format!("{organization}.lock")))
}

/// Where a run is about to be kept.
pub(super) async fn to_keep(named: Option<&StateAt>, reached: &Reached) -> Result<History, Failure> {
    match named {
        Some(StateAt::Objects(place)) => open(Objects::open(reached.objects(), place).await, place),
        Some(StateAt::Folder(_)) | None => in_folder(named),
    }
}

/// The runs that were kept. AWS is reached only where they are in S3.
pub(super) async fn history(named: Option<&StateAt>, reach: &cli::Reach, run: &str) -> Result<History, Failure> {
    match named {
        Some(StateAt::Objects(place)) => {
            let reached = Reached::new(reach::options(reach, run)).await?;
            open(Objects::open(reached.objects_to_read(), place).await, place)
        }
        Some(StateAt::Folder(_)) | None => in_folder(named),
    }
}

fn open(opened: Result<Objects, crate::observe::ReadError>, place: &Place) -> Result<History, Failure> {
    let refused =
        |error| Failure::failed(format!("could not reach {place}: {error}")).hint(SHARED_NEEDS).hint(whose(place));
    opened.map(History::shared).map_err(refused)
}

fn in_folder(named: Option<&StateAt>) -> Result<History, Failure> {
    folder(named).map(|folder| History::of(&folder)).ok_or_else(unknown)
}

/// What runs of the last so many days set. Where nobody names a place and none is known, nothing is.
pub(super) async fn past(named: Option<&StateAt>, reached: Option<&Reached>, days: u16, now: Timestamp) -> Past {
    let since = now - SignedDuration::from_hours(24 * i64::from(days));
    let history = match (named, reached) {
        (Some(StateAt::Objects(place)), Some(reached)) => {
            open(Objects::open(reached.objects_to_read(), place).await, place)
        }
        (Some(StateAt::Objects(place)), None) => return Past::unread(&format!("{place} is not read without AWS")),
        _ => in_folder(named),
    };
    match history {
        Ok(history) => Past::of(&history, since).await,
        Err(failure) if named.is_some() => Past::unread(&failure.message),
        Err(_) => Past::default(),
    }
}

fn unknown() -> Failure {
    Failure::failed("no folder for the state of programs is known here").hint("name one with --state DIR")
}
