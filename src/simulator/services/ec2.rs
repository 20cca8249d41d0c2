//! EC2: what an account sets for all of a region, and which regions there are.

use super::account::status;
use super::ec2_acls as acls;
use super::ec2_flow_logs as flow_logs;
use super::ec2_groups::{self as groups, Way};
use super::ec2_instances as instances;
use super::ec2_network::{self as network, Network};
use super::ec2_snapshots::{self as snapshots, Snapshot, Volume};
use super::{kms, organization_effective, organization_policies as policies};
use crate::fault::Fault;
use crate::front::{Call, Handler};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) const HANDLERS: &[(&str, Handler)] = &[
    ("AuthorizeSecurityGroupEgress", |call| groups::authorize(call, Way::Out)),
    ("AuthorizeSecurityGroupIngress", |call| groups::authorize(call, Way::In)),
    ("CreateFlowLogs", flow_logs::create),
    ("CreateManagedPrefixList", network::create_prefix_list),
    ("CreateNetworkAcl", acls::create),
    ("CreateNetworkAclEntry", acls::create_entry),
    ("CreateNetworkInterface", network::create_interface),
    ("CreateSecurityGroup", groups::create),
    ("CreateSnapshot", snapshots::create_snapshot),
    ("CreateSubnet", network::create_subnet),
    ("CreateVolume", snapshots::create_volume),
    ("CreateVpc", network::create_vpc),
    ("DeleteFlowLogs", flow_logs::delete),
    ("DeleteNetworkAclEntry", acls::delete_entry),
    ("DeleteSecurityGroup", groups::delete),
    ("DescribeFlowLogs", flow_logs::describe),
    ("DescribeInstances", instances::describe),
    ("DescribeNetworkAcls", acls::describe),
    ("DescribeNetworkInterfaces", network::describe_interfaces),
    ("DescribeRegions", describe_regions),
    ("DescribeSecurityGroups", groups::describe),
    ("DescribeSnapshots", snapshots::describe),
    ("DescribeSubnets", network::describe_subnets),
    ("DescribeVpcs", network::describe_vpcs),
    ("DisableEbsEncryptionByDefault", |call| encrypt(call, false)),
    ("DisableImageBlockPublicAccess", disable_image_block),
    ("DisableSerialConsoleAccess", |call| console(call, false)),
    ("DisableSnapshotBlockPublicAccess", disable_snapshot_block),
    ("EnableEbsEncryptionByDefault", |call| encrypt(call, true)),
    ("EnableImageBlockPublicAccess", enable_image_block),
    ("EnableSerialConsoleAccess", |call| console(call, true)),
    ("EnableSnapshotBlockPublicAccess", enable_snapshot_block),
    ("GetEbsDefaultKmsKeyId", get_key),
    ("GetEbsEncryptionByDefault", get_encryption),
    ("GetImageBlockPublicAccessState", get_image_block),
    ("GetInstanceMetadataDefaults", get_metadata),
    ("GetManagedPrefixListEntries", network::prefix_list_entries),
    ("GetSerialConsoleAccessStatus", get_console),
    ("GetSnapshotBlockPublicAccessState", get_snapshot_block),
    ("ModifyEbsDefaultKmsKeyId", modify_key),
    ("ModifyInstanceMetadataDefaults", modify_metadata),
    ("ModifyInstanceMetadataOptions", instances::modify_metadata),
    ("ModifySnapshotAttribute", snapshots::modify_attribute),
    ("ReplaceNetworkAclEntry", acls::replace_entry),
    ("ResetEbsDefaultKmsKeyId", reset_key),
    ("RevokeSecurityGroupEgress", |call| groups::revoke(call, Way::Out)),
    ("RevokeSecurityGroupIngress", |call| groups::revoke(call, Way::In)),
    ("RunInstances", instances::run),
    ("StartInstances", instances::start),
    ("StopInstances", instances::stop),
    ("TerminateInstances", instances::terminate),
];

pub(super) const UNBLOCKED: &str = "unblocked";
const BLOCK_NEW: &str = "block-new-sharing";
/// The key that AWS has for EBS in each account.
const OF_AWS: &str = "alias/aws/ebs";

/// What an account has set in one region.
#[derive(Clone, Debug, Default, Serialize)]
pub struct State {
    pub(super) encryption: bool,
    key: Option<String>,
    snapshots: Option<String>,
    images: Option<String>,
    console: bool,
    pub(super) metadata: BTreeMap<String, Value>,
    /// Made when somebody looks: every region has what AWS puts there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) network: Option<Network>,
    pub(super) volumes: BTreeMap<String, Volume>,
    pub(super) shots: BTreeMap<String, Snapshot>,
}

