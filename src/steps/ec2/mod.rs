//! What trueup does to what holds for all of a region in EC2.

mod ebs;
mod instances;
mod sharing;

pub use ebs::{EnableEbsEncryptionByDefault, ModifyEbsDefaultKmsKeyId};
pub(super) use ebs::{MODIFY_KEY, set_key};
pub use instances::{DisableSerialConsoleAccess, ModifyInstanceMetadataDefaults};
pub(super) use instances::{MODIFY_METADATA, set_metadata};
pub(super) use sharing::{ENABLE_SNAPSHOTS, set_snapshots};
pub use sharing::{EnableImageBlockPublicAccess, EnableSnapshotBlockPublicAccess};

use super::{Undo, Writer};
use crate::aws::ec2::Request;
use crate::observe::ec2::client;
use crate::observe::{Call, ReadError};

/// Sends one write, with what `told` adds to it.
pub(super) async fn write(
    writer: &Writer,
    call: &Call,
    undo: Undo,
    told: impl FnOnce(Request) -> Request,
) -> Result<(), ReadError> {
    let request = told(client(&writer.session, &writer.at).request(call.operation));
    writer.write(&writer.at, call, undo, request.send()).await
}
