//! The topic of alarms on moto, which confirms every subscription at once: made, told, read back by boto3, and undone.
//! Alarms themselves are in `alarms.rs`.

use serde_json::{Value, json};

use crate::enforcement::all_verified;
use crate::server::text;
use crate::stand::{Stand, list};

const MAIL: &str = "\
controls:
  cloudwatch.topic:
    publish: true
    usable_key: true
    subscriptions:
      - { protocol: email, endpoint: security@acme.example }
";

#[test]
fn a_topic_is_planned_applied_read_back_and_undone() {
    let stand = Stand::cast(&json!([{ "name": "one" }]));
    stand.baseline(MAIL, "");
    let only = ["--account", "one"];
    let plan = stand.plan(&only).json(2);
    assert_eq!(list(&plan, "changes").len(), 2);
    let run = text(&all_verified(&stand.apply(), &plan)["run"]);
    let topics = || stand.moto.run("topics.py", &["--account", &stand.id("one")]);
    assert_eq!(topics(), json!({ "security-alarms": ["email security@acme.example"] }));
    stand.plan(&only).json(0);
    stand.moto.forget_calls();
    stand.apply().ended(0);
    assert_eq!(stand.moto.writes(), Vec::<Value>::new(), "a second apply writes nothing");
    stand.revert(&run, &[]).json(0);
    assert_eq!(topics(), json!({}));
}
