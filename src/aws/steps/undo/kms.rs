//! What undoes a write to KMS.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Extent, Stands, Undo, Undoing, found_policy, gone};
use crate::Absent;
use crate::observe::cloudtrail::DESCRIBE_TRAILS;
use crate::observe::{Call, ReadError};
use crate::steps::document::same;
use crate::steps::kms::{A_YEAR, DESCRIBE_KEY, LIST_KEYS, LIST_RESOURCE_TAGS, at, find_by_tag};
use crate::steps::writer::done_on;
use crate::steps::{Step, Writer};
use crate::target::{Partition, Region, Target};

const fn call(operation: &'static str, action: &'static str) -> Call {
    Call { service: "KMS", operation, action }
}

const GET_KEY_POLICY: Call = call("GetKeyPolicy", "kms:GetKeyPolicy");

/// So many days a key waits for its deletion, which can be cancelled until then: as many as KMS knows.
const DAYS: i32 = 30;

/// The policy of a key; none: the key is not there.
async fn policy_of(writer: &Writer, region: &Region, key: &str) -> Result<Option<String>, ReadError> {
    let asked = writer.session.kms(region).get_key_policy().key_id(key).policy_name("default");
    let sending = async { asked.send().await.absent_on(&["NotFoundException"]) };
    let answer = writer.session.ask(&at(writer, region), &GET_KEY_POLICY, sending).await?;
    Ok(answer.map(|answer| answer.policy.unwrap_or_default()))
}

/// Switches the automatic rotation of a key off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DisableKeyRotation {
    /// The id of the key.
    pub key_id: String,
    /// Its region.
    pub region: Region,
    /// After how many days it was told to rotate; none: once a year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period_days: Option<i32>,
}

const GET_STATUS: Call = call("GetKeyRotationStatus", "kms:GetKeyRotationStatus");

/// After how many days a key is rotated; none: it is not, or not there. The period is not known where nobody says it.
async fn rotation_of(writer: &Writer, region: &Region, key: &str) -> Result<Option<Option<i32>>, ReadError> {
    let asked = writer.session.kms(region).get_key_rotation_status().key_id(key);
    let sending = async { asked.send().await.absent_on(&["NotFoundException"]) };
    let answer = writer.session.ask(&at(writer, region), &GET_STATUS, sending).await?;
    let rotates = answer.filter(|status| status.key_rotation_enabled);
    Ok(rotates.map(|status| status.rotation_period_in_days()))
}

fn rotated_otherwise(key: &str, days: i32) -> Stands {
    Stands::Changed(format!("key {key} is rotated every {days} days now"))
}

impl Undoing for DisableKeyRotation {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[GET_STATUS, call("DisableKeyRotation", "kms:DisableKeyRotation")];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let request = writer.session.kms(&self.region).disable_key_rotation().key_id(&self.key_id);
        writer.write(&at(writer, &self.region), &Self::CALLS[1], Undo::again(), request.send()).await
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        vec![format!("arn:{partition}:kms:{}:{}:key/{}", self.region, at.account, self.key_id)]
    }

    fn says(&self) -> String {
        format!("DisableKeyRotation of key {}", self.key_id)
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let set = self.period_days.unwrap_or(A_YEAR);
        Ok(match rotation_of(writer, &self.region, &self.key_id).await? {
            None => Stands::Undone,
            Some(Some(days)) if days != set => rotated_otherwise(&self.key_id, days),
            Some(_) => Stands::Open,
        })
    }
}

/// Has a key rotate as often as it did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestoreKeyRotationPeriod {
    /// The id of the key.
    pub key_id: String,
    /// Its region.
    pub region: Region,
    /// After how many days it was told to rotate.
    pub set: i32,
    /// After how many days it did before.
    pub before: i32,
}

impl Undoing for RestoreKeyRotationPeriod {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[GET_STATUS, call("EnableKeyRotation", "kms:EnableKeyRotation")];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let request = writer.session.kms(&self.region).enable_key_rotation().key_id(&self.key_id);
        let request = request.rotation_period_in_days(self.before);
        let back = Self { set: self.before, before: self.set, ..self.clone() };
        let undo = Undo::by(Step::RestoreKeyRotationPeriod(back));
        writer.write(&at(writer, &self.region), &Self::CALLS[1], undo, request.send()).await
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        vec![format!("arn:{partition}:kms:{}:{}:key/{}", self.region, at.account, self.key_id)]
    }

    fn says(&self) -> String {
        format!("EnableKeyRotation of key {}, every {} days as before", self.key_id, self.before)
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        let same = self.key_id == earlier.key_id && self.region == earlier.region;
        same.then(|| Self { before: earlier.before, ..self.clone() })
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        Ok(match rotation_of(writer, &self.region, &self.key_id).await? {
            Some(Some(days)) if days == self.before => Stands::Undone,
            Some(Some(days)) if days != self.set => rotated_otherwise(&self.key_id, days),
            Some(_) => Stands::Open,
            None => Stands::Changed(format!("key {} is not rotated any more", self.key_id)),
        })
    }
}

/// Takes an alias away; the key that it means stays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeleteAlias {
    /// The alias.
    pub alias: String,
    /// Its region.
    pub region: Region,
    /// The id of the key that it was given to.
    pub key_id: String,
}

