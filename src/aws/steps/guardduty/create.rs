//! The detector of a region that has none.

use std::collections::BTreeSet;

use aws_sdk_guardduty::operation::get_detector::GetDetectorOutput;
use serde::{Deserialize, Serialize};

use super::{
    BILLS, LEGACY, Setting, UNSEEN, UPDATE, UpdateDetector, absent, client, configured, in_api, name_of, on, resources,
};
use crate::observe::guardduty::{Feature, Frequency, GET, LIST, look};
use crate::observe::{Call, ReadError};
use crate::ownership::MANAGED;
use crate::steps::undo::guardduty::{DeleteDetector, RestoreDetector};
use crate::steps::{Atom, Step, Undo, Writer};
use crate::target::{Partition, Target};

const CREATE: Call = Call { service: "GuardDuty", operation: "CreateDetector", action: "guardduty:CreateDetector" };

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

    /// Makes it, naming these features.
    async fn create(&self, writer: &Writer, named: &[(Feature, bool)]) -> Result<(), ReadError> {
        let named: Vec<_> = named.iter().map(|(feature, on)| configured(feature.name(), *on)).collect();
        let asked = client(writer)
            .create_detector()
            .enable(true)
            .set_finding_publishing_frequency(self.publishing_frequency.map(in_api))
            .set_features(Some(named).filter(|named| !named.is_empty()))
            .tags(MANAGED, &self.address);
        writer.write(&writer.at, &CREATE, self.away(), asked.send()).await
    }

    /// Makes it where a region may refuse to hear of a feature that it does not offer: then only what is wanted is named,
    /// and if that is refused as well, nothing.
    async fn create_as_offered(&self, writer: &Writer) -> Result<(), ReadError> {
        let in_full: Vec<_> = self.named().collect();
        let wanted: Vec<_> = self.named().filter(|(_, wanted)| *wanted).collect();
        let less_and_less: [&[(Feature, bool)]; 3] = [&in_full, &wanted, &[]];
        for named in less_and_less {
            let Err(refused) = self.create(writer, named).await else { break };
            // A region refuses a second detector: then somebody made one in between, or an answer was lost.
            if look(&writer.session, &writer.at).await?.is_some() {
                break;
            }
            // There is one, and it is not to be seen yet.
            if refused.message.contains("already exists") {
                return Err(absent(writer));
            }
            if refused.code.as_deref() != Some("BadRequestException") || named.is_empty() {
                return Err(refused);
            }
        }
        Ok(())
    }

    fn away(&self) -> Undo {
        let back = DeleteDetector { address: self.address.clone(), features: self.features.clone() };
        Undo::by(Step::DeleteDetector(back))
    }

    fn is_ours(&self, seen: &GetDetectorOutput) -> bool {
        seen.tags().and_then(|tags| tags.get(MANAGED)) == Some(&self.address)
    }

    /// What is wanted of a detector that is there.
    fn wanted(&self) -> UpdateDetector {
        let features = self.features.iter().copied().map(Setting::Feature);
        let frequency = self.publishing_frequency.map(Setting::PublishingFrequency);
        UpdateDetector { set: std::iter::once(Setting::Enabled).chain(frequency).chain(features).collect() }
    }

    /// The features that are on and not wanted, where this step made the detector.
    fn unwanted<'a>(&self, seen: &'a GetDetectorOutput) -> Vec<&'a str> {
        if !self.is_ours(seen) {
            return vec![];
        }
        let wanted = |name: &str| self.features.iter().any(|feature| feature.name() == name);
        let own = on(seen).filter(|feature| feature.managed_by().is_none());
        own.filter_map(name_of).filter(|name| !wanted(name)).collect()
    }
}

impl Atom for CreateDetector {
    const CALLS: &'static [Call] = &[LIST, GET, CREATE, UPDATE];
    const DEPENDENT: &'static [&'static str] = &["iam:CreateServiceLinkedRole", "guardduty:TagResource"];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let Writer { at, session, .. } = writer;
        if look(session, at).await?.is_none() {
            self.create_as_offered(writer).await?;
        }
        let Some((id, seen)) = look(session, at).await? else { return Err(absent(writer)) };
        let unwanted = self.unwanted(&seen);
        let mut missing = self.wanted().lacking(&seen);
        missing.set.retain(|setting| setting.is_offered(&seen));
        let off: Vec<&str> = unwanted.iter().copied().filter(|name| *name != LEGACY).collect();
        if !missing.set.is_empty() || !off.is_empty() {
            let undo = if self.is_ours(&seen) { self.away() } else { RestoreDetector::of(&missing, &seen) };
            missing.send(writer, &id, &seen, &off, undo).await?;
        }
        if unwanted.contains(&LEGACY) {
            let asked = client(writer).update_detector().detector_id(&id).features(configured(LEGACY, false));
            writer.write(at, &UPDATE, self.away(), asked.send()).await?;
        }
        Ok(())
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        resources(action, at, partition)
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
    use aws_sdk_guardduty::types::{
        DetectorFeatureConfigurationResult, DetectorFeatureResult, FeatureStatus, ManagedBy,
    };

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
        let tags = tag.map(|tag| [(MANAGED.to_owned(), tag.to_owned())].into());
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
    fn what_a_policy_of_the_organization_switched_on_is_left_on() {
        let managed = DetectorFeatureConfigurationResult::builder()
            .name(DetectorFeatureResult::RdsLoginEvents)
            .status(FeatureStatus::Enabled)
            .managed_by(ManagedBy::GuarddutyPolicy)
            .build();
        let tags = [(MANAGED.to_owned(), "address".to_owned())].into();
        let seen = GetDetectorOutput::builder().features(managed).set_tags(Some(tags)).build();
        assert_eq!(step().unwanted(&seen), Vec::<&str>::new());
    }

    #[test]
    fn nothing_is_switched_off_in_a_detector_that_somebody_else_made() {
        for tag in [None, Some("another")] {
            assert_eq!(step().unwanted(&seen(tag)), Vec::<&str>::new());
        }
    }
}
