//! EC2's flow logs: what VPCs record of their traffic, and where it goes.

use super::ec2::dry;
use super::ec2_network::{absent, id, invalid, network, paged, passes, shown_tags, tags_for};
use crate::fault::Fault;
use crate::front::Call;
use crate::iam::{Check, Context, Document, Sort, may, service_may};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A flow log.
#[derive(Clone, Debug, Serialize)]
pub struct FlowLog {
    resource: String,
    traffic: String,
    kind: String,
    destination: String,
    /// The role that delivers, where one does.
    role: Option<String>,
    interval: i64,
    created: i64,
    tags: BTreeMap<String, String>,
}

const DELIVERY: &str = "delivery.logs.amazonaws.com";
const S3: &str = "s3";

fn parameter(message: &str) -> Fault {
    Fault::new(400, "InvalidParameter", message)
}

/// What is asked for, but for the resource.
fn asked(call: &Call<'_>) -> Result<FlowLog, Fault> {
    let kind = call.text("LogDestinationType").unwrap_or("cloud-watch-logs").to_owned();
    let role = call.text("DeliverLogsPermissionArn").map(str::to_owned);
    let group = call.text("LogGroupName").map(|name| call_group(call, name));
    let destination = call.text("LogDestination").map(str::to_owned).or(group);
    let destination = destination.ok_or_else(|| parameter("LogDestination or LogGroupName has to be given"))?;
    match (kind.as_str(), &role) {
        (S3, Some(_)) => return Err(parameter("DeliverLogsPermissionArn is not applicable for s3 delivery")),
        ("cloud-watch-logs", None) => {
            let message = "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs.";
            return Err(parameter(message));
        }
        _ => {}
    }
    let interval = call.number("MaxAggregationInterval").unwrap_or(600);
    if ![60, 600].contains(&interval) {
        return Err(parameter("Invalid Flow Log Max Aggregation Interval"));
    }
    let traffic = call.text("TrafficType").ok_or_else(|| Fault::new(400, "MissingParameter", "TrafficType"))?;
    let (traffic, tags) = (traffic.to_owned(), tags_for(call, "vpc-flow-log"));
    Ok(FlowLog { resource: String::new(), traffic, kind, destination, role, interval, created: call.now(), tags })
}

fn call_group(call: &Call<'_>, name: &str) -> String {
    format!("arn:{}:logs:{}:{}:log-group:{name}", call.world.partition, call.region, call.account)
}

/// What could not be done for a resource is said of it in an answer that is none of a failure.
pub(super) fn create(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    if call.text("ResourceType") != Some("VPC") {
        return Err(invalid("The simulator records VPCs alone"));
    }
    let (resources, asked) = (call.texts("ResourceIds"), asked(call)?);
    if let Some(unknown) = resources.iter().find(|id| !network(call).vpcs.contains_key(*id)) {
        return Err(absent("InvalidVpcId.NotFound", "vpc", unknown));
    }
    let (mut made, mut unsuccessful) = (vec![], vec![]);
    for resource in resources {
        let log = FlowLog { resource: resource.clone(), ..asked.clone() };
        let same = |known: &FlowLog| {
            (&known.resource, &known.traffic, &known.destination) == (&log.resource, &log.traffic, &log.destination)
        };
        let refused = if network(call).flow_logs.values().any(same) {
            let message = "Error. There is an existing Flow Log with the same configuration and log destination.";
            Some(("FlowLogAlreadyExists", message.to_owned()))
        } else {
            unreachable_bucket(call, &log).map(|message| ("400", message))
        };
        if let Some((code, message)) = refused {
            unsuccessful.push(json!({"ResourceId": resource, "Error": {"Code": code, "Message": message}}));
            continue;
        }
        let id = id(call.world, "fl");
        network(call).flow_logs.insert(id.clone(), log);
        made.push(id);
    }
    Ok(json!({"FlowLogIds": made, "Unsuccessful": unsuccessful}))
}

