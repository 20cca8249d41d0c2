//! The doctor says what stands in the way of a plan or an apply, and what mends it; and it writes nothing.

use std::net::TcpListener;

use serde_json::{Value, json};
use trueup::simulator::ACCESS_ROLE;
use trueup::simulator::services::iam::User;
use trueup::simulator::world::{Caller, Principal, Session, World};

use crate::harness::{
    Done, HOME, STRONG, Stage, all_strong, error, guardrail, list, organization, set_policy, strike, text,
};

const LOCK: &str = "s3://team-locks/trueup/lock";

/// The doctor's JSON, whose exit code has to be this. Nothing was written by it, whatever it found.
#[track_caller]
fn examined(stage: &Stage, code: i32, more: &[&str]) -> Value {
    let done = stage.run(&[&["doctor", "-b", "baseline.yaml", "--format", "json"], more].concat());
    assert_eq!(done.code, Some(code), "{}{}", done.stdout, done.stderr);
    assert_eq!(stage.writes(), [], "the doctor only reads");
    let found = done.json();
    assert_eq!((text(&found["format"]), found["complete"] == json!(true)), ("trueup.doctor/1", code == 0));
    found
}

/// The one problem or notice of this kind.
#[track_caller]
fn only<'a>(found: &'a Value, kind: &str) -> &'a Value {
    let mut those = list(&found["problems"]).iter().filter(|problem| problem["kind"] == kind);
    let one = those.next().unwrap_or_else(|| panic!("there is no problem of {kind}: {found:#}"));
    assert!(those.next().is_none(), "there are several of {kind}: {found:#}");
    one
}

fn accounts(problem: &Value) -> Vec<&str> {
    list(&problem["accounts"]).iter().map(|place| text(&place["id"])).collect()
}

/// The first mend whose copy is JSON, as such.
#[track_caller]
fn statement(problem: &Value) -> Value {
    let mut copies = list(&problem["mends"]).iter().map(|mend| text(&mend["copy"]));
    copies.find_map(|copy| serde_json::from_str(copy).ok()).unwrap_or_else(|| panic!("nothing to copy: {problem:#}"))
}

#[track_caller]
fn offers(problem: &Value, copy: &str) {
    let offered = list(&problem["mends"]).iter().any(|mend| text(&mend["copy"]).contains(copy));
    assert!(offered, "`{copy}` is not offered: {problem:#}");
}

/// A role of an account that the management account may assume under these conditions, with a policy of its own.
fn role(world: &mut World, account: &str, name: &str, condition: &Value, actions: &[&str]) {
    let management = world.management();
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": format!("arn:aws:iam::{management}:root")}, "Condition": condition}]});
    let made = json!({"RoleName": name, "AssumeRolePolicyDocument": trust.to_string()});
    world.build(account, HOME, "iam", "CreateRole", made);
    let statement = json!({"Effect": "Allow", "Action": actions, "Resource": "*"});
    let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    let put = json!({"RoleName": name, "PolicyName": "own", "PolicyDocument": policy});
    world.build(account, HOME, "iam", "PutRolePolicy", put);
}

fn baseline(stage: &Stage, access: &str, controls: &str) {
    let organization = stage.organization();
    let text = format!("version: 1\nname: test\norganization: {organization}\naccess:\n{access}{controls}");
    stage.write("baseline.yaml", &text);
}

fn rotation(regions: &str) -> String {
    format!("regions: {regions}\ncontrols:\n  kms.key_rotation:\n    enabled: true\n")
}

#[test]
fn where_all_is_well_it_says_so_and_a_plan_would_be_complete() {
    let (mut world, _) = organization(&["one", "two"]);
    all_strong(&mut world);
    let stage = Stage::held_to(world, &format!("{STRONG}  kms.key_rotation:\n    enabled: true\n"));
    let found = examined(&stage, 0, &[]);
    assert_eq!(found["problems"], json!([]), "{found:#}");
    assert_eq!(found["accounts"], json!({"in_scope": 3, "ready": 3, "troubled": 0, "skipped": 0}));
    let entered = json!([{"role": null, "refused": [], "accounts": 1},
        {"role": ACCESS_ROLE, "refused": [], "accounts": 2}]);
    assert_eq!(found["entered"], entered);
    assert_eq!(found["regions"], json!([{"regions": ["eu-west-1", "us-east-1"], "accounts": 3}]));
    assert!(found["clock_ahead_seconds"].as_i64().is_some_and(|seconds| seconds.abs() < 60), "{found:#}");
    let done = stage.run(&["doctor", "-b", "baseline.yaml"]);
    assert_eq!(done.code, Some(0));
    assert!(done.stdout.ends_with("Nothing is in the way: a plan would be complete.\n"), "{}", done.stdout);
    assert!(done.stdout.contains(&format!("entered as {ACCESS_ROLE}: 2 accounts")), "{}", done.stdout);
}

