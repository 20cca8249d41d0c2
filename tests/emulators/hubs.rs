//! Security Hub and AWS Config on an emulator that others wrote, and what it does not know of Access Analyzer.

use serde_json::Value;

use crate::enforcement::all_verified;
use crate::server::text;
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

#[test]
fn recorders_are_mended_as_a_whole_and_set_back() {
    let stand = Stand::cast(&serde_json::json!([{ "name": "one" }]));
    stand.moto.run("recording.py", &["--account", &stand.id("one")]);
    let asked = "all_types: true\n    delivery: { snapshots: Six_Hours }\n    retention: 400\n";
    stand.baseline(&format!("controls:\n  config.recorder:\n    {asked}"), "");
    let plan = stand.plan(&["--account", "one"]).json(2);
    assert_eq!(list(&plan, "changes").len(), 2, "one a region");
    let run = text(&all_verified(&stand.apply(), &plan)["run"]);
    stand.plan(&["--account", "one"]).json(0);
    stand.moto.forget_calls();
    stand.apply().ended(0);
    assert_eq!(stand.moto.writes(), Vec::<Value>::new(), "a second apply writes nothing");
    stand.revert(&run, &[]).json(0);
    let again = stand.plan(&["--account", "one"]).json(2);
    assert_eq!(list(&again, "changes"), list(&plan, "changes"), "what was there before is there again");
}
