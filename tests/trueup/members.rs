//! Members of a `GuardDuty` administrator: what it set is right; is wrong, and mended there; is wrong, and out of reach; and
//! who only looks like a member.

use serde_json::{Value, json};
use trueup::simulator::world::World;

use crate::harness::{HOME, Stage, list, organization, outcomes, rows, text, write};
use crate::owners::{changed, not_in_force};

/// An organization whose account `security` administers GuardDuty, and takes these members in.
pub(crate) fn administered(members: &[&str], taken_in: &[usize]) -> (World, Vec<String>) {
    let (world, ids) = organization(&[&["security"], members].concat());
    administered_in(world, ids, taken_in)
}

/// The same, of these accounts: the first administers.
fn administered_in(mut world: World, ids: Vec<String>, taken_in: &[usize]) -> (World, Vec<String>) {
    let management = world.management();
    let admin = json!({"AdminAccountId": ids[0]});
    world.build(&management, HOME, "guardduty", "EnableOrganizationAdminAccount", admin);
    let detector = world.build(&ids[0], HOME, "guardduty", "ListDetectors", json!({}))["DetectorIds"][0].clone();
    let details: Vec<Value> =
        taken_in.iter().map(|number| json!({"AccountId": ids[*number], "Email": "m@example.com"})).collect();
    if !details.is_empty() {
        let members = json!({"DetectorId": detector, "AccountDetails": details});
        world.build(&ids[0], HOME, "guardduty", "CreateMembers", members);
    }
    (world, ids)
}

pub(crate) const WATCHED: &str = "regions: [us-east-1]\ncontrols:\n  guardduty.detector:\n    enabled: true\n    \
                       features: [S3_DATA_EVENTS]\n";

pub(crate) fn switch(world: &mut World, admin: &str, member: &str, on: bool) {
    let detector = world.build(admin, HOME, "guardduty", "ListDetectors", json!({}))["DetectorIds"][0].clone();
    let features = json!([{"Name": "S3_DATA_EVENTS", "Status": if on { "ENABLED" } else { "DISABLED" }}]);
    let told = json!({"DetectorId": detector, "AccountIds": [member], "Features": features});
    world.build(admin, HOME, "guardduty", "UpdateMemberDetectors", told);
}

#[test]
fn what_the_administrator_set_as_wanted_is_in_force() {
    let (mut world, ids) = administered(&["one"], &[1]);
    switch(&mut world, &ids[0], &ids[1], true);
    let stage = Stage::held_to(world, WATCHED);
    let (plan, code) = stage.plan(&["--account", &ids[1]]);
    let owner = format!("the GuardDuty administrator account {}", ids[0]);
    let in_force = |row: &Value| row["in_force"] == true && text(&row["owner"]) == owner;
    assert!(rows(&plan, &ids[1]).all(in_force) && rows(&plan, &ids[1]).count() == 2, "{plan:#}");
    assert_eq!(code, Some(0));
}

#[test]
fn what_the_administrator_set_otherwise_is_its_own_to_mend_whether_it_is_selected_or_not() {
    let (mut world, ids) = administered(&["one"], &[1]);
    switch(&mut world, &ids[0], &ids[1], false);
    let stage = Stage::held_to(world, WATCHED);
    let both = ids.join(",");
    for selected in [&ids[1], &both] {
        let (plan, code) = stage.plan(&["--account", selected, "--out", "plan.json"]);
        let [(requirement, owner, mend)] = not_in_force(&plan, &ids[1])[..] else { panic!("{plan:#}") };
        assert_eq!(requirement, "guardduty.detector.features.S3_DATA_EVENTS");
        assert_eq!(owner, format!("the GuardDuty administrator account {}", ids[0]));
        assert!(mend.starts_with(&format!("in account {} in us-east-1: ", ids[0])), "{mend}");
        assert_eq!((code, changed(&plan)), (Some(2), vec![]));
        assert_eq!((stage.apply(&["--allow", "cost"]).1, stage.writes()), (Some(0), vec![]));
    }
}

/// What the baseline asks where it names the administrator.
pub(crate) fn named(admin: &str) -> String {
    format!("{WATCHED}    admin_account: \"{admin}\"\n")
}