#[test]
fn a_missing_role_is_one_problem_however_many_accounts_lack_it_and_the_trust_to_add_is_said() {
    let (mut world, ids) = organization(&["a", "b", "c", "d", "fine"]);
    all_strong(&mut world);
    for id in &ids[..4] {
        world.account(id).expect("it is there").iam.roles.clear();
    }
    let stage = Stage::held_to(world, STRONG);
    let found = examined(&stage, 3, &[]);
    let problem = only(&found, "read_role");
    assert_eq!((accounts(problem).len(), text(&problem["severity"])), (4, "problem"), "{problem:#}");
    assert_eq!(problem["roles"], json!([ACCESS_ROLE]));
    let trust = statement(problem);
    assert_eq!((&trust["Action"], &trust["Effect"]), (&json!("sts:AssumeRole"), &json!("Allow")));
    assert_eq!(Some(&trust["Principal"]["AWS"]), Some(&found["caller"]["arn"]), "{trust}");
    offers(problem, "unreachable:\n  - { accounts: [");
    assert_eq!(accounts(only(&found, "write_role")).len(), 4, "nor could they be written");
    assert_eq!(found["accounts"], json!({"in_scope": 6, "ready": 2, "troubled": 4, "skipped": 0}));
    let done = stage.run(&["doctor", "-b", "baseline.yaml"]);
    assert_eq!(done.code, Some(3));
    assert!(done.stdout.contains("    4 accounts\n"), "{}", done.stdout);
    assert!(!done.stdout.contains(&format!("{} a\n", ids[0])), "{}", done.stdout);
    assert!(done.stdout.contains("2 problems: a plan or an apply would be incomplete."), "{}", done.stdout);
    let all = stage.run(&["doctor", "-b", "baseline.yaml", "--detail"]);
    assert!(all.stdout.contains(&format!("      {} a\n", ids[0])), "{}", all.stdout);
}

#[test]
fn the_candidate_that_let_it_in_is_named_with_those_that_did_not() {
    let (mut world, ids) = organization(&["one", "two"]);
    all_strong(&mut world);
    role(&mut world, &ids[0], "second", &json!({}), &["iam:GetAccountPasswordPolicy"]);
    let stage = Stage::new(world);
    baseline(&stage, &format!("  read_role: [first, second, {ACCESS_ROLE}]\n"), STRONG);
    let found = examined(&stage, 0, &[]);
    let entered: Vec<_> = list(&found["entered"]).iter().map(|one| (&one["role"], &one["refused"])).collect();
    let (none, second, last) = (json!(null), json!("second"), json!(ACCESS_ROLE));
    let (nobody, first, both) = (json!([]), json!(["first"]), json!(["first", "second"]));
    assert_eq!(entered, [(&none, &nobody), (&last, &both), (&second, &first)]);
    // Both members are entered once more, to ask IAM's policy simulator about reads that nothing needed.
    let management = stage.world(|world| world.management());
    assert_eq!(stage.count(&management, "AssumeRole"), 2 + 3 + 2, "no write role is named");
}

#[test]
fn a_wrong_external_id_is_answered_with_the_trust_that_takes_the_one_that_is_sent() {
    let (mut world, ids) = organization(&["one"]);
    all_strong(&mut world);
    let condition = json!({"StringEquals": {"sts:ExternalId": "right"}});
    role(&mut world, &ids[0], "reader", &condition, &["iam:GetAccountPasswordPolicy"]);
    let stage = Stage::new(world);
    baseline(&stage, "  read_role: reader\n  external_id: wrong\n", STRONG);
    let found = examined(&stage, 3, &["--account", &ids[0]]);
    let trust = statement(only(&found, "read_role"));
    assert_eq!(trust["Condition"], json!({"StringEquals": {"sts:ExternalId": "wrong"}}), "{trust}");
    examined(&stage, 0, &["--account", &ids[0], "--external-id", "right"]);
}

