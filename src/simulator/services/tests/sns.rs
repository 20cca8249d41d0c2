//! Topics, and whom they reach.

use super::{AWAY, Stage, ask, code};
use serde_json::{Value, json};

fn topic(stage: &mut Stage) -> Value {
    stage.one("sns", "CreateTopic", json!({"Name": "alarms"})).unwrap()["TopicArn"].clone()
}

fn listed(stage: &mut Stage, topic: &Value) -> Vec<String> {
    let answer = stage.one("sns", "ListSubscriptionsByTopic", json!({"TopicArn": topic})).unwrap();
    let all = answer["Subscriptions"].as_array().unwrap().iter();
    all.map(|one| format!("{} {}", one["Protocol"].as_str().unwrap(), one["SubscriptionArn"].as_str().unwrap()))
        .collect()
}

#[test]
fn a_mail_waits_for_its_token_and_a_queue_of_ones_own_does_not() {
    let mut stage = Stage::new();
    let (topic, account) = (topic(&mut stage), stage.one.account.clone());
    let queue = format!("arn:aws:sqs:us-east-1:{account}:queue");
    for (protocol, endpoint) in [("email", "security@example.com"), ("sqs", queue.as_str())] {
        let input = json!({"TopicArn": topic, "Protocol": protocol, "Endpoint": endpoint});
        stage.one("sns", "Subscribe", input).unwrap();
    }
    let found = listed(&mut stage, &topic);
    assert_eq!(found[0], "email PendingConfirmation");
    assert!(found[1].starts_with(&format!("sqs arn:aws:sns:us-east-1:{account}:alarms:")), "{found:?}");
    stage.world.advance(48 * 60 * 60);
    assert_eq!(listed(&mut stage, &topic), found[1..]);
}

#[test]
fn what_is_set_on_a_topic_is_what_sns_knows() {
    let mut stage = Stage::new();
    let topic = topic(&mut stage);
    let mut set = |name: &str, value: &str| {
        let input = json!({"TopicArn": topic, "AttributeName": name, "AttributeValue": value});
        stage.one("sns", "SetTopicAttributes", input)
    };
    set("KmsMasterKeyId", "alias/own").unwrap();
    assert_eq!(code(set("Nonsense", "x")), "InvalidParameter");
    assert_eq!(code(set("Policy", "{}")), "InvalidParameter");
    let shown = stage.one("sns", "GetTopicAttributes", json!({"TopicArn": topic})).unwrap();
    assert_eq!(shown["Attributes"]["KmsMasterKeyId"], "alias/own");
    assert!(shown["Attributes"]["Policy"].as_str().unwrap().contains("__default_statement_ID"));
}

#[test]
fn a_topic_is_asked_for_in_its_region_and_by_its_account() {
    let mut stage = Stage::new();
    let topic = topic(&mut stage);
    let caller = stage.one.clone();
    let away = ask(&mut stage.world, &caller, AWAY, "sns", "GetTopicAttributes", json!({"TopicArn": topic}));
    assert_eq!(code(away), "InvalidParameter");
    assert_eq!(code(stage.manage("sns", "GetTopicAttributes", json!({"TopicArn": topic}))), "AccessDenied");
    stage.one("sns", "DeleteTopic", json!({"TopicArn": topic})).unwrap();
    stage.one("sns", "DeleteTopic", json!({"TopicArn": topic})).unwrap();
    assert_eq!(code(stage.one("sns", "GetTopicAttributes", json!({"TopicArn": topic}))), "NotFound");
}
