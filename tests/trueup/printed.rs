//! `permissions` and `roles`: without AWS, on stdout alone, and refused where they could not be right.

use serde_json::{Value, json};

use crate::harness::{Done, list, offline, text};

const PRINCIPAL: &str = "arn:aws:iam::111122223333:role/trueup";

fn roles(more: &[&str]) -> Done {
    offline(&[&["roles", "--format", "cloudformation"], more].concat())
}

fn template(more: &[&str]) -> Value {
    let known = ["--principal", PRINCIPAL, "--organization", "o-abc1234567"];
    roles(&[&known, more].concat()).json()
}

#[test]
fn permissions_need_no_aws_and_say_why_each_action_is_there() {
    let done = offline(&["permissions"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    for words in [
        "caller  the caller: whoever starts trueup",
        "read-member  the read role of each member account",
        "iam:GetAccountPasswordPolicy",
        "for iam.password_policy: iam.password_policy",
        "On every resource (*), because nothing narrower is possible",
        "AWS defines no resource for it:",
    ] {
        assert!(done.stdout.contains(words), "{words}: {}", done.stdout);
    }
    assert!(!done.stdout.contains("write-member") && !done.stdout.contains("denied on"), "{}", done.stdout);
    let written = offline(&["permissions", "--apply"]);
    for words in ["write-member", "denied on *", "cloudtrail:StopLogging", "iam:CreateServiceLinkedRole  dependent"] {
        assert!(written.stdout.contains(words), "{words}: {}", written.stdout);
    }
    assert!(written.stderr.contains("trueup-write"), "{}", written.stderr);
}

#[test]
fn permissions_as_json_are_documents_that_iam_takes() {
    let arguments =
        ["permissions", "--apply", "--format", "json", "--account", "111122223333", "--partition", "aws-cn"];
    let printed = offline(&arguments).json();
    assert_eq!(printed["format"], "trueup.permissions/1");
    for policy in list(&printed["policies"]) {
        for document in list(&policy["documents"]) {
            assert!(document["policy"].to_string().len() < 6_144, "{}", document["name"]);
            assert_eq!(document["policy"]["Version"], "2012-10-17");
            for statement in list(&document["policy"]["Statement"]) {
                let actions = list(&statement["Action"]).iter();
                assert!(actions.clone().count() > 0 && actions.into_iter().all(|action| !text(action).contains('*')));
                let resources = list(&statement["Resource"]).iter().map(text);
                let arns: Vec<&str> = resources.filter(|resource| *resource != "*").collect();
                assert!(arns.iter().all(|arn| arn.starts_with("arn:aws-cn:")), "{arns:?}");
            }
        }
    }
    let writer = list(&printed["policies"]).iter().find(|policy| policy["holder"] == "write-member").expect("it is");
    let rotation = list(&writer["actions"]).iter().find(|one| one["action"] == "kms:EnableKeyRotation").expect("it is");
    assert_eq!(rotation["resources"], json!(["arn:aws-cn:kms:*:111122223333:key/*"]));
    assert_eq!(rotation["anywhere"], Value::Null);
    assert_eq!(rotation["because"][0]["by"], "EnableKeyRotation");
    let linked =
        list(&writer["actions"]).iter().find(|one| one["action"] == "iam:CreateServiceLinkedRole").expect("it is");
    assert_eq!(linked["because"][0]["dependent"], true);
}

#[test]
fn templates_list_on_stderr_what_is_allowed_everywhere() {
    for format in ["terraform", "cloudformation"] {
        let done = offline(&["permissions", "--format", format]);
        assert_eq!(done.code, Some(0));
        assert!(done.stderr.contains("kms:ListKeys: AWS defines no resource for it"), "{}", done.stderr);
        let quiet = offline(&["permissions", "--format", format, "-q"]);
        assert_eq!((quiet.stdout, &*quiet.stderr), (done.stdout, ""));
    }
}

#[test]
fn a_revert_is_allowed_by_name_and_no_longer_denied() {
    let arguments = ["permissions", "--apply", "--format", "json", "--revert", "guardduty:DeleteDetector"];
    let printed = offline(&arguments).json();
    let writer = list(&printed["policies"]).iter().find(|policy| policy["holder"] == "write-member").expect("it is");
    assert!(list(&writer["actions"]).iter().any(|one| one["action"] == "guardduty:DeleteDetector"));
    assert!(!writer["denied"].to_string().contains("guardduty:DeleteDetector"));
    offline(&["permissions", "--apply", "--revert", "guardduty:DeleteDetectors"])
        .refused(64, "did you mean `guardduty:DeleteDetector`?");
    offline(&["permissions", "--revert", "guardduty:DeleteDetector"]).refused(64, "--apply");
}

#[test]
fn roles_trust_one_principal_of_one_organization_that_says_the_external_id() {
    let template = template(&["--of", "member", "--external-id", "ext-1"]);
    let role = &template["Resources"]["ReadRole"]["Properties"];
    let trust = &role["AssumeRolePolicyDocument"]["Statement"];
    assert_eq!(list(trust).len(), 1);
    assert_eq!(trust[0]["Principal"], json!({ "AWS": { "Ref": "Principal" } }));
    let equals =
        json!({ "aws:PrincipalOrgID": { "Ref": "OrganizationId" }, "sts:ExternalId": { "Ref": "ExternalId" } });
    assert_eq!(trust[0]["Condition"], json!({ "StringEquals": equals }));
    assert_eq!(template["Parameters"]["Principal"]["Default"], PRINCIPAL);
    assert_eq!(template["Parameters"]["OrganizationId"]["Default"], "o-abc1234567");
    assert_eq!(role["RoleName"], "trueup-read");
    assert_eq!(template["Resources"]["WriteRole"]["Properties"]["RoleName"], "trueup-write");
    assert!(template["Resources"]["WritePolicy1"].to_string().contains("Deny"));
}

#[test]
fn who_plans_may_assume_the_read_roles_and_who_applies_the_write_roles_as_well() {
    let [plans, applies] = ["plan", "apply"].map(|name| format!("arn:aws:iam::111122223333:role/{name}"));
    let known = ["--organization", "o-abc1234567", "--read-principal", &plans, "--write-principal", &applies];
    let printed = roles(&known).json();
    let trusted = |template: &Value, role: &str| {
        let trust = &template["Resources"][role]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0];
        let principals = match &trust["Principal"]["AWS"] {
            Value::Array(several) => several.clone(),
            one => vec![one.clone()],
        };
        let value = |one: &Value| text(&template["Parameters"][text(&one["Ref"])]["Default"]).to_owned();
        principals.iter().map(value).collect::<Vec<_>>()
    };
    let member: Value =
        serde_json::from_str(text(&printed["Resources"]["MemberRoles"]["Properties"]["TemplateBody"])).expect("JSON");
    for template in [&printed, &member] {
        assert_eq!(trusted(template, "ReadRole"), [&*plans, &*applies]);
    }
    assert_eq!(trusted(&member, "WriteRole"), [&*applies]);
    let given = list(&printed["Resources"]["MemberRoles"]["Properties"]["Parameters"]).iter();
    let given: Vec<&str> = given.map(|one| text(&one["ParameterKey"])).collect();
    assert!(given.contains(&"ReadPrincipal") && given.contains(&"WritePrincipal"), "{given:?}");
    let terraform = ["roles", "--format", "terraform", "--of", "member"];
    let terraform = offline(&[&terraform[..], &known[..]].concat()).stdout;
    assert!(terraform.contains("var.read_principal,\n") && terraform.contains("\"AWS\" = var.write_principal"));
    // Either may be whom `--principal` names.
    let besides = ["--organization", "o-abc1234567", "--principal", &applies, "--read-principal", &plans];
    assert_eq!(roles(&besides).json(), printed);
    let member = |known: &[&str]| roles(&[&["--of", "member"], known].concat());
    assert_eq!(
        trusted(&member(&["--organization", "o-abc1234567", "--principal", &plans]).json(), "ReadRole"),
        [plans.as_str()]
    );
    member(&[&known[..], &["--principal", &plans]].concat()).refused(64, "leave it out");
    member(&known[..4]).refused(64, "--principal");
    member(&["--organization", "o-abc1234567", "--read-principal", "*", "--write-principal", &applies])
        .refused(64, "--read-principal has to be the ARN of one role or user");
}

#[test]
fn what_the_roles_consist_of_is_changed_by_nobody_but_stack_sets() {
    let printed = template(&[]);
    let statements = list(&printed["Resources"]["Guardrail"]["Properties"]["Content"]["Statement"]).to_vec();
    let policies = json!("arn:*:iam::*:policy/trueup/*");
    let guard = statements.iter().find(|statement| statement["Resource"] == policies).expect("a statement");
    let versions = json!([
        "iam:CreatePolicyVersion",
        "iam:DeletePolicy",
        "iam:DeletePolicyVersion",
        "iam:SetDefaultPolicyVersion"
    ]);
    assert_eq!(guard["Action"], versions);
    let member = template(&["--of", "member"]);
    for (name, policy) in member["Resources"].as_object().expect("resources") {
        if policy["Type"] == "AWS::IAM::ManagedPolicy" {
            assert_eq!(policy["Properties"]["Path"], "/trueup/", "{name}");
        }
    }
    let written = offline(&["permissions", "--apply", "--format", "json", "--account", "111122223333"]).json();
    let writer = list(&written["policies"]).iter().find(|policy| policy["holder"] == "write-member").expect("it is");
    let own =
        list(&writer["denied"]).iter().find(|denied| denied["resource"] == "arn:aws:iam::111122223333:policy/trueup/*");
    assert_eq!(own.expect("it is denied")["actions"], versions);
}

#[test]
fn a_service_control_policy_is_no_longer_than_organizations_takes() {
    for (extends, _) in trueup::baseline::SHIPPED {
        let known = ["--principal", PRINCIPAL, "--organization", "o-abc1234567", "-b", extends];
        let policy = roles(&known).json()["Resources"]["Guardrail"]["Properties"]["Content"].to_string();
        assert!(policy.len() <= 5_120, "{extends}: {}", policy.len());
    }
}

#[test]
fn what_is_checked_while_something_is_made_is_allowed_on_nothing_else() {
    let on = |baseline: &str, action: &str| {
        let account = ["--account", "111122223333", "-b", baseline];
        let printed = offline(&[&["permissions", "--apply", "--format", "json"], &account[..]].concat()).json();
        let policies = list(&printed["policies"]).iter();
        let writer = policies.clone().find(|policy| policy["holder"] == "write-member").expect("it is there");
        let found = list(&writer["actions"]).iter().find(|one| one["action"] == action);
        found.unwrap_or_else(|| panic!("{action}"))["resources"].clone()
    };
    for action in ["kms:TagResource", "kms:PutKeyPolicy"] {
        assert_eq!(on("cis-aws-v7.0", action), json!(["arn:aws:kms:*:111122223333:key/*"]));
    }
    let detectors = json!(["arn:aws:guardduty:*:111122223333:detector/*"]);
    assert_eq!(on("foundation", "guardduty:TagResource"), detectors);
    assert_eq!(on("foundation", "guardduty:CreateDetector"), json!(["*"]), "AWS knows no resource for it");
}

#[test]
fn one_stack_set_makes_the_roles_of_every_member_also_of_those_that_join() {
    let template = template(&[]);
    let set = &template["Resources"]["MemberRoles"]["Properties"];
    assert_eq!((&set["PermissionModel"], &set["AutoDeployment"]["Enabled"]), (&json!("SERVICE_MANAGED"), &json!(true)));
    let body = text(&set["TemplateBody"]);
    assert!(body.len() < 51_200, "a template in a template is shorter than {}", body.len());
    let member: Value = serde_json::from_str(body).expect("a template");
    assert!(member["Resources"]["ReadRole"].is_object() && member["Resources"]["WriteRole"].is_object());
    let resources = &template["Resources"];
    let pattern = text(&resources["WriteRoleUse"]["Properties"]["FilterPattern"]);
    assert!(pattern.contains("role/trueup-write") && pattern.contains("!= \"trueup-*\""), "{pattern}");
    assert_eq!(resources["OwnFindings"]["Properties"]["Action"], "ARCHIVE");
    let guardrail = &resources["Guardrail"]["Properties"]["Content"]["Statement"][0];
    assert_eq!(guardrail["Effect"], "Deny");
    let exempt = json!({ "ArnNotLike": { "aws:PrincipalArn": "arn:*:iam::*:role/trueup-write" } });
    assert_eq!(guardrail["Condition"], exempt);
    assert!(list(&guardrail["Action"]).contains(&json!("guardduty:DeleteDetector")), "{guardrail}");
}

#[test]
fn what_could_not_be_right_is_refused() {
    let known = ["--principal", PRINCIPAL];
    roles(&[]).refused(64, "--principal");
    roles(&known).refused(64, "set `organization:` in the baseline");
    let with = |principal: &'static str| roles(&["--principal", principal, "--organization", "o-abc1234567"]);
    for everybody in ["*", "111122223333", "arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:role/"] {
        with(everybody).refused(64, "the ARN of one role or user");
    }
    with("arn:aws:sts::111122223333:assumed-role/trueup/session").refused(64, "a session is of a role");
    roles(&[&known[..], &["--organization", "acme"]].concat()).refused(64, "--organization");
    let external = ["--organization", "o-abc1234567", "--external-id", "?"];
    roles(&[&known[..], &external].concat()).refused(64, "--external-id");
    let plain = [&["roles", "--organization", "o-abc1234567"], &known[..]].concat();
    offline(&plain).refused(64, "--format cloudformation");
    offline(&["plan", "--format", "terraform"]).refused(64, "templates are of `permissions` and `roles` alone");
    offline(&["permissions", "--format", "yaml"]).refused(64, "yaml");
    offline(&["permissions", "-b", "nowhere.yaml"]).refused(64, "nowhere.yaml");
    offline(&["permissions", "--account", "12"]).refused(64, "12");
}
