//! From drift to no drift: what is written, what is left alone, and what is there afterwards.

use serde_json::{Value, json};

use crate::harness::{
    STRONG, Stage, all_strong, kinds, line, list, organization, outcomes, policy_write, rows, set_policy, strong, text,
};

#[test]
fn drift_is_planned_applied_and_gone() {
    let (mut world, ids) = organization(&["bare", "weak", "good"]);
    all_strong(&mut world);
    world.perform(&ids[0], "us-east-1", "iam", "DeleteAccountPasswordPolicy", json!({})).expect("it had one");
    set_policy(&mut world, &ids[1], json!({"MinimumPasswordLength": 8}));
    let stage = Stage::held_to(world, STRONG);

    let plan = stage.planned(2);
    assert_eq!(plan["complete"], true);
    assert_eq!(plan["summary"]["requirements"]["drifted"], 12, "an absent policy drifts on every requirement");
    assert_eq!(plan["summary"]["requirements"]["compliant"], 12);
    assert_eq!(plan["summary"]["score"], 50.0);
    assert_eq!(stage.writes(), []);

    let (applied, code) = stage.apply(&[]);
    assert_eq!((outcomes(&applied), code), (vec![(&*ids[0], "verified"), (&*ids[1], "verified")], Some(0)));
    assert_eq!(stage.writes(), [policy_write(&ids[0]), policy_write(&ids[1])]);
    for id in &ids {
        let policy = stage.policy(id);
        assert_eq!((&policy["MinimumPasswordLength"], &policy["PasswordReusePrevention"]), (&json!(14), &json!(24)));
    }

    let (after, code) = stage.plan(&[]);
    assert_eq!((after["summary"]["requirements"]["drifted"].clone(), code), (json!(0), Some(0)));
    assert_eq!(after["summary"]["score"], 100.0);
    assert_eq!(after["changes"], json!([]));
}

#[test]
fn the_same_plan_a_second_time_finds_everything_done() {
    let (world, ids) = organization(&["one", "two"]);
    let stage = Stage::held_to(world, STRONG);
    stage.baseline("management_account: include\n", STRONG);
    stage.planned(2);
    assert_eq!(stage.apply(&[]).1, Some(0));
    let management = stage.world(|world| world.management());
    let writes = [policy_write(&management), policy_write(&ids[0]), policy_write(&ids[1])];
    assert_eq!(stage.writes(), writes, "the management account is written as well");
    let before: Vec<Value> = [&management, &ids[0], &ids[1]].map(|id| stage.policy(id)).to_vec();
    assert!(before.iter().all(|policy| policy["MinimumPasswordLength"] == 14), "{before:?}");
    let (again, code) = stage.apply(&[]);
    let already = vec![(&*management, "already"), (&*ids[0], "already"), (&*ids[1], "already")];
    assert_eq!((outcomes(&again), code), (already, Some(0)));
    assert_eq!(stage.writes(), writes);
    assert_eq!([&management, &ids[0], &ids[1]].map(|id| stage.policy(id)).to_vec(), before);
}

#[test]
fn what_changed_since_the_plan_is_stale_and_not_written() {
    let (mut world, ids) = organization(&["moved", "still"]);
    all_strong(&mut world);
    for id in &ids {
        set_policy(&mut world, id, json!({"MinimumPasswordLength": 8}));
    }
    let stage = Stage::held_to(world, STRONG);
    stage.planned(2);
    let meanwhile = json!({"MinimumPasswordLength": 10, "RequireNumbers": true});
    stage.world(|world| set_policy(world, &ids[0], meanwhile));
    let (applied, code) = stage.apply(&[]);
    assert_eq!((outcomes(&applied), code), (vec![(&*ids[0], "stale"), (&*ids[1], "verified")], Some(2)));
    assert_eq!(stage.writes(), [policy_write(&ids[1])]);
    assert_eq!(stage.policy(&ids[0])["MinimumPasswordLength"], 10);
    assert_eq!(stage.policy(&ids[1])["MinimumPasswordLength"], 14);
    let reason = text(&applied["outcomes"][0]["reason"]);
    assert!(reason.contains("which the plan did not see"), "{reason}");
}

#[test]
fn what_became_better_in_another_way_is_stale_too() {
    let (mut world, ids) = organization(&["moved"]);
    all_strong(&mut world);
    set_policy(&mut world, &ids[0], json!({"MinimumPasswordLength": 8}));
    let stage = Stage::held_to(world, STRONG);
    stage.planned(2);
    // The planned call replaces the whole policy, and would take this age away again.
    let meanwhile = json!({"MinimumPasswordLength": 8, "MaxPasswordAge": 90});
    stage.world(|world| set_policy(world, &ids[0], meanwhile));
    let (applied, code) = stage.apply(&[]);
    assert_eq!((outcomes(&applied), code), (vec![(&*ids[0], "stale")], Some(2)));
    assert_eq!(stage.writes(), []);
    assert_eq!(stage.policy(&ids[0])["MaxPasswordAge"], 90);
}

