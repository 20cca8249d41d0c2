//! What trueup does to Organizations.

use serde::{Deserialize, Serialize};

use super::undo::organizations::DisableServiceAccess;
use super::{Atom, Step, Undo, Writer};
use crate::observe::{Call, ReadError};

/// Lets a service work in the accounts of the organization:
/// [EnableAWSServiceAccess](https://docs.aws.amazon.com/organizations/latest/APIReference/API_EnableAWSServiceAccess.html).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnableServiceAccess {
    /// The service, such as `cloudtrail.amazonaws.com`.
    pub principal: String,
}

impl Atom for EnableServiceAccess {
    const CALLS: &'static [Call] = &[Call {
        service: "Organizations",
        operation: "EnableAWSServiceAccess",
        action: "organizations:EnableAWSServiceAccess",
    }];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let request = writer.session.organizations().enable_aws_service_access().service_principal(&self.principal);
        let back = DisableServiceAccess { principal: self.principal.clone() };
        let undo = Undo::by(Step::DisableServiceAccess(back));
        writer.write(&writer.at, &Self::CALLS[0], undo, request.send()).await
    }

    fn says(&self) -> String {
        format!("EnableAWSServiceAccess for {}", self.principal)
    }

    fn retried(&self) -> &'static [&'static str] {
        &["ConcurrentModificationException"]
    }

    fn undo(&self) -> String {
        format!("DisableAWSServiceAccess for {}", self.principal)
    }
}