/// What a copied trust statement allows is what is asked: with it the problem is gone.
#[test]
fn the_trust_that_is_offered_mends_what_it_is_offered_for() {
    let (mut world, ids) = organization(&["one"]);
    all_strong(&mut world);
    role(&mut world, &ids[0], "reader", &json!({"StringEquals": {"sts:ExternalId": "x"}}), &["iam:Get*"]);
    let stage = Stage::new(world);
    baseline(&stage, "  read_role: reader\n  external_id: seven\n", STRONG);
    let found = examined(&stage, 3, &["--account", &ids[0]]);
    let trust = json!({"Version": "2012-10-17", "Statement": [statement(only(&found, "read_role"))]}).to_string();
    let change = json!({"RoleName": "reader", "PolicyDocument": trust});
    stage.world(|world| world.build(&ids[0], HOME, "iam", "UpdateAssumeRolePolicy", change));
    let before = stage.writes();
    let done = stage.run(&["doctor", "-b", "baseline.yaml", "--account", &ids[0]]);
    assert_eq!((done.code, stage.writes()), (Some(0), before), "{}", done.stdout);
}

#[test]
fn every_permission_that_is_missing_is_named_at_once_each_with_its_statement() {
    let (mut world, ids) = organization(&["one", "two"]);
    all_strong(&mut world);
    let reads = [
        "account:ListRegions",
        "iam:GenerateCredentialReport",
        "iam:GetCredentialReport",
        "kms:DescribeKey",
        "kms:GetKeyRotationStatus",
    ];
    for id in &ids {
        role(&mut world, id, "reader", &json!({}), &reads);
    }
    let stage = Stage::new(world);
    let more = "  kms.key_rotation:\n    enabled: true\n  guardduty.detector:\n    enabled: true\n";
    baseline(&stage, "  read_role: reader\n", &format!("{STRONG}{more}"));
    let found = examined(&stage, 3, &["--exclude-account", "management"]);
    let missing: Vec<_> = list(&found["problems"]).iter().map(|problem| text(&problem["subject"])).collect();
    assert_eq!(missing, ["guardduty:ListDetectors", "iam:GetAccountPasswordPolicy", "kms:ListKeys"], "{found:#}");
    for problem in list(&found["problems"]) {
        let allow = json!({"Effect": "Allow", "Action": [problem["subject"]], "Resource": "*"});
        assert_eq!(statement(problem), allow);
        assert_eq!((accounts(problem).len(), text(&problem["severity"])), (2, "problem"), "{problem:#}");
        assert_eq!(problem["roles"], json!(["reader"]));
    }
    // What hides behind them is in one statement, and with that nothing is missing any more.
    let policy = json!({"Version": "2012-10-17", "Statement": [
        serde_json::from_str::<Value>(text(&found["reads"])).expect("JSON")]});
    for id in &ids {
        let put = json!({"RoleName": "reader", "PolicyName": "own", "PolicyDocument": policy.to_string()});
        stage.world(|world| world.build(id, HOME, "iam", "PutRolePolicy", put));
    }
    examined(&stage, 0, &["--exclude-account", "management"]);
}

#[test]
fn regions_that_cannot_be_listed_are_mended_by_a_statement_or_a_line_of_the_baseline() {
    let (world, ids) = organization(&["one"]);
    let stage = Stage::held_to(world, &rotation("all"));
    stage.inject(strike(&ids[0], "ListRegions", error(403, "AccessDeniedException")));
    stage.inject(strike(&ids[0], "DescribeRegions", error(403, "UnauthorizedOperation")));
    let found = examined(&stage, 3, &[]);
    let problem = only(&found, "read");
    assert_eq!(text(&problem["subject"]), "account:ListRegions");
    offers(problem, "account:ListRegions");
    offers(problem, "regions: [us-east-1]");
}

#[test]
fn a_region_that_is_not_enabled_is_worth_knowing_where_it_is_listed_and_no_problem() {
    let (mut world, ids) = organization(&["without", "with"]);
    let states = &mut world.account(&ids[0]).expect("it is there").opt_status;
    states.insert("eu-west-1".to_owned(), "DISABLED".to_owned());
    let stage = Stage::held_to(world, &rotation("[us-east-1, eu-west-1]"));
    let found = examined(&stage, 0, &[]);
    let notice = only(&found, "region");
    assert_eq!((text(&notice["says"]), text(&notice["severity"])), ("eu-west-1 is not enabled", "notice"));
    assert_eq!(accounts(notice), [&*ids[0]]);
    offers(notice, &format!("aws account enable-region --account-id {} --region-name eu-west-1", ids[0]));
    offers(notice, "regions: [us-east-1]");
    stage.baseline("", &rotation("all"));
    let found = examined(&stage, 0, &[]);
    assert_eq!(found["problems"], json!([]), "all means all that are enabled");
    assert_eq!(found["regions_not_enabled"], json!([{"regions": ["eu-west-1"], "accounts": 1}]));
}

