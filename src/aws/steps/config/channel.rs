//! Where a region delivers what it recorded.

use aws_sdk_config::types as sdk;
use serde::{Deserialize, Serialize};

use super::{client, resources};
use crate::observe::config::{Channel, DESCRIBE_CHANNELS, call, channel};
use crate::observe::{Call, ReadError};
use crate::steps::undo::config::{DeleteDeliveryChannel, RestoreDeliveryChannel};
use crate::steps::{Atom, Step, Undo, Writer};
use crate::target::{Partition, Target};

pub(in crate::steps) const PUT_CHANNEL: Call = call("PutDeliveryChannel", "config:PutDeliveryChannel");

/// Sends a channel as a whole.
pub(in crate::steps) async fn put_channel(writer: &Writer, wanted: &Channel, undo: Undo) -> Result<(), ReadError> {
    let snapshots = wanted.snapshots.map(|snapshots| {
        let frequency = sdk::MaximumExecutionFrequency::from(snapshots.word());
        sdk::ConfigSnapshotDeliveryProperties::builder().delivery_frequency(frequency).build()
    });
    let sent = sdk::DeliveryChannel::builder()
        .name(&wanted.name)
        .s3_bucket_name(&wanted.bucket)
        .set_s3_key_prefix(wanted.prefix.clone())
        .set_s3_kms_key_arn(wanted.kms_key.clone())
        .set_sns_topic_arn(wanted.sns_topic.clone())
        .set_config_snapshot_delivery_properties(snapshots)
        .build();
    let asked = client(writer).put_delivery_channel().delivery_channel(sent);
    writer.write(&writer.at, &PUT_CHANNEL, undo, asked.send()).await
}

/// Makes the channel of a region, or sets where and how often it delivers. It takes a recorder, and no recorder starts
/// without it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PutDeliveryChannel {
    /// The channel as it will be.
    pub channel: Channel,
}

impl Atom for PutDeliveryChannel {
    const CALLS: &'static [Call] = &[DESCRIBE_CHANNELS, PUT_CHANNEL];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let set = self.channel.clone();
        let back = match channel(&writer.session, &writer.at).await? {
            Some(before) if before == set => return Ok(()),
            Some(before) => Step::RestoreDeliveryChannel(RestoreDeliveryChannel { set, before }),
            None => Step::DeleteDeliveryChannel(DeleteDeliveryChannel { set }),
        };
        put_channel(writer, &self.channel, Undo::by(back)).await
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        resources(action, at, partition)
    }

    fn says(&self) -> String {
        let Channel { name, bucket, snapshots, .. } = &self.channel;
        let often = snapshots.map(|snapshots| format!(", snapshots {}", snapshots.word())).unwrap_or_default();
        format!("PutDeliveryChannel {name} into {bucket}{often}")
    }

    fn retried(&self) -> &'static [&'static str] {
        // A bucket and its policy that were made a moment ago are not known everywhere, nor is a recorder.
        &["InsufficientDeliveryPolicyException", "NoAvailableConfigurationRecorderException", "NoSuchBucketException"]
    }

    fn undo(&self) -> String {
        "PutDeliveryChannel with the former values, or DeleteDeliveryChannel".to_owned()
    }
}
