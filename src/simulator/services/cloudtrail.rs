//! `CloudTrail`: trails, seen from every account and region. What a trail needs to be made is in `cloudtrail_needs`,
//! whether it records in `cloudtrail_logging`, what it records in `cloudtrail_selectors`, what is looked for in that in
//! `cloudtrail_insights`, its log group in `cloudtrail_logs`, tags in `cloudtrail_tags`.

use super::{
    cloudtrail_insights as insights, cloudtrail_logging as logging, cloudtrail_logs as logs, cloudtrail_needs as needs,
    cloudtrail_selectors as selectors, cloudtrail_tags as tags, organizations,
};
use crate::fault::Fault;
use crate::front::{Call, Handler};
use crate::world::World;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) const HANDLERS: &[(&str, Handler)] = &[
    ("AddTags", tags::add),
    ("CreateTrail", create_trail),
    ("DeleteTrail", delete_trail),
    ("DescribeTrails", describe_trails),
    ("GetEventSelectors", selectors::get),
    ("GetInsightSelectors", insights::get),
    ("GetTrail", get_trail),
    ("GetTrailStatus", logging::status),
    ("ListTags", tags::list),
    ("ListTrails", list_trails),
    ("PutEventSelectors", selectors::put),
    ("PutInsightSelectors", insights::put),
    ("RemoveTags", tags::remove),
    ("StartLogging", logging::start),
    ("StopLogging", logging::stop),
    ("UpdateTrail", update_trail),
];

/// The trails of an account that are homed in one region, by name.
#[derive(Clone, Debug, Default, Serialize)]
pub struct State {
    /// Trails by name.
    pub trails: BTreeMap<String, Trail>,
}

/// A trail.
#[expect(clippy::struct_excessive_bools, reason = "they are the switches of a trail, as CloudTrail has them")]
#[derive(Clone, Debug, Default, Serialize)]
pub struct Trail {
    /// Where it delivers to.
    pub bucket: String,
    /// The prefix of what it delivers.
    pub prefix: Option<String>,
    /// It records global services.
    pub global: bool,
    /// It records every region.
    pub multi_region: bool,
    /// It is the organization's.
    pub organization: bool,
    /// Digests are made.
    pub validation: bool,
    /// The ARN of the key its files are encrypted with.
    pub key: Option<String>,
    /// The log group it delivers to, and the role by which.
    pub group: Option<(String, String)>,
    /// Since when it does, in seconds since the epoch.
    pub group_since: Option<i64>,
    /// When something last arrived there, in seconds since the epoch.
    pub group_delivered: Option<i64>,
    /// Why nothing arrives there.
    pub group_error: Option<String>,
    /// Basic selectors.
    pub selectors: Vec<Value>,
    /// Advanced selectors, in place of basic ones.
    pub advanced: Vec<Value>,
    /// Which insights are looked for, and in what.
    pub insights: Vec<Value>,
    /// It records now.
    pub logging: bool,
    /// Seconds since the epoch.
    pub started: Option<i64>,
    /// Seconds since the epoch.
    pub stopped: Option<i64>,
    /// An error of delivery that a test wants to see.
    pub delivery_error: Option<String>,
    /// An error of digests that a test wants to see.
    pub digest_error: Option<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// Where a trail is.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) account: String,
    pub(super) home: String,
    pub(super) name: String,
}

impl Place {
    pub(super) fn arn(&self, world: &World) -> String {
        format!("arn:{}:cloudtrail:{}:{}:trail/{}", world.partition, self.home, self.account, self.name)
    }

    pub(super) fn trail<'a>(&self, world: &'a mut World) -> Option<&'a mut Trail> {
        world.account(&self.account)?.regions.get_mut(&self.home)?.cloudtrail.trails.get_mut(&self.name)
    }
}

pub(super) fn fault(code: &str, message: impl Into<String>) -> Fault {
    Fault::new(400, code, message)
}

/// Every trail an account sees: its own in every region, and its organization's.
pub(super) fn seen(world: &mut World, account: &str) -> Vec<(Place, Trail)> {
    let management = organizations::of(world, account).map(|organization| organization.management.clone());
    let mut all = homed(world, account);
    if let Some(management) = management.filter(|management| management != account) {
        all.extend(homed(world, &management).into_iter().filter(|(_, trail)| trail.organization));
    }
    all
}

fn homed(world: &mut World, account: &str) -> Vec<(Place, Trail)> {
    let Some(owner) = world.account(account) else { return Vec::new() };
    let places = owner.regions.iter().flat_map(|(home, region)| {
        region.cloudtrail.trails.iter().map(|(name, trail)| {
            (Place { account: account.to_owned(), home: home.clone(), name: name.clone() }, trail.clone())
        })
    });
    places.collect()
}

