//! `GuardDuty`: detectors and their features. The organization's side is in `guardduty_organization`, the side of who is
//! an administrator without one in `guardduty_invitations`.

use super::guardduty_invitations as invitations;
use super::guardduty_organization as organization;
use super::organization_effective;
use crate::fault::Fault;
use crate::front::{Call, Handler};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) const HANDLERS: &[(&str, Handler)] = &[
    ("AcceptAdministratorInvitation", invitations::accept),
    ("CreateDetector", create_detector),
    ("CreateMembers", organization::create_members),
    ("DeleteDetector", delete_detector),
    ("DeleteMembers", organization::delete_members),
    ("DescribeOrganizationConfiguration", organization::describe),
    ("DisableOrganizationAdminAccount", organization::disable_admin),
    ("EnableOrganizationAdminAccount", organization::enable_admin),
    ("GetAdministratorAccount", organization::get_administrator),
    ("GetDetector", get_detector),
    ("GetMemberDetectors", organization::get_member_detectors),
    ("GetMembers", organization::get_members),
    ("InviteMembers", invitations::invite),
    ("ListDetectors", list_detectors),
    ("ListInvitations", invitations::list),
    ("ListMembers", organization::list_members),
    ("ListOrganizationAdminAccounts", organization::list_admins),
    ("ListTagsForResource", list_tags),
    ("TagResource", tag_resource),
    ("UntagResource", untag_resource),
    ("UpdateDetector", update_detector),
    ("UpdateMemberDetectors", organization::update_member_detectors),
    ("UpdateOrganizationConfiguration", organization::update),
];

/// `GuardDuty` of an account in one region.
#[derive(Clone, Debug, Default, Serialize)]
pub struct State {
    /// There is one at most.
    pub detector: Option<Detector>,
    /// The account that administers this one.
    pub administrator: Option<String>,
    /// In the management account: the region's delegated administrator.
    pub delegate: Option<String>,
    /// In an administrator: its members, and their addresses.
    pub members: BTreeMap<String, String>,
    /// In an administrator: whom it would have as a member, by its id.
    pub invited: BTreeMap<String, invitations::Invited>,
    /// In an administrator: what new and old accounts of the organization get.
    pub organization: organization::Configuration,
}

/// A detector.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Detector {
    /// Thirty-two hexadecimal digits.
    pub id: String,
    /// It is not suspended.
    pub enabled: bool,
    /// `FIFTEEN_MINUTES`, `ONE_HOUR`, `SIX_HOURS`.
    pub frequency: String,
    /// Features by name; those that can be switched.
    pub features: BTreeMap<String, Feature>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// Seconds since the epoch.
    pub created: i64,
    /// Seconds since the epoch.
    pub updated: i64,
}

/// A feature of a detector.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Feature {
    /// It is on.
    pub enabled: bool,
    /// What it consists of, and whether that is on.
    pub parts: BTreeMap<String, bool>,
}

/// Features that can be switched, whether a new detector has them, and what they consist of.
pub(super) const FEATURES: &[(&str, bool, &[&str])] = &[
    ("S3_DATA_EVENTS", true, &[]),
    ("EKS_AUDIT_LOGS", true, &[]),
    ("EBS_MALWARE_PROTECTION", true, &[]),
    ("RDS_LOGIN_EVENTS", true, &[]),
    ("EKS_RUNTIME_MONITORING", false, &["EKS_ADDON_MANAGEMENT"]),
    ("LAMBDA_NETWORK_LOGS", true, &[]),
    ("RUNTIME_MONITORING", false, &["EKS_ADDON_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT"]),
];

/// Features that only some regions offer. A detector has one where its region does; a new one has none of them.
const REGIONAL: &[&str] = &["AI_PROTECTION"];

/// What every detector looks at, which cannot be switched off.
const FOUNDATIONAL: &[&str] = &["CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS"];

