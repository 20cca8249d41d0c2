//! What people read: the text of runs.

use serde_json::json;

use crate::harness::{STRONG, Stage, all_strong, error, organization, policy_write, set_policy, strike};
use crate::members::{administered, named, switch};

#[test]
fn a_plan_ends_with_its_figures_and_names_what_could_not_be_read() {
    let (mut world, ids) = organization(&["weak", "weaker", "denied", "good"]);
    all_strong(&mut world);
    set_policy(&mut world, &ids[0], json!({"MinimumPasswordLength": 8}));
    set_policy(&mut world, &ids[1], json!({"MinimumPasswordLength": 8}));
    world.account(&ids[2]).expect("it is there").iam.roles.clear();
    let stage = Stage::held_to(world, STRONG);
    let done = stage.run(&["plan", "-b", "baseline.yaml", "--out", "plan.json"]);
    assert_eq!(done.code, Some(3));
    let last = "Plan: 0 to add, 2 to change, 0 to remove in 2 accounts; 1 account could not be read.";
    assert_eq!(done.stdout.lines().last(), Some(last), "{}", done.stdout);
    assert!(done.stdout.contains(&ids[2]), "{}", done.stdout);
    assert!(done.stdout.contains("2 accounts"), "the same change in two accounts is one block: {}", done.stdout);
    assert!(done.stderr.contains("trueup apply plan.json"), "{}", done.stderr);
    assert!(!done.stdout.contains('\u{1b}') && !done.stderr.contains('\u{1b}'), "no colour without a terminal");
    let coloured = stage.run(&["plan", "-b", "baseline.yaml", "--color", "always"]);
    assert!(coloured.stdout.contains('\u{1b}'));
    let shown = stage.run(&["show", "plan.json"]);
    assert_eq!((shown.stdout, shown.code), (done.stdout, Some(0)));
}

#[test]
fn what_is_mended_at_an_account_that_is_not_selected_is_said_to_be_its_owners() {
    let (world, _) = organization(&["one"]);
    let stage = Stage::held_to(world, "controls:\n  cloudtrail.trail: { scope: organization, logging: true }\n");
    let alone = stage.run(&["plan", "-b", "baseline.yaml", "--account", "one"]);
    assert!(alone.stdout.contains("mend the organization's trail, or select that account as well"), "{}", alone.stdout);
    let read = stage.run(&["plan", "-b", "baseline.yaml"]);
    assert!(read.stdout.contains("which waits for a person: see below"), "{}", read.stdout);
    let include = "management_account: include\n";
    stage.baseline(include, "controls:\n  cloudtrail.trail: { scope: organization, logging: true }\n");
    let mended = stage.run(&["plan", "-b", "baseline.yaml"]).stdout;
    assert!(mended.contains("1 account is mended by") && !mended.contains("which"), "{mended}");
}

#[test]
fn what_is_mended_at_an_administrator_is_not_said_to_be_left_out_of_the_plan_in_any_format() {
    let (mut world, ids) = administered(&["one"], &[1]);
    switch(&mut world, &ids[0], &ids[1], false);
    let stage = Stage::held_to(world, &named(&ids[0]));
    for asked in [&["plan", "--format", "text"][..], &["plan", "--format", "markdown"], &["plan", "--out", "plan.json"]]
    {
        let said = stage.run(&[asked, &["-b", "baseline.yaml"]].concat()).stdout;
        assert!(said.contains("1 account is mended by") && !said.contains("not in this plan"), "{said}");
    }
    let shown = stage.run(&["show", "plan.json"]).stdout;
    assert!(shown.contains("1 account is mended by") && !shown.contains("not in this plan"), "{shown}");
}

#[test]
fn an_apply_ends_with_what_came_of_it() {
    let (mut world, ids) = organization(&["weak", "stuck"]);
    all_strong(&mut world);
    for id in &ids {
        set_policy(&mut world, id, json!({"MinimumPasswordLength": 8}));
    }
    let stage = Stage::held_to(world, STRONG);
    stage.planned(2);
    stage.inject(strike(&ids[1], "UpdateAccountPasswordPolicy", error(403, "AccessDenied")));
    let done = stage.run(&["apply", "plan.json"]);
    assert_eq!(done.code, Some(3));
    assert_eq!(stage.writes(), [policy_write(&ids[0]), policy_write(&ids[1])]);
    assert_eq!([&ids[0], &ids[1]].map(|id| stage.policy(id)["MinimumPasswordLength"].clone()), [14, 8]);
    let last = done.stdout.lines().last().unwrap_or_default();
    assert!(last.contains("1 verified") && last.contains("1 failed"), "{}", done.stdout);
    assert!(done.stdout.contains(&ids[1]), "who has to look into it needs to know where: {}", done.stdout);
}

#[test]
fn quiet_says_nothing_but_the_result() {
    let (mut world, _) = organization(&["one"]);
    all_strong(&mut world);
    let stage = Stage::held_to(world, STRONG);
    let done = stage.run(&["plan", "-b", "baseline.yaml", "-q"]);
    assert_eq!((done.code, &*done.stderr), (Some(0), ""));
    assert!(done.stdout.contains("in line with the baseline"), "{}", done.stdout);
}
