//! What a detector that is there is told.

use std::collections::BTreeSet;

use aws_sdk_guardduty::operation::get_detector::GetDetectorOutput;
use aws_sdk_guardduty::types::{
    DetectorAdditionalConfiguration, DetectorFeature, DetectorFeatureConfiguration, DetectorFeatureConfigurationResult,
    DetectorStatus,
};
use serde::{Deserialize, Serialize};

use super::{BILLS, LEGACY, UPDATE, absent, client, configured, in_api, name_of, on, resources};
use crate::observe::guardduty::{Feature, Frequency, GET, LIST, look};
use crate::observe::{Call, ReadError};
use crate::steps::undo::guardduty::RestoreDetector;
use crate::steps::{Atom, Undo, Writer};
use crate::target::{Partition, Target};

/// One thing that a detector is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Setting {
    /// To watch.
    Enabled,
    /// How often to export what is new about findings.
    PublishingFrequency(Frequency),
    /// To switch a feature on.
    Feature(Feature),
}

impl Setting {
    fn says(self) -> String {
        match self {
            Self::Enabled => "enabled".to_owned(),
            Self::PublishingFrequency(frequency) => format!("findings exported {}", frequency.name()),
            Self::Feature(feature) => format!("{} on", feature.name()),
        }
    }

    /// A detector lists every feature that its region offers, those that are off as well.
    pub(in crate::steps) fn is_offered(self, seen: &GetDetectorOutput) -> bool {
        let Self::Feature(feature) = self else { return true };
        seen.features().iter().filter_map(name_of).any(|name| name == feature.name())
    }

    fn is_met(self, seen: &GetDetectorOutput) -> bool {
        match self {
            Self::Enabled => seen.status() == Some(&DetectorStatus::Enabled),
            Self::PublishingFrequency(wanted) => {
                // More often than wanted is kept.
                let is = |known: &Frequency| seen.finding_publishing_frequency() == Some(&in_api(*known));
                Frequency::ALL.iter().find(|known| is(known)).is_some_and(|seen| *seen >= wanted)
            }
            Self::Feature(feature) => on(seen).filter_map(name_of).any(|name| name == feature.name()),
        }
    }
}

/// Tells the detector of a region something; several at once are one call.
///
/// AWS merges the features that
/// [UpdateDetector](https://docs.aws.amazon.com/guardduty/latest/APIReference/API_UpdateDetector.html) names with those
/// that are on; others who speak its protocol replace them. What is on is therefore sent again, so that none is lost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UpdateDetector {
    /// What it is told.
    pub set: BTreeSet<Setting>,
}

impl UpdateDetector {
    /// The step that tells it one thing.
    #[must_use]
    pub fn one(setting: Setting) -> Self {
        Self { set: BTreeSet::from([setting]) }
    }

    pub(in crate::steps) fn lacking(&self, seen: &GetDetectorOutput) -> Self {
        Self { set: self.set.iter().copied().filter(|setting| !setting.is_met(seen)).collect() }
    }

    /// The features to send: what is told, what is on and stays, and what is to be `off`. None: no feature changes.
    pub(in crate::steps) fn features(
        &self,
        seen: &GetDetectorOutput,
        off: &[&str],
    ) -> Option<Vec<DetectorFeatureConfiguration>> {
        let told: Vec<&str> = self.set.iter().filter_map(|setting| feature_of(*setting)).map(Feature::name).collect();
        if told.is_empty() && off.is_empty() {
            return None;
        }
        // AWS takes no word about what a policy of the organization manages, or about what it does not know.
        let stays = |feature: &&DetectorFeatureConfigurationResult| {
            let stays = |name: &str| name != LEGACY && !told.contains(&name) && !off.contains(&name);
            let known = |name: &str| DetectorFeature::values().contains(&name);
            feature.managed_by().is_none() && name_of(feature).is_some_and(|name| known(name) && stays(name))
        };
        let kept = on(seen).filter(stays).map(again);
        let switched = told.iter().map(|name| (*name, true)).chain(off.iter().map(|name| (*name, false)));
        Some(switched.map(|(name, on)| configured(name, on)).chain(kept).collect())
    }

    pub(super) async fn send(
        &self,
        writer: &Writer,
        id: &str,
        seen: &GetDetectorOutput,
        off: &[&str],
        undo: Undo,
    ) -> Result<(), ReadError> {
        let frequency = self.set.iter().find_map(|setting| match setting {
            Setting::PublishingFrequency(frequency) => Some(in_api(*frequency)),
            Setting::Enabled | Setting::Feature(_) => None,
        });
        let asked = client(writer)
            .update_detector()
            .detector_id(id)
            .set_enable(self.set.contains(&Setting::Enabled).then_some(true))
            .set_finding_publishing_frequency(frequency)
            .set_features(self.features(seen, off));
        writer.write(&writer.at, &UPDATE, undo, asked.send()).await
    }
}

