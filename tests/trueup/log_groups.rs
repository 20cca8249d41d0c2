//! Trails that deliver to a log group: made, kept, pending until something arrives, and undone.

use serde_json::{Value, json};
use trueup::simulator::fault::Injection;
use trueup::simulator::world::World;

use crate::harness::{HOME, Stage, error, list, organization, outcomes, rows, strike, text, write};
use crate::trails::trail;

const GROUP: &str = "/aws/cloudtrail/trueup";
const ROLE: &str = "trueup-trail-logs";
const EVERYTHING: [&str; 2] = ["--allow", "cost,disruptive"];

/// The trail `audit` of each account, and what it is to have.
fn baseline(more: &str) -> String {
    format!("controls:\n  cloudtrail.trail:\n    scope: account\n    name: audit\n    cloudwatch_logs: true\n{more}")
}

/// An account with a trail that logs, held to this baseline. All else is of that account alone.
fn stage(more: &str, furnish: impl FnOnce(&mut World, &str)) -> (Stage, String) {
    let (mut world, ids) = organization(&["one"]);
    let id = ids.into_iter().next().expect("an account");
    furnish(&mut world, &id);
    (Stage::held_to(world, &baseline(more)), id)
}

fn planned(stage: &Stage, id: &str) -> (Value, Option<i32>) {
    stage.plan(&["--account", id, "--out", "plan.json"])
}

/// The verdict on delivery and its reason.
fn verdict(plan: &Value, id: &str) -> (String, String) {
    let row = rows(plan, id).find(|row| row["requirement"] == "cloudtrail.trail.cloudwatch_logs").expect("a row");
    (text(&row["verdict"]).to_owned(), text(&row["reason"]).to_owned())
}

/// All is written: the trail is pending until something arrives, and nothing else has to be waited for.
#[track_caller]
fn written(stage: &Stage, changes: usize) {
    let (applied, code) = stage.apply(&EVERYTHING);
    let mut came: Vec<&str> = outcomes(&applied).into_iter().map(|(_, outcome)| outcome).collect();
    came.sort_unstable();
    let mut wanted = vec!["verified"; changes];
    wanted[0] = "pending";
    assert_eq!((came, code), (wanted, Some(0)), "{applied:#}");
}

/// What was written to make a log group and a role.
fn made(id: &str) -> Vec<(String, String, String)> {
    vec![
        write(id, "iam", "CreateRole"),
        write(id, "iam", "PutRolePolicy"),
        write(id, "logs", "CreateLogGroup"),
        write(id, "logs", "PutRetentionPolicy"),
    ]
}

#[test]
fn a_log_group_validation_and_every_region_are_one_call_and_pending_until_something_arrives() {
    let more = "    multi_region: true\n    log_file_validation: true\n";
    let (stage, id) = stage(more, |world, id| trail(world, id, json!({})));
    let (plan, code) = planned(&stage, &id);
    assert_eq!(code, Some(2));
    let changes: Vec<&str> = list(&plan["changes"]).iter().map(|change| text(&change["object"])).collect();
    assert_eq!(changes, ["audit", ROLE, GROUP], "{plan:#}");
    let of_trail = list(&plan["changes"]).iter().find(|change| change["object"] == "audit").expect("the trail");
    assert_eq!(of_trail["cost"], "CloudWatch Logs bills for what it takes in and keeps");
    assert_eq!((list(&of_trail["depends_on"]).len(), list(&of_trail["steps"]).len()), (2, 3));

    written(&stage, 3);
    let mut calls = vec![write(&id, "cloudtrail", "UpdateTrail")];
    calls.extend(made(&id));
    assert_eq!(stage.writes(), calls, "one UpdateTrail");
    let trail = stage.trail(&id, "audit");
    let arn = format!("arn:aws:logs:{HOME}:{id}:log-group:{GROUP}:*");
    assert_eq!((text(&trail["CloudWatchLogsLogGroupArn"]), &trail["IsMultiRegionTrail"]), (&*arn, &json!(true)));
    assert_eq!(trail["LogFileValidationEnabled"], true);
    let group = &stage.log_groups(&id)[GROUP];
    assert_eq!((&group["retentionInDays"], group["tags"]["trueup:managed"].is_string()), (&json!(365), true));
    let role = &stage.identity(&id)["roles"][ROLE];
    assert_eq!(role["trust"]["Statement"][0]["Principal"]["Service"], "cloudtrail.amazonaws.com");
    assert!(role["inline"].to_string().contains(&format!("log-stream:{id}_CloudTrail_{HOME}*")), "{role}");

    let (plan, code) = planned(&stage, &id);
    let (found, why) = verdict(&plan, &id);
    assert_eq!((found.as_str(), code, &plan["changes"]), ("pending", Some(2), &json!([])));
    assert!(why.starts_with("nothing has arrived in") && why.ends_with("minutes ago"), "{why}");
    stage.world(|world| world.advance(600));
    let (plan, code) = planned(&stage, &id);
    assert_eq!((verdict(&plan, &id).0.as_str(), code), ("compliant", Some(0)), "{plan:#}");
}

