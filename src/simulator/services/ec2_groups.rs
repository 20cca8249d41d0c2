//! EC2's security groups.

use super::ec2::dry;
use super::ec2_network::{absent, id, invalid, network, paged, passes, shown_tags, tags_for};
use super::ec2_rules::{self as rules, Rule};
use crate::fault::Fault;
use crate::front::Call;
use crate::world::World;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A security group.
#[derive(Clone, Debug, Serialize)]
pub struct Group {
    pub(super) name: String,
    description: String,
    pub(super) vpc: String,
    pub(super) inbound: Vec<Rule>,
    pub(super) outbound: Vec<Rule>,
    tags: BTreeMap<String, String>,
}

const DEFAULT: &str = "default";

impl Group {
    /// The group that comes with a VPC lets its own members in, and everything out.
    pub(super) fn default_of(world: &mut World, vpc: &str, own: &str) -> Self {
        Self {
            name: DEFAULT.to_owned(),
            description: "default VPC security group".to_owned(),
            vpc: vpc.to_owned(),
            inbound: vec![Rule::all(world, "GroupId", own)],
            outbound: vec![Rule::all(world, "CidrIp", "0.0.0.0/0")],
            tags: BTreeMap::new(),
        }
    }

    pub(super) fn is_default(&self) -> bool {
        self.name == DEFAULT
    }
}

fn unknown(id: &str) -> Fault {
    Fault::new(400, "InvalidGroup.NotFound", format!("The security group '{id}' does not exist"))
}

/// What is made of a group that lets nothing in, and everything out.
pub(super) fn create(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let (name, description) = (call.need("GroupName")?.to_owned(), call.need("Description")?.to_owned());
    let named = call.text("VpcId").map(str::to_owned);
    let known = network(call);
    let vpc = named
        .or_else(|| known.default_vpc().cloned())
        .ok_or_else(|| Fault::new(400, "VPCIdNotSpecified", "No default VPC for this user"))?;
    if !known.vpcs.contains_key(&vpc) {
        return Err(absent("InvalidVpcID.NotFound", "vpc", &vpc));
    }
    if name.eq_ignore_ascii_case(DEFAULT) {
        return Err(invalid("Cannot use reserved security group name: default"));
    }
    if known.groups.values().any(|group| group.vpc == vpc && group.name == name) {
        let message = format!("The security group '{name}' already exists for VPC '{vpc}'");
        return Err(Fault::new(400, "InvalidGroup.Duplicate", message));
    }
    let tags = tags_for(call, "security-group");
    let outbound = vec![Rule::all(call.world, "CidrIp", "0.0.0.0/0")];
    let id = id(call.world, "sg");
    let group = Group { name, description, vpc, inbound: vec![], outbound, tags };
    let answer = json!({"GroupId": id, "SecurityGroupArn": call.arn(&format!("security-group/{id}"))});
    network(call).groups.insert(id, group);
    Ok(answer)
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let id = call.need("GroupId")?.to_owned();
    let network = network(call);
    let group = network.groups.get(&id).ok_or_else(|| unknown(&id))?;
    if group.is_default() {
        let message = format!("the specified group: \"{id}\" name: \"default\" cannot be deleted by a user");
        return Err(Fault::new(400, "CannotDelete", message));
    }
    if network.interfaces.values().any(|interface| interface.groups.contains(&id)) {
        return Err(Fault::new(400, "DependencyViolation", format!("resource {id} has a dependent object")));
    }
    network.groups.remove(&id);
    Ok(json!({"Return": true, "GroupId": id}))
}

pub(super) fn describe(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let (owner, named) = (call.account, call.texts("GroupIds"));
    let groups = network(call).groups.clone();
    if let Some(absent) = named.iter().find(|id| !groups.contains_key(*id)) {
        return Err(unknown(absent));
    }
    let mut all = vec![];
    for (id, group) in groups.iter().filter(|(id, _)| named.is_empty() || named.contains(id)) {
        let has = |name: &str| match name {
            "group-id" => Some(vec![id.clone()]),
            "group-name" => Some(vec![group.name.clone()]),
            "vpc-id" => Some(vec![group.vpc.clone()]),
            "owner-id" => Some(vec![owner.to_owned()]),
            _ => None,
        };
        if passes(call, &has)? {
            all.push(json!({"GroupId": id, "GroupName": group.name, "Description": group.description,
                "OwnerId": owner, "VpcId": group.vpc, "Tags": shown_tags(&group.tags),
                "SecurityGroupArn": call.arn(&format!("security-group/{id}")),
                "IpPermissions": rules::shown(&group.inbound, owner),
                "IpPermissionsEgress": rules::shown(&group.outbound, owner)}));
        }
    }
    paged(call, "SecurityGroups", all)
}

