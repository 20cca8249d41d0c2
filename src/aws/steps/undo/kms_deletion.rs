//! What undoes that a key was saved from its deletion.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Extent, Stands, Undo, Undoing, gone};
use crate::observe::cloudtrail::DESCRIBE_TRAILS;
use crate::observe::{Call, ReadError};
use crate::steps::Writer;
use crate::steps::kms::{DESCRIBE_KEY, at};
use crate::target::{Partition, Region, Target};
use crate::{Absent, Clock};

const SCHEDULE: Call = Call { service: "KMS", operation: "ScheduleKeyDeletion", action: "kms:ScheduleKeyDeletion" };

const A_DAY: i64 = 86_400;

/// As few and as many days as KMS lets a key wait.
const SHORTEST: i64 = 7;
const LONGEST: i64 = 30;

/// Schedules the deletion of a key again, which was cancelled: never sooner than it was to be deleted before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RescheduleKeyDeletion {
    /// The id of the key.
    pub key_id: String,
    /// Its region.
    pub region: Region,
    /// When it was to be deleted, in seconds since 1970; none: it waited for the deletion of its replicas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion: Option<i64>,
    /// The days for which it was to wait after the last of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<i64>,
}

impl RescheduleKeyDeletion {
    /// The days for which it waits from now on.
    fn days(&self, now: i64) -> i32 {
        let left = self.deletion.map(|deletion| (deletion - now + A_DAY - 1).div_euclid(A_DAY));
        let days = left.or(self.window).unwrap_or(LONGEST).clamp(SHORTEST, LONGEST);
        i32::try_from(days).unwrap_or(30)
    }

    /// The trail of the region that encrypts by it.
    async fn trail(&self, writer: &Writer) -> Result<Option<String>, ReadError> {
        let of_key = format!(":key/{}", self.key_id);
        let trails = super::cloudtrail::visible(writer, &self.region).await?;
        let user = trails.iter().find(|trail| trail.kms_key_id().is_some_and(|key| key.ends_with(&of_key)));
        Ok(user.map(|trail| trail.name().unwrap_or_default().to_owned()))
    }
}

impl Undoing for RescheduleKeyDeletion {
    const EXTENT: Extent = Extent::Part;
    /// What it has encrypted is lost with it.
    const LOSES: bool = true;
    const CALLS: &'static [Call] = &[DESCRIBE_KEY, DESCRIBE_TRAILS, SCHEDULE];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        // What is left of the wait is counted by the clock that ends it.
        let (at, clock) = (at(writer, &self.region), Clock::default());
        let asked = writer.session.kms(&self.region).describe_key().key_id(&self.key_id);
        let asked = asked.customize().interceptor(clock.clone());
        writer.session.ask(&at, &DESCRIBE_KEY, asked.send()).await?;
        let days = self.days(clock.seconds().unwrap_or_else(|| writer.session.now()));
        let request = writer.session.kms(&self.region).schedule_key_deletion().key_id(&self.key_id);
        writer.write(&at, &SCHEDULE, Undo::again(), request.pending_window_in_days(days).send()).await
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        vec![format!("arn:{partition}:kms:{}:{}:key/{}", self.region, at.account, self.key_id)]
    }

    fn says(&self) -> String {
        let day = self.deletion.and_then(|deletion| Timestamp::from_second(deletion).ok());
        let when = day.map_or_else(
            || "for as long as it was to wait".to_owned(),
            |day| format!("no sooner than {}", day.strftime("%F")),
        );
        format!("ScheduleKeyDeletion of key {}, {when}", self.key_id)
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        (self.key_id == earlier.key_id).then(|| earlier.clone())
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let asked = writer.session.kms(&self.region).describe_key().key_id(&self.key_id);
        let sending = async { asked.send().await.absent_on(&["NotFoundException"]) };
        let answer = writer.session.ask(&at(writer, &self.region), &DESCRIBE_KEY, sending).await?;
        let what = format!("key {}", self.key_id);
        let Some(key) = answer.and_then(|answer| answer.key_metadata) else { return Ok(gone(&what)) };
        let state = key.key_state.map_or_else(String::new, |state| state.as_str().to_owned());
        match state.as_str() {
            // A run that was cut off has not enabled it.
            "Enabled" | "Disabled" => {}
            dying if dying.ends_with("Deletion") => return Ok(Stands::Undone),
            other => return Ok(Stands::Changed(format!("{what} is {other} now"))),
        }
        let user = self.trail(writer).await?;
        Ok(user.map_or(Stands::Open, |trail| Stands::Used(format!("trail {trail} encrypts its files by it"))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000;

    fn waits(deletion: Option<i64>, window: Option<i64>) -> i32 {
        let region = "eu-west-1".parse().expect("a region");
        RescheduleKeyDeletion { key_id: "k".to_owned(), region, deletion, window }.days(NOW)
    }

    #[test]
    fn a_key_is_never_deleted_sooner_than_before_and_never_sooner_than_aws_lets_it() {
        for (left, days) in [(29 * A_DAY, 29), (12 * A_DAY + 1, 13), (7 * A_DAY, 7), (A_DAY, 7), (-A_DAY, 7)] {
            assert_eq!(waits(Some(NOW + left), None), days, "{left}");
        }
        assert_eq!(waits(Some(NOW + 400 * A_DAY), None), 30, "more days AWS does not take");
        assert_eq!((waits(None, Some(11)), waits(None, None)), (11, 30), "where nobody knows, the longest");
    }

    #[test]
    fn it_says_until_when_the_key_is_there() {
        let region = "eu-west-1".parse().expect("a region");
        let mut back = RescheduleKeyDeletion { key_id: "k".to_owned(), region, deletion: Some(NOW), window: None };
        assert_eq!(back.says(), "ScheduleKeyDeletion of key k, no sooner than 2023-11-14");
        back.deletion = None;
        assert_eq!(back.says(), "ScheduleKeyDeletion of key k, for as long as it was to wait");
    }
}
