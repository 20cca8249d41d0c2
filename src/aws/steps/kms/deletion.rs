//! A key that was about to be deleted, and stays.

use aws_sdk_kms::types::KeyMetadata;
use serde::{Deserialize, Serialize};

use super::key::DESCRIBE_KEY;
use crate::observe::{Call, ReadError};
use crate::steps::undo::kms_deletion::RescheduleKeyDeletion;
use crate::steps::{Atom, Risk, Step, Undo, Writer};
use crate::target::{Partition, Region, Target};

const CANCEL: Call = Call { service: "KMS", operation: "CancelKeyDeletion", action: "kms:CancelKeyDeletion" };
const ENABLE: Call = Call { service: "KMS", operation: "EnableKey", action: "kms:EnableKey" };

/// What AWS says of a key.
async fn described(writer: &Writer, key: &str) -> Result<Option<KeyMetadata>, ReadError> {
    let asked = writer.session.kms(region(writer)).describe_key().key_id(key);
    Ok(writer.session.ask(&writer.at, &DESCRIBE_KEY, asked.send()).await?.key_metadata)
}

/// The state of a key, in AWS's words.
fn state(key: Option<&KeyMetadata>) -> &str {
    key.and_then(|key| key.key_state.as_ref()).map_or("", |state| state.as_str())
}

fn region(writer: &Writer) -> &Region {
    writer.at.region.as_ref().unwrap_or(writer.session.home_region())
}

fn arn(key: &str, at: &Target, partition: &Partition) -> Vec<String> {
    let region = at.region.as_ref().map_or("*", Region::as_str);
    vec![format!("arn:{partition}:kms:{region}:{}:key/{key}", at.account)]
}

/// Takes back that a key is to be deleted. It is disabled from then on, until it is enabled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CancelKeyDeletion {
    /// The id of the key.
    pub key_id: String,
}

impl Atom for CancelKeyDeletion {
    const CALLS: &'static [Call] = &[DESCRIBE_KEY, CANCEL];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let key = described(writer, &self.key_id).await?;
        let Some(key) = key.filter(|key| state(Some(key)).ends_with("Deletion")) else { return Ok(()) };
        let back = RescheduleKeyDeletion {
            key_id: self.key_id.clone(),
            region: region(writer).clone(),
            deletion: key.deletion_date.map(|date| date.secs()),
            window: key.pending_deletion_window_in_days.map(i64::from),
        };
        let request = writer.session.kms(region(writer)).cancel_key_deletion().key_id(&self.key_id);
        let undo = Undo::by(Step::RescheduleKeyDeletion(back));
        writer.write(&writer.at, &CANCEL, undo, request.send()).await
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        arn(&self.key_id, at, partition)
    }

    fn says(&self) -> String {
        format!("CancelKeyDeletion of key {}", self.key_id)
    }

    /// What was meant to become unreadable for ever stays readable.
    fn risk(&self) -> Risk {
        Risk::Disruptive
    }

    fn cost(&self) -> Option<&'static str> {
        Some("a key that stays bills monthly")
    }

    fn undo(&self) -> String {
        format!("with --delete-keys ScheduleKeyDeletion of key {}, no sooner than it was to be deleted", self.key_id)
    }
}

/// Enables a key that its cancelled deletion left disabled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnableKey {
    /// The id of the key.
    pub key_id: String,
}

impl Atom for EnableKey {
    const CALLS: &'static [Call] = &[DESCRIBE_KEY, ENABLE];
    /// A key that is disabled is not about to be deleted either.
    const UNSEEN: bool = true;

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        if state(described(writer, &self.key_id).await?.as_ref()) == "Enabled" {
            return Ok(());
        }
        let request = writer.session.kms(region(writer)).enable_key().key_id(&self.key_id);
        // A key that waits for its deletion is enabled no more.
        writer.write(&writer.at, &ENABLE, Undo::By(vec![]), request.send()).await
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        arn(&self.key_id, at, partition)
    }

    fn says(&self) -> String {
        format!("EnableKey {}", self.key_id)
    }

    fn risk(&self) -> Risk {
        Risk::Disruptive
    }

    /// The cancelled deletion may not be known everywhere yet.
    fn retried(&self) -> &'static [&'static str] {
        &["KMSInvalidStateException"]
    }

    fn undo(&self) -> String {
        format!("key {} is enabled no more once its deletion is scheduled again", self.key_id)
    }
}
