//! What trueup does to CloudTrail. Every call goes to the trail's home region and names it by ARN.

use aws_sdk_cloudtrail::types as sdk;
use serde::{Deserialize, Serialize};

use super::kms::arn_of;
use super::{Atom, Risk, Writer};
use crate::aws::Absent;
use crate::observe::cloudtrail::{AdvancedSelector, BasicSelector, FieldSelector, MANAGED, Selectors};
use crate::observe::{Call, Class, ReadError};
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
    "KmsKeyNotFoundException",
    "NotFoundException",
    "S3BucketDoesNotExistException",
];

/// What CloudTrail asks of IAM and Organizations on the caller's behalf for a trail of the organization.
const ORGANIZATION: &[&str] = &[
    "iam:CreateServiceLinkedRole",
    "iam:GetRole",
    "organizations:DescribeOrganization",
    "organizations:ListAWSServiceAccessForOrganization",
];

fn at(writer: &Writer, region: &Region) -> Target {
    Target { account: writer.at.account.clone(), region: Some(region.clone()) }
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
    /// The address that its tag gets as its value.
    pub address: String,
    /// Another trail logs here already, so that the copy that this one delivers bills.
    pub beside: bool,
}

impl Atom for CreateTrail {
    const CALLS: &'static [Call] = &[DESCRIBE_KEY, call("CreateTrail", "cloudtrail:CreateTrail")];
    const DEPENDENT: &'static [&'static str] = &[
        "cloudtrail:AddTags",
        "iam:CreateServiceLinkedRole",
        "iam:GetRole",
        "organizations:DescribeOrganization",
        "organizations:ListAWSServiceAccessForOrganization",
        "s3:GetBucketPolicy",
    ];
    const OF_ORGANIZATION: &'static [&'static str] = ORGANIZATION;

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let key = match &self.kms_key {
            Some(key) => Some(arn_of(writer, &self.region, key).await?),
            None => None,
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
            .set_tags_list(tag.map(|tag| vec![tag]));
        // A trail of this name was made by an attempt whose answer was lost; what it is, is looked at afterwards.
        let sending = async { request.send().await.absent_on(&["TrailAlreadyExistsException"]) };
        writer.session.ask(&at(writer, &self.region), &Self::CALLS[1], sending).await.map(drop)
    }

    fn says(&self) -> String {
        let whose = if self.organization { "the organization's trail" } else { "trail" };
        let key = self.kms_key.as_ref().map(|key| format!(", encrypted by {key}")).unwrap_or_default();
        format!("CreateTrail: {whose} {} in {}, to {}{key}", self.name, self.region, self.bucket)
    }

    fn cost(&self) -> Option<&'static str> {
        self.beside.then_some("a second copy of management events bills by event")
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
}

impl Atom for StartLogging {
    const CALLS: &'static [Call] = &[call("StartLogging", "cloudtrail:StartLogging")];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        // At home the name means the trail as its ARN does, and some who speak the protocol know it by nothing else.
        let name = self.trail.rsplit('/').next().unwrap_or(&self.trail);
        let request = writer.session.cloudtrail(&self.region).start_logging().name(name);
        writer.session.ask(&at(writer, &self.region), &Self::CALLS[0], request.send()).await.map(drop)
    }

    fn resources(&self, _: &Target, _: &Partition) -> Vec<String> {
        vec![self.trail.clone()]
    }

    fn says(&self) -> String {
        format!("StartLogging {}", self.trail)
    }

    fn retried(&self) -> &'static [&'static str] {
        &["ConflictException", "TrailNotFoundException"]
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
}

impl UpdateTrail {
    /// A change of nothing, to be filled.
    #[must_use]
    pub fn of(trail: &str, region: &Region) -> Self {
        let (trail, region) = (trail.to_owned(), region.clone());
        Self { trail, region, multi_region: false, log_file_validation: false, kms_key: None }
    }

    fn fields(&self) -> Vec<&'static str> {
        let fields = [
            ("multi_region", self.multi_region),
            ("log_file_validation", self.log_file_validation),
            ("kms_key", self.kms_key.is_some()),
        ];
        fields.into_iter().filter_map(|(name, sent)| sent.then_some(name)).collect()
    }
}

