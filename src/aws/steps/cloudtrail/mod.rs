//! What trueup does to CloudTrail. Every call goes to the trail's home region and names it by ARN.

mod copies;
mod insights;
mod selectors;

use std::time::Duration;

use aws_sdk_cloudtrail::types as sdk;
use serde::{Deserialize, Serialize};

pub use copies::Copies;
pub use insights::PutInsightSelectors;
pub(super) use insights::{PUT_INSIGHTS, put_insights};
pub use selectors::PutEventSelectors;
pub(super) use selectors::{PUT_SELECTORS, put_selectors};

use super::kms::arn_of;
use super::undo::cloudtrail::{DeleteTrail, Fields, RestoreTrail, StopLogging, described};
use super::writer::done_on;
use super::{Atom, Risk, Step, Undo, Writer, anywhere, linked_roles};
use crate::observe::cloudtrail::{DESCRIBE_TRAILS, Insights, PRINCIPAL, Selectors};
use crate::observe::{Call, ReadError};
use crate::ownership::MANAGED;
use crate::target::{Partition, Region, Target};

const fn call(operation: &'static str, action: &'static str) -> Call {
    Call { service: "CloudTrail", operation, action }
}

const DESCRIBE_KEY: Call = Call { service: "KMS", operation: "DescribeKey", action: "kms:DescribeKey" };

/// What the bucket, the key and the organization's trust are refused with while they have not arrived everywhere.
const YOUNG: &[&str] = &[
    "CloudTrailAccessNotEnabledException",
    "ConflictException",
    "InsufficientEncryptionPolicyException",
    "InsufficientS3BucketPolicyException",
    "InvalidCloudWatchLogsLogGroupArnException",
    "InvalidCloudWatchLogsRoleArnException",
    "KmsKeyNotFoundException",
    "NotFoundException",
    "S3BucketDoesNotExistException",
];

/// What AWS checks on the caller besides when a trail is made: for its tag, the bucket, the role by which it delivers to
/// a log group, the role of the service and the organization's trust.
const CHECKED: &[&str] = &[
    "cloudtrail:AddTags",
    "s3:GetBucketPolicy",
    "iam:PassRole",
    "iam:CreateServiceLinkedRole",
    "iam:GetRole",
    "organizations:DescribeOrganization",
    "organizations:ListAWSServiceAccessForOrganization",
];

/// Those that CloudTrail asks of IAM and Organizations on the caller's behalf, for a trail of the organization alone.
const ORGANIZATION: &[&str] = CHECKED.split_at(3).1;

pub(super) fn at(writer: &Writer, region: &Region) -> Target {
    Target { account: writer.at.account.clone(), region: Some(region.clone()) }
}

/// What is CloudTrail's own is allowed on this trail alone, and no role is passed but the one that is meant.
pub(super) fn resources(
    trail: &str,
    role: Option<&str>,
    action: &str,
    at: &Target,
    partition: &Partition,
) -> Vec<String> {
    match action {
        "iam:PassRole" => role.into_iter().map(str::to_owned).collect(),
        "iam:CreateServiceLinkedRole" => linked_roles(PRINCIPAL, at, partition),
        _ if action.starts_with("cloudtrail:") => vec![trail.to_owned()],
        _ => anywhere(),
    }
}

/// Where a trail delivers its events besides its bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logs {
    /// The ARN of the log group, `:*` included.
    pub group: String,
    /// The ARN of the role by which it writes there.
    pub role: String,
}

/// Makes a trail. It logs nothing before [`StartLogging`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "the API has these switches")]
pub struct CreateTrail {
    /// Its name.
    pub name: String,
    /// Its home region.
    pub region: Region,
    /// The bucket that gets its files.
    pub bucket: String,
    /// The organization's, for every account in it.
    pub organization: bool,
    /// It logs every region, and the services that have none.
    pub multi_region: bool,
    /// It signs its files with digests.
    pub log_file_validation: bool,
    /// The key that encrypts its files: an alias, an id or an ARN.
    pub kms_key: Option<String>,
    /// The log group that gets its events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logs: Option<Logs>,
    /// What it is to log in place of AWS's default, by which its undo knows it again: [`PutEventSelectors`] sets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selectors: Option<Selectors>,
    /// The Insights that it is to have, in the same way: [`PutInsightSelectors`] sets them.
    #[serde(default, skip_serializing_if = "Insights::are_none")]
    pub insights: Insights,
    /// The address that its tag gets as its value.
    pub address: String,
    /// Another trail logs here already, so that the copy that this one delivers bills.
    pub beside: bool,
}

