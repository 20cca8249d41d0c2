//! What CloudTrail Insights looks for in the events of a trail.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudtrail::types as sdk;
use serde::{Deserialize, Serialize};

use super::home;
use super::reads::{TrailKey, at};
use crate::observe::{Call, Home, Observe, ReadError, Reader, Scope};
use crate::target::{Region, Target};
use crate::{Absent, Session};

/// The kinds of [Insights events](https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_InsightSelector.html).
const KINDS: [&str; 2] = ["ApiCallRateInsight", "ApiErrorRateInsight"];

/// What is looked at where a trail does not say it.
const MANAGEMENT_EVENTS: &str = "Management";

/// The kinds of Insights events of a trail, each with the categories of events that it looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Insights(pub BTreeMap<String, BTreeSet<String>>);

impl Insights {
    /// Whether nothing is looked for.
    #[must_use]
    pub fn are_none(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every kind looks at management events.
    #[must_use]
    pub fn are_all(&self) -> bool {
        let looks = |kind: &&str| self.0.get(*kind).is_some_and(|categories| categories.contains(MANAGEMENT_EVENTS));
        KINDS.iter().all(looks)
    }

    /// These with every kind for management events added. What is looked at already stays.
    #[must_use]
    pub fn with_all(&self) -> Self {
        let mut all = self.clone();
        for kind in KINDS {
            all.0.entry(kind.to_owned()).or_default().insert(MANAGEMENT_EVENTS.to_owned());
        }
        all
    }

    /// These as they are sent; what AWS takes for granted goes without saying.
    #[must_use]
    pub(crate) fn sent(&self) -> Vec<sdk::InsightSelector> {
        let one = |(kind, categories): (&String, &BTreeSet<String>)| {
            let granted = categories.iter().all(|category| category == MANAGEMENT_EVENTS);
            let categories = categories.iter().map(|category| sdk::SourceEventCategory::from(category.as_str()));
            sdk::InsightSelector::builder()
                .insight_type(sdk::InsightType::from(kind.as_str()))
                .set_event_categories((!granted).then(|| categories.collect()))
                .build()
        };
        self.0.iter().map(one).collect()
    }
}

/// The Insights of a trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InsightsOf<const MANAGEMENT: bool>(pub Insights);

impl<const MANAGEMENT: bool> Observe for InsightsOf<MANAGEMENT> {
    const NAME: &'static str = if MANAGEMENT { "cloudtrail.management.insights" } else { "cloudtrail.insights" };
    const HOME: Home = home(MANAGEMENT);
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[GET_INSIGHTS];
    type Key = TrailKey;

    async fn observe(reader: &Reader, key: &TrailKey) -> Result<Self, ReadError> {
        insights(reader.session()?, &at(reader, &key.region), &key.region, &key.arn).await.map(Self)
    }
}

/// The call that reads the Insights of a trail.
pub(crate) const GET_INSIGHTS: Call =
    Call { service: "CloudTrail", operation: "GetInsightSelectors", action: "cloudtrail:GetInsightSelectors" };

/// The Insights of the trail with this ARN.
pub(crate) async fn insights(
    session: &Session,
    at: &Target,
    region: &Region,
    arn: &str,
) -> Result<Insights, ReadError> {
    let asked = session.cloudtrail(region).get_insight_selectors().trail_name(arn);
    let sending = async { asked.send().await.absent_on(&["InsightNotEnabledException"]) };
    let answer = session.ask(at, &GET_INSIGHTS, sending).await?;
    let mut all = Insights::default();
    for selector in answer.and_then(|answer| answer.insight_selectors).unwrap_or_default() {
        let Some(kind) = selector.insight_type() else { continue };
        let categories = all.0.entry(kind.as_str().to_owned()).or_default();
        categories.extend(selector.event_categories().iter().map(|category| category.as_str().to_owned()));
        if categories.is_empty() {
            categories.insert(MANAGEMENT_EVENTS.to_owned());
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn insights(all: &[(&str, &[&str])]) -> Insights {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Insights(all.iter().map(|(kind, categories)| ((*kind).to_owned(), names(categories))).collect())
    }

    #[test]
    fn each_kind_has_to_look_at_management_events() {
        let both = |first: &[&str]| insights(&[(KINDS[0], first), (KINDS[1], &["Management"])]).are_all();
        assert!(both(&["Management"]));
        assert!(both(&["Data", "Management"]));
        assert!(!both(&["Data"]));
        assert!(!insights(&[(KINDS[0], &["Management"])]).are_all());
        assert!(!Insights::default().are_all());
    }

    #[test]
    fn what_is_looked_at_already_stays() {
        let all = insights(&[(KINDS[1], &["Data"]), ("Another", &["Management"])]).with_all();
        assert!(all.are_all());
        assert!(all.0[KINDS[1]].contains("Data") && all.0.contains_key("Another"));
        let sent = all.sent();
        let categories: Vec<usize> = sent.iter().map(|one| one.event_categories().len()).collect();
        assert_eq!(categories, [0, 0, 2], "management events go without saying: {sent:?}");
    }
}
