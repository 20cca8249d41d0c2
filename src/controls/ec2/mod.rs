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

use crate::drift::{Bench, Fix};
use crate::observe::Readable;
use crate::ownership::{Owner, PolicyType};
use crate::steps::Step;

/// The policies of the organization that may set a value, as far as they could be read; none: the account sets it.
type Policies = Option<Readable<Vec<String>>>;

/// Who sets a value, where a declarative policy of the organization does: EC2 says so, and `policies` which it may be.
fn owner(declared: bool, policies: &Policies) -> Option<Owner> {
    let known = policies.as_ref().and_then(|policies| policies.as_result().ok()).cloned();
    declared.then(|| Owner::Policy { kind: PolicyType::Ec2, policies: known.unwrap_or_default() })
}

/// Says why a policy has no name, where one sets a value otherwise than is wanted.
fn unnamed(object: &mut Bench<'_>, policies: &Policies) {
    if let Some(Readable::Unreadable(error)) = policies {
        object.owned_because(&format!("which policy it is could not be read: {}", error.explained()));
    }
}

fn by(step: Step) -> Fix {
    Fix::Steps { steps: vec![step], needs: vec![] }
}
