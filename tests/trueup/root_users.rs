//! The root users of accounts: what is judged, what it takes to see it, what nobody but a person mends, and how the
//! access keys of members are deleted.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use trueup::simulator::services::iam_access::{AccessKey, LastUse};
use trueup::simulator::services::iam_mfa::{Device, Holder};
use trueup::simulator::services::iam_root::Root;
use trueup::simulator::world::{Principal, World};

use crate::harness::{
    HOME, Stage, error, guardrail, line, list, organization, outcomes, rows, strike, text, verdicts, write,
};
use crate::least::identities::{central_root_access, root_key};

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

/// Nothing is asked but that there is no access key.
const KEYLESS: &str = "controls:\n  iam.root_user:\n    no_access_key: true\n";

const ALLOWED: &[&str] = &["--allow", "irreversible:iam.root_user"];

/// Two members, of which one has a root user with two access keys; with central root access, or without.
fn keyed(central: bool) -> (Stage, Vec<String>) {
    let (mut world, ids) = organization(&["keyed", "plain"]);
    if central {
        central_root_access(&mut world);
    }
    root_key(&mut world, &ids[0]);
    root_key(&mut world, &ids[0]);
    root(&mut world, &ids[0], |root| {
        "AKIAROOTKEY000000002".clone_into(&mut root.keys[1].id);
        root.keys[1].active = false;
        root.keys[1].last_used = None;
    });
    (Stage::held_to(world, KEYLESS), ids)
}

fn keys(stage: &Stage, account: &str) -> usize {
    stage.world(|world| world.account(account).expect("it is there").iam.root.keys.len())
}

/// What the one change of a plan has a person do.
fn by_hand(plan: &Value) -> String {
    let [change] = list(&plan["changes"]) else { panic!("{plan:#}") };
    assert_eq!(change["steps"], json!([]), "{change:#}");
    text(&change["manual"]).to_owned()
}

#[test]
fn the_keys_of_a_member_are_deleted_where_central_root_access_is_on() {
    let (stage, ids) = keyed(true);
    let management = stage.world(|world| world.management());
    let plan = stage.planned(2);
    let [change] = list(&plan["changes"]) else { panic!("{plan:#}") };
    assert_eq!((text(&change["account"]), text(&change["risk"])), (&*ids[0], "irreversible"));
    assert_eq!(change["steps"][0]["do"], "delete_root_access_keys");
    let today = stage
        .world(|world| jiff::Timestamp::from_second(world.now()).expect("a time"))
        .strftime("%Y-%m-%d")
        .to_string();
    let row = rows(&plan, &ids[0]).next().expect("it is judged");
    assert!(text(&row["reason"]).contains(&format!("used last on {today}")), "{row:#}");
    assert_eq!(of(&plan, &ids[1])["no_access_key"], "compliant");
    let asked = |operation| stage.count(&management, operation);
    assert_eq!(
        (asked("ListOrganizationsFeatures"), asked("AssumeRoot")),
        (1, 0),
        "once a run, and no plan becomes root"
    );

    let (applied, code) = stage.apply(&["--allow", "disruptive,cost,weakening"]);
    assert_eq!((outcomes(&applied), code, asked("AssumeRoot")), (vec![(&*ids[0], "held")], Some(2), 0));
    let (applied, code) = stage.apply(ALLOWED);
    assert_eq!((outcomes(&applied), code), (vec![(&*ids[0], "verified")], Some(0)), "{applied:#}");
    let deleted = write(&ids[0], "iam", "DeleteAccessKey");
    assert_eq!(stage.writes(), [deleted.clone(), deleted], "and nothing else, by the root user of that account");
    let root = format!("arn:aws:iam::{}:root", ids[0]);
    let by: Vec<String> = stage.world(|world| world.ledger.writes().map(|call| call.principal.clone()).collect());
    assert_eq!((by, asked("AssumeRoot"), keys(&stage, &ids[0])), (vec![root.clone(), root], 1, 0));
    assert_eq!(stage.planned(0)["changes"], json!([]));
}

#[test]
fn what_the_root_user_is_become_with_is_written_down_nowhere() {
    let (stage, _) = keyed(true);
    stage.planned(2);
    let done = stage.run(&[&["apply", "plan.json", "-v", "-v"], ALLOWED].concat());
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let issued = stage.world(|world| world.issued()).into_iter();
    let of_root = issued.filter(|keys| matches!(keys.caller.principal, Principal::RootTask(_)));
    let given: Vec<String> =
        of_root.flat_map(|keys| [Some(keys.secret_access_key), keys.session_token]).flatten().collect();
    assert_eq!(given.len(), 2, "the secret and the token of one session");
    let mut texts = vec![done.stdout, done.stderr];
    let mut open = vec![stage.path("")];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                open.push(entry);
            } else {
                texts.push(String::from_utf8_lossy(&std::fs::read(entry).expect("it is read")).into_owned());
            }
        }
    }
    assert!(texts.iter().any(|text| text.contains("sts:AssumeRoot")), "the journal has the call");
    assert!(texts.iter().all(|text| given.iter().all(|secret| !text.contains(secret.as_str()))));
}

