//! What undoes a write to CloudTrail. Every call goes to the trail's home region.

mod selectors;

use aws_sdk_cloudtrail::types as sdk;
use serde::{Deserialize, Serialize};

pub use selectors::{RestoreEventSelectors, RestoreInsightSelectors};

use super::{Extent, Stands, Undo, Undoing, found, gone};
use crate::Absent;
use crate::observe::cloudtrail::{
    DESCRIBE_TRAILS, GET_INSIGHTS, GET_SELECTORS, Insights, Selectors, insights_of, selectors_of,
};
use crate::observe::{Call, ReadError};
use crate::steps::cloudtrail::{self, UpdateTrail, at};
use crate::steps::writer::done_on;
use crate::steps::{Atom, Step, Writer};
use crate::target::{Partition, Region, Target};

const fn call(operation: &'static str, action: &'static str) -> Call {
    Call { service: "CloudTrail", operation, action }
}

/// What is refused while something else is being done to the trail.
const BUSY: &[&str] = &["ConflictException"];

/// Every trail that a region shows: those that live there, and those of every region.
pub(super) async fn visible(writer: &Writer, region: &Region) -> Result<Vec<sdk::Trail>, ReadError> {
    let asked = writer.session.cloudtrail(region).describe_trails();
    let answer = writer.session.ask(&at(writer, region), &DESCRIBE_TRAILS, asked.send()).await?;
    Ok(answer.trail_list.unwrap_or_default())
}

/// A trail by its name, in its home region, or by its ARN.
pub(in crate::steps) async fn described(
    writer: &Writer,
    region: &Region,
    name: &str,
) -> Result<Option<sdk::Trail>, ReadError> {
    let asked = writer.session.cloudtrail(region).describe_trails().trail_name_list(name);
    let answer = writer.session.ask(&at(writer, region), &DESCRIBE_TRAILS, asked.send()).await?;
    // Some who speak the protocol answer every trail, whichever is asked for.
    let own = format!(":{region}:{}:trail/{name}", writer.at.account);
    let meant = |trail: &sdk::Trail| trail.trail_arn().is_some_and(|arn| arn == name || arn.ends_with(&own));
    Ok(answer.trail_list.unwrap_or_default().into_iter().find(meant))
}

/// At home the name means the trail as its ARN does, and some who speak the protocol know it by nothing else.
fn name_of(trail: &str) -> &str {
    trail.rsplit('/').next().unwrap_or(trail)
}

/// Some who speak CloudTrail's protocol answer what is not there as an empty text.
fn key_of(trail: &sdk::Trail) -> String {
    trail.kms_key_id().unwrap_or_default().to_owned()
}

/// Switches a trail off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StopLogging {
    /// Its ARN.
    pub trail: String,
    /// Its home region.
    pub region: Region,
}

impl Undoing for StopLogging {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] =
        &[call("GetTrailStatus", "cloudtrail:GetTrailStatus"), call("StopLogging", "cloudtrail:StopLogging")];
    const RETRIED: &'static [&'static str] = BUSY;

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let request = writer.session.cloudtrail(&self.region).stop_logging().name(name_of(&self.trail));
        writer.write(&at(writer, &self.region), &Self::CALLS[1], Undo::again(), request.send()).await
    }

    fn resources(&self, _: &str, _: &Target, _: &Partition) -> Vec<String> {
        vec![self.trail.clone()]
    }

    fn says(&self) -> String {
        format!("StopLogging {}", self.trail)
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let asked = writer.session.cloudtrail(&self.region).get_trail_status().name(&self.trail);
        let sending = async { asked.send().await.absent_on(&["TrailNotFoundException"]) };
        let answer = writer.session.ask(&at(writer, &self.region), &Self::CALLS[0], sending).await?;
        let logs = answer.is_some_and(|status| status.is_logging() == Some(true));
        Ok(if logs { Stands::Open } else { Stands::Undone })
    }
}

