//! The root users of accounts: what is judged, what it takes to see it, and what nobody but a person mends.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use trueup::simulator::services::iam_access::{AccessKey, LastUse};
use trueup::simulator::services::iam_mfa::{Device, Holder};
use trueup::simulator::services::iam_root::Root;
use trueup::simulator::world::World;

use crate::harness::{HOME, Stage, error, list, organization, outcomes, rows, strike, text, verdicts};

const LOCKED: &str = "\
controls:
  iam.root_user:
    no_access_key: true
    mfa: true
    hardware_mfa: true
    unused_days: 90
";

const DAY: i64 = 86_400;

fn root(world: &mut World, account: &str, set: impl FnOnce(&mut Root)) {
    set(&mut world.account(account).expect("it is there").iam.root);
}

/// The MFA device of a root user that is hardware.
fn hardware(world: &mut World, account: &str) {
    root(world, account, |root| root.mfa = vec!["GAHT12345678".to_owned()]);
}

/// One that is virtual.
fn in_software(world: &mut World, account: &str) {
    let (serial, now) = (format!("arn:aws:iam::{account}:mfa/phone"), world.now());
    root(world, account, |root| root.mfa.push(serial.clone()));
    let device = Device { holder: Some(Holder::Root), enabled: Some(now) };
    world.account(account).expect("it is there").iam.devices.insert(serial, device);
}

/// A root user that is locked away, one with every fault, and one without credentials.
fn accounts() -> (Stage, Vec<String>) {
    let (mut world, ids) = organization(&["locked", "open", "bare"]);
    let (management, now) = (world.management(), world.now());
    for id in [&management, &ids[0]] {
        hardware(&mut world, id);
        root(&mut world, id, |root| root.password_last_used = Some(now - 91 * DAY));
    }
    in_software(&mut world, &ids[1]);
    let used = LastUse { at: now - DAY, region: HOME.to_owned(), service: "s3".to_owned() };
    root(&mut world, &ids[1], |root| {
        let id = "AKIAROOT".to_owned();
        root.keys = vec![AccessKey { id, active: true, created: 0, changed: None, last_used: Some(used) }];
    });
    root(&mut world, &ids[2], |root| root.password = false);
    (Stage::held_to(world, LOCKED), ids)
}

fn of(plan: &Value, account: &str) -> BTreeMap<String, String> {
    let short = |id: &str| id.trim_start_matches("iam.root_user.").to_owned();
    verdicts(plan, account).into_iter().map(|(id, verdict)| (short(&id), verdict)).collect()
}

#[test]
fn root_users_are_judged_by_what_aws_says_of_them_and_left_to_a_person() {
    let (stage, ids) = accounts();
    let plan = stage.planned(2);
    assert!(of(&plan, &ids[0]).values().all(|verdict| verdict == "compliant"), "{plan:#}");
    let open = of(&plan, &ids[1]);
    let verdicts: Vec<&str> =
        ["no_access_key", "mfa", "hardware_mfa", "unused_days"].map(|name| open[name].as_str()).to_vec();
    assert_eq!(verdicts, ["drifted", "compliant", "drifted", "drifted"]);
    let bare = of(&plan, &ids[2]);
    assert_eq!((&*bare["mfa"], &*bare["hardware_mfa"]), ("compliant", "not_applicable"));
    let [change] = list(&plan["changes"]) else { panic!("{plan:#}") };
    assert_eq!((text(&change["severity"]), &change["steps"]), ("critical", &json!([])));
    let (applied, code) = stage.apply(&["--allow", "disruptive,irreversible,weakening,cost"]);
    assert_eq!((outcomes(&applied), code), (vec![(&*ids[1], "manual")], Some(2)));
    assert_eq!(stage.writes(), []);
}

