//! Becoming a role, and what stands in the way of what a role may.

use super::{AWAY, HOME, Stage, ask, code, enter};
use serde_json::{Value, json};

fn policy(statement: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statement}).to_string()
}

fn trust(stage: &mut Stage, statement: &Value) {
    let input = json!({"RoleName": "OrganizationAccountAccessRole", "PolicyDocument": policy(statement)});
    stage.one("iam", "UpdateAssumeRolePolicy", input).unwrap();
}

fn into_one(stage: &mut Stage, more: Value) -> Result<Value, crate::fault::Fault> {
    let (caller, account) = (stage.management.clone(), stage.one.account.clone());
    enter(&mut stage.world, &caller, &account, more).map(|credential| json!(credential.caller.arn))
}

#[test]
fn a_role_that_is_not_there_and_a_trust_that_refuses_are_one_answer() {
    let mut stage = Stage::new();
    let one = stage.one.account.clone();
    let absent = json!({"RoleArn": format!("arn:aws:iam::{one}:role/absent")});
    let fault = into_one(&mut stage, absent).unwrap_err();
    assert_eq!(fault.code, "AccessDenied");
    assert_eq!(
        fault.message,
        format!(
            "User: {} is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::{one}:role/absent",
            stage.management.arn
        )
    );
    let two = json!({"Effect": "Allow", "Principal": {"AWS": stage.two.account}, "Action": "sts:AssumeRole"});
    trust(&mut stage, &two);
    assert_eq!(code(into_one(&mut stage, json!({}))), "AccessDenied");
}

#[test]
fn a_suspended_account_lets_nobody_in() {
    let mut stage = Stage::new();
    let one = stage.one.account.clone();
    stage.manage("organizations", "CloseAccount", json!({"AccountId": one})).unwrap();
    assert_eq!(code(into_one(&mut stage, json!({}))), "AccessDenied");
}

#[test]
fn a_trust_may_ask_for_an_external_id_and_for_the_organization() {
    let mut stage = Stage::new();
    let organization = stage.world.organization.as_ref().unwrap().id.clone();
    let conditions = json!({"StringEquals": {"sts:ExternalId": "secret", "aws:PrincipalOrgID": organization}});
    let statement =
        json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Condition": conditions});
    trust(&mut stage, &statement);
    assert_eq!(code(into_one(&mut stage, json!({}))), "AccessDenied");
    assert_eq!(code(into_one(&mut stage, json!({"ExternalId": "wrong"}))), "AccessDenied");
    assert!(into_one(&mut stage, json!({"ExternalId": "secret"})).is_ok());
}

#[test]
fn a_caller_in_another_account_needs_a_permission_of_its_own() {
    let mut stage = Stage::new();
    let management = stage.management.account.clone();
    let user = &mut stage.world.account(&management).unwrap().iam.users;
    user.insert("administrator".to_owned(), crate::services::iam::User::default());
    assert_eq!(code(into_one(&mut stage, json!({}))), "AccessDenied");
}

#[test]
fn a_session_from_a_session_lasts_an_hour_at_most() {
    let mut stage = Stage::new();
    let (two, account) = (stage.two.clone(), stage.one.account.clone());
    let anyone = json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"});
    trust(&mut stage, &anyone);
    assert!(enter(&mut stage.world, &two, &account, json!({"DurationSeconds": 3600})).is_ok());
    let longer = enter(&mut stage.world, &two, &account, json!({"DurationSeconds": 3601})).unwrap_err();
    assert_eq!(longer.code, "ValidationError");
    assert!(longer.message.contains("role chaining"));
    assert!(into_one(&mut stage, json!({"DurationSeconds": 3601})).unwrap_err().message.contains("MaxSessionDuration"));
}

