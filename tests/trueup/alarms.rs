//! Alarms on what a trail records: planned, applied, read back by boto3, switched off by somebody, and undone.

use serde_json::{Value, json};
use trueup::simulator::world::World;

use crate::harness::{HOME, Stage, error, kinds, list, organization, outcomes, rows, strike, text};
use crate::topics::watched;

const ROOT: &str = "\
controls:
  cloudwatch.alarm:
    root_usage: true
    security_group_changes: true
    actions: true
  cloudwatch.topic:
    publish: true
    subscriptions:
      - { protocol: sqs, endpoint: 'arn:aws:sqs:{region}:{account}:alarms' }
";

/// A trail of an account with its log group.
pub(crate) fn grouped(world: &mut World, id: &str, organization: bool) {
    watched(world, id, organization);
    world.build(id, HOME, "logs", "CreateLogGroup", json!({ "logGroupName": "acme" }));
}

fn alarm(name: &str, metric: &str, topic: &str) -> Value {
    json!({ "AlarmName": name, "MetricName": metric, "Namespace": "Own", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 1.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "AlarmActions": [topic], "AlarmDescription": "by hand" })
}

fn filter(pattern: &str) -> Value {
    let made = json!([{ "metricName": "roots", "metricNamespace": "Own", "metricValue": "1" }]);
    json!({ "logGroupName": "acme", "filterName": "roots", "filterPattern": pattern, "metricTransformations": made })
}

/// The id of the last run that was kept.
fn last(stage: &Stage) -> String {
    let runs = stage.run(&["history", "--format", "json"]).json();
    text(&list(&runs["runs"]).last().expect("a run")["run"]).to_owned()
}

fn written(stage: &Stage, account: &str) -> Vec<String> {
    let of_account = stage.writes().into_iter().filter(|(id, ..)| id == account);
    of_account.map(|(_, service, operation)| format!("{service}:{operation}")).collect()
}

#[test]
fn filters_and_alarms_are_made_after_their_topic_and_taken_away_by_a_revert() {
    let (mut world, ids) = organization(&["one"]);
    grouped(&mut world, &ids[0], false);
    let stage = Stage::held_to(world, ROOT);
    let before = stage.alarms(&ids[0]);
    let (plan, code) = stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    assert_eq!((code, list(&plan["changes"]).len()), (Some(2), 4), "{plan:#}");
    let (applied, _) = stage.apply(&[]);
    let held = outcomes(&applied).into_iter().filter(|(_, outcome)| *outcome == "held").count();
    assert_eq!(held, 2, "an alarm bills: {applied:#}");
    assert_eq!(stage.apply(&["--allow", "cost"]).1, Some(0));
    let expected = [
        "logs:PutMetricFilter",
        "logs:PutMetricFilter",
        "logs:PutMetricFilter",
        "monitoring:PutMetricAlarm",
        "monitoring:PutMetricAlarm",
        "sns:CreateTopic",
        "sns:Subscribe",
    ];
    assert_eq!(written(&stage, &ids[0]), expected);
    let seen = stage.alarms(&ids[0]);
    let metric = json!(["CISBenchmark", "security_group_changes"]);
    let pair =
        [&seen["Filters"]["trueup-security_group_changes"], &seen["Filters"]["trueup-security_group_changes-cis"]];
    assert_eq!(pair.map(|filter| &filter["Metric"]), [&metric, &metric]);
    let made = &seen["Alarms"]["trueup-root_usage"];
    let topic = format!("arn:aws:sns:{HOME}:{}:security-alarms", ids[0]);
    assert_eq!((&made["AlarmActions"], &made["Metric"]), (&json!([topic]), &json!(["CISBenchmark", "root_usage"])));
    assert_eq!(stage.plan(&["--account", &ids[0]]).1, Some(0));
    let run = last(&stage);
    let held = stage.run(&["revert", &run, "--auto-approve", "--allow", "weakening", "--format", "json"]);
    assert!(outcomes(&held.json()).iter().all(|(_, outcome)| *outcome != "verified"), "{}", held.stdout);
    assert_eq!((held.code, stage.alarms(&ids[0])), (Some(2), seen), "filters and alarms that were made stay");
    stage.revert_all();
    assert_eq!((stage.alarms(&ids[0]), stage.topics(&ids[0])), (before, json!({})));
}

