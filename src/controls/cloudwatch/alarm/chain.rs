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
    /// What the pattern of each metric filter means. Every alarm compares all of them, so they are parsed once.
    meanings: Vec<Option<Pattern>>,
}

impl<'a> Chain<'a> {
    pub(super) fn new(there: &'a There, topics: String) -> Self {
        let filters = there.filters.as_result().ok().and_then(Option::as_deref).unwrap_or_default();
        let meanings = filters.iter().map(|filter| Pattern::parse(&filter.pattern)).collect();
        Self { there, topics, meanings }
    }

    /// The metric filters; none where the log group is not there.
    pub(super) fn filters(&self) -> Result<&'a [Filter], &'a ReadError> {
        self.there.filters.as_result().map(|filters| filters.as_deref().unwrap_or_default())
    }

    /// The alarms of the region.
    pub(super) fn alarms(&self) -> Result<&'a [Alarm], &'a ReadError> {
        self.there.alarms.as_result().map(Vec::as_slice)
    }

    /// The alarm of this name, if there is one.
    pub(super) fn named(&self, name: &str) -> Option<&'a Alarm> {
        self.alarms().ok()?.iter().find(|alarm| alarm.name == name)
    }

    /// The metrics that each of the patterns of an alarm feeds.
    pub(super) fn fed(&self, spec: &Spec) -> Result<BTreeSet<On<'a>>, &'a ReadError> {
        self.filters()?;
        let each = spec.meanings().map(|(meaning, _)| self.fed_by(&meaning));
        Ok(each.reduce(|known, more| &known & &more).unwrap_or_default())
    }

    /// The metrics that filters with this meaning feed.
    pub(super) fn fed_by(&self, meaning: &Pattern) -> BTreeSet<On<'a>> {
        let filters = self.filters().unwrap_or_default();
        let alike = filters.iter().zip(&self.meanings).filter(|(_, means)| means.as_ref() == Some(meaning));
        let whole = alike.flat_map(|(filter, _)| &filter.metrics).filter(|metric| !metric.split);
        whole.map(|metric| (metric.namespace.as_str(), metric.name.as_str())).collect()
    }

    /// The alarms that go off at the first event on one of these metrics.
    fn on(&self, metrics: &BTreeSet<On<'_>>) -> Result<Vec<&'a Alarm>, &'a ReadError> {
        let is_on = |alarm: &&Alarm| metric_of(alarm).is_some_and(|on| metrics.contains(&on));
        Ok(self.alarms()?.iter().filter(is_on).filter(|alarm| alarm.at_once && !alarm.split).collect())
    }

    /// The alarms that there are for a spec.
    pub(super) fn alarms_of(&self, spec: &Spec) -> Result<Vec<&'a Alarm>, &'a ReadError> {
        self.on(&self.fed(spec)?)
    }

    /// How it stands with one alarm, by those that there are for it.
    pub(super) fn standing(&self, alarms: Result<&[&Alarm], &ReadError>) -> Standing {
        let alarms = match alarms {
            Ok(alarms) => alarms,
            Err(error) => return Standing::Unread(error.clone()),
        };
        let actions = alarms.iter().filter(|alarm| alarm.enabled).flat_map(|alarm| &alarm.actions);
        let mut found = Standing::Missing;
        for arn in actions {
            match self.there.topics.get(arn) {
                Some(Readable::Read(Some(topic))) if topic.tells() => return Standing::Told,
                Some(Readable::Read(Some(_))) if found == Standing::Missing => {
                    found = Standing::Waiting(arn.strip_prefix(&self.topics).unwrap_or(arn).to_owned());
                }
                // Somebody may be told by it: nothing is made beside it.
                Some(Readable::Unreadable(error)) => found = Standing::Unread(error.clone()),
                Some(Readable::Read(_)) | None => {}
            }
        }
        found
    }
}

/// Whether one of these alarms does something when it goes off, whoever it tells.
pub(super) fn acts(alarms: &[&Alarm]) -> bool {
    alarms.iter().any(|alarm| alarm.enabled && !alarm.actions.is_empty())
}

/// The metric that an alarm is on; none: several.
pub(super) fn metric_of(alarm: &Alarm) -> Option<On<'_>> {
    alarm.namespace.as_deref().zip(alarm.metric.as_deref())
}
