//! What undoes a write to AWS Config. A recorder goes last: it is stopped, then its channel goes, then itself.

use serde::{Deserialize, Serialize};

use super::{Extent, Stands, Undo, Undoing, found, gone};
use crate::observe::config::{
    Channel, DESCRIBE_CHANNELS, DESCRIBE_RECORDERS, DESCRIBE_RETENTION, DESCRIBE_STATUS, Recorder, call, channel,
    recorder, retention, status,
};
use crate::observe::{Call, ReadError};
use crate::steps::Writer;
use crate::steps::config::{
    PUT_CHANNEL, PUT_RECORDER, PUT_RETENTION, client, put_channel, put_recorder, put_retention, resources,
};
use crate::target::{Partition, Target};

const DELETE_RECORDER: Call = call("DeleteConfigurationRecorder", "config:DeleteConfigurationRecorder");
const DELETE_CHANNEL: Call = call("DeleteDeliveryChannel", "config:DeleteDeliveryChannel");
const STOP: Call = call("StopConfigurationRecorder", "config:StopConfigurationRecorder");

/// Takes a recorder away that was made. What it recorded stays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeleteConfigurationRecorder {
    /// The recorder as it was made.
    pub set: Recorder,
}

impl Undoing for DeleteConfigurationRecorder {
    const EXTENT: Extent = Extent::Part;
    const TAKES_AWAY: bool = true;
    const CALLS: &'static [Call] = &[DESCRIBE_RECORDERS, DELETE_RECORDER];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let asked = client(writer).delete_configuration_recorder().configuration_recorder_name(&self.set.name);
        writer.write(&writer.at, &DELETE_RECORDER, Undo::again(), asked.send()).await
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        resources(action, at, partition)
    }

    fn says(&self) -> String {
        format!("DeleteConfigurationRecorder {}", self.set.name)
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let now = recorder(&writer.session, &writer.at).await?;
        Ok(found(&now, &Some(self.set.clone()), &None, "the recorder"))
    }
}

/// Sets what a recorder recorded before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestoreConfigurationRecorder {
    /// The recorder as it was set.
    pub set: Recorder,
    /// The recorder before.
    pub before: Recorder,
}

impl Undoing for RestoreConfigurationRecorder {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[DESCRIBE_RECORDERS, PUT_RECORDER];
    const DEPENDENT: &'static [&'static str] = &["iam:PassRole"];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        put_recorder(writer, &self.before, Undo::again()).await
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        if action == "iam:PassRole" { vec![self.before.role.clone()] } else { resources(action, at, partition) }
    }

    fn says(&self) -> String {
        format!("PutConfigurationRecorder {} with the former values", self.before.name)
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        Some(Self { set: self.set.clone(), before: earlier.before.clone() })
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        match recorder(&writer.session, &writer.at).await? {
            Some(now) => Ok(found(&now, &self.set, &self.before, "the recorder")),
            None => Ok(gone("the recorder")),
        }
    }
}

/// Stops a recorder that was started.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StopConfigurationRecorder {
    /// Its name.
    pub recorder: String,
}

impl Undoing for StopConfigurationRecorder {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[DESCRIBE_STATUS, STOP];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let asked = client(writer).stop_configuration_recorder().configuration_recorder_name(&self.recorder);
        writer.write(&writer.at, &STOP, Undo::again(), asked.send()).await
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        resources(action, at, partition)
    }

    fn says(&self) -> String {
        format!("StopConfigurationRecorder {}", self.recorder)
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let now = status(&writer.session, &writer.at).await?.is_some_and(|status| status.recording);
        Ok(if now { Stands::Open } else { Stands::Undone })
    }
}

/// Takes a channel away that was made. What it delivered stays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeleteDeliveryChannel {
    /// The channel as it was made.
    pub set: Channel,
}

impl Undoing for DeleteDeliveryChannel {
    const EXTENT: Extent = Extent::Beside;
    const TAKES_AWAY: bool = true;
    const CALLS: &'static [Call] = &[DESCRIBE_CHANNELS, DELETE_CHANNEL];
    /// AWS deletes the channel of a recorder only once that has stopped.
    const RETRIED: &'static [&'static str] = &["LastDeliveryChannelDeleteFailedException"];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let asked = client(writer).delete_delivery_channel().delivery_channel_name(&self.set.name);
        writer.write(&writer.at, &DELETE_CHANNEL, Undo::again(), asked.send()).await
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        resources(action, at, partition)
    }

    fn says(&self) -> String {
        format!("DeleteDeliveryChannel {}", self.set.name)
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let now = channel(&writer.session, &writer.at).await?;
        Ok(found(&now, &Some(self.set.clone()), &None, "the delivery channel"))
    }
}

/// Delivers where a channel delivered before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestoreDeliveryChannel {
    /// The channel as it was set.
    pub set: Channel,
    /// The channel before.
    pub before: Channel,
}

impl Undoing for RestoreDeliveryChannel {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[DESCRIBE_CHANNELS, PUT_CHANNEL];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        put_channel(writer, &self.before, Undo::again()).await
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        resources(action, at, partition)
    }

    fn says(&self) -> String {
        format!("PutDeliveryChannel {} into {}, as before", self.before.name, self.before.bucket)
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        Some(Self { set: self.set.clone(), before: earlier.before.clone() })
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        match channel(&writer.session, &writer.at).await? {
            Some(now) => Ok(found(&now, &self.set, &self.before, "the delivery channel")),
            None => Ok(gone("the delivery channel")),
        }
    }
}

/// Keeps items for as long as before, which deletes those that are older by then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestoreRetentionConfiguration {
    /// The days as they were set.
    pub set: u32,
    /// The days before.
    pub before: u32,
}

impl Undoing for RestoreRetentionConfiguration {
    const EXTENT: Extent = Extent::Part;
    const LOSES: bool = true;
    const CALLS: &'static [Call] = &[DESCRIBE_RETENTION, PUT_RETENTION];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        put_retention(writer, self.before, Undo::again()).await
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        resources(action, at, partition)
    }

    fn says(&self) -> String {
        format!("PutRetentionConfiguration: {} days, as before", self.before)
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        Some(Self { set: self.set, before: earlier.before })
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        match retention(&writer.session, &writer.at).await? {
            Some((_, now)) => Ok(found(&now, &self.set, &self.before, "the retention")),
            None => Ok(gone("the retention")),
        }
    }
}