#[test]
fn nothing_more_is_asked_where_no_root_user_has_a_key_or_only_that_of_the_management_account() {
    let (mut world, ids) = organization(&["plain"]);
    central_root_access(&mut world);
    let management = world.management();
    let stage = Stage::held_to(world, KEYLESS);
    stage.planned(0);
    stage.world(|world| root_key(world, &management));
    let plan = stage.planned(2);
    assert!(by_hand(&plan).contains("nobody else can in the management account"), "{plan:#}");
    let asked: std::collections::BTreeSet<String> = stage
        .calls()
        .into_iter()
        .filter(|call| call.service == "iam" || call.account == ids[0])
        .map(|call| call.operation)
        .collect();
    assert_eq!(asked.into_iter().collect::<Vec<_>>(), ["GetAccountSummary"]);
}

#[test]
fn without_central_root_access_a_person_is_told_what_switches_it_on() {
    let (stage, ids) = keyed(false);
    let both = "iam:EnableOrganizationsRootCredentialsManagement and iam:EnableOrganizationsRootSessions";
    let words = by_hand(&stage.planned(2));
    assert!(words.starts_with("sign in as the root user") && words.contains(both), "{words}");
    // One of the two is not enough.
    let management = stage.world(|world| world.management());
    stage.world(|world| {
        central_root_access(world);
        world.build(&management, HOME, "iam", "DisableOrganizationsRootSessions", json!({}));
    });
    let words = by_hand(&stage.planned(2));
    assert!(words.contains(": iam:EnableOrganizationsRootSessions"), "{words}");
    let (applied, code) = stage.apply(ALLOWED);
    assert_eq!(
        (outcomes(&applied), code, stage.count(&management, "AssumeRoot")),
        (vec![(&*ids[0], "manual")], Some(2), 0)
    );
}

#[test]
fn that_it_may_not_be_asked_whether_it_is_on_is_not_that_it_is_off() {
    let (stage, ids) = keyed(true);
    let management = stage.world(|world| world.management());
    stage.inject(strike(&management, "ListOrganizationsFeatures", error(403, "AccessDenied")));
    let plan = stage.planned(2);
    let words = by_hand(&plan);
    assert!(words.contains("is not known: iam:ListOrganizationsFeatures in ") && !words.contains("Enable"), "{words}");
    assert_eq!(of(&plan, &ids[0])["no_access_key"], "drifted");
}

#[test]
fn a_report_that_is_denied_keeps_no_key_and_is_said() {
    let (stage, ids) = keyed(true);
    stage.inject(strike(&ids[0], "GetCredentialReport", error(403, "AccessDenied")));
    let plan = stage.planned(2);
    let row = rows(&plan, &ids[0]).next().expect("it is judged");
    assert!(text(&row["reason"]).contains("could not be read: iam:GetCredentialReport"), "{row:#}");
    assert_eq!(line(&plan, &ids[0])["status"], "read");
    let before = stage.count(&ids[0], "GetCredentialReport");
    let (applied, code) = stage.apply(ALLOWED);
    assert_eq!((outcomes(&applied), code), (vec![(&*ids[0], "verified")], Some(0)), "{applied:#}");
    assert_eq!(stage.count(&ids[0], "GetCredentialReport"), before, "who looks again before a write does not ask");
}

#[test]
fn who_may_not_become_the_root_user_is_told_so_and_nothing_is_deleted() {
    let (stage, ids) = keyed(true);
    let management = stage.world(|world| world.management());
    stage.planned(2);
    stage.inject(strike(&management, "AssumeRoot", error(403, "AccessDenied")));
    let (applied, code) = stage.apply(ALLOWED);
    assert_eq!((outcomes(&applied), code, keys(&stage, &ids[0])), (vec![(&*ids[0], "failed")], Some(3), 2));
    let reason = text(&applied["outcomes"][0]["reason"]);
    assert!(reason.contains(&format!("sts:AssumeRoot in {management}")) && reason.contains("allow it to"), "{reason}");
}

#[test]
fn a_policy_of_the_organization_that_keeps_root_users_from_deleting_is_named() {
    let (mut world, ids) = organization(&["keyed"]);
    central_root_access(&mut world);
    root_key(&mut world, &ids[0]);
    let root = json!({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}});
    let denied = json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": root});
    guardrail(&mut world, &ids[0], &denied);
    let stage = Stage::held_to(world, KEYLESS);
    stage.planned(2);
    let (applied, code) = stage.apply(ALLOWED);
    assert_eq!((outcomes(&applied), code, keys(&stage, &ids[0])), (vec![(&*ids[0], "failed")], Some(3), 1));
    let reason = text(&applied["outcomes"][0]["reason"]);
    assert!(reason.contains("iam:ListAccessKeys") && reason.contains("service control policy"), "{reason}");
}

#[test]
fn a_revert_says_that_no_call_gives_the_keys_back() {
    let (stage, ids) = keyed(true);
    stage.planned(2);
    let (applied, _) = stage.apply(ALLOWED);
    let undo = ["--auto-approve", "--allow", "weakening,irreversible", "--format", "json"];
    let reverted = stage.run(&[&["revert", text(&applied["run"])], &undo[..]].concat());
    let said = reverted.json();
    assert_eq!(outcomes(&said), [(&*ids[0], "manual")], "{said:#}");
    assert!(reverted.stdout.contains("no call gives it back"), "{said:#}");
    assert_eq!(keys(&stage, &ids[0]), 0);
}
