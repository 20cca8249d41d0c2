//! Sessions and credentials that run out while a run is at work.
//!
//! A session lasts an hour. The world's clock starts an hour less a moment before that of the tool, which so believes
//! from the start that its sessions are about to run out; then time passes in the world at certain calls, until they
//! have. Nobody waits.

use serde_json::{Value, json};
use trueup::simulator::fault::{Effect, Injection, Moment};
use trueup::simulator::world::World;
use trueup::simulator::{ACCESS_ROLE, Options};

use crate::harness::{
    HOME, STRONG, Stage, all_strong, error, kinds, line, list, organization, outcomes, policy_write, rows, set_policy,
    strike, text, write,
};
use crate::mixed::{in_force, mixed, steps_of};

const HOUR: u32 = 3600;
const ROTATION: &str = "regions: [us-east-1]\ncontrols:\n  kms.key_rotation:\n    enabled: true\n";

/// A moment before it is an hour ago: sessions that are made now last two minutes more by the tool's clock.
fn nearly_an_hour_ago() -> i64 {
    jiff::Timestamp::now().as_second() - i64::from(HOUR) + 120
}

/// A member with two keys that do not rotate, in a world with such a clock.
fn two_keys() -> (Stage, String) {
    let regions = vec![HOME.to_owned()];
    let mut world =
        World::generate(&Options { accounts: 1, regions, start: Some(nearly_an_hour_ago()), ..Options::default() });
    let id = world.add_member(None, "keys");
    for _ in 0..2 {
        world.build(&id, HOME, "kms", "CreateKey", json!({}));
    }
    (Stage::held_to(world, ROTATION), id)
}

/// An hour passes once, after the first such call of an account was answered.
fn an_hour_after(account: &str, operation: &str) -> Injection {
    let later = Effect::Elapse { seconds: HOUR };
    Injection { moment: Moment::After, times: Some(1), ..strike(account, operation, later) }
}

/// How often the account was entered, and how many of its calls bore a session that had run out.
fn entered(stage: &Stage, account: &str) -> (usize, usize) {
    let role = format!("arn:aws:iam::{account}:role/{ACCESS_ROLE}");
    let calls = stage.calls();
    let entries = calls.iter().filter(|call| call.operation == "AssumeRole" && call.input["RoleArn"] == role);
    let expired = calls.iter().filter(|call| call.code.as_deref().is_some_and(|code| code.starts_with("ExpiredToken")));
    (entries.count(), expired.count())
}

/// Whether some session of an account has really run out in the world, and another has not.
fn sessions_ran_out(stage: &Stage, account: &str) -> bool {
    stage.world(|world| {
        let now = world.now();
        let of_account = |session: &&_| {
            let session: &trueup::simulator::world::Credential = session;
            session.caller.account == account
        };
        let ends: Vec<i64> = world.issued().iter().filter(of_account).filter_map(|session| session.expires).collect();
        ends.iter().any(|end| *end <= now) && ends.iter().any(|end| *end > now)
    })
}

#[test]
fn a_session_that_runs_out_between_two_reads_is_renewed_before_it_does() {
    let (calm, id) = two_keys();
    let (undisturbed, code) = calm.plan(&["--account", &id]);
    assert_eq!(code, Some(2));

    let (stage, id) = two_keys();
    stage.inject(an_hour_after(&id, "ListKeys"));
    let (plan, code) = stage.plan(&["--account", &id]);
    assert_eq!((kinds(&plan, &id), code), (vec!["drifted".to_owned()], Some(2)), "{plan:#}");
    assert_eq!(rows(&plan, &id).count(), 2);
    assert_eq!(plan["verdicts"], undisturbed["verdicts"]);
    let (entries, expired) = entered(&stage, &id);
    assert!(entries >= 2 && expired == 0, "entered {entries} times, {expired} calls with a session that had run out");
    assert!(sessions_ran_out(&stage, &id));
}

#[test]
fn a_session_that_runs_out_between_a_write_and_its_verification_is_renewed() {
    let (stage, id) = two_keys();
    let (_, code) = stage.plan(&["--account", &id, "--out", "plan.json"]);
    assert_eq!(code, Some(2));
    stage.inject(an_hour_after(&id, "EnableKeyRotation"));
    let before = entered(&stage, &id).0;
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!((outcomes(&applied), code), (vec![(&*id, "verified"), (&*id, "verified")], Some(0)), "{applied:#}");
    let written = write(&id, "kms", "EnableKeyRotation");
    assert_eq!(stage.writes(), [written.clone(), written]);
    let (entries, expired) = entered(&stage, &id);
    assert!(entries >= before + 2 && expired == 0, "entered {entries} times, {before} of them by the plan; {expired}");
    assert!(sessions_ran_out(&stage, &id));
    assert!(stage.keys(&id, HOME).iter().all(|key| key["Rotation"]["KeyRotationEnabled"] == true));
}

/// Where entering again fails, what is left of the session is used.
#[test]
fn a_session_that_cannot_be_renewed_yet_is_used_to_its_end() {
    let (stage, id) = two_keys();
    let management = stage.world(|world| world.management());
    stage.inject(Injection { after: 1, ..strike(&management, "AssumeRole", error(500, "InternalFailure")) });
    let (plan, code) = stage.plan(&["--account", &id]);
    assert_eq!((kinds(&plan, &id), code), (vec!["drifted".to_owned()], Some(2)), "{plan:#}");
    let (entries, expired) = entered(&stage, &id);
    assert!(entries >= 2 && expired == 0, "it was tried: {entries}, {expired}");
}

