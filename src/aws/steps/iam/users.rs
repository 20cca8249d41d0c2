//! What is taken from users: their password, the use of an access key, policies of their own.

use serde::{Deserialize, Serialize};

use crate::observe::{Call, ReadError};
use crate::steps::undo::iam_users::{ActivateAccessKey, AttachUserPolicy, PutUserPolicy};
use crate::steps::writer::done_on;
use crate::steps::{Atom, Risk, Step, Undo, Writer};
use crate::target::{Partition, Target};

const GONE: &[&str] = &["NoSuchEntity"];
/// Somebody is changing the same user.
const BUSY: &[&str] = &["EntityTemporarilyUnmodifiable", "ConcurrentModification"];

/// A user by name and path: its ARN has both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    /// The name.
    pub name: String,
    /// The path, such as `/`.
    pub path: String,
}

impl Who {
    pub(in crate::steps) fn arn(&self, at: &Target, partition: &Partition) -> Vec<String> {
        vec![format!("arn:{partition}:iam::{}:user{}{}", at.account, self.path, self.name)]
    }
}

const DELETE_LOGIN: Call = Call { service: "IAM", operation: "DeleteLoginProfile", action: "iam:DeleteLoginProfile" };
pub(in crate::steps) const UPDATE_KEY: Call =
    Call { service: "IAM", operation: "UpdateAccessKey", action: "iam:UpdateAccessKey" };
const DETACH: Call = Call { service: "IAM", operation: "DetachUserPolicy", action: "iam:DetachUserPolicy" };
const DELETE_POLICY: Call = Call { service: "IAM", operation: "DeleteUserPolicy", action: "iam:DeleteUserPolicy" };

/// Takes the password for the console from a user. Its access keys stay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeleteLoginProfile {
    /// Whose it is.
    pub user: Who,
}

impl Atom for DeleteLoginProfile {
    const CALLS: &'static [Call] = &[DELETE_LOGIN];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let request = writer.session.iam().delete_login_profile().user_name(&self.user.name);
        let undo = Undo::Never(format!("the password of {} is gone: an administrator sets a new one", self.user.name));
        done_on(writer.write(&writer.at, &DELETE_LOGIN, undo, request.send()).await, GONE)
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        self.user.arn(at, partition)
    }

    fn says(&self) -> String {
        format!("DeleteLoginProfile of {}, who cannot sign in to the console then", self.user.name)
    }

    fn risk(&self) -> Risk {
        Risk::Irreversible
    }

    fn retried(&self) -> &'static [&'static str] {
        BUSY
    }

    fn undo(&self) -> String {
        "by no call: an administrator sets a new password".to_owned()
    }
}

/// Makes an access key inactive. It can be made active again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeactivateAccessKey {
    /// Whose it is.
    pub user: Who,
    /// Its id.
    pub key: String,
}

/// Sends the status of a key.
pub(in crate::steps) async fn send_status(
    writer: &Writer,
    user: &Who,
    key: &str,
    status: &str,
    undo: Undo,
) -> Result<(), ReadError> {
    let request = writer.session.iam().update_access_key().user_name(&user.name).access_key_id(key);
    writer.write(&writer.at, &UPDATE_KEY, undo, request.status(status.into()).send()).await
}

impl Atom for DeactivateAccessKey {
    const CALLS: &'static [Call] = &[UPDATE_KEY];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let back = ActivateAccessKey { user: self.user.clone(), key: self.key.clone() };
        let undo = Undo::by(Step::ActivateAccessKey(back));
        done_on(send_status(writer, &self.user, &self.key, "Inactive", undo).await, GONE)
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        self.user.arn(at, partition)
    }

    fn says(&self) -> String {
        format!("UpdateAccessKey: {} of {} becomes inactive", self.key, self.user.name)
    }

    fn part(&self) -> Option<&str> {
        Some(&self.key)
    }

    fn risk(&self) -> Risk {
        Risk::Disruptive
    }

    fn retried(&self) -> &'static [&'static str] {
        BUSY
    }

    fn undo(&self) -> String {
        format!("UpdateAccessKey: {} of {} becomes active", self.key, self.user.name)
    }
}

/// Takes a managed policy from a user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DetachUserPolicy {
    /// Who has it.
    pub user: Who,
    /// The ARN of the policy.
    pub policy: String,
}

impl Atom for DetachUserPolicy {
    const CALLS: &'static [Call] = &[DETACH];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let back = AttachUserPolicy { user: self.user.clone(), policy: self.policy.clone() };
        let undo = Undo::by(Step::AttachUserPolicy(back));
        let request = writer.session.iam().detach_user_policy().user_name(&self.user.name).policy_arn(&self.policy);
        done_on(writer.write(&writer.at, &DETACH, undo, request.send()).await, GONE)
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        self.user.arn(at, partition)
    }

    fn says(&self) -> String {
        format!("DetachUserPolicy of {} from {}", self.policy, self.user.name)
    }

    fn part(&self) -> Option<&str> {
        Some(&self.policy)
    }

    fn risk(&self) -> Risk {
        Risk::Disruptive
    }

    fn retried(&self) -> &'static [&'static str] {
        BUSY
    }

    fn undo(&self) -> String {
        format!("AttachUserPolicy of {} to {}", self.policy, self.user.name)
    }
}

/// Takes an inline policy from a user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeleteUserPolicy {
    /// Whose it is.
    pub user: Who,
    /// The name of the policy.
    pub policy: String,
    /// Its document, with which it can be put back.
    pub document: String,
}

impl Atom for DeleteUserPolicy {
    const CALLS: &'static [Call] = &[DELETE_POLICY];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let Self { user, policy, document } = self.clone();
        let undo = Undo::by(Step::PutUserPolicy(PutUserPolicy { user, policy, document }));
        let request = writer.session.iam().delete_user_policy().user_name(&self.user.name).policy_name(&self.policy);
        done_on(writer.write(&writer.at, &DELETE_POLICY, undo, request.send()).await, GONE)
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        self.user.arn(at, partition)
    }

    fn says(&self) -> String {
        format!("DeleteUserPolicy {} of {}", self.policy, self.user.name)
    }

    fn part(&self) -> Option<&str> {
        Some(&self.policy)
    }

    fn risk(&self) -> Risk {
        Risk::Disruptive
    }

    fn retried(&self) -> &'static [&'static str] {
        BUSY
    }

    fn undo(&self) -> String {
        format!("PutUserPolicy {} of {} with its document", self.policy, self.user.name)
    }
}
