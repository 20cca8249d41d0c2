//! What a run did is undone, read back through boto3.

use serde_json::{Value, json};

use crate::enforcement::all_verified;
use crate::server::text;
use crate::stand::{Stand, list};

/// What boto3 reads of everything, buckets among it, without the keys that wait for their deletion. moto forgets
/// features that a call does not name: they are off, as those are that it names so.
fn world(stand: &Stand) -> Value {
    let mut world = stand.dump()["world"].take();
    for account in world["accounts"].as_array_mut().expect("a world has accounts") {
        for keys in account["keys"].as_object_mut().expect("keys are by region").values_mut() {
            keys.as_array_mut().expect("a list").retain(|key| key["state"] != "PendingDeletion");
        }
        for detectors in account["detectors"].as_object_mut().expect("detectors are by region").values_mut() {
            for detector in detectors.as_array_mut().expect("a list") {
                detector["features"].as_object_mut().expect("by name").retain(|_, status| status == "ENABLED");
            }
        }
    }
    world
}

#[test]
fn an_organization_is_as_before_when_a_run_over_all_of_it_is_undone() {
    let stand = Stand::drawn(1);
    let before = world(&stand);
    let plan = stand.plan(&[]).json(2);
    let run = text(&all_verified(&stand.apply(), &plan)["run"]);
    assert_ne!(world(&stand), before);
    let undone = stand.revert(&run, &["--delete-keys"]);
    let result = undone.json(0);
    let other: Vec<&Value> = list(&result, "outcomes").iter().filter(|one| one["outcome"] != "verified").collect();
    assert!(other.is_empty(), "{other:?}");
    let after = world(&stand);
    for (was, is) in list(&before, "accounts").iter().zip(list(&after, "accounts")) {
        assert_eq!(is, was);
    }
    assert_eq!(after, before);
}

#[test]
fn what_was_changed_since_is_stale_and_the_rest_is_undone() {
    let weak = |name: &str| json!({ "name": name, "password": "minimum_length" });
    let stand = Stand::cast(&json!([weak("first"), weak("changed")]));
    let plan = stand.plan(&[]).json(2);
    let run = text(&all_verified(&stand.apply(), &plan)["run"]);
    stand.change_password_policy("changed", "require_symbols");
    let changed = stand.account("changed");
    let result = stand.revert(&run, &[]).json(2);
    assert_eq!((&result["summary"]["stale"], &result["summary"]["verified"]), (&1.into(), &1.into()));
    assert_eq!(stand.account("changed"), changed);
    assert!(stand.account("first")["password"]["minimum_length"].as_u64() < Some(14));
}
