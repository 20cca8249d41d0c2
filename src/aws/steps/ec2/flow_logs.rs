//! Flow logs that are made.

use serde::{Deserialize, Serialize};

use super::write;
use crate::ec2::Request;
use crate::observe::ec2::call;
use crate::observe::ec2::vpcs::{LIST_FLOW_LOGS, flow_logs};
use crate::observe::{Call, ReadError};
use crate::ownership::MANAGED;
use crate::steps::undo::ec2_networks::DeleteFlowLogs;
use crate::steps::writer::done_on;
use crate::steps::{Atom, Step, Undo, Writer};
use crate::target::{Partition, Target};

const CREATE: Call = call("CreateFlowLogs", "ec2:CreateFlowLogs");
/// What says that there is one of the same traffic to the same place.
const THERE: &str = "FlowLogAlreadyExists";
const BILLS: &str = "flow logs bill by what they deliver, and what keeps them bills besides";

/// The traffic that is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schemars(inline)]
pub enum Traffic {
    /// What was let through.
    Accept,
    /// What was refused.
    Reject,
    /// Both.
    All,
}

impl Traffic {
    /// The word of the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Accept => "ACCEPT",
            Self::Reject => "REJECT",
            Self::All => "ALL",
        }
    }
}

/// What is recorded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    /// The VPC.
    pub vpc: String,
    /// Of which traffic.
    pub traffic: Traffic,
    /// Seconds that are put together into one record at most.
    pub interval: u32,
    /// The address that the flow log is tagged with.
    pub address: String,
}

/// The ARNs of the flow logs of a region: the id of one that is made is not known before.
pub(in crate::steps) fn flow_log_arns(at: &Target, partition: &Partition) -> Vec<String> {
    let region = at.region.as_ref().map_or("*", |region| region.as_str());
    vec![format!("arn:{partition}:ec2:{region}:{}:vpc-flow-log/*", at.account)]
}

/// Whether a flow log is the one that trueup made for an address.
pub(in crate::steps) async fn ours(writer: &Writer, vpc: &str, address: &str) -> Result<Vec<String>, ReadError> {
    let logs = flow_logs(&writer.session, &writer.at, Some(vpc)).await?;
    let made = logs.into_iter().filter(|log| log.address.as_deref() == Some(address));
    Ok(made.map(|log| log.id).collect())
}

impl Recording {
    async fn make(&self, writer: &Writer, told: impl FnOnce(Request) -> Request) -> Result<(), ReadError> {
        if !ours(writer, &self.vpc, &self.address).await?.is_empty() {
            return Ok(());
        }
        let back = DeleteFlowLogs { vpc: self.vpc.clone(), address: self.address.clone() };
        let asked = |request: Request| {
            let request = request.with("ResourceType", "VPC").with_all("ResourceId", [&self.vpc]);
            let request =
                request.with("TrafficType", self.traffic.word()).with("MaxAggregationInterval", self.interval);
            let request = request.with("TagSpecification.1.ResourceType", "vpc-flow-log");
            let request = request.with("TagSpecification.1.Tag.1.Key", MANAGED);
            told(request.with("TagSpecification.1.Tag.1.Value", &self.address))
        };
        let undo = Undo::by(Step::DeleteFlowLogs(back));
        done_on(write(writer, &CREATE, undo, asked).await, &[THERE])
    }

    fn says(&self, place: &str) -> String {
        let Self { vpc, traffic, interval, .. } = self;
        format!("CreateFlowLogs of {vpc}, {} to {place}, put together over {interval} seconds", traffic.word())
    }
}

/// Records a VPC into a bucket of S3.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordIntoBucket {
    /// What is recorded.
    pub recording: Recording,
    /// The ARN of the bucket, with what its objects begin with.
    pub destination: String,
}

impl Atom for RecordIntoBucket {
    const CALLS: &'static [Call] = &[LIST_FLOW_LOGS, CREATE];
    const DEPENDENT: &'static [&'static str] = &["ec2:CreateTags", "logs:CreateLogDelivery", "logs:DeleteLogDelivery"];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let told =
            |request: Request| request.with("LogDestinationType", "s3").with("LogDestination", &self.destination);
        self.recording.make(writer, told).await
    }

    fn says(&self) -> String {
        self.recording.says(&self.destination)
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        if action.starts_with("logs:") { vec!["*".to_owned()] } else { flow_log_arns(at, partition) }
    }

    fn cost(&self) -> Option<&'static str> {
        Some(BILLS)
    }

    fn undo(&self) -> String {
        "DeleteFlowLogs".to_owned()
    }
}

/// Records a VPC into a log group of CloudWatch Logs, by a role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordIntoLogGroup {
    /// What is recorded.
    pub recording: Recording,
    /// The name of the log group. It is made by what delivers, where it is not there.
    pub log_group: String,
    /// The ARN of the role by which it is delivered.
    pub role: String,
}

impl Atom for RecordIntoLogGroup {
    const CALLS: &'static [Call] = &[LIST_FLOW_LOGS, CREATE];
    const DEPENDENT: &'static [&'static str] = &["ec2:CreateTags", "iam:PassRole"];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let told = |request: Request| {
            let request = request.with("LogDestinationType", "cloud-watch-logs").with("LogGroupName", &self.log_group);
            request.with("DeliverLogsPermissionArn", &self.role)
        };
        self.recording.make(writer, told).await
    }

    fn says(&self) -> String {
        self.recording.says(&format!("the log group {} by {}", self.log_group, self.role))
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        if action == "iam:PassRole" { vec![self.role.clone()] } else { flow_log_arns(at, partition) }
    }

    fn cost(&self) -> Option<&'static str> {
        Some(BILLS)
    }

    fn undo(&self) -> String {
        "DeleteFlowLogs".to_owned()
    }
}