#[test]
fn a_chain_of_somebody_else_is_used_as_far_as_it_is_fine_and_left_alone() {
    let (mut world, ids) = organization(&["one"]);
    grouped(&mut world, &ids[0], false);
    let pattern =
        "{ ($.userIdentity.type = Root) && ($.userIdentity.invokedBy NOT EXISTS) && ($.eventType != AwsServiceEvent) }";
    world.build(&ids[0], HOME, "logs", "PutMetricFilter", filter(pattern));
    let nobody = format!("arn:aws:sns:{HOME}:{}:nobody", ids[0]);
    world.build(&ids[0], HOME, "monitoring", "PutMetricAlarm", alarm("roots", "roots", &nobody));
    let stage = Stage::held_to(world, &ROOT.replace("    security_group_changes: true\n", ""));
    stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    assert_eq!(stage.apply(&["--allow", "cost"]).1, Some(0));
    let seen = stage.alarms(&ids[0]);
    assert_eq!(seen["Alarms"]["roots"]["AlarmActions"], json!([nobody]), "it is somebody else's");
    assert_eq!(seen["Alarms"]["trueup-root_usage"]["Metric"], json!(["Own", "roots"]));
    assert_eq!(list(&json!(written(&stage, &ids[0]))).len(), 3, "no filter");
    assert_eq!(stage.plan(&["--account", &ids[0]]).1, Some(0));
}

/// An account with an alarm of ours on the root user.
fn with_ours() -> (Stage, String) {
    let (mut world, ids) = organization(&["one"]);
    grouped(&mut world, &ids[0], false);
    let stage = Stage::held_to(world, &ROOT.replace("    security_group_changes: true\n", ""));
    stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    assert_eq!(stage.apply(&["--allow", "cost"]).1, Some(0));
    (stage, ids[0].clone())
}

#[test]
fn an_alarm_of_ours_that_is_off_is_switched_on_which_costs_nothing() {
    let (stage, id) = with_ours();
    let off = json!({ "AlarmNames": ["trueup-root_usage"] });
    stage.world(|world| world.build(&id, HOME, "monitoring", "DisableAlarmActions", off));
    let (plan, _) = stage.plan(&["--account", &id, "--out", "plan.json"]);
    assert_eq!(plan["changes"][0]["cost"], Value::Null, "{plan:#}");
    assert_eq!(stage.apply(&[]).1, Some(0));
    assert!(written(&stage, &id).contains(&"monitoring:EnableAlarmActions".to_owned()));
    assert_eq!(stage.plan(&["--account", &id]).1, Some(0));
}

#[test]
fn an_alarm_that_drifts_says_which_tool_looks_after_it_and_one_that_is_as_wanted_is_not_asked() {
    let (stage, id) = with_ours();
    let arn = format!("arn:aws:cloudwatch:{HOME}:{id}:alarm:trueup-root_usage");
    let tags = json!({ "ResourceARN": arn, "Tags": [{ "Key": "ManagedBy", "Value": "terraform" }] });
    stage.world(|world| world.build(&id, HOME, "monitoring", "TagResource", tags));
    assert_eq!(stage.plan(&["--account", &id]).1, Some(0));
    let asked = || stage.count(&id, "ListTagsForResource");
    let before = asked();
    let off = json!({ "AlarmNames": ["trueup-root_usage"] });
    stage.world(|world| world.build(&id, HOME, "monitoring", "DisableAlarmActions", off));
    let (plan, _) = stage.plan(&["--account", &id, "--out", "plan.json"]);
    assert_eq!(plan["changes"][0]["managed_by"], "Terraform, says its tag ManagedBy", "{plan:#}");
    assert_eq!(asked(), before + 1);
    assert_eq!((stage.apply(&[]).1, asked()), (Some(0), before + 1), "an apply does not ask");
    stage.inject(strike(&id, "ListTagsForResource", error(403, "AccessDenied")));
    let off = json!({ "AlarmNames": ["trueup-root_usage"] });
    stage.world(|world| world.build(&id, HOME, "monitoring", "DisableAlarmActions", off));
    let (plan, code) = stage.plan(&["--account", &id]);
    let row = rows(&plan, &id).find(|row| row["verdict"] == "drifted").expect("it is off");
    assert!(text(&row["reason"]).contains("cloudwatch:ListTagsForResource") && code == Some(2), "{row}");
}

