//! Security groups: which there are in a region, what they let through, and who of everybody that is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::interfaces::{Asked, Interface, Interfaces};
use super::prefix_lists::PrefixList;
use super::rule::{Peer, Rule, Way};
use super::{PAGE, call, known, list, signs};
use crate::Session;
use crate::ec2::{Element, Missing};
use crate::observe::{Call, Home, Observe, ReadError, Readable, Reader, Reads, Scope};
use crate::ownership::Signs;
use crate::target::Target;

/// A security group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its id.
    pub id: String,
    /// Its name, which only its VPC has once.
    pub name: String,
    /// The VPC that it is of.
    pub vpc: String,
    /// The account that owns it: in a shared VPC, that may be another.
    pub owner: String,
    /// What it lets in, in order.
    pub inbound: Vec<Rule>,
    /// What it lets out, in order.
    pub outbound: Vec<Rule>,
    /// What its tags say of who looks after it.
    pub signs: Signs,
}

impl Group {
    /// Whether it is the one that came with its VPC.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.name == "default"
    }

    /// Its rules of one way.
    #[must_use]
    pub fn rules(&self, way: Way) -> &[Rule] {
        match way {
            Way::In => &self.inbound,
            Way::Out => &self.outbound,
        }
    }

    fn of(element: &Element) -> Result<Self, Missing> {
        let rules = |name: &str| -> Result<Vec<Rule>, Missing> {
            let of_each = element.items(name).map(Rule::of).collect::<Result<Vec<_>, _>>()?;
            let mut rules = of_each.concat();
            rules.sort();
            Ok(rules)
        };
        Ok(Self {
            id: element.need("groupId")?.to_owned(),
            name: element.need("groupName")?.to_owned(),
            vpc: element.text("vpcId").unwrap_or_default().to_owned(),
            owner: element.need("ownerId")?.to_owned(),
            inbound: rules("ipPermissions")?,
            outbound: rules("ipPermissionsEgress")?,
            signs: signs(element),
        })
    }
}

/// The security groups that an account owns in a region, by id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Groups(pub Vec<Group>);

pub(crate) const LIST_GROUPS: Call = call("DescribeSecurityGroups", "ec2:DescribeSecurityGroups");

impl Observe for Groups {
    const NAME: &'static str = "ec2.security_groups";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[LIST_GROUPS];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let (session, at) = (reader.session()?, reader.at());
        let found =
            list(session, at, &LIST_GROUPS, "securityGroupInfo", |asked| asked.with("MaxResults", PAGE)).await?;
        let groups = found.iter().map(Group::of).collect::<Result<Vec<_>, _>>();
        let mut groups = known(at, &LIST_GROUPS, groups)?;
        // Who takes part in a VPC of others sees groups of theirs.
        groups.retain(|group| group.owner == at.account.as_str());
        groups.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(Self(groups))
    }
}

/// A group as it is now; none: there is none of this id.
pub(crate) async fn group(session: &Session, at: &Target, id: &str) -> Result<Option<Group>, ReadError> {
    let found = list(session, at, &LIST_GROUPS, "securityGroupInfo", |asked| asked.with_all("GroupId", [id])).await;
    match found {
        Err(error) if error.code.as_deref() == Some("InvalidGroup.NotFound") => Ok(None),
        Err(error) => Err(error),
        Ok(found) => known(at, &LIST_GROUPS, found.first().map(Group::of).transpose()),
    }
}

/// A default group, and what uses it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefaultGroup {
    /// The group.
    pub group: Group,
    /// The network interfaces that have it; none are looked for where it has no rules.
    pub users: Vec<Interface>,
}

/// The default groups of the VPCs that an account owns in a region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefaultGroups(pub Vec<DefaultGroup>);

impl Observe for DefaultGroups {
    const NAME: &'static str = "ec2.default_groups";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let groups = reader.get::<Groups>().await?;
        let defaults: Vec<&Group> = groups.0.iter().filter(|group| group.is_default()).collect();
        let open = defaults.iter().filter(|group| !group.inbound.is_empty() || !group.outbound.is_empty());
        let users = users(reader, open.map(|group| group.id.clone()).collect()).await?;
        let with_users = |group: &&Group| DefaultGroup { group: (*group).clone(), users: users_of(&users, &group.id) };
        Ok(Self(defaults.iter().map(with_users).collect()))
    }

    fn builds_on() -> Vec<Reads> {
        vec![Reads::of::<Groups>(), Reads::of::<Interfaces>()]
    }
}

