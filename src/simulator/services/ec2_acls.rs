//! EC2's network ACLs: entries in the order of their numbers, of which the first that fits decides.

use super::ec2::dry;
use super::ec2_network::{Network, absent, id, invalid, network, paged, passes, shown_tags, tags_for};
use crate::fault::Fault;
use crate::front::Call;
use crate::world::World;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A network ACL.
#[derive(Clone, Debug, Serialize)]
pub struct Acl {
    vpc: String,
    is_default: bool,
    /// By direction and number; out is `true`.
    entries: Vec<Value>,
    tags: BTreeMap<String, String>,
}

/// The last entry of each direction, which nobody can change: what no other lets through is refused.
const LAST: i64 = 32_767;

fn entry(egress: bool, number: i64, action: &str) -> Value {
    json!({"Egress": egress, "RuleNumber": number, "RuleAction": action, "Protocol": "-1", "CidrBlock": "0.0.0.0/0"})
}

impl Acl {
    /// The one that comes with a VPC lets everything through; one that is made lets nothing.
    fn new(vpc: &str, is_default: bool, tags: BTreeMap<String, String>) -> Self {
        let mut entries = vec![entry(false, LAST, "deny"), entry(true, LAST, "deny")];
        if is_default {
            entries.extend([entry(false, 100, "allow"), entry(true, 100, "allow")]);
        }
        Self { vpc: vpc.to_owned(), is_default, entries, tags }
    }

    fn find(&self, call: &Call<'_>) -> Option<usize> {
        let (egress, number) = (call.flag("Egress"), call.number("RuleNumber"));
        let meant = |one: &Value| one["Egress"].as_bool() == egress && one["RuleNumber"].as_i64() == number;
        self.entries.iter().position(meant)
    }
}

/// The ACL that comes with a VPC.
pub(super) fn with_vpc(world: &mut World, network: &mut Network, vpc: &str) {
    let id = id(world, "acl");
    network.acls.insert(id, Acl::new(vpc, true, BTreeMap::new()));
}

/// Every subnet has the default one until somebody says otherwise.
fn shown(id: &str, acl: &Acl, owner: &str, network: &Network) -> Value {
    let mut entries = acl.entries.clone();
    entries.sort_by_key(|one| (one["Egress"].as_bool(), one["RuleNumber"].as_i64()));
    let subnets = network.subnets.iter().filter(|(_, subnet)| acl.is_default && subnet.vpc == acl.vpc);
    let associations: Vec<Value> = subnets.map(|(subnet, _)| json!({"NetworkAclId": id, "SubnetId": subnet})).collect();
    json!({"NetworkAclId": id, "VpcId": acl.vpc, "IsDefault": acl.is_default, "OwnerId": owner, "Entries": entries,
        "Associations": associations, "Tags": shown_tags(&acl.tags)})
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let vpc = call.need("VpcId")?.to_owned();
    if !network(call).vpcs.contains_key(&vpc) {
        return Err(absent("InvalidVpcID.NotFound", "vpc", &vpc));
    }
    let (id, acl) = (id(call.world, "acl"), Acl::new(&vpc, false, tags_for(call, "network-acl")));
    let owner = call.account;
    let network = network(call);
    network.acls.insert(id.clone(), acl.clone());
    Ok(json!({ "NetworkAcl": shown(&id, &acl, owner, network) }))
}

pub(super) fn describe(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let (owner, named) = (call.account, call.texts("NetworkAclIds"));
    let network = network(call).clone();
    if let Some(unknown) = named.iter().find(|id| !network.acls.contains_key(*id)) {
        return Err(absent("InvalidNetworkAclID.NotFound", "networkAcl", unknown));
    }
    let mut all = vec![];
    for (id, acl) in network.acls.iter().filter(|(id, _)| named.is_empty() || named.contains(id)) {
        let has = |name: &str| match name {
            "network-acl-id" => Some(vec![id.clone()]),
            "vpc-id" => Some(vec![acl.vpc.clone()]),
            "owner-id" => Some(vec![owner.to_owned()]),
            "default" => Some(vec![acl.is_default.to_string()]),
            _ => None,
        };
        if passes(call, &has)? {
            all.push(shown(id, acl, owner, &network));
        }
    }
    paged(call, "NetworkAcls", all)
}

/// The entry that a request describes. Names of protocols become their numbers.
fn asked(call: &Call<'_>) -> Result<Value, Fault> {
    let number = call.number("RuleNumber").filter(|number| (1..LAST).contains(number));
    let number = number.ok_or_else(|| invalid("The rule number is from 1 to 32766"))?;
    let protocol = call.need("Protocol")?.to_lowercase();
    let protocol = match protocol.as_str() {
        "tcp" => "6",
        "udp" => "17",
        "icmp" => "1",
        "all" => "-1",
        other => other,
    };
    let mut entry = json!({"Egress": call.flag("Egress"), "RuleNumber": number, "Protocol": protocol,
        "RuleAction": call.need("RuleAction")?});
    match (call.text("CidrBlock"), call.text("Ipv6CidrBlock")) {
        (Some(cidr), None) => entry["CidrBlock"] = json!(cidr),
        (None, Some(cidr)) => entry["Ipv6CidrBlock"] = json!(cidr),
        _ => return Err(Fault::new(400, "MissingParameter", "Either cidrBlock or ipv6CidrBlock has to be given")),
    }
    let ports = call.input.get("PortRange").cloned();
    match (["6", "17"].contains(&protocol), ports) {
        (true, Some(ports)) => entry["PortRange"] = ports,
        (true, None) => return Err(Fault::new(400, "MissingParameter", "TCP and UDP need a range of ports")),
        (false, _) => {}
    }
    Ok(entry)
}

fn acl<'c>(call: &'c mut Call<'_>) -> Result<&'c mut Acl, Fault> {
    let id = call.need("NetworkAclId")?.to_owned();
    network(call).acls.get_mut(&id).ok_or_else(|| absent("InvalidNetworkAclID.NotFound", "networkAcl", &id))
}

pub(super) fn create_entry(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let entry = asked(call)?;
    if acl(call)?.clone().find(call).is_some() {
        let message = format!("The network acl entry identified by {} already exists.", entry["RuleNumber"]);
        return Err(Fault::new(400, "NetworkAclEntryAlreadyExists", message));
    }
    acl(call)?.entries.push(entry);
    Ok(json!({}))
}

pub(super) fn replace_entry(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let entry = asked(call)?;
    let place = acl(call)?.clone().find(call).ok_or_else(|| unknown(call))?;
    acl(call)?.entries[place] = entry;
    Ok(json!({}))
}

pub(super) fn delete_entry(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let place = acl(call)?.clone().find(call).filter(|_| call.number("RuleNumber") != Some(LAST));
    let place = place.ok_or_else(|| unknown(call))?;
    acl(call)?.entries.remove(place);
    Ok(json!({}))
}

fn unknown(call: &Call<'_>) -> Fault {
    let number = call.number("RuleNumber").unwrap_or_default();
    let message = format!("The network acl entry identified by {number} does not exist.");
    Fault::new(400, "InvalidNetworkAclEntry.NotFound", message)
}
