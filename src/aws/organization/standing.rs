//! Where one account stands, which is asked where it lets nobody in.

use super::State;
use super::discover::{call, state};
use crate::observe::{Call, ReadError};
use crate::target::{AccountId, Target};
use crate::{Absent, Session};

const DESCRIBE_ACCOUNT: Call = call("DescribeAccount", "organizations:DescribeAccount");

/// What asking for it calls.
pub const STANDING_CALLS: &[Call] = &[DESCRIBE_ACCOUNT];

/// Where an account stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is in the organization.
    Within(State),
    /// It is not in the organization: it left, or it was closed and is gone.
    Outside,
}

/// Asks Organizations, in the management account or a delegated administrator, where an account stands.
///
/// # Errors
/// Organizations refused or could not be reached.
pub async fn standing(session: &Session, account: &AccountId) -> Result<Standing, ReadError> {
    let at = Target { account: session.account().clone(), region: None };
    let asked = session.organizations().describe_account().account_id(account.as_str());
    let sending = async { asked.send().await.absent_on(&["AccountNotFoundException"]) };
    let Some(answer) = session.ask(&at, &DESCRIBE_ACCOUNT, sending).await? else { return Ok(Standing::Outside) };
    Ok(Standing::Within(answer.account().map_or(State::Unreported, state)))
}
