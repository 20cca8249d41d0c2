//! Detectors, and who may change them.

use super::{AWAY, HOME, Stage, ask, code};
use serde_json::{Value, json};

fn on(detector: &Value) -> Vec<&str> {
    let features = detector["Features"].as_array().unwrap().iter().filter(|feature| feature["Status"] == "ENABLED");
    features.map(|feature| feature["Name"].as_str().unwrap()).collect()
}

#[test]
fn a_new_detector_has_every_plan_that_it_was_not_told_to_leave_off() {
    let mut stage = Stage::new();
    let wanted = json!({"Enable": true, "Features": [{"Name": "RDS_LOGIN_EVENTS", "Status": "DISABLED"}]});
    let id = stage.one("guardduty", "CreateDetector", wanted).unwrap();
    let expected = [
        "CLOUD_TRAIL",
        "DNS_LOGS",
        "FLOW_LOGS",
        "S3_DATA_EVENTS",
        "EKS_AUDIT_LOGS",
        "EBS_MALWARE_PROTECTION",
        "LAMBDA_NETWORK_LOGS",
    ];
    let detector = stage.one("guardduty", "GetDetector", id.clone()).unwrap();
    assert_eq!(on(&detector), expected);
    assert_eq!(detector["FindingPublishingFrequency"], "SIX_HOURS");
    let mut change = id.clone();
    change["Features"] = json!([{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}]);
    stage.one("guardduty", "UpdateDetector", change).unwrap();
    let detector = stage.one("guardduty", "GetDetector", id).unwrap();
    assert!(!on(&detector).contains(&"S3_DATA_EVENTS") && on(&detector).contains(&"EKS_AUDIT_LOGS"));
    let second = stage.one("guardduty", "CreateDetector", json!({"Enable": true})).unwrap_err();
    assert_eq!(second.code, "BadRequestException");
    assert!(second.message.contains("a detector already exists"));
}

#[test]
fn an_administrator_is_regional_and_its_members_cannot_change_their_detectors() {
    let mut stage = Stage::new();
    let (admin, member) = (stage.one.account.clone(), stage.two.clone());
    let refused = stage.one("guardduty", "ListOrganizationAdminAccounts", json!({}));
    assert_eq!(code(refused), "BadRequestException");
    stage.manage("guardduty", "EnableOrganizationAdminAccount", json!({ "AdminAccountId": admin })).unwrap();
    let here = stage.manage("guardduty", "ListOrganizationAdminAccounts", json!({})).unwrap();
    assert_eq!(here["AdminAccounts"][0]["AdminAccountId"], json!(admin));
    let management = stage.management.clone();
    let away =
        ask(&mut stage.world, &management, AWAY, "guardduty", "ListOrganizationAdminAccounts", json!({})).unwrap();
    assert_eq!(away["AdminAccounts"], json!([]));

    let detector = stage.one("guardduty", "ListDetectors", json!({})).unwrap()["DetectorIds"][0].clone();
    let details = json!([{"AccountId": member.account, "Email": "two@example.com"}, {"AccountId": "999999999999", "Email": "x@example.com"}]);
    let made =
        stage.one("guardduty", "CreateMembers", json!({"DetectorId": detector, "AccountDetails": details})).unwrap();
    assert_eq!(made["UnprocessedAccounts"].as_array().unwrap().len(), 1);
    let own = ask(&mut stage.world, &member, HOME, "guardduty", "ListDetectors", json!({})).unwrap()["DetectorIds"][0]
        .clone();
    let update = ask(
        &mut stage.world,
        &member,
        HOME,
        "guardduty",
        "UpdateDetector",
        json!({"DetectorId": own, "Enable": false}),
    );
    assert_eq!(code(update), "BadRequestException");
    let administrator =
        ask(&mut stage.world, &member, HOME, "guardduty", "GetAdministratorAccount", json!({ "DetectorId": own }))
            .unwrap();
    assert_eq!(administrator["Administrator"]["AccountId"], json!(admin));

    let features = json!([{"Name": "S3_DATA_EVENTS", "Status": "ENABLED"}]);
    let change = json!({"DetectorId": detector, "AccountIds": [member.account], "Features": features});
    stage.one("guardduty", "UpdateMemberDetectors", change).unwrap();
    let asked = json!({"DetectorId": detector, "AccountIds": [member.account, "999999999999"]});
    let members = stage.one("guardduty", "GetMemberDetectors", asked).unwrap();
    assert!(on(&members["MemberDataSourceConfigurations"][0]).contains(&"S3_DATA_EVENTS"));
    assert_eq!(members["UnprocessedAccounts"][0]["AccountId"], "999999999999");
}

#[test]
fn an_organization_that_takes_in_everyone_lets_no_member_go() {
    let mut stage = Stage::new();
    let (admin, two) = (stage.one.account.clone(), stage.two.account.clone());
    stage.manage("guardduty", "EnableOrganizationAdminAccount", json!({ "AdminAccountId": admin })).unwrap();
    let detector = stage.one("guardduty", "ListDetectors", json!({})).unwrap()["DetectorIds"][0].clone();
    let features = json!([{"Name": "S3_DATA_EVENTS", "AutoEnable": "ALL"}]);
    let all = json!({"DetectorId": detector, "AutoEnableOrganizationMembers": "ALL", "Features": features});
    stage.one("guardduty", "UpdateOrganizationConfiguration", all).unwrap();
    let now = stage.one("guardduty", "DescribeOrganizationConfiguration", json!({ "DetectorId": detector })).unwrap();
    assert_eq!(
        (&now["AutoEnableOrganizationMembers"], &now["Features"][0]["AutoEnable"]),
        (&json!("ALL"), &json!("ALL"))
    );
    assert_eq!(
        stage.one("guardduty", "ListMembers", json!({ "DetectorId": detector })).unwrap()["Members"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let farewell = stage.one("guardduty", "DeleteMembers", json!({"DetectorId": detector, "AccountIds": [two]}));
    assert_eq!(code(farewell), "BadRequestException");
    let both = json!({"DetectorId": detector, "AutoEnable": true, "AutoEnableOrganizationMembers": "ALL"});
    assert_eq!(code(stage.one("guardduty", "UpdateOrganizationConfiguration", both)), "BadRequestException");
}
