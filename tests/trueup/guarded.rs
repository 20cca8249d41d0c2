//! The service control policy that `roles` prints, attached: it keeps everybody but the write role from undoing what the
//! baseline holds, and everybody but StackSets from changing the roles.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};
use trueup::simulator::world::{Caller, Principal, Session, World};

use crate::harness::{HOME, Stage, list, offline, organization, text};
use crate::python::script;

const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const EVERY_CONTROL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/every_control.yaml");
const OPERATOR: &str = "operator";
/// As StackSets names its roles.
const STACK_SETS: &str = "stacksets-exec-0123456789abcdef";

/// The policy as it is printed for a baseline that asks for every control, with this write role.
fn printed(write_role: &str) -> Value {
    let caller = "arn:aws:iam::100000000001:role/trueup";
    let organization = ["-b", EVERY_CONTROL, "--organization", "o-abc1234567"];
    let known = [&organization[..], &["--principal", caller, "--write-role", write_role]].concat();
    let template = offline(&[&["roles", "--format", "cloudformation"], &known[..]].concat()).json();
    let resources = template["Resources"].as_object().expect("resources");
    let policy = resources.values().find(|one| one["Type"] == "AWS::Organizations::Policy").expect("it is printed");
    policy["Properties"]["Content"].clone()
}

/// A policy that allows something.
fn something() -> String {
    let statement = json!([{"Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*"}]);
    json!({"Version": "2012-10-17", "Statement": statement}).to_string()
}

/// A role that may do everything, as far as its account lets it.
fn powerful(world: &mut World, account: &str, role: &str) {
    let (path, name) = role.rsplit_once('/').map_or(("/".to_owned(), role), |(path, name)| (format!("/{path}/"), name));
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": format!("arn:aws:iam::{account}:root")}}]});
    let made = json!({"RoleName": name, "Path": path, "AssumeRolePolicyDocument": trust.to_string()});
    world.build(account, HOME, "iam", "CreateRole", made);
    let attached = json!({"RoleName": name, "PolicyArn": ADMINISTRATOR});
    world.build(account, HOME, "iam", "AttachRolePolicy", attached);
}

/// A member with what a baseline holds, and with roles that may do everything.
fn held(write_role: &str) -> (Stage, String) {
    let (mut world, ids) = organization(&["member"]);
    let id = ids[0].clone();
    for role in [write_role, "trueup-read", OPERATOR, STACK_SETS] {
        powerful(&mut world, &id, role);
    }
    let policy = json!({"PolicyName": "trueup-write", "Path": "/trueup/", "PolicyDocument": something()});
    world.build(&id, HOME, "iam", "CreatePolicy", policy);
    (Stage::new(world), id)
}

/// Attaches a policy to an account.
fn attach(stage: &Stage, account: &str, content: &Value) {
    stage.world(|world| {
        let management = world.management();
        let root = world.organization.as_ref().expect("an organization").root.clone();
        let sort = "SERVICE_CONTROL_POLICY";
        let mut ask = |operation: &str, input: Value| world.build(&management, HOME, "organizations", operation, input);
        ask("EnablePolicyType", json!({"RootId": root, "PolicyType": sort}));
        let policy = json!({"Name": "trueup", "Description": "", "Type": sort, "Content": content.to_string()});
        let made = ask("CreatePolicy", policy);
        ask("AttachPolicy", json!({"PolicyId": made["Policy"]["PolicySummary"]["Id"], "TargetId": account}));
    });
}

/// How each of these calls is answered to a session of this role, as boto3 reads it.
fn answered(stage: &Stage, account: &str, role: &str, calls: &Value) -> Vec<String> {
    let name = role.rsplit('/').next().expect("a name").to_owned();
    let keys = stage.world(|world| {
        let arn = format!("arn:aws:sts::{account}:assumed-role/{name}/ada");
        let session = Session { role: name, name: "ada".to_owned(), policy: None, policy_arns: vec![] };
        let principal = Principal::Role(session);
        world.issue(Caller { account: account.to_owned(), arn, id: "AROA:ada".to_owned(), principal }, Some(3600))
    });
    let question = json!({"endpoint": stage.endpoint(), "region": HOME, "calls": calls, "keys": {
        "aws_access_key_id": keys.access_key_id, "aws_secret_access_key": keys.secret_access_key,
        "aws_session_token": keys.session_token}});
    let mut asking = script("calls.py").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it is installed");
    writeln!(asking.stdin.take().expect("it is piped"), "{question}").expect("it listens");
    let output = asking.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).expect("it answers in JSON")
}

