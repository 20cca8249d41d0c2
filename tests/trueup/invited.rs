//! Who administers GuardDuty by invitation, of which the organization knows nothing: what it set is right; is wrong, and
//! mended there; is wrong, and out of reach; and an account that was only invited.

use serde_json::{Value, json};
use trueup::simulator::world::World;

use crate::harness::{HOME, Stage, list, organization, outcomes, rows, text, write};
use crate::members::{WATCHED, has, named, switch};
use crate::owners::{changed, not_in_force};

const MALWARE: &str = "EBS_MALWARE_PROTECTION";

fn detector(world: &mut World, account: &str) -> Value {
    world.build(account, HOME, "guardduty", "ListDetectors", json!({}))["DetectorIds"][0].clone()
}

fn create(world: &mut World, account: &str, off: &[&str]) -> Value {
    let off: Vec<Value> = off.iter().map(|name| json!({"Name": name, "Status": "DISABLED"})).collect();
    let wish = json!({"Enable": true, "Features": off});
    world.build(account, HOME, "guardduty", "CreateDetector", wish)["DetectorId"].clone()
}

/// An account `security` that invites all others, in each of which the features are off.
fn inviting(members: &[&str], off: &[&str]) -> (World, Vec<String>) {
    let (mut world, ids) = organization(&[&["security"], members].concat());
    let own = create(&mut world, &ids[0], &[]);
    for id in &ids[1..] {
        create(&mut world, id, off);
    }
    let details: Vec<Value> = ids[1..].iter().map(|id| json!({"AccountId": id, "Email": "m@example.com"})).collect();
    let wish = json!({"DetectorId": own, "AccountDetails": details});
    world.build(&ids[0], HOME, "guardduty", "CreateMembers", wish);
    world.build(&ids[0], HOME, "guardduty", "InviteMembers", json!({"DetectorId": own, "AccountIds": ids[1..]}));
    (world, ids)
}

fn accept(world: &mut World, account: &str) {
    let invited = world.build(account, HOME, "guardduty", "ListInvitations", json!({}))["Invitations"][0].clone();
    let wish = json!({"DetectorId": detector(world, account), "AdministratorId": invited["AccountId"],
        "InvitationId": invited["InvitationId"]});
    world.build(account, HOME, "guardduty", "AcceptAdministratorInvitation", wish);
}

/// The same, and all have accepted.
pub(crate) fn accepted(members: &[&str], off: &[&str]) -> (World, Vec<String>) {
    let (mut world, ids) = inviting(members, off);
    ids[1..].iter().for_each(|id| accept(&mut world, id));
    (world, ids)
}

fn owner(admin: &str) -> String {
    format!("the GuardDuty administrator account {admin}")
}

#[test]
fn what_it_set_as_wanted_is_in_line_whoever_set_it() {
    let (mut world, ids) = accepted(&["one"], &["S3_DATA_EVENTS"]);
    switch(&mut world, &ids[0], &ids[1], true);
    let stage = Stage::held_to(world, &named(&ids[0]));
    let (plan, code) = stage.plan(&["--account", &ids[1], "--out", "plan.json"]);
    assert!(rows(&plan, &ids[1]).all(|row| row["verdict"] == "compliant"), "{plan:#}");
    assert_eq!((code, changed(&plan), rows(&plan, &ids[1]).count()), (Some(0), vec![], 2));
    assert_eq!(stage.count(&ids[1], "GetAdministratorAccount"), 0, "it need not be known");
}

#[test]
fn what_a_member_lacks_is_planned_at_it_and_undone_there_and_no_member_is_written() {
    let (world, ids) = accepted(&["one", "two"], &["S3_DATA_EVENTS"]);
    let admin = &ids[0];
    let stage = Stage::held_to(world, &named(admin));
    let arguments = ["--account", &ids.join(","), "--out", "plan.json"];
    let (plan, code) = stage.plan(&arguments);
    assert_eq!((changed(&plan), code), (vec![admin.as_str()], Some(2)), "{plan:#}");
    let there = format!("{admin}/us-east-1/guardduty.detector/members");
    for member in &ids[1..] {
        let drifted = rows(&plan, member).find(|row| row["verdict"] == "drifted").expect("it falls short");
        assert_eq!(text(&drifted["through"]), there);
    }
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!((outcomes(&applied), code), (vec![(admin.as_str(), "verified")], Some(0)), "{applied:#}");
    assert_eq!(stage.writes(), [write(admin, "guardduty", "UpdateMemberDetectors")]);
    assert!(has(&stage, &ids[1]) && has(&stage, &ids[2]));
    let (after, code) = stage.plan(&arguments);
    assert_eq!((changed(&after), code), (vec![], Some(0)), "{after:#}");
    stage.revert_all();
    assert!(!has(&stage, &ids[1]) && !has(&stage, &ids[2]));
}

