//! What the organization's policies of a type come to in an account: inherited from above, laid over by what is attached
//! further down.

use super::organizations::{fault, lineage, of, organization};
use crate::fault::Fault;
use crate::front::Call;
use crate::world::World;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

const ALLOWED: &str = "@@operators_allowed_for_child_policies";

/// Any member may ask what is in effect for itself; the management account and delegates, for everyone.
pub(super) fn describe(call: &mut Call<'_>) -> Result<Value, Fault> {
    let sort = call.need("PolicyType")?.to_owned();
    let target = call.text("TargetId").unwrap_or(call.account).to_owned();
    if of(call.world, call.account).is_none() {
        return Err(fault("AWSOrganizationsNotInUseException", "Your account is not a member of an organization."));
    }
    if target != call.account {
        organization(call)?;
    }
    if of(call.world, &target).is_none() {
        return Err(fault(
            "TargetNotFoundException",
            "We can't find a root, OU, account, or policy with the TargetId that you specified.",
        ));
    }
    let Some(effective) = effective(call.world, &target, &sort) else {
        return Err(fault(
            "EffectivePolicyNotFoundException",
            "If you ran this action on the management account, this policy type is not enabled, or no effective policy of this type exists.",
        ));
    };
    Ok(json!({"EffectivePolicy": {"PolicyContent": effective.to_string(), "LastUpdatedTimestamp": call.now(),
        "TargetId": target, "PolicyType": sort}}))
}

/// What is in effect of a type in an account, without operators; none: nothing.
pub(super) fn effective(world: &World, account: &str, sort: &str) -> Option<Value> {
    let state = &of(world, account)?.state;
    if !state.policy_types.contains(sort) {
        return None;
    }
    let mut merged = Merged::default();
    for level in lineage(world, account) {
        let ids = state.attached.get(&level).into_iter().flatten();
        let policies = ids.filter_map(|id| state.policies.get(id)).filter(|policy| policy.sort == sort);
        let texts: Vec<Value> = policies.filter_map(|policy| serde_json::from_str(&policy.content).ok()).collect();
        for text in &texts {
            merged.lay("", text);
        }
        // A policy limits those below it, and not those beside it.
        for text in &texts {
            merged.limit("", text);
        }
    }
    merged.value.map(|value| Value::Object(value.clone()))
}

/// What was inherited so far, and which operators are still allowed, by the path of a key.
#[derive(Default)]
struct Merged {
    value: Option<Map<String, Value>>,
    allowed: BTreeMap<String, BTreeSet<String>>,
}

impl Merged {
    fn lay(&mut self, path: &str, own: &Value) {
        let Value::Object(fields) = own else { return self.set(path, "@@assign", own) };
        let operators: Vec<_> = fields.iter().filter(|(key, _)| key.starts_with("@@") && *key != ALLOWED).collect();
        for (operator, value) in &operators {
            self.set(path, operator, value);
        }
        if operators.is_empty() {
            self.value.get_or_insert_default();
        }
        for (key, value) in fields.iter().filter(|(key, _)| !key.starts_with("@@")) {
            self.lay(&format!("{path}/{key}"), value);
        }
    }

    fn set(&mut self, path: &str, operator: &str, value: &Value) {
        if self.allowed.get(path).is_some_and(|allowed| !allowed.contains(operator)) {
            return;
        }
        let mut slot = self.value.get_or_insert_default();
        let keys: Vec<&str> = path.split('/').filter(|key| !key.is_empty()).collect();
        let Some((last, above)) = keys.split_last() else { return };
        for key in above {
            let inner = slot.entry(*key).or_insert_with(|| json!({}));
            if !inner.is_object() {
                *inner = json!({});
            }
            slot = inner.as_object_mut().expect("it was made one");
        }
        let many = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
        let (before, told) = (many(slot.get(*last)), many(Some(value)));
        let after = match operator {
            "@@append" => {
                let new: Vec<Value> = told.into_iter().filter(|one| !before.contains(one)).collect();
                before.into_iter().chain(new).collect()
            }
            "@@remove" => before.into_iter().filter(|one| !told.contains(one)).collect(),
            _ => value.clone(),
        };
        slot.insert((*last).to_owned(), after);
    }

    /// Takes note of what policies below may do, which none of them can widen again.
    fn limit(&mut self, path: &str, own: &Value) {
        let Value::Object(fields) = own else { return };
        if let Some(Value::Array(named)) = fields.get(ALLOWED) {
            let named: BTreeSet<String> = named.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            if !named.contains("@@all") {
                let before = self.allowed.get(path).cloned();
                let left =
                    before.map_or_else(|| named.clone(), |before| before.intersection(&named).cloned().collect());
                self.allowed.insert(path.to_owned(), left);
            }
        }
        for (key, value) in fields.iter().filter(|(key, _)| !key.starts_with("@@")) {
            self.limit(&format!("{path}/{key}"), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(levels: &[&[Value]]) -> Value {
        let mut merged = Merged::default();
        for level in levels {
            level.iter().for_each(|text| merged.lay("", text));
            level.iter().for_each(|text| merged.limit("", text));
        }
        Value::Object(merged.value.expect("something"))
    }

    #[test]
    fn a_lower_policy_replaces_adds_to_and_takes_from_what_it_inherits() {
        let above = json!({"hub": {"on": {"@@assign": ["a", "b"]}, "mode": {"@@assign": "old"}}});
        for (own, on) in [
            (json!({"@@assign": ["c"]}), json!(["c"])),
            (json!({"@@append": ["b", "c"]}), json!(["a", "b", "c"])),
            (json!({"@@remove": ["a", "z"]}), json!(["b"])),
        ] {
            let below = json!({"hub": {"on": own}});
            assert_eq!(merged(&[std::slice::from_ref(&above), &[below]]), json!({"hub": {"on": on, "mode": "old"}}));
        }
    }

    #[test]
    fn what_a_policy_forbids_those_below_it_has_no_effect_there_and_cannot_be_allowed_again() {
        let above = json!({"hub": {"mode": {"@@assign": "old", ALLOWED: ["@@none"]}, "on": {"@@assign": ["a"], ALLOWED: ["@@append"]}}});
        let middle = json!({"hub": {"mode": {"@@assign": "new", ALLOWED: ["@@all"]}}});
        let below = json!({"hub": {"mode": {"@@assign": "newer"}, "on": {"@@assign": ["c"], "@@append": ["b"]}}});
        assert_eq!(merged(&[&[above], &[middle], &[below]]), json!({"hub": {"mode": "old", "on": ["a", "b"]}}));
    }
}
