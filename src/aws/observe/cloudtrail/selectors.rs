//! The event selectors of a trail: typed enough to judge, and to write back with everything kept.

use serde::{Deserialize, Serialize};

use super::events::MOST;

/// The event selectors of a trail. Basic and advanced ones exclude each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selectors {
    /// As [EventSelector](https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html).
    Basic(Vec<BasicSelector>),
    /// As [AdvancedEventSelector](https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedEventSelector.html).
    Advanced(Vec<AdvancedSelector>),
}

/// A basic selector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BasicSelector {
    /// `All`, `ReadOnly` or `WriteOnly`.
    pub read_write: String,
    /// Whether management events are logged.
    pub management: bool,
    /// Services whose management events are left out.
    pub excluded: Vec<String>,
    /// Which data events are logged.
    pub resources: Vec<DataResource>,
}

/// Resources whose data events a basic selector logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataResource {
    /// Their type.
    pub kind: String,
    /// Their ARNs, or beginnings of them.
    pub values: Vec<String>,
}

/// An advanced selector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdvancedSelector {
    /// Its name.
    pub name: Option<String>,
    /// All of these have to hold.
    pub fields: Vec<FieldSelector>,
}

/// What one field of an event has to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FieldSelector {
    /// The field.
    pub field: String,
    /// One of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub equals: Vec<String>,
    /// Begins with one of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub starts_with: Vec<String>,
    /// Ends with one of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ends_with: Vec<String>,
    /// None of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_equals: Vec<String>,
    /// Does not begin with one of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_starts_with: Vec<String>,
    /// Does not end with one of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_ends_with: Vec<String>,
}

/// Joins two selectors of the same calls where there are as many as a trail takes. Together they log what they did.
pub(super) fn make_room(all: &mut Vec<BasicSelector>) {
    let same = |one: usize, other: usize, all: &[BasicSelector]| all[one].read_write == all[other].read_write;
    let pairs = (0..all.len()).flat_map(|one| (one + 1..all.len()).map(move |other| (one, other)));
    let pair = pairs.into_iter().find(|(one, other)| all.len() >= MOST && same(*one, *other, all));
    let Some((one, other)) = pair else { return };
    let BasicSelector { management, excluded, resources, .. } = all.remove(other);
    let kept = &mut all[one];
    match (kept.management, management) {
        // What one of them leaves out the other may log.
        (true, true) => kept.excluded.retain(|source| excluded.contains(source)),
        (false, true) => (kept.management, kept.excluded) = (true, excluded),
        (_, false) => {}
    }
    for resource in resources {
        match kept.resources.iter_mut().find(|known| known.kind == resource.kind) {
            Some(known) => known.values.extend(resource.values),
            None => kept.resources.push(resource),
        }
    }
}

impl FieldSelector {
    pub(super) fn equal(field: &str, value: &str) -> Self {
        Self { field: field.to_owned(), equals: vec![value.to_owned()], ..Self::default() }
    }

    /// How many values it has.
    pub(super) fn count(&self) -> usize {
        self.equals.len() + self.others().map(Vec::len).sum::<usize>()
    }

    pub(super) fn only_equals(&self) -> bool {
        self.others().all(Vec::is_empty)
    }

    pub(super) fn only_not_equals(&self) -> bool {
        self.count() == self.not_equals.len()
    }

    fn others(&self) -> impl Iterator<Item = &Vec<String>> {
        [&self.starts_with, &self.ends_with, &self.not_equals, &self.not_starts_with, &self.not_ends_with].into_iter()
    }
}