pub(super) fn refused(why: &str) -> Fault {
    Fault::new(400, "BadRequestException", format!("The request is rejected because {why}."))
        .with("Type", "InvalidInputException")
}

/// The features of a new detector: what is not named is switched on, except runtime monitoring.
pub(super) fn first_features() -> BTreeMap<String, Feature> {
    let feature = |(name, on, parts): &(&str, bool, &[&str])| {
        let parts = parts.iter().map(|part| ((*part).to_owned(), false)).collect();
        ((*name).to_owned(), Feature { enabled: *on, parts })
    };
    FEATURES.iter().map(feature).collect()
}

/// Whether the features that were sent can be named in one call: the forerunner and what replaced it cannot.
pub(super) fn exclusive(sent: &[Value]) -> Result<(), Fault> {
    let named = |name: &str| sent.iter().any(|feature| feature["Name"] == name);
    if named("RUNTIME_MONITORING") && named("EKS_RUNTIME_MONITORING") {
        return Err(refused("RUNTIME_MONITORING and EKS_RUNTIME_MONITORING cannot be specified in the same request"));
    }
    Ok(())
}

/// Lays the features that were sent over those there are; what is not named stays.
pub(super) fn merge(features: &mut BTreeMap<String, Feature>, sent: &[Value]) -> Result<(), Fault> {
    exclusive(sent)?;
    for one in sent {
        let name = one["Name"].as_str().unwrap_or_default();
        let Some(feature) = features.get_mut(name) else {
            return Err(refused(&format!("the feature {name} is not available")));
        };
        feature.enabled = one["Status"] == "ENABLED";
        for part in one["AdditionalConfiguration"].as_array().into_iter().flatten() {
            let name = part["Name"].as_str().unwrap_or_default();
            let Some(on) = feature.parts.get_mut(name) else {
                return Err(refused(&format!("the additional configuration {name} does not belong to the feature")));
            };
            *on = part["Status"] == "ENABLED";
        }
    }
    Ok(())
}

fn status(on: bool) -> &'static str {
    if on { "ENABLED" } else { "DISABLED" }
}

/// What the organization's policies manage in the detector of an account: the keys of the region's own block, which replaces
/// the default one, else those of the default one. That AWS also switches what a policy says is not simulated.
pub(super) fn managed(call: &Call<'_>, account: &str) -> Vec<String> {
    let effective = organization_effective::effective(call.world, account, POLICY).unwrap_or_default();
    let blocks = &effective["guardduty"];
    let block = blocks.get(call.region).or_else(|| blocks.get("default")).and_then(Value::as_object);
    block.into_iter().flatten().map(|(key, _)| key.to_ascii_uppercase()).collect()
}

/// The type of policies that manage detectors; also what a detector calls them.
pub(super) const POLICY: &str = "GUARDDUTY_POLICY";

fn shown(name: &str, on: bool, detector: &Detector) -> Value {
    json!({"Name": name, "Status": status(on), "UpdatedAt": detector.updated})
}

/// The features that can be switched, as they are answered, in AWS's order.
pub(super) fn shown_features(detector: &Detector) -> Vec<Value> {
    let mut all = Vec::new();
    for name in FEATURES.iter().map(|(name, ..)| name).chain(REGIONAL) {
        let Some(feature) = detector.features.get(*name) else { continue };
        let mut one = shown(name, feature.enabled, detector);
        if !feature.parts.is_empty() {
            let parts = feature.parts.iter();
            one["AdditionalConfiguration"] = parts.map(|(part, on)| shown(part, *on, detector)).collect();
        }
        all.push(one);
    }
    all
}

/// The older form of the same, which AWS still answers.
pub(super) fn data_sources(detector: &Detector) -> Value {
    let on = |name: &str| json!({"Status": status(detector.features.get(name).is_some_and(|feature| feature.enabled))});
    let always = json!({"Status": "ENABLED"});
    json!({"CloudTrail": always, "DNSLogs": always, "FlowLogs": always, "S3Logs": on("S3_DATA_EVENTS"),
        "Kubernetes": {"AuditLogs": on("EKS_AUDIT_LOGS")},
        "MalwareProtection": {"ScanEc2InstanceWithFindings": {"EbsVolumes": on("EBS_MALWARE_PROTECTION")}}})
}

