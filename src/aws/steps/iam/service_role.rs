//! Roles that services have in an account.

use serde::{Deserialize, Serialize};

use crate::Absent as _;
use crate::observe::{Call, ReadError};
use crate::steps::{Atom, Undo, Writer, linked_roles};
use crate::target::{Partition, Target};

const GET_ROLE: Call = Call { service: "IAM", operation: "GetRole", action: "iam:GetRole" };
const CREATE: Call =
    Call { service: "IAM", operation: "CreateServiceLinkedRole", action: "iam:CreateServiceLinkedRole" };

/// Has IAM make the role that a service works by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CreateServiceLinkedRole {
    /// The principal of the service.
    pub service: String,
    /// The name that the role has by then.
    pub role: String,
}

impl Atom for CreateServiceLinkedRole {
    const CALLS: &'static [Call] = &[GET_ROLE, CREATE];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let asked = writer.session.iam().get_role().role_name(&self.role);
        let sending = async { asked.send().await.absent_on(&["NoSuchEntity"]) };
        if writer.session.ask(&writer.at, &GET_ROLE, sending).await?.is_some() {
            return Ok(());
        }
        let undo = Undo::Never(format!(
            "the role {} is left to its service: IAM deletes it by hand once nothing uses it",
            self.role
        ));
        let asked = writer.session.iam().create_service_linked_role().aws_service_name(&self.service);
        match writer.write(&writer.at, &CREATE, undo, asked.send()).await {
            // IAM has one code for all that is wrong with an input, and says in words that the role is there.
            Err(refused) if refused.message.contains("has been taken") => Ok(()),
            other => other,
        }
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        linked_roles(&self.service, at, partition)
    }

    fn says(&self) -> String {
        format!("CreateServiceLinkedRole {} for {}", self.role, self.service)
    }

    fn undo(&self) -> String {
        "none: the role is its service's, and costs nothing".to_owned()
    }
}
