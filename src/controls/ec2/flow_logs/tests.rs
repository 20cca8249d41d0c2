//! What is said of VPCs that record less than is wanted.

use serde_json::{Value, json};

use super::*;
use crate::assessment::Verdict;
use crate::control::Accepted;
use crate::controls::made::{HERE, account_in_region, denied, drift, exempt, judged_at, steps};
use crate::ownership::Signs;
use crate::steps::Risk;

const ADDRESS: &str = "111122223333/eu-west-1/ec2.flow_logs/vpc-1";

fn log(traffic: &str, fails: Option<&str>) -> FlowLog {
    FlowLog {
        id: format!("fl-{traffic}"),
        resource: "vpc-1".to_owned(),
        active: true,
        traffic: traffic.to_owned(),
        fails: fails.map(str::to_owned),
        address: None,
    }
}

fn settings(more: Value) -> Settings {
    let mut all = json!({"recorded": true});
    if let (Some(all), Value::Object(more)) = (all.as_object_mut(), more) {
        all.extend(more);
    }
    serde_json::from_value(all).expect("settings")
}

fn judged_with(flow_logs: Vec<FlowLog>, more: Value, accepted: &[Accepted]) -> Judged {
    let vpc = Vpc { id: "vpc-1".to_owned(), is_default: true, signs: Signs::default() };
    let seen = Recorded { vpcs: vec![vpc], flow_logs, destination: None };
    judged_at::<FlowLogs>(account_in_region(HERE), &seen, &settings(more), accepted).remove(0)
}

fn judged(flow_logs: Vec<FlowLog>, more: Value) -> Judged {
    judged_with(flow_logs, more, &[])
}

fn words(judged: &Judged) -> &str {
    match &drift(judged).fix {
        Fix::Manual(words) => words,
        other => panic!("no person: {other:?}"),
    }
}

#[test]
fn the_wanted_traffic_or_all_of_it_that_is_delivered_is_compliant() {
    for (logs, more) in [
        (vec![log("REJECT", None)], json!({})),
        (vec![log("ALL", None)], json!({})),
        (vec![log("ALL", None)], json!({"traffic": "ALL"})),
        (vec![log("ACCEPT", None)], json!({"traffic": "ACCEPT"})),
        (vec![log("REJECT", Some("Access error")), log("ALL", None)], json!({})),
    ] {
        let judged = judged(logs.clone(), more);
        assert_eq!((&judged.findings[0].verdict, &judged.drift), (&Verdict::Compliant, &None), "{logs:?}");
    }
}

#[test]
fn nothing_less_nothing_that_stopped_and_nothing_of_another_is_drift() {
    let stopped = FlowLog { active: false, ..log("ALL", None) };
    let of_another = FlowLog { resource: "vpc-2".to_owned(), ..log("ALL", None) };
    let of_a_subnet = FlowLog { resource: "subnet-1".to_owned(), ..log("ALL", None) };
    for (logs, more) in [
        (vec![], json!({})),
        (vec![log("ACCEPT", None)], json!({})),
        (vec![log("REJECT", None)], json!({"traffic": "ALL"})),
        (vec![stopped, of_another, of_a_subnet], json!({})),
    ] {
        let judged = judged(logs.clone(), more);
        assert_eq!(judged.findings[0].verdict, Verdict::Drifted, "{logs:?}");
        assert_eq!(drift(&judged).differences[0].observed, "not recorded");
    }
    let less = judged(vec![log("ACCEPT", None)], json!({}));
    assert_eq!(less.findings[0].reason.as_deref(), Some("fl-ACCEPT records ACCEPT"));
}

#[test]
fn into_a_bucket_or_a_log_group_it_costs_and_is_made_for_the_vpc() {
    let recording =
        |traffic, interval| Recording { vpc: "vpc-1".to_owned(), traffic, interval, address: ADDRESS.to_owned() };
    let bucket = json!({"bucket": "flows-{account}", "prefix": "of/{region}"});
    let more = json!({"destination": bucket, "traffic": "ALL", "max_aggregation_interval": 60});
    let judged = judged(vec![], more);
    let destination = "arn:aws:s3:::flows-111122223333/of/eu-west-1".to_owned();
    let step = Step::RecordIntoBucket(RecordIntoBucket { recording: recording(Traffic::All, 60), destination });
    assert_eq!((step.risk(), step.cost().is_some()), (Risk::Safe, true));
    assert_eq!(steps(&judged), [step]);

    let group = json!({"destination": {"log_group": "flows", "role": "service/flows"}});
    let step = RecordIntoLogGroup {
        recording: recording(Traffic::Reject, 600),
        log_group: "flows".to_owned(),
        role: "arn:aws:iam::111122223333:role/service/flows".to_owned(),
    };
    assert_eq!(steps(&self::judged(vec![], group)), [Step::RecordIntoLogGroup(step)]);
}