#[test]
fn a_trail_that_is_made_gets_its_log_group_in_the_same_call() {
    let (stage, id) = stage("    multi_region: true\n    logging: true\n", |_, _| {});
    assert_eq!(planned(&stage, &id).1, Some(2));
    written(&stage, 4);
    let trails: Vec<_> = stage.writes().into_iter().filter(|(_, service, _)| service == "cloudtrail").collect();
    assert_eq!(trails, [write(&id, "cloudtrail", "CreateTrail"), write(&id, "cloudtrail", "StartLogging")]);
    stage.world(|world| world.advance(600));
    assert_eq!(planned(&stage, &id).1, Some(0));
}

#[test]
fn the_organizations_trail_delivers_to_a_log_group_of_the_management_account() {
    let (world, ids) = organization(&["one"]);
    let management = world.management();
    let stage = Stage::new(world);
    let controls =
        "controls:\n  cloudtrail.trail:\n    scope: organization\n    logging: true\n    cloudwatch_logs: true\n";
    stage.baseline("management_account: include\n", controls);
    let plan = stage.planned(2);
    assert!(list(&plan["changes"]).iter().all(|change| change["account"] == management), "{plan:#}");
    written(&stage, 4);
    assert!(stage.writes().iter().all(|(account, ..)| *account == management));
    let organization = stage.organization();
    let role = &stage.identity(&management)["roles"][ROLE];
    assert!(role["inline"].to_string().contains(&format!("log-stream:{organization}_*")), "{role}");
    stage.world(|world| world.advance(600));
    let (plan, code) = stage.plan(&[]);
    assert_eq!(code, Some(0), "{plan:#}");
    for id in [&ids[0], &management] {
        assert_eq!(verdict(&plan, id).0, "compliant");
    }
}

#[test]
fn what_aws_does_not_know_yet_is_tried_again() {
    for code in ["InvalidCloudWatchLogsRoleArnException", "InvalidCloudWatchLogsLogGroupArnException"] {
        let (stage, id) = stage("", |world, id| trail(world, id, json!({})));
        planned(&stage, &id);
        stage.inject(Injection { times: Some(2), ..strike(&id, "UpdateTrail", error(400, code)) });
        written(&stage, 3);
        assert_eq!(stage.count(&id, "UpdateTrail"), 3, "{code}");
    }
}

/// A log group of somebody's that keeps for these days, and the trail that delivers there by a role of theirs.
fn theirs(world: &mut World, id: &str, days: Option<i64>) {
    world.build(id, HOME, "logs", "CreateLogGroup", json!({ "logGroupName": "theirs" }));
    if let Some(days) = days {
        let keep = json!({ "logGroupName": "theirs", "retentionInDays": days });
        world.build(id, HOME, "logs", "PutRetentionPolicy", keep);
    }
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"Service": "cloudtrail.amazonaws.com"}}]});
    let policy =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]});
    let role = json!({ "RoleName": "theirs", "AssumeRolePolicyDocument": trust.to_string() });
    world.build(id, HOME, "iam", "CreateRole", role);
    let put = json!({ "RoleName": "theirs", "PolicyName": "all", "PolicyDocument": policy.to_string() });
    world.build(id, HOME, "iam", "PutRolePolicy", put);
}

