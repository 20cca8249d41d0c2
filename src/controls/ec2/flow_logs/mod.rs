//! `ec2.flow_logs`: what each VPC refuses, or lets through, is recorded.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::references;
use crate::control::{Context, Contradiction, Control, Meta, Needs, Notes, Requirement, Runs, Severity};
use crate::controls::Yes;
use crate::controls::log_bucket::control_towers;
use crate::drift::{Fix, Judged};
use crate::observe::ec2::vpcs::{Destination as Needed, FlowLog, Recorded, RecordedAsked, Vpc};
use crate::observe::iam::RoleExists;
use crate::observe::s3::BucketExists;
use crate::observe::{Home, Observe as _, Readable, Reads};
use crate::ownership::{control_tower, is_control_towers};
use crate::steps::Step;
use crate::steps::ec2::{RecordIntoBucket, RecordIntoLogGroup, Recording, Traffic, first_few};
use crate::target::{Object, Target};

/// See the module.
pub struct FlowLogs;

/// What the VPCs that the account owns record of their traffic.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// Require that each VPC has a flow log that delivers, wherever it delivers to.
    recorded: Option<Yes>,
    /// The traffic that has to be recorded. Left out, it is what was refused. A flow log of all traffic is enough for
    /// either.
    traffic: Option<Traffic>,
    /// Where apply has the flow logs deliver that it makes. Left out, a person makes them.
    destination: Option<Destination>,
    /// Seconds that the flow logs which apply makes put together into one record at most.
    #[schemars(extend("enum" = [60, INTERVAL], "default" = INTERVAL))]
    max_aggregation_interval: Option<u32>,
}

/// A bucket, or a log group with the role that delivers. `{account}` and `{region}` may stand in each.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
struct Destination {
    /// The name of a bucket, whose policy has to let `delivery.logs.amazonaws.com` in before.
    #[schemars(length(min = 3, max = 63))]
    bucket: Option<String>,
    /// What the names of objects in the bucket begin with.
    #[schemars(length(min = 1, max = 512))]
    prefix: Option<String>,
    /// The name of a log group of `CloudWatch Logs`.
    #[schemars(length(min = 1, max = 512))]
    log_group: Option<String>,
    /// The role of each account by which it is delivered, with its path; it has to trust `vpc-flow-logs.amazonaws.com`.
    #[schemars(length(min = 1, max = 576))]
    role: Option<String>,
}

/// Where it goes, once it is known that the settings make sense.
enum Place<'a> {
    Bucket(&'a str, Option<&'a str>),
    LogGroup(&'a str, &'a str),
}

impl Settings {
    fn place(&self) -> Option<Place<'_>> {
        let Destination { bucket, prefix, log_group, role } = self.destination.as_ref()?;
        match (bucket, log_group, role) {
            (Some(bucket), None, None) => Some(Place::Bucket(bucket, prefix.as_deref())),
            (None, Some(log_group), Some(role)) if prefix.is_none() => Some(Place::LogGroup(log_group, role)),
            _ => None,
        }
    }

    fn traffic(&self) -> Traffic {
        self.traffic.unwrap_or(Traffic::Reject)
    }

    /// What has to be there before a flow log that is made can deliver. A log group AWS makes itself.
    fn needed(&self, context: &Context<'_>) -> Option<Needed> {
        let named = |template: &str| context.named(template, context.at.region.as_ref().unwrap_or(context.home_region));
        Some(match self.place()? {
            Place::Bucket(bucket, _) => Needed::Bucket(named(bucket)),
            Place::LogGroup(_, role) => {
                let role = named(role);
                Needed::Role(role.rsplit_once('/').map_or(role.as_str(), |(_, name)| name).to_owned())
            }
        })
    }
}

const INTERVAL: u32 = 600;

