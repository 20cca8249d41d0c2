//! What a run made so that a trail delivers to a log group is undone, and no log is deleted.

use super::*;

const DELIVERS: &str =
    "controls:\n  cloudtrail.trail:\n    scope: account\n    name: audit\n    cloudwatch_logs: true\n";

/// An account with a trail, which a run gave a log group; the dump from before, and the run.
fn delivering(controls: &str) -> (Stage, String, Value, String) {
    let (mut world, ids) = organization(&["one"]);
    poor_trail(&mut world, &ids[0]);
    world.build(&ids[0], HOME, "cloudtrail", "StartLogging", json!({ "Name": "audit" }));
    let stage = Stage::held_to(world, controls);
    let before = dump(&stage);
    let run = applied(&stage, &["--account", &ids[0]]);
    (stage, ids[0].clone(), before, run)
}

#[test]
fn a_trail_loses_its_log_group_and_both_it_and_the_role_go_while_nothing_has_arrived() {
    let (stage, id, before, run) = delivering(DELIVERS);
    assert!(stage.trail(&id, "audit")["CloudWatchLogsLogGroupArn"].is_string());
    let held = reverted(&stage, &run, &["--allow", "weakening"]);
    let mut came = came(&held, 2);
    came.sort();
    let name = |object: &str, outcome: &str| (object.to_owned(), outcome.to_owned());
    let expected =
        [name("/aws/cloudtrail/trueup", "held"), name("audit", "verified"), name("trueup-trail-logs", "held")];
    assert_eq!(came, expected, "what was made is not taken away because something may get weaker");
    assert_eq!((stage.count(&id, "DeleteLogGroup"), stage.count(&id, "DeleteRolePolicy")), (0, 0));
    assert_eq!(reverted(&stage, &run, &UNDO).code, Some(0));
    unchanged(&stage, &before);
}

#[test]
fn a_log_group_that_has_logs_stays_and_the_rest_is_undone() {
    let (stage, id, _, run) = delivering(DELIVERS);
    stage.world(|world| world.advance(600));
    let done = reverted(&stage, &run, &UNDO);
    let mut came = came(&done, 2);
    came.sort();
    let name = |object: &str, outcome: &str| (object.to_owned(), outcome.to_owned());
    assert_eq!(
        came,
        [name("/aws/cloudtrail/trueup", "manual"), name("audit", "verified"), name("trueup-trail-logs", "verified")]
    );
    assert!(done.stdout.contains("trueup deletes no logs"), "{}", done.stdout);
    assert_eq!(stage.trail(&id, "audit")["CloudWatchLogsLogGroupArn"], Value::Null);
    assert!(stage.log_groups(&id)["/aws/cloudtrail/trueup"].is_object());
    assert_eq!(stage.identity(&id)["roles"]["trueup-trail-logs"], Value::Null);
}

#[test]
fn what_was_lengthened_and_added_is_put_back() {
    let (mut world, ids) = organization(&["one"]);
    let id = &ids[0];
    poor_trail(&mut world, id);
    world.build(id, HOME, "logs", "CreateLogGroup", json!({ "logGroupName": "theirs" }));
    let keep = json!({ "logGroupName": "theirs", "retentionInDays": 7 });
    world.build(id, HOME, "logs", "PutRetentionPolicy", keep);
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"Service": "cloudtrail.amazonaws.com"}}]});
    let role = json!({ "RoleName": "theirs", "AssumeRolePolicyDocument": trust.to_string() });
    world.build(id, HOME, "iam", "CreateRole", role);
    let narrow = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:PutLogEvents",
        "Resource": "*"}]});
    let put = json!({ "RoleName": "theirs", "PolicyName": "trueup-log-group", "PolicyDocument": narrow.to_string() });
    world.build(id, HOME, "iam", "PutRolePolicy", put);
    let stage = Stage::held_to(world, &format!("{DELIVERS}    log_group: theirs\n    log_role: theirs\n"));
    let before = dump(&stage);
    let run = applied(&stage, &["--account", id]);
    assert_eq!(stage.log_groups(id)["theirs"]["retentionInDays"], 365);
    let held = reverted(&stage, &run, &["--allow", "weakening"]);
    let kept = held.json()["outcomes"]
        .as_array()
        .and_then(|all| all.iter().find(|one| one["object"] == "theirs" && one["outcome"] == "held"))
        .cloned();
    assert_eq!(kept.expect("logs would be deleted")["reason"], "needs --allow irreversible");
    assert_eq!(stage.log_groups(id)["theirs"]["retentionInDays"], 365);
    assert_eq!(reverted(&stage, &run, &UNDO).code, Some(0));
    unchanged(&stage, &before);
}