#[test]
fn an_account_that_joined_after_the_plan_is_not_written() {
    let (mut world, ids) = organization(&["one"]);
    all_strong(&mut world);
    set_policy(&mut world, &ids[0], json!({"MinimumPasswordLength": 8}));
    let stage = Stage::held_to(world, STRONG);
    stage.planned(2);
    let late = stage.world(|world| world.add_member(None, "late"));
    assert_eq!(stage.apply(&[]).1, Some(0));
    assert_eq!(stage.writes(), [policy_write(&ids[0])]);
    assert_eq!(stage.count(&late, "GetAccountPasswordPolicy"), 0);
    assert_eq!(stage.policy(&ids[0])["MinimumPasswordLength"], 14);
    assert_eq!(stage.policy(&late), Value::Null);
}

#[test]
fn what_is_stricter_already_survives_the_write() {
    let (mut world, ids) = organization(&["strict", "mixed"]);
    all_strong(&mut world);
    let mut stricter = strong();
    stricter["MinimumPasswordLength"] = json!(20);
    set_policy(&mut world, &ids[0], stricter);
    let mixed = json!({
        "MinimumPasswordLength": 30, "MaxPasswordAge": 60, "AllowUsersToChangePassword": true, "HardExpiry": true,
    });
    set_policy(&mut world, &ids[1], mixed);
    let stage = Stage::held_to(world, STRONG);
    let plan = stage.planned(2);
    assert_eq!(kinds(&plan, &ids[0]), ["compliant"]);
    assert_eq!(stage.apply(&[]).1, Some(0));
    assert_eq!(stage.writes(), [policy_write(&ids[1])], "an account in line receives nothing");
    let policy = stage.policy(&ids[1]);
    assert_eq!(policy["MinimumPasswordLength"], 30);
    assert_eq!(policy["MaxPasswordAge"], 60);
    assert_eq!(policy["AllowUsersToChangePassword"], true);
    assert_eq!(policy["HardExpiry"], true);
    assert_eq!(policy["RequireSymbols"], true);
}

#[test]
fn an_exempt_requirement_stays_as_it_was_beside_one_that_is_mended() {
    let (mut world, ids) = organization(&["legacy", "other"]);
    all_strong(&mut world);
    for id in &ids {
        set_policy(&mut world, id, json!({"MinimumPasswordLength": 8, "RequireNumbers": true}));
    }
    let stage = Stage::new(world);
    let exemption = format!(
        "exemptions:\n  - requirement: iam.password_policy.minimum_length\n    accounts: [\"{}\"]\n    \
         reason: a terminal that takes eight characters\n    expires: 2099-01-01\n",
        ids[0]
    );
    stage.baseline(&exemption, STRONG);
    let plan = stage.planned(2);
    assert_eq!(kinds(&plan, &ids[0]), ["compliant", "drifted", "exempt"]);
    let exempt = rows(&plan, &ids[0]).find(|row| row["verdict"] == "exempt").expect("one is exempt");
    assert!(text(&exempt["reason"]).contains("a terminal that takes eight characters"), "{exempt}");
    assert_eq!(stage.apply(&[]).1, Some(0));
    assert_eq!(stage.writes(), [policy_write(&ids[0]), policy_write(&ids[1])]);
    let policy = stage.policy(&ids[0]);
    assert_eq!((&policy["MinimumPasswordLength"], &policy["RequireSymbols"]), (&json!(8), &json!(true)));
    assert_eq!(stage.policy(&ids[1])["MinimumPasswordLength"], 14);
    assert_eq!(stage.plan(&[]).1, Some(0));
}

#[test]
fn an_expired_exemption_is_drift_again_and_says_so() {
    let (mut world, ids) = organization(&["legacy"]);
    all_strong(&mut world);
    set_policy(&mut world, &ids[0], json!({"MinimumPasswordLength": 8}));
    let stage = Stage::new(world);
    let exemption = "exemptions:\n  - requirement: iam.password_policy.minimum_length\n    reason: once\n    \
                     expires: 2020-01-01\n";
    stage.baseline(exemption, STRONG);
    let (plan, code) = stage.plan(&[]);
    assert_eq!((kinds(&plan, &ids[0]), code), (vec!["drifted".to_owned()], Some(2)));
    let warnings = plan["warnings"].to_string();
    assert!(warnings.contains("expired") && warnings.contains("2020-01-01"), "{warnings}");
}