#[test]
fn an_alarm_of_ours_that_was_changed_is_mended_and_keeps_what_else_it_does() {
    let (stage, id) = with_ours();
    let other = format!("arn:aws:sns:{HOME}:{id}:pager");
    let changed = alarm("trueup-root_usage", "others", &other);
    stage.world(|world| world.build(&id, HOME, "monitoring", "PutMetricAlarm", changed));
    let before = stage.alarms(&id);
    stage.plan(&["--account", &id, "--out", "plan.json"]);
    assert_eq!(stage.apply(&["--allow", "cost"]).1, Some(0));
    let mended = stage.alarms(&id)["Alarms"]["trueup-root_usage"].clone();
    let own = format!("arn:aws:sns:{HOME}:{id}:security-alarms");
    assert_eq!((&mended["AlarmActions"], &mended["AlarmDescription"]), (&json!([other, own]), &json!("by hand")));
    assert_eq!(stage.plan(&["--account", &id]).1, Some(0));
    let done = stage.run(&["revert", &last(&stage), "--auto-approve", "--allow", "weakening", "--format", "json"]);
    assert_eq!(done.code, Some(0), "{}{}", done.stdout, done.stderr);
    assert_eq!(stage.alarms(&id), before);
}

#[test]
fn members_of_the_organizations_trail_are_judged_by_its_account() {
    let (mut world, ids) = organization(&["one", "two"]);
    let management = world.management();
    grouped(&mut world, &management, true);
    let stage = Stage::new(world);
    stage.baseline("management_account: include\n", ROOT);
    let plan = stage.planned(2);
    let owned = |plan: &Value| -> Vec<bool> {
        let of_alarms = rows(plan, &ids[0]).filter(|row| text(&row["requirement"]).starts_with("cloudwatch.alarm"));
        of_alarms.map(|row| row["in_force"].as_bool().expect("it is owned elsewhere")).collect()
    };
    assert_eq!(owned(&plan), [false; 4], "{plan:#}");
    assert_eq!(stage.apply(&["--allow", "cost"]).1, Some(0));
    assert_eq!(owned(&stage.plan(&[]).0), [true; 4]);
    assert_eq!((written(&stage, &ids[0]), written(&stage, &management).len()), (vec![], 7));
}

#[test]
fn without_a_log_group_an_alarm_is_blocked_and_says_what_would_make_it() {
    let (world, ids) = organization(&["one"]);
    let stage = Stage::held_to(world, ROOT);
    let (plan, code) = stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    assert_eq!(code, Some(2));
    let blocked: Vec<&str> = list(&plan["changes"]).iter().filter_map(|change| change["blocked"].as_str()).collect();
    assert_eq!(blocked.len(), 2, "{plan:#}");
    assert!(blocked[0].contains("cloudtrail.trail"), "{}", blocked[0]);
    stage.apply(&["--allow", "cost"]);
    assert_eq!(written(&stage, &ids[0]), ["sns:CreateTopic", "sns:Subscribe"]);
}

