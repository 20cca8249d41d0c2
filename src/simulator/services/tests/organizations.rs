//! The organization as its management account, its delegates and its members see it.

use super::{Stage, code};
use serde_json::{Value, json};

#[test]
fn a_member_may_only_ask_which_organization_it_is_in_and_what_is_in_effect() {
    let mut stage = Stage::new();
    assert_eq!(code(stage.one("organizations", "ListAccounts", json!({}))), "AccessDenied");
    let own = stage.one("organizations", "DescribeOrganization", json!({})).unwrap();
    assert_eq!(own["Organization"]["MasterAccountId"], json!(stage.management.account));
    let effective = stage.one("organizations", "DescribeEffectivePolicy", json!({"PolicyType": "S3_POLICY"}));
    assert_eq!(code(effective), "EffectivePolicyNotFoundException");
}

#[test]
fn a_delegated_administrator_reads_and_does_not_write() {
    let mut stage = Stage::new();
    let one = stage.one.account.clone();
    let registration = json!({"AccountId": one, "ServicePrincipal": "guardduty.amazonaws.com"});
    let early = stage.manage("organizations", "RegisterDelegatedAdministrator", registration.clone());
    assert_eq!(code(early), "ConstraintViolationException");
    let service = json!({"ServicePrincipal": "guardduty.amazonaws.com"});
    stage.manage("organizations", "EnableAWSServiceAccess", service).unwrap();
    stage.manage("organizations", "RegisterDelegatedAdministrator", registration).unwrap();
    assert!(stage.one("organizations", "ListAccounts", json!({})).is_ok());
    assert_eq!(
        code(stage.one("organizations", "CloseAccount", json!({"AccountId": stage.two.account}))),
        "AccessDenied"
    );
}

#[test]
fn pages_hold_twenty_and_one_of_them_is_empty() {
    let mut stage = Stage::new();
    for number in 0..30 {
        stage.world.add_member(None, &format!("more-{number}"));
    }
    let (mut sizes, mut token) = (Vec::new(), Value::Null);
    loop {
        let input = if token.is_null() { json!({}) } else { json!({ "NextToken": token }) };
        let page = stage.manage("organizations", "ListAccounts", input).unwrap();
        sizes.push(page["Accounts"].as_array().unwrap().len());
        token = page["NextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    assert_eq!(sizes, [20, 0, 13]);
}

#[test]
fn paths_hold_ids_and_a_closing_account_says_so_in_both_members() {
    let mut stage = Stage::new();
    let (root, one) = (stage.world.organization.as_ref().unwrap().root.clone(), stage.one.account.clone());
    let made = stage
        .manage("organizations", "CreateOrganizationalUnit", json!({"ParentId": root, "Name": "Sandbox"}))
        .unwrap();
    let unit = made["OrganizationalUnit"]["Id"].as_str().unwrap().to_owned();
    let journey = json!({"AccountId": one, "SourceParentId": root, "DestinationParentId": unit});
    stage.manage("organizations", "MoveAccount", journey).unwrap();
    stage.manage("organizations", "CloseAccount", json!({"AccountId": one})).unwrap();
    let account =
        stage.manage("organizations", "DescribeAccount", json!({"AccountId": one})).unwrap()["Account"].clone();
    let organization = stage.world.organization.as_ref().unwrap().id.clone();
    assert_eq!(account["Paths"], json!([format!("{organization}/{root}/{unit}/{one}/")]));
    assert_eq!((&account["State"], &account["Status"]), (&json!("PENDING_CLOSURE"), &json!("PENDING_CLOSURE")));
    stage.world.organization.as_mut().unwrap().state.hidden.status = true;
    let account = stage.manage("organizations", "DescribeAccount", json!({"AccountId": one})).unwrap();
    assert!(account["Account"].get("Status").is_none());
}

#[test]
fn a_new_account_has_the_role_that_lets_the_management_account_in() {
    let mut stage = Stage::new();
    let wanted = json!({"Email": "new@example.com", "AccountName": "new"});
    let asked = stage.manage("organizations", "CreateAccount", wanted).unwrap()["CreateAccountStatus"].clone();
    assert_eq!(asked["State"], "IN_PROGRESS");
    let request = json!({"CreateAccountRequestId": asked["Id"]});
    let done = stage.manage("organizations", "DescribeCreateAccountStatus", request).unwrap();
    let id = done["CreateAccountStatus"]["AccountId"].as_str().unwrap().to_owned();
    let management = stage.management.clone();
    assert!(super::enter(&mut stage.world, &management, &id, json!({})).is_ok());
}

#[test]
fn only_the_management_account_may_ask_for_the_regions_of_others_and_not_for_its_own_by_name() {
    let mut stage = Stage::new();
    let (one, management) = (stage.one.account.clone(), stage.management.account.clone());
    let of = |id: &str| json!({ "AccountId": id });
    assert_eq!(code(stage.manage("account", "ListRegions", of(&one))), "AccessDenied");
    let service = json!({"ServicePrincipal": "account.amazonaws.com"});
    stage.manage("organizations", "EnableAWSServiceAccess", service).unwrap();
    assert_eq!(stage.manage("account", "ListRegions", of(&one)).unwrap()["Regions"].as_array().unwrap().len(), 2);
    assert_eq!(code(stage.manage("account", "ListRegions", of(&management))), "AccessDenied");
    assert_eq!(code(stage.one("account", "ListRegions", of(&management))), "AccessDenied");
    let closed = json!({"RegionOptStatusContains": ["DISABLED"]});
    assert_eq!(stage.one("account", "ListRegions", closed).unwrap()["Regions"], json!([]));
}

#[test]
fn an_effective_policy_is_merged_from_the_root_down() {
    let mut stage = Stage::new();
    let (root, one) = (stage.world.organization.as_ref().unwrap().root.clone(), stage.one.account.clone());
    stage.manage("organizations", "EnablePolicyType", json!({"RootId": root, "PolicyType": "S3_POLICY"})).unwrap();
    for (name, target, value) in [("upper", &root, "all"), ("lower", &one, "none")] {
        let content = json!({"s3_attributes": {"public_access_block_configuration": {"@@assign": value}}}).to_string();
        let made = json!({"Name": name, "Description": "", "Type": "S3_POLICY", "Content": content});
        let id = stage.manage("organizations", "CreatePolicy", made).unwrap()["Policy"]["PolicySummary"]["Id"].clone();
        stage.manage("organizations", "AttachPolicy", json!({"PolicyId": id, "TargetId": target})).unwrap();
    }
    let effective = stage.one("organizations", "DescribeEffectivePolicy", json!({"PolicyType": "S3_POLICY"})).unwrap();
    let content = effective["EffectivePolicy"]["PolicyContent"].as_str().unwrap();
    assert_eq!(content, r#"{"s3_attributes":{"public_access_block_configuration":"none"}}"#);
}
