//! The network interfaces of a region, as far as they use something.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{PAGE, call, known, list};
use crate::ec2::{Element, Missing};
use crate::observe::{Call, Home, Observe, ReadError, Reader, Scope};

/// A network interface.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Interface {
    /// Its id.
    pub id: String,
    /// The instance that it is attached to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// What it says it is for: services of AWS name themselves there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The security groups that it has.
    pub groups: Vec<String>,
}

impl Interface {
    fn of(element: &Element) -> Result<Self, Missing> {
        let mut groups = element
            .items("groupSet")
            .map(|group| group.need("groupId").map(str::to_owned))
            .collect::<Result<Vec<_>, _>>()?;
        groups.sort();
        let instance = element.child("attachment").and_then(|attachment| attachment.text("instanceId"));
        Ok(Self {
            id: element.need("networkInterfaceId")?.to_owned(),
            instance: instance.map(str::to_owned),
            description: element.text("description").map(str::to_owned),
            groups,
        })
    }
}

impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.instance, &self.description) {
            (Some(instance), _) => write!(f, "{} of {instance}", self.id),
            (None, Some(description)) => write!(f, "{} ({description})", self.id),
            (None, None) => f.write_str(&self.id),
        }
    }
}

/// The interfaces that are asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Those that have one of these security groups.
    pub groups: Vec<String>,
}

/// The interfaces of a region that have one of some security groups, by id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interfaces(pub Vec<Interface>);

const LIST_INTERFACES: Call = call("DescribeNetworkInterfaces", "ec2:DescribeNetworkInterfaces");

/// How many values a filter of EC2 may have.
const VALUES: usize = 200;

impl Observe for Interfaces {
    const NAME: &'static str = "ec2.network_interfaces";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[LIST_INTERFACES];
    type Key = Asked;

    async fn observe(reader: &Reader, asked: &Asked) -> Result<Self, ReadError> {
        let (session, at) = (reader.session()?, reader.at());
        let mut found = vec![];
        for groups in asked.groups.chunks(VALUES) {
            let of_groups = |request: crate::ec2::Request| {
                let request = request.with("Filter.1.Name", "group-id").with_all("Filter.1.Value", groups);
                request.with("MaxResults", PAGE)
            };
            let listed = list(session, at, &LIST_INTERFACES, "networkInterfaceSet", of_groups).await?;
            let listed = listed.iter().map(Interface::of).collect::<Result<Vec<_>, _>>();
            found.extend(known(at, &LIST_INTERFACES, listed)?);
        }
        found.sort();
        // One with groups of two requests is in both answers.
        found.dedup();
        Ok(Self(found))
    }
}