#[test]
fn an_override_asks_less_or_more_of_an_organizational_unit() {
    let (mut world, _) = organization(&[]);
    let production = world.add_unit(None, "Production");
    let europe = world.add_unit(Some(&production), "Europe");
    let sandbox = world.add_unit(None, "Sandbox");
    let prod = world.add_member(Some(&europe), "prod");
    let toy = world.add_member(Some(&sandbox), "toy");
    let tools = world.add_member(None, "tools");
    all_strong(&mut world);
    world.perform(&toy, "us-east-1", "iam", "DeleteAccountPasswordPolicy", json!({})).expect("it had one");
    let stage = Stage::new(world);
    let overrides = format!(
        "overrides:\n  - match: {{ ou: /Production }}\n    controls:\n      iam.password_policy: {{ minimum_length: 16 }}\n  \
         - match: {{ ou: {sandbox} }}\n    controls:\n      iam.password_policy: off\n"
    );
    stage.baseline(&overrides, STRONG);
    let plan = stage.planned(2);
    assert_eq!(kinds(&plan, &prod), ["compliant", "drifted"]);
    assert_eq!(kinds(&plan, &toy), [""; 0], "nothing is asked of the sandbox");
    assert_eq!(kinds(&plan, &tools), ["compliant"]);
    assert_eq!(line(&plan, &prod)["ou_path"], "/Production/Europe");
    assert_eq!(stage.apply(&[]).1, Some(0));
    assert_eq!(stage.writes(), [policy_write(&prod)]);
    assert_eq!(stage.policy(&prod)["MinimumPasswordLength"], 16);
    assert_eq!((&stage.policy(&tools)["MinimumPasswordLength"], stage.policy(&toy)), (&json!(14), Value::Null));
}

#[test]
fn a_suspended_account_is_skipped_and_gets_no_call_at_all() {
    let (mut world, ids) = organization(&["closed", "open"]);
    all_strong(&mut world);
    world.account(&ids[0]).expect("it is there").state = "SUSPENDED".to_owned();
    set_policy(&mut world, &ids[1], json!({"MinimumPasswordLength": 8}));
    let stage = Stage::held_to(world, STRONG);
    let plan = stage.planned(2);
    assert_eq!(line(&plan, &ids[0])["status"], "skipped");
    assert!(text(&line(&plan, &ids[0])["reason"]).contains("SUSPENDED"));
    assert_eq!(rows(&plan, &ids[0]).count(), 0);
    assert_eq!(plan["summary"]["accounts"]["skipped"], 1);
    assert_eq!(stage.apply(&[]).1, Some(0), "what is skipped is neutral");
    assert_eq!(stage.writes(), [policy_write(&ids[1])]);
    let assumed = stage.calls().into_iter().filter(|call| call.operation == "AssumeRole" && call.status != 200).count();
    assert_eq!((stage.calls().iter().filter(|call| call.account == ids[0]).count(), assumed), (0, 0));
    assert_eq!(stage.policy(&ids[1])["MinimumPasswordLength"], 14);
}

#[test]
fn a_management_account_that_may_only_be_read_is_mended_by_a_person() {
    let (mut world, ids) = organization(&["member"]);
    let management = world.management();
    set_policy(&mut world, &ids[0], strong());
    let stage = Stage::held_to(world, STRONG);
    let plan = stage.planned(2);
    assert_eq!(kinds(&plan, &management), ["drifted"]);
    assert_eq!(plan["summary"]["changes"]["manual"], 1);
    assert_eq!(plan["summary"]["changes"]["add"], 0);
    let (applied, code) = stage.apply(&[]);
    assert_eq!((outcomes(&applied), code), (vec![(&*management, "manual")], Some(2)));
    assert!(text(&applied["outcomes"][0]["reason"]).contains("management_account: include"));
    assert_eq!((stage.writes(), stage.policy(&management)), (vec![], json!(null)));
}

#[test]
fn held_steps_are_listed_with_their_flag_and_not_taken() {
    let (mut world, ids) = organization(&["one", "two"]);
    all_strong(&mut world);
    set_policy(&mut world, &ids[1], json!({"MinimumPasswordLength": 8}));
    let settings = "controls:\n  iam.password_policy:\n    max_age_days: 90\n";
    let stage = Stage::held_to(world, settings);
    stage.baseline("management_account: include\n", settings);
    let plan = stage.planned(2);
    assert!(list(&plan["changes"]).iter().all(|change| change["risk"] == "disruptive"), "{plan:#}");
    let (applied, code) = stage.apply(&[]);
    assert!(outcomes(&applied).iter().all(|(_, outcome)| *outcome == "held"), "{applied:#}");
    assert_eq!((code, stage.writes()), (Some(2), vec![]));
    assert!(text(&applied["outcomes"][0]["reason"]).contains("--allow disruptive"), "{applied:#}");
    let (applied, code) = stage.apply(&["--allow", "disruptive:iam.password_policy"]);
    assert!(outcomes(&applied).iter().all(|(_, outcome)| *outcome == "verified"), "{applied:#}");
    let management = stage.world(|world| world.management());
    assert_eq!(code, Some(0));
    assert_eq!(stage.writes(), [policy_write(&management), policy_write(&ids[0]), policy_write(&ids[1])]);
    for id in [&management, &ids[0], &ids[1]] {
        assert_eq!(stage.policy(id)["MaxPasswordAge"], 90, "{id}");
    }
}