#[test]
fn a_session_policy_limits_and_its_size_and_grammar_are_checked() {
    let mut stage = Stage::new();
    let (management, account) = (stage.management.clone(), stage.one.account.clone());
    let reads = policy(&json!([{"Effect": "Allow", "Action": "iam:GetAccountPasswordPolicy", "Resource": "*"}]));
    let session = enter(&mut stage.world, &management, &account, json!({"Policy": reads})).unwrap().caller;
    let outcome = ask(&mut stage.world, &session, HOME, "iam", "GetAccountPasswordPolicy", json!({}));
    assert_eq!(code(outcome), "NoSuchEntity");
    let refused = ask(&mut stage.world, &session, HOME, "iam", "UpdateAccountPasswordPolicy", json!({})).unwrap_err();
    assert_eq!(
        refused.message,
        format!(
            "User: {} is not authorized to perform: iam:UpdateAccountPasswordPolicy on resource: * because no session policy \
             allows the iam:UpdateAccountPasswordPolicy action",
            session.arn
        )
    );
    assert_eq!(code(into_one(&mut stage, json!({"Policy": "{"}))), "MalformedPolicyDocument");
    let many: Vec<String> = (0..60).map(|n| format!("service{n}:DoSomething{n}")).collect();
    let long = policy(&json!([{"Effect": "Allow", "Action": many, "Resource": "*"}]));
    assert!(long.len() < 2048);
    assert!(into_one(&mut stage, json!({ "Policy": long })).is_ok());
    let spaced = format!("{long}{}", " ".repeat(2048 - long.len() + 1));
    assert_eq!(code(into_one(&mut stage, json!({ "Policy": spaced }))), "ValidationError");
}

#[test]
fn security_audit_may_not_list_regions() {
    let mut stage = Stage::new();
    let (management, account) = (stage.management.clone(), stage.one.account.clone());
    let arns = json!({"PolicyArns": [{"arn": "arn:aws:iam::aws:policy/SecurityAudit"}]});
    let session = enter(&mut stage.world, &management, &account, arns).unwrap().caller;
    assert_eq!(code(ask(&mut stage.world, &session, HOME, "account", "ListRegions", json!({}))), "AccessDenied");
    assert!(ask(&mut stage.world, &session, HOME, "cloudtrail", "DescribeTrails", json!({})).is_ok());
}

