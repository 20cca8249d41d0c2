//! What CloudTrail Insights looks for in a trail.

use serde::{Deserialize, Serialize};

use super::{at, call, resources};
use crate::observe::cloudtrail::{GET_INSIGHTS, Insights, insights_of};
use crate::observe::{Call, ReadError};
use crate::steps::undo::cloudtrail::RestoreInsightSelectors;
use crate::steps::{Atom, Step, Undo, Writer};
use crate::target::{Partition, Region, Target};

pub(in crate::steps) const PUT_INSIGHTS: Call = call("PutInsightSelectors", "cloudtrail:PutInsightSelectors");

/// Sets all Insights of a trail; with none they are switched off.
pub(in crate::steps) async fn put_insights(
    writer: &Writer,
    region: &Region,
    trail: &str,
    insights: &Insights,
    undo: Undo,
) -> Result<(), ReadError> {
    let request = writer.session.cloudtrail(region).put_insight_selectors().trail_name(trail);
    let request = request.set_insight_selectors(Some(insights.sent()));
    writer.write(&at(writer, region), &PUT_INSIGHTS, undo, request.send()).await
}

/// Has Insights look at a trail.
/// [PutInsightSelectors](https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutInsightSelectors.html)
/// replaces all of them, so what was looked for before is sent with what is added.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PutInsightSelectors {
    /// The trail's ARN.
    pub trail: String,
    /// Its home region.
    pub region: Region,
    /// The Insights afterwards.
    pub insights: Insights,
}

impl Atom for PutInsightSelectors {
    const CALLS: &'static [Call] = &[GET_INSIGHTS, PUT_INSIGHTS];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let Self { trail, region, insights } = self;
        let before = insights_of(&writer.session, &at(writer, region), region, trail).await?;
        let (trail, region) = (trail.clone(), region.clone());
        let back = RestoreInsightSelectors { trail, region, set: insights.clone(), before };
        put_insights(writer, &self.region, &self.trail, insights, Undo::by(Step::RestoreInsightSelectors(back))).await
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        resources(&self.trail, None, action, at, partition)
    }

    fn says(&self) -> String {
        let kinds: Vec<&str> = self.insights.0.keys().map(String::as_str).collect();
        format!("PutInsightSelectors {}: {}", self.trail, kinds.join(", "))
    }

    /// What [CloudTrail asks](https://aws.amazon.com/cloudtrail/pricing/) for it.
    fn cost(&self) -> Option<&'static str> {
        Some("CloudTrail Insights bills USD 0.35 per 100,000 management events for each kind of insight")
    }

    fn retried(&self) -> &'static [&'static str] {
        &[
            "ConflictException",
            "InsufficientEncryptionPolicyException",
            "InsufficientS3BucketPolicyException",
            "S3BucketDoesNotExistException",
            "TrailNotFoundException",
        ]
    }

    fn undo(&self) -> String {
        "PutInsightSelectors with the former ones".to_owned()
    }
}