/// Takes a trail away that was made; the files that it delivered stay in the bucket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeleteTrail {
    /// Its name.
    pub name: String,
    /// Its home region.
    pub region: Region,
    /// The bucket that gets its files.
    pub bucket: String,
    /// It is the organization's.
    pub organization: bool,
    /// It logs every region.
    pub multi_region: bool,
    /// It signs its files with digests.
    pub log_file_validation: bool,
    /// The ARN of the key that encrypts its files; empty: none.
    pub kms_key: String,
    /// The ARN of the log group that gets its events; empty: none.
    #[serde(default)]
    pub log_group: String,
    /// What it was to log in place of AWS's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selectors: Option<Selectors>,
    /// The Insights that it was to have.
    #[serde(default, skip_serializing_if = "Insights::are_none")]
    pub insights: Insights,
}

impl DeleteTrail {
    /// Whether it has no Insights yet, or those that it was to have.
    async fn looks_as_made(&self, writer: &Writer, now: &sdk::Trail) -> Result<bool, ReadError> {
        let Some(arn) = now.trail_arn().filter(|_| now.has_insight_selectors() == Some(true)) else { return Ok(true) };
        if self.insights.are_none() {
            return Ok(false);
        }
        let found = insights_of(&writer.session, &at(writer, &self.region), &self.region, arn).await?;
        Ok(found == self.insights)
    }

    /// Whether it logs AWS's default still, or what it was to log.
    async fn logs_as_made(&self, writer: &Writer, now: &sdk::Trail) -> Result<bool, ReadError> {
        if now.has_custom_event_selectors() != Some(true) {
            return Ok(true);
        }
        let (Some(made), Some(arn)) = (&self.selectors, now.trail_arn()) else { return Ok(false) };
        let found = selectors_of(&writer.session, &at(writer, &self.region), &self.region, arn).await?;
        Ok(found == *made)
    }

    fn is_as_made(&self, now: &sdk::Trail) -> bool {
        let on = |flag: Option<bool>| flag.unwrap_or(false);
        now.s3_bucket_name() == Some(&self.bucket)
            && on(now.is_organization_trail()) == self.organization
            && on(now.is_multi_region_trail()) == self.multi_region
            && on(now.log_file_validation_enabled()) == self.log_file_validation
            && key_of(now) == self.kms_key
            && now.cloud_watch_logs_log_group_arn().unwrap_or_default() == self.log_group
    }
}

impl Undoing for DeleteTrail {
    const EXTENT: Extent = Extent::Whole;
    const CALLS: &'static [Call] =
        &[DESCRIBE_TRAILS, GET_SELECTORS, GET_INSIGHTS, call("DeleteTrail", "cloudtrail:DeleteTrail")];
    const RETRIED: &'static [&'static str] = BUSY;

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let request = writer.session.cloudtrail(&self.region).delete_trail().name(&self.name);
        let written = writer.write(&at(writer, &self.region), &Self::CALLS[3], Undo::again(), request.send()).await;
        done_on(written, &["TrailNotFoundException"])
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        vec![format!("arn:{partition}:cloudtrail:{}:{}:trail/{}", self.region, at.account, self.name)]
    }

    fn says(&self) -> String {
        let whose = if self.organization { "the organization's trail" } else { "trail" };
        format!("DeleteTrail: {whose} {} in {}; its files stay in {}", self.name, self.region, self.bucket)
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        Ok(match described(writer, &self.region, &self.name).await? {
            None => Stands::Undone,
            Some(now)
                if self.is_as_made(&now)
                    && self.logs_as_made(writer, &now).await?
                    && self.looks_as_made(writer, &now).await? =>
            {
                Stands::Open
            }
            Some(_) => Stands::Changed(format!("trail {} was changed since it was made", self.name)),
        })
    }
}

/// The fields of a trail that a write changed; none: it did not touch them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Fields {
    /// It logs every region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multi_region: Option<bool>,
    /// It logs the services that have no region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub global_services: Option<bool>,
    /// It signs its files with digests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_file_validation: Option<bool>,
    /// The key that encrypts its files; empty: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<String>,
    /// The log group that gets its events; empty: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_group: Option<String>,
    /// The role by which it delivers there; empty: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_role: Option<String>,
}

