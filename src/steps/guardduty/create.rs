//! The detector of a region that has none.

use std::collections::BTreeSet;

use aws_sdk_guardduty::operation::get_detector::GetDetectorOutput;
use serde::{Deserialize, Serialize};

use super::{BILLS, LEGACY, Setting, UNSEEN, UPDATE, UpdateDetector, absent, client, configured, in_api, name_of, on};
use crate::observe::guardduty::{Feature, Frequency, GET, LIST, look};
use crate::observe::{Call, ReadError};
use crate::steps::{Atom, Writer};

const CREATE: Call = Call { service: "GuardDuty", operation: "CreateDetector", action: "guardduty:CreateDetector" };

/// The tag by which trueup knows what it made.
const TAG: &str = "trueup:managed";

/// Makes the detector of a region.
///
/// [CreateDetector](https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateDetector.html) switches on what
/// it is not told to leave off, so every feature that all regions know is named. What else came on is switched off
/// right after, in a detector that this step made and in no other, so that nothing bills unasked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CreateDetector {
    /// How often it exports what is new about findings; none: as AWS does by itself.
    pub publishing_frequency: Option<Frequency>,
    /// The features that are on afterwards.
    pub features: BTreeSet<Feature>,
    /// The address of the object, by which it is tagged.
    pub address: String,
}

impl CreateDetector {
    /// Features that a new detector is told of. A feature that few regions offer is named only if it is wanted,
    /// because a region refuses what it does not know.
    fn named(&self) -> impl Iterator<Item = (Feature, bool)> {
        let all = Feature::ALL.into_iter().map(|feature| (feature, self.features.contains(&feature)));
        all.filter(|(feature, wanted)| *wanted || *feature != Feature::AiProtection)
    }

    async fn create(&self, writer: &Writer) -> Result<(), ReadError> {
        let named = self.named().map(|(feature, on)| configured(feature.name(), on));
        let asked = client(writer)
            .create_detector()
            .enable(true)
            .set_finding_publishing_frequency(self.publishing_frequency.map(in_api))
            .set_features(Some(named.collect()))
            .tags(TAG, &self.address);
        writer.session.ask(&writer.at, &CREATE, asked.send()).await.map(drop)
    }

    /// What is wanted of a detector that is there.
    fn wanted(&self) -> UpdateDetector {
        let features = self.features.iter().copied().map(Setting::Feature);
        let frequency = self.publishing_frequency.map(Setting::PublishingFrequency);
        UpdateDetector { set: std::iter::once(Setting::Enabled).chain(frequency).chain(features).collect() }
    }

    /// The features that are on and not wanted, where this step made the detector.
    fn unwanted<'a>(&self, seen: &'a GetDetectorOutput) -> Vec<&'a str> {
        if seen.tags().and_then(|tags| tags.get(TAG)) != Some(&self.address) {
            return vec![];
        }
        let wanted = |name: &str| self.features.iter().any(|feature| feature.name() == name);
        on(seen).filter_map(name_of).filter(|name| !wanted(name)).collect()
    }
}

impl Atom for CreateDetector {
    const CALLS: &'static [Call] = &[LIST, GET, CREATE, UPDATE];
    const DEPENDENT: &'static [&'static str] = &["iam:CreateServiceLinkedRole", "guardduty:TagResource"];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let Writer { at, session } = writer;
        if look(session, at).await?.is_none() {
            let created = self.create(writer).await;
            // A region refuses a second detector: then somebody made one in between, or an answer was lost.
            if let Err(refused) = created
                && look(session, at).await?.is_none()
            {
                // There is one, and it is not to be seen yet.
                return Err(if refused.message.contains("already exists") { absent(writer) } else { refused });
            }
        }
        let Some((id, seen)) = look(session, at).await? else { return Err(absent(writer)) };
        let unwanted = self.unwanted(&seen);
        let missing = self.wanted().lacking(&seen);
        let off: Vec<&str> = unwanted.iter().copied().filter(|name| *name != LEGACY).collect();
        if !missing.set.is_empty() || !off.is_empty() {
            missing.send(writer, &id, &seen, &off).await?;
        }
        if unwanted.contains(&LEGACY) {
            let asked = client(writer).update_detector().detector_id(&id).features(configured(LEGACY, false));
            session.ask(at, &UPDATE, asked.send()).await?;
        }
        Ok(())
    }

    fn says(&self) -> String {
        let on: Vec<&str> = self.features.iter().map(|feature| feature.name()).collect();
        match on.as_slice() {
            [] => "CreateDetector, every optional feature off".to_owned(),
            on => format!("CreateDetector with {}, every other optional feature off", on.join(", ")),
        }
    }

    fn cost(&self) -> Option<&'static str> {
        Some(BILLS)
    }

    fn retried(&self) -> &'static [&'static str] {
        &[UNSEEN]
    }

    fn undo(&self) -> String {
        "DeleteDetector, which deletes its findings as well".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_guardduty::types::{DetectorFeatureConfigurationResult, DetectorFeatureResult, FeatureStatus};

    use super::*;

    fn step() -> CreateDetector {
        let features = BTreeSet::from([Feature::S3DataEvents]);
        CreateDetector { publishing_frequency: None, features, address: "address".to_owned() }
    }

    fn seen(tag: Option<&str>) -> GetDetectorOutput {
        let on = |name: &str| {
            let name = DetectorFeatureResult::from(name);
            DetectorFeatureConfigurationResult::builder().name(name).status(FeatureStatus::Enabled).build()
        };
        let features = ["CLOUD_TRAIL", "S3_DATA_EVENTS", "EKS_RUNTIME_MONITORING", "NEW_FEATURE"].map(on);
        let tags = tag.map(|tag| [(TAG.to_owned(), tag.to_owned())].into());
        GetDetectorOutput::builder().set_features(Some(features.into())).set_tags(tags).build()
    }

    #[test]
    fn a_new_detector_is_told_of_every_feature_that_all_regions_know() {
        let named: Vec<(&str, bool)> = step().named().map(|(feature, on)| (feature.name(), on)).collect();
        assert_eq!(
            named,
            [
                ("S3_DATA_EVENTS", true),
                ("EKS_AUDIT_LOGS", false),
                ("EBS_MALWARE_PROTECTION", false),
                ("RDS_LOGIN_EVENTS", false),
                ("LAMBDA_NETWORK_LOGS", false),
                ("RUNTIME_MONITORING", false),
            ]
        );
        let wants_more = CreateDetector { features: BTreeSet::from([Feature::AiProtection]), ..step() };
        assert!(wants_more.named().any(|(feature, on)| feature == Feature::AiProtection && on));
    }

    #[test]
    fn what_came_on_unasked_is_unwanted_in_a_detector_of_ours() {
        assert_eq!(step().unwanted(&seen(Some("address"))), ["EKS_RUNTIME_MONITORING", "NEW_FEATURE"]);
    }

    #[test]
    fn nothing_is_switched_off_in_a_detector_that_somebody_else_made() {
        for tag in [None, Some("another")] {
            assert_eq!(step().unwanted(&seen(tag)), Vec::<&str>::new());
        }
    }
}
