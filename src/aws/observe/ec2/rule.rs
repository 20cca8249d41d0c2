//! A rule of a security group: one protocol, one range of ports and one source, as AWS counts rules.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ec2::{Element, Missing, Request};

/// Which way the traffic goes that a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Into what has the group.
    In,
    /// Out of it.
    Out,
}

/// Where traffic comes from, or goes to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Peer {
    /// Addresses of `IPv4`.
    Ipv4(String),
    /// Addresses of `IPv6`.
    Ipv6(String),
    /// A list of addresses.
    PrefixList(String),
    /// What has a security group.
    Group {
        /// Its id.
        id: String,
        /// The account that it is in, where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        account: Option<String>,
    },
}

/// A rule of a security group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Rule {
    /// The protocol: a name, a number, or `-1` for all.
    pub protocol: String,
    /// The first port, or the type of ICMP; none: it says nothing of ports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<i32>,
    /// The last port, or the code of ICMP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<i32>,
    /// Where from, or where to.
    pub peer: Peer,
    /// What somebody wrote beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// The protocol of a rule that is about all of them.
const ALL: &str = "-1";

impl Rule {
    /// Whether it lets these through: TCP or UDP of a port. Other protocols have no ports.
    #[must_use]
    pub fn covers(&self, port: u16) -> bool {
        match self.protocol.as_str() {
            ALL => true,
            "tcp" | "6" | "udp" | "17" => self.ports().is_none_or(|(from, to)| (from..=to).contains(&i32::from(port))),
            _ => false,
        }
    }

    /// Whether it is about these ports and no other.
    #[must_use]
    pub fn is_only_of(&self, ports: &[u16]) -> bool {
        let meant = |port: i32| ports.iter().any(|known| i32::from(*known) == port);
        self.protocol != ALL && self.ports().is_some_and(|(from, to)| (from..=to).all(meant))
    }

    /// The range of ports; none: all of them.
    fn ports(&self) -> Option<(i32, i32)> {
        let (from, to) = (self.from?, self.to?);
        (from >= 0 && to >= 0).then_some((from, to))
    }

    /// Whether AWS would call it the same rule: what is written beside it makes no difference.
    #[must_use]
    pub fn is_as(&self, other: &Self) -> bool {
        let told = |rule: &Self| (rule.protocol.clone(), rule.from, rule.to);
        let same = match (&self.peer, &other.peer) {
            (Peer::Group { id, .. }, Peer::Group { id: other, .. }) => id == other,
            (one, other) => one == other,
        };
        told(self) == told(other) && same
    }

