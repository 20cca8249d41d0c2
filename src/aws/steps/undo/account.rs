//! What undoes a write to Account Management.

use serde::{Deserialize, Serialize};

use super::{Extent, Stands, Undo, Undoing, found, gone};
use crate::observe::account::{
    Contact, ContactInformation, GET_ALTERNATE, GET_PRIMARY, Kind, look_at_alternate, look_at_primary,
};
use crate::observe::{Call, ReadError};
use crate::steps::account::{PUT_ALTERNATE, PUT_PRIMARY, arn, send_alternate, send_primary};
use crate::steps::writer::done_on;
use crate::steps::{Step, Writer};
use crate::target::{Partition, Target};

const DELETE: Call =
    Call { service: "Account", operation: "DeleteAlternateContact", action: "account:DeleteAlternateContact" };

/// Puts a former alternate contact back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestoreAlternateContact {
    /// What it is written to about.
    pub kind: Kind,
    /// The contact that replaced it.
    pub set: Contact,
    /// The former contact.
    pub before: Contact,
}

impl Undoing for RestoreAlternateContact {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[GET_ALTERNATE, PUT_ALTERNATE];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let back = Self { kind: self.kind, set: self.before.clone(), before: self.set.clone() };
        send_alternate(writer, self.kind, &self.before, Undo::by(Step::RestoreAlternateContact(back))).await
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        arn(at, partition)
    }

    fn says(&self) -> String {
        format!("PutAlternateContact of {} with the former contact", self.kind)
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        (self.kind == earlier.kind).then(|| Self { before: earlier.before.clone(), ..self.clone() })
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let what = format!("the {} contact", self.kind);
        let now = look_at_alternate(&writer.session, &writer.at, self.kind).await?;
        Ok(now.map_or_else(|| gone(&what), |now| found(&now, &self.set, &self.before, &what)))
    }
}

/// Takes an alternate contact away, of which there was none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeleteAlternateContact {
    /// What it is written to about.
    pub kind: Kind,
    /// The contact that was registered.
    pub set: Contact,
}

impl Undoing for DeleteAlternateContact {
    const EXTENT: Extent = Extent::Whole;
    const CALLS: &'static [Call] = &[GET_ALTERNATE, DELETE];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let request = writer.session.account_management().delete_alternate_contact();
        let request = request.alternate_contact_type(self.kind.sdk());
        let written = writer.write(&writer.at, &DELETE, Undo::again(), request.send()).await;
        done_on(written, &["ResourceNotFoundException"])
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        arn(at, partition)
    }

    fn says(&self) -> String {
        format!("DeleteAlternateContact of {}: the account had none", self.kind)
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        (self == earlier).then(|| self.clone())
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let now = look_at_alternate(&writer.session, &writer.at, self.kind).await?;
        Ok(found(&now, &Some(self.set.clone()), &None, &format!("the {} contact", self.kind)))
    }
}

/// Puts a former primary contact back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestoreContactInformation {
    /// The contact that replaced it.
    pub set: ContactInformation,
    /// The former contact.
    pub before: ContactInformation,
}

impl Undoing for RestoreContactInformation {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[GET_PRIMARY, PUT_PRIMARY];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let back = Self { set: self.before.clone(), before: self.set.clone() };
        send_primary(writer, &self.before, Undo::by(Step::RestoreContactInformation(back))).await
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        arn(at, partition)
    }

    fn says(&self) -> String {
        "PutContactInformation with the former values".to_owned()
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        Some(Self { set: self.set.clone(), before: earlier.before.clone() })
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let what = "the primary contact";
        let now = look_at_primary(&writer.session, &writer.at).await?;
        Ok(now.map_or_else(|| gone(what), |now| found(&now, &self.set, &self.before, what)))
    }
}
