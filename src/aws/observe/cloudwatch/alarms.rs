//! The alarms on metrics of a region.

use aws_sdk_cloudwatch::types as sdk;
use serde::{Deserialize, Serialize};

use crate::observe::cloudtrail::home;
use crate::observe::tags::{Bears, Page};
use crate::observe::{Call, Home, Observe, ReadError, Reader, Scope};
use crate::target::{Region, Target};
use crate::{Absent as _, Session};

/// An alarm on one metric.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// Its name.
    pub name: String,
    /// The namespace of its metric; none: it is on several metrics.
    pub namespace: Option<String>,
    /// The name of its metric.
    pub metric: Option<String>,
    /// It looks at some dimensions alone.
    pub split: bool,
    /// It goes off at the first event.
    pub at_once: bool,
    /// What it does when it goes off: ARNs.
    pub actions: Vec<String>,
    /// It does that.
    pub enabled: bool,
}

/// The alarms on metrics of a region, in the account that is judged or in the management account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricAlarms<const MANAGEMENT: bool>(pub Vec<Alarm>);

/// The call that reads alarms.
pub(crate) const DESCRIBE_ALARMS: Call =
    Call { service: "CloudWatch", operation: "DescribeAlarms", action: "cloudwatch:DescribeAlarms" };

/// As many as one call answers.
const AT_ONCE: i32 = 100;

impl<const MANAGEMENT: bool> Observe for MetricAlarms<MANAGEMENT> {
    const NAME: &'static str = if MANAGEMENT { "cloudwatch.management.alarms" } else { "cloudwatch.alarms" };
    const HOME: Home = home(MANAGEMENT);
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[DESCRIBE_ALARMS];
    type Key = Region;

    async fn observe(reader: &Reader, region: &Region) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let at = Target { account: reader.at().account.clone(), region: Some(region.clone()) };
        let mut found = vec![];
        let mut next: Option<String> = None;
        loop {
            let asked = session.cloudwatch(region).describe_alarms().max_records(AT_ONCE).set_next_token(next);
            let page = session.ask(&at, &DESCRIBE_ALARMS, asked.send()).await?;
            found.extend(page.metric_alarms().iter().map(alarm));
            next = page.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                return Ok(Self(found));
            }
        }
    }
}

/// The alarm of this name; none: there is none.
pub(crate) async fn named(
    session: &Session,
    at: &Target,
    region: &Region,
    name: &str,
) -> Result<Option<sdk::MetricAlarm>, ReadError> {
    let asked = session.cloudwatch(region).describe_alarms().alarm_names(name);
    let page = session.ask(at, &DESCRIBE_ALARMS, asked.send()).await?;
    Ok(page.metric_alarms().iter().find(|alarm| alarm.alarm_name() == Some(name)).cloned())
}

/// What matters of an alarm.
pub(crate) fn alarm(seen: &sdk::MetricAlarm) -> Alarm {
    use sdk::ComparisonOperator::{GreaterThanOrEqualToThreshold, GreaterThanThreshold};
    let threshold = seen.threshold().unwrap_or(f64::INFINITY);
    let at_once = match seen.comparison_operator() {
        Some(GreaterThanOrEqualToThreshold) => threshold <= 1.0,
        Some(GreaterThanThreshold) => threshold < 1.0,
        _ => false,
    };
    Alarm {
        name: seen.alarm_name().unwrap_or_default().to_owned(),
        namespace: seen.namespace().map(str::to_owned),
        metric: seen.metric_name().map(str::to_owned),
        split: !seen.dimensions().is_empty(),
        at_once,
        actions: seen.alarm_actions().to_vec(),
        enabled: seen.actions_enabled().unwrap_or(true),
    }
}

/// The tags of alarms.
pub(in crate::observe) struct AlarmTags;

impl Bears for AlarmTags {
    const NAME: &'static str = "cloudwatch.tags";
    const SCOPE: Scope = Scope::Region;
    const CALL: Call =
        Call { service: "CloudWatch", operation: "ListTagsForResource", action: "cloudwatch:ListTagsForResource" };

    async fn page(reader: &Reader, arn: &str, _: Option<String>) -> Result<Page, ReadError> {
        let session = reader.session()?;
        let asked = session.cloudwatch(reader.region()).list_tags_for_resource().resource_arn(arn);
        let sending = async { asked.send().await.absent_on(&["ResourceNotFoundException"]) };
        let Some(answer) = session.ask(reader.at(), &Self::CALL, sending).await? else { return Ok(Page::default()) };
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Ok((answer.tags().iter().map(|tag| (text(tag.key()), text(tag.value()))).collect(), None))
    }
}
