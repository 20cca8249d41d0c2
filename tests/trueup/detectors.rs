//! Detectors: one a region, whoever administers them.

use serde_json::{Value, json};
use trueup::simulator::fault::Injection;
use trueup::simulator::world::World;

use crate::harness::{HOME, Stage, error, kinds, list, organization, outcomes, rows, strike, text, write};

const WATCHED: &str = "\
regions: [us-east-1]
controls:
  guardduty.detector:
    enabled: true
    features: [S3_DATA_EVENTS]
";

fn has(detector: &Value, feature: &str) -> bool {
    list(&detector["Features"]).iter().any(|one| one["Name"] == feature && one["Status"] == "ENABLED")
}

fn create(world: &mut World, account: &str, input: Value) {
    world.build(account, HOME, "guardduty", "CreateDetector", input);
}

#[test]
fn a_missing_detector_is_made_with_what_is_wanted_and_nothing_more() {
    let (world, ids) = organization(&["bare"]);
    let stage = Stage::held_to(world, WATCHED);
    let (plan, code) = stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    assert_eq!((kinds(&plan, &ids[0]), code), (vec!["drifted".to_owned()], Some(2)));
    let (held, code) = stage.apply(&[]);
    assert_eq!((outcomes(&held), code), (vec![(&*ids[0], "held")], Some(2)));
    assert_eq!(stage.writes(), []);
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!((outcomes(&applied), code), (vec![(&*ids[0], "verified")], Some(0)), "{applied:#}");
    assert_eq!(stage.writes(), [write(&ids[0], "guardduty", "CreateDetector")]);
    let detector = stage.detector(&ids[0], HOME);
    assert_eq!(detector["Status"], "ENABLED");
    assert!(has(&detector, "S3_DATA_EVENTS"), "{detector}");
    for feature in ["EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS"] {
        assert!(!has(&detector, feature), "{feature} bills and was not asked for: {detector}");
    }
}

#[test]
fn a_feature_that_is_switched_on_leaves_the_others_on() {
    let (mut world, ids) = organization(&["partly"]);
    let off =
        json!([{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}, {"Name": "RDS_LOGIN_EVENTS", "Status": "ENABLED"}]);
    create(&mut world, &ids[0], json!({"Enable": true, "Features": off}));
    let stage = Stage::held_to(world, WATCHED);
    stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!((outcomes(&applied), code), (vec![(&*ids[0], "verified")], Some(0)), "{applied:#}");
    assert_eq!(stage.writes(), [write(&ids[0], "guardduty", "UpdateDetector")]);
    let detector = stage.detector(&ids[0], HOME);
    assert!(has(&detector, "S3_DATA_EVENTS") && has(&detector, "RDS_LOGIN_EVENTS"), "{detector}");
}

#[test]
fn a_suspended_detector_is_switched_on() {
    let (mut world, ids) = organization(&["asleep"]);
    create(&mut world, &ids[0], json!({"Enable": false}));
    let stage = Stage::held_to(world, WATCHED);
    stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!(code, Some(0), "{applied:#}");
    assert_eq!(stage.detector(&ids[0], HOME)["Status"], "ENABLED");
    assert_eq!(stage.writes(), [write(&ids[0], "guardduty", "UpdateDetector")]);
}

#[test]
fn where_an_administrator_exists_a_member_gets_no_write() {
    let (mut world, ids) = organization(&["security", "member"]);
    let management = world.management();
    let service = json!({"ServicePrincipal": "guardduty.amazonaws.com"});
    world.build(&management, HOME, "organizations", "EnableAWSServiceAccess", service);
    create(&mut world, &ids[0], json!({"Enable": true}));
    let admin = json!({"AdminAccountId": ids[0]});
    world.build(&management, HOME, "guardduty", "EnableOrganizationAdminAccount", admin);
    let stage = Stage::held_to(world, WATCHED);
    let plan = stage.planned(2);
    assert_eq!(kinds(&plan, &ids[1]), ["owned_elsewhere"]);
    let mut named = rows(&plan, &ids[1]);
    assert!(named.all(|row| row["in_force"] == false && text(&row["owner"]).contains(&ids[0])), "{plan:#}");
    assert!(list(&plan["changes"]).iter().all(|change| change["account"] != ids[1]), "{plan:#}");
    stage.apply(&["--allow", "cost"]);
    assert_eq!(stage.writes(), [], "the management account is read only, and nobody else has to write");
    assert_eq!(stage.detector(&ids[1], HOME), Value::Null);
}

