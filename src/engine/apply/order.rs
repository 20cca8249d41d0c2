//! In which order changes are made.

use std::collections::{BTreeMap, HashSet};

use crate::plan::Change;

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
