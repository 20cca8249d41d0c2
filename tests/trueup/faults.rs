//! The binary while AWS misbehaves: what is sent again is counted, what does not pass is named. That what passes
//! changes nothing is shown beside `src/commands/faults.rs`, where nobody waits.

use serde_json::{Value, json};
use trueup::simulator::fault::{Effect, Injection, Only};

use crate::harness::{
    STRONG, Stage, all_strong, error, kinds, line, list, organization, outcomes, policy_write, set_policy, strike, text,
};

/// Two accounts, the first of which has drifted.
fn weak() -> (Stage, Vec<String>) {
    let (mut world, ids) = organization(&["weak", "good"]);
    all_strong(&mut world);
    set_policy(&mut world, &ids[0], json!({"MinimumPasswordLength": 8}));
    (Stage::held_to(world, STRONG), ids)
}

fn once(account: &str, operation: &str, code: &str) -> Injection {
    Injection { times: Some(1), ..strike(account, operation, error(400, code)) }
}

#[test]
fn what_was_sent_again_is_counted_at_the_end_of_plan_and_apply() {
    let (stage, ids) = weak();
    stage.inject(once(&ids[0], "GetAccountPasswordPolicy", "Throttling"));
    let done = stage.run(&["plan", "-b", "baseline.yaml", "--out", "plan.json"]);
    let line = "calls 1 was sent again; AWS asked once to slow down (-v says where)";
    assert_eq!(done.code, Some(2), "{}", done.stderr);
    assert!(done.stderr.contains(line), "{}", done.stderr);
    assert!(!done.stdout.contains("sent again"), "stdout is the result: {}", done.stdout);

    stage.inject(once(&ids[0], "UpdateAccountPasswordPolicy", "Throttling"));
    let done = stage.run(&["apply", "plan.json"]);
    assert_eq!(done.code, Some(0), "{}{}", done.stdout, done.stderr);
    assert!(done.stderr.contains(line), "{}", done.stderr);
    assert_eq!(stage.writes(), [policy_write(&ids[0]), policy_write(&ids[0])], "a write is sent again as well");
}

#[test]
fn with_v_calls_throttles_and_retries_are_listed_by_service() {
    let (stage, ids) = weak();
    stage.inject(once(&ids[0], "GetAccountPasswordPolicy", "Throttling"));
    let done = stage.run(&["plan", "-b", "baseline.yaml", "--out", "plan.json", "-v", "--format", "json"]);
    let said = |service: &str, tally: &str| done.stderr.lines().any(|line| line == format!("{service}: {tally}"));
    // Three accounts' policies, one of them twice.
    assert!(said("IAM", "4 calls, 1 throttle, 1 retry"), "{}", done.stderr);
    assert!(said("STS", "3 calls, 0 throttles, 0 retries"), "{}", done.stderr);
    done.json();
    let done = stage.run(&["apply", "plan.json", "-v"]);
    // The look, the write, and the look afterwards.
    assert!(done.stderr.contains("IAM: 3 calls, 0 throttles, 0 retries"), "{}", done.stderr);
}

#[test]
fn a_calm_run_and_a_quiet_one_have_no_such_line() {
    let (stage, ids) = weak();
    let done = stage.run(&["plan", "-b", "baseline.yaml"]);
    assert!(!done.stderr.contains("sent again"), "{}", done.stderr);
    stage.inject(once(&ids[0], "GetAccountPasswordPolicy", "Throttling"));
    assert_eq!(stage.run(&["plan", "-b", "baseline.yaml", "-q"]).stderr, "");
}

#[test]
fn a_call_that_stays_throttled_is_named_with_account_operation_and_attempts() {
    let (stage, ids) = weak();
    stage.inject(strike(&ids[0], "GetAccountPasswordPolicy", error(400, "Throttling")));
    let (plan, code) = stage.plan(&[]);
    assert_eq!((kinds(&plan, &ids[0]), code), (vec!["unreadable".to_owned()], Some(3)));
    let reason = text(&line(&plan, &ids[0])["reason"]);
    for part in ["iam:GetAccountPasswordPolicy", &ids[0], "throttled", "; sent 2 times"] {
        assert!(reason.contains(part), "{part}: {reason}");
    }
    assert_eq!(stage.count(&ids[0], "GetAccountPasswordPolicy"), 2, "no more than AWS_MAX_ATTEMPTS says");
    assert_eq!(kinds(&plan, &ids[1]), ["compliant"]);
}

#[test]
fn a_write_that_is_refused_because_its_session_has_run_out_is_sent_by_the_next_one() {
    let (stage, ids) = weak();
    stage.planned(2);
    let write = "UpdateAccountPasswordPolicy";
    stage.inject(Injection { times: Some(1), ..strike(&ids[0], write, Effect::Expiry) });
    let (applied, code) = stage.apply(&[]);
    assert_eq!((outcomes(&applied), code), (vec![(&*ids[0], "verified")], Some(0)), "{applied:#}");
    let calls = stage.calls();
    let sent: Vec<_> = calls.iter().filter(|call| call.operation == write).map(|call| call.code.as_deref()).collect();
    assert_eq!(sent, [Some("ExpiredToken"), None]);
}

