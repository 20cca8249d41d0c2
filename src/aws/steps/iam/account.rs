//! What is made, changed and taken away of an account's IAM besides its users.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::observe::{Call, ReadError};
use crate::steps::undo::iam_account::{
    AttachGroupPolicy, DeleteAccountAlias, DeleteRole, DetachRolePolicy, ReattachRolePolicy, RestoreAccountAlias,
};
use crate::steps::writer::done_on;
use crate::steps::{Atom, Risk, Step, Undo, Writer};
use crate::target::{Partition, Target};

const GONE: &[&str] = &["NoSuchEntity"];
const BUSY: &[&str] = &["EntityTemporarilyUnmodifiable", "ConcurrentModification"];

const CREATE_ROLE: Call = Call { service: "IAM", operation: "CreateRole", action: "iam:CreateRole" };
pub(in crate::steps) const ATTACH_ROLE: Call =
    Call { service: "IAM", operation: "AttachRolePolicy", action: "iam:AttachRolePolicy" };
pub(in crate::steps) const DETACH_ROLE: Call =
    Call { service: "IAM", operation: "DetachRolePolicy", action: "iam:DetachRolePolicy" };
const DETACH_GROUP: Call = Call { service: "IAM", operation: "DetachGroupPolicy", action: "iam:DetachGroupPolicy" };
const DELETE_CERTIFICATE: Call =
    Call { service: "IAM", operation: "DeleteServerCertificate", action: "iam:DeleteServerCertificate" };
pub(in crate::steps) const CREATE_ALIAS: Call =
    Call { service: "IAM", operation: "CreateAccountAlias", action: "iam:CreateAccountAlias" };

/// The ARN of a role whose path is not known.
pub(in crate::steps) fn role_arn(role: &str, at: &Target, partition: &Partition) -> Vec<String> {
    vec![format!("arn:{partition}:iam::{}:role/*{role}", at.account)]
}

/// The ARN of a group whose path is not known.
pub(in crate::steps) fn group_arn(group: &str, at: &Target, partition: &Partition) -> Vec<String> {
    vec![format!("arn:{partition}:iam::{}:group/*{group}", at.account)]
}

/// Makes a role, which may do nothing yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CreateRole {
    /// Its name.
    pub role: String,
    /// Whom it trusts.
    pub trust: Value,
    /// The address that its tag has.
    pub address: String,
}

impl Atom for CreateRole {
    const CALLS: &'static [Call] = &[CREATE_ROLE];
    const DEPENDENT: &'static [&'static str] = &["iam:TagRole"];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let undo = Undo::by(Step::DeleteRole(DeleteRole { role: self.role.clone() }));
        let tag = aws_sdk_iam::types::Tag::builder().key("trueup:managed").value(&self.address).build();
        let tag = tag.expect("a tag has a key and a value");
        let request = writer.session.iam().create_role().role_name(&self.role).tags(tag);
        let request = request.assume_role_policy_document(self.trust.to_string());
        done_on(writer.write(&writer.at, &CREATE_ROLE, undo, request.send()).await, &["EntityAlreadyExists"])
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        vec![format!("arn:{partition}:iam::{}:role/{}", at.account, self.role)]
    }

    fn says(&self) -> String {
        format!("CreateRole {}", self.role)
    }

    fn retried(&self) -> &'static [&'static str] {
        // A principal that was made a moment ago is not known everywhere.
        &["MalformedPolicyDocument", "ConcurrentModification"]
    }

    fn undo(&self) -> String {
        format!("DeleteRole {}", self.role)
    }
}

/// Gives a managed policy to a role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttachRolePolicy {
    /// The role.
    pub role: String,
    /// The ARN of the policy.
    pub policy: String,
}

impl Atom for AttachRolePolicy {
    const CALLS: &'static [Call] = &[ATTACH_ROLE];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let back = DetachRolePolicy { role: self.role.clone(), policy: self.policy.clone() };
        let undo = Undo::by(Step::DetachRolePolicy(back));
        let request = writer.session.iam().attach_role_policy().role_name(&self.role).policy_arn(&self.policy);
        writer.write(&writer.at, &ATTACH_ROLE, undo, request.send()).await
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        role_arn(&self.role, at, partition)
    }

    fn says(&self) -> String {
        format!("AttachRolePolicy of {} to {}", self.policy, self.role)
    }

    fn part(&self) -> Option<&str> {
        Some(&self.policy)
    }

    fn retried(&self) -> &'static [&'static str] {
        // The role may have been made a moment ago.
        &["NoSuchEntity", "EntityTemporarilyUnmodifiable", "ConcurrentModification"]
    }

    fn undo(&self) -> String {
        format!("DetachRolePolicy of {} from {}", self.policy, self.role)
    }
}

