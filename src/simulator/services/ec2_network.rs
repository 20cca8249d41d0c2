//! EC2's networks: what AWS puts into each region of an account, and what is made besides.

use super::ec2::dry;
use super::ec2_acls::{self as acls, Acl};
use super::ec2_flow_logs::FlowLog;
use super::ec2_groups::Group;
use super::ec2_instances::Instance;
use super::paging;
use crate::fault::Fault;
use crate::front::Call;
use crate::world::World;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What an account has of networks in one region.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Network {
    pub(super) vpcs: BTreeMap<String, Vpc>,
    pub(super) subnets: BTreeMap<String, Subnet>,
    pub(super) groups: BTreeMap<String, Group>,
    pub(super) interfaces: BTreeMap<String, Interface>,
    pub(super) prefix_lists: BTreeMap<String, PrefixList>,
    pub(super) acls: BTreeMap<String, Acl>,
    pub(super) flow_logs: BTreeMap<String, FlowLog>,
    pub(super) instances: BTreeMap<String, Instance>,
}

/// A virtual private cloud.
#[derive(Clone, Debug, Serialize)]
pub struct Vpc {
    pub(super) cidr: String,
    /// AWS made it, for who names none.
    pub(super) is_default: bool,
    pub(super) tags: BTreeMap<String, String>,
}

/// A part of one, in one zone.
#[derive(Clone, Debug, Serialize)]
pub struct Subnet {
    pub(super) vpc: String,
    cidr: String,
    zone: String,
    is_default: bool,
}

/// A network interface.
#[derive(Clone, Debug, Serialize)]
pub struct Interface {
    pub(super) subnet: String,
    pub(super) vpc: String,
    pub(super) groups: Vec<String>,
    pub(super) description: String,
    /// The instance that it is attached to.
    pub(super) instance: Option<String>,
}

/// A list of address ranges that rules refer to.
#[derive(Clone, Debug, Serialize)]
pub struct PrefixList {
    name: String,
    family: String,
    entries: Vec<Value>,
}

/// What the caller's account has of networks in the call's region: from the start a default VPC with a subnet in each
/// zone. Its ids depend on account and region alone, so that it makes no difference who looks first.
pub(super) fn network<'c>(call: &'c mut Call<'_>) -> &'c mut Network {
    if call.here().ec2.network.is_none() {
        let seed = call.account.bytes().chain(call.region.bytes());
        let seed =
            seed.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let shared = std::mem::replace(&mut call.world.random, seed);
        let made = of_aws(call.world, call.region);
        call.world.random = shared;
        call.here().ec2.network = Some(made);
    }
    call.here().ec2.network.get_or_insert_default()
}

fn of_aws(world: &mut World, region: &str) -> Network {
    let mut network = Network::default();
    let vpc = network.add(world, Vpc { cidr: "172.31.0.0/16".to_owned(), is_default: true, tags: BTreeMap::new() });
    for (number, zone) in ["a", "b", "c"].iter().enumerate() {
        let (cidr, zone) = (format!("172.31.{}.0/20", 16 * number), format!("{region}{zone}"));
        network.subnets.insert(id(world, "subnet"), Subnet { vpc: vpc.clone(), cidr, zone, is_default: true });
    }
    network
}

impl Network {
    /// A VPC comes with a default group and a network ACL.
    fn add(&mut self, world: &mut World, vpc: Vpc) -> String {
        let (made, group) = (id(world, "vpc"), id(world, "sg"));
        self.groups.insert(group.clone(), Group::default_of(world, &made, &group));
        self.vpcs.insert(made.clone(), vpc);
        acls::with_vpc(world, self, &made);
        made
    }

    pub(super) fn default_vpc(&self) -> Option<&String> {
        self.vpcs.iter().find(|(_, vpc)| vpc.is_default).map(|(id, _)| id)
    }

    fn default_group(&self, vpc: &str) -> Option<&String> {
        self.groups.iter().find(|(_, group)| group.vpc == vpc && group.is_default()).map(|(id, _)| id)
    }
}

pub(super) fn id(world: &mut World, kind: &str) -> String {
    format!("{kind}-{}", world.hex(17))
}

/// What is not there, as EC2 says it.
pub(super) fn absent(code: &str, kind: &str, id: &str) -> Fault {
    Fault::new(400, code, format!("The {kind} ID '{id}' does not exist"))
}

pub(super) fn invalid(message: impl Into<String>) -> Fault {
    Fault::new(400, "InvalidParameterValue", message)
}

