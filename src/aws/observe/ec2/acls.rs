//! The network ACLs of a region.

use serde::{Deserialize, Serialize};

use super::groups::EVERYBODY;
use super::{PAGE, call, known, list, signs};
use crate::ec2::{Element, Missing};
use crate::observe::{Call, Home, Observe, ReadError, Reader, Scope};
use crate::ownership::Signs;

/// An entry of a network ACL for what comes in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Entry {
    /// Its number: of those that fit, the lowest decides.
    pub number: u32,
    /// Whether it lets through or refuses.
    pub allows: bool,
    /// The number of the protocol, or `-1` for all.
    pub protocol: String,
    /// The first and the last port; none: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ports: Option<(u16, u16)>,
    /// Whose packets: addresses of one family.
    pub source: String,
}

/// A network ACL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acl {
    /// Its id.
    pub id: String,
    /// The VPC that it is of.
    pub vpc: String,
    /// The account that owns it.
    pub owner: String,
    /// The subnets that have it.
    pub subnets: Vec<String>,
    /// Its entries for what comes in, by number.
    pub inbound: Vec<Entry>,
    /// What its tags say of who looks after it.
    pub signs: Signs,
}

/// TCP and UDP, as entries name them.
const WITH_PORTS: [&str; 2] = ["6", "17"];

impl Acl {
    /// The entries by which everybody of one family, by TCP or by UDP, reaches one of these ports, by number. Of all
    /// that are about everybody and the port, the lowest decides.
    #[must_use]
    pub fn open(&self, ports: &[u16]) -> Vec<&Entry> {
        let mut open: Vec<&Entry> = vec![];
        for everybody in [EVERYBODY.0, EVERYBODY.1] {
            for (protocol, port) in
                WITH_PORTS.iter().flat_map(|protocol| ports.iter().map(move |port| (protocol, port)))
            {
                let fits = |entry: &&Entry| entry.source == everybody && entry.covers(protocol, *port);
                open.extend(self.inbound.iter().find(fits).filter(|entry| entry.allows));
            }
        }
        open.sort();
        open.dedup();
        open
    }

    fn of(element: &Element) -> Result<Self, Missing> {
        let mut inbound = vec![];
        for entry in element.items("entrySet") {
            if !entry.flag("egress")? {
                inbound.push(Entry::of(entry)?);
            }
        }
        inbound.sort();
        let subnets = element.items("associationSet").filter_map(|one| one.text("subnetId").map(str::to_owned));
        let mut subnets: Vec<String> = subnets.collect();
        subnets.sort();
        Ok(Self {
            id: element.need("networkAclId")?.to_owned(),
            vpc: element.need("vpcId")?.to_owned(),
            owner: element.need("ownerId")?.to_owned(),
            subnets,
            inbound,
            signs: signs(element),
        })
    }
}

impl Entry {
    fn covers(&self, protocol: &str, port: u16) -> bool {
        let meant = self.protocol == "-1" || self.protocol == protocol;
        meant && self.ports.is_none_or(|(from, to)| (from..=to).contains(&port))
    }

    fn of(element: &Element) -> Result<Self, Missing> {
        fn number<T: std::str::FromStr>(element: &Element, name: &str) -> Result<T, Missing> {
            element.need(name)?.parse().map_err(|_| Missing(format!("{name} that is a number")))
        }
        let allows = match element.need("ruleAction")? {
            "allow" => true,
            "deny" => false,
            _ => return Err(Missing("ruleAction that is known".to_owned())),
        };
        // Without a range, and for protocols that have none, an entry is about all ports.
        let ports = match element.child("portRange").filter(|range| range.text("from").is_some()) {
            Some(range) => {
                let (from, to) = (number::<i32>(range, "from")?, number::<i32>(range, "to")?);
                u16::try_from(from).ok().zip(u16::try_from(to).ok())
            }
            None => None,
        };
        let source = element.text("cidrBlock").or_else(|| element.text("ipv6CidrBlock"));
        Ok(Self {
            number: number(element, "ruleNumber")?,
            allows,
            protocol: element.need("protocol")?.to_owned(),
            ports,
            source: source.ok_or_else(|| Missing("cidrBlock".to_owned()))?.to_owned(),
        })
    }
}

/// The network ACLs that an account owns in a region, by id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acls(pub Vec<Acl>);

const LIST_ACLS: Call = call("DescribeNetworkAcls", "ec2:DescribeNetworkAcls");

impl Observe for Acls {
    const NAME: &'static str = "ec2.network_acls";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[LIST_ACLS];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let (session, at) = (reader.session()?, reader.at());
        let found = list(session, at, &LIST_ACLS, "networkAclSet", |asked| asked.with("MaxResults", PAGE)).await?;
        let mut acls = known(at, &LIST_ACLS, found.iter().map(Acl::of).collect::<Result<Vec<_>, _>>())?;
        // Who takes part in a VPC of others sees ACLs of theirs.
        acls.retain(|acl| acl.owner == at.account.as_str());
        acls.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(Self(acls))
    }
}