fn delivering(world: &mut World, id: &str) {
    theirs(world, id, Some(7));
    let more = json!({
        "CloudWatchLogsLogGroupArn": format!("arn:aws:logs:{HOME}:{id}:log-group:theirs:*"),
        "CloudWatchLogsRoleArn": format!("arn:aws:iam::{id}:role/theirs"),
    });
    trail(world, id, more);
}

#[test]
fn a_log_group_that_a_trail_has_stays_and_a_person_mends_it() {
    let (stage, id) = stage("", delivering);
    stage.world(|world| world.advance(600));
    let (plan, code) = planned(&stage, &id);
    assert_eq!((verdict(&plan, &id).0.as_str(), code), ("compliant", Some(0)), "{plan:#}");
    stage.world(|world| drop(world.build(&id, HOME, "logs", "DeleteLogGroup", json!({ "logGroupName": "theirs" }))));
    stage.world(|world| world.advance(600));
    let (plan, code) = planned(&stage, &id);
    let [change] = list(&plan["changes"]) else { panic!("one change: {plan:#}") };
    assert!(text(&change["manual"]).contains("log-group:theirs: ResourceNotFound"), "{plan:#}");
    assert_eq!((verdict(&plan, &id).0.as_str(), code, stage.writes()), ("drifted", Some(2), vec![]));
}

#[test]
fn what_arrived_longer_than_a_day_ago_does_not_count() {
    let (stage, id) = stage("", delivering);
    stage.world(|world| {
        world.advance(600);
        world.build(&id, HOME, "cloudtrail", "StopLogging", json!({ "Name": "audit" }));
        world.advance(80_000);
    });
    assert_eq!(verdict(&planned(&stage, &id).0, &id).0, "compliant");
    stage.world(|world| world.advance(10_000));
    let (plan, code) = planned(&stage, &id);
    let (found, why) = verdict(&plan, &id);
    assert_eq!((found.as_str(), code), ("drifted", Some(2)));
    assert!(why.starts_with("nothing has arrived in") && why.contains(" since "), "{why}");
    written(&stage, 1);
    assert_eq!(stage.writes(), [write(&id, "cloudtrail", "StartLogging")]);
}

#[test]
fn a_log_group_that_is_there_keeps_for_longer_and_never_for_less() {
    for (before, after) in [(Some(30), Some(400)), (Some(731), Some(731)), (None, None)] {
        let more = "    log_group: theirs\n    log_role: theirs\n    log_retention_days: 400\n";
        let (stage, id) = stage(more, |world, id| {
            theirs(world, id, before);
            trail(world, id, json!({}));
        });
        planned(&stage, &id);
        stage.apply(&EVERYTHING);
        let kept = stage.log_groups(&id)["theirs"]["retentionInDays"].as_i64();
        assert_eq!(kept, after, "{before:?}");
        let policies = stage.identity(&id)["roles"]["theirs"]["inline"].clone();
        assert!(policies["all"].is_object() && policies["trueup-log-group"].is_object(), "{policies}");
        assert!(text(&stage.trail(&id, "audit")["CloudWatchLogsLogGroupArn"]).ends_with(":log-group:theirs:*"));
    }
}

#[test]
fn an_apply_that_dies_between_the_log_group_and_its_retention_goes_on_where_it_was() {
    let (stage, id) = stage("", |world, id| trail(world, id, json!({})));
    planned(&stage, &id);
    stage.inject(strike(&id, "PutRetentionPolicy", error(403, "AccessDeniedException")));
    assert_eq!(stage.apply(&EVERYTHING).1, Some(3));
    stage.world(|world| world.faults.clear());
    assert_eq!(stage.log_groups(&id)[GROUP]["retentionInDays"], Value::Null);
    assert_eq!(planned(&stage, &id).1, Some(2));
    let (applied, code) = stage.apply(&EVERYTHING);
    assert_eq!(code, Some(0), "{applied:#}");
    assert_eq!(stage.log_groups(&id)[GROUP]["retentionInDays"], 365);
    assert_eq!(stage.count(&id, "CreateLogGroup"), 1);
}
