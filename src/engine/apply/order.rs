//! In which order changes and calls are made.

use std::collections::{BTreeMap, HashSet};

use crate::plan::Change;
use crate::steps::Step;

/// Changes with what they depend on before them.
pub(super) fn in_order<'a>(changes: &[&'a Change]) -> Vec<&'a Change> {
    let by_id: BTreeMap<&str, &Change> = changes.iter().map(|change| (change.id.as_str(), *change)).collect();
    let mut order: Vec<&Change> = vec![];
    let mut open: Vec<(&Change, bool)> = changes.iter().rev().map(|change| (*change, false)).collect();
    let mut entered = HashSet::new();
    while let Some((change, leaving)) = open.pop() {
        if leaving {
            order.push(change);
        } else if entered.insert(change.id.as_str()) {
            open.push((change, true));
            open.extend(change.depends_on.iter().filter_map(|id| by_id.get(id.as_str())).map(|need| (*need, false)));
        }
    }
    order
}

/// Neighbouring steps as one call where AWS has one.
pub(super) fn joined(steps: &[Step]) -> Vec<Step> {
    let mut calls: Vec<Step> = vec![];
    for step in steps {
        match calls.last().and_then(|last| last.with(step)) {
            Some(both) => *calls.last_mut().expect("it has a last") = both,
            None => calls.push(step.clone()),
        }
    }
    calls
}
