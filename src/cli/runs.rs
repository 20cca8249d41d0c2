//! What can be typed about runs: undoing one, the lock that they take, and those that were kept.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Reach, Reports, Rollout};
use crate::aws::Place;
use crate::engine::allow::Allow;
use crate::target::Region;

/// `trueup revert`
#[derive(Args, Debug)]
pub struct Revert {
    /// Id of the run that is undone
    pub run: String,
    /// Only in these accounts, by id or by a pattern of their name
    #[arg(long, value_delimiter = ',', value_name = "ID|NAME")]
    pub account: Vec<String>,
    /// Only what was done for these controls
    #[arg(long, value_delimiter = ',', value_name = "ID")]
    pub control: Vec<String>,
    /// Schedule the deletion of KMS keys: in 30 days of those that the run made, again of those that it saved
    #[arg(long)]
    pub delete_keys: bool,
    /// Only write the plan to a file that `apply` takes; AWS is not reached
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// List every account of a group
    #[arg(long)]
    pub detail: bool,
    /// Undo without asking
    #[arg(long, conflicts_with = "out")]
    pub auto_approve: bool,
    /// Allow steps that undo: weakening, and irreversible for what is taken away, also for one control
    #[arg(long, value_delimiter = ',', value_name = "CLASS[:CONTROL]", conflicts_with = "out")]
    pub allow: Vec<Allow>,
    /// Lock that keeps others from applying: that of this machine, or an object in S3 for everyone
    #[arg(long, value_name = "local|s3://[ACCOUNT@]BUCKET/KEY", value_parser = lock_at, conflicts_with = "out")]
    pub lock: Option<LockAt>,
    /// How carefully it is done.
    #[command(flatten)]
    pub rollout: Rollout,
    /// How AWS is reached.
    #[command(flatten)]
    pub reach: Reach,
    /// Where reports go, and where the run is kept.
    #[command(flatten)]
    pub reports: Reports,
}

/// Which lock keeps others from applying.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LockAt {
    /// That of this machine.
    Local,
    /// An object in S3.
    Object(Place),
}

pub(super) fn lock_at(text: &str) -> Result<LockAt, String> {
    if text == "local" { Ok(LockAt::Local) } else { text.parse().map(LockAt::Object) }
}

/// Where runs are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StateAt {
    /// A folder.
    Folder(PathBuf),
    /// Objects in S3, below this place.
    Objects(Place),
}

pub(super) fn state_at(text: &str) -> Result<StateAt, String> {
    if text.starts_with("s3://") {
        return text.parse().map(StateAt::Objects);
    }
    // Such as a variable that is not set: it would be the folder that the process happens to be in.
    if text.is_empty() {
        return Err("it is empty: name a folder, or s3://bucket/prefix".to_owned());
    }
    Ok(StateAt::Folder(text.into()))
}

/// `trueup unlock`
#[derive(Args, Debug)]
pub struct Unlock {
    /// Id of the run that holds the lock
    pub id: String,
    /// The lock
    #[arg(long, value_name = "s3://[ACCOUNT@]BUCKET/KEY")]
    pub lock: Place,
    /// How AWS is reached.
    #[command(flatten)]
    pub reach: Reach,
}

/// `trueup history`
#[derive(Args, Debug)]
pub struct History {
    /// What is done with the runs besides showing them.
    #[command(subcommand)]
    pub verb: Option<HistoryVerb>,
    /// Id of a run
    pub run: Option<String>,
    /// Where runs are kept: a folder, or below a prefix in S3 [default: trueup in the XDG state folder]
    #[arg(long, value_name = "DIR|s3://[ACCOUNT@]BUCKET/PREFIX", value_parser = state_at, global = true)]
    pub state: Option<StateAt>,
    /// Profile of the AWS configuration files, for runs that are kept in S3
    #[arg(long, value_name = "NAME", global = true)]
    pub profile: Option<String>,
    /// Home region, for runs that are kept in S3
    #[arg(long, value_name = "REGION", global = true)]
    pub region: Option<Region>,
    /// Endpoint of S3 and STS, for runs that are kept in S3
    #[arg(long, value_name = "URL", global = true)]
    pub endpoint_url: Option<String>,
}

/// What is done with kept runs besides showing them.
#[derive(Debug, Subcommand)]
pub enum HistoryVerb {
    /// Check that journals hold together, and name the first line that does not
    Verify {
        /// Id of a run; without one, all
        run: Option<String>,
    },
}