pub(crate) fn has(stage: &Stage, account: &str) -> bool {
    let detector = stage.detector(account, HOME);
    list(&detector["Features"]).iter().any(|one| one["Name"] == "S3_DATA_EVENTS" && one["Status"] == "ENABLED")
}

/// The members that were written to, call by call.
fn told(stage: &Stage) -> Vec<Vec<String>> {
    let calls = stage.calls().into_iter().filter(|call| call.operation == "UpdateMemberDetectors");
    calls.map(|call| list(&call.input["AccountIds"]).iter().map(|id| text(id).to_owned()).collect()).collect()
}

#[test]
fn what_members_lack_is_planned_at_the_administrator_and_undone_there_and_no_member_is_written() {
    let (mut world, ids) = administered(&["one", "two", "three"], &[1, 2, 3]);
    let [admin, one, two, three] = &ids[..] else { panic!("four accounts") };
    for (id, on) in [(one, false), (two, true), (three, false)] {
        switch(&mut world, admin, id, on);
    }
    let stage = Stage::held_to(world, &named(admin));
    let all = ids.join(",");
    let arguments = ["--account", &all, "--out", "plan.json"];
    let (plan, code) = stage.plan(&arguments);
    assert_eq!((changed(&plan), code), (vec![admin.as_str()], Some(2)), "{plan:#}");
    let there = format!("{admin}/us-east-1/guardduty.detector/members");
    let drifted = rows(&plan, one).find(|row| row["verdict"] == "drifted").expect("it falls short");
    assert_eq!((text(&drifted["through"]), &drifted["wanted"]), (&*there, &json!(true)));
    assert_eq!(rows(&plan, two).filter(|row| row["in_force"] == true).count(), 2, "{plan:#}");
    let (held, _) = stage.apply(&[]);
    assert_eq!((outcomes(&held), stage.writes()), (vec![(admin.as_str(), "held")], vec![]), "it bills");
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!((outcomes(&applied), code), (vec![(admin.as_str(), "verified")], Some(0)), "{applied:#}");
    assert_eq!(stage.writes(), [write(admin, "guardduty", "UpdateMemberDetectors")]);
    assert_eq!(told(&stage), [[one.clone(), three.clone()]]);
    assert_eq!((has(&stage, one), has(&stage, three)), (true, true));
    let (after, code) = stage.plan(&arguments);
    assert_eq!((changed(&after), code), (vec![], Some(0)), "{after:#}");

    let run = text(&applied["run"]);
    let undone = stage.run(&["revert", run, "--auto-approve", "--allow", "weakening", "--format", "json"]);
    assert_eq!(outcomes(&undone.json()), [(admin.as_str(), "verified")], "{}", undone.stderr);
    assert_eq!([one, two, three].map(|id| has(&stage, id)), [false, true, false], "what was on before stays on");
}

#[test]
fn what_members_lack_is_its_owners_where_the_administrator_is_not_selected() {
    let (mut world, ids) = administered(&["one"], &[1]);
    switch(&mut world, &ids[0], &ids[1], false);
    let stage = Stage::held_to(world, &named(&ids[0]));
    let (plan, code) = stage.plan(&["--account", &ids[1], "--out", "plan.json"]);
    let [(requirement, owner, mend)] = not_in_force(&plan, &ids[1])[..] else { panic!("{plan:#}") };
    assert_eq!(requirement, "guardduty.detector.features.S3_DATA_EVENTS");
    assert_eq!(owner, format!("the GuardDuty administrator account {}", ids[0]));
    assert!(mend.starts_with(&format!("in account {} in us-east-1: ", ids[0])), "{mend}");
    assert_eq!((code, changed(&plan)), (Some(2), vec![]));
    assert_eq!((stage.apply(&["--allow", "cost"]).1, stage.writes()), (Some(0), vec![]));
}