/// Delivers what is due by now of the trails that are homed in a region of an account.
pub(super) fn deliver_all(world: &mut World, account: &str, region: &str) {
    for (place, _) in homed(world, account).iter().filter(|(place, _)| place.home == region) {
        logs::deliver(world, place);
    }
}

/// The trails an account sees in one region: homed there, or recording every region.
pub(super) fn seen_in(world: &mut World, account: &str, region: &str) -> Vec<(Place, Trail)> {
    let mut all = seen(world, account);
    all.retain(|(place, trail)| place.home == region || trail.multi_region);
    all
}

/// The trail a call names. A bare name means a trail of one's own that is homed in the region; others, and the
/// organization's in a member, are named by ARN.
pub(super) fn place(call: &mut Call<'_>, member: &str) -> Result<(Place, Trail), Fault> {
    let name = call.need(member)?.to_owned();
    if name.starts_with("arn:") && !name.contains(":cloudtrail:") {
        return Err(fault("CloudTrailARNInvalidException", format!("{name} is not a valid trail ARN.")));
    }
    let (account, region) = (call.account, call.region);
    let mut all = seen(call.world, account);
    let world = &call.world;
    all.retain(|(place, _)| {
        if name.starts_with("arn:") {
            place.arn(world) == name
        } else {
            place.name == name && place.account == account && place.home == region
        }
    });
    let missing = || fault("TrailNotFoundException", format!("Unknown trail: {name} for the user: {account}"));
    all.pop().ok_or_else(missing)
}

/// A trail that the call may change: in its home region, and by its owner. The organization's delegate counts as owner.
fn changeable(call: &mut Call<'_>, member: &str) -> Result<(Place, Trail), Fault> {
    let (place, trail) = place(call, member)?;
    if place.account != call.account && !organizations::leads(call.world, call.account, needs::SERVICE) {
        let message = "Only the management account or a delegated administrator may change an organization trail.";
        return Err(fault("NotOrganizationMasterAccountException", message));
    }
    if place.home != call.region {
        let message =
            format!("Trail {} was created in {}; it can be changed only there.", place.arn(call.world), place.home);
        return Err(fault("InvalidHomeRegionException", message));
    }
    Ok((place, trail))
}

/// Changes a trail.
pub(super) fn change(call: &mut Call<'_>, member: &str, act: impl FnOnce(&mut Trail, i64)) -> Result<(), Fault> {
    let ((place, _), now) = (changeable(call, member)?, call.now());
    if let Some(trail) = place.trail(call.world) {
        act(trail, now);
    }
    Ok(())
}

/// What `CreateTrail` and `UpdateTrail` answer, which is also most of what reads answer.
fn shown(world: &World, place: &Place, trail: &Trail) -> Value {
    let mut shown = json!({
        "Name": place.name,
        "S3BucketName": trail.bucket,
        "IncludeGlobalServiceEvents": trail.global,
        "IsMultiRegionTrail": trail.multi_region,
        "TrailARN": place.arn(world),
        "LogFileValidationEnabled": trail.validation,
        "IsOrganizationTrail": trail.organization,
    });
    let (group, role) = trail.group.clone().unzip();
    let optional = [
        ("S3KeyPrefix", &trail.prefix),
        ("KmsKeyId", &trail.key),
        ("CloudWatchLogsLogGroupArn", &group),
        ("CloudWatchLogsRoleArn", &role),
    ];
    for (member, value) in optional {
        if let Some(value) = value {
            shown[member] = json!(value);
        }
    }
    shown
}

fn described(world: &World, place: &Place, trail: &Trail) -> Value {
    let mut shown = shown(world, place, trail);
    shown["HomeRegion"] = json!(place.home);
    shown["HasCustomEventSelectors"] = json!(!trail.advanced.is_empty() || trail.selectors != [selectors::first()]);
    shown["HasInsightSelectors"] = json!(!trail.insights.is_empty());
    shown
}

/// The text of a member: none if it was not sent, an empty one if it is to be taken away.
fn set(kept: &mut Option<String>, sent: Option<&str>) {
    match sent {
        Some("") => *kept = None,
        Some(value) => *kept = Some(value.to_owned()),
        None => {}
    }
}

