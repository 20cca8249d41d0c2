//! What is read of Organizations to judge an account; discovery reads the rest.

mod policies;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub(crate) use policies::DESCRIBE_EFFECTIVE;
pub use policies::{Attached, EffectivePolicy, Governed, Governing, Place, Policies};

use super::{Call, Home, Observe, ReadError, Reader, Scope};
use crate::Session;
use crate::target::Target;

/// The services that the organization trusts, by principal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustedServices(pub BTreeSet<String>);

impl Observe for TrustedServices {
    const NAME: &'static str = "organizations.trusted_services";
    const HOME: Home = Home::Management;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[LIST_TRUSTED];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        trusted(reader.session()?, reader.at()).await.map(Self)
    }
}

/// The call that lists the services that the organization trusts.
pub(crate) const LIST_TRUSTED: Call = Call {
    service: "Organizations",
    operation: "ListAWSServiceAccessForOrganization",
    action: "organizations:ListAWSServiceAccessForOrganization",
};

/// The principals of the services that the organization trusts.
pub(crate) async fn trusted(session: &Session, at: &Target) -> Result<BTreeSet<String>, ReadError> {
    let mut trusted = BTreeSet::new();
    let mut next: Option<String> = None;
    loop {
        let asked = session.organizations().list_aws_service_access_for_organization().set_next_token(next);
        let page = session.ask(at, &LIST_TRUSTED, asked.send()).await?;
        let principals = page.enabled_service_principals().iter().filter_map(|one| one.service_principal());
        trusted.extend(principals.map(str::to_owned));
        next = page.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(trusted);
        }
    }
}