impl Atom for UpdateTrail {
    const CALLS: &'static [Call] = &[DESCRIBE_KEY, call("UpdateTrail", "cloudtrail:UpdateTrail")];
    const DEPENDENT: &'static [&'static str] = &[
        "iam:CreateServiceLinkedRole",
        "iam:GetRole",
        "organizations:DescribeOrganization",
        "organizations:ListAWSServiceAccessForOrganization",
        "s3:GetBucketPolicy",
    ];
    const OF_ORGANIZATION: &'static [&'static str] = ORGANIZATION;

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let key = match &self.kms_key {
            Some(new) => Some(arn_of(writer, &self.region, &new.key).await?),
            None => None,
        };
        let request = writer
            .session
            .cloudtrail(&self.region)
            .update_trail()
            .name(&self.trail)
            .set_is_multi_region_trail(self.multi_region.then_some(true))
            // A trail of every region without the services that have none is refused.
            .set_include_global_service_events(self.multi_region.then_some(true))
            .set_enable_log_file_validation(self.log_file_validation.then_some(true))
            .set_kms_key_id(key);
        writer.session.ask(&at(writer, &self.region), &Self::CALLS[1], request.send()).await.map(drop)
    }

    fn resources(&self, _: &Target, _: &Partition) -> Vec<String> {
        vec![self.trail.clone()]
    }

    fn says(&self) -> String {
        let key = self.kms_key.as_ref().map(|new| format!("KmsKeyId of {}", new.key));
        let multi_region = self.multi_region.then(|| "IsMultiRegionTrail=true".to_owned());
        let validation = self.log_file_validation.then(|| "EnableLogFileValidation=true".to_owned());
        let sent: Vec<String> = [multi_region, validation, key].into_iter().flatten().collect();
        format!("UpdateTrail {}: {}", self.trail, sent.join(", "))
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

    fn retried(&self) -> &'static [&'static str] {
        YOUNG
    }

    fn with(&self, next: &Self) -> Option<Self> {
        if self.trail != next.trail || (self.kms_key.is_some() && next.kms_key.is_some()) {
            return None;
        }
        Some(Self {
            multi_region: self.multi_region || next.multi_region,
            log_file_validation: self.log_file_validation || next.log_file_validation,
            kms_key: self.kms_key.clone().or_else(|| next.kms_key.clone()),
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
        let sent: Vec<String> = [multi_region, validation, key].into_iter().flatten().collect();
        format!("UpdateTrail {}: {}", self.trail, sent.join(", "))
    }
}

/// Sets the event selectors of a trail.
/// [PutEventSelectors](https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html)
/// replaces all of them, so what was logged before is sent with what is added.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PutEventSelectors {
    /// The trail's ARN.
    pub trail: String,
    /// Its home region.
    pub region: Region,
    /// The selectors afterwards.
    pub selectors: Selectors,
}

impl Atom for PutEventSelectors {
    const CALLS: &'static [Call] = &[call("PutEventSelectors", "cloudtrail:PutEventSelectors")];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let at = at(writer, &self.region);
        let invalid = |error: &dyn std::fmt::Display| ReadError {
            at: at.clone(),
            action: Self::CALLS[0].action.to_owned(),
            class: Class::Failed,
            code: Some("InvalidEventSelectorsException".to_owned()),
            message: error.to_string(),
            request_id: None,
        };
        let request = writer.session.cloudtrail(&self.region).put_event_selectors().trail_name(&self.trail);
        let request = match &self.selectors {
            Selectors::Basic(all) => request.set_event_selectors(Some(all.iter().map(basic).collect())),
            Selectors::Advanced(all) => {
                let selectors = all.iter().map(advanced).collect::<Result<Vec<_>, _>>();
                request.set_advanced_event_selectors(Some(selectors.map_err(|error| invalid(&error))?))
            }
        };
        writer.session.ask(&at, &Self::CALLS[0], request.send()).await.map(drop)
    }

    fn resources(&self, _: &Target, _: &Partition) -> Vec<String> {
        vec![self.trail.clone()]
    }

    fn says(&self) -> String {
        format!("PutEventSelectors {}: all management events beside what it logs", self.trail)
    }

    fn cost(&self) -> Option<&'static str> {
        Some("more management events: every copy but the first bills by event")
    }

    fn retried(&self) -> &'static [&'static str] {
        &["ConflictException"]
    }

    fn undo(&self) -> String {
        "PutEventSelectors with the former selectors".to_owned()
    }
}

fn basic(selector: &BasicSelector) -> sdk::EventSelector {
    let resources = selector.resources.iter().map(|resource| {
        let values = Some(resource.values.clone());
        sdk::DataResource::builder().r#type(&resource.kind).set_values(values).build()
    });
    sdk::EventSelector::builder()
        .read_write_type(sdk::ReadWriteType::from(selector.read_write.as_str()))
        .include_management_events(selector.management)
        .set_exclude_management_event_sources(Some(selector.excluded.clone()))
        .set_data_resources(Some(resources.collect()))
        .build()
}

fn advanced(
    selector: &AdvancedSelector,
) -> Result<sdk::AdvancedEventSelector, aws_smithy_types::error::operation::BuildError> {
    let fields = selector.fields.iter().map(field).collect::<Result<Vec<_>, _>>()?;
    sdk::AdvancedEventSelector::builder().set_name(selector.name.clone()).set_field_selectors(Some(fields)).build()
}

fn field(
    selector: &FieldSelector,
) -> Result<sdk::AdvancedFieldSelector, aws_smithy_types::error::operation::BuildError> {
    // An empty list is refused; what is not asked of the field is left out.
    let some = |values: &Vec<String>| (!values.is_empty()).then(|| values.clone());
    sdk::AdvancedFieldSelector::builder()
        .field(&selector.field)
        .set_equals(some(&selector.equals))
        .set_starts_with(some(&selector.starts_with))
        .set_ends_with(some(&selector.ends_with))
        .set_not_equals(some(&selector.not_equals))
        .set_not_starts_with(some(&selector.not_starts_with))
        .set_not_ends_with(some(&selector.not_ends_with))
        .build()
}
