//! The recorder of a region.

use std::time::Duration;

use aws_sdk_config::types as sdk;
use serde::{Deserialize, Serialize};

use super::{client, resources};
use crate::observe::config::{DESCRIBE_RECORDERS, DESCRIBE_STATUS, Frequency, Recorder, Types, call, recorder, status};
use crate::observe::{Call, ReadError};
use crate::steps::undo::config::{
    DeleteConfigurationRecorder, RestoreConfigurationRecorder, StopConfigurationRecorder,
};
use crate::steps::{Atom, Step, Undo, Writer};
use crate::target::{Partition, Target};

pub(in crate::steps) const PUT_RECORDER: Call = call("PutConfigurationRecorder", "config:PutConfigurationRecorder");
const START: Call = call("StartConfigurationRecorder", "config:StartConfigurationRecorder");

const BILLS: &str = "AWS Config bills by each change that it records, and by what is stored in the bucket";

fn frequency(frequency: Frequency) -> sdk::RecordingFrequency {
    sdk::RecordingFrequency::from(frequency.word())
}

fn types<'a>(names: impl IntoIterator<Item = &'a String>) -> Vec<sdk::ResourceType> {
    names.into_iter().map(|name| sdk::ResourceType::from(name.as_str())).collect()
}

fn group(recorded: &Types) -> sdk::RecordingGroup {
    let strategy = |kind| sdk::RecordingStrategy::builder().use_only(kind).build();
    let group = sdk::RecordingGroup::builder();
    match recorded {
        Types::All { global } => group
            .all_supported(true)
            .include_global_resource_types(*global)
            .recording_strategy(strategy(sdk::RecordingStrategyType::AllSupportedResourceTypes)),
        Types::AllBut(excluded) => {
            let excluded = sdk::ExclusionByResourceTypes::builder().set_resource_types(Some(types(excluded))).build();
            group
                .exclusion_by_resource_types(excluded)
                .recording_strategy(strategy(sdk::RecordingStrategyType::ExclusionByResourceTypes))
        }
        Types::Only(only) => group
            .set_resource_types(Some(types(only)))
            .recording_strategy(strategy(sdk::RecordingStrategyType::InclusionByResourceTypes)),
    }
    .build()
}

/// Sends a recorder as a whole.
pub(in crate::steps) async fn put_recorder(writer: &Writer, wanted: &Recorder, undo: Undo) -> Result<(), ReadError> {
    let overrides = wanted.overrides.iter().filter_map(|one| {
        let built = sdk::RecordingModeOverride::builder()
            .set_description(one.description.clone())
            .set_resource_types(Some(types(&one.types)))
            .recording_frequency(frequency(one.frequency));
        built.build().ok()
    });
    let overrides: Vec<_> = overrides.collect();
    let mode = sdk::RecordingMode::builder()
        .recording_frequency(frequency(wanted.frequency))
        .set_recording_mode_overrides((!overrides.is_empty()).then_some(overrides))
        .build();
    let sent = sdk::ConfigurationRecorder::builder()
        .name(&wanted.name)
        .role_arn(&wanted.role)
        .recording_group(group(&wanted.types))
        .set_recording_mode(mode.ok())
        .build();
    let asked = client(writer).put_configuration_recorder().configuration_recorder(sent);
    writer.write(&writer.at, &PUT_RECORDER, undo, asked.send()).await
}

/// Makes the recorder of a region, or sets what it records, how often, and by which role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PutConfigurationRecorder {
    /// The recorder as it will be.
    pub recorder: Recorder,
    /// Whether it records more than before, once it runs.
    pub more: bool,
}

impl Atom for PutConfigurationRecorder {
    const CALLS: &'static [Call] = &[DESCRIBE_RECORDERS, PUT_RECORDER];
    const DEPENDENT: &'static [&'static str] = &["iam:PassRole"];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let set = self.recorder.clone();
        let back = match recorder(&writer.session, &writer.at).await? {
            Some(before) if before == set => return Ok(()),
            Some(before) => Step::RestoreConfigurationRecorder(RestoreConfigurationRecorder { set, before }),
            None => Step::DeleteConfigurationRecorder(DeleteConfigurationRecorder { set }),
        };
        put_recorder(writer, &self.recorder, Undo::by(back)).await
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        match action {
            "iam:PassRole" => vec![self.recorder.role.clone()],
            // One that is made has no resource yet.
            _ => resources(action, at, partition),
        }
    }

    fn says(&self) -> String {
        let recorded = match &self.recorder.types {
            Types::All { global: true } => "all types, those of IAM too".to_owned(),
            Types::All { global: false } => "all types of the region".to_owned(),
            Types::AllBut(excluded) => format!("all types but {}", join(excluded)),
            Types::Only(only) => format!("{} types alone", only.len()),
        };
        let Recorder { name, frequency, .. } = &self.recorder;
        format!("PutConfigurationRecorder {name}: {recorded}, {}", frequency.word())
    }

    fn cost(&self) -> Option<&'static str> {
        self.more.then_some(BILLS)
    }

    fn retried(&self) -> &'static [&'static str] {
        // The role that was made a moment ago is not known everywhere.
        &["InvalidRoleException"]
    }

    fn undo(&self) -> String {
        "PutConfigurationRecorder with the former values, or DeleteConfigurationRecorder".to_owned()
    }
}

fn join(names: &std::collections::BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// Starts the recorder of a region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StartConfigurationRecorder {
    /// Its name.
    pub recorder: String,
}

impl Atom for StartConfigurationRecorder {
    const CALLS: &'static [Call] = &[DESCRIBE_STATUS, START];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        if status(&writer.session, &writer.at).await?.is_some_and(|status| status.recording) {
            return Ok(());
        }
        let back = StopConfigurationRecorder { recorder: self.recorder.clone() };
        let undo = Undo::by(Step::StopConfigurationRecorder(back));
        let asked = client(writer).start_configuration_recorder().configuration_recorder_name(&self.recorder);
        writer.write(&writer.at, &START, undo, asked.send()).await
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        resources(action, at, partition)
    }

    fn says(&self) -> String {
        format!("StartConfigurationRecorder {}", self.recorder)
    }

    fn cost(&self) -> Option<&'static str> {
        Some(BILLS)
    }

    fn retried(&self) -> &'static [&'static str] {
        &["NoSuchConfigurationRecorderException", "NoAvailableDeliveryChannelException"]
    }

    /// A recorder that was just started is `PENDING` until it has recorded something.
    fn settles(&self) -> Duration {
        Duration::from_mins(15)
    }

    fn undo(&self) -> String {
        format!("StopConfigurationRecorder {}", self.recorder)
    }
}
