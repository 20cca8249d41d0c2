//! What a trail delivers to a log group: what it checks of the group and of the role, and when something arrives.

use super::cloudtrail::{Place, Trail, fault};
use super::cloudtrail_needs::SERVICE;
use super::iam as roles;
use crate::fault::Fault;
use crate::front::Call;
use crate::iam::{self, Check, Context, Document, Sort, service_may};
use crate::world::{Caller, Principal, Session, World};
use serde_json::{Value, json};

/// Seconds between deliveries, and until the first.
const EVERY: i64 = 300;
/// The size of an event.
const EVENT: usize = 1500;

const GROUP: &str = "InvalidCloudWatchLogsLogGroupArnException";
const ROLE: &str = "InvalidCloudWatchLogsRoleArnException";

/// Lays the group and the role of a call over those of a trail: each is named only with the other, and both go at once.
pub(super) fn overlay(call: &Call<'_>, trail: &mut Trail) -> Result<(), Fault> {
    let sent = (call.text("CloudWatchLogsLogGroupArn"), call.text("CloudWatchLogsRoleArn"));
    if sent == (None, None) {
        return Ok(());
    }
    let (group, role) = trail.group.clone().unwrap_or_default();
    let after = (sent.0.map_or(group, str::to_owned), sent.1.map_or(role, str::to_owned));
    trail.group = match (after.0.is_empty(), after.1.is_empty()) {
        (true, true) => None,
        (false, true) => return Err(fault(ROLE, "You must specify a role ARN as well as a log group.")),
        (true, false) => return Err(fault(GROUP, "You must specify a log group as well as a role ARN.")),
        (false, false) => Some(after),
    };
    trail.group_since = trail.group.as_ref().map(|_| call.now());
    (trail.group_delivered, trail.group_error) = (None, None);
    Ok(())
}

/// The name in the ARN of a log group that ends with a star, if it is one of this account and region.
fn name<'a>(world: &World, place: &Place, arn: &'a str) -> Option<&'a str> {
    let front = format!("arn:{}:logs:{}:{}:log-group:", world.partition, place.home, place.account);
    arn.strip_prefix(&front)?.strip_suffix(":*").filter(|name| !name.contains(':'))
}

/// The streams that a trail writes.
fn streams(world: &World, place: &Place, trail: &Trail) -> Vec<String> {
    let own = format!("{}_CloudTrail_{}", place.account, place.home);
    let organization = world.organization.as_ref().filter(|_| trail.organization);
    organization.map(|organization| format!("{}_{own}", organization.id)).into_iter().chain([own.clone()]).collect()
}

/// Whether the log group is there, and the role lets `CloudTrail` write to it.
pub(super) fn check(world: &mut World, place: &Place, trail: &Trail) -> Result<(), Fault> {
    let Some((group, role)) = &trail.group else { return Ok(()) };
    let unknown = || fault(GROUP, "Check the log group ARN: CloudTrail can't validate it.");
    let found = name(world, place, group).ok_or_else(unknown)?.to_owned();
    let here = world.account(&place.account).and_then(|account| account.regions.get(&place.home));
    if !here.is_some_and(|region| region.logs.groups.contains_key(&found)) {
        return Err(unknown());
    }
    let untrusted = || fault(ROLE, "Access denied. Check the trust relationships for your role.");
    let session = assumed(world, place, role).ok_or_else(untrusted)?;
    for stream in streams(world, place, trail) {
        let resource = format!("{}log-stream:{stream}", group.trim_end_matches('*'));
        for action in ["logs:CreateLogStream", "logs:PutLogEvents"] {
            let check = Check {
                action: action.to_owned(),
                resource: resource.clone(),
                policy: None,
                decides: false,
                owner: place.account.clone(),
            };
            let context = iam::caller_context(world, &session, &place.home);
            if iam::weigh(world, &session, &check, &context).is_err() {
                return Err(fault(GROUP, "Access denied. Verify in IAM that the role has adequate permissions."));
            }
        }
    }
    Ok(())
}

/// The session that `CloudTrail` has of a role; none where the role is not there or does not trust it.
fn assumed(world: &mut World, place: &Place, arn: &str) -> Option<Caller> {
    let role = roles::name_of(arn).to_owned();
    if roles::role_arn(world, &place.account, &role) != arn {
        return None;
    }
    let found = world.account(&place.account)?.iam.roles.get(&role)?.clone();
    let trust = Document::parse(&found.trust, Sort::Trust).ok()?;
    let context = Context::default()
        .with("aws:SourceArn", place.arn(world))
        .with("aws:SourceAccount", place.account.clone())
        .with("aws:PrincipalIsAWSService", "true");
    if !service_may(&trust, SERVICE, "sts:AssumeRole", arn, &context) {
        return None;
    }
    let name = "CloudTrail".to_owned();
    Some(Caller {
        account: place.account.clone(),
        arn: format!("arn:{}:sts::{}:assumed-role/{role}/{name}", world.partition, place.account),
        id: format!("{}:{name}", found.id),
        principal: Principal::Role(Session { role, name, policy: None, policy_arns: vec![] }),
    })
}

/// Delivers what is due by now. What stands in the way is known at the next delivery, and is gone at the one after.
pub(super) fn deliver(world: &mut World, place: &Place) {
    let Some(trail) = place.trail(world).cloned() else { return };
    let (Some((group, _)), Some(since)) = (&trail.group, trail.group_since.max(trail.started)) else { return };
    let due = since + (world.now() - since) / EVERY * EVERY;
    if !trail.logging || due <= since || trail.group_delivered.is_some_and(|last| last >= due) {
        return;
    }
    if let Err(refused) = check(world, place, &trail) {
        let error =
            if refused.message.starts_with("Check the log group") { "ResourceNotFound" } else { "AccessDenied" };
        if let Some(kept) = place.trail(world) {
            kept.group_error = Some(error.to_owned());
        }
        return;
    }
    let (name, streams) = (name(world, place, group).map(str::to_owned), streams(world, place, &trail));
    let here = world.account(&place.account).and_then(|account| account.regions.get_mut(&place.home));
    let group = here.zip(name).and_then(|(region, name)| region.logs.groups.get_mut(&name));
    if let Some(group) = group {
        for stream in streams {
            let stream = group.streams.entry(stream).or_default();
            stream.created = if stream.created == 0 { due * 1000 } else { stream.created };
            stream.take((due - EVERY) * 1000, due * 1000, EVENT);
        }
    }
    if let Some(kept) = place.trail(world) {
        (kept.group_delivered, kept.group_error) = (Some(due), None);
    }
}

/// What the status of a trail says of its log group.
pub(super) fn status(world: &mut World, place: &Place, shown: &mut Value) {
    deliver(world, place);
    let Some(trail) = place.trail(world) else { return };
    if let Some(time) = trail.group_delivered {
        shown["LatestCloudWatchLogsDeliveryTime"] = json!(time);
    }
    if let Some(error) = &trail.group_error {
        shown["LatestCloudWatchLogsDeliveryError"] = json!(error);
    }
}
