//! Overrides that set the same thing differently where both apply: the later wins, and a person is told.

use super::mistake::{Mistake, Span};
use super::node::{Key, Node, Value};
use super::parse::{TypedOverride, Wanted};

/// More than these nobody reads, and a file with thousands of overrides must not take minutes.
const FOUND_AT_MOST: usize = 200;

/// Two overrides that meet.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Overlap {
    /// The places of the two among the overrides, from 0.
    pub(super) earlier: usize,
    pub(super) later: usize,
    pub(super) control: String,
    /// The setting; none: one of them switches the control off.
    pub(super) setting: Option<String>,
    earlier_span: Span,
    later_span: Span,
}

impl Overlap {
    /// What a person is told.
    pub(super) fn warning(&self) -> Mistake {
        let what = match &self.setting {
            Some(setting) => format!("`{setting}` of {}", self.control),
            None => self.control.clone(),
        };
        let message = format!("two overrides set {what}, and some accounts may match both");
        Mistake::at(&self.later_span, message)
            .suggest("this one wins, as the later")
            .also(&self.earlier_span, "set here first")
    }
}

/// What meets and differs: for each setting of an override, the nearest earlier one that it wins over.
pub(super) fn find(overrides: &[(usize, TypedOverride)]) -> Vec<Overlap> {
    let mut found = vec![];
    for (later, (_, second)) in overrides.iter().enumerate() {
        if found.len() >= FOUND_AT_MOST {
            break;
        }
        for (earlier, (_, first)) in overrides[..later].iter().enumerate().rev() {
            if first.scope.may_meet(&second.scope) {
                compare((earlier, first), (later, second), &mut found);
            }
        }
    }
    found
}

fn compare(
    (earlier, first): (usize, &TypedOverride),
    (later, second): (usize, &TypedOverride),
    found: &mut Vec<Overlap>,
) {
    let shared = second.controls.iter().filter_map(|new| {
        let old = first.controls.iter().find(|(key, _)| key.text == new.0.text)?;
        Some((old, new))
    });
    for ((old_key, old), (new_key, new)) in shared {
        let pairs: Vec<(&Key, &Key, Option<String>)> = match (old, new) {
            (Wanted::Off, Wanted::Off) => vec![],
            (Wanted::Settings(old), Wanted::Settings(new)) => differing(old, new),
            _ => vec![(old_key, new_key, None)],
        };
        for (old, new, setting) in pairs {
            let told = |one: &Overlap| one.later == later && one.control == new_key.text && one.setting == setting;
            if !found.iter().rev().take_while(|one| one.later == later).any(told) {
                let (earlier_span, later_span) = (old.span.clone(), new.span.clone());
                found.push(Overlap {
                    earlier,
                    later,
                    control: new_key.text.clone(),
                    setting,
                    earlier_span,
                    later_span,
                });
            }
        }
    }
}

fn differing<'a>(old: &'a Node, new: &'a Node) -> Vec<(&'a Key, &'a Key, Option<String>)> {
    let (Value::Map(old), Value::Map(new)) = (&old.value, &new.value) else { return vec![] };
    let pairs = new.iter().filter_map(|(key, value)| {
        let (old_key, old_value) = old.iter().find(|(old, _)| old.text == key.text)?;
        (old_value.json() != value.json()).then(|| (old_key, key, Some(key.text.clone())))
    });
    pairs.collect()
}
