//! What puts back what a trail logs, and what Insights look for in it.

use serde::{Deserialize, Serialize};

use super::{BUSY, name_of};
use crate::observe::cloudtrail::{GET_INSIGHTS, GET_SELECTORS, Insights, Selectors, insights_of, selectors_of};
use crate::observe::{Call, ReadError};
use crate::steps::cloudtrail::{self, at};
use crate::steps::undo::{Extent, Stands, Undo, Undoing, found};
use crate::steps::{Step, Writer};
use crate::target::{Partition, Region, Target};

/// Puts the former event selectors of a trail back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestoreEventSelectors {
    /// The trail's ARN.
    pub trail: String,
    /// Its home region.
    pub region: Region,
    /// The selectors that were set.
    pub set: Selectors,
    /// The former selectors.
    pub before: Selectors,
}

impl Undoing for RestoreEventSelectors {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[GET_SELECTORS, cloudtrail::PUT_SELECTORS];
    const RETRIED: &'static [&'static str] = BUSY;

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let back = Self { set: self.before.clone(), before: self.set.clone(), ..self.clone() };
        let undo = Undo::by(Step::RestoreEventSelectors(back));
        cloudtrail::put_selectors(writer, &self.region, &self.trail, &self.before, undo).await
    }

    fn resources(&self, _: &str, _: &Target, _: &Partition) -> Vec<String> {
        vec![self.trail.clone()]
    }

    fn says(&self) -> String {
        format!("PutEventSelectors {} with the former selectors", self.trail)
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        (self.trail == earlier.trail).then(|| Self { before: earlier.before.clone(), ..self.clone() })
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let what = format!("what trail {} logs", name_of(&self.trail));
        let now = selectors_of(&writer.session, &at(writer, &self.region), &self.region, &self.trail).await?;
        Ok(found(&now, &self.set, &self.before, &what))
    }
}

/// Puts the former Insights of a trail back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestoreInsightSelectors {
    /// The trail's ARN.
    pub trail: String,
    /// Its home region.
    pub region: Region,
    /// The Insights that were set.
    pub set: Insights,
    /// The former Insights; none: they are switched off.
    pub before: Insights,
}

impl Undoing for RestoreInsightSelectors {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[GET_INSIGHTS, cloudtrail::PUT_INSIGHTS];
    const RETRIED: &'static [&'static str] = BUSY;

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let back = Self { set: self.before.clone(), before: self.set.clone(), ..self.clone() };
        let undo = Undo::by(Step::RestoreInsightSelectors(back));
        cloudtrail::put_insights(writer, &self.region, &self.trail, &self.before, undo).await
    }

    fn resources(&self, _: &str, _: &Target, _: &Partition) -> Vec<String> {
        vec![self.trail.clone()]
    }

    fn says(&self) -> String {
        format!("PutInsightSelectors {} with the former ones", self.trail)
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        (self.trail == earlier.trail).then(|| Self { before: earlier.before.clone(), ..self.clone() })
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let what = format!("what Insights look for in trail {}", name_of(&self.trail));
        let now = insights_of(&writer.session, &at(writer, &self.region), &self.region, &self.trail).await?;
        Ok(found(&now, &self.set, &self.before, &what))
    }
}
