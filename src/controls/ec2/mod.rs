//! Controls of EC2.

mod default_security_group;
mod ebs_encryption_default;
mod flow_logs;
mod image_block_public_access;
mod imds_defaults;
mod instance;
mod network_acl;
mod references;
mod security_group;
mod serial_console;
mod snapshot_block_public_access;

pub use default_security_group::DefaultSecurityGroup;
pub use ebs_encryption_default::EbsEncryptionDefault;
pub use flow_logs::FlowLogs;
pub use image_block_public_access::ImageBlockPublicAccess;
pub use imds_defaults::ImdsDefaults;
pub use instance::Instance;
pub use network_acl::NetworkAcl;
pub use security_group::SecurityGroup;
pub use serial_console::SerialConsole;
pub use snapshot_block_public_access::SnapshotBlockPublicAccess;

use crate::drift::Fix;
use crate::ownership::{Owner, PolicyType};
use crate::steps::Step;

/// Who sets a value, where a declarative policy of the organization does.
fn owner(declared: bool) -> Option<Owner> {
    declared.then(|| Owner::Policy { kind: PolicyType::Ec2, policies: vec![] })
}

fn by(step: Step) -> Fix {
    Fix::Steps { steps: vec![step], needs: vec![] }
}