impl Atom for CreateTrail {
    const CALLS: &'static [Call] = &[DESCRIBE_KEY, call("CreateTrail", "cloudtrail:CreateTrail")];
    const DEPENDENT: &'static [&'static str] = CHECKED;
    const OF_ORGANIZATION: &'static [&'static str] = ORGANIZATION;

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let key = match &self.kms_key {
            Some(key) => Some(arn_of(writer, &self.region, key).await?),
            None => None,
        };
        let back = DeleteTrail {
            name: self.name.clone(),
            region: self.region.clone(),
            bucket: self.bucket.clone(),
            organization: self.organization,
            multi_region: self.multi_region,
            log_file_validation: self.log_file_validation,
            kms_key: key.clone().unwrap_or_default(),
            log_group: self.logs.as_ref().map(|logs| logs.group.clone()).unwrap_or_default(),
            selectors: self.selectors.clone(),
            insights: self.insights.clone(),
        };
        let tag = sdk::Tag::builder().key(MANAGED).value(&self.address).build().ok();
        let request = writer
            .session
            .cloudtrail(&self.region)
            .create_trail()
            .name(&self.name)
            .s3_bucket_name(&self.bucket)
            .is_organization_trail(self.organization)
            .is_multi_region_trail(self.multi_region)
            .include_global_service_events(true)
            .enable_log_file_validation(self.log_file_validation)
            .set_kms_key_id(key)
            .set_cloud_watch_logs_log_group_arn(self.logs.as_ref().map(|logs| logs.group.clone()))
            .set_cloud_watch_logs_role_arn(self.logs.as_ref().map(|logs| logs.role.clone()))
            .set_tags_list(tag.map(|tag| vec![tag]));
        // A trail of this name was made by an attempt whose answer was lost; what it is, is looked at afterwards.
        let undo = Undo::by(Step::DeleteTrail(back));
        let written = writer.write(&at(writer, &self.region), &Self::CALLS[1], undo, request.send()).await;
        done_on(written, &["TrailAlreadyExistsException"])
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        let trail = format!("arn:{partition}:cloudtrail:{}:{}:trail/{}", self.region, at.account, self.name);
        resources(&trail, self.logs.as_ref().map(|logs| logs.role.as_str()), action, at, partition)
    }

    fn says(&self) -> String {
        let whose = if self.organization { "the organization's trail" } else { "trail" };
        let key = self.kms_key.as_ref().map(|key| format!(", encrypted by {key}")).unwrap_or_default();
        let logs = self.logs.as_ref().map(|logs| format!(", and to {}", logs.group)).unwrap_or_default();
        format!("CreateTrail: {whose} {} in {}, to {}{key}{logs}", self.name, self.region, self.bucket)
    }

    fn cost(&self) -> Option<&'static str> {
        let copies = match (self.beside, self.organization) {
            (true, _) => Copies::Second,
            (false, true) => Copies::OfMembers,
            (false, false) => Copies::First,
        };
        copies.cost_with(self.logs.is_some())
    }

    fn retried(&self) -> &'static [&'static str] {
        YOUNG
    }

    fn undo(&self) -> String {
        format!("DeleteTrail {}", self.name)
    }
}

/// Switches a trail on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StartLogging {
    /// Its ARN.
    pub trail: String,
    /// Its home region.
    pub region: Region,
    /// Whom it gives a copy that is not the first.
    #[serde(default, skip_serializing_if = "Copies::are_first")]
    pub copies: Copies,
}

