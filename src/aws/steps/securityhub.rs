//! What trueup does to Security Hub CSPM.

use aws_sdk_securityhub::types::ControlFindingGenerator;
use serde::{Deserialize, Serialize};

use super::writer::done_on;
use super::{Atom, Step, Undo, Writer, anywhere, linked_roles};
use crate::observe::securityhub::{DESCRIBE, hub};
use crate::observe::{Call, ReadError};
use crate::ownership::MANAGED;
use crate::steps::undo::securityhub::DisableSecurityHub;
use crate::target::{Partition, Region, Target};

const ENABLE: Call =
    Call { service: "SecurityHub", operation: "EnableSecurityHub", action: "securityhub:EnableSecurityHub" };

const PRINCIPAL: &str = "securityhub.amazonaws.com";

/// The client for the region of what is written.
pub(super) fn client(writer: &Writer) -> aws_sdk_securityhub::Client {
    writer.session.security_hub(writer.at.region.as_ref().unwrap_or(writer.session.home_region()))
}

/// The ARN of a region's hub.
pub(super) fn arn(at: &Target, partition: &Partition) -> String {
    let region = at.region.as_ref().map_or("*", Region::as_str);
    format!("arn:{partition}:securityhub:{region}:{}:hub/default", at.account)
}

/// Switches Security Hub on in a region, without the standards that AWS would switch on by itself: which are wanted, a
/// baseline says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnableSecurityHub {
    /// The address of the object, by which the hub is tagged.
    pub address: String,
}

impl Atom for EnableSecurityHub {
    const CALLS: &'static [Call] = &[DESCRIBE, ENABLE];
    const DEPENDENT: &'static [&'static str] = &["iam:CreateServiceLinkedRole", "securityhub:TagResource"];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        if hub(&writer.session, &writer.at).await?.is_some() {
            return Ok(());
        }
        let back = Step::DisableSecurityHub(DisableSecurityHub { address: self.address.clone() });
        let asked = client(writer)
            .enable_security_hub()
            .enable_default_standards(false)
            .control_finding_generator(ControlFindingGenerator::SecurityControl)
            .tags(MANAGED, &self.address);
        let written = writer.write(&writer.at, &ENABLE, Undo::by(back), asked.send()).await;
        // Somebody was faster, or an answer was lost.
        done_on(written, &["ResourceConflictException"])
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        match action {
            "iam:CreateServiceLinkedRole" => linked_roles(PRINCIPAL, at, partition),
            "securityhub:EnableSecurityHub" | "securityhub:TagResource" => vec![arn(at, partition)],
            _ => anywhere(),
        }
    }

    fn says(&self) -> String {
        "EnableSecurityHub, without standards".to_owned()
    }

    fn cost(&self) -> Option<&'static str> {
        Some("Security Hub CSPM bills by check and by finding, once a trial of 30 days is over")
    }

    fn undo(&self) -> String {
        "DisableSecurityHub, which deletes its findings as well".to_owned()
    }
}
