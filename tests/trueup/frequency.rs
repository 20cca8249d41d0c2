//! How often findings are exported again is set by the administrator at its own detector, for all of its members: where a
//! member is asked for more, that is planned there.

use serde_json::{Value, json};
use trueup::simulator::world::World;

use crate::harness::{HOME, Stage, outcomes, rows, text, write};
use crate::members::{administered, has, switch};
use crate::owners::{changed, not_in_force};

fn asking(often: &str, more: &str) -> String {
    format!("regions: [us-east-1]\ncontrols:\n  guardduty.detector:\n    publishing_frequency: {often}\n{more}")
}

fn named(often: &str, admin: &str) -> String {
    asking(often, &format!("    admin_account: \"{admin}\"\n"))
}

fn often(stage: &Stage, account: &str) -> String {
    text(&stage.detector(account, HOME)["FindingPublishingFrequency"]).to_owned()
}

fn set(world: &mut World, account: &str, often: &str) {
    let detector = world.build(account, HOME, "guardduty", "ListDetectors", json!({}))["DetectorIds"][0].clone();
    let told = json!({"DetectorId": detector, "FindingPublishingFrequency": often});
    world.build(account, HOME, "guardduty", "UpdateDetector", told);
}

const REQUIREMENT: &str = "guardduty.detector.publishing_frequency";

fn row<'a>(plan: &'a Value, account: &'a str) -> &'a Value {
    rows(plan, account).find(|row| row["requirement"] == REQUIREMENT).expect("it was judged")
}

#[test]
fn what_the_administrator_set_as_wanted_is_in_force() {
    let (mut world, ids) = administered(&["one"], &[1]);
    set(&mut world, &ids[0], "FIFTEEN_MINUTES");
    let stage = Stage::held_to(world, &named("ONE_HOUR", &ids[0]));
    let (plan, code) = stage.plan(&["--account", &ids[1]]);
    assert_eq!(row(&plan, &ids[1])["in_force"], true, "{plan:#}");
    assert_eq!((code, changed(&plan)), (Some(0), vec![]));
}

#[test]
fn what_a_member_lacks_is_planned_at_the_administrators_own_detector_and_undone_there() {
    let (world, ids) = administered(&["one", "two"], &[1, 2]);
    let admin = &ids[0];
    let stage = Stage::held_to(world, &named("ONE_HOUR", admin));
    let arguments = ["--account", &ids.join(","), "--out", "plan.json"];
    let (plan, code) = stage.plan(&arguments);
    assert_eq!((changed(&plan), code), (vec![admin.as_str()], Some(2)), "one change for all: {plan:#}");
    let there = format!("{admin}/us-east-1/guardduty.detector/detector");
    for member in &ids[1..] {
        let row = row(&plan, member);
        assert_eq!((&row["verdict"], text(&row["through"])), (&json!("drifted"), &*there));
    }
    let (applied, code) = stage.apply(&[]);
    assert_eq!((outcomes(&applied), code), (vec![(admin.as_str(), "verified")], Some(0)), "it is free: {applied:#}");
    assert_eq!(stage.writes(), [write(admin, "guardduty", "UpdateDetector")]);
    assert_eq!(ids.iter().map(|id| often(&stage, id)).collect::<Vec<_>>(), ["ONE_HOUR"; 3]);
    let (after, code) = stage.plan(&arguments);
    assert_eq!((changed(&after), code), (vec![], Some(0)), "{after:#}");
    stage.revert_all();
    assert_eq!(often(&stage, &ids[1]), "SIX_HOURS");
}

#[test]
fn what_a_member_lacks_is_its_owners_where_the_administrator_is_not_selected_or_not_named() {
    let (world, ids) = administered(&["one"], &[1]);
    let both = ids.join(",");
    let stage = Stage::held_to(world, &named("ONE_HOUR", &ids[0]));
    for (controls, selected) in [(named("ONE_HOUR", &ids[0]), &ids[1]), (asking("ONE_HOUR", ""), &both)] {
        stage.baseline("", &controls);
        let (plan, code) = stage.plan(&["--account", selected]);
        let [(requirement, owner, mend)] = not_in_force(&plan, &ids[1])[..] else { panic!("{plan:#}") };
        assert_eq!((requirement, owner), (REQUIREMENT, &*format!("the GuardDuty administrator account {}", ids[0])));
        assert!(mend.contains("the frequency at the administrator's own detector"), "{mend}");
        assert_eq!(code, Some(2));
    }
    assert_eq!(stage.writes(), vec![]);
}