#[test]
fn a_region_that_a_guardrail_closes_is_worth_knowing_and_how_to_let_the_role_through() {
    let (mut world, ids) = organization(&["closed", "open"]);
    let closed = json!({"Effect": "Deny", "NotAction": ["iam:*", "sts:*", "account:*"], "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}});
    guardrail(&mut world, &ids[0], &closed);
    let stage = Stage::held_to(world, &rotation("all"));
    let before = stage.writes();
    let done = stage.run(&["doctor", "-b", "baseline.yaml", "--format", "json"]);
    assert_eq!((done.code, stage.writes()), (Some(0), before), "{}", done.stdout);
    let found = done.json();
    let notice = only(&found, "region");
    assert_eq!((text(&notice["says"]), accounts(notice)), ("eu-west-1 is closed by SCP", vec![&*ids[0]]));
    let through =
        json!({"Condition": {"ArnNotLike": {"aws:PrincipalArn": [format!("arn:aws:iam::*:role/{ACCESS_ROLE}")]}}});
    assert_eq!(statement(notice), through);
}

#[test]
fn what_a_guardrail_denies_is_mended_in_the_guardrail_and_not_in_the_role() {
    let (mut world, ids) = organization(&["denied"]);
    all_strong(&mut world);
    guardrail(&mut world, &ids[0], &json!({"Effect": "Deny", "Action": "iam:GetAccount*", "Resource": "*"}));
    let stage = Stage::held_to(world, STRONG);
    let done = stage.run(&["doctor", "-b", "baseline.yaml", "--format", "json"]);
    assert_eq!(done.code, Some(3), "{}", done.stdout);
    let found = done.json();
    let problem = only(&found, "read");
    assert!(text(&problem["says"]).contains("service control policy"), "{problem:#}");
    assert!(statement(problem)["Condition"]["ArnNotLike"].is_object(), "{problem:#}");
}

#[test]
fn without_organizations_it_says_what_to_allow_and_goes_on_with_accounts_that_are_named() {
    let (mut world, ids) = organization(&["one"]);
    all_strong(&mut world);
    let management = world.management();
    let stage = Stage::held_to(world, STRONG);
    stage.inject(strike(&management, "ListAccounts", error(403, "AccessDeniedException")));
    let done = stage.run(&["doctor", "-b", "baseline.yaml"]);
    done.refused(1, "could not ask Organizations which accounts there are");
    assert!(done.stderr.contains("\"organizations:ListAccounts\""), "{}", done.stderr);
    let found = examined(&stage, 0, &["--account", &ids[0]]);
    let notice = only(&found, "organization");
    assert_eq!(text(&notice["severity"]), "notice");
    offers(notice, "\"organizations:ListAccounts\"");
}

#[test]
fn credentials_that_ran_out_and_an_endpoint_out_of_reach_end_it_with_what_to_do() {
    let (mut world, _) = organization(&["one"]);
    let caller = world.administrator().caller;
    let keys = world.issue(caller, Some(900));
    let stage = Stage::held_to(world, STRONG).with_keys(keys);
    stage.world(|world| world.advance(901));
    stage.run(&["doctor", "-b", "baseline.yaml"]).refused(1, "sign in again, such as with `aws sso login`");
    let closed = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let mut command = stage.command(&["doctor", "-b", "baseline.yaml"]);
    command.env("AWS_ENDPOINT_URL", format!("http://{closed}")).env("AWS_MAX_ATTEMPTS", "1");
    Done::from(command.output().expect("the binary runs")).refused(1, "STS could not be reached: check the network");
}

#[test]
fn a_clock_that_is_off_is_told_before_aws_refuses_it() {
    let (mut world, _) = organization(&[]);
    all_strong(&mut world);
    let stage = Stage::held_to(world, STRONG);
    stage.world(|world| world.advance(200));
    let found = examined(&stage, 0, &[]);
    let notice = only(&found, "clock");
    assert!(text(&notice["says"]).contains("s behind AWS"), "{notice:#}");
    offers(notice, "timedatectl");
}

/// The lock as this run left it in the bucket.
fn held(stage: &Stage, released: bool) {
    let body = json!({"format": "trueup.lock/1", "id": "r7", "caller": "arn:aws:iam::111122223333:user/ada",
        "host": "elsewhere, process 7", "since": "2026-11-22T10:00:00Z", "released": released});
    stage.world(|world| {
        let management = world.management();
        let input = json!({"Bucket": "team-locks", "Key": "trueup/lock", "Body": body.to_string()});
        world.build(&management, HOME, "s3", "PutObject", input);
    });
}

#[test]
fn a_lock_is_looked_at_and_never_taken() {
    let (mut world, _) = organization(&[]);
    all_strong(&mut world);
    let management = world.management();
    world.build(&management, HOME, "s3", "CreateBucket", json!({"Bucket": "team-locks"}));
    let stage = Stage::held_to(world, STRONG);
    let looked = |code: i32| {
        let before = stage.writes();
        let done = stage.run(&["doctor", "-b", "baseline.yaml", "--format", "json", "--lock", LOCK]);
        assert_eq!((done.code, stage.writes()), (Some(code), before), "{}{}", done.stdout, done.stderr);
        done.json()
    };
    assert_eq!(looked(0)["lock"], json!({"place": LOCK, "status": "free"}));
    held(&stage, true);
    assert_eq!(looked(0)["lock"]["status"], "free");
    held(&stage, false);
    let found = looked(0);
    assert_eq!((text(&found["lock"]["status"]), text(&found["lock"]["holder"]["id"])), ("held", "r7"));
    let notice = only(&found, "lock");
    assert!(text(&notice["words"]).contains("user/ada on elsewhere, process 7"), "{notice:#}");
    offers(notice, &format!("trueup unlock r7 --lock {LOCK}"));
    stage.world(|world| world.advance(181));
    assert_eq!(looked(0)["lock"]["status"], "expired");
    stage.inject(strike(&management, "GetObject", error(403, "AccessDenied")));
    let found = looked(3);
    assert_eq!(found["lock"]["status"], "unreadable");
    let allow = statement(only(&found, "lock"));
    assert_eq!(allow["Action"], json!(["s3:GetObject", "s3:ListBucket", "s3:PutObject"]));
    assert_eq!(allow["Resource"], json!(["arn:aws:s3:::team-locks", "arn:aws:s3:::team-locks/trueup/lock"]));
}

#[test]
fn a_state_folder_that_cannot_be_written_is_a_problem() {
    let (mut world, _) = organization(&[]);
    all_strong(&mut world);
    let stage = Stage::held_to(world, STRONG);
    stage.write("file", "this is no folder");
    let found = examined(&stage, 3, &["--state", "file/below"]);
    offers(only(&found, "state"), "--state ");
    assert!(!list(&found["problems"]).is_empty() && !text(&only(&found, "state")["words"]).is_empty());
}

#[test]
fn the_write_role_is_assumed_and_may_do_nothing_with_that_session() {
    let (mut world, ids) = organization(&["ready", "without"]);
    all_strong(&mut world);
    set_policy(&mut world, &ids[0], json!({"MinimumPasswordLength": 8}));
    role(&mut world, &ids[0], "writer", &json!({}), &["*"]);
    let stage = Stage::new(world);
    baseline(&stage, "  write_role: writer\n", STRONG);
    let found = examined(&stage, 3, &[]);
    let problem = only(&found, "write_role");
    assert_eq!((accounts(problem), &problem["roles"]), (vec![&*ids[1]], &json!(["writer"])), "{problem:#}");
    assert_eq!(list(&found["problems"]).len(), 1, "drift is none of the doctor's business: {found:#}");
    let entries = stage.calls().into_iter().filter(|call| call.operation == "AssumeRole");
    let policies: Vec<Value> = entries
        .filter(|call| text(&call.input["RoleArn"]).ends_with("/writer"))
        .map(|call| serde_json::from_str(text(&call.input["Policy"])).expect("a session policy"))
        .collect();
    let nothing = json!([{"Effect": "Deny", "Action": "*", "Resource": "*"}]);
    assert_eq!(policies.iter().map(|policy| &policy["Statement"]).collect::<Vec<_>>(), [&nothing, &nothing]);
}

#[test]
fn accounts_that_are_suspended_or_listed_as_unreachable_are_counted_and_not_asked() {
    let (mut world, ids) = organization(&["suspended", "listed", "asked"]);
    all_strong(&mut world);
    world.account(&ids[0]).expect("it is there").state = "SUSPENDED".to_owned();
    let stage = Stage::new(world);
    let unreachable =
        format!("unreachable:\n  - {{ accounts: [\"{}\"], reason: quarantined, expires: 2099-01-31 }}\n", ids[1]);
    stage.baseline(&unreachable, STRONG);
    let found = examined(&stage, 0, &[]);
    assert_eq!(found["accounts"], json!({"in_scope": 4, "ready": 2, "troubled": 0, "skipped": 2}));
    assert_eq!(list(&found["skipped"]).len(), 2, "{found:#}");
    assert!(ids[..2].iter().all(|id| stage.calls().iter().all(|call| call.account != *id)));
}

#[test]
fn who_sets_a_value_in_the_place_of_an_account_is_in_the_report_and_no_problem() {
    let (mut world, ids) = organization(&["security", "member"]);
    let management = world.management();
    let service = json!({"ServicePrincipal": "guardduty.amazonaws.com"});
    world.build(&management, HOME, "organizations", "EnableAWSServiceAccess", service);
    world.build(&ids[0], HOME, "guardduty", "CreateDetector", json!({"Enable": true}));
    let admin = json!({"AdminAccountId": ids[0]});
    world.build(&management, HOME, "guardduty", "EnableOrganizationAdminAccount", admin);
    let controls = "regions: [us-east-1]\ncontrols:\n  guardduty.detector:\n    enabled: true\n";
    let stage = Stage::held_to(world, controls);
    let found = examined(&stage, 0, &["--account", &ids[1]]);
    let owner = &list(&found["owners"])[0];
    assert_eq!((text(&owner["control"]), &owner["accounts"]), ("guardduty.detector", &json!(1)), "{found:#}");
    assert!(text(&owner["owner"]).contains(&*ids[0]), "{owner}");
    assert_eq!(found["problems"], json!([]));
}

#[test]
fn a_read_that_is_refused_and_not_needed_as_things_are_is_worth_knowing_and_no_problem() {
    // The trail of the organization answers for its members, so a plan asks none of them for trails.
    let (mut world, ids) = crate::calls::good_organization(&["calm"]);
    all_strong(&mut world);
    let stage = Stage::new(world);
    stage.inject(strike(&ids[0], "DescribeTrails", error(400, "AccessDeniedException")));
    let done = stage.run(&["doctor", "--format", "json", "--account", &ids[0]]);
    assert_eq!(done.code, Some(0), "{}{}", done.stdout, done.stderr);
    let found = done.json();
    let notice = only(&found, "read");
    assert_eq!((text(&notice["subject"]), text(&notice["severity"])), ("cloudtrail:DescribeTrails", "notice"));
    assert_eq!((accounts(notice), stage.writes()), (vec![&*ids[0]], vec![]));
}

#[test]
fn a_baseline_with_a_mistake_is_refused_as_everywhere() {
    let (world, _) = organization(&[]);
    let stage = Stage::held_to(world, "controls:\n  iam.password_polcy:\n    minimum_length: 14\n");
    stage.run(&["doctor", "-b", "baseline.yaml"]).refused(64, "iam.password_policy");
    let done = stage.run(&["doctor", "-b", "baseline.yaml", "--lock", "team-locks/lock"]);
    done.refused(64, "write it as s3://bucket/key");
}

/// What a role of the account is said to lack, and by which words.
fn foreseen(found: &Value) -> Vec<(&str, &str)> {
    let those = list(&found["problems"]).iter().filter(|problem| problem["kind"] == "indicative");
    those.map(|problem| (text(&problem["subject"]), text(&problem["severity"]))).collect()
}

#[test]
fn where_the_role_may_the_policy_simulator_is_asked_about_reads_that_nobody_needs_yet() {
    let (mut world, ids) = organization(&["one"]);
    all_strong(&mut world);
    // No key is there, so a plan needs nothing but the list.
    let most = ["account:ListRegions", "kms:ListKeys", "kms:DescribeKey", "kms:ListResourceTags"];
    role(&mut world, &ids[0], "narrow", &json!({}), &most);
    role(&mut world, &ids[0], "asking", &json!({}), &[&most[..], &["iam:SimulatePrincipalPolicy"]].concat());
    let stage = Stage::new(world);
    baseline(&stage, "  read_role: narrow\n", &rotation("all"));
    let member = ["--account", &ids[0]];
    let found = examined(&stage, 0, &member);
    assert_eq!(foreseen(&found), [], "that it may not be asked is not told: {found:#}");
    assert_eq!(stage.count(&ids[0], "SimulatePrincipalPolicy"), 1, "it was tried once");

    baseline(&stage, "  read_role: asking\n", &rotation("all"));
    let found = examined(&stage, 0, &member);
    assert_eq!(foreseen(&found), [("kms:GetKeyRotationStatus", "notice")], "{found:#}");
    let notice = only(&found, "indicative");
    assert_eq!(statement(notice)["Action"], json!(["kms:GetKeyRotationStatus"]));
    let told = stage.run(&["doctor", "-b", "baseline.yaml", member[0], member[1]]).stdout;
    assert!(told.contains("says IAM's policy simulator (indicative"), "{told}");
    let asked = stage.count(&ids[0], "SimulatePrincipalPolicy");
    stage.plan(&member);
    assert_eq!(stage.count(&ids[0], "SimulatePrincipalPolicy"), asked, "no plan asks it");
}

#[test]
fn what_the_printed_read_role_allows_is_not_foreseen_to_be_refused() {
    let (mut world, ids) = organization(&["one"]);
    all_strong(&mut world);
    let actions = ["account:ListRegions", "kms:ListKeys", "iam:SimulatePrincipalPolicy"];
    role(&mut world, &ids[0], "printed", &json!({}), &actions);
    let on_keys = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Action": ["kms:DescribeKey", "kms:GetKeyRotationStatus", "kms:ListResourceTags"], "Resource": "arn:aws:kms:*:*:key/*"}]});
    let put = json!({"RoleName": "printed", "PolicyName": "keys", "PolicyDocument": on_keys.to_string()});
    world.build(&ids[0], HOME, "iam", "PutRolePolicy", put);
    let stage = Stage::new(world);
    baseline(&stage, "  read_role: printed\n", &rotation("all"));
    let found = examined(&stage, 0, &["--account", &ids[0]]);
    assert_eq!(foreseen(&found), [], "{found:#}");
    assert!(stage.count(&ids[0], "SimulatePrincipalPolicy") > 0);
}

fn put_policy(stage: &Stage, account: &str, role: &str, name: &str, statements: &Value) {
    let document = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let put = json!({"RoleName": role, "PolicyName": name, "PolicyDocument": document});
    stage.world(|world| world.build(account, HOME, "iam", "PutRolePolicy", put));
}

/// What the password policy is read with.
const READS: [&str; 3] = ["iam:GetAccountPasswordPolicy", "iam:GenerateCredentialReport", "iam:GetCredentialReport"];

/// A reader that may ask the policy simulator, and a writer that may do this.
fn writer(actions: &[&str]) -> (Stage, String) {
    let (mut world, ids) = organization(&["one"]);
    all_strong(&mut world);
    role(&mut world, &ids[0], "reader", &json!({}), &[&READS[..], &["iam:SimulatePrincipalPolicy"]].concat());
    role(&mut world, &ids[0], "writer", &json!({}), actions);
    let stage = Stage::new(world);
    baseline(&stage, "  read_role: reader\n  write_role: writer\n", STRONG);
    (stage, ids[0].clone())
}

#[test]
fn what_a_write_role_may_not_do_is_worth_knowing_with_one_statement_and_gone_with_it() {
    let (stage, id) = writer(&["sts:GetCallerIdentity"]);
    let found = examined(&stage, 0, &["--account", &id]);
    let notice = only(&found, "indicative_write");
    assert_eq!((text(&notice["severity"]), &notice["roles"]), ("notice", &json!(["writer"])), "{notice:#}");
    let lacks = json!(["iam:GetAccountPasswordPolicy", "iam:UpdateAccountPasswordPolicy"]);
    assert_eq!(statement(notice)["Action"], lacks);
    assert!(text(&notice["says"]).contains("as writer: ") && text(&notice["says"]).contains("indicative"));
    offers(notice, "trueup permissions -b ");
    put_policy(&stage, &id, "writer", "mended", &json!([statement(notice)]));
    let found = stage.run(&["doctor", "-b", "baseline.yaml", "--account", &id, "--format", "json"]).json();
    assert_eq!(found["problems"], json!([]), "{found:#}");
}

#[test]
fn a_guardrail_over_the_writes_is_told_from_a_policy_of_the_role() {
    let (stage, id) = writer(&["iam:*"]);
    let shut = json!({"Effect": "Deny", "Action": "iam:UpdateAccountPasswordPolicy", "Resource": "*"});
    stage.world(|world| guardrail(world, &id, &shut));
    let found = stage.run(&["doctor", "-b", "baseline.yaml", "--account", &id, "--format", "json"]).json();
    let notice = only(&found, "indicative_write");
    assert_eq!(text(&notice["subject"]), "iam:UpdateAccountPasswordPolicy");
    assert!(statement(notice)["Condition"]["ArnNotLike"].is_object(), "{notice:#}");
}

#[test]
fn where_the_policy_simulator_may_not_be_asked_nothing_is_told_of_writes() {
    let (stage, id) = writer(&["sts:GetCallerIdentity"]);
    put_policy(&stage, &id, "reader", "own", &json!([{"Effect": "Allow", "Action": READS, "Resource": "*"}]));
    let found = stage.run(&["doctor", "-b", "baseline.yaml", "--account", &id, "--format", "json"]).json();
    assert_eq!(found["problems"], json!([]), "{found:#}");
}

/// With every control: what is printed is what is asked about, resource by resource.
#[test]
fn what_the_printed_write_role_allows_is_not_foreseen_to_be_refused() {
    let (stage, id) = writer(&["sts:GetCallerIdentity"]);
    let organization = stage.organization();
    let every = include_str!("../every_control.yaml").replacen(
        "version: 1\n",
        &format!("version: 1\norganization: {organization}\naccess: {{ read_role: reader, write_role: writer }}\n"),
        1,
    );
    stage.write("baseline.yaml", &every);
    let printed = ["permissions", "-b", "baseline.yaml", "--apply", "--format", "json", "--account", &id];
    let printed = stage.run(&printed).json();
    let policies = list(&printed["policies"]).iter().filter(|policy| policy["holder"] == "write-member");
    let documents: Vec<Value> = policies.flat_map(|policy| list(&policy["documents"]).to_vec()).collect();
    assert!(!documents.is_empty(), "{printed:#}");
    let lacking = |stage: &Stage| {
        let found = stage.run(&["doctor", "-b", "baseline.yaml", "--account", &id, "--format", "json"]).json();
        let those = list(&found["problems"]).iter().filter(|problem| problem["kind"] == "indicative_write");
        those.flat_map(|problem| list(&statement(problem)["Action"]).to_vec()).collect::<Vec<Value>>()
    };
    assert!(lacking(&stage).len() > 50);
    stage.world(|world| {
        for (number, document) in documents.iter().enumerate() {
            let name = format!("printed-{number}");
            let made = json!({"PolicyName": name, "PolicyDocument": document["policy"].to_string()});
            let made = world.build(&id, HOME, "iam", "CreatePolicy", made);
            let attach = json!({"RoleName": "writer", "PolicyArn": made["Policy"]["Arn"]});
            world.build(&id, HOME, "iam", "AttachRolePolicy", attach);
        }
    });
    assert_eq!(lacking(&stage), Vec::<Value>::new());
}

/// The caller as somebody with these statements: a user, or the session of a role.
fn called_by(statements: &Value, by_role: bool) -> Stage {
    let (mut world, _) = organization(&["one"]);
    all_strong(&mut world);
    let account = world.management();
    world.build(&account, HOME, "s3", "CreateBucket", json!({"Bucket": "team-locks"}));
    let document = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let text = str::to_owned;
    let (arn, principal) = if by_role {
        role(&mut world, &account, "pipeline", &json!({}), &["sts:GetCallerIdentity"]);
        let put = json!({"RoleName": "pipeline", "PolicyName": "more", "PolicyDocument": document});
        world.build(&account, HOME, "iam", "PutRolePolicy", put);
        let session = Session { role: text("pipeline"), name: text("job"), policy: None, policy_arns: vec![] };
        (format!("arn:aws:sts::{account}:assumed-role/pipeline/job"), Principal::Role(session))
    } else {
        let mut user = User::default();
        user.inline.insert("more".to_owned(), document);
        world.account(&account).expect("it is there").iam.users.insert("ada".to_owned(), user);
        (format!("arn:aws:iam::{account}:user/ada"), Principal::User("ada".to_owned()))
    };
    let keys = world.issue(Caller { account, arn, id: text("AIDAADA"), principal }, by_role.then_some(3600));
    Stage::held_to(world, STRONG).with_keys(keys)
}

#[test]
fn a_caller_who_may_not_write_lock_and_runs_is_told_so_by_the_policy_simulator() {
    let runs = "s3://team-locks/trueup/state";
    let shared = ["--account", "one", "--lock", LOCK, "--state", runs];
    let reads = json!({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"});
    let looks = json!({"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"});
    let silent = json!({"Effect": "Deny", "Action": "iam:SimulatePrincipalPolicy", "Resource": "*"});
    for by_role in [false, true] {
        let stage = called_by(&json!([reads, looks]), by_role);
        let found = examined(&stage, 0, &shared);
        assert_eq!(text(&found["lock"]["status"]), "free");
        for (kind, place, resource) in [("lock", LOCK, "trueup/lock"), ("state", runs, "trueup/state/*")] {
            let notice = only(&found, kind);
            let says = format!("{place} may not be written by the caller, says IAM's policy simulator (indicative): ");
            assert!(text(&notice["says"]).starts_with(&says), "{notice:#}");
            let allow = statement(notice);
            assert!(list(&allow["Action"]).contains(&json!("s3:PutObject")), "{allow}");
            assert_eq!(allow["Resource"][1], format!("arn:aws:s3:::team-locks/{resource}"));
        }
        let mended: Vec<Value> = ["lock", "state"].map(|kind| statement(only(&found, kind))).to_vec();
        let stage = called_by(&json!([reads, looks, mended[0], mended[1]]), by_role);
        assert_eq!(examined(&stage, 0, &shared)["problems"], json!([]));
        let stage = called_by(&json!([reads, looks, silent]), by_role);
        assert_eq!(examined(&stage, 0, &shared)["problems"], json!([]), "who may not ask is told nothing");
    }
}
