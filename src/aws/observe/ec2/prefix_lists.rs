//! The lists of addresses that rules refer to.

use serde::{Deserialize, Serialize};

use super::groups::{EVERYBODY, Everybody};
use super::{call, known, list};
use crate::observe::{Call, Home, Observe, ReadError, Reader, Scope};

/// A list of addresses: of the account, of another that shares it, or of AWS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrefixList(pub Vec<String>);

const LIST_ENTRIES: Call = call("GetManagedPrefixListEntries", "ec2:GetManagedPrefixListEntries");

/// How many entries are asked for at once: the most that EC2 gives.
const ENTRIES: u32 = 100;

impl PrefixList {
    /// Whether it holds all addresses.
    #[must_use]
    pub fn everybody(&self) -> Everybody {
        let holds = |all: &str| self.0.iter().any(|cidr| cidr == all);
        Everybody { ipv4: holds(EVERYBODY.0), ipv6: holds(EVERYBODY.1) }
    }
}

impl Observe for PrefixList {
    const NAME: &'static str = "ec2.prefix_list";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[LIST_ENTRIES];
    /// Its id.
    type Key = String;

    async fn observe(reader: &Reader, id: &String) -> Result<Self, ReadError> {
        let (session, at) = (reader.session()?, reader.at());
        let of_list = |asked: crate::ec2::Request| asked.with("PrefixListId", id).with("MaxResults", ENTRIES);
        let found = list(session, at, &LIST_ENTRIES, "entrySet", of_list).await?;
        let cidrs = found.iter().map(|entry| entry.need("cidr").map(str::to_owned)).collect::<Result<Vec<_>, _>>();
        known(at, &LIST_ENTRIES, cidrs).map(Self)
    }
}
