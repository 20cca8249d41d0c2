//! AWS Config: the recorder of a region and those that are linked to services, its channel, its retention.

use super::{config_delivery as delivery, config_tags as tags, iam};
use crate::fault::Fault;
use crate::front::{Call, Handler};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) const HANDLERS: &[(&str, Handler)] = &[
    ("DeleteConfigurationRecorder", delete_recorder),
    ("DeleteDeliveryChannel", delivery::delete_channel),
    ("DeleteRetentionConfiguration", delivery::delete_retention),
    ("DescribeConfigurationRecorderStatus", describe_status),
    ("DescribeConfigurationRecorders", describe_recorders),
    ("DescribeDeliveryChannelStatus", delivery::describe_status),
    ("DescribeDeliveryChannels", delivery::describe_channels),
    ("DescribeRetentionConfigurations", delivery::describe_retention),
    ("ListTagsForResource", tags::list),
    ("PutConfigurationRecorder", put_recorder),
    ("PutDeliveryChannel", delivery::put_channel),
    ("PutRetentionConfiguration", delivery::put_retention),
    ("PutServiceLinkedConfigurationRecorder", put_linked),
    ("StartConfigurationRecorder", start),
    ("StopConfigurationRecorder", stop),
    ("TagResource", tags::tag),
    ("UntagResource", tags::untag),
];

/// The role that the service works by.
pub(crate) const ROLE: &str = "AWSServiceRoleForConfig";
pub(super) const SERVICE: &str = "config.amazonaws.com";

/// What an account has in one region.
#[derive(Clone, Debug, Default, Serialize)]
pub struct State {
    /// The account's own recorder; there is one at most.
    pub recorder: Option<Recorder>,
    /// Those that are linked to services, by their principals.
    pub linked: BTreeMap<String, Recorder>,
    /// The channel; there is one at most.
    pub channel: Option<Value>,
    /// Why the last delivery failed, if it did: a code.
    pub failure: Option<String>,
    /// For how many days items are kept, where that is set.
    pub retention: Option<i64>,
}

/// A recorder.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Recorder {
    /// As it was put.
    pub put: Value,
    /// Whether it records.
    pub recording: bool,
    /// Why it fails, if it does: a code.
    pub failure: Option<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// Whether somebody has looked since it was started: it is not at work at once.
    #[serde(skip)]
    looked: bool,
}

pub(super) fn refused(code: &str, message: impl Into<String>) -> Fault {
    Fault::new(400, code, message)
}

fn unknown(name: &str) -> Fault {
    refused(
        "NoSuchConfigurationRecorderException",
        format!("Cannot find configuration recorder with the name '{name}'."),
    )
}

/// What is recorded where nobody says so: all types of the region.
fn default_group() -> Value {
    json!({"allSupported": true, "includeGlobalResourceTypes": false, "resourceTypes": [],
        "recordingStrategy": {"useOnly": "ALL_SUPPORTED_RESOURCE_TYPES"}})
}