impl Atom for UpdateDetector {
    const CALLS: &'static [Call] = &[LIST, GET, UPDATE];
    const DEPENDENT: &'static [&'static str] = &["iam:CreateServiceLinkedRole"];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let Some((id, seen)) = look(&writer.session, &writer.at).await? else { return Err(absent(writer)) };
        self.send(writer, &id, &seen, &[], RestoreDetector::of(self, &seen)).await
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        resources(action, at, partition)
    }

    fn says(&self) -> String {
        let set: Vec<String> = self.set.iter().map(|setting| setting.says()).collect();
        format!("UpdateDetector: {}", set.join(", "))
    }

    fn part(&self) -> Option<&str> {
        match self.set.iter().next()? {
            _ if self.set.len() > 1 => None,
            Setting::Enabled => Some("status"),
            Setting::PublishingFrequency(_) => Some("publishing frequency"),
            Setting::Feature(feature) => Some(feature.name()),
        }
    }

    fn cost(&self) -> Option<&'static str> {
        self.set.iter().any(|setting| !matches!(setting, Setting::PublishingFrequency(_))).then_some(BILLS)
    }

    fn with(&self, next: &Self) -> Option<Self> {
        Some(Self { set: self.set.union(&next.set).copied().collect() })
    }

    /// Who administers exports as often as any of those asks for whom it holds.
    fn beside(&self, other: &Self) -> Option<Self> {
        match (self.set.first()?, other.set.first()?) {
            (Setting::PublishingFrequency(one), Setting::PublishingFrequency(two))
                if self.set.len() == 1 && other.set.len() == 1 =>
            {
                Some(Self::one(Setting::PublishingFrequency(*one.max(two))))
            }
            _ => None,
        }
    }

    fn undo(&self) -> String {
        "UpdateDetector with the former values".to_owned()
    }
}

fn feature_of(setting: Setting) -> Option<Feature> {
    match setting {
        Setting::Feature(feature) => Some(feature),
        Setting::Enabled | Setting::PublishingFrequency(_) => None,
    }
}

/// A feature as it is, to be sent again: with what it does about its agents.
fn again(feature: &DetectorFeatureConfigurationResult) -> DetectorFeatureConfiguration {
    let agents = feature.additional_configuration().iter().map(|agent| {
        let name = agent.name().map(|name| name.as_str().into());
        DetectorAdditionalConfiguration::builder().set_name(name).set_status(agent.status().cloned()).build()
    });
    DetectorFeatureConfiguration::builder()
        .set_name(name_of(feature).map(DetectorFeature::from))
        .set_status(feature.status().cloned())
        .set_additional_configuration(Some(agents.collect::<Vec<_>>()).filter(|agents| !agents.is_empty()))
        .build()
}

#[cfg(test)]
mod tests {
    use aws_sdk_guardduty::types::{
        DetectorAdditionalConfigurationResult, DetectorFeatureResult, FeatureAdditionalConfiguration, FeatureStatus,
        ManagedBy,
    };

    use super::*;

    fn feature(name: &str, on: bool) -> DetectorFeatureConfigurationResult {
        let status = if on { FeatureStatus::Enabled } else { FeatureStatus::Disabled };
        let name = DetectorFeatureResult::from(name);
        DetectorFeatureConfigurationResult::builder().name(name).status(status).build()
    }

    fn seen(features: &[(&str, bool)]) -> GetDetectorOutput {
        let features = features.iter().map(|(name, on)| feature(name, *on)).collect();
        GetDetectorOutput::builder().set_features(Some(features)).build()
    }

    fn sent(features: &[DetectorFeatureConfiguration]) -> Vec<(&str, bool)> {
        let one = |feature: &DetectorFeatureConfiguration| feature.status() == Some(&FeatureStatus::Enabled);
        features.iter().map(|f| (f.name().expect("a name").as_str(), one(f))).collect()
    }

    #[test]
    fn neighbours_are_one_call_without_a_part_of_their_own() {
        let one = UpdateDetector::one(Setting::Enabled);
        let both = one.with(&UpdateDetector::one(Setting::Feature(Feature::S3DataEvents))).expect("one call");
        assert_eq!(both.set.len(), 2);
        assert_eq!((one.part(), both.part()), (Some("status"), None));
        assert_eq!(both.says(), "UpdateDetector: enabled, S3_DATA_EVENTS on");
    }

