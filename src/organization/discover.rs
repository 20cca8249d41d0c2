//! Asks Organizations which accounts there are and where they are in the tree.

use crate::aws::Session;
use crate::failure::Failure;
use crate::observe::{Call, ReadError};

use super::Organization;

const fn call(operation: &'static str, action: &'static str) -> Call {
    Call { service: "Organizations", operation, action }
}

/// What discovery calls.
pub const CALLS: &[Call] = &[
    call("DescribeOrganization", "organizations:DescribeOrganization"),
    call("ListRoots", "organizations:ListRoots"),
    call("ListAccounts", "organizations:ListAccounts"),
    call("ListOrganizationalUnitsForParent", "organizations:ListOrganizationalUnitsForParent"),
    call("ListAccountsForParent", "organizations:ListAccountsForParent"),
    call("ListTagsForResource", "organizations:ListTagsForResource"),
];

/// What is asked for besides the accounts and the tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    /// The tags of every account: one call each, so only where a selector or an override needs them.
    pub tags: bool,
}

/// Why the organization could not be discovered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DiscoverError {
    /// The caller may not ask Organizations, or the account is in no organization: explicit account ids still work.
    #[error("could not ask Organizations which accounts there are: {0}")]
    NotAllowed(ReadError),
    /// Anything else.
    #[error("could not discover the organization: {0}")]
    Failed(ReadError),
}

impl From<DiscoverError> for Failure {
    fn from(error: DiscoverError) -> Self {
        Failure::failed(error)
    }
}

/// Asks Organizations, in the management account or a delegated administrator.
///
/// # Errors
/// Organizations refused or could not be reached.
pub async fn discover(session: &Session, detail: Detail) -> Result<Organization, DiscoverError> {
    let _ = (session, detail);
    todo!()
}
