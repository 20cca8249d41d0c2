//! Trails that log what is done with objects in S3 on moto: drifted, mended and undone, read back by boto3.
//!
//! moto says of every trail that it has no Insights, and never takes any away, so those are the simulator's alone.

use serde_json::{Value, json};

use crate::server::text;
use crate::stand::{Stand, list};

const CONTROLS: &str = "\
controls:
  cloudtrail.trail:
    scope: account
    existing: mend
    s3_data_events_write: true
    s3_data_events_read: true
";

#[test]
fn a_trail_logs_all_objects_and_what_it_did_again() {
    let stand = Stand::cast(&json!([{ "name": "one", "trail": "management_events" }]));
    stand.baseline(CONTROLS, "");
    let id = stand.id("one");
    let before = stand.account("one");
    let plan = stand.plan(&["--account", &id]).json(2);
    assert_eq!(list(&plan, "changes").len(), 1, "{plan:#}");

    stand.moto.forget_calls();
    let applied = stand.apply().json(0);
    assert!(list(&applied, "outcomes").iter().all(|one| one["outcome"] == "verified"), "{applied:#}");
    let written: Vec<String> = stand.moto.writes().iter().map(|call| text(&call["operation"])).collect();
    assert_eq!(written, ["PutEventSelectors"]);
    let now = stand.account("one");
    let of = |account: &Value| account["trails"][0]["selectors"].clone();
    let all = json!([{ "Type": "AWS::S3::Object", "Values": ["arn:aws:s3"] }]);
    let logs_all = |one: &Value| one["DataResources"] == all && one["ReadWriteType"] == "All";
    assert!(of(&now).as_array().expect("a list").iter().any(logs_all), "{now:#}");
    assert!(of(&now).to_string().contains("WriteOnly"), "what it logged stays: {now:#}");
    assert_eq!(list(&stand.plan(&["--account", &id]).json(0), "changes").len(), 0);

    let undone = stand.revert(&text(&applied["run"]), &[]).json(0);
    assert!(list(&undone, "outcomes").iter().all(|one| one["outcome"] == "verified"), "{undone:#}");
    assert_eq!(stand.account("one"), before);
}
