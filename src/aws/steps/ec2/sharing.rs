//! The public sharing of snapshots and images.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::write;
use crate::observe::ec2::call;
use crate::observe::ec2::sharing::{GET_IMAGES, GET_SNAPSHOTS, Sharing, images, snapshots};
use crate::observe::{Call, ReadError};
use crate::steps::atom::named;
use crate::steps::undo::ec2::{DisableImageBlockPublicAccess, RestoreSnapshotSharing};
use crate::steps::{Atom, Risk, Step, Undo, Writer};

pub(in crate::steps) const ENABLE_SNAPSHOTS: Call =
    call("EnableSnapshotBlockPublicAccess", "ec2:EnableSnapshotBlockPublicAccess");
const ENABLE_IMAGES: Call = call("EnableImageBlockPublicAccess", "ec2:EnableImageBlockPublicAccess");

/// Sends how far snapshots are kept from everybody.
pub(in crate::steps) async fn set_snapshots(writer: &Writer, state: Sharing, undo: Undo) -> Result<(), ReadError> {
    write(writer, &ENABLE_SNAPSHOTS, undo, |request| request.with("State", state.word())).await
}

/// Keeps snapshots from everybody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnableSnapshotBlockPublicAccess {
    /// How far.
    pub state: Sharing,
    /// The snapshots that are public now and are shut off by it.
    pub public: Vec<String>,
}

impl EnableSnapshotBlockPublicAccess {
    fn hits(&self) -> String {
        if self.public.is_empty() {
            return String::new();
        }
        let many = if self.public.len() == 1 { "" } else { "s" };
        format!(": shuts {} public snapshot{many} off ({})", self.public.len(), named(&self.public))
    }
}

impl Atom for EnableSnapshotBlockPublicAccess {
    const CALLS: &'static [Call] = &[GET_SNAPSHOTS, ENABLE_SNAPSHOTS];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let (before, _) = snapshots(&writer.session, &writer.at).await?;
        if before >= self.state {
            return Ok(());
        }
        let back = Step::RestoreSnapshotSharing(RestoreSnapshotSharing { set: self.state, before });
        set_snapshots(writer, self.state, Undo::by(back)).await
    }

    fn says(&self) -> String {
        format!("EnableSnapshotBlockPublicAccess with {}{}", self.state.word(), self.hits())
    }

    fn risk(&self) -> Risk {
        if self.public.is_empty() { Risk::Safe } else { Risk::Disruptive }
    }

    fn undo(&self) -> String {
        "EnableSnapshotBlockPublicAccess with the former state, or DisableSnapshotBlockPublicAccess".to_owned()
    }
}

/// Lets no more images be made public. Those that are stay so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnableImageBlockPublicAccess {}

impl Atom for EnableImageBlockPublicAccess {
    const CALLS: &'static [Call] = &[GET_IMAGES, ENABLE_IMAGES];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        if images(&writer.session, &writer.at).await?.blocked {
            return Ok(());
        }
        let back = Step::DisableImageBlockPublicAccess(DisableImageBlockPublicAccess {});
        let state = |request: crate::ec2::Request| request.with("ImageBlockPublicAccessState", "block-new-sharing");
        write(writer, &ENABLE_IMAGES, Undo::by(back), state).await
    }

    fn says(&self) -> String {
        "EnableImageBlockPublicAccess with block-new-sharing".to_owned()
    }

    /// AWS takes up to [ten minutes](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableImageBlockPublicAccess.html),
    /// in which it still says `unblocked`.
    fn settles(&self) -> Duration {
        Duration::from_mins(10)
    }

    fn undo(&self) -> String {
        "DisableImageBlockPublicAccess".to_owned()
    }
}
