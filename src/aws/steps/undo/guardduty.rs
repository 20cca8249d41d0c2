//! What undoes a write to `GuardDuty`.

use std::collections::BTreeSet;

use aws_sdk_guardduty::operation::get_detector::GetDetectorOutput;
use aws_sdk_guardduty::types::DetectorStatus;
use serde::{Deserialize, Serialize};

use super::{Extent, Stands, Undo, Undoing, gone};
use crate::observe::guardduty::{Feature, Frequency, GET, LIST, look};
use crate::observe::{Call, ReadError};
use crate::ownership::MANAGED;
use crate::steps::Writer;
use crate::steps::guardduty::{Setting, UPDATE, UpdateDetector, absent, client, in_api, name_of, on, resources};
use crate::target::{Partition, Target};

const DELETE: Call = Call { service: "GuardDuty", operation: "DeleteDetector", action: "guardduty:DeleteDetector" };

const WHAT: &str = "the detector";

/// Takes a detector away that was made, with its findings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeleteDetector {
    /// The address by which it is tagged.
    pub address: String,
    /// The features that were switched on.
    pub features: BTreeSet<Feature>,
}

impl DeleteDetector {
    /// Features that trueup does not know may be on by themselves, where the run was killed before it saw to them. Those
    /// that the region does not offer never came on.
    fn is_as_made(&self, seen: &GetDetectorOutput) -> bool {
        let on: BTreeSet<&str> = on(seen).filter_map(name_of).collect();
        let now: BTreeSet<Feature> = Feature::ALL.into_iter().filter(|feature| on.contains(feature.name())).collect();
        let offered = |feature: &Feature| Setting::Feature(*feature).is_offered(seen);
        let made: BTreeSet<Feature> = self.features.iter().copied().filter(offered).collect();
        now == made && seen.status() == Some(&DetectorStatus::Enabled)
    }
}

impl Undoing for DeleteDetector {
    const EXTENT: Extent = Extent::Whole;
    const CALLS: &'static [Call] = &[LIST, GET, DELETE];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let Some((id, _)) = look(&writer.session, &writer.at).await? else { return Ok(()) };
        let asked = client(writer).delete_detector().detector_id(&id);
        writer.write(&writer.at, &DELETE, Undo::again(), asked.send()).await
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        resources(action, at, partition)
    }

    fn says(&self) -> String {
        "DeleteDetector, with its findings".to_owned()
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let Some((_, seen)) = look(&writer.session, &writer.at).await? else { return Ok(Stands::Undone) };
        if seen.tags().and_then(|tags| tags.get(MANAGED)) != Some(&self.address) {
            return Ok(Stands::Changed("the detector that is there is not the one that was made".to_owned()));
        }
        if self.is_as_made(&seen) {
            return Ok(Stands::Open);
        }
        Ok(Stands::Changed("the detector was changed since it was made".to_owned()))
    }
}

/// Tells a detector what it was told before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestoreDetector {
    /// What it was told since, and did not do before: that it watches, and features, are switched off again.
    pub set: BTreeSet<Setting>,
    /// How often it exported its findings before, where that was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frequency: Option<Frequency>,
}

impl RestoreDetector {
    /// What undoes this update of a detector as it is.
    pub(in crate::steps) fn of(told: &UpdateDetector, seen: &GetDetectorOutput) -> Undo {
        let set = told.lacking(seen).set;
        let frequency =
            Frequency::ALL.into_iter().find(|one| seen.finding_publishing_frequency() == Some(&in_api(*one)));
        let frequency = frequency.filter(|_| set.iter().any(|one| matches!(one, Setting::PublishingFrequency(_))));
        let known = |one: &Setting| !matches!(one, Setting::PublishingFrequency(_)) || frequency.is_some();
        if set.iter().any(|one| !known(one)) {
            let words = "how often the detector exported its findings is not known: set it by hand";
            return Undo::Never(words.to_owned());
        }
        if set.is_empty() {
            return Undo::By(vec![]);
        }
        Undo::by(crate::steps::Step::RestoreDetector(Self { set, frequency }))
    }

    fn stand(&self, setting: Setting, seen: &GetDetectorOutput) -> Stands {
        let met = match setting {
            Setting::Enabled => seen.status() == Some(&DetectorStatus::Enabled),
            Setting::Feature(feature) => on(seen).filter_map(name_of).any(|name| name == feature.name()),
            Setting::PublishingFrequency(set) => {
                let now = seen.finding_publishing_frequency();
                let is = |known: Frequency| now == Some(&in_api(known));
                return match self.frequency {
                    Some(before) if is(before) => Stands::Undone,
                    _ if is(set) => Stands::Open,
                    _ => Stands::Changed("how often the detector exports its findings was changed since".to_owned()),
                };
            }
        };
        if met { Stands::Open } else { Stands::Undone }
    }

    fn off(&self) -> Vec<&'static str> {
        let feature = |one: &Setting| match one {
            Setting::Feature(feature) => Some(feature.name()),
            Setting::Enabled | Setting::PublishingFrequency(_) => None,
        };
        self.set.iter().filter_map(feature).collect()
    }
}

impl Undoing for RestoreDetector {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[LIST, GET, UPDATE];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let Some((id, seen)) = look(&writer.session, &writer.at).await? else { return Err(absent(writer)) };
        let nothing = UpdateDetector { set: BTreeSet::new() };
        let asked = client(writer)
            .update_detector()
            .detector_id(&id)
            .set_enable(self.set.contains(&Setting::Enabled).then_some(false))
            .set_finding_publishing_frequency(self.frequency.map(in_api))
            .set_features(nothing.features(&seen, &self.off()));
        writer.write(&writer.at, &UPDATE, Undo::again(), asked.send()).await
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        resources(action, at, partition)
    }

    fn says(&self) -> String {
        let one = |setting: &Setting| match (setting, self.frequency) {
            (Setting::Enabled, _) => "not enabled".to_owned(),
            (Setting::Feature(feature), _) => format!("{} off", feature.name()),
            (Setting::PublishingFrequency(_), before) => {
                format!("findings exported {}", before.map_or("as before", Frequency::name))
            }
        };
        format!("UpdateDetector: {}", self.set.iter().map(one).collect::<Vec<_>>().join(", "))
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        let frequency = earlier.frequency.or(self.frequency);
        let told = |one: &&Setting| matches!(one, Setting::PublishingFrequency(_));
        let mut set: BTreeSet<Setting> = earlier.set.union(&self.set).copied().collect();
        if let Some(last) = self.set.iter().find(told) {
            set.retain(|one| !told(&one) || one == last);
        }
        Some(Self { set, frequency })
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let Some((_, seen)) = look(&writer.session, &writer.at).await? else { return Ok(gone(WHAT)) };
        let all: Vec<Stands> = self.set.iter().map(|setting| self.stand(*setting, &seen)).collect();
        let changed = all.iter().find(|one| matches!(one, Stands::Changed(_)));
        let open = all.contains(&Stands::Open);
        Ok(changed.cloned().unwrap_or(if open { Stands::Open } else { Stands::Undone }))
    }
}
