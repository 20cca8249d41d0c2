//! The rules of EC2's security groups: each is one protocol, one range of ports and one source.

use super::ec2_network::{id, invalid};
use crate::fault::Fault;
use crate::world::World;
use serde::Serialize;
use serde_json::{Value, json};
use std::net::{Ipv4Addr, Ipv6Addr};

/// A rule of a security group.
#[derive(Clone, Debug, Serialize)]
pub struct Rule {
    pub(super) id: String,
    protocol: String,
    from: Option<i64>,
    to: Option<i64>,
    /// What the source is called in requests, and which one it is.
    pub(super) source: (&'static str, String),
    /// Whose the group is that is the source, where that was said.
    pub(super) owner: Option<String>,
    description: Option<String>,
}

/// The lists of sources, and what a source is called in each.
const SOURCES: [(&str, &str); 4] = [
    ("IpRanges", "CidrIp"),
    ("Ipv6Ranges", "CidrIpv6"),
    ("PrefixListIds", "PrefixListId"),
    ("UserIdGroupPairs", "GroupId"),
];

impl Rule {
    /// Everything, from one source.
    pub(super) fn all(world: &mut World, kind: &'static str, source: &str) -> Self {
        let (id, protocol) = (id(world, "sgr"), "-1".to_owned());
        Self { id, protocol, from: None, to: None, source: (kind, source.to_owned()), owner: None, description: None }
    }

    /// Whether it says the same; descriptions make no difference.
    pub(super) fn is_as(&self, other: &Self) -> bool {
        let ports = |rule: &Self| (rule.from, rule.to);
        self.protocol == other.protocol && ports(self) == ports(other) && self.source == other.source
    }

    pub(super) fn words(&self) -> String {
        let port = |port: Option<i64>| port.map_or_else(|| "ALL".to_owned(), |port| port.to_string());
        let protocol = if self.protocol == "-1" { "ALL".to_owned() } else { self.protocol.to_uppercase() };
        format!(
            "peer: {}, {protocol}, from port: {}, to port: {}, ALLOW",
            self.source.1,
            port(self.from),
            port(self.to)
        )
    }

    /// The rule by itself, as what adds it answers.
    pub(super) fn alone(&self, group: &str, owner: &str, outbound: bool) -> Value {
        let mut shown = json!({"SecurityGroupRuleId": self.id, "GroupId": group, "GroupOwnerId": owner,
            "IsEgress": outbound, "IpProtocol": self.protocol, "FromPort": self.from.unwrap_or(-1),
            "ToPort": self.to.unwrap_or(-1)});
        match self.source.0 {
            "CidrIp" => shown["CidrIpv4"] = json!(self.source.1),
            "GroupId" => shown["ReferencedGroupInfo"] = json!({"GroupId": self.source.1, "UserId": owner}),
            kind => shown[kind] = json!(self.source.1),
        }
        if let Some(description) = &self.description {
            shown["Description"] = json!(description);
        }
        shown
    }
}

/// The rules of a permission, one for each source.
pub(super) fn of(world: &mut World, permission: &Value) -> Result<Vec<Rule>, Fault> {
    let protocol = permission["IpProtocol"].as_str().unwrap_or_default().to_lowercase();
    let protocol = match protocol.as_str() {
        "6" => "tcp",
        "17" => "udp",
        "1" => "icmp",
        "58" => "icmpv6",
        "" => return Err(Fault::new(400, "MissingParameter", "The request must contain the parameter ipProtocol")),
        other => other,
    };
    let (mut from, mut to) = (permission["FromPort"].as_i64(), permission["ToPort"].as_i64());
    match (protocol, from, to) {
        ("tcp" | "udp", Some(first), Some(last)) if (0..=last).contains(&first) && last <= 65_535 => {}
        ("tcp" | "udp", Some(first), Some(last)) => {
            return Err(invalid(format!("Invalid value for portRange: {first}-{last}")));
        }
        ("tcp" | "udp", _, _) => {
            return Err(invalid("Invalid value for portRange. Must specify both from and to ports"));
        }
        ("icmp" | "icmpv6", _, _) => {}
        // Ports say nothing of all protocols, and of others than these.
        _ => (from, to) = (None, None),
    }
    let mut rules = vec![];
    for (list, kind) in SOURCES {
        for source in permission[list].as_array().into_iter().flatten() {
            let name = source[kind].as_str().unwrap_or_default().to_owned();
            if !fits(kind, &name) {
                return Err(invalid(format!("CIDR block {name} is malformed")));
            }
            let owner = source["UserId"].as_str().map(str::to_owned);
            let description = source["Description"].as_str().map(str::to_owned);
            let (id, protocol) = (id(world, "sgr"), protocol.to_owned());
            rules.push(Rule { id, protocol, from, to, source: (kind, name), owner, description });
        }
    }
    Ok(rules)
}

fn fits(kind: &str, source: &str) -> bool {
    let Some((address, length)) = source.split_once('/') else { return !kind.starts_with("Cidr") };
    let length = length.parse::<u8>().ok();
    match kind {
        "CidrIp" => address.parse::<Ipv4Addr>().is_ok() && length.is_some_and(|length| length <= 32),
        "CidrIpv6" => address.parse::<Ipv6Addr>().is_ok() && length.is_some_and(|length| length <= 128),
        _ => false,
    }
}

/// Rules as they are described: one permission for each protocol and range of ports, with all of its sources.
pub(super) fn shown(rules: &[Rule], owner: &str) -> Vec<Value> {
    let mut permissions: Vec<(&Rule, Value)> = vec![];
    for rule in rules {
        let same = |(known, _): &&mut (&Rule, Value)| {
            (&known.protocol, known.from, known.to) == (&rule.protocol, rule.from, rule.to)
        };
        if permissions.iter_mut().find(same).is_none() {
            let mut permission = json!({"IpProtocol": rule.protocol, "IpRanges": [], "Ipv6Ranges": [],
                "PrefixListIds": [], "UserIdGroupPairs": []});
            if let (Some(from), Some(to)) = (rule.from, rule.to) {
                permission["FromPort"] = json!(from);
                permission["ToPort"] = json!(to);
            }
            permissions.push((rule, permission));
        }
        let (list, kind) = SOURCES.iter().find(|(_, kind)| *kind == rule.source.0).unwrap_or(&SOURCES[0]);
        let mut source = json!({ *kind: rule.source.1 });
        if *kind == "GroupId" {
            source["UserId"] = json!(rule.owner.as_deref().unwrap_or(owner));
        }
        if let Some(description) = &rule.description {
            source["Description"] = json!(description);
        }
        if let Some((_, permission)) = permissions.iter_mut().find(same)
            && let Some(sources) = permission[*list].as_array_mut()
        {
            sources.push(source);
        }
    }
    permissions.into_iter().map(|(_, permission)| permission).collect()
}
