//! The metric filters of a log group.

use serde::{Deserialize, Serialize};

use crate::observe::cloudtrail::home;
use crate::observe::{Call, Home, Observe, ReadError, Reader, Scope};
use crate::target::{Region, Target};
use crate::{Absent, Session};

/// A metric filter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Its name.
    pub name: String,
    /// What it counts.
    pub pattern: String,
    /// The metrics that it makes; a log group has one for each filter.
    pub metrics: Vec<Metric>,
}

/// A metric that a filter makes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Metric {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// It is split by dimensions, so that no alarm on the whole sees it.
    pub split: bool,
}

/// Which log group, where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupKey {
    /// Its region.
    pub region: Region,
    /// Its name.
    pub name: String,
}

/// The metric filters of a log group, in the account that is judged or in the management account; none: there is no such
/// group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricFilters<const MANAGEMENT: bool>(pub Option<Vec<Filter>>);

/// The call that reads metric filters.
pub(crate) const DESCRIBE_FILTERS: Call =
    Call { service: "CloudWatch Logs", operation: "DescribeMetricFilters", action: "logs:DescribeMetricFilters" };

impl<const MANAGEMENT: bool> Observe for MetricFilters<MANAGEMENT> {
    const NAME: &'static str = if MANAGEMENT { "logs.management.metric_filters" } else { "logs.metric_filters" };
    const HOME: Home = home(MANAGEMENT);
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[DESCRIBE_FILTERS];
    type Key = GroupKey;

    async fn observe(reader: &Reader, key: &GroupKey) -> Result<Self, ReadError> {
        let at = Target { account: reader.at().account.clone(), region: Some(key.region.clone()) };
        filters(reader.session()?, &at, key).await.map(Self)
    }
}

/// The metric filters of a log group; none: there is no such group.
async fn filters(session: &Session, at: &Target, key: &GroupKey) -> Result<Option<Vec<Filter>>, ReadError> {
    let mut found = vec![];
    let mut next: Option<String> = None;
    loop {
        let asked = session.logs(&key.region).describe_metric_filters().log_group_name(&key.name);
        let asked = asked.set_next_token(next);
        let sending = async { asked.send().await.absent_on(&["ResourceNotFoundException"]) };
        let Some(page) = session.ask(at, &DESCRIBE_FILTERS, sending).await? else { return Ok(None) };
        for filter in page.metric_filters() {
            let metrics = filter.metric_transformations().iter().map(|made| Metric {
                namespace: made.metric_namespace().to_owned(),
                name: made.metric_name().to_owned(),
                split: made.dimensions().is_some_and(|dimensions| !dimensions.is_empty()),
            });
            found.push(Filter {
                name: filter.filter_name().unwrap_or_default().to_owned(),
                pattern: filter.filter_pattern().unwrap_or_default().to_owned(),
                metrics: metrics.collect(),
            });
        }
        next = page.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(Some(found));
        }
    }
}