    /// The rules of a permission, one for each peer.
    ///
    /// # Errors
    /// It lacks what it has to have.
    pub(super) fn of(permission: &Element) -> Result<Vec<Self>, Missing> {
        let number = |name: &str| match permission.text(name) {
            None => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| Missing(format!("{name} that is a number"))),
        };
        let (protocol, from, to) = (permission.need("ipProtocol")?.to_owned(), number("fromPort")?, number("toPort")?);
        let mut rules = vec![];
        for (list, name) in [
            ("ipRanges", "cidrIp"),
            ("ipv6Ranges", "cidrIpv6"),
            ("prefixListIds", "prefixListId"),
            ("groups", "groupId"),
        ] {
            for item in permission.items(list) {
                let named = item.need(name)?.to_owned();
                let peer = match name {
                    "cidrIp" => Peer::Ipv4(named),
                    "cidrIpv6" => Peer::Ipv6(named),
                    "prefixListId" => Peer::PrefixList(named),
                    _ => Peer::Group { id: named, account: item.text("userId").map(str::to_owned) },
                };
                let description = item.text("description").map(str::to_owned);
                rules.push(Self { protocol: protocol.clone(), from, to, peer, description });
            }
        }
        Ok(rules)
    }

    /// A request with rules as permissions, each by itself. What is written beside a rule says nothing of which one is
    /// meant, so it is said only where rules are made.
    pub(crate) fn told(rules: &[Self], described: bool, request: Request) -> Request {
        rules.iter().zip(1u32..).fold(request, |request, (rule, number)| {
            let at = format!("IpPermissions.{number}");
            let request = request
                .with(&format!("{at}.IpProtocol"), &rule.protocol)
                .with_some(&format!("{at}.FromPort"), rule.from)
                .with_some(&format!("{at}.ToPort"), rule.to);
            let (list, request) = match &rule.peer {
                Peer::Ipv4(cidr) => ("IpRanges", request.with(&format!("{at}.IpRanges.1.CidrIp"), cidr)),
                Peer::Ipv6(cidr) => ("Ipv6Ranges", request.with(&format!("{at}.Ipv6Ranges.1.CidrIpv6"), cidr)),
                Peer::PrefixList(id) => {
                    ("PrefixListIds", request.with(&format!("{at}.PrefixListIds.1.PrefixListId"), id))
                }
                Peer::Group { id, account } => {
                    let request = request.with(&format!("{at}.Groups.1.GroupId"), id);
                    ("Groups", request.with_some(&format!("{at}.Groups.1.UserId"), account.as_ref()))
                }
            };
            let description = rule.description.as_ref().filter(|_| described);
            request.with_some(&format!("{at}.{list}.1.Description"), description)
        })
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let protocol = if self.protocol == ALL { "everything" } else { &self.protocol };
        f.write_str(protocol)?;
        match (self.from, self.to) {
            (Some(from), Some(to)) if from == to && from >= 0 => write!(f, " {from}")?,
            (Some(from), Some(to)) if from >= 0 => write!(f, " {from}-{to}")?,
            _ => {}
        }
        match &self.peer {
            Peer::Ipv4(named) | Peer::Ipv6(named) | Peer::PrefixList(named) => write!(f, " for {named}"),
            Peer::Group { id, .. } => write!(f, " for {id}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(protocol: &str, ports: Option<(i32, i32)>) -> Rule {
        let (from, to) = (ports.map(|(from, _)| from), ports.map(|(_, to)| to));
        let peer = Peer::Ipv4("0.0.0.0/0".to_owned());
        Rule { protocol: protocol.to_owned(), from, to, peer, description: None }
    }

    #[test]
    fn a_port_is_covered_by_its_protocols_names_numbers_and_ranges() {
        for (protocol, ports, covers) in [
            ("-1", None, true),
            ("tcp", Some((22, 22)), true),
            ("6", Some((0, 65_535)), true),
            ("udp", Some((20, 22)), true),
            ("17", Some((22, 23)), true),
            ("tcp", None, true),
            ("tcp", Some((-1, -1)), true),
            ("tcp", Some((23, 65_535)), false),
            ("tcp", Some((0, 21)), false),
            ("icmp", Some((22, 22)), false),
            ("icmp", Some((-1, -1)), false),
            ("50", None, false),
        ] {
            assert_eq!(rule(protocol, ports).covers(22), covers, "{protocol} {ports:?}");
        }
    }

    #[test]
    fn only_a_range_of_nothing_else_is_only_of_the_ports() {
        for (protocol, ports, only) in [
            ("tcp", Some((22, 22)), true),
            ("udp", Some((3389, 3389)), true),
            ("tcp", Some((22, 23)), false),
            ("tcp", None, false),
            ("tcp", Some((-1, -1)), false),
            ("-1", None, false),
            ("-1", Some((22, 22)), false),
        ] {
            assert_eq!(rule(protocol, ports).is_only_of(&[22, 3389]), only, "{protocol} {ports:?}");
        }
        assert!(rule("tcp", Some((22, 23))).is_only_of(&[23, 22]));
    }

    #[test]
    fn what_is_written_beside_a_rule_makes_it_no_other() {
        let one = Rule { description: Some("jump host".to_owned()), ..rule("tcp", Some((22, 22))) };
        assert!(one.is_as(&rule("tcp", Some((22, 22)))));
        assert!(!one.is_as(&rule("tcp", Some((22, 23)))) && !one.is_as(&rule("udp", Some((22, 22)))));
        let of = |account: Option<&str>| Rule {
            peer: Peer::Group { id: "sg-1".to_owned(), account: account.map(str::to_owned) },
            ..rule("-1", None)
        };
        assert!(of(None).is_as(&of(Some("111122223333"))));
    }
}