/// Lays the input over a trail: what is not sent stays.
fn overlay(call: &mut Call<'_>, trail: &mut Trail) -> Result<(), Fault> {
    if let Some(bucket) = call.text("S3BucketName") {
        bucket.clone_into(&mut trail.bucket);
    }
    set(&mut trail.prefix, call.text("S3KeyPrefix"));
    let before = trail.multi_region;
    for (member, flag) in [
        ("IncludeGlobalServiceEvents", &mut trail.global),
        ("IsMultiRegionTrail", &mut trail.multi_region),
        ("EnableLogFileValidation", &mut trail.validation),
        ("IsOrganizationTrail", &mut trail.organization),
    ] {
        *flag = call.flag(member).unwrap_or(*flag);
    }
    logs::overlay(call, trail)?;
    // Global service events follow the reach of the trail, unless they are spoken of.
    if call.flag("IncludeGlobalServiceEvents").is_none() && trail.multi_region != before {
        trail.global = trail.multi_region;
    }
    if trail.multi_region && !trail.global {
        let message = "Multi-Region trail must include global service events.";
        return Err(fault("InvalidParameterCombinationException", message));
    }
    match call.text("KmsKeyId").map(str::to_owned) {
        Some(id) if id.is_empty() => trail.key = None,
        Some(id) => trail.key = Some(needs::key(call, &id)?),
        None => {}
    }
    Ok(())
}

fn create_trail(call: &mut Call<'_>) -> Result<Value, Fault> {
    let name = call.need("Name")?.to_owned();
    needs::name(&name)?;
    let organization = call.flag("IsOrganizationTrail").unwrap_or(false);
    let account = if organization { needs::organization(call)? } else { call.account.to_owned() };
    if seen_in(call.world, &account, call.region).iter().any(|(place, _)| place.name == name) {
        return Err(fault(
            "TrailAlreadyExistsException",
            format!("Trail {name} already exists for customer: {account}"),
        ));
    }
    needs::room(call, &account)?;
    let mut trail = Trail { global: true, selectors: vec![selectors::first()], ..Trail::default() };
    overlay(call, &mut trail)?;
    trail.tags = super::iam::tags(call.list("TagsList"));
    let place = Place { account, home: call.region.to_owned(), name: name.clone() };
    needs::check(call.world, &place, &trail)?;
    logs::check(call.world, &place, &trail)?;
    let answer = shown(call.world, &place, &trail);
    if let Some(owner) = call.world.account(&place.account) {
        owner.regions.entry(place.home).or_default().cloudtrail.trails.insert(name, trail);
    }
    Ok(answer)
}

fn update_trail(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (place, _) = changeable(call, "Name")?;
    logs::deliver(call.world, &place);
    let (place, mut trail) = changeable(call, "Name")?;
    if let Some(wanted) = call.flag("IsOrganizationTrail") {
        needs::conversion(call, trail.organization, wanted)?;
    }
    overlay(call, &mut trail)?;
    if ["S3BucketName", "S3KeyPrefix", "KmsKeyId", "IsOrganizationTrail"]
        .iter()
        .any(|member| call.input.get(*member).is_some())
    {
        needs::check(call.world, &place, &trail)?;
    }
    if ["CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn"].iter().any(|member| call.text(member).is_some()) {
        logs::check(call.world, &place, &trail)?;
    }
    let answer = shown(call.world, &place, &trail);
    if let Some(kept) = place.trail(call.world) {
        *kept = trail;
    }
    Ok(answer)
}

fn delete_trail(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (place, _) = changeable(call, "Name")?;
    if let Some(owner) = call.world.account(&place.account) {
        owner.regions.entry(place.home).or_default().cloudtrail.trails.remove(&place.name);
    }
    Ok(json!({}))
}

fn describe_trails(call: &mut Call<'_>) -> Result<Value, Fault> {
    let shadows = call.flag("includeShadowTrails").or(call.flag("IncludeShadowTrails")).unwrap_or(true);
    let mut names = call.texts("trailNameList");
    names.extend(call.texts("TrailNameList"));
    let (account, region) = (call.account, call.region);
    let mut all = seen_in(call.world, account, region);
    let world = &call.world;
    all.retain(|(place, _)| {
        (shadows || (place.home == region && place.account == account))
            && (names.is_empty()
                || names.contains(&place.arn(world))
                || (names.contains(&place.name) && place.home == region && place.account == account))
    });
    let all: Vec<Value> = all.iter().map(|(place, trail)| described(world, place, trail)).collect();
    Ok(json!({ "trailList": all }))
}

fn list_trails(call: &mut Call<'_>) -> Result<Value, Fault> {
    let account = call.account;
    let all = seen(call.world, account);
    let shown = |(place, _): &(Place, Trail)| json!({"TrailARN": place.arn(call.world), "Name": place.name, "HomeRegion": place.home});
    Ok(json!({ "Trails": all.iter().map(shown).collect::<Vec<_>>() }))
}

fn get_trail(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (place, trail) = place(call, "Name")?;
    Ok(json!({ "Trail": described(call.world, &place, &trail) }))
}