/// The caller's detector, by the id in the input.
pub(super) fn detector<'a>(call: &'a mut Call<'_>) -> Result<&'a mut Detector, Fault> {
    let id = call.need("DetectorId")?.to_owned();
    let detector = call.here().guardduty.detector.as_mut().filter(|detector| detector.id == id);
    detector.ok_or_else(|| refused("the input detectorId is not owned by the current account"))
}

/// Makes a detector with the given features, and the role it works by.
pub(super) fn furnish(call: &mut Call<'_>, account: &str, features: BTreeMap<String, Feature>) -> String {
    let (region, now, id) = (call.region.to_owned(), call.now(), call.world.hex(32));
    super::iam::ensure_linked_role(call.world, account, "guardduty.amazonaws.com", "AWSServiceRoleForAmazonGuardDuty");
    if let Some(owner) = call.world.account(account) {
        owner.regions.entry(region).or_default().guardduty.detector = Some(Detector {
            id: id.clone(),
            enabled: true,
            frequency: "SIX_HOURS".to_owned(),
            features,
            created: now,
            updated: now,
            ..Detector::default()
        });
    }
    id
}

fn create_detector(call: &mut Call<'_>) -> Result<Value, Fault> {
    if call.here().guardduty.detector.is_some() {
        return Err(refused("a detector already exists for the current account"));
    }
    let mut features = first_features();
    merge(&mut features, call.list("Features"))?;
    let account = call.account;
    let id = furnish(call, account, features);
    let enabled = call.flag("Enable").unwrap_or(true);
    let frequency = call.text("FindingPublishingFrequency").unwrap_or("SIX_HOURS").to_owned();
    let tags = tags(call);
    if let Some(detector) = call.here().guardduty.detector.as_mut() {
        detector.enabled = enabled;
        detector.frequency = frequency;
        detector.tags = tags;
    }
    Ok(json!({ "DetectorId": id }))
}

/// A member's detector is its administrator's to change.
fn not_a_member(call: &mut Call<'_>) -> Result<(), Fault> {
    if call.here().guardduty.administrator.is_some() {
        return Err(refused("the current account is a member account and is not the administrator of the detector"));
    }
    Ok(())
}

fn update_detector(call: &mut Call<'_>) -> Result<Value, Fault> {
    detector(call)?;
    not_a_member(call)?;
    let (enabled, frequency) = (call.flag("Enable"), call.text("FindingPublishingFrequency").map(str::to_owned));
    let (sent, now) = (call.list("Features").to_vec(), call.now());
    let managed = managed(call, call.account);
    let names = |name: &Value| managed.iter().any(|managed| *name == **managed);
    if sent.iter().any(|one| names(&one["Name"])) || enabled.is_some() && names(&json!("FOUNDATIONAL")) {
        return Err(refused("an organization policy manages it"));
    }
    let detector = detector(call)?;
    let mut features = detector.features.clone();
    merge(&mut features, &sent)?;
    detector.features = features;
    detector.enabled = enabled.unwrap_or(detector.enabled);
    if let Some(frequency) = frequency {
        detector.frequency = frequency;
    }
    detector.updated = now;
    Ok(json!({}))
}

