//! A plan of some days ago meets an account that was suspended or closed, or has left the organization since: that is
//! said, with what to do, and not that a role could not be assumed.

use trueup::simulator::fault::Injection;

use crate::harness::{STRONG, Stage, error, organization, outcomes, policy_write, strike, text};

/// Two changes an account.
fn controls() -> String {
    format!("{STRONG}  iam.account_alias:\n    alias: acme-{{account}}\n")
}

fn planned() -> (Stage, Vec<String>) {
    let (world, ids) = organization(&["here", "gone"]);
    let stage = Stage::held_to(world, &controls());
    stage.plan(&["--account", &ids.join(","), "--out", "plan.json"]);
    (stage, ids)
}

fn suspend(stage: &Stage, id: &str) {
    stage.world(|world| "SUSPENDED".clone_into(&mut world.account(id).expect("it is there").state));
}

/// It is somebody else's, who took our role away.
fn leave(stage: &Stage, id: &str) {
    stage.world(|world| {
        let account = world.account(id).expect("it is there");
        account.parent.clear();
        account.iam.roles.clear();
    });
}

/// What was said of the changes of an account.
fn reasons(applied: &serde_json::Value, id: &str) -> Vec<String> {
    let of = crate::harness::list(&applied["outcomes"]).iter().filter(|outcome| outcome["account"] == id);
    of.map(|outcome| text(&outcome["reason"]).to_owned()).collect()
}

fn asked(stage: &Stage) -> usize {
    let management = stage.world(|world| world.management());
    stage.count(&management, "DescribeAccount")
}

#[test]
fn an_account_that_was_suspended_since_the_plan_is_stale_and_the_others_are_mended() {
    let (stage, ids) = planned();
    suspend(&stage, &ids[1]);
    let (applied, code) = stage.apply(&[]);
    let [here, gone] = [&*ids[0], &*ids[1]];
    let mut came = [(here, "verified"), (here, "verified"), (gone, "stale"), (gone, "stale")];
    let mut found = outcomes(&applied);
    came.sort_unstable();
    found.sort_unstable();
    assert_eq!((&found[..], code), (&came[..], Some(2)), "{applied:#}");
    let said = "the account is SUSPENDED, and lets nobody in: a new plan leaves it out, until it is active again";
    assert_eq!(reasons(&applied, gone), [said, said]);
    assert_eq!(asked(&stage), 1, "both changes are answered by one call");
    assert!(stage.writes().iter().all(|(account, ..)| account == here), "{:?}", stage.writes());
    let shown = stage.run(&["apply", "plan.json"]);
    assert!(shown.stdout.contains(said) && shown.stdout.contains("plan again"), "{}", shown.stdout);
}

#[test]
fn an_account_that_has_left_since_the_plan_is_told_from_one_that_is_suspended() {
    let (stage, ids) = planned();
    leave(&stage, &ids[1]);
    let (applied, code) = stage.apply(&[]);
    assert_eq!(code, Some(2), "{applied:#}");
    let said = "the account is not in the organization any more: a new plan leaves it out; take it out of the baseline \
                where that names it";
    assert_eq!(reasons(&applied, &ids[1]), [said, said]);
    assert_eq!(asked(&stage), 1);
}

#[test]
fn an_account_that_is_active_and_lets_nobody_in_has_failed_as_before() {
    let (stage, ids) = planned();
    stage.world(|world| world.account(&ids[1]).expect("it is there").iam.roles.clear());
    let (applied, code) = stage.apply(&[]);
    assert_eq!(code, Some(3), "{applied:#}");
    for reason in reasons(&applied, &ids[1]) {
        assert!(reason.starts_with("sts:AssumeRole in ") && reason.contains("trusts the caller"), "{reason}");
    }
    assert_eq!(asked(&stage), 1);
}

#[test]
fn where_organizations_does_not_say_the_refusal_stands_and_names_what_is_missing() {
    let (stage, ids) = planned();
    suspend(&stage, &ids[1]);
    let management = stage.world(|world| world.management());
    let denied = strike(&management, "DescribeAccount", error(400, "AccessDeniedException"));
    stage.inject(Injection { service: Some("organizations".to_owned()), ..denied });
    let (applied, code) = stage.apply(&[]);
    assert_eq!(code, Some(3), "{applied:#}");
    for reason in reasons(&applied, &ids[1]) {
        assert!(reason.starts_with("sts:AssumeRole in "), "{reason}");
        assert!(reason.contains("could not be asked: organizations:DescribeAccount in "), "{reason}");
    }
    assert_eq!(asked(&stage), 1, "who is refused is not asked again");
}

#[test]
fn an_apply_that_enters_every_account_asks_where_none_stands() {
    let (stage, ids) = planned();
    assert_eq!((stage.apply(&[]).1, asked(&stage)), (Some(0), 0));
    assert!(stage.writes().contains(&policy_write(&ids[1])));
}

#[test]
fn a_revert_says_that_what_it_cannot_reach_stays() {
    for (close, said) in [
        (
            suspend as fn(&Stage, &str),
            "the account is SUSPENDED, and lets nobody in: what the run did there stays; revert the run again with \
             --account once the account is active",
        ),
        (
            leave,
            "the account is not in the organization any more: whoever has it now has to undo what the run did there",
        ),
    ] {
        let (stage, ids) = planned();
        let (applied, _) = stage.apply(&[]);
        let run = text(&applied["run"]).to_owned();
        close(&stage, &ids[1]);
        let all = ["--auto-approve", "--allow", "weakening,irreversible", "--format", "json"];
        let undone = stage.run(&[&["revert", &run], &all[..]].concat());
        assert_eq!(undone.code, Some(2), "{}{}", undone.stdout, undone.stderr);
        let undone = undone.json();
        assert_eq!(reasons(&undone, &ids[1]), [said, said], "{undone:#}");
        assert_eq!(stage.policy(&ids[0]), serde_json::Value::Null, "the other account is as it was");
        assert_eq!(asked(&stage), 1);
    }
}
