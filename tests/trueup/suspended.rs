//! A plan of some days ago meets an account that was suspended or closed, or has left the organization since: that is
//! said, with what to do, and not that a role could not be assumed. One that has left is not written either where it
//! still trusts the role.

use serde_json::{Value, json};
use trueup::simulator::fault::Injection;
use trueup::simulator::ledger::Entry;

use crate::harness::{HOME, STRONG, Stage, error, list, organization, outcomes, policy_write, strike, text};

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

/// It goes on by itself, and whoever it trusted gets in as before.
fn remove(stage: &Stage, id: &str) {
    let management = stage.world(|world| world.management());
    let input = json!({ "AccountId": id });
    stage.world(|world| drop(world.build(&management, HOME, "organizations", "RemoveAccountFromOrganization", input)));
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
fn reasons(applied: &Value, id: &str) -> Vec<String> {
    let of = list(&applied["outcomes"]).iter().filter(|outcome| outcome["account"] == id);
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
    assert_eq!(asked(&stage), 2, "each account is asked about once");
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
    assert_eq!(asked(&stage), 2);
}

#[test]
fn an_account_that_has_left_and_still_trusts_the_write_role_is_not_written() {
    let (stage, ids) = planned();
    remove(&stage, &ids[1]);
    let (applied, code) = stage.apply(&[]);
    let said = "the account is not in the organization any more: a new plan leaves it out; take it out of the baseline \
                where that names it";
    assert_eq!((reasons(&applied, &ids[1]), code), (vec![said.to_owned(); 2], Some(2)), "{applied:#}");
    let left_alone = |id: &str| outcomes(&applied).iter().filter(|(of, came)| *of == id && *came == "stale").count();
    assert_eq!((left_alone(&ids[0]), left_alone(&ids[1])), (0, 2), "{applied:#}");
    let written = stage.writes().into_iter().filter(|(_, service, _)| service != "organizations");
    assert!(written.into_iter().all(|(account, ..)| account == ids[0]), "{:?}", stage.writes());
    assert_eq!(stage.policy(&ids[1]), Value::Null);
}

#[test]
fn a_new_plan_leaves_an_account_out_that_has_left_and_does_not_take_it_by_its_id() {
    let (stage, ids) = planned();
    remove(&stage, &ids[1]);
    let (plan, _) = stage.plan(&[]);
    assert!(list(&plan["accounts"]).iter().all(|account| account["id"] != ids[1]), "{plan:#}");
    let both = ids.join(",");
    let done = stage.run(&["plan", "-b", "baseline.yaml", "--account", &both]);
    done.refused(64, &format!("no account matches the account `{}`", ids[1]));
}

/// Who may not list accounts names them by their ids, and is believed: the apply asks for each.
#[test]
fn an_account_that_had_left_before_it_was_planned_by_its_id_is_not_written() {
    let (stage, ids) = planned();
    remove(&stage, &ids[1]);
    let management = stage.world(|world| world.management());
    stage.inject(strike(&management, "ListAccounts", error(403, "AccessDeniedException")));
    let (plan, _) = stage.plan(&["--account", &ids.join(","), "--out", "plan.json"]);
    assert!(list(&plan["changes"]).iter().any(|change| change["account"] == ids[1]), "{plan:#}");
    let (applied, code) = stage.apply(&[]);
    assert_eq!(code, Some(2), "{applied:#}");
    assert!(reasons(&applied, &ids[1]).iter().all(|why| why.contains("not in the organization")), "{applied:#}");
    assert!(stage.policy(&ids[1]).is_null() && !stage.policy(&ids[0]).is_null());
}

/// A role of its own that the baseline names for this account alone, and that trusts whom the others do.
fn named_by_the_baseline(stage: &Stage, id: &str) {
    stage.world(|world| {
        let root = format!("arn:aws:iam::{}:root", world.management());
        let trust = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": root}, "Action": "sts:AssumeRole"}]});
        let role = json!({"RoleName": "own", "AssumeRolePolicyDocument": trust.to_string()});
        world.build(id, HOME, "iam", "CreateRole", role);
        let policy = json!({"RoleName": "own", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"});
        world.build(id, HOME, "iam", "AttachRolePolicy", policy);
    });
    stage.baseline(&format!("  accounts:\n    \"{id}\": {{ read_role: own, write_role: own }}\n"), &controls());
}

#[test]
fn an_account_that_the_baseline_names_with_roles_of_its_own_and_that_has_left_is_not_written() {
    for listed in [true, false] {
        let (world, ids) = organization(&["here", "gone"]);
        let stage = Stage::held_to(world, &controls());
        named_by_the_baseline(&stage, &ids[1]);
        let management = stage.world(|world| world.management());
        if listed {
            stage.plan(&["--account", &ids.join(","), "--out", "plan.json"]);
            remove(&stage, &ids[1]);
            let left = format!("the organization has no account `{}`", ids[1]);
            let refused = stage.run(&["plan", "-b", "baseline.yaml"]);
            refused.refused(64, &left);
            assert!(refused.stderr.contains("baseline.yaml:7:5"), "it says where: {}", refused.stderr);
            stage.run(&["apply", "-b", "baseline.yaml", "--auto-approve"]).refused(64, &left);
        } else {
            // Nothing but the baseline and the command line says that there is such an account.
            remove(&stage, &ids[1]);
            stage.inject(strike(&management, "ListAccounts", error(403, "AccessDeniedException")));
            stage.plan(&["--account", &ids.join(","), "--out", "plan.json"]);
        }
        let plan = stage.read_json("plan.json");
        assert_eq!(list(&plan["changes"]).iter().filter(|change| change["account"] == ids[1]).count(), 2, "{plan:#}");
        let (applied, code) = stage.apply(&[]);
        let said = "the account is not in the organization any more: a new plan leaves it out; take it out of the \
                    baseline where that names it";
        assert_eq!((reasons(&applied, &ids[1]), code), (vec![said.to_owned(); 2], Some(2)), "{applied:#}");
        assert!(stage.policy(&ids[1]).is_null() && !stage.policy(&ids[0]).is_null());
        assert!(stage.count(&ids[1], "GetAccountPasswordPolicy") > 1, "it was looked at for the apply too");
        let own = json!(format!("arn:aws:iam::{}:role/own", ids[1]));
        let entered = |entry: &Entry| entry.operation == "AssumeRole" && entry.input["RoleArn"] == own;
        assert!(stage.calls().iter().any(entered), "by its own role");
        assert_eq!(stage.count(&ids[1], "CreateAccountAlias"), 0);
    }
}

#[test]
fn where_organizations_does_not_say_whether_an_account_is_in_it_nothing_is_written() {
    let (stage, ids) = planned();
    let management = stage.world(|world| world.management());
    let denied = strike(&management, "DescribeAccount", error(400, "AccessDeniedException"));
    stage.inject(Injection { service: Some("organizations".to_owned()), ..denied });
    let (applied, code) = stage.apply(&[]);
    assert_eq!((code, stage.writes()), (Some(3), vec![]), "{applied:#}");
    for reason in ids.iter().flat_map(|id| reasons(&applied, id)) {
        assert!(reason.starts_with("whether the account is still in the organization could not be asked"), "{reason}");
        assert!(reason.contains("organizations:DescribeAccount in "), "{reason}");
    }
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
    assert_eq!(asked(&stage), 2);
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
    assert_eq!(asked(&stage), 2, "who is refused is not asked again");
}

#[test]
fn an_apply_asks_once_about_each_account_that_it_writes_and_about_none_that_is_in_line() {
    let (stage, ids) = planned();
    assert_eq!((stage.apply(&[]).1, asked(&stage)), (Some(0), 2));
    assert!(stage.writes().contains(&policy_write(&ids[1])));
    let (applied, _) = stage.apply(&[]);
    assert!(outcomes(&applied).iter().all(|(_, came)| *came == "already"), "{applied:#}");
    assert_eq!(asked(&stage), 2);
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
        (
            remove,
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
        assert_eq!(stage.policy(&ids[0]), Value::Null, "the other account is as it was");
        assert_eq!(asked(&stage), 4, "two of the apply, two of the revert");
    }
}