/// The interfaces that have one of these groups; nothing is asked where there are none.
async fn users(reader: &Reader, groups: Vec<String>) -> Result<Vec<Interface>, ReadError> {
    if groups.is_empty() {
        return Ok(vec![]);
    }
    Ok(reader.of::<Interfaces>(&Asked { groups }).await?.0.clone())
}

fn users_of(all: &[Interface], group: &str) -> Vec<Interface> {
    all.iter().filter(|one| one.groups.iter().any(|known| known == group)).cloned().collect()
}

/// What is asked of the groups of a region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupsAsked {
    /// The ports that matter.
    pub ports: Vec<u16>,
    /// Those of them whose rules apply may take away, so that it matters who uses a group.
    pub mended: Vec<u16>,
}

/// Whom everybody is in a list of addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Everybody {
    /// It holds `0.0.0.0/0`.
    pub ipv4: bool,
    /// It holds `::/0`.
    pub ipv6: bool,
}

/// The groups of a region, with what it takes to judge what they let in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenGroups {
    /// The groups.
    pub groups: Vec<Group>,
    /// The lists of addresses that matter to them.
    pub prefix_lists: BTreeMap<String, Readable<Everybody>>,
    /// The network interfaces that have a group whose rules may be taken away.
    pub users: Vec<Interface>,
}

impl OpenGroups {
    /// The interfaces that have this group.
    #[must_use]
    pub fn users_of(&self, group: &str) -> Vec<Interface> {
        users_of(&self.users, group)
    }

    /// Whom of everybody a rule is for.
    ///
    /// # Errors
    /// Its list of addresses could not be read.
    pub fn everybody(&self, rule: &Rule) -> Result<Everybody, &ReadError> {
        match &rule.peer {
            Peer::Ipv4(cidr) => Ok(Everybody { ipv4: cidr == EVERYBODY.0, ipv6: false }),
            Peer::Ipv6(cidr) => Ok(Everybody { ipv4: false, ipv6: cidr == EVERYBODY.1 }),
            Peer::Group { .. } => Ok(Everybody::default()),
            Peer::PrefixList(id) => match self.prefix_lists.get(id) {
                Some(list) => list.as_result().copied(),
                None => Ok(Everybody::default()),
            },
        }
    }
}

/// All addresses of `IPv4` and of `IPv6`.
pub const EVERYBODY: (&str, &str) = ("0.0.0.0/0", "::/0");

impl Observe for OpenGroups {
    const NAME: &'static str = "ec2.open_groups";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[];
    type Key = GroupsAsked;

    async fn observe(reader: &Reader, asked: &GroupsAsked) -> Result<Self, ReadError> {
        let groups = reader.get::<Groups>().await?.0.clone();
        let matters = |rule: &&Rule| asked.ports.iter().any(|port| rule.covers(*port));
        let rules: Vec<&Rule> = groups.iter().flat_map(|group| &group.inbound).filter(matters).collect();
        let mut prefix_lists = BTreeMap::new();
        for rule in &rules {
            let Peer::PrefixList(id) = &rule.peer else { continue };
            if !prefix_lists.contains_key(id) {
                let list = reader.of::<PrefixList>(id).await.map(|list| list.everybody());
                prefix_lists.insert(id.clone(), list.into());
            }
        }
        let mut seen = Self { groups, prefix_lists, users: vec![] };
        if !asked.mended.is_empty() {
            let taken = |rule: &Rule| {
                rule.is_only_of(&asked.mended) && seen.everybody(rule).is_ok_and(|all| all.ipv4 || all.ipv6)
            };
            let mended = seen.groups.iter().filter(|group| group.inbound.iter().any(taken));
            let mended: Vec<String> = mended.map(|group| group.id.clone()).collect();
            seen.users = users(reader, mended).await?;
        }
        Ok(seen)
    }

    fn builds_on() -> Vec<Reads> {
        vec![Reads::of::<Groups>(), Reads::of::<PrefixList>(), Reads::of::<Interfaces>()]
    }
}
