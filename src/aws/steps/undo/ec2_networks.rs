//! What undoes a write to the networks of EC2.

use serde::{Deserialize, Serialize};

use super::{Extent, Stands, Undo, Undoing, gone};
use crate::observe::ec2::call;
use crate::observe::ec2::groups::{LIST_GROUPS, group};
use crate::observe::ec2::rule::{Rule, Way};
use crate::observe::ec2::vpcs::LIST_FLOW_LOGS;
use crate::observe::{Call, ReadError};
use crate::steps::Writer;
use crate::steps::ec2::{flow_log_arns, group_arn, lacking, ours, write};
use crate::target::{Partition, Target};

const AUTHORIZE_IN: Call = call("AuthorizeSecurityGroupIngress", "ec2:AuthorizeSecurityGroupIngress");
const AUTHORIZE_OUT: Call = call("AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupEgress");

/// The rules of a group that it lacks; none where the group is not there any more.
async fn lacks(writer: &Writer, way: Way, id: &str, rules: &[Rule]) -> Result<Option<Vec<Rule>>, ReadError> {
    let now = group(&writer.session, &writer.at, id).await?;
    Ok(now.map(|group| lacking(rules, group.rules(way))))
}

async fn authorize(writer: &Writer, (way, call): (Way, &Call), id: &str, rules: &[Rule]) -> Result<(), ReadError> {
    let missing = lacks(writer, way, id, rules).await?.unwrap_or_default();
    if missing.is_empty() {
        return Ok(());
    }
    let told = |request: crate::ec2::Request| Rule::told(&missing, true, request.with("GroupId", id));
    write(writer, call, Undo::again(), told).await
}

async fn standing(writer: &Writer, way: Way, id: &str, rules: &[Rule]) -> Result<Stands, ReadError> {
    Ok(match lacks(writer, way, id, rules).await? {
        None => gone("the security group"),
        Some(missing) if missing.is_empty() => Stands::Undone,
        Some(_) => Stands::Open,
    })
}

fn says(operation: &str, group: &str, rules: &[Rule]) -> String {
    let rules: Vec<String> = rules.iter().map(ToString::to_string).collect();
    format!("{operation} of {} on {group}", rules.join(", "))
}

/// The rules of two writes, each once.
fn both(rules: &[Rule], earlier: &[Rule]) -> Vec<Rule> {
    rules.iter().cloned().chain(lacking(earlier, rules)).collect()
}

/// Lets in again what was taken away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuthorizeSecurityGroupIngress {
    /// The group.
    pub group: String,
    /// The rules that it had.
    pub rules: Vec<Rule>,
}

impl Undoing for AuthorizeSecurityGroupIngress {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[LIST_GROUPS, AUTHORIZE_IN];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        authorize(writer, (Way::In, &AUTHORIZE_IN), &self.group, &self.rules).await
    }

    fn says(&self) -> String {
        says("AuthorizeSecurityGroupIngress", &self.group, &self.rules)
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        group_arn(&self.group, at, partition)
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        let rules = both(&self.rules, &earlier.rules);
        (self.group == earlier.group).then(|| Self { group: self.group.clone(), rules })
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        standing(writer, Way::In, &self.group, &self.rules).await
    }
}

/// Lets out again what was taken away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuthorizeSecurityGroupEgress {
    /// The group.
    pub group: String,
    /// The rules that it had.
    pub rules: Vec<Rule>,
}

impl Undoing for AuthorizeSecurityGroupEgress {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[LIST_GROUPS, AUTHORIZE_OUT];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        authorize(writer, (Way::Out, &AUTHORIZE_OUT), &self.group, &self.rules).await
    }

    fn says(&self) -> String {
        says("AuthorizeSecurityGroupEgress", &self.group, &self.rules)
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        group_arn(&self.group, at, partition)
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        let rules = both(&self.rules, &earlier.rules);
        (self.group == earlier.group).then(|| Self { group: self.group.clone(), rules })
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        standing(writer, Way::Out, &self.group, &self.rules).await
    }
}

const DELETE_FLOW_LOGS: Call = call("DeleteFlowLogs", "ec2:DeleteFlowLogs");

/// Ends the flow log that was made. What it has delivered stays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeleteFlowLogs {
    /// The VPC that it records.
    pub vpc: String,
    /// The address that it is tagged with.
    pub address: String,
}

impl Undoing for DeleteFlowLogs {
    const EXTENT: Extent = Extent::Part;
    const TAKES_AWAY: bool = true;
    const CALLS: &'static [Call] = &[LIST_FLOW_LOGS, DELETE_FLOW_LOGS];
    const DEPENDENT: &'static [&'static str] = &["logs:DeleteLogDelivery"];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let made = ours(writer, &self.vpc, &self.address).await?;
        if made.is_empty() {
            return Ok(());
        }
        write(writer, &DELETE_FLOW_LOGS, Undo::again(), |request| request.with_all("FlowLogId", &made)).await
    }

    fn says(&self) -> String {
        format!("DeleteFlowLogs of the flow log that was made for {}", self.vpc)
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        if action.starts_with("logs:") { vec!["*".to_owned()] } else { flow_log_arns(at, partition) }
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        (self == earlier).then(|| self.clone())
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let made = ours(writer, &self.vpc, &self.address).await?;
        Ok(if made.is_empty() { Stands::Undone } else { Stands::Open })
    }
}
