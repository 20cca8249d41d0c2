//! Rotation of a key's material.

use serde::{Deserialize, Serialize};

use crate::observe::{Call, ReadError};
use crate::steps::undo::kms::DisableKeyRotation;
use crate::steps::{Atom, Step, Undo, Writer};
use crate::target::{Partition, Region, Target};

/// Switches the automatic rotation of a key on.
///
/// Without a period [EnableKeyRotation](https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html)
/// rotates once a year. What was encrypted before stays readable: KMS keeps the former material.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnableKeyRotation {
    /// The id of the key.
    pub key_id: String,
}

impl Atom for EnableKeyRotation {
    const CALLS: &'static [Call] =
        &[Call { service: "KMS", operation: "EnableKeyRotation", action: "kms:EnableKeyRotation" }];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let Writer { at, session, .. } = writer;
        let region = at.region.as_ref().unwrap_or(session.home_region());
        let asked = session.kms(region).enable_key_rotation().key_id(&self.key_id);
        let back = DisableKeyRotation { key_id: self.key_id.clone(), region: region.clone() };
        writer.write(at, &Self::CALLS[0], Undo::by(Step::DisableKeyRotation(back)), asked.send()).await
    }

    fn resources(&self, at: &Target, partition: &Partition) -> Vec<String> {
        let region = at.region.as_ref().map_or("*", Region::as_str);
        vec![format!("arn:{partition}:kms:{region}:{}:key/{}", at.account, self.key_id)]
    }

    fn says(&self) -> String {
        format!("EnableKeyRotation of key {}", self.key_id)
    }

    fn cost(&self) -> Option<&'static str> {
        Some("each of a key's first two rotations adds USD 1 to its price a month")
    }

    fn undo(&self) -> String {
        format!("DisableKeyRotation of key {}", self.key_id)
    }
}
