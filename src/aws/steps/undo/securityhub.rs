//! What undoes a write to Security Hub CSPM.

use serde::{Deserialize, Serialize};

use super::{Extent, Stands, Undo, Undoing};
use crate::observe::securityhub::{DESCRIBE, hub};
use crate::observe::{Call, ReadError};
use crate::ownership::MANAGED;
use crate::steps::Writer;
use crate::steps::securityhub::{arn, client};
use crate::target::{Partition, Target};

const DISABLE: Call =
    Call { service: "SecurityHub", operation: "DisableSecurityHub", action: "securityhub:DisableSecurityHub" };
const TAGS: Call =
    Call { service: "SecurityHub", operation: "ListTagsForResource", action: "securityhub:ListTagsForResource" };

/// Switches Security Hub off in a region where it was switched on, with its findings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DisableSecurityHub {
    /// The address by which the hub is tagged.
    pub address: String,
}

impl Undoing for DisableSecurityHub {
    const EXTENT: Extent = Extent::Whole;
    const CALLS: &'static [Call] = &[DESCRIBE, TAGS, DISABLE];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let asked = client(writer).disable_security_hub();
        writer.write(&writer.at, &DISABLE, Undo::again(), asked.send()).await
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        match action {
            "securityhub:DisableSecurityHub" => vec![arn(at, partition)],
            _ => super::anywhere(),
        }
    }

    fn says(&self) -> String {
        "DisableSecurityHub, with its findings".to_owned()
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let Some(found) = hub(&writer.session, &writer.at).await? else { return Ok(Stands::Undone) };
        let asked = client(writer).list_tags_for_resource().resource_arn(&found.arn);
        let answer = writer.session.ask(&writer.at, &TAGS, asked.send()).await?;
        if answer.tags().and_then(|tags| tags.get(MANAGED)) == Some(&self.address) {
            return Ok(Stands::Open);
        }
        Ok(Stands::Changed("the hub that is there is not the one that was switched on".to_owned()))
    }
}
