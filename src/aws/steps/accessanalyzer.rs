//! What trueup does to IAM Access Analyzer.

use std::time::Duration;

use aws_sdk_accessanalyzer::types::Type;
use serde::{Deserialize, Serialize};

use super::{Atom, Step, Undo, Writer, anywhere, linked_roles};
use crate::observe::accessanalyzer::{LIST, Zone, analyzers};
use crate::observe::{Call, ReadError};
use crate::ownership::MANAGED;
use crate::steps::undo::accessanalyzer::DeleteAnalyzer;
use crate::target::{Partition, Region, Target};

const CREATE: Call =
    Call { service: "AccessAnalyzer", operation: "CreateAnalyzer", action: "access-analyzer:CreateAnalyzer" };

const PRINCIPAL: &str = "access-analyzer.amazonaws.com";

/// The client for the region of what is written.
pub(super) fn client(writer: &Writer) -> aws_sdk_accessanalyzer::Client {
    writer.session.access_analyzer(writer.at.region.as_ref().unwrap_or(writer.session.home_region()))
}

/// The ARN of an analyzer.
pub(super) fn arn(name: &str, at: &Target, partition: &Partition) -> String {
    let region = at.region.as_ref().map_or("*", Region::as_str);
    format!("arn:{partition}:access-analyzer:{region}:{}:analyzer/{name}", at.account)
}

/// Makes an analyzer of external access. A region has room for one of an account, so one that is there is never
/// followed by a second, whatever its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CreateAnalyzer {
    /// Its name.
    pub name: String,
    /// Whose resources it looks at.
    pub zone: Zone,
    /// The address of the object, by which it is tagged.
    pub address: String,
}

impl Atom for CreateAnalyzer {
    const CALLS: &'static [Call] = &[LIST, CREATE];
    const DEPENDENT: &'static [&'static str] = &["iam:CreateServiceLinkedRole", "access-analyzer:TagResource"];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let there = analyzers(&writer.session, &writer.at).await?;
        if there.0.iter().any(|analyzer| analyzer.zone == self.zone && analyzer.managed_by.is_none()) {
            return Ok(());
        }
        let back = DeleteAnalyzer { name: self.name.clone(), address: self.address.clone() };
        let asked = client(writer)
            .create_analyzer()
            .analyzer_name(&self.name)
            .r#type(Type::from(self.zone.word()))
            .tags(MANAGED, &self.address);
        writer.write(&writer.at, &CREATE, Undo::by(Step::DeleteAnalyzer(back)), asked.send()).await
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        match action {
            "iam:CreateServiceLinkedRole" => linked_roles(PRINCIPAL, at, partition),
            "access-analyzer:CreateAnalyzer" | "access-analyzer:TagResource" => vec![arn(&self.name, at, partition)],
            _ => anywhere(),
        }
    }

    fn says(&self) -> String {
        format!("CreateAnalyzer {} of type {}", self.name, self.zone.word())
    }

    /// One of an organization is `CREATING` for minutes, by the states that
    /// [AWS documents](https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_AnalyzerSummary.html).
    fn settles(&self) -> Duration {
        match self.zone {
            Zone::Account => Duration::ZERO,
            Zone::Organization => Duration::from_mins(15),
        }
    }

    fn undo(&self) -> String {
        format!("DeleteAnalyzer {}, which deletes its findings as well", self.name)
    }
}