/// Takes a managed policy from a role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TakeRolePolicy {
    /// The role.
    pub role: String,
    /// The ARN of the policy.
    pub policy: String,
}

impl Atom for TakeRolePolicy {
    const CALLS: &'static [Call] = &[DETACH_ROLE];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let back = ReattachRolePolicy { role: self.role.clone(), policy: self.policy.clone() };
        let undo = Undo::by(Step::ReattachRolePolicy(back));
        let request = writer.session.iam().detach_role_policy().role_name(&self.role).policy_arn(&self.policy);
        done_on(writer.write(&writer.at, &DETACH_ROLE, undo, request.send()).await, GONE)
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        role_arn(&self.role, at, partition)
    }

    fn says(&self) -> String {
        format!("DetachRolePolicy of {} from {}", self.policy, self.role)
    }

    fn part(&self) -> Option<&str> {
        Some(&self.role)
    }

    fn risk(&self) -> Risk {
        Risk::Disruptive
    }

    fn retried(&self) -> &'static [&'static str] {
        BUSY
    }

    fn undo(&self) -> String {
        format!("AttachRolePolicy of {} to {}", self.policy, self.role)
    }
}

/// Takes a managed policy from a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DetachGroupPolicy {
    /// The group.
    pub group: String,
    /// The ARN of the policy.
    pub policy: String,
}

impl Atom for DetachGroupPolicy {
    const CALLS: &'static [Call] = &[DETACH_GROUP];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let back = AttachGroupPolicy { group: self.group.clone(), policy: self.policy.clone() };
        let undo = Undo::by(Step::AttachGroupPolicy(back));
        let request = writer.session.iam().detach_group_policy().group_name(&self.group).policy_arn(&self.policy);
        done_on(writer.write(&writer.at, &DETACH_GROUP, undo, request.send()).await, GONE)
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        group_arn(&self.group, at, partition)
    }

    fn says(&self) -> String {
        format!("DetachGroupPolicy of {} from {}", self.policy, self.group)
    }

    fn part(&self) -> Option<&str> {
        Some(&self.group)
    }

    fn risk(&self) -> Risk {
        Risk::Disruptive
    }

    fn retried(&self) -> &'static [&'static str] {
        BUSY
    }

    fn undo(&self) -> String {
        format!("AttachGroupPolicy of {} to {}", self.policy, self.group)
    }
}

/// Deletes a server certificate. AWS refuses while a load balancer of the classic kind or `CloudFront` uses it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeleteServerCertificate {
    /// Its name.
    pub certificate: String,
    /// Its path, such as `/`.
    pub path: String,
}

const KEY_IS_GONE: &str = "by no call: AWS gives the private key of a certificate to nobody";

impl Atom for DeleteServerCertificate {
    const CALLS: &'static [Call] = &[DELETE_CERTIFICATE];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let request = writer.session.iam().delete_server_certificate().server_certificate_name(&self.certificate);
        let undo = Undo::Never(KEY_IS_GONE.to_owned());
        done_on(writer.write(&writer.at, &DELETE_CERTIFICATE, undo, request.send()).await, GONE)
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        let Self { certificate, path } = self;
        vec![format!("arn:{partition}:iam::{}:server-certificate{path}{certificate}", at.account)]
    }

    fn says(&self) -> String {
        format!("DeleteServerCertificate {}", self.certificate)
    }

    fn risk(&self) -> Risk {
        Risk::Irreversible
    }

    fn undo(&self) -> String {
        KEY_IS_GONE.to_owned()
    }
}

/// Gives an account an alias, in place of the one that it may have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CreateAccountAlias {
    /// The alias.
    pub alias: String,
    /// The alias before.
    pub before: Option<String>,
}

impl Atom for CreateAccountAlias {
    const CALLS: &'static [Call] = &[CREATE_ALIAS];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let set = self.alias.clone();
        let back = match self.before.clone() {
            Some(before) => Step::RestoreAccountAlias(RestoreAccountAlias { set, before }),
            None => Step::DeleteAccountAlias(DeleteAccountAlias { set }),
        };
        let request = writer.session.iam().create_account_alias().account_alias(&self.alias);
        writer.write(&writer.at, &CREATE_ALIAS, Undo::by(back), request.send()).await
    }

    fn says(&self) -> String {
        match &self.before {
            Some(before) => {
                format!("CreateAccountAlias {}: who signs in by the address with {before} finds it gone", self.alias)
            }
            None => format!("CreateAccountAlias {}", self.alias),
        }
    }

    /// Who has bookmarked the sign-in address finds it gone.
    fn risk(&self) -> Risk {
        if self.before.is_some() { Risk::Disruptive } else { Risk::Safe }
    }

    fn undo(&self) -> String {
        match &self.before {
            Some(before) => format!("CreateAccountAlias {before}"),
            None => format!("DeleteAccountAlias {}", self.alias),
        }
    }
}
