//! Whether the parts of a plan fit together. The digest is no secret: who forges a plan gives it the right one, and a
//! plan of another version may name what this one does not know.

use std::collections::{HashMap, HashSet};

use super::{Change, PlanFile};
use crate::controls;
use crate::engine::Terms;
use crate::target::AccountId;

/// What does not fit together, in words; none: it does.
pub(super) fn unsound(plan: &PlanFile) -> Option<String> {
    check(plan).err()
}

fn check(plan: &PlanFile) -> Result<(), String> {
    let mut accounts = HashSet::new();
    for line in &plan.accounts {
        if !accounts.insert(&line.id) {
            return Err(format!("the account {} is listed twice", line.id));
        }
    }
    let mut terms: HashMap<&AccountId, &Terms> = HashMap::new();
    for asked in &plan.terms {
        let account = &asked.account;
        if !accounts.contains(account) {
            return Err(format!("it says what is asked of {account}, which is not among its accounts"));
        }
        if let Some(other) = asked.others.iter().flat_map(|asked| &asked.accounts).find(|id| !accounts.contains(id)) {
            return Err(format!("{account} is to change what is of {other}, which is not among its accounts"));
        }
        if terms.insert(account, asked).is_some() {
            return Err(format!("it says twice what is asked of {account}"));
        }
    }
    let mut known: HashSet<&str> = HashSet::new();
    for change in &plan.changes {
        if !known.insert(&change.id) {
            return Err(format!("the change of {} stands in it twice", change.target().address()));
        }
    }
    for change in &plan.changes {
        let missing = change.depends_on.iter().any(|need| !known.contains(need.as_str()));
        if missing {
            return Err(format!("the change of {} needs one that is not in it", change.target().address()));
        }
        // What undoes a run looks by its own steps, and judges nothing.
        if change.reverts.is_none() {
            fits(change, terms.get(&change.account).copied())?;
        }
    }
    in_a_circle(&plan.changes).map_or(Ok(()), |change| {
        Err(format!("the change of {} needs itself, by way of others", change.target().address()))
    })
}

/// Whether what is asked of its account says that the change was made by this version: apply judges it again by that,
/// and what is not asked for would count as in force.
fn fits(change: &Change, terms: Option<&Terms>) -> Result<(), String> {
    let address = change.target().address();
    if controls::find(&change.control).is_none() {
        return Err(format!("the change of {address} is of the control `{}`, which there is not", change.control));
    }
    let Some(terms) = terms else {
        return Err(format!("it does not say what is asked of {}, which it changes", change.account));
    };
    let asking = controls::CONTROLS.iter().filter(|control| change.is_of(control.meta()));
    asking.map(|control| (control, control.meta().id)).try_for_each(|(control, id)| {
        let Some(settings) = terms.settings.get(id) else {
            return Err(format!("the change of {address} is of {id}, which is not asked of it"));
        };
        let bound = control.bind(settings).map(drop);
        bound.map_err(|error| format!("the settings of {id} in {} make no sense: {error}", change.account))
    })
}

/// A change that can never be done, because it comes after itself.
fn in_a_circle(changes: &[Change]) -> Option<&Change> {
    let mut after: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut needs: Vec<usize> = vec![];
    for (index, change) in changes.iter().enumerate() {
        needs.push(change.depends_on.len());
        change.depends_on.iter().for_each(|need| after.entry(need).or_default().push(index));
    }
    let mut ready: Vec<usize> = (0..changes.len()).filter(|index| needs[*index] == 0).collect();
    let mut done = 0;
    while let Some(index) = ready.pop() {
        done += 1;
        for next in after.get(changes[index].id.as_str()).into_iter().flatten() {
            needs[*next] -= 1;
            if needs[*next] == 0 {
                ready.push(*next);
            }
        }
    }
    if done == changes.len() {
        None
    } else {
        (0..changes.len()).find(|index| needs[*index] > 0).map(|index| &changes[index])
    }
}