impl Fields {
    /// Those of a trail that are among `touched`.
    pub(in crate::steps) fn of(trail: &sdk::Trail, touched: &Self) -> Self {
        let flag = |touched: Option<bool>, now: Option<bool>| touched.map(|_| now.unwrap_or(false));
        let text =
            |touched: &Option<String>, now: Option<&str>| touched.as_ref().map(|_| now.unwrap_or_default().to_owned());
        Self {
            multi_region: flag(touched.multi_region, trail.is_multi_region_trail()),
            global_services: flag(touched.global_services, trail.include_global_service_events()),
            log_file_validation: flag(touched.log_file_validation, trail.log_file_validation_enabled()),
            kms_key: text(&touched.kms_key, trail.kms_key_id()),
            log_group: text(&touched.log_group, trail.cloud_watch_logs_log_group_arn()),
            log_role: text(&touched.log_role, trail.cloud_watch_logs_role_arn()),
        }
    }

    fn or(&self, other: &Self) -> Self {
        Self {
            multi_region: self.multi_region.or(other.multi_region),
            global_services: self.global_services.or(other.global_services),
            log_file_validation: self.log_file_validation.or(other.log_file_validation),
            kms_key: self.kms_key.clone().or_else(|| other.kms_key.clone()),
            log_group: self.log_group.clone().or_else(|| other.log_group.clone()),
            log_role: self.log_role.clone().or_else(|| other.log_role.clone()),
        }
    }

    fn says(&self) -> String {
        let flag = |name: &str, value: Option<bool>| value.map(|value| format!("{name}={value}"));
        let text = |name: &str, value: &Option<String>| {
            value.as_ref().map(|value| match value.as_str() {
                "" => format!("{name} empty"),
                value => format!("{name}={value}"),
            })
        };
        let fields = [
            flag("IsMultiRegionTrail", self.multi_region),
            flag("IncludeGlobalServiceEvents", self.global_services),
            flag("EnableLogFileValidation", self.log_file_validation),
            text("KmsKeyId", &self.kms_key),
            text("CloudWatchLogsLogGroupArn", &self.log_group),
            text("CloudWatchLogsRoleArn", &self.log_role),
        ];
        fields.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// Puts former fields of a trail back; what is not sent stays as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestoreTrail {
    /// Its ARN.
    pub trail: String,
    /// Its home region.
    pub region: Region,
    /// What was set.
    pub set: Fields,
    /// What was there before.
    pub before: Fields,
}

impl Undoing for RestoreTrail {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[DESCRIBE_TRAILS, call("UpdateTrail", "cloudtrail:UpdateTrail")];
    const DEPENDENT: &'static [&'static str] = UpdateTrail::DEPENDENT;
    const RETRIED: &'static [&'static str] = BUSY;

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let Fields { multi_region, global_services, log_file_validation, kms_key, log_group, log_role } =
            self.before.clone();
        let request = writer
            .session
            .cloudtrail(&self.region)
            .update_trail()
            .name(&self.trail)
            .set_is_multi_region_trail(multi_region)
            .set_include_global_service_events(global_services)
            .set_enable_log_file_validation(log_file_validation)
            .set_kms_key_id(kms_key)
            .set_cloud_watch_logs_log_group_arn(log_group)
            .set_cloud_watch_logs_role_arn(log_role);
        let back = Self { set: self.before.clone(), before: self.set.clone(), ..self.clone() };
        let undo = Undo::by(Step::RestoreTrail(back));
        writer.write(&at(writer, &self.region), &Self::CALLS[1], undo, request.send()).await
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        let role = self.before.log_role.as_deref().filter(|role| !role.is_empty());
        cloudtrail::resources(&self.trail, role, action, at, partition)
    }

    fn says(&self) -> String {
        format!("UpdateTrail {}: {}", self.trail, self.before.says())
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        let both = || Self { set: self.set.or(&earlier.set), before: earlier.before.or(&self.before), ..self.clone() };
        (self.trail == earlier.trail).then(both)
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let what = format!("trail {}", name_of(&self.trail));
        let now = described(writer, &self.region, &self.trail).await?;
        let now = now.map(|now| Fields::of(&now, &self.set));
        Ok(now.map_or_else(|| gone(&what), |now| found(&now, &self.set, &self.before, &what)))
    }
}