fn list<'a>(group: &'a Value, path: &str) -> &'a [Value] {
    group.pointer(path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A group as AWS shows it again: it says by which strategy it records, and what of it makes no sense together it
/// refuses.
fn grouped(sent: &Value) -> Result<Value, Fault> {
    if sent.is_null() {
        return Ok(default_group());
    }
    let wrong = |message: &str| Err(refused("InvalidRecordingGroupException", message));
    let all = sent["allSupported"] == true;
    let global = sent["includeGlobalResourceTypes"] == true;
    let (types, excluded) = (list(sent, "/resourceTypes"), list(sent, "/exclusionByResourceTypes/resourceTypes"));
    let strategy = match sent.pointer("/recordingStrategy/useOnly").and_then(Value::as_str) {
        Some(strategy) => strategy,
        None if all => "ALL_SUPPORTED_RESOURCE_TYPES",
        None if !types.is_empty() => "INCLUSION_BY_RESOURCE_TYPES",
        None => "EXCLUSION_BY_RESOURCE_TYPES",
    };
    match strategy {
        "ALL_SUPPORTED_RESOURCE_TYPES" if !all || !types.is_empty() || !excluded.is_empty() => {
            return wrong("all supported types are recorded, so none may be listed");
        }
        "INCLUSION_BY_RESOURCE_TYPES" if all || global || types.is_empty() => {
            return wrong("types that are listed are recorded alone");
        }
        "EXCLUSION_BY_RESOURCE_TYPES" if all || !types.is_empty() || excluded.is_empty() => {
            return wrong("types that are left out have to be listed, and no others");
        }
        _ => {}
    }
    let mut group = json!({"allSupported": all, "includeGlobalResourceTypes": global, "resourceTypes": types,
        "recordingStrategy": {"useOnly": strategy}});
    if !excluded.is_empty() {
        group["exclusionByResourceTypes"] = json!({ "resourceTypes": excluded });
    }
    Ok(group)
}

fn put_recorder(call: &mut Call<'_>) -> Result<Value, Fault> {
    let mut put = call.input["ConfigurationRecorder"].clone();
    let name = put["name"].as_str().unwrap_or("default").to_owned();
    let there = &call.here().config.recorder;
    if there.as_ref().is_some_and(|there| there.put["name"] != name) {
        let message = format!(
            "Failed to put configuration recorder '{name}' because the maximum number of configuration recorders: 1 is reached."
        );
        return Err(refused("MaxNumberOfConfigurationRecordersExceededException", message));
    }
    if call.here().config.linked.values().any(|linked| linked.put["name"] == name) {
        return Err(refused("UnmodifiableEntityException", "The recorder is managed by its service."));
    }
    let role = put["roleARN"].as_str().unwrap_or_default().to_owned();
    if !iam::exists(call.world, &role) {
        return Err(refused("InvalidRoleException", format!("The role {role} cannot be assumed.")));
    }
    put["name"] = json!(name);
    put["recordingGroup"] = grouped(&put["recordingGroup"])?;
    if put["recordingMode"].is_null() {
        put["recordingMode"] = json!({"recordingFrequency": "CONTINUOUS", "recordingModeOverrides": []});
    }
    put["recordingScope"] = json!("PAID");
    put["arn"] = json!(call.arn(&format!("configuration-recorder/{name}/{}", "0".repeat(16))));
    // Of a recorder that is there other tags are passed over.
    let sent = tags::sent(call)?;
    call.here().config.recorder.get_or_insert_with(|| Recorder { tags: sent, ..Recorder::default() }).put = put;
    Ok(json!({}))
}

/// What such a recorder records, its service says.
fn put_linked(call: &mut Call<'_>) -> Result<Value, Fault> {
    let service = call.need("ServicePrincipal")?.to_owned();
    let account = call.account;
    iam::ensure_linked_role(call.world, account, SERVICE, ROLE);
    let name = format!("AWSConfigurationRecorderFor{}", service.split('.').next().unwrap_or_default());
    let arn = call.arn(&format!("configuration-recorder/{name}/{}", "1".repeat(16)));
    let role = iam::role_arn(call.world, account, ROLE);
    let put = json!({"name": name, "arn": arn, "roleARN": role, "recordingGroup": default_group(),
        "recordingMode": {"recordingFrequency": "CONTINUOUS", "recordingModeOverrides": []},
        "recordingScope": "INTERNAL", "servicePrincipal": service});
    let recorder = Recorder { put, recording: true, looked: true, ..Recorder::default() };
    call.here().config.linked.insert(service, recorder);
    Ok(json!({"Arn": arn, "Name": name}))
}

/// The recorders that a call means: the account's own, unless it names others.
fn meant(call: &mut Call<'_>) -> Result<Vec<Recorder>, Fault> {
    let (asked, service) = (call.texts("ConfigurationRecorderNames"), call.text("ServicePrincipal").map(str::to_owned));
    let config = &call.here().config;
    if let Some(service) = service {
        return config.linked.get(&service).map(|one| vec![one.clone()]).ok_or_else(|| unknown(&service));
    }
    let all = || config.recorder.iter().chain(config.linked.values());
    if asked.is_empty() {
        return Ok(config.recorder.iter().cloned().collect());
    }
    let named = |name: &String| all().find(|one| one.put["name"] == **name).cloned().ok_or_else(|| unknown(name));
    asked.iter().map(named).collect()
}

fn describe_recorders(call: &mut Call<'_>) -> Result<Value, Fault> {
    let shown: Vec<Value> = meant(call)?.into_iter().map(|one| one.put).collect();
    Ok(json!({ "ConfigurationRecorders": shown }))
}

/// A recorder that was just started has not recorded yet.
fn describe_status(call: &mut Call<'_>) -> Result<Value, Fault> {
    let shown = meant(call)?.into_iter().map(|one| {
        let mut shown = json!({"name": one.put["name"], "arn": one.put["arn"], "recording": one.recording});
        if one.recording {
            let last = match (&one.failure, one.looked) {
                (Some(_), _) => "FAILURE",
                (None, false) => "PENDING",
                (None, true) => "SUCCESS",
            };
            shown["lastStatus"] = json!(last);
        }
        if let Some(code) = &one.failure {
            shown["lastErrorCode"] = json!(code);
        }
        if let Some(service) = one.put["servicePrincipal"].as_str() {
            shown["servicePrincipal"] = json!(service);
        }
        shown
    });
    let shown: Vec<Value> = shown.collect();
    if let Some(own) = &mut call.here().config.recorder {
        own.looked = true;
    }
    Ok(json!({ "ConfigurationRecordersStatus": shown }))
}

/// The account's own recorder, by the name in the input.
fn own<'a>(call: &'a mut Call<'_>) -> Result<&'a mut Recorder, Fault> {
    let name = call.need("ConfigurationRecorderName")?.to_owned();
    if call.here().config.linked.values().any(|linked| linked.put["name"] == name) {
        return Err(refused("UnmodifiableEntityException", "The recorder is managed by its service."));
    }
    let own = call.here().config.recorder.as_mut().filter(|own| own.put["name"] == name);
    own.ok_or_else(|| unknown(&name))
}

fn start(call: &mut Call<'_>) -> Result<Value, Fault> {
    own(call)?;
    if call.here().config.channel.is_none() {
        let message = "Delivery channel is not available to start configuration recorder.";
        return Err(refused("NoAvailableDeliveryChannelException", message));
    }
    let own = own(call)?;
    own.looked &= own.recording;
    own.recording = true;
    Ok(json!({}))
}

fn stop(call: &mut Call<'_>) -> Result<Value, Fault> {
    own(call)?.recording = false;
    Ok(json!({}))
}

fn delete_recorder(call: &mut Call<'_>) -> Result<Value, Fault> {
    own(call)?;
    call.here().config.recorder = None;
    Ok(json!({}))
}