impl Atom for StartLogging {
    const CALLS: &'static [Call] = &[call("StartLogging", "cloudtrail:StartLogging")];
    /// A trail that is made is started also where nobody asks whether it logs.
    const UNSEEN: bool = true;

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        // At home the name means the trail as its ARN does, and some who speak the protocol know it by nothing else.
        let name = self.trail.rsplit('/').next().unwrap_or(&self.trail);
        let request = writer.session.cloudtrail(&self.region).start_logging().name(name);
        let undo = Undo::by(Step::StopLogging(StopLogging { trail: self.trail.clone(), region: self.region.clone() }));
        writer.write(&at(writer, &self.region), &Self::CALLS[0], undo, request.send()).await
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        resources(&self.trail, None, action, at, partition)
    }

    fn says(&self) -> String {
        format!("StartLogging {}", self.trail)
    }

    fn cost(&self) -> Option<&'static str> {
        self.copies.cost()
    }

    fn retried(&self) -> &'static [&'static str] {
        &["ConflictException", "TrailNotFoundException"]
    }

    /// An error of the last delivery is reported until the next one, and
    /// [deliveries](https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html)
    /// come some minutes apart.
    fn settles(&self) -> Duration {
        Duration::from_mins(15)
    }

    fn undo(&self) -> String {
        "StopLogging".to_owned()
    }
}

/// Another key for a trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewKey {
    /// An alias, an id or an ARN.
    pub key: String,
    /// Its region: the bucket's.
    pub region: Region,
    /// The key that it replaces; none: the files were not encrypted by a key of their own.
    pub before: Option<String>,
}

/// Changes fields of a trail; what is not sent stays as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UpdateTrail {
    /// Its ARN.
    pub trail: String,
    /// Its home region.
    pub region: Region,
    /// Log every region, and the services that have none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub multi_region: bool,
    /// Sign its files with digests.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub log_file_validation: bool,
    /// Encrypt by this key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<NewKey>,
    /// Deliver to this log group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logs: Option<Logs>,
    /// Whom it gives a copy that is not the first, where it logs every region from now on.
    #[serde(default, skip_serializing_if = "Copies::are_first")]
    pub copies: Copies,
}

impl UpdateTrail {
    /// A change of nothing, to be filled.
    #[must_use]
    pub fn of(trail: &str, region: &Region) -> Self {
        let (trail, region) = (trail.to_owned(), region.clone());
        let copies = Copies::First;
        Self { trail, region, multi_region: false, log_file_validation: false, kms_key: None, logs: None, copies }
    }

    fn fields(&self) -> Vec<&'static str> {
        let fields = [
            ("multi_region", self.multi_region),
            ("log_file_validation", self.log_file_validation),
            ("kms_key", self.kms_key.is_some()),
            ("cloudwatch_logs", self.logs.is_some()),
        ];
        fields.into_iter().filter_map(|(name, sent)| sent.then_some(name)).collect()
    }

    /// What undoes it, by what the trail is now; `key` is the ARN that is sent.
    async fn back(&self, writer: &Writer, key: Option<String>) -> Result<Undo, ReadError> {
        let set = Fields {
            multi_region: self.multi_region.then_some(true),
            global_services: self.multi_region.then_some(true),
            log_file_validation: self.log_file_validation.then_some(true),
            kms_key: key,
            log_group: self.logs.as_ref().map(|logs| logs.group.clone()),
            log_role: self.logs.as_ref().map(|logs| logs.role.clone()),
        };
        let Some(now) = described(writer, &self.region, &self.trail).await? else {
            return Ok(Undo::Never("CloudTrail did not say what the trail was: look at it by hand".to_owned()));
        };
        let (trail, region, before) = (self.trail.clone(), self.region.clone(), Fields::of(&now, &set));
        Ok(Undo::by(Step::RestoreTrail(RestoreTrail { trail, region, set, before })))
    }
}

