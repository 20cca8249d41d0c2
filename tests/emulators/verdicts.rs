//! What plan says, against what is true.

use serde_json::Value;

use crate::baseline::{FULL, NARROW};
use crate::stand::{Stand, list};

/// Whether a verdict of a plan speaks of the same thing as a row of the truth.
fn same_thing(verdict: &Value, row: &Value) -> bool {
    let named = row["names"].as_array().is_none_or(|names| names.contains(&verdict["object"]));
    // A region is left out at account scope, and null is how indexing says that.
    named && ["account", "region", "requirement"].iter().all(|field| verdict[field] == row[field])
}

/// Each disagreement between a plan and the truth, either way.
pub(crate) fn disagreements(plan: &Value, truth: &[Value]) -> Vec<String> {
    let verdicts = list(plan, "verdicts");
    let mut found = vec![];
    for row in truth {
        let said: Vec<_> = verdicts.iter().filter(|verdict| same_thing(verdict, row)).collect();
        if said.len() != 1 || said[0]["verdict"] != row["verdict"] {
            found.push(format!("true: {row}, said: {said:?}"));
        }
    }
    for verdict in verdicts {
        if !truth.iter().any(|row| same_thing(verdict, row)) {
            found.push(format!("said, but not asked for: {verdict}"));
        }
    }
    found
}

#[track_caller]
pub(crate) fn agrees(plan: &Value, truth: &[Value]) {
    let found = disagreements(plan, truth);
    assert!(found.is_empty(), "{} of {} rows:\n{}", found.len(), truth.len(), found.join("\n"));
}

#[test]
fn every_verdict_is_true_and_every_truth_is_said() {
    for (seed, controls) in [(1, FULL), (3, NARROW)] {
        let stand = Stand::drawn(seed);
        stand.baseline(controls, "");
        let plan = stand.plan(&[]).json(2);
        assert_eq!(plan["format"], "trueup.plan/1");
        assert_eq!(plan["complete"], true);
        agrees(&plan, &stand.truth());
    }
}

#[test]
fn a_plan_writes_nothing() {
    let stand = Stand::drawn(4);
    let before = stand.dump();
    stand.moto.forget_calls();
    stand.plan(&[]).ended(2);
    assert_eq!(stand.moto.writes(), Vec::<Value>::new());
    assert_eq!(stand.dump(), before);
}

#[test]
fn an_account_that_is_closed_is_skipped_and_named() {
    let stand = Stand::cast(&serde_json::json!([{ "name": "closed", "suspended": true, "password": "absent" }]));
    let plan = stand.plan(&[]).json(0);
    let id = stand.id("closed");
    let account = list(&plan, "accounts").iter().find(|account| account["id"] == id.as_str()).expect("it is named");
    assert_eq!((&account["state"], &account["status"]), (&"SUSPENDED".into(), &"skipped".into()));
    assert!(list(&plan, "verdicts").iter().all(|verdict| verdict["account"] != id.as_str()));
    assert_eq!(plan["summary"]["accounts"]["skipped"], 1);
}

#[test]
fn the_plan_file_is_shown_as_it_was_planned() {
    let stand = Stand::cast(&serde_json::json!([{ "name": "weak", "password": "minimum_length" }]));
    stand.plan(&[]).ended(2);
    let shown = stand.show();
    shown.ended(0);
    assert!(shown.stdout.contains("minimum_length"), "{}", shown.stdout);
    assert!(shown.stdout.contains("0 to add, 1 to change, 0 to remove in 1 account"), "{}", shown.stdout);
}

#[test]
fn the_comparison_sees_what_is_wrong_missing_double_or_not_asked_for() {
    let row = |requirement: &str, verdict: &str| serde_json::json!({ "account": "1", "region": null, "requirement": requirement, "names": ["t"], "verdict": verdict });
    let said = |requirement: &str, object: &str, verdict: &str| serde_json::json!({ "account": "1", "requirement": requirement, "object": object, "verdict": verdict });
    let truth = [row("a", "drifted"), row("b", "compliant")];
    let [a, b] = [said("a", "t", "drifted"), said("b", "t", "compliant")];
    let count = |verdicts: &[&Value]| disagreements(&serde_json::json!({ "verdicts": verdicts }), &truth).len();
    assert_eq!(count(&[&a, &b]), 0);
    assert_eq!(count(&[&a]), 1, "missing");
    assert_eq!(count(&[&a, &b, &b]), 1, "double");
    assert_eq!(count(&[&a, &said("b", "t", "drifted")]), 1, "wrong");
    assert_eq!(count(&[&a, &b, &said("c", "t", "drifted")]), 1, "not asked for");
    assert_eq!(count(&[&a, &said("b", "other", "compliant")]), 2, "of another object");
}
