//! A value that comes back after it was set: by which runs is told, and it is left alone until somebody says so.

use serde_json::{Value, json};

use crate::harness::{STRONG, Stage, list, organization, outcomes, policy_write, set_policy, text};

/// An organization whose member something else keeps weak; answers its account too.
fn fought_over() -> (Stage, String) {
    let (mut world, ids) = organization(&["one"]);
    crate::harness::all_strong(&mut world);
    weaken(&mut world, &ids[0]);
    (Stage::held_to(world, STRONG), ids[0].clone())
}

fn weaken(world: &mut trueup::simulator::world::World, account: &str) {
    set_policy(world, account, json!({"MinimumPasswordLength": 8}));
}

/// One run that sets the policy and sees it in force, after which something else sets it back; answers the run's id.
fn set_and_lost(stage: &Stage, account: &str) -> String {
    stage.planned(2);
    let (applied, code) = stage.apply(&[]);
    assert_eq!((outcomes(&applied), code), (vec![(account, "verified")], Some(0)), "{applied:#}");
    stage.world(|world| weaken(world, account));
    text(&applied["run"]).to_owned()
}

fn contested(plan: &Value) -> Vec<&str> {
    let [change] = list(&plan["changes"]) else { panic!("one change: {plan:#}") };
    list(&change["contested"]["runs"]).iter().map(|set| text(&set["run"])).collect()
}

#[test]
fn what_was_set_twice_and_comes_back_is_left_alone_until_it_is_allowed() {
    let (stage, account) = fought_over();
    let first = set_and_lost(&stage, &account);
    assert_eq!(contested(&stage.planned(2)), [] as [&str; 0], "once may be a mistake of somebody");
    let second = set_and_lost(&stage, &account);
    let plan = stage.planned(2);
    let mut runs = vec![&*first, &*second];
    runs.sort_unstable();
    assert_eq!(contested(&plan), runs);
    let shown = stage.run(&["show", "plan.json"]).stdout;
    let said = format!("contested: set by the runs {first} on ");
    assert!(shown.contains(&said) && shown.contains("(apply needs --allow contested)"), "{shown}");

    let writes = vec![policy_write(&account); 2];
    let (left, code) = stage.apply(&[]);
    assert_eq!((outcomes(&left), code), (vec![(&*account, "contested")], Some(2)), "{left:#}");
    let reason = text(&list(&left["outcomes"])[0]["reason"]);
    assert!(reason.contains(&first) && reason.contains(&second), "{reason}");
    assert_eq!(stage.writes(), writes, "nothing was written");
    let other = stage.apply(&["--allow", "contested:kms.key_rotation"]);
    assert_eq!((outcomes(&other.0), other.1), (vec![(&*account, "contested")], Some(2)));

    let (applied, code) = stage.apply(&["--allow", "contested:iam.password_policy"]);
    assert_eq!((outcomes(&applied), code), (vec![(&*account, "verified")], Some(0)), "{applied:#}");
    assert_eq!(stage.writes().len(), 3);
    assert_eq!(stage.plan(&[]).1, Some(0));
}

#[test]
fn another_state_folder_knows_nothing_of_what_was_set() {
    let (stage, account) = fought_over();
    set_and_lost(&stage, &account);
    set_and_lost(&stage, &account);
    let elsewhere = stage.path("elsewhere");
    let (plan, _) = stage.plan(&["--state", elsewhere.to_str().expect("text")]);
    assert_eq!(contested(&plan), [] as [&str; 0]);
}

#[test]
fn what_we_undid_ourselves_is_contested_by_nobody() {
    let (stage, account) = fought_over();
    for _ in 0..2 {
        stage.planned(2);
        let (applied, _) = stage.apply(&[]);
        let run = text(&applied["run"]).to_owned();
        let undone = stage.run(&["revert", &run, "--auto-approve", "--allow", "weakening", "--format", "json"]);
        assert_eq!(
            (outcomes(&undone.json()), undone.code),
            (vec![(&*account, "verified")], Some(0)),
            "{}",
            undone.stderr
        );
    }
    assert_eq!(contested(&stage.planned(2)), [] as [&str; 0]);
}

#[test]
fn a_run_that_cannot_be_read_is_named_and_hides_no_other() {
    let (stage, account) = fought_over();
    let runs = [(); 3].map(|()| set_and_lost_again(&stage, &account));
    let journal = stage.path("state").join("trueup").join("runs").join(&runs[0]).join("journal.jsonl");
    std::fs::write(&journal, "nothing of the kind\n").expect("a file");
    let plan = stage.planned(2);
    let mut left = vec![&*runs[1], &*runs[2]];
    left.sort_unstable();
    assert_eq!(contested(&plan), left);
    let warnings = plan["warnings"].to_string();
    assert!(warnings.contains("what an earlier run set is not known") && warnings.contains(&runs[0]), "{warnings}");
}

fn set_and_lost_again(stage: &Stage, account: &str) -> String {
    stage.planned(2);
    let (applied, _) = stage.apply(&["--allow", "contested"]);
    stage.world(|world| weaken(world, account));
    text(&applied["run"]).to_owned()
}

#[test]
fn for_how_long_it_counts_is_a_number_of_days() {
    let (stage, _) = fought_over();
    for (days, code) in [("1", 0), ("365", 0), ("0", 64), ("366", 64), ("soon", 64)] {
        stage.baseline(&format!("contested_days: {days}\n"), STRONG);
        let checked = stage.run(&["baseline", "check", "baseline.yaml"]);
        assert_eq!(checked.code, Some(code), "{days}: {}", checked.stderr);
        assert!(code == 0 || checked.stderr.contains("a number of days from 1 to 365"), "{}", checked.stderr);
    }
    stage.baseline("contested_days: 7\n", STRONG);
    let shown = stage.run(&["baseline", "show", "baseline.yaml"]).stdout;
    assert!(shown.contains("contested_days: 7  # from "), "{shown}");
}
