//! Which steps wait for a flag, and which changes would be of no use without them.

use std::collections::{BTreeMap, BTreeSet};

use super::allow::{self, Allow, Allowed};
use crate::plan::{Action, Change};
use crate::steps::Step;

/// The steps of a change that do not run, and why.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Held {
    steps: Vec<Step>,
    pub(super) reason: String,
}

impl Held {
    /// What is held of each change, by its id.
    pub(super) fn of_all<'a>(changes: &'a [Change], allow: &[Allow]) -> BTreeMap<&'a str, Self> {
        let held = changes.iter().filter_map(|change| Some((change.id.as_str(), Self::of(change, allow)?)));
        let mut held: BTreeMap<&str, Self> = held.collect();
        let undone = undone(changes, &held, allow);
        for change in changes.iter().filter(|change| is_idle(change, changes, &undone)) {
            held.entry(&change.id).or_insert_with(|| Self::idle(change));
        }
        held
    }

    /// What is made is held as a whole: its later steps need its first. So is what is taken away.
    fn of(change: &Change, allow: &[Allow]) -> Option<Self> {
        let missing: Vec<(&Step, Vec<Allowed>)> =
            change.steps.iter().map(|step| (step, allow::missing(step, &change.control, allow))).collect();
        let classes: BTreeSet<String> =
            missing.iter().flat_map(|(_, classes)| classes).map(ToString::to_string).collect();
        if classes.is_empty() {
            return None;
        }
        let held = |missing: &[Allowed]| change.action != Action::Change || !missing.is_empty();
        let steps = missing.iter().filter(|(_, missing)| held(missing)).map(|(step, _)| (*step).clone()).collect();
        let bills = change.cost.as_deref().map(|cost| format!(" ({cost})")).unwrap_or_default();
        let classes: Vec<String> = classes.into_iter().collect();
        Some(Self { steps, reason: format!("needs --allow {}{bills}", classes.join(",")) })
    }

    fn idle(change: &Change) -> Self {
        Self { steps: change.steps.clone(), reason: "nothing would use it: what needs it is held back".to_owned() }
    }

    fn holds_all_of(&self, change: &Change) -> bool {
        self.steps.len() == change.steps.len()
    }

    /// The steps that may run.
    pub(super) fn allowed(held: Option<&Self>, steps: Vec<Step>) -> Vec<Step> {
        steps.into_iter().filter(|step| held.is_none_or(|held| !held.steps.contains(step))).collect()
    }
}

/// How many changes apply would write, when no failure stops it.
#[must_use]
pub fn to_write(changes: &[Change], allow: &[Allow]) -> usize {
    changes.len() - undone(changes, &Held::of_all(changes, allow), allow).len()
}

/// The changes that will not be done, because they, or what they need, are held back.
fn undone<'a>(changes: &'a [Change], held: &BTreeMap<&str, Held>, allow: &[Allow]) -> BTreeSet<&'a str> {
    let whole = |change: &&Change| {
        let left_alone = !change.can_be_applied() || allow::contested(change, allow).is_some();
        left_alone || held.get(change.id.as_str()).is_some_and(|held| held.holds_all_of(change))
    };
    let mut undone: BTreeSet<&str> = changes.iter().filter(whole).map(|change| change.id.as_str()).collect();
    loop {
        let waits = |change: &&Change| change.depends_on.iter().any(|need| undone.contains(need.as_str()));
        let more: Vec<&str> = changes.iter().filter(waits).map(|change| change.id.as_str()).collect();
        let before = undone.len();
        undone.extend(more);
        if undone.len() == before {
            return undone;
        }
    }
}

/// Whether a change only serves others, none of which will be done. What a control asks for by itself has its kind.
fn is_idle(change: &Change, changes: &[Change], undone: &BTreeSet<&str>) -> bool {
    let mut users = changes.iter().filter(|other| other.depends_on.contains(&change.id)).peekable();
    change.kind != change.control && users.peek().is_some() && users.all(|user| undone.contains(user.id.as_str()))
}
