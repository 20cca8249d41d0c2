//! The single reads of AWS Config.

use std::collections::BTreeSet;

use aws_sdk_config::types as sdk;
use serde::{Deserialize, Serialize};

use super::{Channel, Frequency, Override, ROLE, Recorder, Snapshots, Status, Types};
use crate::observe::tags::{Bears, Page};
use crate::observe::{Call, Home, Observe, ReadError, Reader, Scope};
use crate::target::Target;
use crate::{Absent as _, Session};

pub(crate) const fn call(operation: &'static str, action: &'static str) -> Call {
    Call { service: "Config Service", operation, action }
}

pub(crate) const DESCRIBE_RECORDERS: Call =
    call("DescribeConfigurationRecorders", "config:DescribeConfigurationRecorders");
pub(crate) const DESCRIBE_STATUS: Call =
    call("DescribeConfigurationRecorderStatus", "config:DescribeConfigurationRecorderStatus");
pub(crate) const DESCRIBE_CHANNELS: Call = call("DescribeDeliveryChannels", "config:DescribeDeliveryChannels");
const DESCRIBE_CHANNEL_STATUS: Call = call("DescribeDeliveryChannelStatus", "config:DescribeDeliveryChannelStatus");
pub(crate) const DESCRIBE_RETENTION: Call =
    call("DescribeRetentionConfigurations", "config:DescribeRetentionConfigurations");
const GET_ROLE: Call = Call { service: "IAM", operation: "GetRole", action: "iam:GetRole" };

fn client(session: &Session, at: &Target) -> aws_sdk_config::Client {
    session.config_service(at.region.as_ref().unwrap_or(session.home_region()))
}

/// The account's own recorder of a region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorders(pub Option<Listed>);

/// A recorder as AWS lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// What it is.
    #[serde(flatten)]
    pub recorder: Recorder,
    /// Its ARN, where AWS says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
}

impl Observe for Recorders {
    const NAME: &'static str = "config.recorders";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[DESCRIBE_RECORDERS];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        listed(reader.session()?, reader.at()).await.map(Self)
    }
}

/// The account's own recorder of a region, as AWS has it.
pub(crate) async fn recorder(session: &Session, at: &Target) -> Result<Option<Recorder>, ReadError> {
    Ok(listed(session, at).await?.map(|listed| listed.recorder))
}

async fn listed(session: &Session, at: &Target) -> Result<Option<Listed>, ReadError> {
    let asked = client(session, at).describe_configuration_recorders();
    let answer = session.ask(at, &DESCRIBE_RECORDERS, asked.send()).await?;
    let own = answer.configuration_recorders().iter().find(|one| one.service_principal().is_none());
    own.map(|own| Ok(Listed { recorder: understood(at, own)?, arn: own.arn().map(str::to_owned) })).transpose()
}

fn understood(at: &Target, seen: &sdk::ConfigurationRecorder) -> Result<Recorder, ReadError> {
    let frequency = |word: &sdk::RecordingFrequency| match word {
        sdk::RecordingFrequency::Continuous => Ok(Frequency::Continuous),
        sdk::RecordingFrequency::Daily => Ok(Frequency::Daily),
        other => Err(ReadError::senseless_field(at, &DESCRIBE_RECORDERS, "recordingFrequency", other.as_str())),
    };
    let mode = seen.recording_mode();
    let overrides = mode.map(sdk::RecordingMode::recording_mode_overrides).unwrap_or_default();
    let overrides = overrides.iter().map(|one| {
        Ok(Override {
            description: one.description().map(str::to_owned),
            types: names(one.resource_types()),
            frequency: frequency(one.recording_frequency())?,
        })
    });
    Ok(Recorder {
        name: seen.name().unwrap_or_default().to_owned(),
        role: seen.role_arn().unwrap_or_default().to_owned(),
        types: types(at, seen.recording_group())?,
        // What says nothing of it records every change.
        frequency: mode.map_or(Ok(Frequency::Continuous), |mode| frequency(mode.recording_frequency()))?,
        overrides: overrides.collect::<Result<_, ReadError>>()?,
    })
}

fn names(types: &[sdk::ResourceType]) -> BTreeSet<String> {
    types.iter().map(|kind| kind.as_str().to_owned()).collect()
}