#[test]
fn a_missing_detector_whose_owner_is_not_known_is_unreadable_and_not_made() {
    let (world, ids) = organization(&["bare"]);
    let management = world.management();
    let stage = Stage::held_to(world, WATCHED);
    stage.inject(strike(&management, "ListOrganizationAdminAccounts", error(403, "AccessDeniedException")));
    let (plan, code) = stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    assert_eq!((kinds(&plan, &ids[0]), code), (vec!["unreadable".to_owned()], Some(3)), "{plan:#}");
    assert_eq!(plan["changes"], json!([]));
    assert_eq!(stage.apply(&["--allow", "cost"]).1, Some(3));
    assert_eq!(stage.writes(), []);
}

/// Who administers a region in which the management account is not enabled cannot be asked there, and may have been named
/// before it was disabled: what nobody else says is unreadable.
#[test]
fn a_region_that_the_management_account_has_not_enabled_leaves_its_members_to_who_else_can_answer() {
    let (mut world, ids) = organization(&["bare", "watched"]);
    let management = world.management();
    let states = &mut world.account(&management).expect("it is there").opt_status;
    states.insert("eu-west-1".to_owned(), "DISABLED".to_owned());
    let on = json!({"Enable": true, "Features": [{"Name": "S3_DATA_EVENTS", "Status": "ENABLED"}]});
    for id in &ids {
        create(&mut world, id, on.clone());
    }
    create(&mut world, &management, on.clone());
    world.build(&ids[1], "eu-west-1", "guardduty", "CreateDetector", on);
    let stage = Stage::held_to(world, &WATCHED.replace("[us-east-1]", "[us-east-1, eu-west-1]"));
    let (plan, code) = stage.plan(&[]);
    assert_eq!(code, Some(3), "{plan:#}");
    assert_eq!(kinds(&plan, &management), ["compliant", "not_applicable"], "its own region is not enabled");
    assert_eq!(kinds(&plan, &ids[1]), ["compliant"], "the account itself is told");
    assert_eq!(kinds(&plan, &ids[0]), ["compliant", "unreadable"]);
    let row = rows(&plan, &ids[0]).find(|row| row["verdict"] == "unreadable").expect("a row");
    let reason = text(&row["reason"]);
    let told =
        [&*management, "eu-west-1", "guardduty:ListOrganizationAdminAccounts", "`admin_account`", "enable the region"];
    assert!(told.iter().all(|words| reason.contains(words)), "{reason}");
    assert_eq!(plan["changes"], json!([]));

    let named = format!("    admin_account: \"{}\"\n", ids[1]);
    stage.baseline("", &(WATCHED.replace("[us-east-1]", "[us-east-1, eu-west-1]") + &named));
    let (plan, code) = stage.plan(&["--account", &ids[0]]);
    assert_eq!((kinds(&plan, &ids[0]), code), (vec!["compliant".to_owned(), "owned_elsewhere".to_owned()], Some(2)));
}

#[test]
fn the_administrator_is_asked_for_once_a_region_and_not_once_an_account() {
    let (world, _) = organization(&["one", "two", "three"]);
    let management = world.management();
    let stage = Stage::held_to(world, WATCHED);
    stage.plan(&[]);
    assert_eq!(stage.count(&management, "ListOrganizationAdminAccounts"), 1);
}

