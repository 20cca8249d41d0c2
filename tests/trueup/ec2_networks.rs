//! Network ACLs and flow logs: planned, applied, read back by boto3, and undone.

use serde_json::{Value, json};
use trueup::simulator::world::World;

use crate::ec2_groups::undo;
use crate::harness::{HOME, Stage, error, kinds, list, organization, outcomes, rows, strike, text, write};

const ABROAD: &str = "eu-west-1";
const ACLS: &str = "regions: [us-east-1]\ncontrols:\n  ec2.network_acl:\n    admin_ports: true\n";
const RECORDED: &str = "controls:\n  ec2.flow_logs:\n    recorded: true\n";
const INTO_BUCKET: &str = "    destination: { bucket: flows-of-all, prefix: 'of/{account}' }\n";

/// A bucket that lets flow logs of everybody in.
pub(crate) fn open_bucket(world: &mut World, account: &str, name: &str) {
    world.build(account, HOME, "s3", "CreateBucket", json!({ "Bucket": name }));
    let service = json!({"Service": "delivery.logs.amazonaws.com"});
    let arn = format!("arn:aws:s3:::{name}");
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": arn},
        {"Effect": "Allow", "Principal": service, "Action": "s3:PutObject", "Resource": format!("{arn}/*")}]});
    let policy = json!({"Bucket": name, "Policy": policy.to_string()});
    world.build(account, HOME, "s3", "PutBucketPolicy", policy);
}

/// A role by which flow logs are delivered.
pub(crate) fn delivering_role(world: &mut World, account: &str, name: &str) {
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"Service": "vpc-flow-logs.amazonaws.com"}}]});
    let role = json!({"RoleName": name, "AssumeRolePolicyDocument": trust.to_string()});
    world.build(account, HOME, "iam", "CreateRole", role);
}

fn vpc(world: &mut World, account: &str, region: &str) -> Value {
    world.build(account, region, "ec2", "DescribeVpcs", json!({}))["Vpcs"][0]["VpcId"].clone()
}

#[test]
fn an_acl_that_lets_everybody_reach_administrators_is_left_to_a_person_until_an_entry_refuses_it() {
    let (world, ids) = organization(&["one"]);
    let stage = Stage::held_to(world, ACLS);
    let only = ["--account", ids[0].as_str(), "--out", "plan.json"];
    let (plan, code) = stage.plan(&only);
    let change = &plan["changes"][0];
    assert_eq!((kinds(&plan, &ids[0]), code), (vec!["drifted".into()], Some(2)));
    let words = text(&change["manual"]);
    assert!(
        words.contains("refuse the ports 22 and 3389 from everybody by entries with a number below 100"),
        "{words}"
    );
    stage.apply(&["--allow", "disruptive"]);
    assert_eq!(stage.writes(), vec![]);
    let acl = &change["object"];
    for (number, protocol, from, to) in [(10, "6", 22, 22), (20, "17", 22, 22), (30, "6", 3389, 3389)] {
        let entry = json!({"NetworkAclId": acl, "RuleNumber": number, "Protocol": protocol, "Egress": false,
            "RuleAction": "deny", "CidrBlock": "0.0.0.0/0", "PortRange": {"From": from, "To": to}});
        stage.world(|world| world.build(&ids[0], HOME, "ec2", "CreateNetworkAclEntry", entry));
        assert_eq!(stage.plan(&only).1, Some(2), "port 3389 is open by UDP still");
    }
    let entry = json!({"NetworkAclId": acl, "RuleNumber": 40, "Protocol": "17", "Egress": false,
        "RuleAction": "deny", "CidrBlock": "0.0.0.0/0", "PortRange": {"From": 3389, "To": 3389}});
    stage.world(|world| world.build(&ids[0], HOME, "ec2", "CreateNetworkAclEntry", entry));
    assert_eq!(stage.plan(&only).1, Some(0));
    stage.inject(strike(&ids[0], "DescribeNetworkAcls", error(403, "UnauthorizedOperation")));
    assert_eq!(kinds(&stage.plan(&only).0, &ids[0]), ["unreadable"]);
}