/// The strategy says which of the other fields counts; recorders that are older than strategies have none.
fn types(at: &Target, group: Option<&sdk::RecordingGroup>) -> Result<Types, ReadError> {
    // A recorder without a group records all types of the region.
    let Some(group) = group else { return Ok(Types::All { global: false }) };
    let all = Types::All { global: group.include_global_resource_types() };
    let excluded = group.exclusion_by_resource_types().map(|excluded| names(excluded.resource_types()));
    match group.recording_strategy().and_then(|strategy| strategy.use_only()) {
        Some(sdk::RecordingStrategyType::AllSupportedResourceTypes) => Ok(all),
        Some(sdk::RecordingStrategyType::ExclusionByResourceTypes) => Ok(Types::AllBut(excluded.unwrap_or_default())),
        Some(sdk::RecordingStrategyType::InclusionByResourceTypes) => Ok(Types::Only(names(group.resource_types()))),
        Some(other) => Err(ReadError::senseless_field(at, &DESCRIBE_RECORDERS, "recordingStrategy", other.as_str())),
        None if group.all_supported() => Ok(all),
        None => match excluded.filter(|excluded| !excluded.is_empty()) {
            Some(excluded) => Ok(Types::AllBut(excluded)),
            None => Ok(Types::Only(names(group.resource_types()))),
        },
    }
}

/// Whether the account's own recorder of a region works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statuses(pub Option<Status>);

impl Observe for Statuses {
    const NAME: &'static str = "config.status";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[DESCRIBE_STATUS];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        status(reader.session()?, reader.at()).await.map(Self)
    }
}

/// The status of the account's own recorder of a region.
pub(crate) async fn status(session: &Session, at: &Target) -> Result<Option<Status>, ReadError> {
    let asked = client(session, at).describe_configuration_recorder_status();
    let answer = session.ask(at, &DESCRIBE_STATUS, asked.send()).await?;
    let own = answer.configuration_recorders_status().iter().find(|one| one.service_principal().is_none());
    Ok(own.map(stated))
}

fn stated(seen: &sdk::ConfigurationRecorderStatus) -> Status {
    let error = [seen.last_error_code(), seen.last_error_message()].into_iter().flatten().collect::<Vec<_>>();
    Status {
        recording: seen.recording(),
        last: seen.last_status().map(|status| status.as_str().to_ascii_uppercase()),
        error: (!error.is_empty()).then(|| error.join(": ")),
    }
}

/// The recorder of a region that is linked to a service, and whether it works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linked {
    /// The recorder.
    pub recorder: Option<Recorder>,
    /// Whether it works.
    pub status: Option<Status>,
}

impl Observe for Linked {
    const NAME: &'static str = "config.linked";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[DESCRIBE_RECORDERS, DESCRIBE_STATUS];
    /// The principal of the service.
    type Key = String;

    async fn observe(reader: &Reader, service: &String) -> Result<Self, ReadError> {
        const ABSENT: &[&str] = &["NoSuchConfigurationRecorderException"];
        let (session, at) = (reader.session()?, reader.at());
        let asked = client(session, at).describe_configuration_recorders().service_principal(service);
        let sending = async { asked.send().await.absent_on(ABSENT) };
        let Some(answer) = session.ask(at, &DESCRIBE_RECORDERS, sending).await? else {
            return Ok(Self { recorder: None, status: None });
        };
        let is_its = |principal: Option<&str>| principal == Some(service.as_str());
        let found = answer.configuration_recorders().iter().find(|one| is_its(one.service_principal()));
        let Some(found) = found else { return Ok(Self { recorder: None, status: None }) };
        let asked = client(session, at).describe_configuration_recorder_status().service_principal(service);
        let sending = async { asked.send().await.absent_on(ABSENT) };
        let answer = session.ask(at, &DESCRIBE_STATUS, sending).await?;
        let statuses = answer.and_then(|answer| answer.configuration_recorders_status).unwrap_or_default();
        let status = statuses.iter().find(|one| is_its(one.service_principal()) || one.name() == found.name());
        Ok(Self { recorder: Some(understood(at, found)?), status: status.map(stated) })
    }
}

/// Where a region delivers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channels(pub Option<Channel>);

impl Observe for Channels {
    const NAME: &'static str = "config.channels";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[DESCRIBE_CHANNELS];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        channel(reader.session()?, reader.at()).await.map(Self)
    }
}

