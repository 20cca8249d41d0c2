//! Whether people come from an identity provider.

use serde::{Deserialize, Serialize};

use super::{Report, Summary};
use crate::observe::{Call, Home, Observe, ReadError, Reader, Reads, Scope};

/// Identity providers, and users who sign in beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Federation {
    /// How many SAML and OIDC providers there are. Identity Center has a SAML provider in every account that it serves.
    pub providers: i64,
    /// How many users have a password for the console. Counted only where there is no provider.
    pub console_users: usize,
}

impl Observe for Federation {
    const NAME: &'static str = "iam.federation";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let summary = reader.get::<Summary>().await?;
        let providers = summary.count("Providers").unwrap_or(0);
        let users = summary.count("Users").is_none_or(|users| users > 0);
        let console_users = if providers == 0 && users {
            reader.get::<Report>().await?.users.iter().filter(|user| user.password == Some(true)).count()
        } else {
            0
        };
        Ok(Self { providers, console_users })
    }

    fn builds_on() -> Vec<Reads> {
        vec![Reads::of::<Summary>(), Reads::of::<Report>()]
    }
}