#[test]
fn vpcs_are_recorded_into_a_bucket_of_another_account_and_what_was_made_is_undone() {
    let (mut world, ids) = organization(&["one", "two", "archive"]);
    open_bucket(&mut world, &ids[2], "flows-of-all");
    // What is recorded elsewhere already is enough.
    let there = json!({"ResourceIds": [vpc(&mut world, &ids[1], HOME)], "ResourceType": "VPC", "TrafficType": "ALL",
        "LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::flows-of-all"});
    world.build(&ids[1], HOME, "ec2", "CreateFlowLogs", there);
    let stage = Stage::held_to(world, &format!("regions: all\n{RECORDED}{INTO_BUCKET}"));
    let selected = ids[..2].join(",");
    let before = stage.flow_logs(&ids[1], HOME);
    let plan = stage.plan(&["--account", &selected, "--out", "plan.json"]).0;
    assert_eq!(list(&plan["changes"]).len(), 3, "{plan:#}");
    assert_eq!(outcomes(&stage.apply(&[]).0)[0].1, "held", "it bills");
    assert_eq!(stage.apply(&["--allow", "cost"]).1, Some(0));
    let writes = [(&ids[0], 2), (&ids[1], 1)].map(|(id, times)| vec![write(id, "ec2", "CreateFlowLogs"); times]);
    let mut wanted = writes.concat();
    wanted.sort();
    assert_eq!(stage.writes(), wanted);
    for region in [HOME, ABROAD] {
        let made = stage.flow_logs(&ids[0], region);
        let found = list(&made);
        assert_eq!(found.len(), 1);
        let destination = format!("arn:aws:s3:::flows-of-all/of/{}", ids[0]);
        assert_eq!((&found[0]["LogDestination"], &found[0]["TrafficType"]), (&json!(destination), &json!("REJECT")));
        assert_eq!(found[0]["MaxAggregationInterval"], 600);
    }
    assert_eq!(stage.flow_logs(&ids[1], HOME), before);
    assert_eq!(stage.plan(&["--account", &selected]).1, Some(0));
    undo(&stage);
    assert_eq!(stage.flow_logs(&ids[0], HOME), json!([]));
    assert_eq!(stage.flow_logs(&ids[1], HOME), before, "what others made stays");
}

#[test]
fn a_bucket_that_lets_nobody_in_fails_in_words_and_nothing_is_left() {
    let (mut world, ids) = organization(&["one", "archive"]);
    world.build(&ids[1], HOME, "s3", "CreateBucket", json!({"Bucket": "flows-of-all"}));
    let stage = Stage::held_to(world, &format!("regions: [us-east-1]\n{RECORDED}{INTO_BUCKET}"));
    stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    let applied = stage.apply(&["--allow", "cost"]).0;
    let outcome = &applied["outcomes"][0];
    assert_eq!(outcome["outcome"], "failed", "{applied:#}");
    assert!(text(&outcome["reason"]).contains("Access Denied for LogDestination"), "{applied:#}");
    assert_eq!(stage.flow_logs(&ids[0], HOME), json!([]));
}