/// The one channel of a region.
pub(crate) async fn channel(session: &Session, at: &Target) -> Result<Option<Channel>, ReadError> {
    let answer = session.ask(at, &DESCRIBE_CHANNELS, client(session, at).describe_delivery_channels().send()).await?;
    let Some(seen) = answer.delivery_channels().first() else { return Ok(None) };
    let word = seen.config_snapshot_delivery_properties().and_then(|properties| properties.delivery_frequency());
    let snapshots = word.map(|word| {
        let known = Snapshots::ALL.into_iter().find(|known| known.word() == word.as_str());
        known.ok_or_else(|| ReadError::senseless_field(at, &DESCRIBE_CHANNELS, "deliveryFrequency", word.as_str()))
    });
    let given = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    Ok(Some(Channel {
        name: seen.name().unwrap_or_default().to_owned(),
        bucket: seen.s3_bucket_name().unwrap_or_default().to_owned(),
        prefix: given(seen.s3_key_prefix()),
        kms_key: given(seen.s3_kms_key_arn()),
        sns_topic: given(seen.sns_topic_arn()),
        snapshots: snapshots.transpose()?,
    }))
}

/// Why the last delivery of a region's history failed, if it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery(pub Option<String>);

impl Observe for Delivery {
    const NAME: &'static str = "config.delivery";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[DESCRIBE_CHANNEL_STATUS];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let (session, at) = (reader.session()?, reader.at());
        let asked = client(session, at).describe_delivery_channel_status();
        let answer = session.ask(at, &DESCRIBE_CHANNEL_STATUS, asked.send()).await?;
        let history = answer.delivery_channels_status().first().and_then(|one| one.config_history_delivery_info());
        let failed =
            history.filter(|info| info.last_status().is_some_and(|last| last.as_str().eq_ignore_ascii_case("failure")));
        Ok(Self(failed.map(|info| {
            let said = [info.last_error_code(), info.last_error_message()].into_iter().flatten().collect::<Vec<_>>();
            if said.is_empty() { "AWS does not say why".to_owned() } else { said.join(": ") }
        })))
    }
}

/// For how many days the items of a region are kept, where that is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention(pub Option<u32>);

impl Observe for Retention {
    const NAME: &'static str = "config.retention";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[DESCRIBE_RETENTION];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let found = retention(reader.session()?, reader.at()).await?;
        Ok(Self(found.map(|(_, days)| days)))
    }
}

/// What is set of the retention of a region: its name, and the days.
pub(crate) async fn retention(session: &Session, at: &Target) -> Result<Option<(String, u32)>, ReadError> {
    let asked = client(session, at).describe_retention_configurations();
    let answer = session.ask(at, &DESCRIBE_RETENTION, asked.send()).await?;
    let Some(found) = answer.retention_configurations().first() else { return Ok(None) };
    let days = u32::try_from(found.retention_period_in_days());
    let days =
        days.map_err(|error| ReadError::senseless_field(at, &DESCRIBE_RETENTION, "retention", &error.to_string()))?;
    Ok(Some((found.name().to_owned(), days)))
}

/// Whether the account has the role that AWS Config works by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceRole(pub bool);

impl Observe for ServiceRole {
    const NAME: &'static str = "config.service_role";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[GET_ROLE];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let asked = session.iam().get_role().role_name(ROLE);
        let sending = async { asked.send().await.absent_on(&["NoSuchEntity"]) };
        Ok(Self(session.ask(reader.at(), &GET_ROLE, sending).await?.is_some()))
    }
}

/// The tags of recorders.
pub(in crate::observe) struct RecorderTags;

impl Bears for RecorderTags {
    const NAME: &'static str = "config.tags";
    const SCOPE: Scope = Scope::Region;
    const CALL: Call = call("ListTagsForResource", "config:ListTagsForResource");

    async fn page(reader: &Reader, arn: &str, after: Option<String>) -> Result<Page, ReadError> {
        let (session, at) = (reader.session()?, reader.at());
        let asked = client(session, at).list_tags_for_resource().resource_arn(arn).set_next_token(after);
        let sending = async { asked.send().await.absent_on(&["ResourceNotFoundException"]) };
        let Some(page) = session.ask(at, &Self::CALL, sending).await? else { return Ok(Page::default()) };
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Ok((page.tags().iter().map(|tag| (text(tag.key()), text(tag.value()))).collect(), page.next_token))
    }
}