fn get_detector(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (partition, account) = (call.world.partition.clone(), call.account);
    let managed = managed(call, call.account);
    let of_administrator = organization::frequency_of_administrator(call);
    let detector = detector(call)?;
    let frequency = of_administrator.unwrap_or_else(|| detector.frequency.clone());
    // What cannot be switched is listed too, and first.
    let mut features: Vec<Value> = FOUNDATIONAL.iter().map(|name| shown(name, true, detector)).collect();
    features.extend(shown_features(detector));
    for feature in &mut features {
        let name = feature["Name"].as_str().unwrap_or_default();
        let key = if FOUNDATIONAL.contains(&name) { "FOUNDATIONAL" } else { name };
        if managed.iter().any(|managed| managed == key) {
            feature["ManagedBy"] = json!(POLICY);
        }
    }
    let moment = |seconds: i64| jiff::Timestamp::from_second(seconds).map(|at| format!("{at:.3}")).unwrap_or_default();
    Ok(json!({
        "CreatedAt": moment(detector.created),
        "UpdatedAt": moment(detector.updated),
        "FindingPublishingFrequency": frequency,
        "ServiceRole": format!("arn:{partition}:iam::{account}:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty"),
        "Status": status(detector.enabled),
        "DataSources": data_sources(detector),
        "Features": features,
        "Tags": detector.tags,
    }))
}

fn delete_detector(call: &mut Call<'_>) -> Result<Value, Fault> {
    detector(call)?;
    not_a_member(call)?;
    if !call.here().guardduty.members.is_empty() {
        return Err(refused("the current account cannot delete detector while it has invited or associated members"));
    }
    call.here().guardduty.detector = None;
    Ok(json!({}))
}

fn list_detectors(call: &mut Call<'_>) -> Result<Value, Fault> {
    let ids: Vec<String> = call.here().guardduty.detector.iter().map(|detector| detector.id.clone()).collect();
    Ok(json!({ "DetectorIds": ids }))
}

fn tags(call: &Call<'_>) -> BTreeMap<String, String> {
    let sent = call.input.get("Tags").and_then(Value::as_object);
    sent.into_iter()
        .flatten()
        .map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()))
        .collect()
}

fn tagged<'a>(call: &'a mut Call<'_>) -> Result<&'a mut BTreeMap<String, String>, Fault> {
    let arn = call.need("ResourceArn")?.to_owned();
    let prefix = call.arn("detector/");
    let own = arn.strip_prefix(&prefix).map(str::to_owned);
    let detector = call.here().guardduty.detector.as_mut().filter(|detector| own.as_ref() == Some(&detector.id));
    detector
        .map(|detector| &mut detector.tags)
        .ok_or_else(|| refused("the input resource is not owned by the current account"))
}

fn list_tags(call: &mut Call<'_>) -> Result<Value, Fault> {
    let tags = tagged(call)?;
    Ok(json!({ "Tags": tags }))
}

fn tag_resource(call: &mut Call<'_>) -> Result<Value, Fault> {
    let sent = tags(call);
    tagged(call)?.extend(sent);
    Ok(json!({}))
}

fn untag_resource(call: &mut Call<'_>) -> Result<Value, Fault> {
    let keys = call.texts("TagKeys");
    tagged(call)?.retain(|key, _| !keys.contains(key));
    Ok(json!({}))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(features: &BTreeMap<String, Feature>) -> Vec<&str> {
        features.iter().filter(|(_, feature)| feature.enabled).map(|(name, _)| name.as_str()).collect()
    }

    #[test]
    fn what_a_new_detector_is_not_told_is_on_except_runtime_monitoring() {
        let mut features = first_features();
        merge(&mut features, &[json!({"Name": "RDS_LOGIN_EVENTS", "Status": "DISABLED"})]).unwrap();
        assert_eq!(
            on(&features),
            ["EBS_MALWARE_PROTECTION", "EKS_AUDIT_LOGS", "LAMBDA_NETWORK_LOGS", "S3_DATA_EVENTS"]
        );
    }

    #[test]
    fn the_two_runtime_monitorings_exclude_each_other() {
        let both =
            ["RUNTIME_MONITORING", "EKS_RUNTIME_MONITORING"].map(|name| json!({"Name": name, "Status": "DISABLED"}));
        assert_eq!(merge(&mut first_features(), &both).unwrap_err().code, "BadRequestException");
    }
}