/// Which way the traffic goes that a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    In,
    Out,
}

fn of(group: &mut Group, way: Way) -> &mut Vec<Rule> {
    match way {
        Way::In => &mut group.inbound,
        Way::Out => &mut group.outbound,
    }
}

/// The rules that a request names, each with an id of its own.
fn asked(call: &mut Call<'_>) -> Result<Vec<Rule>, Fault> {
    let mut permissions = call.list("IpPermissions").to_vec();
    if let Some(protocol) = call.text("IpProtocol") {
        permissions.push(json!({"IpProtocol": protocol, "FromPort": call.number("FromPort"),
            "ToPort": call.number("ToPort"), "IpRanges": [{"CidrIp": call.text("CidrIp")}]}));
    }
    let mut asked = vec![];
    for permission in &permissions {
        asked.extend(rules::of(call.world, permission)?);
    }
    let account = call.account;
    let known = network(call);
    for rule in &asked {
        let (kind, name) = (rule.source.0, &rule.source.1);
        let own = rule.owner.as_deref().is_none_or(|owner| owner == account);
        if kind == "GroupId" && own && !known.groups.contains_key(name) {
            return Err(unknown(name));
        }
        if kind == "PrefixListId" && !known.prefix_lists.contains_key(name) {
            return Err(absent("InvalidPrefixListID.NotFound", "prefix list", name));
        }
    }
    Ok(asked)
}

pub(super) fn authorize(call: &mut Call<'_>, way: Way) -> Result<Value, Fault> {
    dry(call)?;
    let id = call.need("GroupId")?.to_owned();
    let asked = asked(call)?;
    if asked.is_empty() {
        return Err(Fault::new(400, "MissingParameter", "Either 'ipPermissions' or a source should be provided."));
    }
    let owner = call.account;
    let group = network(call).groups.get_mut(&id).ok_or_else(|| unknown(&id))?;
    let rules = of(group, way);
    if let Some(twice) = asked.iter().find(|rule| rules.iter().any(|known| known.is_as(rule))) {
        let message = format!("the specified rule \"{}\" already exists", twice.words());
        return Err(Fault::new(400, "InvalidPermission.Duplicate", message));
    }
    rules.extend(asked.iter().cloned());
    let made: Vec<Value> = asked.iter().map(|rule| rule.alone(&id, owner, way == Way::Out)).collect();
    Ok(json!({"Return": true, "SecurityGroupRules": made}))
}

/// In a default VPC rules that are not there are shown as not known; elsewhere nothing is revoked then.
pub(super) fn revoke(call: &mut Call<'_>, way: Way) -> Result<Value, Fault> {
    dry(call)?;
    let (id, ids) = (call.need("GroupId")?.to_owned(), call.texts("SecurityGroupRuleIds"));
    let asked = asked(call)?;
    if asked.is_empty() && ids.is_empty() {
        return Err(Fault::new(400, "MissingParameter", "Either 'ipPermissions' or rule ids should be provided."));
    }
    let owner = call.account;
    let network = network(call);
    let default_vpc = network.default_vpc().cloned();
    let group = network.groups.get_mut(&id).ok_or_else(|| unknown(&id))?;
    let forgives = default_vpc.as_ref() == Some(&group.vpc);
    let rules = of(group, way);
    if let Some(absent) = ids.iter().find(|id| rules.iter().all(|rule| rule.id != **id)) {
        let message = format!("The security group rule ID '{absent}' does not exist");
        return Err(Fault::new(400, "InvalidSecurityGroupRuleId.NotFound", message));
    }
    let lacking: Vec<Rule> =
        asked.iter().filter(|rule| rules.iter().all(|known| !known.is_as(rule))).cloned().collect();
    if !lacking.is_empty() && !forgives {
        let message = "The specified rule does not exist in this security group.";
        return Err(Fault::new(400, "InvalidPermission.NotFound", message));
    }
    rules.retain(|known| !ids.contains(&known.id) && asked.iter().all(|rule| !known.is_as(rule)));
    let mut answer = json!({ "Return": true });
    if !lacking.is_empty() {
        answer["UnknownIpPermissions"] = json!(rules::shown(&lacking, owner));
    }
    Ok(answer)
}
