//! What trueup does to `GuardDuty`. A region has one detector at most, so steps name none: its id is looked up.

mod create;
mod members;
mod update;

use aws_sdk_guardduty::operation::get_detector::GetDetectorOutput;
use aws_sdk_guardduty::types::{
    DetectorFeature, DetectorFeatureConfiguration, DetectorFeatureConfigurationResult, FeatureStatus,
    FindingPublishingFrequency,
};

pub use create::CreateDetector;
pub use members::UpdateMemberDetectors;
pub(super) use members::{UPDATE_MEMBERS, members, send};
pub use update::{Setting, UpdateDetector};

use super::{Writer, anywhere, linked_roles};
use crate::observe::guardduty::{FOUNDATIONS, Frequency, GET};
use crate::observe::{Call, Class, ReadError};
use crate::target::{Partition, Region, Target};

pub(super) const UPDATE: Call =
    Call { service: "GuardDuty", operation: "UpdateDetector", action: "guardduty:UpdateDetector" };

const BILLS: &str = "GuardDuty bills by what it analyses, each feature apart, once a trial of 30 days is over";

/// What `RUNTIME_MONITORING` replaces: naming both in one call is refused.
const LEGACY: &str = "EKS_RUNTIME_MONITORING";

pub(super) fn client(writer: &Writer) -> aws_sdk_guardduty::Client {
    writer.session.guardduty(writer.at.region.as_ref().unwrap_or(writer.session.home_region()))
}

/// A region has one detector, whose id is not known before it is there.
pub(super) fn resources(action: &str, at: &Target, partition: &Partition) -> Vec<String> {
    let region = at.region.as_ref().map_or("*", Region::as_str);
    match action {
        "iam:CreateServiceLinkedRole" => {
            SERVICES.iter().flat_map(|service| linked_roles(service, at, partition)).collect()
        }
        // AWS knows no resource for it.
        "guardduty:CreateDetector" => anywhere(),
        _ => vec![format!("arn:{partition}:guardduty:{region}:{}:detector/*", at.account)],
    }
}

/// Whose roles a detector needs: `GuardDuty`'s own, and that of its malware protection.
const SERVICES: [&str; 2] = ["guardduty.amazonaws.com", "malware-protection.guardduty.amazonaws.com"];

/// What the detector that was just made is looked for in vain with, until it is seen.
const UNSEEN: &str = "NotFoundException";

pub(super) fn absent(writer: &Writer) -> ReadError {
    ReadError {
        at: writer.at.clone(),
        action: GET.action.to_owned(),
        class: Class::Failed,
        code: Some(UNSEEN.to_owned()),
        message: "there is no detector".to_owned(),
        status: None,
        request_id: None,
    }
}

pub(super) fn in_api(frequency: Frequency) -> FindingPublishingFrequency {
    FindingPublishingFrequency::from(frequency.name())
}

fn configured(name: &str, on: bool) -> DetectorFeatureConfiguration {
    let status = if on { FeatureStatus::Enabled } else { FeatureStatus::Disabled };
    DetectorFeatureConfiguration::builder().name(DetectorFeature::from(name)).status(status).build()
}

/// The optional features that are on, those among them that are younger than trueup.
pub(super) fn on(seen: &GetDetectorOutput) -> impl Iterator<Item = &DetectorFeatureConfigurationResult> {
    seen.features().iter().filter(|feature| {
        let optional = name_of(feature).is_some_and(|name| !FOUNDATIONS.contains(&name));
        optional && feature.status() == Some(&FeatureStatus::Enabled)
    })
}

pub(super) fn name_of(feature: &DetectorFeatureConfigurationResult) -> Option<&str> {
    feature.name().map(aws_sdk_guardduty::types::DetectorFeatureResult::as_str)
}
