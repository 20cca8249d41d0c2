//! Canary and waves that are typed, what is refused before anybody is asked, and what a revert takes over.

use super::*;
use crate::asked::at_a_terminal;

/// The waves in which accounts were written, by their place among these, as the report of an apply has them.
fn order(stage: &Stage, ids: &[String]) -> Vec<usize> {
    written(stage).iter().map(|id| ids.iter().position(|known| known == id).expect("a member")).collect()
}

#[test]
fn a_typed_canary_takes_the_place_of_that_of_the_plan() {
    let (stage, ids) = waved(WAVES, &UNITS);
    stage.planned(2);
    let canary = format!("account={}", ids[5]);
    let (applied, code) = stage.apply(&one_by_one(&["--canary", &canary]));
    assert_eq!((came(&applied), code), (vec!["verified"; 6], Some(0)));
    let order = order(&stage, &ids);
    assert_eq!((order[0], &order[1..3]), (5, &[1, 4][..]), "the canary, then the sandbox: {order:?}");
}

#[test]
fn typed_waves_take_the_place_of_those_of_the_plan_and_its_canary_stays() {
    let (stage, ids) = waved(WAVES, &UNITS);
    stage.planned(2);
    let last = format!("account={}+account={}", ids[0], ids[3]);
    let (applied, code) = stage.apply(&one_by_one(&["--waves", &last, "--waves", "ou=/Sandbox+size=1,size=9"]));
    assert_eq!((came(&applied), code), (vec!["verified"; 6], Some(0)));
    assert_eq!(order(&stage, &ids), [2, 0, 3, 1, 4, 5]);
    let names: Vec<&str> = list(&applied["waves"]).iter().map(|wave| text(&wave["name"])).collect();
    let of_two = format!("{}, {}", ids[0], ids[3]);
    assert_eq!(names, ["canary", &of_two, "/Sandbox (1 of 2)", "/Sandbox (2 of 2)", "the rest"]);
}

#[test]
fn a_typed_canary_that_fails_holds_the_others() {
    let (stage, ids) = waved("", &UNITS);
    stage.planned(2);
    stage.inject(strike(&ids[2], WRITE, error(403, "AccessDenied")));
    let (applied, code) = stage.apply(&one_by_one(&["--canary", "ou=/Canary"]));
    assert_eq!(code, Some(3));
    assert_eq!((order(&stage, &ids), came(&applied).iter().filter(|one| **one == "held").count()), (vec![2], 5));
}

#[test]
fn without_a_plan_file_accounts_are_typed_by_tag_as_well() {
    let (stage, ids) = waved("", &["", "", ""]);
    stage.world(|world| {
        let management = world.management();
        let tags = json!({"ResourceId": ids[1], "Tags": [{"Key": "tier", "Value": "dev"}]});
        world.build(&management, crate::harness::HOME, "organizations", "TagResource", tags);
    });
    let apply = ["apply", "-b", "baseline.yaml", "--auto-approve", "--concurrency", "1"];
    let done = stage.run(&[&apply[..], &["--canary", "tag=tier=dev", "--waves", "size=1"]].concat());
    assert_eq!(done.code, Some(0), "{}{}", done.stdout, done.stderr);
    assert_eq!(order(&stage, &ids), [1, 0, 2]);
    let none = stage.run(&[&apply[..], &["--canary", "tag=tier=prod"]].concat());
    none.refused(64, "--canary chooses none of the accounts");
}

#[test]
fn what_is_typed_wrong_is_refused_before_anything_is_written() {
    let (stage, _) = waved("", &UNITS);
    stage.planned(2);
    for (typed, words) in [
        (["--canary", "/Sandbox"], "chooses no accounts: write ou=/PATH"),
        (["--canary", "size=1"], "a canary has no size"),
        (["--canary", "ou=/Nowhere"], "--canary chooses none of the accounts"),
        (["--canary", "tag=tier=dev"], "not by tag or id of a unit"),
        (["--waves", "size=1,ou=/Sandbox"], "so it is the last"),
        (["--waves", "ou=/Sandbox,ou=/Nowhere"], "wave 2 of --waves chooses none of the accounts"),
    ] {
        stage.run(&[&["apply", "plan.json"][..], &typed].concat()).refused(64, words);
    }
    let missing = stage.run(&["apply", "-b", "baseline.yaml", "--auto-approve", "--canary", "ou=/Nowhere"]);
    missing.refused(64, "the organization has no OU `/Nowhere`");
    assert_eq!(written(&stage), Vec::<String>::new());
}

#[test]
fn what_would_be_refused_anyway_is_refused_before_anybody_is_asked() {
    let frozen = "rollout:\n  freeze: [{ from: 2020-01-01, until: 2099-12-31, reason: the end of days }]\n";
    for (rollout, more, words) in
        [("", &["--max-changes", "1"][..], "2 changes would be written"), (frozen, &[], "the end of days")]
    {
        let (stage, _) = waved(rollout, &["", ""]);
        let asked = [&["apply", "-b", "baseline.yaml"][..], more].concat();
        let done = at_a_terminal(&stage, &asked, "yes\n");
        assert_eq!(done.code, Some(64), "{}", done.stdout);
        assert!(done.stdout.contains(words) && !done.stdout.contains("Enter a value"), "{}", done.stdout);
        assert_eq!(written(&stage), Vec::<String>::new());
    }
    let (stage, _) = waved("", &["", ""]);
    stage.planned(2);
    assert_eq!(stage.apply(&[]).1, Some(0));
    let run = last(&stage);
    let done = at_a_terminal(&stage, &["revert", &run, "--allow", "weakening", "--max-changes", "1"], "yes\n");
    assert_eq!(done.code, Some(64), "{}", done.stdout);
    assert!(done.stdout.contains("2 changes would be written") && !done.stdout.contains("Enter a value"));
}

/// The id of the last run.
fn last(stage: &Stage) -> String {
    let listed = stage.run(&["history", "--format", "json"]).json();
    text(&list(&listed["runs"]).last().expect("a run")["run"]).to_owned()
}

#[test]
fn a_revert_takes_over_the_rollout_of_the_run_unless_it_is_typed() {
    let (stage, ids) = waved(&format!("{WAVES}  max_changes: 6\n"), &UNITS);
    stage.planned(2);
    assert_eq!(stage.apply(&one_by_one(&[])).1, Some(0));
    let done = written(&stage).len();
    let run = last(&stage);
    let made = stage.run(&["revert", &run, "--out", "revert.json", "--format", "json"]).json();
    assert_eq!(made["rollout"], stage.read_json("plan.json")["rollout"], "all of it");
    let undone = stage.run(&["revert", &run, "--auto-approve", "--allow", "weakening", "--concurrency", "1"]);
    assert_eq!(undone.code, Some(0), "{}{}", undone.stdout, undone.stderr);
    let order = order(&stage, &ids).split_off(done);
    assert_eq!((order[0], &order[1..3]), (2, &[1, 4][..]), "the canary first, as then: {order:?}");

    let retyped = stage.run(&["revert", &run, "--out", "again.json", "--waves", "size=3", "--format", "json"]).json();
    let names: Vec<&str> = list(&retyped["rollout"]["waves"]).iter().map(|wave| text(&wave["name"])).collect();
    assert_eq!(names, ["canary", "the rest (1 of 2)", "the rest (2 of 2)"]);
    let ignored = ["revert", &run, "--out", "again.json", "--ignore-freeze", "INC-7"];
    stage.run(&ignored).refused(64, "--ignore-freeze is for the apply of the plan");
}
