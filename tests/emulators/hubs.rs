//! Security Hub on an emulator that others wrote, and what it does not know of Access Analyzer.

use serde_json::Value;

use crate::enforcement::all_verified;
use crate::stand::{Stand, list};

const HUBS: &str = "controls:\n  securityhub.hub:\n    enabled: true\n";

#[test]
fn hubs_are_planned_and_switched_on_once() {
    let stand = Stand::cast(&serde_json::json!([{ "name": "first" }, { "name": "second" }]));
    stand.baseline(HUBS, "");
    let plan = stand.plan(&["--account", "first,second"]).json(2);
    assert_eq!(list(&plan, "changes").len(), 4);
    all_verified(&stand.apply(), &plan);
    stand.plan(&["--account", "first,second"]).json(0);
    stand.moto.forget_calls();
    stand.apply().ended(0);
    assert_eq!(stand.moto.writes(), Vec::<Value>::new(), "a second apply writes nothing");
}

#[test]
fn analyzers_that_the_emulator_does_not_know_are_unreadable_and_never_drifted() {
    let stand = Stand::cast(&serde_json::json!([{ "name": "one" }]));
    stand.baseline("controls:\n  accessanalyzer.external:\n    active: true\n", "");
    let plan = stand.plan(&["--account", "one"]).json(3);
    let verdicts = list(&plan, "verdicts");
    assert!(verdicts.len() == 2 && verdicts.iter().all(|row| row["verdict"] == "unreadable"), "{verdicts:#?}");
}
