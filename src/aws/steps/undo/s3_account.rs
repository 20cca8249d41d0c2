//! What undoes the public access block of an account.

use serde::{Deserialize, Serialize};

use super::{Extent, Stands, Undo, Undoing, found};
use crate::observe::s3::{GET_ACCOUNT_BLOCK, Switches, switches_of_account};
use crate::observe::{Call, ReadError};
use crate::steps::Writer;
use crate::steps::s3::{PUT_ACCOUNT_BLOCK, set_account_block};

const DELETE: Call =
    Call { service: "S3 Control", operation: "DeletePublicAccessBlock", action: "s3:PutAccountPublicAccessBlock" };

/// Puts the former public access block of an account back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestoreAccountPublicAccessBlock {
    /// The switches as they were set.
    pub set: Switches,
    /// The former switches; none: it had no block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Switches>,
}

impl Undoing for RestoreAccountPublicAccessBlock {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[GET_ACCOUNT_BLOCK, PUT_ACCOUNT_BLOCK, DELETE];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        if let Some(before) = self.before {
            return set_account_block(writer, before, Undo::again()).await;
        }
        let client = writer.session.s3_control(writer.session.home_region());
        let request = client.delete_public_access_block().account_id(writer.at.account.as_str());
        writer.write(&writer.at, &DELETE, Undo::again(), request.send()).await
    }

    fn says(&self) -> String {
        match self.before {
            Some(_) => "PutPublicAccessBlock of the account with the former switches".to_owned(),
            None => "DeletePublicAccessBlock of the account: it had none".to_owned(),
        }
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        Some(Self { set: self.set, before: earlier.before })
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let now = switches_of_account(&writer.session, &writer.at).await?;
        Ok(found(&now, &Some(self.set), &self.before, "the public access block of the account"))
    }
}