impl Control for FlowLogs {
    const META: Meta = Meta {
        id: "ec2.flow_logs",
        title: "VPCs record their traffic",
        why: "Who scanned the network, and what an intruder talked to from inside, is nowhere to be found afterwards \
              unless it was recorded. What was refused is the least that is worth keeping.",
        runs: Runs::EveryRegion,
        requirements: &[Requirement {
            id: "ec2.flow_logs.recorded",
            title: "The VPC has a flow log of the wanted traffic that delivers",
            severity: Severity::Medium,
            references: references::FLOW_LOGS,
        }],
        steps: &["RecordIntoBucket", "RecordIntoLogGroup"],
    };
    const NOTES: Notes = Notes {
        costs: &[
            "Flow logs bill by the gigabyte that they deliver, and what keeps them bills besides. What was refused \
             is a small part of all traffic.",
        ],
        disturbs: &[],
        undo: &["The flow log that was made is deleted. What it has delivered stays."],
        traps: &[
            "A bucket or a role that is not there keeps flow logs from being made: they are `blocked`, and the plan names \
             it. A log group AWS makes by itself.",
            "A bucket has to let `delivery.logs.amazonaws.com` in before: CreateFlowLogs is refused otherwise. AWS adds \
             that to the policy by itself only where the bucket is the account's own and who creates the flow log may \
             change its policy, which trueup may not.",
            "A role that cannot deliver is found out later: the flow log is there, and its delivery fails. That is said, \
             and left to a person.",
            "A flow log cannot be changed: where one records less than is wanted, another is made beside it.",
            "Flow logs of subnets and network interfaces do not count. A VPC that another account shares is judged there.",
            "A VPC that is made later has no flow log until the next apply.",
        ],
    };
    type Settings = Settings;
    type Observed = Recorded;

    fn key(context: &Context<'_>, wanted: &Settings) -> RecordedAsked {
        RecordedAsked { traffic: wanted.traffic().word().to_owned(), destination: wanted.needed(context) }
    }

    fn required(wanted: &Settings) -> Vec<&'static str> {
        wanted.recorded.map(|Yes| "recorded").into_iter().collect()
    }

    fn evaluate(context: &Context<'_>, seen: &Recorded, wanted: &Settings) -> Vec<Judged> {
        if wanted.recorded.is_none() {
            return vec![];
        }
        let missing = missing(context, seen, wanted);
        let each = seen.vpcs.iter().map(|vpc| judge(context, vpc, &seen.flow_logs, wanted, missing.as_ref()));
        each.chain(unread(context, seen, wanted)).collect()
    }

    fn needs(wanted: &Settings, _: Home) -> Needs {
        let (steps, names, looks) = match wanted.place() {
            Some(Place::Bucket(bucket, _)) => {
                (vec!["RecordIntoBucket"], vec![("s3:bucket", bucket.to_owned())], BucketExists::NAME)
            }
            Some(Place::LogGroup(_, role)) => {
                (vec!["RecordIntoLogGroup"], vec![("iam:role", role.to_owned())], RoleExists::NAME)
            }
            None => (vec![], vec![], ""),
        };
        let asked =
            |reads: &Reads| ![BucketExists::NAME, RoleExists::NAME].contains(&reads.name) || reads.name == looks;
        let reads = Reads::of::<Recorded>().closure().into_iter().filter(asked).collect();
        Needs { reads, steps, names, ..Needs::default() }
    }

    fn contradiction(wanted: &Settings) -> Option<Contradiction> {
        (wanted.destination.is_some() && wanted.place().is_none()).then_some(Contradiction {
            setting: "destination",
            words: "a destination is a `bucket`, with a `prefix` or without, or a `log_group` with its `role`",
            mend: "name the one or the other",
        })
    }
}

/// What a flow log delivers to, or by, as an object that others may make.
fn destination(context: &Context<'_>, needed: Needed) -> Object {
    let account = context.at.account.clone();
    match needed {
        Needed::Bucket(name) => {
            let at = Target { account, region: Some(context.home_region.clone()) };
            Object { at, kind: "s3.bucket".to_owned(), name }
        }
        Needed::Role(name) => Object { at: Target { account, region: None }, kind: "iam.role".to_owned(), name },
    }
}

/// What has to be there first, where it is not known to be.
fn missing(context: &Context<'_>, seen: &Recorded, wanted: &Settings) -> Option<Object> {
    let there = matches!(seen.destination, None | Some(Readable::Read(true)));
    wanted.needed(context).filter(|_| !there).map(|needed| destination(context, needed))
}

