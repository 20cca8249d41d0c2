//! What undoes a write to an account's IAM besides its users.

use serde::{Deserialize, Serialize};

use super::{Extent, Stands, Undo, Undoing, found, gone};
use crate::Absent;
use crate::observe::iam::{LIST_ALIASES, look_at_alias};
use crate::observe::{Call, ReadError};
use crate::steps::iam::{ATTACH_ROLE, CREATE_ALIAS, DETACH_ROLE, group_arn, role_arn};
use crate::steps::writer::done_on;
use crate::steps::{Step, Writer};
use crate::target::{Partition, Target};

const GONE: &[&str] = &["NoSuchEntity"];

const LIST_OF_ROLE: Call =
    Call { service: "IAM", operation: "ListAttachedRolePolicies", action: "iam:ListAttachedRolePolicies" };
const LIST_OF_GROUP: Call =
    Call { service: "IAM", operation: "ListAttachedGroupPolicies", action: "iam:ListAttachedGroupPolicies" };
const GET_ROLE: Call = Call { service: "IAM", operation: "GetRole", action: "iam:GetRole" };
const DELETE_ROLE: Call = Call { service: "IAM", operation: "DeleteRole", action: "iam:DeleteRole" };
const ATTACH_GROUP: Call = Call { service: "IAM", operation: "AttachGroupPolicy", action: "iam:AttachGroupPolicy" };
const DELETE_ALIAS: Call = Call { service: "IAM", operation: "DeleteAccountAlias", action: "iam:DeleteAccountAlias" };

/// Whether a role has a policy; none: there is no such role.
async fn role_has(writer: &Writer, role: &str, policy: &str) -> Result<Option<bool>, ReadError> {
    let mut marker: Option<String> = None;
    loop {
        let asked = writer.session.iam().list_attached_role_policies().role_name(role).set_marker(marker);
        let sending = async { asked.send().await.absent_on(GONE) };
        let Some(page) = writer.session.ask(&writer.at, &LIST_OF_ROLE, sending).await? else { return Ok(None) };
        if page.attached_policies().iter().any(|one| one.policy_arn() == Some(policy)) {
            return Ok(Some(true));
        }
        marker = page.marker.filter(|marker| page.is_truncated && !marker.is_empty());
        if marker.is_none() {
            return Ok(Some(false));
        }
    }
}

/// Whether a group has a policy; none: there is no such group.
async fn group_has(writer: &Writer, group: &str, policy: &str) -> Result<Option<bool>, ReadError> {
    let mut marker: Option<String> = None;
    loop {
        let asked = writer.session.iam().list_attached_group_policies().group_name(group).set_marker(marker);
        let sending = async { asked.send().await.absent_on(GONE) };
        let Some(page) = writer.session.ask(&writer.at, &LIST_OF_GROUP, sending).await? else { return Ok(None) };
        if page.attached_policies().iter().any(|one| one.policy_arn() == Some(policy)) {
            return Ok(Some(true));
        }
        marker = page.marker.filter(|marker| page.is_truncated && !marker.is_empty());
        if marker.is_none() {
            return Ok(Some(false));
        }
    }
}

/// Takes a managed policy from a role that had none of it before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DetachRolePolicy {
    /// The role.
    pub role: String,
    /// The ARN of the policy.
    pub policy: String,
}

impl Undoing for DetachRolePolicy {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[LIST_OF_ROLE, DETACH_ROLE];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let request = writer.session.iam().detach_role_policy().role_name(&self.role).policy_arn(&self.policy);
        done_on(writer.write(&writer.at, &DETACH_ROLE, Undo::again(), request.send()).await, GONE)
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        role_arn(&self.role, at, partition)
    }

    fn says(&self) -> String {
        format!("DetachRolePolicy of {} from {}", self.policy, self.role)
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        (self == earlier).then(|| self.clone())
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let has = role_has(writer, &self.role, &self.policy).await?;
        Ok(if has == Some(true) { Stands::Open } else { Stands::Undone })
    }
}

/// Deletes a role that was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeleteRole {
    /// The role.
    pub role: String,
}