impl Undoing for DeleteAlias {
    const EXTENT: Extent = Extent::Beside;
    const TAKES_AWAY: bool = true;
    const CALLS: &'static [Call] = &[DESCRIBE_KEY, call("DeleteAlias", "kms:DeleteAlias")];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let request = writer.session.kms(&self.region).delete_alias().alias_name(&self.alias);
        let written = writer.write(&at(writer, &self.region), &Self::CALLS[1], Undo::again(), request.send()).await;
        done_on(written, &["NotFoundException"])
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        let here = format!("arn:{partition}:kms:{}:{}", self.region, at.account);
        vec![format!("{here}:{}", self.alias), format!("{here}:key/{}", self.key_id)]
    }

    fn says(&self) -> String {
        format!("DeleteAlias {}", self.alias)
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let asked = writer.session.kms(&self.region).describe_key().key_id(&self.alias);
        let sending = async { asked.send().await.absent_on(&["NotFoundException"]) };
        let answer = writer.session.ask(&at(writer, &self.region), &DESCRIBE_KEY, sending).await?;
        Ok(match answer.and_then(|answer| answer.key_metadata) {
            None => Stands::Undone,
            Some(key) if key.key_id == self.key_id => Stands::Open,
            Some(key) => Stands::Changed(format!("{} means key {} now", self.alias, key.key_id)),
        })
    }
}

/// Schedules the deletion of a key that was made, in 30 days; until then it can be cancelled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScheduleKeyDeletion {
    /// The alias that it was made for.
    pub alias: String,
    /// Its region.
    pub region: Region,
    /// The value of its tag, by which it is found.
    pub address: String,
    /// The policy that it was made with.
    pub policy: Value,
}

impl Undoing for ScheduleKeyDeletion {
    const EXTENT: Extent = Extent::Whole;
    const CALLS: &'static [Call] = &[
        LIST_KEYS,
        LIST_RESOURCE_TAGS,
        DESCRIBE_KEY,
        GET_KEY_POLICY,
        DESCRIBE_TRAILS,
        call("ScheduleKeyDeletion", "kms:ScheduleKeyDeletion"),
    ];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let Some(id) = find_by_tag(writer, &self.region, &self.address).await? else { return Ok(()) };
        let request = writer.session.kms(&self.region).schedule_key_deletion().key_id(id).pending_window_in_days(DAYS);
        writer.write(&at(writer, &self.region), &Self::CALLS[5], Undo::again(), request.send()).await
    }

    /// Its id is known once it is found.
    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        vec![format!("arn:{partition}:kms:{}:{}:key/*", self.region, at.account)]
    }

    fn says(&self) -> String {
        format!("ScheduleKeyDeletion of the key that was made for {}, in {DAYS} days", self.alias)
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        (self == earlier).then(|| self.clone())
    }

    fn undo(&self) -> String {
        format!("CancelKeyDeletion and EnableKey by hand, within {DAYS} days")
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let Some(id) = find_by_tag(writer, &self.region, &self.address).await? else { return Ok(Stands::Undone) };
        let now = policy_of(writer, &self.region, &id).await?.unwrap_or_default();
        if !same(&now, &self.policy.to_string()) {
            return Ok(Stands::Changed(format!(
                "the policy of the key for {} was changed since it was made",
                self.alias
            )));
        }
        let of_key = format!(":key/{id}");
        let trails = super::cloudtrail::visible(writer, &self.region).await?;
        let user = trails.iter().find(|trail| trail.kms_key_id().is_some_and(|key| key.ends_with(&of_key)));
        Ok(user.map_or(Stands::Open, |trail| {
            Stands::Used(format!("trail {} encrypts its files by it", trail.name().unwrap_or_default()))
        }))
    }
}

/// Puts the former policy of a key back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestoreKeyPolicy {
    /// The ARN of the key.
    pub key: String,
    /// Its region.
    pub region: Region,
    /// The policy that was set.
    pub set: String,
    /// The former policy.
    pub before: String,
}

impl Undoing for RestoreKeyPolicy {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[GET_KEY_POLICY, call("PutKeyPolicy", "kms:PutKeyPolicy")];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let request = writer.session.kms(&self.region).put_key_policy().key_id(&self.key);
        let request = request.policy_name("default").policy(&self.before);
        let back = Self { set: self.before.clone(), before: self.set.clone(), ..self.clone() };
        let undo = Undo::by(Step::RestoreKeyPolicy(back));
        writer.write(&at(writer, &self.region), &Self::CALLS[1], undo, request.send()).await
    }

    fn resources(&self, _: &str, _: &Target, _: &Partition) -> Vec<String> {
        vec![self.key.clone()]
    }

    fn says(&self) -> String {
        format!("PutKeyPolicy of {} with the former policy", self.key)
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        (self.key == earlier.key).then(|| Self { before: earlier.before.clone(), ..self.clone() })
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let now = policy_of(writer, &self.region, &self.key).await?;
        let what = format!("the policy of key {}", self.key);
        let found = |now: String| found_policy(&now, &self.set, &self.before, &what);
        Ok(now.map_or_else(|| gone(&format!("key {}", self.key)), found))
    }
}
