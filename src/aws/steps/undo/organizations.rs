//! What undoes a write to Organizations.

use serde::{Deserialize, Serialize};

use super::{Extent, Stands, Undo, Undoing};
use crate::observe::cloudtrail::{DESCRIBE_TRAILS, PRINCIPAL};
use crate::observe::organizations::{LIST_TRUSTED, trusted};
use crate::observe::{Call, ReadError};
use crate::steps::Writer;

const DISABLE: Call = Call {
    service: "Organizations",
    operation: "DisableAWSServiceAccess",
    action: "organizations:DisableAWSServiceAccess",
};

/// Lets a service work in the accounts of the organization no more:
/// [DisableAWSServiceAccess](https://docs.aws.amazon.com/organizations/latest/APIReference/API_DisableAWSServiceAccess.html).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DisableServiceAccess {
    /// The service, such as `cloudtrail.amazonaws.com`.
    pub principal: String,
}

impl Undoing for DisableServiceAccess {
    const EXTENT: Extent = Extent::Beside;
    const CALLS: &'static [Call] = &[LIST_TRUSTED, DESCRIBE_TRAILS, DISABLE];
    const RETRIED: &'static [&'static str] = &["ConcurrentModificationException"];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let request = writer.session.organizations().disable_aws_service_access().service_principal(&self.principal);
        writer.write(&writer.at, &DISABLE, Undo::again(), request.send()).await
    }

    fn says(&self) -> String {
        format!("DisableAWSServiceAccess for {}", self.principal)
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let Writer { at, session, .. } = writer;
        if !trusted(session, at).await?.contains(&self.principal) {
            return Ok(Stands::Undone);
        }
        if self.principal != PRINCIPAL {
            return Ok(Stands::Open);
        }
        // A trail of the organization that somebody else made would stop to log its members.
        let trails = super::cloudtrail::visible(writer, session.home_region()).await?;
        let user = trails.iter().find(|trail| trail.is_organization_trail() == Some(true));
        Ok(user.map_or(Stands::Open, |trail| {
            Stands::Used(format!("trail {} of the organization needs it", trail.name().unwrap_or_default()))
        }))
    }
}