/// That it could not be read whether the destination is there, where that matters.
fn unread(context: &Context<'_>, seen: &Recorded, wanted: &Settings) -> Option<Judged> {
    let Some(Readable::Unreadable(error)) = &seen.destination else { return None };
    let object = destination(context, wanted.needed(context)?);
    Some(Judged::unknown(object, FlowLogs::META.requirement("recorded").id, json!("recorded"), error))
}

fn judge(context: &Context<'_>, vpc: &Vpc, logs: &[FlowLog], wanted: &Settings, missing: Option<&Object>) -> Judged {
    let bench = context.object(const { &FlowLogs::META }, &vpc.id);
    let mut bench = bench.owned_by(control_tower(&vpc.id, Some(&vpc.signs))).signed(Some(&vpc.signs));
    let traffic = wanted.traffic().word();
    let own: Vec<&FlowLog> = logs.iter().filter(|log| log.resource == vpc.id && log.active).collect();
    let (enough, less): (Vec<&FlowLog>, Vec<&FlowLog>) =
        own.into_iter().partition(|log| log.traffic == traffic || log.traffic == Traffic::All.word());
    let delivers = enough.iter().any(|log| log.fails.is_none());
    let failing: Vec<String> = enough
        .iter()
        .filter_map(|log| Some(format!("the delivery of {} fails: {}", log.id, log.fails.as_ref()?)))
        .collect();
    let observed = match (delivers, failing.is_empty()) {
        (true, _) => "recorded",
        (false, true) => "not recorded",
        (false, false) => "recorded, and not delivered",
    };
    bench.judge("recorded", delivers, json!(observed), json!("recorded"));
    if !delivers {
        let less: Vec<String> = less.iter().map(|log| format!("{} records {}", log.id, log.traffic)).collect();
        let said = if failing.is_empty() { less } else { failing.clone() };
        if !said.is_empty() {
            bench.because(first_few(&said));
        }
    }
    let object = Object { at: context.at.clone(), kind: FlowLogs::META.id.to_owned(), name: vpc.id.clone() };
    bench.mend(|| {
        if !failing.is_empty() {
            let words = "let it in there, or delete the flow log so that apply makes another";
            return Fix::Manual(format!("{}: {words}", first_few(&failing)));
        }
        record(context, &vpc.id, object.address(), wanted, missing)
    })
}

fn record(context: &Context<'_>, vpc: &str, address: String, wanted: &Settings, missing: Option<&Object>) -> Fix {
    let region = context.at.region.as_ref().unwrap_or(context.home_region);
    let named = |template: &str| context.named(template, region);
    let interval = wanted.max_aggregation_interval.unwrap_or(INTERVAL);
    let recording = Recording { vpc: vpc.to_owned(), traffic: wanted.traffic(), interval, address };
    let step = match wanted.place() {
        None => {
            let traffic = wanted.traffic().word();
            return Fix::Manual(format!(
                "make a flow log of {vpc} for the traffic {traffic}, or name in `destination` where apply shall have it \
                 delivered"
            ));
        }
        Some(Place::Bucket(bucket, prefix)) => {
            let prefix = prefix.map(|prefix| format!("/{}", named(prefix))).unwrap_or_default();
            let destination = format!("arn:{}:s3:::{}{prefix}", context.partition, named(bucket));
            Step::RecordIntoBucket(RecordIntoBucket { recording, destination })
        }
        // AWS makes a log group that is not there.
        Some(Place::LogGroup(log_group, _)) if is_control_towers(&named(log_group)) => {
            return Fix::Manual(control_towers(&named(log_group), "destination.log_group"));
        }
        Some(Place::LogGroup(log_group, role)) => {
            let role = format!("arn:{}:iam::{}:role/{}", context.partition, context.at.account, named(role));
            Step::RecordIntoLogGroup(RecordIntoLogGroup { recording, log_group: named(log_group), role })
        }
    };
    Fix::Steps { steps: vec![step], needs: missing.cloned().into_iter().collect() }
}

#[cfg(test)]
mod tests;