/// The tags that a request gives to what it makes of this type.
pub(super) fn tags_for(call: &Call<'_>, kind: &str) -> BTreeMap<String, String> {
    let meant = call.list("TagSpecifications").iter().filter(|one| one["ResourceType"] == kind);
    let tags = meant.flat_map(|one| one["Tags"].as_array().into_iter().flatten());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    tags.map(|tag| (text(&tag["Key"]), text(&tag["Value"]))).collect()
}

pub(super) fn shown_tags(tags: &BTreeMap<String, String>) -> Vec<Value> {
    tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}

/// Whether what a filter is about has one of the values that it names; a filter that is not known is refused.
pub(super) type Has<'a> = &'a dyn Fn(&str) -> Option<Vec<String>>;

pub(super) fn passes(call: &Call<'_>, has: Has<'_>) -> Result<bool, Fault> {
    for filter in call.list("Filters") {
        let name = filter["Name"].as_str().unwrap_or_default();
        let values = has(name).ok_or_else(|| invalid(format!("The filter '{name}' is invalid")))?;
        let wanted = filter["Values"].as_array().map_or(&[][..], Vec::as_slice);
        if !wanted.iter().any(|wanted| values.iter().any(|value| wanted == value)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// One page of a list under its name.
pub(super) fn paged(call: &Call<'_>, name: &str, all: Vec<Value>) -> Result<Value, Fault> {
    let size = call.number("MaxResults").and_then(|size| usize::try_from(size).ok()).unwrap_or(all.len().max(1));
    let (page, next) =
        paging::page(all, size, call.text("NextToken")).ok_or_else(|| invalid("The token is invalid"))?;
    let mut answer = json!({ name: page });
    if let Some(next) = next {
        answer["NextToken"] = json!(next);
    }
    Ok(answer)
}

pub(super) fn create_vpc(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let cidr = call.text("CidrBlock").ok_or_else(|| invalid("Either 'cidrBlock' or a pool has to be given"))?;
    let vpc = Vpc { cidr: cidr.to_owned(), is_default: false, tags: tags_for(call, "vpc") };
    let mut network = network(call).clone();
    let id = network.add(call.world, vpc.clone());
    *self::network(call) = network;
    Ok(json!({ "Vpc": shown_vpc(call.account, &id, &vpc) }))
}

fn shown_vpc(owner: &str, id: &str, vpc: &Vpc) -> Value {
    json!({"VpcId": id, "OwnerId": owner, "CidrBlock": vpc.cidr, "IsDefault": vpc.is_default, "State": "available",
        "InstanceTenancy": "default", "Tags": shown_tags(&vpc.tags)})
}

pub(super) fn describe_vpcs(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let (owner, named) = (call.account, call.texts("VpcIds"));
    let vpcs = network(call).vpcs.clone();
    if let Some(unknown) = named.iter().find(|id| !vpcs.contains_key(*id)) {
        return Err(absent("InvalidVpcID.NotFound", "vpc", unknown));
    }
    let mut all = vec![];
    for (id, vpc) in vpcs.iter().filter(|(id, _)| named.is_empty() || named.contains(id)) {
        let has = |name: &str| match name {
            "vpc-id" => Some(vec![id.clone()]),
            "owner-id" => Some(vec![owner.to_owned()]),
            "is-default" => Some(vec![vpc.is_default.to_string()]),
            _ => None,
        };
        if passes(call, &has)? {
            all.push(shown_vpc(owner, id, vpc));
        }
    }
    paged(call, "Vpcs", all)
}

pub(super) fn create_subnet(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let (vpc, cidr) = (call.need("VpcId")?.to_owned(), call.text("CidrBlock").unwrap_or_default().to_owned());
    let zone = call.text("AvailabilityZone").map_or_else(|| format!("{}a", call.region), str::to_owned);
    if !network(call).vpcs.contains_key(&vpc) {
        return Err(absent("InvalidVpcID.NotFound", "vpc", &vpc));
    }
    let (id, subnet) = (id(call.world, "subnet"), Subnet { vpc, cidr, zone, is_default: false });
    network(call).subnets.insert(id.clone(), subnet.clone());
    Ok(json!({ "Subnet": shown_subnet(call.account, &id, &subnet) }))
}

fn shown_subnet(owner: &str, id: &str, subnet: &Subnet) -> Value {
    json!({"SubnetId": id, "VpcId": subnet.vpc, "OwnerId": owner, "CidrBlock": subnet.cidr, "State": "available",
        "AvailabilityZone": subnet.zone, "DefaultForAz": subnet.is_default})
}

pub(super) fn describe_subnets(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let owner = call.account;
    let mut all = vec![];
    for (id, subnet) in network(call).subnets.clone() {
        let has = |name: &str| match name {
            "subnet-id" => Some(vec![id.clone()]),
            "vpc-id" => Some(vec![subnet.vpc.clone()]),
            "default-for-az" => Some(vec![subnet.is_default.to_string()]),
            _ => None,
        };
        if passes(call, &has)? {
            all.push(shown_subnet(owner, &id, &subnet));
        }
    }
    paged(call, "Subnets", all)
}

/// An interface in a subnet; without a group it gets the default group of the VPC.
pub(super) fn attach(
    call: &mut Call<'_>,
    subnet: &str,
    groups: Vec<String>,
    description: String,
    instance: Option<String>,
) -> Result<(String, Interface), Fault> {
    let made = id(call.world, "eni");
    let network = network(call);
    let vpc = network.subnets.get(subnet).map(|subnet| subnet.vpc.clone());
    let vpc = vpc.ok_or_else(|| absent("InvalidSubnetID.NotFound", "subnet", subnet))?;
    let groups = if groups.is_empty() { network.default_group(&vpc).cloned().into_iter().collect() } else { groups };
    if let Some(unknown) = groups.iter().find(|group| !network.groups.contains_key(*group)) {
        return Err(Fault::new(400, "InvalidGroup.NotFound", format!("The security group '{unknown}' does not exist")));
    }
    let interface = Interface { subnet: subnet.to_owned(), vpc, groups, description, instance };
    network.interfaces.insert(made.clone(), interface.clone());
    Ok((made, interface))
}

pub(super) fn create_interface(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let (subnet, groups) = (call.need("SubnetId")?.to_owned(), call.texts("Groups"));
    let description = call.text("Description").unwrap_or_default().to_owned();
    let (id, interface) = attach(call, &subnet, groups, description, None)?;
    let shown = shown_interface(call, &id, &interface);
    Ok(json!({ "NetworkInterface": shown }))
}

fn shown_interface(call: &mut Call<'_>, id: &str, interface: &Interface) -> Value {
    let owner = call.account;
    let known = &network(call).groups;
    let groups = interface
        .groups
        .iter()
        .map(|group| json!({"GroupId": group, "GroupName": known.get(group).map(|group| group.name.clone())}));
    let groups: Vec<Value> = groups.collect();
    let mut shown = json!({"NetworkInterfaceId": id, "SubnetId": interface.subnet, "VpcId": interface.vpc,
        "OwnerId": owner, "Description": interface.description, "Groups": groups, "InterfaceType": "interface",
        "RequesterManaged": false, "Status": "available"});
    if let Some(instance) = &interface.instance {
        shown["Attachment"] = json!({"InstanceId": instance, "InstanceOwnerId": owner, "Status": "attached"});
        shown["Status"] = json!("in-use");
    }
    shown
}

pub(super) fn describe_interfaces(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let named = call.texts("NetworkInterfaceIds");
    let mut all = vec![];
    for (id, interface) in network(call).interfaces.clone() {
        let has = |name: &str| match name {
            "network-interface-id" => Some(vec![id.clone()]),
            "group-id" => Some(interface.groups.clone()),
            "vpc-id" => Some(vec![interface.vpc.clone()]),
            "subnet-id" => Some(vec![interface.subnet.clone()]),
            _ => None,
        };
        if passes(call, &has)? && (named.is_empty() || named.contains(&id)) {
            all.push(shown_interface(call, &id, &interface));
        }
    }
    paged(call, "NetworkInterfaces", all)
}

pub(super) fn create_prefix_list(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let (name, family) = (call.need("PrefixListName")?.to_owned(), call.need("AddressFamily")?.to_owned());
    let entries = call.list("Entries").to_vec();
    let id = id(call.world, "pl");
    let shown = json!({"PrefixListId": id, "PrefixListName": name, "AddressFamily": family, "OwnerId": call.account,
        "State": "create-complete", "MaxEntries": call.number("MaxEntries"), "Version": 1});
    network(call).prefix_lists.insert(id, PrefixList { name, family, entries });
    Ok(json!({ "PrefixList": shown }))
}

pub(super) fn prefix_list_entries(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let id = call.need("PrefixListId")?.to_owned();
    let entries = network(call).prefix_lists.get(&id).map(|list| list.entries.clone());
    let entries = entries.ok_or_else(|| absent("InvalidPrefixListID.NotFound", "prefix list", &id))?;
    paged(call, "Entries", entries)
}