#[test]
fn an_account_that_the_administrator_has_not_taken_in_asks_nothing_of_it() {
    let (mut world, ids) = administered(&["member", "outside"], &[1]);
    world.build(&ids[2], HOME, "guardduty", "CreateDetector", json!({"Enable": true}));
    let stage = Stage::new(world);
    let only =
        format!("overrides:\n  - match: {{ account: \"{}\" }}\n    controls: {{ guardduty.detector: off }}\n", ids[1]);
    stage.baseline(&only, &named("SIX_HOURS", &ids[0]).replace("SIX_HOURS", "ONE_HOUR"));
    stage.world(|world| set(world, &ids[0], "ONE_HOUR"));
    let (plan, code) = stage.plan(&["--account", &ids.join(","), "--out", "plan.json"]);
    let [(requirement, _, mend)] = not_in_force(&plan, &ids[2])[..] else { panic!("{plan:#}") };
    assert_eq!((requirement, code, changed(&plan)), (REQUIREMENT, Some(2), vec![]));
    assert!(mend.contains("make this account a member"), "{mend}");
}

#[test]
fn the_member_that_asks_for_the_most_decides_and_who_is_exempt_does_not() {
    let (world, ids) = administered(&["hourly", "quarterly", "exempt"], &[1, 2, 3]);
    let [admin, hourly, quarterly, exempt] = &ids[..] else { panic!("four accounts") };
    let stage = Stage::new(world);
    let asks = |account: &str, often: &str| {
        format!(
            "  - match: {{ account: \"{account}\" }}\n    controls:\n      guardduty.detector: {{ publishing_frequency: {often} }}\n"
        )
    };
    let exempted = format!(
        "exemptions:\n  - requirement: {REQUIREMENT}\n    accounts: [\"{exempt}\"]\n    reason: quiet\n    \
         approved_by: a@example.com\n    expires: 2099-01-01\n"
    );
    let more = |last: &str| format!("{exempted}overrides:\n{}{last}", asks(exempt, "FIFTEEN_MINUTES"));
    let selected = ids.join(",");
    let arguments = ["--account", &selected, "--out", "plan.json"];
    stage.baseline(&more(""), &named("SIX_HOURS", admin));
    let (plan, code) = stage.plan(&arguments);
    assert_eq!((changed(&plan), code), (vec![], Some(0)), "{plan:#}");

    // The administrator itself is asked for less than one of its members, and both are one change.
    stage.baseline(&more(&asks(quarterly, "FIFTEEN_MINUTES")), &named("ONE_HOUR", admin));
    let (plan, _) = stage.plan(&arguments);
    assert_eq!(changed(&plan), [admin.as_str()], "{plan:#}");
    let (applied, code) = stage.apply(&[]);
    assert_eq!((outcomes(&applied), code), (vec![(admin.as_str(), "verified")], Some(0)), "{applied:#}");
    assert_eq!(stage.writes(), [write(admin, "guardduty", "UpdateDetector")]);
    assert_eq!([admin, hourly, quarterly].map(|id| often(&stage, id)), ["FIFTEEN_MINUTES"; 3]);
    let (after, code) = stage.plan(&arguments);
    assert_eq!((changed(&after), code), (vec![], Some(0)), "{after:#}");
}

#[test]
fn features_and_frequency_are_two_changes_of_which_only_one_bills() {
    let (mut world, ids) = administered(&["one"], &[1]);
    let admin = &ids[0];
    switch(&mut world, admin, &ids[1], false);
    let stage = Stage::held_to(world, &format!("{}    features: [S3_DATA_EVENTS]\n", named("ONE_HOUR", admin)));
    let (plan, _) = stage.plan(&["--account", &ids.join(","), "--out", "plan.json"]);
    assert_eq!(changed(&plan), [admin.as_str(), admin.as_str()], "{plan:#}");
    let (applied, code) = stage.apply(&[]);
    let came = vec![(admin.as_str(), "verified"), (admin.as_str(), "held")];
    assert_eq!((outcomes(&applied), code), (came, Some(2)), "{applied:#}");
    assert_eq!((often(&stage, &ids[1]), has(&stage, &ids[1])), ("ONE_HOUR".to_owned(), false));
    assert_eq!(stage.apply(&["--allow", "cost"]).1, Some(0));
    assert!(has(&stage, &ids[1]));
}

#[test]
fn who_administers_by_invitation_sets_it_for_its_members_as_well() {
    let (world, ids) = crate::invited::accepted(&["one"], &[]);
    let admin = &ids[0];
    let stage = Stage::held_to(world, &named("ONE_HOUR", admin));
    let (plan, code) = stage.plan(&["--account", &ids.join(","), "--out", "plan.json"]);
    assert_eq!((changed(&plan), code), (vec![admin.as_str()], Some(2)), "{plan:#}");
    assert_eq!(stage.apply(&[]).1, Some(0));
    assert_eq!(stage.writes(), [write(admin, "guardduty", "UpdateDetector")]);
    assert_eq!(often(&stage, &ids[1]), "ONE_HOUR");
}