#[test]
fn the_report_is_generated_once_and_awaited() {
    let (stage, ids) = accounts();
    stage.planned(2);
    let calls = [
        ("GetAccountSummary", 1),
        ("ListVirtualMFADevices", 1),
        // Begun, under way, complete.
        ("GenerateCredentialReport", 3),
        ("GetCredentialReport", 1),
    ];
    for (operation, times) in calls {
        assert_eq!(stage.count(&ids[0], operation), times, "{operation}");
    }
    // AWS answers the same report for four hours.
    stage.plan(&[]);
    assert_eq!((stage.count(&ids[0], "GenerateCredentialReport"), stage.count(&ids[0], "GetCredentialReport")), (4, 2));
}

#[test]
fn a_report_that_has_run_out_is_generated_again() {
    let (stage, ids) = accounts();
    stage.planned(2);
    stage.world(|world| world.advance(4 * 3600));
    let (plan, _) = stage.plan(&[]);
    assert_eq!(plan["complete"], true);
    assert_eq!(stage.count(&ids[0], "GenerateCredentialReport"), 6);
}

#[test]
fn a_report_that_vanishes_between_the_two_calls_is_asked_for_again() {
    for code in ["ReportExpired", "ReportInProgress", "ReportNotPresent"] {
        let (stage, ids) = accounts();
        let mut gone = strike(&ids[0], "GetCredentialReport", error(410, code));
        gone.times = Some(1);
        stage.inject(gone);
        let plan = stage.planned(2);
        assert_eq!(plan["complete"], true, "{plan:#}");
        assert_eq!(stage.count(&ids[0], "GetCredentialReport"), 2, "{code}");
    }
}

#[test]
fn only_what_is_asked_is_read() {
    let (stage, ids) = accounts();
    stage.baseline("", "controls:\n  iam.root_user:\n    mfa: true\n");
    stage.planned(0);
    let asked: Vec<String> =
        stage.calls().into_iter().filter(|call| call.account == ids[0]).map(|call| call.operation).collect();
    assert_eq!(asked, ["GetAccountSummary"]);
}

#[test]
fn a_part_that_is_denied_is_unreadable_and_the_others_are_judged() {
    let (stage, ids) = accounts();
    stage.inject(strike(&ids[0], "GetCredentialReport", error(403, "AccessDenied")));
    let (plan, code) = stage.plan(&[]);
    assert_eq!(code, Some(3));
    let found = of(&plan, &ids[0]);
    assert_eq!((&*found["unused_days"], &*found["mfa"]), ("unreadable", "compliant"));
    let row = rows(&plan, &ids[0]).find(|row| row["verdict"] == "unreadable").expect("it is there");
    assert!(text(&row["reason"]).contains("iam:GetCredentialReport"), "{row}");
}

#[test]
fn a_report_without_a_row_of_the_root_user_says_nothing_of_its_use() {
    let (stage, ids) = accounts();
    stage.planned(2);
    stage.world(|world| {
        let report = world.account(&ids[0]).expect("it is there").iam.report.as_mut().expect("it was generated");
        report.text =
            report.text.lines().filter(|line| !line.starts_with("<root_account>")).collect::<Vec<_>>().join("\n");
    });
    let (plan, code) = stage.plan(&[]);
    let found = of(&plan, &ids[0]);
    assert_eq!((&*found["unused_days"], &*found["mfa"], code), ("unreadable", "compliant", Some(3)));
    let row = rows(&plan, &ids[0]).find(|row| row["verdict"] == "unreadable").expect("it is unreadable");
    assert!(text(&row["reason"]).contains("no row of the root user"), "{row}");
}

#[test]
fn the_last_use_of_the_root_user_has_to_be_older_than_the_days() {
    let (mut world, ids) = organization(&["just", "older"]);
    let (management, now) = (world.management(), world.now());
    for (id, days) in [(&management, 91), (&ids[0], 90), (&ids[1], 91)] {
        root(&mut world, id, |root| root.password_last_used = Some(now - days * DAY));
    }
    let stage = Stage::held_to(world, "controls:\n  iam.root_user:\n    unused_days: 90\n");
    let plan = stage.planned(2);
    let found = [&ids[0], &ids[1]].map(|id| of(&plan, id)["unused_days"].clone());
    assert_eq!(found, ["drifted", "compliant"]);
}
