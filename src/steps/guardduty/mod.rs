//! What trueup does to `GuardDuty`. A region has one detector at most, so steps name none: its id is looked up.

mod create;
mod update;

use aws_sdk_guardduty::operation::get_detector::GetDetectorOutput;
use aws_sdk_guardduty::types::{
    DetectorFeature, DetectorFeatureConfiguration, DetectorFeatureConfigurationResult, FeatureStatus,
    FindingPublishingFrequency,
};

pub use create::CreateDetector;
pub use update::{Setting, UpdateDetector};

use super::Writer;
use crate::observe::guardduty::{Frequency, GET};
use crate::observe::{Call, Class, ReadError};

const UPDATE: Call = Call { service: "GuardDuty", operation: "UpdateDetector", action: "guardduty:UpdateDetector" };

const BILLS: &str = "GuardDuty bills by what it analyses, each feature apart, once a trial of 30 days is over";

/// What `RUNTIME_MONITORING` replaces: naming both in one call is refused.
const LEGACY: &str = "EKS_RUNTIME_MONITORING";

fn client(writer: &Writer) -> aws_sdk_guardduty::Client {
    writer.session.guardduty(writer.at.region.as_ref().unwrap_or(writer.session.home_region()))
}

/// What the detector that was just made is looked for in vain with, until it is seen.
const UNSEEN: &str = "NotFoundException";

fn absent(writer: &Writer) -> ReadError {
    ReadError {
        at: writer.at.clone(),
        action: GET.action.to_owned(),
        class: Class::Failed,
        code: Some(UNSEEN.to_owned()),
        message: "there is no detector".to_owned(),
        request_id: None,
    }
}

fn in_api(frequency: Frequency) -> FindingPublishingFrequency {
    FindingPublishingFrequency::from(frequency.name())
}

fn configured(name: &str, on: bool) -> DetectorFeatureConfiguration {
    let status = if on { FeatureStatus::Enabled } else { FeatureStatus::Disabled };
    DetectorFeatureConfiguration::builder().name(DetectorFeature::from(name)).status(status).build()
}

/// What every detector watches: its answer names these as well, and they cannot be switched.
const FOUNDATIONS: [&str; 3] = ["CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS"];

/// The optional features that are on, those among them that are younger than trueup.
fn on(seen: &GetDetectorOutput) -> impl Iterator<Item = &DetectorFeatureConfigurationResult> {
    seen.features().iter().filter(|feature| {
        let optional = name_of(feature).is_some_and(|name| !FOUNDATIONS.contains(&name));
        optional && feature.status() == Some(&FeatureStatus::Enabled)
    })
}

fn name_of(feature: &DetectorFeatureConfigurationResult) -> Option<&str> {
    feature.name().map(aws_sdk_guardduty::types::DetectorFeatureResult::as_str)
}
