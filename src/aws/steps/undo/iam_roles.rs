//! What undoes a write to the policies of a role.

use serde::{Deserialize, Serialize};

use super::{Extent, Stands, Undo, Undoing, found_policy, gone};
use crate::observe::iam::GET_ROLE_POLICY;
use crate::observe::{Call, ReadError};
use crate::steps::document::same;
use crate::steps::iam::{PUT_ROLE_POLICY, role_arn, role_policy};
use crate::steps::writer::done_on;
use crate::steps::{Step, Writer};
use crate::target::{Partition, Target};

const DELETE: Call = Call { service: "IAM", operation: "DeleteRolePolicy", action: "iam:DeleteRolePolicy" };

/// Takes a policy from a role that had none of that name before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeleteRolePolicy {
    /// The role.
    pub role: String,
    /// The name of the policy.
    pub policy: String,
    /// The document that was put there.
    pub set: String,
}

impl Undoing for DeleteRolePolicy {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[GET_ROLE_POLICY, DELETE];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let request = writer.session.iam().delete_role_policy().role_name(&self.role).policy_name(&self.policy);
        done_on(writer.write(&writer.at, &DELETE, Undo::again(), request.send()).await, &["NoSuchEntity"])
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        role_arn(&self.role, at, partition)
    }

    fn says(&self) -> String {
        format!("DeleteRolePolicy {} of {}", self.policy, self.role)
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        (self.role == earlier.role && self.policy == earlier.policy).then(|| self.clone())
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let now = role_policy(writer, &self.role, &self.policy).await?;
        let changed = || Stands::Changed(format!("policy {} of role {} was changed since", self.policy, self.role));
        Ok(now.map_or(Stands::Undone, |now| if same(&now, &self.set) { Stands::Open } else { changed() }))
    }
}

/// Puts the former policy of a role back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestoreRolePolicy {
    /// The role.
    pub role: String,
    /// The name of the policy.
    pub policy: String,
    /// The document that was put there.
    pub set: String,
    /// The document that was there before.
    pub before: String,
}

impl Undoing for RestoreRolePolicy {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[GET_ROLE_POLICY, PUT_ROLE_POLICY];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let back = Self { set: self.before.clone(), before: self.set.clone(), ..self.clone() };
        let undo = Undo::by(Step::RestoreRolePolicy(back));
        let request = writer.session.iam().put_role_policy().role_name(&self.role).policy_name(&self.policy);
        writer.write(&writer.at, &PUT_ROLE_POLICY, undo, request.policy_document(&self.before).send()).await
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        role_arn(&self.role, at, partition)
    }

    fn says(&self) -> String {
        format!("PutRolePolicy {} of {} with the former document", self.policy, self.role)
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        let same = self.role == earlier.role && self.policy == earlier.policy;
        same.then(|| Self { before: earlier.before.clone(), ..self.clone() })
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let what = format!("policy {} of role {}", self.policy, self.role);
        let now = role_policy(writer, &self.role, &self.policy).await?;
        Ok(now.map_or_else(|| gone(&what), |now| found_policy(&now, &self.set, &self.before, &what)))
    }
}