/// One account that has drifted in everything that an account has by itself.
fn adrift() -> (Stage, String) {
    let (mut world, ids) = organization(&["adrift"]);
    world.build(&ids[0], "eu-west-1", "kms", "CreateKey", json!({}));
    let controls = format!("{STRONG}  kms.key_rotation:\n    enabled: true\n");
    (Stage::held_to(world, &controls), ids[0].clone())
}

fn reasons(rows: &Value, account: &str) -> String {
    crate::harness::rows(rows, account).map(|row| text(&row["reason"])).collect::<Vec<_>>().join("\n")
}

#[test]
fn an_account_that_is_suspended_in_the_middle_of_a_plan_ends_with_3() {
    let (stage, id) = adrift();
    stage.inject(Injection { after: 2, account: Some(id.clone()), ..Injection::new(Effect::Suspension) });
    let (plan, code) = stage.plan(&[]);
    assert_eq!(code, Some(3), "{plan:#}");
    assert!(text(&line(&plan, &id)["reason"]).contains("see whether the account is suspended"), "{plan:#}");
    assert!(!reasons(&plan, &id).contains("is not enabled in this account"), "{}", reasons(&plan, &id));
}

#[test]
fn an_account_that_is_suspended_in_the_middle_of_an_apply_ends_with_3() {
    let (stage, id) = adrift();
    stage.planned(2);
    let suspended = Injection { only: Only::Writes, account: Some(id), ..Injection::new(Effect::Suspension) };
    stage.inject(suspended);
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!(code, Some(3), "{applied:#}");
    let came: Vec<&str> = outcomes(&applied).into_iter().map(|(_, outcome)| outcome).collect();
    assert_eq!(came, ["manual", "failed", "failed"], "the management account is only read: {applied:#}");
    let reason = text(&applied["outcomes"][1]["reason"]);
    assert!(reason.contains("see whether the account is suspended"), "{reason}");
}

#[test]
fn a_region_that_is_disabled_before_its_first_answer_is_not_applicable_and_the_run_complete() {
    let (stage, id) = adrift();
    stage.world(all_strong);
    let region = Some("eu-west-1".to_owned());
    stage.inject(Injection { region, account: Some(id.clone()), ..Injection::new(Effect::RegionDisabled) });
    let (plan, code) = stage.plan(&[]);
    assert_eq!(code, Some(0), "{plan:#}");
    assert!(reasons(&plan, &id).contains("eu-west-1 is not enabled in this account"), "{plan:#}");
}

/// Three changes in each of two regions of each account.
const REGIONAL: &str = "\
regions: [us-east-1, eu-west-1]
controls:
  guardduty.detector:
    enabled: true
  ec2.ebs_encryption_default:
    enabled: true
  ec2.imds_defaults:
    http_tokens_required: true
";

#[test]
fn a_region_that_is_disabled_in_the_middle_of_an_apply_fails_what_is_left_there_and_nothing_else() {
    let (world, ids) = organization(&["closing", "open"]);
    let stage = Stage::held_to(world, REGIONAL);
    let (plan, _) = stage.plan(&["--account", &ids.join(","), "--out", "plan.json"]);
    assert_eq!(list(&plan["changes"]).len(), 12, "{plan:#}");
    let (account, region) = (Some(ids[0].clone()), Some("eu-west-1".to_owned()));
    // The first write there is done, and the second meets a region that is gone.
    let disabled =
        Injection { only: Only::Writes, after: 1, account, region, ..Injection::new(Effect::RegionDisabled) };
    stage.inject(disabled);
    let before = stage.calls().len();
    let (applied, code) = stage.apply(&["--allow", "cost,disruptive"]);
    assert_eq!(code, Some(3), "{applied:#}");
    let there = |outcome: &&Value| outcome["account"] == ids[0] && outcome["region"] == "eu-west-1";
    let (lost, others): (Vec<&Value>, Vec<&Value>) = list(&applied["outcomes"]).iter().partition(there);
    assert!(others.iter().all(|outcome| outcome["outcome"] == "verified") && others.len() == 9, "{applied:#}");
    let came: Vec<&str> = lost.iter().map(|outcome| text(&outcome["outcome"])).collect();
    assert_eq!(came, ["verified", "failed", "failed"], "{applied:#}");
    for outcome in &lost[1..] {
        let reason = text(&outcome["reason"]);
        assert!(reason.contains("the region is not enabled") && reason.contains("eu-west-1"), "{reason}");
    }
    let calls = stage.calls();
    let refused = calls[before..].iter().filter(|call| call.account == ids[0] && call.region == "eu-west-1");
    let refused: Vec<&str> = refused.filter(|call| call.code.is_some()).map(|call| call.operation.as_str()).collect();
    assert!(refused.len() <= 2 + 1, "a write, and a look for each of two changes: {refused:?}");
    // Who plans again is told that there is nothing to judge.
    let (again, _) = stage.plan(&["--account", &ids.join(",")]);
    assert_eq!(list(&again["changes"]), [Value::Null; 0], "{again:#}");
}
