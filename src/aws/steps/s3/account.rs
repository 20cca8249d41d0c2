//! The public access block of an account, which holds for all its buckets.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::observe::s3::{GET_ACCOUNT_BLOCK, Switches, in_api_of_account, switches_of_account};
use crate::observe::{Call, ReadError};
use crate::steps::atom::named;
use crate::steps::undo::s3_account::RestoreAccountPublicAccessBlock;
use crate::steps::{Atom, Risk, Step, Undo, Writer};

pub(in crate::steps) const PUT_ACCOUNT_BLOCK: Call =
    Call { service: "S3 Control", operation: "PutPublicAccessBlock", action: "s3:PutAccountPublicAccessBlock" };

/// Sends the block as a whole: a switch that it is not told is off.
pub(in crate::steps) async fn set_account_block(
    writer: &Writer,
    switches: Switches,
    undo: Undo,
) -> Result<(), ReadError> {
    let client = writer.session.s3_control(writer.session.home_region());
    let request = client.put_public_access_block().account_id(writer.at.account.as_str());
    let request = request.public_access_block_configuration(in_api_of_account(switches));
    writer.write(&writer.at, &PUT_ACCOUNT_BLOCK, undo, request.send()).await
}

/// Blocks public access to all buckets of the account; switches that are on stay on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PutAccountPublicAccessBlock {
    /// What shall be on.
    pub switches: Switches,
    /// The buckets that are public now and are shut by it.
    pub shuts: Vec<String>,
    /// Those that did not say whether they are.
    pub unread: Vec<String>,
}

impl Atom for PutAccountPublicAccessBlock {
    const CALLS: &'static [Call] = &[GET_ACCOUNT_BLOCK, PUT_ACCOUNT_BLOCK];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let before = switches_of_account(&writer.session, &writer.at).await?;
        let set = before.unwrap_or_default().or(self.switches);
        if before == Some(set) {
            return Ok(());
        }
        let back = RestoreAccountPublicAccessBlock { set, before };
        set_account_block(writer, set, Undo::by(Step::RestoreAccountPublicAccessBlock(back))).await
    }

    fn says(&self) -> String {
        let switches =
            if self.switches == Switches::ALL { "all four".to_owned() } else { self.switches.names().join(", ") };
        let many = |buckets: &[String]| if buckets.len() == 1 { "" } else { "s" };
        let shuts = match &self.shuts[..] {
            [] => String::new(),
            shut => format!(": shuts {} public bucket{} ({})", shut.len(), many(shut), named(shut)),
        };
        let unread = match &self.unread[..] {
            [] => String::new(),
            unread => {
                format!("; {} bucket{} could not be looked at ({})", unread.len(), many(unread), named(unread))
            }
        };
        format!("PutPublicAccessBlock of the account with {switches}{shuts}{unread}")
    }

    /// Whatever is public today: from then on, what makes objects public is refused, or is so in vain.
    fn risk(&self) -> Risk {
        Risk::Disruptive
    }

    /// Regions follow [one after another](https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html).
    fn settles(&self) -> Duration {
        Duration::from_mins(5)
    }

    fn undo(&self) -> String {
        "PutPublicAccessBlock of the account with the former switches, or DeletePublicAccessBlock".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shut_and_what_is_not_known_is_named() {
        let step = |switches: Switches, shuts: &[&str], unread: &[&str]| {
            let all = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            PutAccountPublicAccessBlock { switches, shuts: all(shuts), unread: all(unread) }.says()
        };
        assert_eq!(step(Switches::ALL, &[], &[]), "PutPublicAccessBlock of the account with all four");
        let acls = Switches { ignore_public_acls: true, ..Switches::default() };
        assert_eq!(
            step(acls, &["one"], &["a", "b", "c", "d", "e", "f"]),
            "PutPublicAccessBlock of the account with IgnorePublicAcls: shuts 1 public bucket (one); 6 buckets could \
             not be looked at (a, b, c, d, e, …)"
        );
    }
}