#[test]
fn service_control_policies_bind_members_of_every_level_and_not_the_management_account() {
    let mut stage = Stage::new();
    let root = stage.world.organization.as_ref().unwrap().root.clone();
    let content = policy(&json!([{"Effect": "Deny", "Action": "kms:*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestedRegion": AWAY}}}]));
    let made = json!({"Name": "closed", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": content});
    let id = stage.manage("organizations", "CreatePolicy", made).unwrap()["Policy"]["PolicySummary"]["Id"].clone();
    let attachment = json!({"PolicyId": id, "TargetId": root});
    let unready = stage.manage("organizations", "AttachPolicy", attachment.clone());
    assert_eq!(code(unready), "PolicyTypeNotEnabledException");
    let kind = json!({"RootId": root, "PolicyType": "SERVICE_CONTROL_POLICY"});
    stage.manage("organizations", "EnablePolicyType", kind).unwrap();
    stage.manage("organizations", "AttachPolicy", attachment).unwrap();
    let (one, management) = (stage.one.clone(), stage.management.clone());
    assert!(ask(&mut stage.world, &one, HOME, "kms", "ListKeys", json!({})).is_ok());
    let fault = ask(&mut stage.world, &one, AWAY, "kms", "ListKeys", json!({})).unwrap_err();
    assert!(fault.message.ends_with("with an explicit deny in a service control policy"), "{}", fault.message);
    assert!(ask(&mut stage.world, &management, AWAY, "kms", "ListKeys", json!({})).is_ok());
}

#[test]
fn what_depends_on_another_permission_asks_for_it() {
    let mut stage = Stage::new();
    let (management, account) = (stage.management.clone(), stage.one.account.clone());
    let only = policy(&json!([{"Effect": "Allow", "Action": ["guardduty:*", "kms:CreateKey"], "Resource": "*"}]));
    let session = enter(&mut stage.world, &management, &account, json!({"Policy": only})).unwrap().caller;
    let detector =
        ask(&mut stage.world, &session, HOME, "guardduty", "CreateDetector", json!({"Enable": true})).unwrap_err();
    assert!(detector.message.contains("iam:CreateServiceLinkedRole"), "{}", detector.message);
    stage.one("iam", "CreateServiceLinkedRole", json!({"AWSServiceName": "guardduty.amazonaws.com"})).unwrap();
    assert!(ask(&mut stage.world, &session, HOME, "guardduty", "CreateDetector", json!({"Enable": true})).is_ok());
    let tags = json!({"Tags": [{"TagKey": "a", "TagValue": "b"}]});
    let key = ask(&mut stage.world, &session, HOME, "kms", "CreateKey", tags).unwrap_err();
    assert!(key.message.contains("kms:TagResource"), "{}", key.message);
}

#[test]
fn the_password_policy_is_replaced_whole_and_unset_is_left_out() {
    let mut stage = Stage::new();
    assert_eq!(code(stage.one("iam", "GetAccountPasswordPolicy", json!({}))), "NoSuchEntity");
    let first = json!({"MinimumPasswordLength": 14, "RequireSymbols": true, "MaxPasswordAge": 90});
    stage.one("iam", "UpdateAccountPasswordPolicy", first).unwrap();
    stage.one("iam", "UpdateAccountPasswordPolicy", json!({"RequireNumbers": true})).unwrap();
    let now = stage.one("iam", "GetAccountPasswordPolicy", json!({})).unwrap();
    assert_eq!(
        now["PasswordPolicy"],
        json!({"MinimumPasswordLength": 6, "RequireSymbols": false, "RequireNumbers": true,
            "RequireUppercaseCharacters": false, "RequireLowercaseCharacters": false,
            "AllowUsersToChangePassword": false, "ExpirePasswords": false})
    );
    assert_eq!(code(stage.one("iam", "UpdateAccountPasswordPolicy", json!({"MaxPasswordAge": 0}))), "ValidationError");
}

#[test]
fn a_policy_within_the_plain_limit_can_pack_too_large() {
    let mut stage = Stage::new();
    let short: Vec<String> = (100..260).map(|n| format!("ab{n}:Get")).collect();
    let text = policy(&json!([{"Effect": "Allow", "Action": short, "Resource": "*"}]));
    assert!(text.len() <= 2048, "{}", text.len());
    let fault = into_one(&mut stage, json!({ "Policy": text })).unwrap_err();
    assert_eq!(fault.code, "PackedPolicyTooLarge");
    assert!(fault.message.starts_with("Packed policy consumes 1"), "{}", fault.message);
}

#[test]
fn who_one_is_may_be_asked_even_where_a_policy_denies_it() {
    let mut stage = Stage::new();
    let (management, account) = (stage.management.clone(), stage.one.account.clone());
    let nothing = policy(&json!([{"Effect": "Deny", "Action": "*", "Resource": "*"}]));
    let session = enter(&mut stage.world, &management, &account, json!({ "Policy": nothing })).unwrap().caller;
    let answer = ask(&mut stage.world, &session, HOME, "sts", "GetCallerIdentity", json!({})).unwrap();
    assert_eq!(answer["Arn"], format!("arn:aws:sts::{account}:assumed-role/OrganizationAccountAccessRole/test"));
}

#[test]
fn a_service_linked_role_cannot_be_changed_by_its_account() {
    let mut stage = Stage::new();
    stage.one("iam", "CreateServiceLinkedRole", json!({"AWSServiceName": "guardduty.amazonaws.com"})).unwrap();
    let role = json!({"RoleName": "AWSServiceRoleForAmazonGuardDuty"});
    assert!(stage.one("iam", "GetRole", role.clone()).is_ok());
    assert_eq!(code(stage.one("iam", "DeleteRole", role)), "UnmodifiableEntity");
    let again = stage.one("iam", "CreateServiceLinkedRole", json!({"AWSServiceName": "guardduty.amazonaws.com"}));
    assert_eq!(code(again), "InvalidInput");
}

#[test]
fn a_trust_policy_names_only_who_exists() {
    let mut stage = Stage::new();
    let absent = format!("arn:aws:iam::{}:role/absent", stage.two.account);
    let statement = json!({"Effect": "Allow", "Principal": {"AWS": absent}, "Action": "sts:AssumeRole"});
    let role = json!({"RoleName": "new", "AssumeRolePolicyDocument": policy(&json!([statement]))});
    let fault = stage.one("iam", "CreateRole", role).unwrap_err();
    assert_eq!(fault.message, format!("Invalid principal in policy: \"AWS\":\"{absent}\""));
}