#[test]
fn what_a_member_lacks_is_its_owners_where_it_is_not_selected_or_not_named() {
    for controls in [WATCHED.to_owned(), String::new()] {
        let (world, ids) = accepted(&["one"], &["S3_DATA_EVENTS"]);
        let controls = if controls.is_empty() { named(&ids[0]) } else { controls };
        let stage = Stage::held_to(world, &controls);
        let (plan, code) = stage.plan(&["--account", &ids[1], "--out", "plan.json"]);
        let [(requirement, of, mend)] = not_in_force(&plan, &ids[1])[..] else { panic!("{plan:#}") };
        assert_eq!((requirement, of), ("guardduty.detector.features.S3_DATA_EVENTS", &*owner(&ids[0])));
        assert!(mend.starts_with(&format!("in account {} in us-east-1: ", ids[0])), "{mend}");
        assert_eq!((code, changed(&plan)), (Some(2), vec![]));
        assert_eq!((stage.apply(&["--allow", "cost"]).1, stage.writes()), (Some(0), vec![]));
    }
}

#[test]
fn an_account_that_was_invited_and_has_not_accepted_is_mended_itself() {
    let (world, ids) = inviting(&["one"], &["S3_DATA_EVENTS"]);
    let stage = Stage::held_to(world, &named(&ids[0]));
    let (plan, code) = stage.plan(&["--account", &ids.join(","), "--out", "plan.json"]);
    assert_eq!((changed(&plan), code), (vec![ids[1].as_str()], Some(2)), "{plan:#}");
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!((outcomes(&applied), code), (vec![(&*ids[1], "verified")], Some(0)), "{applied:#}");
    assert_eq!(stage.writes(), [write(&ids[1], "guardduty", "UpdateDetector")]);
    assert!(has(&stage, &ids[1]));
}

#[test]
fn malware_protection_is_not_its_to_switch_on_and_the_rest_is() {
    let (world, ids) = accepted(&["one"], &["S3_DATA_EVENTS", MALWARE]);
    let controls = named(&ids[0]).replace("[S3_DATA_EVENTS]", &format!("[S3_DATA_EVENTS, {MALWARE}]"));
    let stage = Stage::held_to(world, &controls);
    let arguments = ["--account", &ids.join(","), "--out", "plan.json"];
    for changes in [vec![ids[0].as_str()], vec![]] {
        let (plan, code) = stage.plan(&arguments);
        assert_eq!((changed(&plan), code), (changes.clone(), Some(2)), "{plan:#}");
        let [(requirement, of, mend)] = not_in_force(&plan, &ids[1])[..] else { panic!("{plan:#}") };
        assert_eq!((requirement, of), (&*format!("guardduty.detector.features.{MALWARE}"), &*owner(&ids[0])));
        assert!(mend.contains("cannot switch on malware protection for a member"), "{mend}");
        let (applied, code) = stage.apply(&["--allow", "cost"]);
        let verified = changes.iter().map(|account| (*account, "verified")).collect();
        assert_eq!((outcomes(&applied), code), (verified, Some(0)), "{applied:#}");
    }
    let told: Vec<Value> = stage.calls().into_iter().filter(|call| call.write).map(|call| call.input).collect();
    let [told] = &told[..] else { panic!("one write: {told:#?}") };
    let features: Vec<&str> = list(&told["Features"]).iter().map(|one| text(&one["Name"])).collect();
    assert_eq!(features, ["S3_DATA_EVENTS"]);
}

#[test]
fn who_accepted_stays_with_it_although_the_organization_has_another_administrator() {
    let (mut world, ids) = accepted(&["one", "delegate"], &["S3_DATA_EVENTS"]);
    let [admin, one, delegate] = &ids[..] else { panic!("three accounts") };
    let management = world.management();
    world.build(&management, HOME, "guardduty", "EnableOrganizationAdminAccount", json!({"AdminAccountId": delegate}));
    let stage = Stage::held_to(world, &named(admin));
    let (plan, _) = stage.plan(&["--account", &format!("{admin},{one}"), "--out", "plan.json"]);
    assert_eq!(changed(&plan), [admin.as_str()], "{plan:#}");
    assert_eq!(stage.apply(&["--allow", "cost"]).1, Some(0));
    assert_eq!(stage.writes(), [write(admin, "guardduty", "UpdateMemberDetectors")]);
    assert!(has(&stage, one));
    let stage_owner = owner(delegate);
    stage.baseline("", &named(delegate));
    stage.world(|world| switch(world, admin, one, false));
    let (plan, _) = stage.plan(&["--account", &format!("{delegate},{one}")]);
    let [(_, of, _)] = not_in_force(&plan, one)[..] else { panic!("{plan:#}") };
    assert_ne!(of, stage_owner, "naming another changes nothing");
    assert_eq!((of, changed(&plan)), (&*owner(admin), vec![]));
}
