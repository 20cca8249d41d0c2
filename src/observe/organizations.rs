//! What is read of Organizations to judge an account; discovery reads the rest.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Call, Home, Observe, ReadError, Reader, Scope};

/// The services that the organization trusts, by principal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustedServices(pub BTreeSet<String>);

impl Observe for TrustedServices {
    const NAME: &'static str = "organizations.trusted_services";
    const HOME: Home = Home::Management;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[Call {
        service: "Organizations",
        operation: "ListAWSServiceAccessForOrganization",
        action: "organizations:ListAWSServiceAccessForOrganization",
    }];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let mut trusted = BTreeSet::new();
        let mut next: Option<String> = None;
        loop {
            let asked = session.organizations().list_aws_service_access_for_organization().set_next_token(next);
            let page = session.ask(reader.at(), &Self::CALLS[0], asked.send()).await?;
            let principals = page.enabled_service_principals().iter().filter_map(|one| one.service_principal());
            trusted.extend(principals.map(str::to_owned));
            next = page.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                return Ok(Self(trusted));
            }
        }
    }
}
