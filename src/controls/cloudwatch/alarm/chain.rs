//! The chain from what a trail records to somebody who is told: filter, metric, alarm, topic, subscription.

use std::collections::BTreeSet;

use super::pattern::Pattern;
use super::specs::Spec;
use crate::observe::cloudwatch::{Alarm, Filter, There};
use crate::observe::{ReadError, Readable};

/// The namespace and the name of a metric.
pub(super) type On<'a> = (&'a str, &'a str);

/// How it stands with one alarm.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Standing {
    /// Somebody is told.
    Told,
    /// All is there, and nobody has confirmed that he wants to be told by this topic.
    Waiting(String),
    /// Whether somebody is told could not be read.
    Unread(ReadError),
    /// A part of the chain is missing.
    Missing,
}

/// What there is of chains in one place.
pub(super) struct Chain<'a> {
    pub(super) there: &'a There,
    /// How the ARNs of the topics of the place begin.
    pub(super) topics: String,
}

impl<'a> Chain<'a> {
    /// The metric filters; none where the log group is not there.
    pub(super) fn filters(&self) -> Result<&'a [Filter], &'a ReadError> {
        self.there.filters.as_result().map(|filters| filters.as_deref().unwrap_or_default())
    }

    /// The alarms of the region.
    pub(super) fn alarms(&self) -> Result<&'a [Alarm], &'a ReadError> {
        self.there.alarms.as_result().map(Vec::as_slice)
    }

    /// The metrics that each of the patterns of an alarm feeds.
    pub(super) fn fed(&self, spec: &Spec) -> Result<BTreeSet<On<'a>>, &'a ReadError> {
        let filters = self.filters()?;
        let each = spec.meanings().map(|(meaning, _)| fed_by(filters, &meaning));
        Ok(each.reduce(|known, more| &known & &more).unwrap_or_default())
    }

    /// The alarms that go off at the first event on one of these metrics.
    pub(super) fn on(&self, metrics: &BTreeSet<On<'_>>) -> Result<Vec<&'a Alarm>, &'a ReadError> {
        let is_on = |alarm: &&Alarm| metric_of(alarm).is_some_and(|on| metrics.contains(&on));
        Ok(self.alarms()?.iter().filter(is_on).filter(|alarm| alarm.at_once && !alarm.split).collect())
    }

    /// How it stands with an alarm.
    pub(super) fn standing(&self, spec: &Spec) -> Standing {
        let alarms = match self.fed(spec).and_then(|metrics| self.on(&metrics)) {
            Ok(alarms) => alarms,
            Err(error) => return Standing::Unread(error.clone()),
        };
        let actions = alarms.iter().filter(|alarm| alarm.enabled).flat_map(|alarm| &alarm.actions);
        let mut found = Standing::Missing;
        for arn in actions.filter(|arn| arn.starts_with(&self.topics)) {
            match self.there.topics.get(arn) {
                Some(Readable::Read(Some(topic))) if topic.tells() => return Standing::Told,
                Some(Readable::Read(Some(_))) if found == Standing::Missing => {
                    found = Standing::Waiting(arn[self.topics.len()..].to_owned());
                }
                Some(Readable::Unreadable(error)) => found = Standing::Unread(error.clone()),
                Some(Readable::Read(_)) | None => {}
            }
        }
        found
    }

    /// Whether an alarm does something when it goes off, whoever it tells.
    pub(super) fn acts(&self, spec: &Spec) -> Result<bool, &'a ReadError> {
        let alarms = self.on(&self.fed(spec)?)?;
        Ok(alarms.iter().any(|alarm| alarm.enabled && !alarm.actions.is_empty()))
    }
}

/// The metrics that filters with this meaning feed.
pub(super) fn fed_by<'a>(filters: &'a [Filter], meaning: &Pattern) -> BTreeSet<On<'a>> {
    let alike = filters.iter().filter(|filter| Pattern::parse(&filter.pattern).as_ref() == Some(meaning));
    let whole = alike.flat_map(|filter| &filter.metrics).filter(|metric| !metric.split);
    whole.map(|metric| (metric.namespace.as_str(), metric.name.as_str())).collect()
}

/// The metric that an alarm is on; none: several.
pub(super) fn metric_of(alarm: &Alarm) -> Option<On<'_>> {
    alarm.namespace.as_deref().zip(alarm.metric.as_deref())
}