/// Why nothing can be delivered into the bucket, if so. Who makes a flow log into a bucket of the own account, and may
/// change its policy, has AWS add what is missing there.
fn unreachable_bucket(call: &mut Call<'_>, log: &FlowLog) -> Option<String> {
    if log.kind != S3 {
        return None;
    }
    let (_, path) = log.destination.split_once(":::")?;
    let (name, prefix) = path.split_once('/').unwrap_or((path, ""));
    let prefix = if prefix.is_empty() { String::new() } else { format!("{}/", prefix.trim_end_matches('/')) };
    let Some(bucket) = call.world.buckets.get(name).cloned() else {
        return Some(format!("LogDestination: {name} does not exist."));
    };
    let arn = format!("arn:{}:s3:::{name}", call.world.partition);
    let file = format!("{arn}/{prefix}AWSLogs/{}/vpcflowlogs/{}/log.gz", call.account, call.region);
    let of_source = |mut context: Context| {
        let source = format!("arn:{}:logs:{}:{}:*", call.world.partition, call.region, call.account);
        context.set("aws:SourceAccount", call.account);
        context.set("aws:SourceArn", &source);
        context.set("s3:x-amz-acl", "bucket-owner-full-control");
        context
    };
    let context = of_source(Context::default());
    let policy = bucket.policy.as_ref().and_then(|text| Document::parse(text, Sort::Resource).ok());
    let lets_in = policy.is_some_and(|policy| {
        service_may(&policy, DELIVERY, "s3:PutObject", &file, &context)
            && service_may(&policy, DELIVERY, "s3:GetBucketAcl", &arn, &context)
    });
    if lets_in {
        return None;
    }
    let check = |action: &str| Check {
        action: action.to_owned(),
        resource: arn.clone(),
        policy: bucket.policy.clone().map(|text| (text, Sort::Resource)),
        decides: false,
        owner: bucket.owner.clone(),
    };
    let own = bucket.owner == call.account && bucket.policy.is_none();
    if own && ["s3:GetBucketPolicy", "s3:PutBucketPolicy"].iter().all(|action| may(call, &check(action))) {
        let service = json!({"Service": DELIVERY});
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Sid": "AWSLogDeliveryWrite", "Effect": "Allow", "Principal": service, "Action": "s3:PutObject",
             "Resource": format!("{arn}/{prefix}AWSLogs/{}/*", call.account)},
            {"Sid": "AWSLogDeliveryAclCheck", "Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl",
             "Resource": arn},
        ]});
        if let Some(bucket) = call.world.buckets.get_mut(name) {
            bucket.policy = Some(policy.to_string());
        }
        return None;
    }
    Some(format!("Access Denied for LogDestination: {name}. Please check LogDestination permission"))
}

/// What a role that is not there, or that does not trust the service, should deliver does not arrive.
fn fails(call: &mut Call<'_>, log: &FlowLog) -> bool {
    let Some(role) = &log.role else { return false };
    let name = role.rsplit('/').next().unwrap_or_default().to_owned();
    let roles = &call.mine().iam.roles;
    roles.get(&name).is_none_or(|role| !role.trust.contains("vpc-flow-logs.amazonaws.com"))
}

pub(super) fn describe(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let named = call.texts("FlowLogIds");
    // The list of filters has another name here than everywhere else.
    let filters = call.input.get("Filter").cloned();
    if let (Some(filters), Some(input)) = (filters, call.input.as_object_mut()) {
        input.insert("Filters".to_owned(), filters);
    }
    let mut all = vec![];
    for (id, log) in network(call).flow_logs.clone() {
        let fails = fails(call, &log);
        let status = if fails { "FAILED" } else { "SUCCESS" };
        let has = |name: &str| match name {
            "flow-log-id" => Some(vec![id.clone()]),
            "resource-id" => Some(vec![log.resource.clone()]),
            "traffic-type" => Some(vec![log.traffic.clone()]),
            "deliver-log-status" => Some(vec![status.to_owned()]),
            _ => name.strip_prefix("tag:").map(|key| log.tags.get(key).cloned().into_iter().collect()),
        };
        if !passes(call, &has)? || !(named.is_empty() || named.contains(&id)) {
            continue;
        }
        let mut shown = json!({"FlowLogId": id, "FlowLogStatus": "ACTIVE", "ResourceId": log.resource,
            "TrafficType": log.traffic, "LogDestinationType": log.kind, "LogDestination": log.destination,
            "MaxAggregationInterval": log.interval, "DeliverLogsStatus": status, "CreationTime": log.created,
            "Tags": shown_tags(&log.tags)});
        if let Some((_, group)) = log.destination.split_once(":log-group:") {
            shown["LogGroupName"] = json!(group);
        }
        if let Some(role) = &log.role {
            shown["DeliverLogsPermissionArn"] = json!(role);
        }
        if fails {
            shown["DeliverLogsErrorMessage"] = json!("Access error");
        }
        all.push(shown);
    }
    paged(call, "FlowLogs", all)
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let mut unsuccessful = vec![];
    for id in call.texts("FlowLogIds") {
        if network(call).flow_logs.remove(&id).is_none() {
            let error = json!({"Code": "InvalidFlowLogId.NotFound", "Message": "These flow log ids do not exist."});
            unsuccessful.push(json!({"ResourceId": id, "Error": error}));
        }
    }
    Ok(json!({ "Unsuccessful": unsuccessful }))
}
