//! A key that was about to be deleted, and stays.

use serde::{Deserialize, Serialize};

use super::key::DESCRIBE_KEY;
use crate::observe::{Call, ReadError};
use crate::steps::{Atom, Risk, Undo, Writer};
use crate::target::{Partition, Region, Target};

const CANCEL: Call = Call { service: "KMS", operation: "CancelKeyDeletion", action: "kms:CancelKeyDeletion" };
const ENABLE: Call = Call { service: "KMS", operation: "EnableKey", action: "kms:EnableKey" };

/// The state of a key, in AWS's words.
async fn state(writer: &Writer, key: &str) -> Result<String, ReadError> {
    let asked = writer.session.kms(region(writer)).describe_key().key_id(key);
    let answer = writer.session.ask(&writer.at, &DESCRIBE_KEY, asked.send()).await?;
    let state = answer.key_metadata.and_then(|key| key.key_state);
    Ok(state.map_or_else(String::new, |state| state.as_str().to_owned()))
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
        if !state(writer, &self.key_id).await?.ends_with("Deletion") {
            return Ok(());
        }
        let request = writer.session.kms(region(writer)).cancel_key_deletion().key_id(&self.key_id);
        writer.write(&writer.at, &CANCEL, Undo::Never(self.undo()), request.send()).await
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
        format!(
            "ScheduleKeyDeletion of key {} by hand: trueup schedules it for no key that it did not make",
            self.key_id
        )
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

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        if state(writer, &self.key_id).await? == "Enabled" {
            return Ok(());
        }
        let request = writer.session.kms(region(writer)).enable_key().key_id(&self.key_id);
        writer.write(&writer.at, &ENABLE, Undo::Never(self.undo()), request.send()).await
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
        format!("DisableKey of key {} by hand: trueup disables no keys", self.key_id)
    }
}
