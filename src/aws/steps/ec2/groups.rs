//! Rules of security groups that are taken away.

use serde::{Deserialize, Serialize};

use super::{first_few, write};
use crate::observe::ec2::call;
use crate::observe::ec2::groups::{LIST_GROUPS, group};
use crate::observe::ec2::rule::{Rule, Way};
use crate::observe::{Call, ReadError};
use crate::steps::undo::ec2_networks::{AuthorizeSecurityGroupEgress, AuthorizeSecurityGroupIngress};
use crate::steps::{Atom, Risk, Step, Undo, Writer};
use crate::target::{Partition, Target};

const REVOKE_IN: Call = call("RevokeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress");
const REVOKE_OUT: Call = call("RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupEgress");

/// The ARN of a security group.
pub(in crate::steps) fn group_arn(group: &str, at: &Target, partition: &Partition) -> Vec<String> {
    let region = at.region.as_ref().map_or("*", |region| region.as_str());
    vec![format!("arn:{partition}:ec2:{region}:{}:security-group/{group}", at.account)]
}

/// Those of these rules that are not among the others.
pub(in crate::steps) fn lacking(rules: &[Rule], among: &[Rule]) -> Vec<Rule> {
    rules.iter().filter(|rule| among.iter().all(|known| !known.is_as(rule))).cloned().collect()
}

/// Takes those of the rules away that are still there. A group that is gone lets nothing through.
async fn revoke(
    writer: &Writer,
    (way, call): (Way, &Call),
    id: &str,
    rules: &[Rule],
    back: impl Fn(Vec<Rule>) -> Step,
) -> Result<(), ReadError> {
    let there = || async {
        let now = group(&writer.session, &writer.at, id).await?;
        let now = now.as_ref().map_or(&[][..], |group| group.rules(way));
        let known = |rule: &&Rule| rules.iter().any(|meant| meant.is_as(rule));
        Ok(now.iter().filter(known).cloned().collect::<Vec<Rule>>())
    };
    let found = there().await?;
    if found.is_empty() {
        return Ok(());
    }
    let told = |request: crate::ec2::Request| Rule::told(&found, false, request.with("GroupId", id));
    match write(writer, call, Undo::by(back(found.clone())), told).await {
        // One of several that is not there any more keeps AWS from taking the others away.
        Err(error) if error.code.as_deref() == Some("InvalidPermission.NotFound") && there().await?.is_empty() => {
            Ok(())
        }
        other => other,
    }
}

fn says(operation: &str, group: &str, rules: &[Rule], users: &[String]) -> String {
    let rules: Vec<String> = rules.iter().map(ToString::to_string).collect();
    let hits = match users {
        [] => "no network interface has the group".to_owned(),
        users => format!("it is the group of {}", first_few(users)),
    };
    format!("{operation} of {} on {group}: {hits}", first_few(&rules))
}

/// Lets this in no more. Connections that stand may go on for a while.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RevokeSecurityGroupIngress {
    /// The group.
    pub group: String,
    /// The rules that are taken away.
    pub rules: Vec<Rule>,
    /// The network interfaces that have the group.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<String>,
}

impl Atom for RevokeSecurityGroupIngress {
    const CALLS: &'static [Call] = &[LIST_GROUPS, REVOKE_IN];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let back = |rules| {
            Step::AuthorizeSecurityGroupIngress(AuthorizeSecurityGroupIngress { group: self.group.clone(), rules })
        };
        revoke(writer, (Way::In, &REVOKE_IN), &self.group, &self.rules, back).await
    }

    fn says(&self) -> String {
        says("RevokeSecurityGroupIngress", &self.group, &self.rules, &self.users)
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        group_arn(&self.group, at, partition)
    }

    fn risk(&self) -> Risk {
        Risk::Disruptive
    }

    fn undo(&self) -> String {
        "AuthorizeSecurityGroupIngress with the rules that were taken away".to_owned()
    }
}

/// Lets this out no more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RevokeSecurityGroupEgress {
    /// The group.
    pub group: String,
    /// The rules that are taken away.
    pub rules: Vec<Rule>,
    /// The network interfaces that have the group.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<String>,
}

impl Atom for RevokeSecurityGroupEgress {
    const CALLS: &'static [Call] = &[LIST_GROUPS, REVOKE_OUT];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let back = |rules| {
            Step::AuthorizeSecurityGroupEgress(AuthorizeSecurityGroupEgress { group: self.group.clone(), rules })
        };
        revoke(writer, (Way::Out, &REVOKE_OUT), &self.group, &self.rules, back).await
    }

    fn says(&self) -> String {
        says("RevokeSecurityGroupEgress", &self.group, &self.rules, &self.users)
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        group_arn(&self.group, at, partition)
    }

    fn risk(&self) -> Risk {
        Risk::Disruptive
    }

    fn undo(&self) -> String {
        "AuthorizeSecurityGroupEgress with the rules that were taken away".to_owned()
    }
}