#[test]
fn one_call_at_a_time_is_enough_to_renew_a_session() {
    let (stage, id) = two_keys();
    stage.inject(an_hour_after(&id, "ListKeys"));
    let (plan, code) = stage.plan(&["--account", &id, "--concurrency", "1"]);
    assert_eq!((kinds(&plan, &id), code), (vec!["drifted".to_owned()], Some(2)), "{plan:#}");
}

#[test]
fn a_mixed_organization_comes_out_the_same_when_its_sessions_run_out() {
    let findings = |plan: &Value| ["verdicts", "accounts", "summary", "changes"].map(|part| plan[part].clone());
    let (calm, stage) = (mixed(None), mixed(Some(nearly_an_hour_ago())));
    let undisturbed = calm.planned(3);
    // The management account is read before members are entered. Five minutes pass with each of the twelve such calls
    // after it, so that no session ends under a call in flight.
    let management = calm.world(|world| world.management());
    stage.inject(Injection {
        operation: Some("ListKeys".to_owned()),
        after: calm.count(&management, "ListKeys") as u64,
        times: Some(12),
        ..Injection::new(Effect::Elapse { seconds: 300 })
    });
    let plan = stage.planned(3);
    assert_eq!(findings(&plan), findings(&undisturbed));
    let allow = ["--allow", "cost,disruptive"];
    let ((undisturbed, _), (applied, code)) = (calm.apply(&allow), stage.apply(&allow));
    assert_eq!((outcomes(&applied), code), (outcomes(&undisturbed), Some(3)), "one account could not be entered");
    assert_eq!(stage.writes(), steps_of(&plan));
    assert_eq!(stage.writes(), calm.writes());
    in_force(&stage, &plan);
    let members: Vec<&str> = list(&plan["accounts"]).iter().map(|line| text(&line["id"])).collect();
    assert!(members.iter().any(|id| sessions_ran_out(&stage, id)));
    assert!(members.iter().all(|id| entered(&stage, id).1 == 0), "no call bore a session that had run out");
}

/// Two accounts that have drifted, and the caller's own credentials, which last this long.
fn short_lived(seconds: i64) -> (Stage, Vec<String>) {
    let (mut world, ids) = organization(&["first", "second"]);
    all_strong(&mut world);
    for id in &ids {
        set_policy(&mut world, id, json!({"MinimumPasswordLength": 8}));
    }
    let caller = world.administrator().caller;
    let keys = world.issue(caller, Some(seconds));
    (Stage::held_to(world, STRONG).with_keys(keys), ids)
}

#[test]
fn credentials_that_ran_out_before_a_run_stop_it_with_the_mend() {
    let (stage, ids) = short_lived(i64::from(HOUR));
    stage.planned(2);
    stage.world(|world| world.advance(HOUR));
    for arguments in [
        &["plan", "-b", "baseline.yaml"][..],
        &["apply", "plan.json"],
        &["apply", "-b", "baseline.yaml", "--auto-approve"],
        &["accounts", "-b", "baseline.yaml"],
    ] {
        let done = stage.run(arguments);
        done.refused(1, "the credentials have run out: sign in again, such as with `aws sso login`");
        assert!(done.stderr.contains("ExpiredToken"), "{arguments:?}: {}", done.stderr);
    }
    assert_eq!(stage.writes(), []);
    assert!(ids.iter().all(|id| stage.policy(id)["MinimumPasswordLength"] == 8));
}

#[test]
fn credentials_that_run_out_in_the_middle_of_a_plan_leave_the_rest_unreadable_with_the_mend() {
    let (stage, ids) = short_lived(i64::from(HOUR));
    // One account after another: the first is read, and then the caller can enter no other.
    stage.inject(an_hour_after(&ids[0], "GetAccountPasswordPolicy"));
    let (plan, code) = stage.plan(&["--concurrency", "1", "--account", &format!("{},{}", ids[0], ids[1])]);
    assert_eq!((code, &plan["complete"]), (Some(3), &json!(false)));
    assert_eq!((kinds(&plan, &ids[0]), kinds(&plan, &ids[1])), (vec!["drifted".into()], vec!["unreadable".into()]));
    let reason = text(&line(&plan, &ids[1])["reason"]);
    assert!(reason.contains("the credentials have run out: sign in again"), "{reason}");
}

#[test]
fn credentials_that_run_out_in_the_middle_of_an_apply_leave_the_rest_as_it_was_and_say_so() {
    let (stage, ids) = short_lived(i64::from(HOUR));
    stage.planned(2);
    // The write of the first account is the last that this caller gets done.
    stage.inject(an_hour_after(&ids[0], "UpdateAccountPasswordPolicy"));
    let (applied, code) = stage.apply(&["--concurrency", "1"]);
    assert_eq!((outcomes(&applied), code), (vec![(&*ids[0], "unknown"), (&*ids[1], "failed")], Some(3)), "{applied:#}");
    for outcome in list(&applied["outcomes"]) {
        let reason = text(&outcome["reason"]);
        assert!(reason.contains("the credentials have run out: sign in again"), "{reason}");
    }
    assert_eq!(stage.writes(), [policy_write(&ids[0])]);
    assert_eq!(stage.policy(&ids[0])["MinimumPasswordLength"], 14, "it was done, though nobody could see it");
    assert_eq!(stage.policy(&ids[1])["MinimumPasswordLength"], 8);
    // Who signs in again goes on where it stopped.
    let keys = stage.world(World::administrator);
    let stage = stage.with_keys(keys);
    let (applied, code) = stage.apply(&[]);
    assert_eq!((outcomes(&applied), code), (vec![(&*ids[0], "already"), (&*ids[1], "verified")], Some(0)));
    assert_eq!(stage.writes(), [policy_write(&ids[0]), policy_write(&ids[1])]);
}
