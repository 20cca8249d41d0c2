//! Policies that are a role's own.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::role_arn;
use crate::Absent;
use crate::observe::iam::{GET_ROLE_POLICY, decoded};
use crate::observe::{Call, Class, ReadError};
use crate::steps::undo::iam_roles::{DeleteRolePolicy, RestoreRolePolicy};
use crate::steps::{Atom, Step, Undo, Writer};
use crate::target::{Partition, Target};

pub(in crate::steps) const PUT_ROLE_POLICY: Call =
    Call { service: "IAM", operation: "PutRolePolicy", action: "iam:PutRolePolicy" };

/// An inline policy of a role; none: it has none of that name, or is not there.
pub(in crate::steps) async fn role_policy(
    writer: &Writer,
    role: &str,
    policy: &str,
) -> Result<Option<String>, ReadError> {
    let asked = writer.session.iam().get_role_policy().role_name(role).policy_name(policy);
    let sending = async { asked.send().await.absent_on(&["NoSuchEntity"]) };
    let found = writer.session.ask(&writer.at, &GET_ROLE_POLICY, sending).await?;
    let odd = |message: String| ReadError {
        at: writer.at.clone(),
        action: GET_ROLE_POLICY.action.to_owned(),
        class: Class::Failed,
        code: None,
        message,
        status: None,
        request_id: None,
    };
    found.map(|found| decoded(&found.policy_document).map_err(odd)).transpose()
}

/// Gives a role a policy of its own, in place of one of the same name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PutRolePolicy {
    /// The role.
    pub role: String,
    /// The name of the policy.
    pub policy: String,
    /// What it allows.
    pub document: Value,
}

impl Atom for PutRolePolicy {
    const CALLS: &'static [Call] = &[GET_ROLE_POLICY, PUT_ROLE_POLICY];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let (role, policy, set) = (self.role.clone(), self.policy.clone(), self.document.to_string());
        let undo = Undo::by(match role_policy(writer, &role, &policy).await? {
            Some(before) => Step::RestoreRolePolicy(RestoreRolePolicy { role, policy, set, before }),
            None => Step::DeleteRolePolicy(DeleteRolePolicy { role, policy, set }),
        });
        let request = writer.session.iam().put_role_policy().role_name(&self.role).policy_name(&self.policy);
        let request = request.policy_document(self.document.to_string());
        writer.write(&writer.at, &PUT_ROLE_POLICY, undo, request.send()).await
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        role_arn(&self.role, at, partition)
    }

    fn says(&self) -> String {
        format!("PutRolePolicy {} of {}", self.policy, self.role)
    }

    fn part(&self) -> Option<&str> {
        Some(&self.policy)
    }

    fn retried(&self) -> &'static [&'static str] {
        // The role may have been made a moment ago.
        &["NoSuchEntity", "EntityTemporarilyUnmodifiable", "ConcurrentModification"]
    }

    fn undo(&self) -> String {
        format!("DeleteRolePolicy {} of {}, or PutRolePolicy with the former document", self.policy, self.role)
    }
}
