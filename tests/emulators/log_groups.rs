//! Trails that deliver to a log group on moto, which takes what it is given and delivers nothing: drifted, mended and
//! undone, read back by boto3.

use serde_json::{Value, json};

use crate::server::text;
use crate::stand::{Stand, list};

const CONTROLS: &str = "\
controls:
  cloudtrail.trail:
    scope: account
    existing: mend
    log_file_validation: true
    cloudwatch_logs: true
";

fn seen(stand: &Stand, id: &str) -> Value {
    stand.moto.run("log_groups.py", &["--account", id])
}

#[test]
fn a_trail_gets_a_log_group_and_loses_it_again() {
    let stand = Stand::cast(&json!([{ "name": "one", "trail": "log_file_validation" }]));
    stand.baseline(CONTROLS, "");
    let id = stand.id("one");
    let before = seen(&stand, &id);
    let only = ["--account", id.as_str()];
    let plan = stand.plan(&only).json(2);
    assert_eq!(list(&plan, "changes").len(), 3, "{plan:#}");

    stand.moto.forget_calls();
    let applied = stand.apply().json(0);
    let came: Vec<&Value> = list(&applied, "outcomes").iter().map(|one| &one["outcome"]).collect();
    assert_eq!(came, ["pending", "verified", "verified"], "the trail waits for its first delivery: {applied:#}");
    let written: Vec<String> = stand.moto.writes().iter().map(|call| text(&call["operation"])).collect();
    let expected = ["CreateRole", "PutRolePolicy", "CreateLogGroup", "PutRetentionPolicy", "UpdateTrail"];
    let count = |name: &str| written.iter().filter(|one| *one == name).count();
    assert!(expected.iter().all(|name| count(name) == 1), "{written:?}");
    let now = seen(&stand, &id);
    let arn = format!("arn:aws:logs:eu-west-1:{id}:log-group:/aws/cloudtrail/trueup:*");
    assert_eq!((&now["trails"][0]["group"], &now["groups"]["/aws/cloudtrail/trueup"]), (&json!(arn), &json!(365)));
    assert_eq!(now["trails"][0]["role"], json!(format!("arn:aws:iam::{id}:role/trueup-trail-logs")));
    assert_eq!(now["roles"], json!(["trueup-trail-logs"]));

    let again = stand.plan(&only).json(2);
    let row = list(&again, "verdicts").iter().find(|row| row["requirement"] == "cloudtrail.trail.cloudwatch_logs");
    assert_eq!(row.expect("a verdict")["verdict"], "pending", "nothing is ever delivered there");
    assert_eq!(list(&again, "changes").len(), 0);

    let undone = stand.revert(&text(&applied["run"]), &[]).json(0);
    assert!(list(&undone, "outcomes").iter().all(|one| one["outcome"] == "verified"), "{undone:#}");
    assert_eq!(seen(&stand, &id), before);
}