#[test]
fn alarms_that_are_denied_are_unreadable_and_never_absent() {
    let (mut world, ids) = organization(&["one"]);
    grouped(&mut world, &ids[0], false);
    let stage = Stage::held_to(world, "controls:\n  cloudwatch.alarm:\n    root_usage: true\n");
    for (operation, code) in [("DescribeAlarms", "AccessDenied"), ("DescribeMetricFilters", "AccessDeniedException")] {
        stage.world(|world| world.faults.clear());
        stage.inject(strike(&ids[0], operation, error(400, code)));
        let (plan, code) = stage.plan(&["--account", &ids[0]]);
        assert_eq!((kinds(&plan, &ids[0]), code), (vec!["unreadable".into()], Some(3)), "{operation}: {plan:#}");
        assert_eq!(plan["changes"], json!([]));
    }
}

/// An account whose alarm on the root user tells a topic of this account, to which a queue is subscribed.
fn telling(owner: impl FnOnce(&World, &[String]) -> String) -> (Stage, Vec<String>, String) {
    let (mut world, ids) = organization(&["one", "security"]);
    grouped(&mut world, &ids[0], false);
    let owner = owner(&world, &ids);
    let pattern =
        "{ ($.userIdentity.type = Root) && ($.userIdentity.invokedBy NOT EXISTS) && ($.eventType != AwsServiceEvent) }";
    world.build(&ids[0], HOME, "logs", "PutMetricFilter", filter(pattern));
    let central =
        text(&world.build(&owner, HOME, "sns", "CreateTopic", json!({ "Name": "central" }))["TopicArn"]).to_owned();
    let queue = format!("arn:aws:sqs:{HOME}:{owner}:alarms");
    let told = json!({ "TopicArn": central, "Protocol": "sqs", "Endpoint": queue });
    world.build(&owner, HOME, "sns", "Subscribe", told);
    world.build(&ids[0], HOME, "monitoring", "PutMetricAlarm", alarm("roots", "roots", &central));
    let stage = Stage::held_to(world, "controls:\n  cloudwatch.alarm:\n    root_usage: true\n    actions: true\n");
    (stage, ids, central)
}

#[test]
fn an_alarm_that_tells_a_topic_of_the_management_account_tells_somebody() {
    let (stage, ids, central) = telling(|world, _| world.management());
    let (plan, code) = stage.plan(&["--account", &ids[0]]);
    assert_eq!((kinds(&plan, &ids[0]), code), (vec!["compliant".to_owned()], Some(0)), "{plan:#}");
    let read = stage
        .calls()
        .into_iter()
        .find(|call| call.operation == "GetTopicAttributes" && call.input["TopicArn"] == *central);
    assert_eq!(read.map(|call| call.account), Some(stage.world(|world| world.management())), "in its own account");
}

#[test]
fn an_alarm_that_tells_a_topic_of_any_other_account_is_read_as_far_as_that_lets_and_nothing_is_made_beside_it() {
    let (stage, ids, central) = telling(|_, ids| ids[1].clone());
    let (plan, code) = stage.plan(&["--account", &ids[0]]);
    let row = rows(&plan, &ids[0]).find(|row| row["verdict"] == "unreadable").expect("who is told is not known");
    let reason = text(&row["reason"]);
    assert!(reason.contains(&format!("the alarm tells {central} of account {}", ids[1])), "{reason}");
    assert_eq!((&plan["changes"], code), (&json!([]), Some(3)));
    let lets = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
        "Principal": { "AWS": format!("arn:aws:iam::{}:root", ids[0]) }, "Resource": central,
        "Action": ["sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic"] }] });
    let policy = json!({ "TopicArn": central, "AttributeName": "Policy", "AttributeValue": lets.to_string() });
    stage.world(|world| world.build(&ids[1], HOME, "sns", "SetTopicAttributes", policy));
    let (plan, code) = stage.plan(&["--account", &ids[0]]);
    assert_eq!((kinds(&plan, &ids[0]), code), (vec!["compliant".to_owned()], Some(0)), "{plan:#}");
}
