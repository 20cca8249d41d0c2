//! Whether the root users of members can be become from the management account.

use serde::{Deserialize, Serialize};

use crate::Absent as _;
use crate::observe::{Call, Home, Observe, ReadError, Reader, Scope};

/// What is on of [central root access](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-enable-root-access.html).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CentralRoot {
    /// The management account may manage the credentials of its members' root users.
    pub credentials: bool,
    /// It may become them for a while.
    pub sessions: bool,
}

impl CentralRoot {
    /// Whether the keys of a member's root user can be deleted from the management account.
    #[must_use]
    pub fn is_on(self) -> bool {
        self.credentials && self.sessions
    }
}

/// The organization does not trust IAM, or has no features at all: then none of these is on.
const OFF: &[&str] = &["ServiceAccessNotEnabledException", "OrganizationNotInAllFeaturesModeException"];

impl Observe for CentralRoot {
    const NAME: &'static str = "iam.central_root_access";
    const HOME: Home = Home::Management;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] =
        &[Call { service: "IAM", operation: "ListOrganizationsFeatures", action: "iam:ListOrganizationsFeatures" }];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let asked = session.iam().list_organizations_features();
        let sending = async { asked.send().await.absent_on(OFF) };
        let answer = session.ask(reader.at(), &Self::CALLS[0], sending).await?;
        let features = answer.and_then(|answer| answer.enabled_features).unwrap_or_default();
        let has = |name: &str| features.iter().any(|feature| feature.as_str() == name);
        Ok(Self { credentials: has("RootCredentialsManagement"), sessions: has("RootSessions") })
    }
}