#[test]
fn by_a_role_into_a_log_group_and_a_delivery_that_fails_is_said_and_left_to_a_person() {
    let (mut world, ids) = organization(&["good", "bad"]);
    delivering_role(&mut world, &ids[0], "flows");
    let nobody = format!("arn:aws:iam::{}:role/nobody", ids[1]);
    let there = json!({"ResourceIds": [vpc(&mut world, &ids[1], HOME)], "ResourceType": "VPC", "TrafficType": "ALL",
        "LogGroupName": "flows", "DeliverLogsPermissionArn": nobody});
    world.build(&ids[1], HOME, "ec2", "CreateFlowLogs", there);
    let into =
        "    traffic: ALL\n    destination: { log_group: flows, role: flows }\n    max_aggregation_interval: 60\n";
    let stage = Stage::held_to(world, &format!("regions: [us-east-1]\n{RECORDED}{into}"));
    let selected = ids.join(",");
    let plan = stage.plan(&["--account", &selected, "--out", "plan.json"]).0;
    let row = rows(&plan, &ids[1]).next().expect("it is judged");
    assert!(text(&row["reason"]).ends_with("fails: Access error"), "{row:#}");
    let by_hand = list(&plan["changes"]).iter().find(|change| change["account"] == ids[1]).expect("it is named");
    assert!(text(&by_hand["manual"]).contains("delete the flow log"), "{plan:#}");
    stage.apply(&["--allow", "cost"]);
    assert_eq!(stage.writes(), [write(&ids[0], "ec2", "CreateFlowLogs")]);
    let made = &stage.flow_logs(&ids[0], HOME)[0];
    assert_eq!((&made["LogGroupName"], &made["MaxAggregationInterval"]), (&json!("flows"), &json!(60)));
    let plan = stage.plan(&["--account", &selected]).0;
    assert_eq!((kinds(&plan, &ids[0]), kinds(&plan, &ids[1])), (vec!["compliant".into()], vec!["drifted".into()]));
}

#[test]
fn without_its_bucket_or_its_role_a_flow_log_is_blocked_and_says_what_is_missing() {
    let (mut world, ids) = organization(&["one"]);
    open_bucket(&mut world, &ids[0], "theirs");
    let into = |destination: &str| format!("regions: all\n{RECORDED}    destination: {destination}\n");
    let stage = Stage::held_to(world, &into("{ bucket: 'flows-{account}' }"));
    let only = ["--account", ids[0].as_str(), "--out", "plan.json"];
    for (destination, missing) in [
        ("{ bucket: 'flows-{account}' }", format!("s3.bucket flows-{}", ids[0])),
        ("{ log_group: flows, role: service/flows }", "iam.role flows".to_owned()),
    ] {
        stage.baseline("", &into(destination));
        let (plan, code) = stage.plan(&only);
        let blocked: Vec<&str> = list(&plan["changes"]).iter().map(|change| text(&change["blocked"])).collect();
        let words = format!("it needs {missing}, which nothing in this baseline makes");
        assert_eq!((blocked, code), (vec![words.as_str(); 2], Some(2)), "in each region: {plan:#}");
        let applied = stage.apply(&["--allow", "cost"]).0;
        assert!(outcomes(&applied).iter().all(|(_, came)| *came == "blocked"), "{applied:#}");
    }
    assert_eq!(stage.writes(), []);
    stage.baseline("", &into("{ bucket: theirs }"));
    stage.inject(strike(&ids[0], "HeadBucket", error(403, "AccessDenied")));
    let (plan, code) = stage.plan(&only);
    assert_eq!((kinds(&plan, &ids[0]), code), (vec!["drifted".into(), "unreadable".into()], Some(3)));
    assert!(
        list(&plan["changes"]).iter().all(|change| text(&change["blocked"]).contains("could not be read")),
        "{plan:#}"
    );
}

#[test]
fn a_destination_is_asked_for_once_and_only_where_something_has_to_be_recorded() {
    let (mut world, ids) = organization(&["one"]);
    delivering_role(&mut world, &ids[0], "flows");
    let into = "    destination: { log_group: flows, role: flows }\n";
    let stage = Stage::held_to(world, &format!("regions: all\n{RECORDED}{into}"));
    let only = ["--account", ids[0].as_str(), "--out", "plan.json"];
    stage.plan(&only);
    assert_eq!(stage.count(&ids[0], "GetRole"), 1, "for two regions");
    assert_eq!(stage.apply(&["--allow", "cost"]).1, Some(0));
    let before = stage.count(&ids[0], "GetRole");
    assert_eq!((stage.plan(&only).1, stage.count(&ids[0], "GetRole")), (Some(0), before));
}