#[test]
fn an_account_that_the_administrator_has_not_taken_in_is_not_changed_from_there() {
    let (mut world, ids) = administered(&["member", "outside"], &[1]);
    let off = json!([{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}]);
    world.build(&ids[2], HOME, "guardduty", "CreateDetector", json!({"Enable": true, "Features": off}));
    switch(&mut world, &ids[0], &ids[1], true);
    let stage = Stage::held_to(world, &named(&ids[0]));
    let (plan, code) = stage.plan(&["--account", &ids.join(","), "--out", "plan.json"]);
    let [(requirement, _, mend)] = not_in_force(&plan, &ids[2])[..] else { panic!("{plan:#}") };
    assert_eq!(requirement, "guardduty.detector.features.S3_DATA_EVENTS");
    assert!(mend.contains("make this account a member"), "{mend}");
    assert_eq!((code, changed(&plan)), (Some(2), vec![]));
}

#[test]
fn what_is_asked_of_a_member_holds_there_and_who_is_not_selected_is_left_alone() {
    let (mut world, ids) = administered(&["exempt", "off", "unselected", "held"], &[1, 2, 3, 4]);
    for id in &ids[1..] {
        switch(&mut world, &ids[0], id, false);
    }
    let stage = Stage::new(world);
    let more = format!(
        "exemptions:\n  - requirement: guardduty.detector.features.S3_DATA_EVENTS\n    accounts: [\"{}\"]\n    \
         reason: too dear\n    approved_by: a@example.com\n    expires: 2099-01-01\n\
         overrides:\n  - match: {{ account: \"{}\" }}\n    controls: {{ guardduty.detector: off }}\n",
        ids[1], ids[2]
    );
    stage.baseline(&more, &named(&ids[0]));
    let selected = [&ids[0], &ids[1], &ids[2], &ids[4]].map(String::as_str).join(",");
    let (plan, _) = stage.plan(&["--account", &selected, "--out", "plan.json"]);
    assert_eq!(changed(&plan), [ids[0].as_str()], "{plan:#}");
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!((outcomes(&applied), code), (vec![(&*ids[0], "verified")], Some(0)), "{applied:#}");
    assert_eq!(told(&stage), [[ids[4].clone()]]);
}

/// An administrator with so many members, none of which has the feature; however often it is made, it is the same.
pub(crate) fn many(count: usize) -> (World, Vec<String>) {
    let mut world = World::bare_at(&[HOME, "eu-west-1"], 1, 1_700_000_000);
    let ids = (0..=count).map(|number| world.add_member(None, &format!("account{number}"))).collect();
    let (mut world, ids) = administered_in(world, ids, &[]);
    let (admin, members) = ids.split_first().expect("an administrator");
    let detector = world.build(admin, HOME, "guardduty", "ListDetectors", json!({}))["DetectorIds"][0].clone();
    for some in members.chunks(50) {
        let details: Vec<Value> = some.iter().map(|id| json!({"AccountId": id, "Email": "m@example.com"})).collect();
        let members = json!({"DetectorId": detector, "AccountDetails": details});
        world.build(admin, HOME, "guardduty", "CreateMembers", members);
    }
    for id in members {
        switch(&mut world, admin, id, false);
    }
    (world, ids)
}

#[test]
fn fifty_members_are_one_call_and_so_are_their_reads() {
    let (world, ids) = many(51);
    let admin = ids[0].clone();
    let stage = Stage::held_to(world, &named(&admin));
    stage.plan(&["--account", &ids.join(","), "--out", "plan.json"]);
    let read = ["ListMembers", "GetMemberDetectors"].map(|operation| stage.count(&admin, operation));
    assert_eq!(read, [2, 2]);
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!((outcomes(&applied), code), (vec![(&*admin, "verified")], Some(0)), "{applied:#}");
    assert_eq!(told(&stage).iter().map(Vec::len).collect::<Vec<_>>(), [50, 1]);
}

#[test]
fn the_administrators_own_detector_is_mended_by_itself() {
    let (mut world, ids) = administered(&[], &[]);
    let detector = world.build(&ids[0], HOME, "guardduty", "ListDetectors", json!({}))["DetectorIds"][0].clone();
    let off = json!({"DetectorId": detector, "Enable": false});
    world.build(&ids[0], HOME, "guardduty", "UpdateDetector", off);
    let stage = Stage::held_to(world, WATCHED);
    stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!((outcomes(&applied), code), (vec![(&*ids[0], "verified")], Some(0)));
    assert_eq!(stage.writes(), [write(&ids[0], "guardduty", "UpdateDetector")]);
}
