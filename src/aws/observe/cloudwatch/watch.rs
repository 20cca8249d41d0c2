//! What watches the log group of a trail: its metric filters, the alarms on what they make, and who is told.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::alarms::{Alarm, MetricAlarms};
use super::filters::{Filter, GroupKey, MetricFilters};
use super::ground::{Ground, Group};
use crate::observe::cloudtrail::{MANAGEMENT, MEMBER, Whose};
use crate::observe::sns::{Topic, TopicOf};
use crate::observe::{Call, Home, Observe, ReadError, Readable, Reader, Reads, Scope};
use crate::target::{AccountId, Partition, Region};

/// Whose trail the alarms are on, and what they are to be made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Whose trails count.
    pub whose: Whose,
    /// The partition of ARNs.
    pub partition: Partition,
    /// The name of the topic that alarms of ours tell.
    pub topic: String,
    /// The log group of a trail that does not deliver yet.
    pub group: String,
}

/// What watches the log group of the trail of an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    /// Where it is.
    pub ground: Ground,
    /// What is there; none: it is in an account of which this one knows nothing.
    pub there: Option<There>,
}

/// The filters and alarms of one place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct There {
    /// The metric filters; none: the log group is not there.
    pub filters: Readable<Option<Vec<Filter>>>,
    /// The alarms of the region.
    pub alarms: Readable<Vec<Alarm>>,
    /// The topics of the region, whoever has them, that alarms on such metrics tell, and the one of ours, by ARN.
    pub topics: BTreeMap<String, Readable<Option<Topic>>>,
}

impl Observe for Watch {
    const NAME: &'static str = "cloudwatch.watch";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[];
    type Key = Wanted;

    async fn observe(reader: &Reader, wanted: &Wanted) -> Result<Self, ReadError> {
        let ground = Ground::of(reader, wanted.whose).await?;
        let own = &reader.at().account;
        let management = reader.home(Home::Management).map(|management| management.at().account.clone());
        let missing = |region: &Region| Group {
            name: wanted.group.clone(),
            account: own.clone(),
            region: region.clone(),
            trail: String::new(),
        };
        let group = match &ground {
            Ground::Here(group) => Some(group.clone()),
            Ground::Elsewhere(group) => Some(group.clone()).filter(|group| management.as_ref() == Some(&group.account)),
            Ground::Organizations(_) => None,
            Ground::Missing => Some(missing(reader.home_region())),
        };
        let there = match group {
            None => None,
            Some(group) if management.as_ref() == Some(&group.account) => {
                Some(look::<MANAGEMENT>(reader, &group, wanted).await)
            }
            Some(group) => Some(look::<MEMBER>(reader, &group, wanted).await),
        };
        Ok(Self { ground, there })
    }

    fn builds_on() -> Vec<Reads> {
        let mut all = Ground::builds_on();
        all.extend([
            Reads::of::<MetricFilters<MEMBER>>(),
            Reads::of::<MetricFilters<MANAGEMENT>>(),
            Reads::of::<MetricAlarms<MEMBER>>(),
            Reads::of::<MetricAlarms<MANAGEMENT>>(),
            Reads::of::<TopicOf<MEMBER>>(),
            Reads::of::<TopicOf<MANAGEMENT>>(),
        ]);
        all
    }
}

async fn look<const M: bool>(reader: &Reader, group: &Group, wanted: &Wanted) -> There {
    let key = GroupKey { region: group.region.clone(), name: group.name.clone() };
    let (filters, alarms) =
        futures::join!(reader.of::<MetricFilters<M>>(&key), reader.of::<MetricAlarms<M>>(&group.region));
    let filters: Readable<_> = filters.map(|found| found.0.clone()).into();
    let alarms: Readable<Vec<Alarm>> = alarms.map(|found| found.0.clone()).into();
    let arns = told(&filters, &alarms, group, wanted);
    let reads = arns.into_iter().map(|arn| async move {
        let found = topic::<M>(reader, &arn, &group.account).await.into();
        (arn, found)
    });
    let topics = futures::future::join_all(reads).await.into_iter().collect();
    There { filters, alarms, topics }
}

/// A topic: the management account's is read there, and that of any other account as far as its policy lets the account
/// of the alarms.
async fn topic<const M: bool>(reader: &Reader, arn: &String, account: &AccountId) -> Result<Option<Topic>, ReadError> {
    let Some(other) = owner_of(arn).filter(|owner| owner != account) else {
        return reader.of::<TopicOf<M>>(arn).await.map(|found| found.0.clone());
    };
    if reader.home(Home::Management).is_some_and(|management| management.at().account == other) {
        return reader.of::<TopicOf<MANAGEMENT>>(arn).await.map(|found| found.0.clone());
    }
    reader.of::<TopicOf<M>>(arn).await.map(|found| found.0.clone()).map_err(|error| ReadError {
        message: format!(
            "the alarm tells {arn} of account {other}, whose policy has to let account {account} see who is told: {}",
            error.message
        ),
        ..error
    })
}

/// The account that has the topic with this ARN.
fn owner_of(arn: &str) -> Option<AccountId> {
    arn.split(':').nth(4)?.parse().ok()
}

/// The topics that matter: the one of ours, and those of the region that alarms on what these filters make tell.
fn told(
    filters: &Readable<Option<Vec<Filter>>>,
    alarms: &Readable<Vec<Alarm>>,
    group: &Group,
    wanted: &Wanted,
) -> BTreeSet<String> {
    let here = topics_of(&wanted.partition, &group.region, &group.account);
    let filters = filters.as_result().ok().and_then(Option::as_ref);
    let made = filters.into_iter().flatten().flat_map(|filter| &filter.metrics);
    let made: BTreeSet<(&str, &str)> = made.map(|made| (made.namespace.as_str(), made.name.as_str())).collect();
    let alarms = alarms.as_result().ok().into_iter().flatten();
    let of_interest = alarms.filter(|alarm| {
        let on = alarm.namespace.as_deref().zip(alarm.metric.as_deref());
        on.is_some_and(|on| made.contains(&on))
    });
    // CloudWatch tells topics of the alarm's region alone, and of any account.
    let region = format!("arn:{}:sns:{}:", wanted.partition, group.region);
    let told = of_interest.flat_map(|alarm| &alarm.actions).filter(|arn| arn.starts_with(&region));
    told.cloned().chain([format!("{here}{}", wanted.topic)]).collect()
}

/// How the ARNs of an account's topics in a region begin.
#[must_use]
pub fn topics_of(partition: &Partition, region: &Region, account: &AccountId) -> String {
    format!("arn:{partition}:sns:{region}:{account}:")
}
