//! Alarms, and what a form may leave out.

use super::{HOME, Stage, ask, code};
use serde_json::{Value, json};

fn alarm(more: &Value) -> Value {
    let mut input = json!({
        "AlarmName": "a", "MetricName": "root_usage", "Namespace": "CISBenchmark", "Statistic": "Sum", "Period": 300,
        "EvaluationPeriods": 1, "Threshold": 1.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    });
    more.as_object().unwrap().iter().for_each(|(member, value)| input[member] = value.clone());
    input
}

fn only(stage: &mut Stage) -> Value {
    stage.one("monitoring", "DescribeAlarms", json!({})).unwrap()["MetricAlarms"][0].clone()
}

#[test]
fn an_alarm_that_is_put_again_says_only_what_was_put_last() {
    let mut stage = Stage::new();
    let topic = "arn:aws:sns:us-east-1:111122223333:alarms";
    let first = alarm(&json!({"AlarmActions": [topic], "AlarmDescription": "d", "Tags": [{"Key": "k", "Value": "v"}]}));
    stage.one("monitoring", "PutMetricAlarm", first).unwrap();
    assert_eq!(only(&mut stage)["AlarmActions"], json!([topic]));
    stage.one("monitoring", "DisableAlarmActions", json!({"AlarmNames": ["a", "none"]})).unwrap();
    assert_eq!(only(&mut stage)["ActionsEnabled"], false);
    stage.one("monitoring", "PutMetricAlarm", alarm(&json!({}))).unwrap();
    let again = only(&mut stage);
    assert_eq!(again["AlarmActions"], json!([]));
    assert_eq!(again["ActionsEnabled"], true);
    assert!(again.get("AlarmDescription").is_none());
    let tags = stage.one("monitoring", "ListTagsForResource", json!({"ResourceARN": again["AlarmArn"]})).unwrap();
    assert_eq!(tags["Tags"], json!([{"Key": "k", "Value": "v"}]));
}

#[test]
fn an_alarm_without_a_metric_or_with_two_statistics_is_refused() {
    let mut stage = Stage::new();
    let two = alarm(&json!({"ExtendedStatistic": "p99"}));
    for input in [json!({"AlarmName": "a"}), two, alarm(&json!({"Namespace": null}))] {
        assert_eq!(code(stage.one("monitoring", "PutMetricAlarm", input)), "ValidationError");
    }
    let both = json!({"AlarmNames": ["a"], "AlarmNamePrefix": "a"});
    assert_eq!(code(stage.one("monitoring", "DescribeAlarms", both)), "ValidationError");
}

#[test]
fn alarms_are_of_one_account_and_one_region() {
    let mut stage = Stage::new();
    stage.one("monitoring", "PutMetricAlarm", alarm(&json!({}))).unwrap();
    assert_eq!(stage.manage("monitoring", "DescribeAlarms", json!({})).unwrap()["MetricAlarms"], json!([]));
    let caller = stage.one.clone();
    let away = ask(&mut stage.world, &caller, super::AWAY, "monitoring", "DescribeAlarms", json!({})).unwrap();
    assert_eq!(away["MetricAlarms"], json!([]));
    let gone = json!({"AlarmNames": ["a", "b"]});
    assert_eq!(code(stage.one("monitoring", "DeleteAlarms", gone)), "ResourceNotFound");
    let here = ask(&mut stage.world, &caller, HOME, "monitoring", "DeleteAlarms", json!({"AlarmNames": ["a"]}));
    assert_eq!(here.unwrap(), json!({}));
}
