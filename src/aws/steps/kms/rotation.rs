//! Rotation of a key's material.

use serde::{Deserialize, Serialize};

use crate::observe::{Call, ReadError};
use crate::steps::undo::kms::{DisableKeyRotation, RestoreKeyRotationPeriod};
use crate::steps::{Atom, Step, Undo, Writer};
use crate::target::{Partition, Region, Target};

pub(super) const STATUS: Call =
    Call { service: "KMS", operation: "GetKeyRotationStatus", action: "kms:GetKeyRotationStatus" };
pub(super) const ENABLE: Call =
    Call { service: "KMS", operation: "EnableKeyRotation", action: "kms:EnableKeyRotation" };

/// What rotation is switched on with where no other period is asked for.
pub(in crate::steps) const A_YEAR: i32 = 365;

/// Switches rotation on, unless the key rotates already, and that often.
///
/// Without a period [EnableKeyRotation](https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html)
/// means once a year, also where somebody has meanwhile chosen a shorter one.
pub(super) async fn switch_on(
    writer: &Writer,
    at: &Target,
    region: &Region,
    key: &str,
    period_days: Option<i32>,
) -> Result<(), ReadError> {
    let client = writer.session.kms(region);
    let status = writer.session.ask(at, &STATUS, client.get_key_rotation_status().key_id(key).send()).await?;
    let before = status.rotation_period_in_days();
    let often = |wanted: i32| before.is_none_or(|before| before <= wanted);
    if status.key_rotation_enabled && period_days.is_none_or(often) {
        return Ok(());
    }
    let (key_id, region) = (key.to_owned(), region.clone());
    let undo = match before.filter(|_| status.key_rotation_enabled) {
        Some(before) => {
            let set = period_days.unwrap_or(A_YEAR);
            Step::RestoreKeyRotationPeriod(RestoreKeyRotationPeriod { key_id, region, set, before })
        }
        None => Step::DisableKeyRotation(DisableKeyRotation { key_id, region, period_days }),
    };
    let request = client.enable_key_rotation().key_id(key).set_rotation_period_in_days(period_days);
    writer.write(at, &ENABLE, Undo::by(undo), request.send()).await
}

/// Switches the automatic rotation of a key on, or has it rotate more often. What was encrypted before stays readable: KMS
/// keeps the former material.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnableKeyRotation {
    /// The id of the key.
    pub key_id: String,
    /// After how many days it rotates at the latest; none: once a year, unless it rotates already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period_days: Option<i32>,
    /// After how many days it rotates now, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<i32>,
}

impl Atom for EnableKeyRotation {
    const CALLS: &'static [Call] = &[STATUS, ENABLE];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let region = writer.at.region.as_ref().unwrap_or(writer.session.home_region());
        switch_on(writer, &writer.at, region, &self.key_id, self.period_days).await
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        let region = at.region.as_ref().map_or("*", Region::as_str);
        vec![format!("arn:{partition}:kms:{region}:{}:key/{}", at.account, self.key_id)]
    }

    fn says(&self) -> String {
        let period = self.period_days.map(|days| format!(", every {days} days")).unwrap_or_default();
        let instead = self.instead_of.map(|days| format!(" and not every {days}")).unwrap_or_default();
        format!("EnableKeyRotation of key {}{period}{instead}", self.key_id)
    }

    fn cost(&self) -> Option<&'static str> {
        Some("each of a key's first two rotations adds USD 1 to its price a month")
    }

    fn undo(&self) -> String {
        match self.instead_of {
            Some(days) => format!("EnableKeyRotation of key {}, every {days} days", self.key_id),
            None => format!("DisableKeyRotation of key {}", self.key_id),
        }
    }
}