impl Undoing for DeleteRole {
    // A role is deleted only once it has no policies, so that does not go with it: one is undone after the other.
    const EXTENT: Extent = Extent::Part;
    const TAKES_AWAY: bool = true;
    const CALLS: &'static [Call] = &[GET_ROLE, DELETE_ROLE];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let request = writer.session.iam().delete_role().role_name(&self.role);
        done_on(writer.write(&writer.at, &DELETE_ROLE, Undo::again(), request.send()).await, GONE)
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        role_arn(&self.role, at, partition)
    }

    fn says(&self) -> String {
        format!("DeleteRole {}", self.role)
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        (self == earlier).then(|| self.clone())
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let asked = writer.session.iam().get_role().role_name(&self.role);
        let sending = async { asked.send().await.absent_on(GONE) };
        let role = writer.session.ask(&writer.at, &GET_ROLE, sending).await?;
        Ok(if role.is_some() { Stands::Open } else { Stands::Undone })
    }
}

/// Gives a managed policy back to a role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReattachRolePolicy {
    /// The role.
    pub role: String,
    /// The ARN of the policy.
    pub policy: String,
}

impl Undoing for ReattachRolePolicy {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[LIST_OF_ROLE, ATTACH_ROLE];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let request = writer.session.iam().attach_role_policy().role_name(&self.role).policy_arn(&self.policy);
        writer.write(&writer.at, &ATTACH_ROLE, Undo::again(), request.send()).await
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        role_arn(&self.role, at, partition)
    }

    fn says(&self) -> String {
        format!("AttachRolePolicy of {} to {}, which had it", self.policy, self.role)
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        (self == earlier).then(|| self.clone())
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let has = role_has(writer, &self.role, &self.policy).await?;
        let what = format!("role {}", self.role);
        Ok(has.map_or_else(|| gone(&what), |has| found(&has, &false, &true, &what)))
    }
}

/// Gives a managed policy back to a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttachGroupPolicy {
    /// The group.
    pub group: String,
    /// The ARN of the policy.
    pub policy: String,
}

impl Undoing for AttachGroupPolicy {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[LIST_OF_GROUP, ATTACH_GROUP];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let request = writer.session.iam().attach_group_policy().group_name(&self.group).policy_arn(&self.policy);
        writer.write(&writer.at, &ATTACH_GROUP, Undo::again(), request.send()).await
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        group_arn(&self.group, at, partition)
    }

    fn says(&self) -> String {
        format!("AttachGroupPolicy of {} to {}, which had it", self.policy, self.group)
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        (self == earlier).then(|| self.clone())
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let has = group_has(writer, &self.group, &self.policy).await?;
        let what = format!("group {}", self.group);
        Ok(has.map_or_else(|| gone(&what), |has| found(&has, &false, &true, &what)))
    }
}

/// Takes the alias from an account that had none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeleteAccountAlias {
    /// The alias that was set.
    pub set: String,
}

impl Undoing for DeleteAccountAlias {
    const EXTENT: Extent = Extent::Whole;
    const CALLS: &'static [Call] = &[LIST_ALIASES, DELETE_ALIAS];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let request = writer.session.iam().delete_account_alias().account_alias(&self.set);
        done_on(writer.write(&writer.at, &DELETE_ALIAS, Undo::again(), request.send()).await, GONE)
    }

    fn says(&self) -> String {
        format!("DeleteAccountAlias {}: the account had none", self.set)
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        (self == earlier).then(|| self.clone())
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let now = look_at_alias(&writer.session, &writer.at).await?;
        Ok(found(&now, &Some(self.set.clone()), &None, "the alias"))
    }
}

/// Gives an account its former alias.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestoreAccountAlias {
    /// The alias that replaced it.
    pub set: String,
    /// The former alias.
    pub before: String,
}

impl Undoing for RestoreAccountAlias {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[LIST_ALIASES, CREATE_ALIAS];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let back = Self { set: self.before.clone(), before: self.set.clone() };
        let request = writer.session.iam().create_account_alias().account_alias(&self.before);
        let undo = Undo::by(Step::RestoreAccountAlias(back));
        writer.write(&writer.at, &CREATE_ALIAS, undo, request.send()).await
    }

    fn says(&self) -> String {
        format!("CreateAccountAlias {}, the former one", self.before)
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        Some(Self { set: self.set.clone(), before: earlier.before.clone() })
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let now = look_at_alias(&writer.session, &writer.at).await?;
        Ok(now.map_or_else(|| gone("the alias"), |now| found(&now, &self.set, &self.before, "the alias")))
    }
}
