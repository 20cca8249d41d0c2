//! The organization: its accounts, where they are in the tree, and which of them are meant.

mod discover;
mod regions;
mod select;
mod selector;
mod standing;
#[cfg(test)]
mod tests;
mod tree;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::target::{AccountId, Partition};

pub use discover::{CALLS, Detail, DiscoverError, discover, identify};
pub use regions::{OptStatus, Wanted};
pub use select::{Scope, Selection};
pub use standing::{STANDING_CALLS, Standing, standing};

/// An organization, as far as it could be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// Such as `o-abc1234567`; none where accounts were only named and Organizations could not be asked.
    pub id: Option<String>,
    /// The management account, if known.
    pub management_account: Option<AccountId>,
    /// The partition.
    pub partition: Partition,
    /// The organization's ARN, if known.
    pub arn: Option<String>,
    /// `ALL` or `CONSOLIDATED_BILLING`, if known.
    pub feature_set: Option<String>,
    /// Sorted by id.
    pub accounts: Vec<Account>,
    /// Its units, those without accounts too, sorted by path; empty where the tree could not be read.
    pub units: Vec<OrganizationalUnit>,
    /// What is not known, in whole words; empty after a full discovery.
    pub unknown: Vec<String>,
}

/// A unit of the organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationalUnit {
    /// `ou-…`, or `r-…` for the root.
    pub id: String,
    /// Names from the root: `/Sandbox/Dev`; `/` is the root.
    pub path: String,
}

/// An account of the organization. Its e-mail address is not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The id.
    pub id: AccountId,
    /// The name; none where it is not known.
    pub name: Option<String>,
    /// Whether it can be worked with.
    pub state: State,
    /// Names from the root: `/`, `/Sandbox/Dev`; none where it is not known.
    pub ou_path: Option<String>,
    /// Ids from the root (`r-`) down to the unit (`ou-`) that holds the account.
    pub ou_ids: Vec<String>,
    /// Tags; none where they were not asked for.
    pub tags: Option<BTreeMap<String, String>>,
    /// When it joined the organization, in seconds since 1970; none where nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined: Option<i64>,
}

impl Account {
    /// Whether it joined so short a time before this moment that AWS may still be making its role: that takes minutes.
    #[must_use]
    pub fn is_young(&self, now: i64) -> bool {
        const YOUNG: i64 = 60 * 60;
        self.joined.is_some_and(|joined| now - joined < YOUNG)
    }
}

/// The state of an account, as Organizations says.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum State {
    /// In use.
    Active,
    /// Suspended by AWS.
    Suspended,
    /// Being closed.
    PendingClosure,
    /// Closed.
    Closed,
    /// Not yet in use.
    PendingActivation,
    /// Organizations could not be asked, or did not say.
    Unreported,
    /// A state that this version does not know.
    Other(String),
}

impl State {
    /// The word of AWS.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
            Self::PendingClosure => "PENDING_CLOSURE",
            Self::Closed => "CLOSED",
            Self::PendingActivation => "PENDING_ACTIVATION",
            Self::Unreported => "UNREPORTED",
            Self::Other(word) => word,
        }
    }

    /// Whether the account is worked with: it is active, or nothing says that it is not.
    #[must_use]
    pub fn is_active(&self) -> bool {
        matches!(self, Self::Active | Self::Unreported)
    }
}

impl From<String> for State {
    fn from(word: String) -> Self {
        match word.as_str() {
            "ACTIVE" => Self::Active,
            "SUSPENDED" => Self::Suspended,
            "PENDING_CLOSURE" => Self::PendingClosure,
            "CLOSED" => Self::Closed,
            "PENDING_ACTIVATION" => Self::PendingActivation,
            "UNREPORTED" => Self::Unreported,
            _ => Self::Other(word),
        }
    }
}

impl From<State> for String {
    fn from(state: State) -> Self {
        state.as_str().to_owned()
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Organization {
    /// Accounts that were named, for who may not ask Organizations.
    #[must_use]
    pub fn named(ids: &[AccountId], partition: &Partition) -> Self {
        let mut ids = ids.to_vec();
        ids.sort();
        ids.dedup();
        let account = |id| Account {
            id,
            name: None,
            state: State::Unreported,
            ou_path: None,
            ou_ids: vec![],
            tags: None,
            joined: None,
        };
        Self {
            id: None,
            management_account: None,
            partition: partition.clone(),
            arn: None,
            feature_set: None,
            accounts: ids.into_iter().map(account).collect(),
            units: vec![],
            unknown: vec![
                "which organization this is, and which account manages it".to_owned(),
                "whether these accounts are all there are, their names, states, units and tags".to_owned(),
            ],
        }
    }
}
