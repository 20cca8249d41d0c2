//! What undoes a write to IAM Access Analyzer.

use serde::{Deserialize, Serialize};

use super::{Extent, Stands, Undo, Undoing};
use crate::observe::accessanalyzer::{LIST, analyzers};
use crate::observe::{Call, ReadError};
use crate::steps::Writer;
use crate::steps::accessanalyzer::{arn, client};
use crate::target::{Partition, Target};

const DELETE: Call =
    Call { service: "AccessAnalyzer", operation: "DeleteAnalyzer", action: "access-analyzer:DeleteAnalyzer" };

/// Takes an analyzer away that was made, with its findings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeleteAnalyzer {
    /// Its name.
    pub name: String,
    /// The address by which it is tagged.
    pub address: String,
}

impl Undoing for DeleteAnalyzer {
    const EXTENT: Extent = Extent::Whole;
    const CALLS: &'static [Call] = &[LIST, DELETE];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let asked = client(writer).delete_analyzer().analyzer_name(&self.name);
        writer.write(&writer.at, &DELETE, Undo::again(), asked.send()).await
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        match action {
            "access-analyzer:DeleteAnalyzer" => vec![arn(&self.name, at, partition)],
            _ => super::anywhere(),
        }
    }

    fn says(&self) -> String {
        format!("DeleteAnalyzer {}, with its findings", self.name)
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let there = analyzers(&writer.session, &writer.at).await?;
        let Some(found) = there.0.iter().find(|analyzer| analyzer.name == self.name) else {
            return Ok(Stands::Undone);
        };
        if found.signs.address() == Some(&self.address) {
            return Ok(Stands::Open);
        }
        Ok(Stands::Changed(format!("the analyzer {} that is there is not the one that was made", self.name)))
    }
}
