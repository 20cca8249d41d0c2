//! Whether people come from an identity provider.

use serde::{Deserialize, Serialize};

use super::{Report, Summary};
use crate::observe::{Call, Home, Observe, ReadError, Reader, Reads, Scope};

/// Identity providers, and users who sign in beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Federation {
    /// How many SAML providers there are. Identity Center has one in every account that it serves. By a provider of OIDC
    /// programs sign in, such as those of a cluster or of a pipeline, so none of them counts.
    pub providers: usize,
    /// How many users have a password for the console. Counted only where there is no provider.
    pub console_users: usize,
}

/// How many SAML providers there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SamlProviders(pub usize);

impl Observe for SamlProviders {
    const NAME: &'static str = "iam.saml_providers";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] =
        &[Call { service: "IAM", operation: "ListSAMLProviders", action: "iam:ListSAMLProviders" }];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let asked = session.iam().list_saml_providers();
        let answer = session.ask(reader.at(), &Self::CALLS[0], asked.send()).await?;
        Ok(Self(answer.saml_provider_list.unwrap_or_default().len()))
    }
}

impl Observe for Federation {
    const NAME: &'static str = "iam.federation";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let summary = reader.get::<Summary>().await?;
        // The summary counts those of OIDC as well: where it counts none, nobody has to be asked which they are.
        let none = summary.count("Providers") == Some(0);
        let providers = if none { 0 } else { reader.get::<SamlProviders>().await?.0 };
        let users = summary.count("Users").is_none_or(|users| users > 0);
        let console_users = if providers == 0 && users {
            reader.get::<Report>().await?.users.iter().filter(|user| user.password == Some(true)).count()
        } else {
            0
        };
        Ok(Self { providers, console_users })
    }

    fn builds_on() -> Vec<Reads> {
        vec![Reads::of::<Summary>(), Reads::of::<SamlProviders>(), Reads::of::<Report>()]
    }
}
