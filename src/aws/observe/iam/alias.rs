//! The alias of an account, which stands in its sign-in address.

use serde::{Deserialize, Serialize};

use crate::Session;
use crate::observe::{Call, Home, Observe, ReadError, Reader, Scope};
use crate::target::Target;

/// The alias, if there is one: an account has one at most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alias(pub Option<String>);

/// The call that reads it.
pub(crate) const LIST_ALIASES: Call =
    Call { service: "IAM", operation: "ListAccountAliases", action: "iam:ListAccountAliases" };

impl Observe for Alias {
    const NAME: &'static str = "iam.account_alias";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[LIST_ALIASES];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        look_at_alias(reader.session()?, reader.at()).await.map(Self)
    }
}

/// The alias of an account.
pub(crate) async fn look_at_alias(session: &Session, at: &Target) -> Result<Option<String>, ReadError> {
    let asked = session.iam().list_account_aliases();
    let answer = session.ask(at, &LIST_ALIASES, asked.send()).await?;
    Ok(answer.account_aliases.into_iter().next())
}