/// A call that only asks whether it would be allowed: whoever gets here is.
pub(super) fn dry(call: &Call<'_>) -> Result<(), Fault> {
    if call.flag("DryRun") == Some(true) {
        let message = "Request would have succeeded, but DryRun flag is set.";
        return Err(Fault::new(412, "DryRunOperation", message));
    }
    Ok(())
}

fn describe_regions(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let wanted = call.texts("RegionNames");
    let all = call.flag("AllRegions") == Some(true);
    let names = call.world.regions.clone();
    if let Some(unknown) = wanted.iter().find(|wanted| !names.contains(wanted)) {
        return Err(Fault::new(400, "InvalidParameterValue", format!("Invalid region: {unknown}")));
    }
    let account = call.mine();
    let opted = |name: &str| match status(account, name) {
        "ENABLED_BY_DEFAULT" => "opt-in-not-required",
        "ENABLED" | "DISABLING" => "opted-in",
        _ => "not-opted-in",
    };
    let shown = names.iter().filter(|name| wanted.is_empty() || wanted.contains(name));
    let shown = shown.map(|name| (name, opted(name))).filter(|(_, opted)| all || *opted != "not-opted-in");
    let regions = shown.map(|(name, opted)| {
        json!({"RegionName": name, "OptInStatus": opted, "Endpoint": format!("ec2.{name}.amazonaws.com")})
    });
    let regions: Vec<Value> = regions.collect();
    Ok(json!({ "Regions": regions }))
}

/// What a declarative policy of the organization says of an attribute, where one holds for the account.
fn declared(call: &mut Call<'_>, attribute: &str) -> Option<Value> {
    let attributes = organization_effective::effective(call.world, call.account, policies::DECLARATIVE)
        .unwrap_or_default()["ec2_attributes"]
        .take();
    attributes.get(attribute).cloned()
}

/// Declarative policies write their words with underscores.
fn word(declared: &Value, field: &str) -> Option<String> {
    declared[field].as_str().map(|word| word.replace('_', "-"))
}

fn managed_by(declared: Option<&Value>) -> &'static str {
    if declared.is_some() { "declarative-policy" } else { "account" }
}

/// What is declared for the account it cannot change. AWS says so, and that the refusal has the words of the policy;
/// it does not say with which code.
fn own(call: &mut Call<'_>, attribute: &str) -> Result<(), Fault> {
    dry(call)?;
    if declared(call, attribute).is_none() {
        return Ok(());
    }
    let words = declared(call, "exception_message").and_then(|words| words.as_str().map(str::to_owned));
    let message = "This setting is managed by a declarative policy and cannot be modified by the account.";
    Err(Fault::new(403, "DeclarativePolicyViolation", words.unwrap_or_else(|| message.to_owned())))
}

fn encrypt(call: &mut Call<'_>, on: bool) -> Result<Value, Fault> {
    dry(call)?;
    call.here().ec2.encryption = on;
    Ok(json!({ "EbsEncryptionByDefault": on }))
}

fn get_encryption(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    Ok(json!({"EbsEncryptionByDefault": call.here().ec2.encryption, "SseType": "sse-kms"}))
}

fn get_key(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let key = call.here().ec2.key.clone();
    Ok(json!({ "KmsKeyId": key.unwrap_or_else(|| OF_AWS.to_owned()) }))
}

/// The key is looked for later: one that is not there is taken without a word, and only volumes fail.
fn modify_key(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let named = call.need("KmsKeyId")?.to_owned();
    let found = kms::find(call.world, call.account, call.region, &named);
    let key = found.map_or(named, |found| found.arn);
    call.here().ec2.key = Some(key.clone());
    Ok(json!({ "KmsKeyId": key }))
}

fn reset_key(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    call.here().ec2.key = None;
    Ok(json!({ "KmsKeyId": OF_AWS }))
}

const SNAPSHOTS: &str = "snapshot_block_public_access";

/// How far snapshots are kept from everybody, and who says so.
pub(super) fn sharing(call: &mut Call<'_>) -> (String, &'static str) {
    let declared = declared(call, SNAPSHOTS);
    let own = call.here().ec2.snapshots.clone();
    let state = declared.as_ref().and_then(|declared| word(declared, "state")).or(own);
    (state.unwrap_or_else(|| UNBLOCKED.to_owned()), managed_by(declared.as_ref()))
}

fn get_snapshot_block(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let (state, manager) = sharing(call);
    Ok(json!({"State": state, "ManagedBy": manager}))
}

