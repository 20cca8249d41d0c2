//! What trueup does to what holds for all of a region in EC2, and to its networks.

mod ebs;
mod flow_logs;
mod groups;
mod instances;
mod sharing;

pub use ebs::{EnableEbsEncryptionByDefault, ModifyEbsDefaultKmsKeyId};
pub(super) use ebs::{MODIFY_KEY, set_key};
pub use flow_logs::{RecordIntoBucket, RecordIntoLogGroup, Recording, Traffic};
pub(super) use flow_logs::{flow_log_arns, ours};
pub use groups::{RevokeSecurityGroupEgress, RevokeSecurityGroupIngress};
pub(super) use groups::{group_arn, lacking};
pub use instances::{DisableSerialConsoleAccess, ModifyInstanceMetadataDefaults, ModifyInstanceMetadataOptions};
pub(super) use instances::{MODIFY_METADATA, MODIFY_OPTIONS, MOVES, instance_arn, set_metadata, set_tokens};
pub(super) use sharing::{ENABLE_SNAPSHOTS, set_snapshots};
pub use sharing::{EnableImageBlockPublicAccess, EnableSnapshotBlockPublicAccess};

use super::{Undo, Writer};
use crate::ec2::Request;
use crate::observe::ec2::client;
use crate::observe::{Call, ReadError};

/// How many of a list are named in a line.
const NAMED: usize = 5;

/// The first few of what is named in a line, and how many there are where that is not all.
pub fn first_few(names: &[String]) -> String {
    let first = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > NAMED { format!("{first}, … ({} in all)", names.len()) } else { first }
}

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
