//! Which accounts of the organization are meant.

use crate::failure::Failure;
use crate::target::AccountId;

use super::{Account, Organization};

/// A unit, with everything below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OuSelector {
    /// By path: `/Sandbox`.
    Path(String),
    /// By id: `ou-…` or `r-…`.
    Id(String),
}

/// A tag, with any value or with one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagSelector {
    /// The key.
    pub key: String,
    /// The value; none: any.
    pub value: Option<String>,
}

/// Which accounts are meant: those that any selector names (all, where there is none), without those that any exclusion names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Ids, or globs over names.
    pub accounts: Vec<String>,
    /// Paths or ids of units.
    pub ous: Vec<String>,
    /// `key` or `key=value`.
    pub tags: Vec<String>,
    /// Ids, or globs over names, that are left out.
    pub exclude_accounts: Vec<String>,
    /// Paths or ids of units that are left out.
    pub exclude_ous: Vec<String>,
    /// Tags whose accounts are left out.
    pub exclude_tags: Vec<String>,
}

/// The accounts that are meant, in the order of their ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// To be worked with.
    pub in_scope: Vec<Account>,
    /// Meant, but not active: listed with their state.
    pub skipped: Vec<Account>,
}

impl Selection {
    /// Whether tags have to be asked for.
    #[must_use]
    pub fn needs_tags(&self) -> bool {
        !self.tags.is_empty() || !self.exclude_tags.is_empty()
    }

    /// The accounts that are named by their ids alone; none where anything else selects, so that names, units or tags have to be known.
    #[must_use]
    pub fn explicit_ids(&self) -> Option<Vec<AccountId>> {
        todo!()
    }

    /// The accounts that are meant.
    ///
    /// # Errors
    /// A selector matches nothing, or nothing is in scope: both usage.
    pub fn select(&self, organization: &Organization) -> Result<Scope, Failure> {
        let _ = organization;
        todo!()
    }
}