/// Calls that undo what the baseline holds. What there is nothing of is not found, by whoever gets that far.
fn undoing() -> Value {
    json!([
        ["iam", "delete_account_password_policy", {}],
        ["iam", "update_account_password_policy", {"MinimumPasswordLength": 6}],
        ["cloudtrail", "stop_logging", {"Name": "trueup"}],
        ["cloudtrail", "delete_trail", {"Name": "trueup"}],
        ["guardduty", "delete_detector", {"DetectorId": "12abc34d567e8fa901bc2d34e56789f0"}],
        ["guardduty", "update_detector", {"DetectorId": "12abc34d567e8fa901bc2d34e56789f0", "Enable": false}],
        ["kms", "disable_key_rotation", {"KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab"}],
    ])
}

fn is_denied(code: &str) -> bool {
    code.starts_with("AccessDenied")
}

fn denied(stage: &Stage, account: &str, role: &str, calls: &Value) -> Vec<bool> {
    answered(stage, account, role, calls).iter().map(|code| is_denied(code)).collect()
}

#[test]
fn nobody_but_the_write_role_undoes_what_the_baseline_holds() {
    for write_role in ["trueup-write", "security/trueup-write"] {
        let (stage, id) = held(write_role);
        let all = list(&undoing()).len();
        assert_eq!(denied(&stage, &id, OPERATOR, &undoing()), vec![false; all], "without it anybody may");
        attach(&stage, &id, &printed(write_role));
        assert_eq!(denied(&stage, &id, OPERATOR, &undoing()), vec![true; all]);
        assert_eq!(denied(&stage, &id, "trueup-read", &undoing()), vec![true; all]);
        assert_eq!(denied(&stage, &id, write_role, &undoing()), vec![false; all]);
        let looking = json!([
            ["iam", "list_users", {}],
            ["cloudtrail", "describe_trails", {}],
            ["guardduty", "list_detectors", {}],
            ["kms", "list_keys", {}]
        ]);
        assert_eq!(answered(&stage, &id, OPERATOR, &looking), ["done"; 4], "what only looks is nobody's to deny");
    }
}

/// The actions that IAM's policy simulator says a role may not do.
fn foreseen(stage: &Stage, account: &str, role: &str, actions: &[&str]) -> Vec<String> {
    let source = format!("arn:aws:iam::{account}:role/{role}");
    let input = json!({"PolicySourceArn": source, "ActionNames": actions});
    let answer = stage.world(|world| world.build(account, HOME, "iam", "SimulatePrincipalPolicy", input));
    let results = list(&answer["EvaluationResults"]).iter();
    let refused = results.filter(|one| one["EvalDecision"] != "allowed");
    refused.map(|one| text(&one["EvalActionName"]).to_owned()).collect()
}

#[test]
fn every_action_that_it_names_is_denied_to_others_and_left_to_the_write_role() {
    let (stage, id) = held("trueup-write");
    let policy = printed("trueup-write");
    let protected: Vec<&str> = list(&policy["Statement"][0]["Action"]).iter().map(text).collect();
    assert!(protected.len() > 20, "{protected:?}");
    attach(&stage, &id, &policy);
    for some in protected.chunks(50) {
        assert_eq!(foreseen(&stage, &id, OPERATOR, some), some);
        assert_eq!(foreseen(&stage, &id, "trueup-write", some), [""; 0]);
    }
}

#[test]
fn nobody_but_stack_sets_changes_the_roles_or_their_policies() {
    let (stage, id) = held("trueup-write");
    let nothing = something();
    let policy = format!("arn:aws:iam::{id}:policy/trueup/trueup-write");
    let own = json!([
        ["iam", "put_role_policy", {"RoleName": "trueup-write", "PolicyName": "more", "PolicyDocument": nothing}],
        ["iam", "attach_role_policy", {"RoleName": "trueup-read", "PolicyArn": ADMINISTRATOR}],
        ["iam", "create_policy_version", {"PolicyArn": policy, "PolicyDocument": nothing}],
    ]);
    let other = json!([["iam", "put_role_policy",
        {"RoleName": OPERATOR, "PolicyName": "more", "PolicyDocument": nothing}]]);
    attach(&stage, &id, &printed("trueup-write"));
    for role in [OPERATOR, "trueup-read", "trueup-write"] {
        assert_eq!(denied(&stage, &id, role, &own), [true; 3], "{role}");
    }
    assert_eq!(denied(&stage, &id, STACK_SETS, &own), [false; 3]);
    assert_eq!(denied(&stage, &id, OPERATOR, &other), [false], "other roles are not its business");
}
