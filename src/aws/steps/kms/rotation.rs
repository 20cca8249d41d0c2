//! Rotation of a key's material.

use serde::{Deserialize, Serialize};

use crate::observe::{Call, ReadError};
use crate::steps::undo::kms::DisableKeyRotation;
use crate::steps::{Atom, Step, Undo, Writer};
use crate::target::{Partition, Region, Target};

pub(super) const STATUS: Call =
    Call { service: "KMS", operation: "GetKeyRotationStatus", action: "kms:GetKeyRotationStatus" };
pub(super) const ENABLE: Call =
    Call { service: "KMS", operation: "EnableKeyRotation", action: "kms:EnableKeyRotation" };

/// Switches rotation on, unless the key rotates already.
///
/// Without a period [EnableKeyRotation](https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html)
/// means once a year, also where somebody has meanwhile chosen a shorter one.
pub(super) async fn switch_on(writer: &Writer, at: &Target, region: &Region, key: &str) -> Result<(), ReadError> {
    let client = writer.session.kms(region);
    let status = writer.session.ask(at, &STATUS, client.get_key_rotation_status().key_id(key).send()).await?;
    if status.key_rotation_enabled {
        return Ok(());
    }
    let back = DisableKeyRotation { key_id: key.to_owned(), region: region.clone() };
    let undo = Undo::by(Step::DisableKeyRotation(back));
    writer.write(at, &ENABLE, undo, client.enable_key_rotation().key_id(key).send()).await
}

/// Switches the automatic rotation of a key on, once a year. What was encrypted before stays readable: KMS keeps the
/// former material.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnableKeyRotation {
    /// The id of the key.
    pub key_id: String,
}

impl Atom for EnableKeyRotation {
    const CALLS: &'static [Call] = &[STATUS, ENABLE];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let region = writer.at.region.as_ref().unwrap_or(writer.session.home_region());
        switch_on(writer, &writer.at, region, &self.key_id).await
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
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