impl Atom for UpdateTrail {
    const CALLS: &'static [Call] = &[DESCRIBE_KEY, DESCRIBE_TRAILS, call("UpdateTrail", "cloudtrail:UpdateTrail")];
    // A trail that is there gets no tags.
    const DEPENDENT: &'static [&'static str] = CHECKED.split_at(1).1;
    const OF_ORGANIZATION: &'static [&'static str] = ORGANIZATION;

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let key = match &self.kms_key {
            Some(new) => Some(arn_of(writer, &new.region, &new.key).await?),
            None => None,
        };
        let undo = self.back(writer, key.clone()).await?;
        let request = writer
            .session
            .cloudtrail(&self.region)
            .update_trail()
            .name(&self.trail)
            .set_is_multi_region_trail(self.multi_region.then_some(true))
            // A trail of every region without the services that have none is refused.
            .set_include_global_service_events(self.multi_region.then_some(true))
            .set_enable_log_file_validation(self.log_file_validation.then_some(true))
            .set_kms_key_id(key)
            .set_cloud_watch_logs_log_group_arn(self.logs.as_ref().map(|logs| logs.group.clone()))
            .set_cloud_watch_logs_role_arn(self.logs.as_ref().map(|logs| logs.role.clone()));
        writer.write(&at(writer, &self.region), &Self::CALLS[2], undo, request.send()).await
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        resources(&self.trail, self.logs.as_ref().map(|logs| logs.role.as_str()), action, at, partition)
    }

    fn says(&self) -> String {
        let key = self.kms_key.as_ref().map(|new| format!("KmsKeyId of {}", new.key));
        let logs = self.logs.as_ref();
        let logs = logs.map(|logs| format!("CloudWatchLogsLogGroupArn={} by {}", logs.group, logs.role));
        let multi_region = self.multi_region.then(|| "IsMultiRegionTrail=true".to_owned());
        let validation = self.log_file_validation.then(|| "EnableLogFileValidation=true".to_owned());
        let sent: Vec<String> = [multi_region, validation, key, logs].into_iter().flatten().collect();
        let reads =
            if self.kms_key.is_some() { ": who reads its files has to be allowed to decrypt by that key" } else { "" };
        format!("UpdateTrail {}: {}{reads}", self.trail, sent.join(", "))
    }

    fn part(&self) -> Option<&str> {
        match self.fields().as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }

    fn risk(&self) -> Risk {
        // Who reads the files without kms:Decrypt on the key reads nothing from then on.
        if self.kms_key.is_some() { Risk::Disruptive } else { Risk::Safe }
    }

    fn cost(&self) -> Option<&'static str> {
        self.copies.cost_with(self.logs.is_some())
    }

    fn retried(&self) -> &'static [&'static str] {
        YOUNG
    }

    /// Events reach a log group some [minutes](https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html)
    /// later.
    fn settles(&self) -> Duration {
        if self.logs.is_some() { Duration::from_mins(15) } else { Duration::ZERO }
    }

    fn with(&self, next: &Self) -> Option<Self> {
        let twice = self.kms_key.is_some() && next.kms_key.is_some() || self.logs.is_some() && next.logs.is_some();
        if self.trail != next.trail || twice {
            return None;
        }
        Some(Self {
            multi_region: self.multi_region || next.multi_region,
            log_file_validation: self.log_file_validation || next.log_file_validation,
            kms_key: self.kms_key.clone().or_else(|| next.kms_key.clone()),
            logs: self.logs.clone().or_else(|| next.logs.clone()),
            copies: if self.multi_region { self.copies } else { next.copies },
            ..self.clone()
        })
    }

    fn undo(&self) -> String {
        let key = self.kms_key.as_ref().map(|new| match &new.before {
            Some(before) => format!("KmsKeyId={before}"),
            None => "KmsKeyId empty".to_owned(),
        });
        let multi_region = self.multi_region.then(|| "IsMultiRegionTrail=false".to_owned());
        let validation = self.log_file_validation.then(|| "EnableLogFileValidation=false".to_owned());
        let logs = self.logs.as_ref().map(|_| "CloudWatchLogsLogGroupArn and CloudWatchLogsRoleArn empty".to_owned());
        let sent: Vec<String> = [multi_region, validation, key, logs].into_iter().flatten().collect();
        let reads =
            if self.kms_key.is_some() { ": who reads its files has to be allowed to decrypt by that key" } else { "" };
        format!("UpdateTrail {}: {}{reads}", self.trail, sent.join(", "))
    }
}