#[test]
fn without_a_destination_and_where_a_delivery_fails_a_person_is_told() {
    let none = judged(vec![], json!({}));
    assert!(words(&none).starts_with("make a flow log of vpc-1 for the traffic REJECT"), "{}", words(&none));
    let failing = judged(vec![log("ALL", Some("Access error"))], json!({"destination": {"bucket": "flows"}}));
    assert_eq!(drift(&failing).differences[0].observed, "recorded, and not delivered");
    assert!(words(&failing).starts_with("the delivery of fl-ALL fails: Access error"), "{}", words(&failing));
    let lesser = judged(vec![log("ACCEPT", Some("Access error"))], json!({"destination": {"bucket": "flows"}}));
    assert_eq!(steps(&lesser).len(), 1, "what is not asked for is nobody's matter");
}

#[test]
fn a_destination_is_one_thing_or_the_other() {
    for more in [
        json!({"destination": {}}),
        json!({"destination": {"prefix": "a"}}),
        json!({"destination": {"log_group": "a"}}),
        json!({"destination": {"role": "a"}}),
        json!({"destination": {"bucket": "aaa", "role": "a"}}),
        json!({"destination": {"log_group": "a", "role": "a", "prefix": "a"}}),
    ] {
        assert_eq!(
            FlowLogs::contradiction(&settings(more.clone())).map(|why| why.setting),
            Some("destination"),
            "{more}"
        );
    }
    for more in [json!({}), json!({"destination": {"bucket": "aaa"}, "max_aggregation_interval": 600})] {
        assert_eq!(FlowLogs::contradiction(&settings(more)), None);
    }
}

#[test]
fn an_exempt_vpc_is_left_alone_and_only_what_is_asked_is_judged_and_planned() {
    let accepted = Accepted { objects: vec!["vpc-1".to_owned()], ..exempt("ec2.flow_logs.recorded") };
    let judged = judged_with(vec![], json!({"destination": {"bucket": "flows"}}), &[accepted]);
    assert!(matches!(judged.findings[0].verdict, Verdict::Exempt(_)) && judged.drift.is_none());
    let of = |more: Value| FlowLogs::needs(&settings(more), Home::Member).steps;
    assert_eq!(of(json!({})), [""; 0]);
    assert_eq!(of(json!({"destination": {"bucket": "flows"}})), ["RecordIntoBucket"]);
    assert_eq!(of(json!({"destination": {"log_group": "a", "role": "b"}})), ["RecordIntoLogGroup"]);
    assert_eq!(FlowLogs::required(&Settings::default()), [""; 0]);
}

#[test]
fn a_destination_that_is_not_there_is_needed_and_one_that_is_denied_is_unreadable() {
    let vpc = Vpc { id: "vpc-1".to_owned(), is_default: true, signs: Signs::default() };
    let judged = |more: &Value, destination: Option<Readable<bool>>| {
        let seen = Recorded { vpcs: vec![vpc.clone()], flow_logs: vec![], destination };
        let wanted = settings(json!({ "destination": more }));
        judged_at::<FlowLogs>(account_in_region(HERE), &seen, &wanted, &[])
    };
    let needs = |judged: &[Judged]| match &drift(&judged[0]).fix {
        Fix::Steps { steps, needs } if steps.len() == 1 => needs.iter().map(Object::address).collect::<Vec<_>>(),
        other => panic!("no step: {other:?}"),
    };
    let role = json!({"log_group": "flows", "role": "service/flows-{region}"});
    let bucket = json!({"bucket": "flows-{account}"});
    for (more, address) in [
        (&role, "111122223333/global/iam.role/flows-eu-west-1"),
        (&bucket, "111122223333/eu-west-1/s3.bucket/flows-111122223333"),
    ] {
        assert_eq!(needs(&judged(more, Some(Readable::Read(false)))), [address]);
        for there in [None, Some(Readable::Read(true))] {
            assert_eq!(needs(&judged(more, there)), [""; 0]);
        }
        let error = denied("iam:GetRole", account_in_region(HERE));
        let unread = judged(more, Some(Readable::Unreadable(error.clone())));
        assert_eq!((needs(&unread), unread.len()), (vec![address.to_owned()], 2));
        assert_eq!((unread[1].object.address().as_str(), unread[1].why_unread()), (address, Some(&error)));
    }
}

#[test]
fn nothing_is_delivered_into_a_log_group_of_control_tower_which_aws_would_make() {
    let into = json!({"destination": {"log_group": "aws-controltower/{region}", "role": "flow-logs"}});
    let judged = judged(vec![], into);
    assert!(words(&judged).contains("aws-controltower/eu-west-1 is Control Tower's"), "{}", words(&judged));
}
