//! What an account's IAM has besides users: policies, a support role, certificates, aliases, providers.

use serde_json::{Value, json};
use trueup::simulator::services::iam_account::Certificate;
use trueup::simulator::world::World;

use crate::harness::{HOME, Stage, error, list, organization, outcomes, rows, strike, text, write};
use crate::users::{password, user};

const DAY: i64 = 86_400;
const MANAGEMENT: &str = "100000000001";

fn iam(world: &mut World, account: &str, operation: &str, input: Value) -> Value {
    world.build(account, HOME, "iam", operation, input)
}

fn document(action: &str) -> String {
    let statement = json!({"Effect": "Allow", "Action": action, "Resource": "*"});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

fn run_of(stage: &Stage) -> String {
    let listed = stage.run(&["history", "--format", "json"]).json();
    text(&list(&listed["runs"]).last().expect("a run")["run"]).to_owned()
}

fn verdict_of<'a>(plan: &'a Value, account: &'a str, object: &str) -> &'a str {
    let row = rows(plan, account).find(|row| row["object"] == object);
    text(&row.unwrap_or_else(|| panic!("{object} was not judged: {plan:#}"))["verdict"])
}

/// What came of the members' changes: the management account is only read.
fn came(applied: &Value) -> Vec<(&str, &str)> {
    let mut all = outcomes(applied);
    all.retain(|(account, _)| *account != MANAGEMENT);
    all
}

/// Reverts the last run.
fn reverted(stage: &Stage) {
    let done = stage.run(&["revert", &run_of(stage), "--auto-approve", "--allow", "weakening,irreversible"]);
    assert_eq!(done.code, Some(0), "{}{}", done.stdout, done.stderr);
}

#[test]
fn policies_that_allow_everything_are_found_wherever_they_are_and_left_to_a_person() {
    let (mut world, ids) = organization(&["one"]);
    let id = &ids[0];
    user(&mut world, id, "ada", 10);
    iam(&mut world, id, "CreateGroup", json!({"GroupName": "ops"}));
    let mut arns = vec![];
    for (name, action) in [("all", "*"), ("idle", "*:*"), ("less", "s3:*")] {
        let made = iam(&mut world, id, "CreatePolicy", json!({"PolicyName": name, "PolicyDocument": document(action)}));
        arns.push(text(&made["Policy"]["Arn"]).to_owned());
    }
    iam(&mut world, id, "AttachGroupPolicy", json!({"GroupName": "ops", "PolicyArn": arns[0]}));
    iam(&mut world, id, "AttachUserPolicy", json!({"UserName": "ada", "PolicyArn": arns[2]}));
    let inline = json!({"UserName": "ada", "PolicyName": "own", "PolicyDocument": document("*")});
    iam(&mut world, id, "PutUserPolicy", inline);
    let tags = json!([{ "Key": "ManagedBy", "Value": "terraform" }]);
    iam(&mut world, id, "TagPolicy", json!({ "PolicyArn": arns[0], "Tags": tags }));
    let stage = Stage::held_to(world, "controls:\n  iam.policy:\n    no_full_admin: true\n");
    let plan = stage.planned(2);
    let found = ["all", "idle", "less", "own of user/ada"].map(|object| verdict_of(&plan, id, object));
    assert_eq!(found, ["drifted", "compliant", "compliant", "drifted"]);
    assert_eq!(stage.count(id, "GetAccountAuthorizationDetails"), 1);
    assert!(list(&plan["changes"]).iter().all(|change| list(&change["steps"]).is_empty()));
    let tool = |object: &str| {
        let change = list(&plan["changes"]).iter().find(|change| change["object"] == object);
        change.expect("it is planned")["managed_by"].clone()
    };
    assert_eq!((tool("all"), tool("own of user/ada")), (json!("Terraform, says its tag ManagedBy"), Value::Null));
    assert_eq!(stage.count(id, "ListPolicyTags"), 1, "of the one that drifts");
    stage.inject(strike(id, "ListPolicyTags", error(403, "AccessDenied")));
    let plan = stage.planned(2);
    let row = rows(&plan, id).find(|row| row["object"] == "all").expect("it is judged");
    assert!(row["verdict"] == "drifted" && text(&row["reason"]).contains("iam:ListPolicyTags"), "{row}");
    assert_eq!(stage.writes(), []);
}

const SUPPORT: &str = "controls:\n  iam.support_role:\n    exists: true\n    trusted: [\"100000000001\"]\n    \
                       require_mfa: true\n";

#[test]
fn a_support_role_is_made_once_and_taken_away_by_a_revert() {
    let (world, ids) = organization(&["one"]);
    let (id, stage) = (&ids[0], Stage::held_to(world, SUPPORT));
    stage.baseline("", SUPPORT);
    stage.planned(2);
    let (applied, code) = stage.apply(&[]);
    assert_eq!((came(&applied), code), (vec![(&**id, "verified")], Some(2)));
    assert_eq!(stage.writes(), [write(id, "iam", "AttachRolePolicy"), write(id, "iam", "CreateRole")]);
    let seen = stage.identity(id);
    let role = &seen["roles"]["aws-support-access"];
    assert_eq!(role["attached"], json!(["arn:aws:iam::aws:policy/AWSSupportAccess"]));
    let statement = &role["trust"]["Statement"][0];
    assert_eq!(statement["Principal"]["AWS"], "arn:aws:iam::100000000001:root");
    assert_eq!(statement["Condition"]["Bool"]["aws:MultiFactorAuthPresent"], "true");
    assert_eq!(stage.plan(&["--exclude-account", MANAGEMENT]).1, Some(0));
    reverted(&stage);
    assert_eq!(stage.identity(id)["roles"]["aws-support-access"], Value::Null);
}

#[test]
fn certificates_that_ran_out_are_deleted_where_that_is_allowed_and_nobody_uses_them() {
    let (mut world, ids) = organization(&["one"]);
    let (id, now) = (&ids[0], world.now());
    for (name, ends, used_by) in [("good", 10, None), ("old", -10, None), ("used", -10, Some("a listener"))] {
        let certificate = Certificate {
            id: format!("ASCA{name}"),
            path: "/".to_owned(),
            uploaded: now,
            expires: now + ends * DAY,
            used_by: used_by.map(str::to_owned),
            tags: [("terraform".to_owned(), "true".to_owned())].into(),
        };
        world.account(id).expect("it is there").iam.certificates.insert(name.to_owned(), certificate);
    }
    let stage = Stage::held_to(world, "controls:\n  iam.server_certificate:\n    not_expired: true\n");
    let plan = stage.planned(2);
    assert_eq!(["good", "old", "used"].map(|name| verdict_of(&plan, id, name)), ["compliant", "drifted", "drifted"]);
    let tool = |change: &Value| change["managed_by"] == "Terraform, says its tag terraform";
    assert!(list(&plan["changes"]).iter().all(tool), "{plan:#}");
    assert_eq!(stage.count(id, "ListServerCertificateTags"), 2, "the good one is not asked");
    let (held, _) = stage.apply(&["--allow", "disruptive"]);
    assert_eq!(outcomes(&held), [(&**id, "held"), (&**id, "held")]);
    let (applied, code) = stage.apply(&["--allow", "irreversible"]);
    assert_eq!((outcomes(&applied), code), (vec![(&**id, "verified"), (&**id, "failed")], Some(3)));
    assert!(text(&applied["outcomes"][1]["reason"]).contains("currently in use"), "{applied:#}");
    assert_eq!(stage.identity(id)["certificates"], json!(["good", "used"]));
}

#[test]
fn full_access_to_cloudshell_is_taken_from_everybody_and_given_back_by_a_revert() {
    let (mut world, ids) = organization(&["one"]);
    let id = &ids[0];
    let policy = json!("arn:aws:iam::aws:policy/AWSCloudShellFullAccess");
    user(&mut world, id, "ada", 10);
    iam(&mut world, id, "CreateGroup", json!({"GroupName": "ops"}));
    iam(&mut world, id, "AttachUserPolicy", json!({"UserName": "ada", "PolicyArn": policy}));
    iam(&mut world, id, "AttachGroupPolicy", json!({"GroupName": "ops", "PolicyArn": policy}));
    let statement =
        json!({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"});
    let trust = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    iam(&mut world, id, "CreateRole", json!({"RoleName": "dev", "AssumeRolePolicyDocument": trust}));
    iam(&mut world, id, "AttachRolePolicy", json!({"RoleName": "dev", "PolicyArn": policy}));
    let controls = "controls:\n  iam.cloudshell_full_access:\n    not_attached: true\n";
    let stage = Stage::held_to(world, controls);
    let before = stage.identity(id);
    stage.planned(2);
    assert_eq!(outcomes(&stage.apply(&[]).0), [(&**id, "manual")]);
    stage.baseline("", &format!("{controls}    mend: true\n"));
    stage.planned(2);
    let (applied, code) = stage.apply(&["--allow", "disruptive"]);
    assert_eq!((outcomes(&applied), code), (vec![(&**id, "verified")], Some(0)));
    let detached = ["DetachGroupPolicy", "DetachRolePolicy", "DetachUserPolicy"];
    assert_eq!(stage.writes(), detached.map(|operation| write(id, "iam", operation)));
    assert_eq!(stage.identity(id)["cloudshell"], json!([]));
    reverted(&stage);
    assert_eq!(stage.identity(id), before);
}

#[test]
fn an_alias_is_given_or_replaced_and_the_former_one_comes_back() {
    let (mut world, ids) = organization(&["bare", "named", "taken"]);
    let management = world.management();
    iam(&mut world, &ids[1], "CreateAccountAlias", json!({"AccountAlias": "former"}));
    // Another account of the world has what the third is to get.
    iam(&mut world, &management, "CreateAccountAlias", json!({"AccountAlias": format!("acme-{}", ids[2])}));
    let stage = Stage::held_to(world, "controls:\n  iam.account_alias:\n    alias: acme-{account}\n");
    stage.planned(2);
    let (applied, code) = stage.apply(&["--allow", "disruptive"]);
    let ends = [(&*ids[0], "verified"), (&*ids[1], "verified"), (&*ids[2], "failed")];
    assert_eq!((came(&applied), code), (ends.to_vec(), Some(3)));
    for id in &ids[..2] {
        assert_eq!(stage.identity(id)["alias"], json!([format!("acme-{id}")]));
    }
    reverted(&stage);
    assert_eq!(stage.identity(&ids[0])["alias"], json!([]));
    assert_eq!(stage.identity(&ids[1])["alias"], json!(["former"]));
}

#[test]
fn people_come_from_a_provider_or_nobody_signs_in() {
    let (mut world, ids) = organization(&["federated", "empty", "users"]);
    let management = world.management();
    let saml = json!({"Name": "sso", "SAMLMetadataDocument": "<x/>".repeat(250)});
    for id in [&management, &ids[0]] {
        iam(&mut world, id, "CreateSAMLProvider", saml.clone());
    }
    for id in [&ids[0], &ids[2]] {
        user(&mut world, id, "ada", 10);
        password(&mut world, id, "ada", 10, None);
    }
    let stage = Stage::held_to(world, "controls:\n  iam.federation:\n    provider: true\n");
    let plan = stage.planned(2);
    let found = ids.iter().map(|id| verdict_of(&plan, id, "identity providers")).collect::<Vec<_>>();
    assert_eq!(found, ["compliant", "compliant", "drifted"]);
    // Who has a password matters only where there is no provider.
    let reports = ids.iter().map(|id| stage.count(id, "GetCredentialReport")).collect::<Vec<_>>();
    assert_eq!(reports, [0, 0, 1]);
}
