//! What undoes a write to IAM.

use serde::{Deserialize, Serialize};

use super::{Extent, Stands, Undo, Undoing, found, gone};
use crate::observe::iam::{GET, PasswordPolicy, look};
use crate::observe::{Call, ReadError};
use crate::steps::writer::done_on;
use crate::steps::{Step, Writer, iam};

const DELETE: Call =
    Call { service: "IAM", operation: "DeleteAccountPasswordPolicy", action: "iam:DeleteAccountPasswordPolicy" };

/// Puts a former password policy back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestorePasswordPolicy {
    /// The policy that replaced it.
    pub set: PasswordPolicy,
    /// The former policy.
    pub before: PasswordPolicy,
}

impl Undoing for RestorePasswordPolicy {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[GET, iam::UPDATE];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let back = Self { set: self.before.clone(), before: self.set.clone() };
        iam::send(writer, &self.before, Undo::by(Step::RestorePasswordPolicy(back))).await
    }

    fn says(&self) -> String {
        "UpdateAccountPasswordPolicy with the former values".to_owned()
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        Some(Self { set: self.set.clone(), before: earlier.before.clone() })
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let what = "the password policy";
        let now = look(&writer.session, &writer.at).await?;
        Ok(now.map_or_else(|| gone(what), |now| found(&now, &self.set, &self.before, what)))
    }
}

/// Takes an account's first password policy away; AWS's defaults are in force then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeleteAccountPasswordPolicy {
    /// The policy that was set.
    pub set: PasswordPolicy,
}

impl Undoing for DeleteAccountPasswordPolicy {
    const EXTENT: Extent = Extent::Whole;
    const CALLS: &'static [Call] = &[GET, DELETE];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let request = writer.session.iam().delete_account_password_policy();
        done_on(writer.write(&writer.at, &DELETE, Undo::again(), request.send()).await, &["NoSuchEntity"])
    }

    fn says(&self) -> String {
        "DeleteAccountPasswordPolicy: the account had none".to_owned()
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        (self == earlier).then(|| self.clone())
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let now = look(&writer.session, &writer.at).await?;
        Ok(found(&now, &Some(self.set.clone()), &None, "the password policy"))
    }
}