    #[test]
    fn of_two_frequencies_the_one_that_is_more_often_holds_and_other_settings_stand_by_themselves() {
        let [often, seldom] = [Frequency::FifteenMinutes, Frequency::OneHour]
            .map(|frequency| UpdateDetector::one(Setting::PublishingFrequency(frequency)));
        assert_eq!([often.beside(&seldom), seldom.beside(&often)], [Some(often.clone()), Some(often.clone())]);
        assert_eq!(often.beside(&UpdateDetector::one(Setting::Enabled)), None);
        let both = often.with(&UpdateDetector::one(Setting::Enabled)).expect("one call");
        assert_eq!((both.beside(&often), often.beside(&both)), (None, None));
    }

    #[test]
    fn what_is_on_is_sent_again_and_nothing_is_switched_off() {
        let seen = seen(&[
            ("FLOW_LOGS", true),
            ("EKS_AUDIT_LOGS", true),
            ("RDS_LOGIN_EVENTS", false),
            ("EKS_RUNTIME_MONITORING", true),
            ("NEW_FEATURE", true),
        ]);
        let features = UpdateDetector::one(Setting::Feature(Feature::S3DataEvents)).features(&seen, &[]);
        assert_eq!(sent(&features.expect("features")), [("S3_DATA_EVENTS", true), ("EKS_AUDIT_LOGS", true)]);
    }

    #[test]
    fn the_two_kinds_of_runtime_monitoring_are_never_named_together() {
        let seen = seen(&[("EKS_RUNTIME_MONITORING", true), ("RUNTIME_MONITORING", true), ("RDS_LOGIN_EVENTS", true)]);
        for feature in Feature::ALL {
            let sent_features = UpdateDetector::one(Setting::Feature(feature)).features(&seen, &[]).expect("features");
            let names: Vec<&str> = sent(&sent_features).into_iter().map(|(name, _)| name).collect();
            assert!(!names.contains(&LEGACY) && names.contains(&feature.name()), "{names:?}");
        }
    }

    #[test]
    fn what_a_policy_manages_is_not_sent_again() {
        let managed = DetectorFeatureConfigurationResult::builder()
            .name(DetectorFeatureResult::EksAuditLogs)
            .status(FeatureStatus::Enabled)
            .managed_by(ManagedBy::GuarddutyPolicy)
            .build();
        let seen = GetDetectorOutput::builder().features(managed).features(feature("RDS_LOGIN_EVENTS", true)).build();
        let features = UpdateDetector::one(Setting::Feature(Feature::S3DataEvents)).features(&seen, &[]);
        assert_eq!(sent(&features.expect("features")), [("S3_DATA_EVENTS", true), ("RDS_LOGIN_EVENTS", true)]);
    }

    #[test]
    fn agents_are_sent_again_as_they_are() {
        let agent = DetectorAdditionalConfigurationResult::builder()
            .name(FeatureAdditionalConfiguration::EksAddonManagement)
            .status(FeatureStatus::Disabled)
            .build();
        let runtime = DetectorFeatureConfigurationResult::builder()
            .name(DetectorFeatureResult::RuntimeMonitoring)
            .status(FeatureStatus::Enabled)
            .additional_configuration(agent)
            .build();
        let again = again(&runtime);
        assert_eq!(again.additional_configuration()[0].status(), Some(&FeatureStatus::Disabled));
    }

    #[test]
    fn no_feature_is_sent_where_none_changes() {
        let seen = seen(&[("EKS_AUDIT_LOGS", true)]);
        assert_eq!(UpdateDetector::one(Setting::Enabled).features(&seen, &[]), None);
    }

    #[test]
    fn what_is_met_already_is_not_lacking() {
        let seen = GetDetectorOutput::builder()
            .status(DetectorStatus::Enabled)
            .finding_publishing_frequency(in_api(Frequency::FifteenMinutes))
            .features(feature("S3_DATA_EVENTS", true))
            .build();
        let lacking = Setting::Feature(Feature::EksAuditLogs);
        let all = [
            Setting::Enabled,
            Setting::PublishingFrequency(Frequency::OneHour),
            Setting::Feature(Feature::S3DataEvents),
            lacking,
        ];
        assert_eq!(UpdateDetector { set: BTreeSet::from(all) }.lacking(&seen), UpdateDetector::one(lacking));
    }

    #[test]
    fn only_what_analyses_bills() {
        assert!(UpdateDetector::one(Setting::Enabled).cost().is_some());
        assert!(UpdateDetector::one(Setting::Feature(Feature::S3DataEvents)).cost().is_some());
        assert!(UpdateDetector::one(Setting::PublishingFrequency(Frequency::OneHour)).cost().is_none());
    }
}