fn enable_snapshot_block(call: &mut Call<'_>) -> Result<Value, Fault> {
    own(call, SNAPSHOTS)?;
    let state = call.need("State")?.to_owned();
    if state == UNBLOCKED {
        return Err(Fault::new(
            400,
            "InvalidParameterValue",
            "unblocked is what DisableSnapshotBlockPublicAccess sets",
        ));
    }
    call.here().ec2.snapshots = Some(state.clone());
    Ok(json!({ "State": state }))
}

fn disable_snapshot_block(call: &mut Call<'_>) -> Result<Value, Fault> {
    own(call, SNAPSHOTS)?;
    call.here().ec2.snapshots = None;
    Ok(json!({ "State": UNBLOCKED }))
}

const IMAGES: &str = "image_block_public_access";

/// An account without public images starts blocked.
fn get_image_block(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let declared = declared(call, IMAGES);
    let own = call.here().ec2.images.clone();
    let state = declared.as_ref().and_then(|declared| word(declared, "state")).or(own);
    let state = state.unwrap_or_else(|| BLOCK_NEW.to_owned());
    Ok(json!({"ImageBlockPublicAccessState": state, "ManagedBy": managed_by(declared.as_ref())}))
}

fn enable_image_block(call: &mut Call<'_>) -> Result<Value, Fault> {
    own(call, IMAGES)?;
    let state = call.need("ImageBlockPublicAccessState")?.to_owned();
    call.here().ec2.images = Some(state.clone());
    Ok(json!({ "ImageBlockPublicAccessState": state }))
}

fn disable_image_block(call: &mut Call<'_>) -> Result<Value, Fault> {
    own(call, IMAGES)?;
    call.here().ec2.images = Some(UNBLOCKED.to_owned());
    Ok(json!({ "ImageBlockPublicAccessState": UNBLOCKED }))
}

const CONSOLE: &str = "serial_console_access";

fn get_console(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let declared = declared(call, CONSOLE);
    let own = call.here().ec2.console;
    let on = declared.as_ref().and_then(|declared| word(declared, "status")).map_or(own, |status| status == "enabled");
    Ok(json!({"SerialConsoleAccessEnabled": on, "ManagedBy": managed_by(declared.as_ref())}))
}

fn console(call: &mut Call<'_>, on: bool) -> Result<Value, Fault> {
    own(call, CONSOLE)?;
    call.here().ec2.console = on;
    Ok(json!({ "SerialConsoleAccessEnabled": on }))
}

const METADATA: &str = "instance_metadata_defaults";
/// The defaults, and what declarative policies call them.
const DEFAULTS: [(&str, &str); 5] = [
    ("HttpTokens", "http_tokens"),
    ("HttpPutResponseHopLimit", "http_put_response_hop_limit"),
    ("HttpEndpoint", "http_endpoint"),
    ("InstanceMetadataTags", "instance_metadata_tags"),
    ("HttpTokensEnforced", "http_tokens_enforced"),
];

/// What is no preference is not answered.
fn get_metadata(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let declared = declared(call, METADATA);
    let mut shown = json!(call.here().ec2.metadata);
    if let Some(declared) = &declared {
        shown = json!({});
        for (member, field) in DEFAULTS {
            match word(declared, field) {
                Some(word) if member == "HttpPutResponseHopLimit" => {
                    if let Some(limit) = word.parse::<i64>().ok().filter(|limit| *limit > 0) {
                        shown[member] = json!(limit);
                    }
                }
                Some(word) if word != NO_PREFERENCE => shown[member] = json!(word),
                _ => {}
            }
        }
    }
    shown["ManagedBy"] = json!(managed_by(declared.as_ref()));
    Ok(json!({ "AccountLevel": shown }))
}

const NO_PREFERENCE: &str = "no-preference";

/// What is not named stays as it is.
fn modify_metadata(call: &mut Call<'_>) -> Result<Value, Fault> {
    own(call, METADATA)?;
    if let Some(limit) =
        call.number("HttpPutResponseHopLimit").filter(|limit| *limit != -1 && !(1..=64).contains(limit))
    {
        let message =
            format!("Value ({limit}) for parameter HttpPutResponseHopLimit is invalid. It is from 1 to 64, or -1");
        return Err(Fault::new(400, "InvalidParameterValue", message));
    }
    let told = DEFAULTS.map(|(member, _)| (member, call.input.get(member).cloned()));
    let metadata = &mut call.here().ec2.metadata;
    for (member, value) in told {
        match value {
            None => {}
            Some(value) if value == json!(NO_PREFERENCE) || value == json!(-1) => {
                metadata.remove(member);
            }
            Some(value) => {
                metadata.insert(member.to_owned(), value);
            }
        }
    }
    Ok(json!({ "Return": true }))
}
