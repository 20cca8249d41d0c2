//! What a trail was told to log is taken back, and a trail that was made with it is known again.

use super::*;

const EVENTS: &str = "\
controls:
  cloudtrail.trail:
    scope: account
    name: audit
    multi_region: true
    s3_data_events_write: true
    s3_data_events_read: true
    insights: true
";

#[test]
fn a_trail_that_was_told_to_log_all_objects_logs_what_it_did() {
    let (mut world, ids) = organization(&["one"]);
    poor_trail(&mut world, &ids[0]);
    comes_back(world, &ids[0], EVENTS);
}

#[test]
fn a_service_that_was_left_out_is_left_out_again() {
    let (mut world, ids) = organization(&["one"]);
    poor_trail(&mut world, &ids[0]);
    let both = ["kms.amazonaws.com", "rdsdata.amazonaws.com"];
    let all = json!([{"ReadWriteType": "All", "ExcludeManagementEventSources": both}]);
    let input = json!({"TrailName": "audit", "EventSelectors": all});
    world.build(&ids[0], HOME, "cloudtrail", "PutEventSelectors", input);
    let asked = "controls:\n  cloudtrail.trail:\n    scope: account\n    name: audit\n    management_events: true\n    \
                 excluded_sources: [rdsdata.amazonaws.com]\n";
    comes_back(world, &ids[0], asked);
}

/// What an apply changes in an account is as it was after its revert.
fn comes_back(world: World, account: &str, controls: &str) {
    let stage = Stage::held_to(world, controls);
    let before = dump(&stage);
    let run = applied(&stage, &["--account", account]);
    assert_ne!(dump(&stage), before);
    all_came(&reverted(&stage, &run, &["--allow", "weakening"]), 0, "verified");
    unchanged(&stage, &before);
}

#[test]
fn a_trail_that_was_made_and_told_what_to_log_is_taken_away() {
    let (world, ids) = organization(&["bare"]);
    let stage = Stage::held_to(world, EVENTS);
    let before = dump(&stage);
    let run = applied(&stage, &["--account", &ids[0]]);
    all_came(&reverted(&stage, &run, &UNDO), 0, "verified");
    unchanged(&stage, &before);
}

#[test]
fn a_trail_that_was_made_and_logs_something_else_by_now_stays() {
    let (world, ids) = organization(&["bare"]);
    let stage = Stage::held_to(world, EVENTS);
    let run = applied(&stage, &["--account", &ids[0]]);
    let writes = json!([{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": true}]);
    let input = json!({"TrailName": "audit", "EventSelectors": writes});
    stage.world(|world| world.build(&ids[0], HOME, "cloudtrail", "PutEventSelectors", input));
    let done = reverted(&stage, &run, &UNDO);
    assert_eq!(done.code, Some(2), "{}", done.stdout);
    assert!(done.stdout.contains("trail audit was changed since it was made"), "{}", done.stdout);
    assert_eq!(stage.count(&ids[0], "DeleteTrail"), 0);
}

#[test]
fn insights_that_were_there_are_looked_for_again_and_no_more() {
    let (mut world, ids) = organization(&["one"]);
    poor_trail(&mut world, &ids[0]);
    let calls = json!([{"InsightType": "ApiCallRateInsight", "EventCategories": ["Data"]}]);
    let input = json!({"TrailName": "audit", "InsightSelectors": calls});
    world.build(&ids[0], HOME, "cloudtrail", "PutInsightSelectors", input);
    comes_back(world, &ids[0], EVENTS);
}

#[test]
fn a_trail_that_was_made_and_is_not_looked_at_as_it_was_stays() {
    let (world, ids) = organization(&["bare"]);
    let stage = Stage::held_to(world, EVENTS);
    let run = applied(&stage, &["--account", &ids[0]]);
    let input = json!({"TrailName": "audit", "InsightSelectors": [{"InsightType": "ApiCallRateInsight"}]});
    stage.world(|world| world.build(&ids[0], HOME, "cloudtrail", "PutInsightSelectors", input));
    let done = reverted(&stage, &run, &UNDO);
    assert!(done.stdout.contains("trail audit was changed since it was made"), "{}", done.stdout);
    assert_eq!(stage.count(&ids[0], "DeleteTrail"), 0);
}