#[test]
fn runtime_monitoring_is_switched_on_beside_its_forerunner_which_no_call_names() {
    let (mut world, ids) = organization(&["old"]);
    let agent = json!([{"Name": "EKS_ADDON_MANAGEMENT", "Status": "ENABLED"}]);
    let features = json!([
        {"Name": "EKS_RUNTIME_MONITORING", "Status": "ENABLED", "AdditionalConfiguration": agent},
        {"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}]);
    create(&mut world, &ids[0], json!({"Enable": true, "Features": features}));
    let wanted = WATCHED.replace("[S3_DATA_EVENTS]", "[RUNTIME_MONITORING]");
    let stage = Stage::held_to(world, &wanted);
    let (plan, code) = stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    assert_eq!((kinds(&plan, &ids[0]), code), (vec!["compliant".to_owned(), "drifted".to_owned()], Some(2)));
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!((outcomes(&applied), code), (vec![(&*ids[0], "verified")], Some(0)), "{applied:#}");
    assert_eq!(stage.writes(), [write(&ids[0], "guardduty", "UpdateDetector")]);
    let runtimes = |detector: &Value| [has(detector, "RUNTIME_MONITORING"), has(detector, "EKS_RUNTIME_MONITORING")];
    assert_eq!(runtimes(&stage.detector(&ids[0], HOME)), [true, true]);
    // With both on, another feature is switched on as well, and what is sent again names one of the two at most.
    stage.baseline("", &WATCHED.replace("[S3_DATA_EVENTS]", "[S3_DATA_EVENTS, RUNTIME_MONITORING]"));
    stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!((outcomes(&applied), code), (vec![(&*ids[0], "verified")], Some(0)), "{applied:#}");
    let detector = stage.detector(&ids[0], HOME);
    assert_eq!(runtimes(&detector), [true, true]);
    assert!(has(&detector, "S3_DATA_EVENTS"), "{detector}");
}

#[test]
fn a_member_by_invitation_is_its_administrators_although_the_organization_has_none() {
    let (mut world, ids) = organization(&["invited", "alone"]);
    for id in &ids {
        create(&mut world, id, json!({"Enable": false}));
    }
    let invited = world.account(&ids[0]).expect("it is there").regions.get_mut(HOME).expect("it has a detector");
    invited.guardduty.administrator = Some("999988887777".to_owned());
    let refused = {
        let listed = world.build(&ids[0], HOME, "guardduty", "ListDetectors", json!({}));
        let update = json!({"DetectorId": listed["DetectorIds"][0], "Enable": true});
        world.perform(&ids[0], HOME, "guardduty", "UpdateDetector", update)
    };
    assert!(refused.is_err(), "AWS would refuse it");
    let stage = Stage::held_to(world, WATCHED);
    let (plan, _) = stage.plan(&["--account", &ids.join(","), "--out", "plan.json"]);
    assert_eq!(kinds(&plan, &ids[0]), ["owned_elsewhere"]);
    assert!(rows(&plan, &ids[0]).all(|row| text(&row["owner"]).contains("999988887777")), "{plan:#}");
    stage.apply(&["--allow", "cost"]);
    assert!(stage.writes().iter().all(|(account, ..)| *account == ids[1]), "{:?}", stage.writes());
    assert_eq!(stage.detector(&ids[1], HOME)["Status"], "ENABLED");
}

#[test]
fn a_region_that_refuses_to_hear_of_a_feature_gets_a_detector_all_the_same() {
    let (world, ids) = organization(&["bare"]);
    let stage = Stage::held_to(world, WATCHED);
    stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    let once = error(400, "BadRequestException");
    stage.inject(Injection { times: Some(1), ..strike(&ids[0], "CreateDetector", once) });
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!((outcomes(&applied), code), (vec![(&*ids[0], "verified")], Some(0)), "{applied:#}");
    let named: Vec<Vec<String>> = stage
        .calls()
        .iter()
        .filter(|call| call.operation == "CreateDetector")
        .map(|call| list(&call.input["Features"]).iter().map(|one| text(&one["Name"]).to_owned()).collect())
        .collect();
    assert_eq!((named.len(), &named[1]), (2, &vec!["S3_DATA_EVENTS".to_owned()]));
    let detector = stage.detector(&ids[0], HOME);
    assert!(has(&detector, "S3_DATA_EVENTS"), "{detector}");
    for feature in ["EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS"] {
        assert!(!has(&detector, feature), "{feature} came on by itself and was switched off: {detector}");
    }
}

#[test]
fn a_feature_that_the_region_does_not_offer_is_not_applicable() {
    let (mut world, ids) = organization(&["asked"]);
    create(&mut world, &ids[0], json!({"Enable": true}));
    let stage = Stage::held_to(world, &WATCHED.replace("S3_DATA_EVENTS", "S3_DATA_EVENTS, AI_PROTECTION"));
    let (plan, code) = stage.plan(&["--account", &ids[0]]);
    assert_eq!((kinds(&plan, &ids[0]), code), (vec!["compliant".to_owned(), "not_applicable".to_owned()], Some(0)));
}

#[test]
fn a_region_that_does_not_offer_a_feature_gets_a_detector_all_the_same_and_loses_it_again() {
    let (world, ids) = organization(&["bare"]);
    let stage = Stage::held_to(world, &WATCHED.replace("S3_DATA_EVENTS", "S3_DATA_EVENTS, AI_PROTECTION"));
    stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!((outcomes(&applied), code), (vec![(&*ids[0], "verified")], Some(0)), "{applied:#}");
    let detector = stage.detector(&ids[0], HOME);
    let on = |name: &&str| has(&detector, name);
    let optional = ["S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS"];
    assert_eq!(optional.iter().filter(|name| on(name)).collect::<Vec<_>>(), [&"S3_DATA_EVENTS"], "{detector}");
    let (again, code) = stage.plan(&["--account", &ids[0]]);
    assert_eq!((kinds(&again, &ids[0]), code), (vec!["compliant".to_owned(), "not_applicable".to_owned()], Some(0)));
    stage.revert_all();
    assert_eq!(stage.detector(&ids[0], HOME), Value::Null);
}
