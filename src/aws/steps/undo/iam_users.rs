//! What gives back to users what was taken from them.

use serde::{Deserialize, Serialize};

use super::{Extent, Stands, Undo, Undoing, found, gone};
use crate::Absent;
use crate::observe::iam::{LIST_KEYS, decoded, list_keys};
use crate::observe::{Call, ReadError};
use crate::steps::Writer;
use crate::steps::iam::{UPDATE_KEY, Who, send_status};
use crate::target::{Partition, Target};

const LIST_ATTACHED: Call =
    Call { service: "IAM", operation: "ListAttachedUserPolicies", action: "iam:ListAttachedUserPolicies" };
const ATTACH: Call = Call { service: "IAM", operation: "AttachUserPolicy", action: "iam:AttachUserPolicy" };
const GET: Call = Call { service: "IAM", operation: "GetUserPolicy", action: "iam:GetUserPolicy" };
const GET_USER: Call = Call { service: "IAM", operation: "GetUser", action: "iam:GetUser" };
const PUT: Call = Call { service: "IAM", operation: "PutUserPolicy", action: "iam:PutUserPolicy" };

/// Makes an access key active again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActivateAccessKey {
    /// Whose it is.
    pub user: Who,
    /// Its id.
    pub key: String,
}

impl Undoing for ActivateAccessKey {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[LIST_KEYS, UPDATE_KEY];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        send_status(writer, &self.user, &self.key, "Active", Undo::again()).await
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        self.user.arn(at, partition)
    }

    fn says(&self) -> String {
        format!("UpdateAccessKey: {} of {} becomes active again", self.key, self.user.name)
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        (self == earlier).then(|| self.clone())
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let keys = list_keys(&writer.session, &writer.at, Some(&self.user.name)).await?.unwrap_or_default();
        let key = keys.iter().find(|key| key.id == self.key);
        let what = format!("access key {}", self.key);
        Ok(key.map_or_else(|| gone(&what), |key| found(&key.active, &false, &true, &what)))
    }
}

/// Gives a managed policy back to a user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttachUserPolicy {
    /// Who had it.
    pub user: Who,
    /// The ARN of the policy.
    pub policy: String,
}

impl Undoing for AttachUserPolicy {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[LIST_ATTACHED, ATTACH];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let request = writer.session.iam().attach_user_policy().user_name(&self.user.name).policy_arn(&self.policy);
        writer.write(&writer.at, &ATTACH, Undo::again(), request.send()).await
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        self.user.arn(at, partition)
    }

    fn says(&self) -> String {
        format!("AttachUserPolicy of {} to {}, who had it", self.policy, self.user.name)
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        (self == earlier).then(|| self.clone())
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let mut marker: Option<String> = None;
        loop {
            let asked = writer.session.iam().list_attached_user_policies().user_name(&self.user.name);
            let asked = asked.set_marker(marker);
            let sending = async { asked.send().await.absent_on(&["NoSuchEntity"]) };
            let Some(page) = writer.session.ask(&writer.at, &LIST_ATTACHED, sending).await? else {
                return Ok(gone(&format!("user {}", self.user.name)));
            };
            let has = |policy: &aws_sdk_iam::types::AttachedPolicy| policy.policy_arn() == Some(&*self.policy);
            if page.attached_policies().iter().any(has) {
                return Ok(Stands::Undone);
            }
            marker = page.marker.filter(|marker| page.is_truncated && !marker.is_empty());
            if marker.is_none() {
                return Ok(Stands::Open);
            }
        }
    }
}

/// Gives an inline policy back to a user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PutUserPolicy {
    /// Whose it was.
    pub user: Who,
    /// The name of the policy.
    pub policy: String,
    /// Its document.
    pub document: String,
}

impl Undoing for PutUserPolicy {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[GET, GET_USER, PUT];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let request = writer.session.iam().put_user_policy().user_name(&self.user.name).policy_name(&self.policy);
        let request = request.policy_document(&self.document);
        writer.write(&writer.at, &PUT, Undo::again(), request.send()).await
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        self.user.arn(at, partition)
    }

    fn says(&self) -> String {
        format!("PutUserPolicy {} of {} with the former document", self.policy, self.user.name)
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        (self == earlier).then(|| self.clone())
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let asked = writer.session.iam().get_user_policy().user_name(&self.user.name).policy_name(&self.policy);
        let sending = async { asked.send().await.absent_on(&["NoSuchEntity"]) };
        if let Some(now) = writer.session.ask(&writer.at, &GET, sending).await? {
            let parsed = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
            let same = decoded(&now.policy_document).is_ok_and(|now| parsed(&now) == parsed(&self.document));
            let other = || Stands::Changed(format!("somebody has put another policy {} there since", self.policy));
            return Ok(if same { Stands::Undone } else { other() });
        }
        let asked = writer.session.iam().get_user().user_name(&self.user.name);
        let sending = async { asked.send().await.absent_on(&["NoSuchEntity"]) };
        let user = writer.session.ask(&writer.at, &GET_USER, sending).await?;
        Ok(user.map_or_else(|| gone(&format!("user {}", self.user.name)), |_| Stands::Open))
    }
}
