//! What is refused is unreadable and named, never compliant or drifted, and the others go on.

use std::collections::BTreeSet;
use std::process::Stdio;

use serde_json::json;
use trueup::simulator::ACCESS_ROLE;
use trueup::simulator::fault::Injection;
use trueup::simulator::ledger::Entry;
use trueup::simulator::world::World;

use crate::harness::{
    Done, HOME, STRONG, Stage, all_strong, error, guardrail, kinds, line, organization, outcomes, policy_write, rows,
    set_policy, strike, text, write,
};

const ABROAD: &str = "eu-west-1";

#[test]
fn a_session_that_aws_knows_nowhere_is_unreadable_and_its_regions_are_not_called_disabled() {
    let (world, ids) = organization(&["one"]);
    let stage = Stage::held_to(world, &rotation("[us-east-1, eu-west-1]"));
    stage.inject(strike(&ids[0], "ListKeys", error(403, "UnrecognizedClientException")));
    let (plan, code) = stage.plan(&["--account", &ids[0]]);
    assert_eq!((kinds(&plan, &ids[0]), code), (vec!["unreadable".to_owned()], Some(3)), "{plan:#}");
}

/// Closes the other region of an account by a guardrail, as organizations do it.
fn close_abroad(world: &mut World, account: &str) {
    let closed = json!({"Effect": "Deny", "NotAction": ["iam:*", "sts:*", "account:*"], "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestedRegion": ABROAD}}});
    guardrail(world, account, &closed);
}

/// The account has not enabled the other region.
fn disable_abroad(world: &mut World, account: &str) {
    let states = &mut world.account(account).expect("it is there").opt_status;
    states.insert(ABROAD.to_owned(), "DISABLED".to_owned());
}

/// Regional settings, with an explicit list of regions or all.
fn rotation(regions: &str) -> String {
    format!("regions: {regions}\ncontrols:\n  kms.key_rotation:\n    enabled: true\n")
}

#[test]
fn an_account_that_cannot_be_entered_is_unreadable_and_the_others_go_on() {
    let (mut world, ids) = organization(&["locked", "weak", "good"]);
    all_strong(&mut world);
    set_policy(&mut world, &ids[1], json!({"MinimumPasswordLength": 8}));
    let nobody = json!({"Service": "ec2.amazonaws.com"});
    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": nobody, "Action": "sts:AssumeRole"}]});
    let change = json!({"RoleName": ACCESS_ROLE, "PolicyDocument": trust.to_string()});
    world.build(&ids[0], "us-east-1", "iam", "UpdateAssumeRolePolicy", change);
    let stage = Stage::held_to(world, STRONG);
    let plan = stage.planned(3);
    assert_eq!(plan["complete"], false);
    assert_eq!(line(&plan, &ids[0])["status"], "unreadable");
    assert!(text(&line(&plan, &ids[0])["reason"]).contains("sts:AssumeRole"), "{}", line(&plan, &ids[0]));
    assert_eq!((kinds(&plan, &ids[0]), rows(&plan, &ids[0]).count()), (vec!["unreadable".to_owned()], 6));
    assert_eq!(kinds(&plan, &ids[1]), ["drifted"]);
    assert_eq!(kinds(&plan, &ids[2]), ["compliant"]);
    assert_eq!(stage.apply(&[]).1, Some(3), "what was not seen cannot be called done");
    assert_eq!(stage.writes(), [policy_write(&ids[1])]);
    assert_eq!(stage.policy(&ids[1])["MinimumPasswordLength"], 14);
}

#[test]
fn an_account_without_the_role_is_unreadable_and_says_so_where_it_has_just_joined() {
    let (mut world, ids) = organization(&["young", "old"]);
    all_strong(&mut world);
    for id in &ids {
        world.account(id).expect("it is there").iam.roles.clear();
    }
    world.account(&ids[1]).expect("it is there").joined -= 60 * 60;
    let stage = Stage::held_to(world, STRONG);
    let (plan, code) = stage.plan(&[]);
    for (id, young) in ids.iter().zip([true, false]) {
        assert_eq!((kinds(&plan, id), code), (vec!["unreadable".to_owned()], Some(3)));
        let reason = text(&line(&plan, id)["reason"]);
        assert_eq!(reason.contains("joined within the last hour"), young, "{reason}");
        assert!(reason.contains("see whether the role is there"), "{reason}");
        let of_it =
            |call: &&Entry| call.operation == "AssumeRole" && text(&call.input["RoleArn"]).contains(id.as_str());
        assert_eq!(stage.calls().iter().filter(of_it).count(), 1, "nobody is kept waiting");
    }
}

#[test]
fn a_denied_read_is_unreadable_and_not_an_absent_policy() {
    let (mut world, ids) = organization(&["denied"]);
    all_strong(&mut world);
    guardrail(
        &mut world,
        &ids[0],
        &json!({"Effect": "Deny", "Action": "iam:GetAccountPasswordPolicy", "Resource": "*"}),
    );
    let stage = Stage::held_to(world, STRONG);
    let plan = stage.planned(3);
    assert_eq!(kinds(&plan, &ids[0]), ["unreadable"]);
    assert_eq!(line(&plan, &ids[0])["status"], "partial");
    assert!(text(&line(&plan, &ids[0])["reason"]).contains("service control policy"), "{}", line(&plan, &ids[0]));
    assert_eq!(plan["changes"], json!([]));
}

#[test]
fn a_refused_write_has_failed_and_the_others_are_verified() {
    let (mut world, ids) = organization(&["frozen", "free"]);
    all_strong(&mut world);
    for id in &ids {
        set_policy(&mut world, id, json!({"MinimumPasswordLength": 8}));
    }
    let frozen = json!({"Effect": "Deny", "Action": "iam:UpdateAccountPasswordPolicy", "Resource": "*"});
    guardrail(&mut world, &ids[0], &frozen);
    let stage = Stage::held_to(world, STRONG);
    stage.planned(2);
    let (applied, code) = stage.apply(&[]);
    assert_eq!(crate::harness::outcomes(&applied), [(&*ids[0], "failed"), (&*ids[1], "verified")]);
    assert_eq!(code, Some(3));
    assert_eq!(stage.writes(), [policy_write(&ids[0]), policy_write(&ids[1])], "a refusal is not tried again");
    assert_eq!(stage.policy(&ids[0])["MinimumPasswordLength"], 8);
    assert_eq!(stage.policy(&ids[1])["MinimumPasswordLength"], 14);
    let reason = text(&applied["outcomes"][0]["reason"]);
    assert!(reason.contains("iam:UpdateAccountPasswordPolicy") && reason.contains("service control"), "{reason}");
}

#[test]
fn a_region_that_a_guardrail_closes_is_not_applicable() {
    let (mut world, ids) = organization(&["closed", "open"]);
    close_abroad(&mut world, &ids[0]);
    let stage = Stage::held_to(world, &rotation("all"));
    let (plan, code) = stage.plan(&[]);
    assert_eq!((kinds(&plan, &ids[0]), code), (vec!["not_applicable".to_owned()], Some(0)), "{plan:#}");
    let row = rows(&plan, &ids[0]).find(|row| row["region"] == "eu-west-1").expect("the region is named");
    assert!(text(&row["reason"]).contains("closed by SCP"), "{row}");
    assert_eq!(plan["complete"], true);
}

/// Two accounts with a key that does not rotate in each of two regions; answers the keys by account and region.
fn keys_in_two_regions() -> (World, Vec<String>, Vec<[String; 2]>) {
    let (mut world, ids) = organization(&["narrow", "wide"]);
    let keys = ids.iter().map(|id| {
        [HOME, ABROAD].map(|region| {
            let made = world.build(id, region, "kms", "CreateKey", json!({}));
            text(&made["KeyMetadata"]["KeyId"]).to_owned()
        })
    });
    let keys = keys.collect();
    (world, ids, keys)
}

/// All but one of the four keys are mended, and nothing is written in that one's region of that account.
fn all_but_the_narrow_region(stage: &Stage, ids: &[String], keys: &[[String; 2]]) {
    let rotation = |id: &str| write(id, "kms", "EnableKeyRotation");
    assert_eq!(stage.writes(), [rotation(&ids[0]), rotation(&ids[1]), rotation(&ids[1])]);
    let in_closed = stage.calls().into_iter().filter(|call| call.account == ids[0] && call.region == ABROAD);
    assert_eq!(in_closed.filter(|call| call.write).count(), 0);
    for (id, region, key) in
        [(&ids[0], HOME, &keys[0][0]), (&ids[1], HOME, &keys[1][0]), (&ids[1], ABROAD, &keys[1][1])]
    {
        assert_eq!(stage.key(id, region, key)["Rotation"]["KeyRotationEnabled"], true, "{id} {region}");
    }
}

/// The plan is complete without that region, and nothing is left to do after its apply.
fn only_the_narrow_region_is_left_out(stage: &Stage, ids: &[String], keys: &[[String; 2]]) {
    let plan = stage.planned(2);
    assert_eq!(
        (kinds(&plan, &ids[0]), &plan["complete"]),
        (vec!["drifted".into(), "not_applicable".into()], &json!(true))
    );
    assert_eq!(stage.apply(&["--allow", "cost"]).1, Some(0));
    all_but_the_narrow_region(stage, ids, keys);
    assert_eq!(stage.plan(&[]).1, Some(0));
}

#[test]
fn a_region_that_a_guardrail_closes_gets_no_write_and_the_others_are_mended() {
    let (mut world, ids, keys) = keys_in_two_regions();
    close_abroad(&mut world, &ids[0]);
    let stage = Stage::held_to(world, &rotation("all"));
    only_the_narrow_region_is_left_out(&stage, &ids, &keys);
}

#[test]
fn a_region_that_is_not_enabled_gets_no_write_and_the_others_are_mended() {
    let (mut world, ids, keys) = keys_in_two_regions();
    disable_abroad(&mut world, &ids[0]);
    let stage = Stage::held_to(world, &rotation("[us-east-1, eu-west-1]"));
    only_the_narrow_region_is_left_out(&stage, &ids, &keys);
    // What was not written is what it was, once the region is there to be looked into.
    stage.world(|world| world.account(&ids[0]).expect("it is there").opt_status.clear());
    assert_eq!(stage.key(&ids[0], ABROAD, &keys[0][1])["Rotation"]["KeyRotationEnabled"], false);
}

#[test]
fn a_region_in_which_reads_are_denied_is_unreadable_and_the_others_are_mended() {
    let (world, ids, keys) = keys_in_two_regions();
    let stage = Stage::held_to(world, &rotation("all"));
    let denied = strike(&ids[0], "ListKeys", error(403, "AccessDeniedException"));
    stage.inject(Injection { region: Some(ABROAD.to_owned()), ..denied });
    let plan = stage.planned(3);
    assert_eq!(
        (kinds(&plan, &ids[0]), &plan["complete"]),
        (vec!["drifted".into(), "unreadable".into()], &json!(false))
    );
    assert_eq!(line(&plan, &ids[0])["status"], "partial");
    assert_eq!(stage.apply(&["--allow", "cost"]).1, Some(3), "what was not seen cannot be called done");
    all_but_the_narrow_region(&stage, &ids, &keys);
    assert_eq!(stage.key(&ids[0], ABROAD, &keys[0][1])["Rotation"]["KeyRotationEnabled"], false);
}

#[test]
fn a_region_that_is_listed_and_not_enabled_is_not_applicable() {
    let (mut world, ids) = organization(&["without", "with"]);
    disable_abroad(&mut world, &ids[0]);
    let stage = Stage::held_to(world, &rotation("[us-east-1, eu-west-1]"));
    let (plan, code) = stage.plan(&[]);
    assert_eq!(code, Some(0), "{plan:#}");
    let row = rows(&plan, &ids[0]).find(|row| row["region"] == "eu-west-1").expect("the region is named");
    assert!(text(&row["reason"]).contains("eu-west-1 is not enabled in this account"), "{row}");
    assert_eq!(stage.count(&ids[0], "ListRegions"), 0, "a list never asks which regions there are");
    let row = rows(&plan, &ids[1]).find(|row| row["region"] == "eu-west-1").expect("the region is named");
    assert!(!text(&row["reason"]).contains("not enabled"), "{row}");
}

#[test]
fn a_region_that_is_the_only_one_listed_and_not_enabled_is_not_applicable_either() {
    let (mut world, ids) = organization(&["without"]);
    disable_abroad(&mut world, &ids[0]);
    let stage = Stage::held_to(world, &rotation("[eu-west-1]"));
    let (plan, code) = stage.plan(&["--account", &ids[0]]);
    assert_eq!((kinds(&plan, &ids[0]), code), (vec!["not_applicable".to_owned()], Some(0)), "{plan:#}");
}

#[test]
fn all_regions_are_those_that_are_enabled_in_the_account() {
    let (mut world, ids) = organization(&["without", "with"]);
    disable_abroad(&mut world, &ids[0]);
    let stage = Stage::held_to(world, &rotation("all"));
    let (plan, code) = stage.plan(&[]);
    assert_eq!(code, Some(0));
    let regions = |id: &str| rows(&plan, id).map(|row| text(&row["region"]).to_owned()).collect::<Vec<_>>();
    assert_eq!(regions(&ids[0]), ["us-east-1"]);
    assert_eq!(regions(&ids[1]), ["eu-west-1", "us-east-1"]);
    assert!(stage.calls().iter().all(|call| call.account != ids[0] || call.region != "eu-west-1"));
}

#[test]
fn a_region_that_is_being_switched_on_is_pending_and_one_that_is_being_switched_off_not_applicable() {
    let (mut world, ids) = organization(&["on", "off"]);
    for (id, state) in ids.iter().zip(["ENABLING", "DISABLING"]) {
        world.account(id).expect("it is there").opt_status.insert(ABROAD.to_owned(), state.to_owned());
    }
    let stage = Stage::held_to(world, &rotation("all"));
    for (id, verdict, words, code) in
        [(&ids[0], "pending", "is being enabled", 2), (&ids[1], "not_applicable", "is being disabled", 0)]
    {
        let (plan, ended) = stage.plan(&["--account", id]);
        let abroad = rows(&plan, id).find(|row| row["region"] == ABROAD).expect("it is not left out in silence");
        assert_eq!((text(&abroad["verdict"]), ended), (verdict, Some(code)), "{plan:#}");
        assert!(text(&abroad["reason"]).contains(&format!("{ABROAD} {words}")), "{abroad}");
        assert_eq!(plan["summary"]["requirements"][verdict], 1 + usize::from(code == 0), "and is counted");
    }
    assert!(stage.calls().iter().all(|call| call.region != ABROAD), "what answers by halves is not asked");
}

#[test]
fn the_home_region_is_read_for_the_account_also_where_it_is_not_listed() {
    let (mut world, ids) = organization(&["one"]);
    all_strong(&mut world);
    let trail = "  cloudtrail.trail:\n    scope: account\n    name: audit\n    logging: true\n";
    let regions = format!("regions: [eu-west-1]\n{STRONG}  kms.key_rotation:\n    enabled: true\n{trail}");
    let stage = Stage::held_to(world, &regions);
    let (plan, _) = stage.plan(&["--account", &ids[0]]);
    let regional: Vec<&str> = rows(&plan, &ids[0]).filter_map(|row| row["region"].as_str()).collect();
    assert_eq!(regional, ["eu-west-1"]);
    assert!(kinds(&plan, &ids[0]).contains(&"compliant".to_owned()), "{plan:#}");
    let calls = stage.calls();
    let trails = calls.iter().filter(|call| call.account == ids[0] && call.operation == "ListTrails");
    assert!(trails.into_iter().any(|call| call.region == "us-east-1"), "trails are asked for at home");
    let keys = calls.iter().filter(|call| call.account == ids[0] && call.operation == "ListKeys");
    assert!(keys.into_iter().all(|call| call.region == "eu-west-1"), "and keys where they are listed");
}

#[test]
fn a_service_that_a_guardrail_denies_everywhere_is_unreadable_and_closes_no_region() {
    let (mut world, ids) = organization(&["denied", "open"]);
    guardrail(&mut world, &ids[0], &json!({"Effect": "Deny", "Action": "kms:*", "Resource": "*"}));
    let stage = Stage::held_to(world, &rotation("all"));
    let (plan, code) = stage.plan(&[]);
    assert_eq!((kinds(&plan, &ids[0]), code), (vec!["unreadable".to_owned()], Some(3)), "{plan:#}");
    assert!(text(&line(&plan, &ids[0])["reason"]).contains("let the role through"), "{}", line(&plan, &ids[0]));
    assert_eq!(kinds(&plan, &ids[1]), ["not_applicable"], "it has no key");
}

#[test]
fn a_region_that_is_closed_by_scp_is_counted_and_named_in_the_text() {
    let (mut world, ids) = organization(&["closed"]);
    close_abroad(&mut world, &ids[0]);
    let stage = Stage::held_to(world, &rotation("all"));
    let done = stage.run(&["plan", "-b", "baseline.yaml", "--account", &ids[0]]);
    assert_eq!(done.code, Some(0), "{}", done.stdout);
    assert!(done.stdout.contains("closed by SCP: 1 region in 1 account: eu-west-1"), "{}", done.stdout);
}

#[test]
fn an_account_whose_regions_are_not_known_is_partial_with_the_mend() {
    regions_are_not_known(error(403, "AccessDeniedException"));
}

#[test]
fn an_account_where_nobody_knows_of_regions_is_partial_with_the_mend() {
    regions_are_not_known(error(404, "UnknownOperationException"));
}

#[test]
fn where_the_list_of_regions_is_refused_ec2_says_which_are_enabled() {
    for refusal in [error(403, "AccessDeniedException"), error(404, "UnknownOperationException")] {
        let (mut world, ids) = organization(&["without", "with"]);
        let states = &mut world.account(&ids[0]).expect("it is there").opt_status;
        states.insert("eu-west-1".to_owned(), "DISABLED".to_owned());
        let stage = Stage::held_to(world, &rotation("all"));
        for id in &ids {
            stage.inject(strike(id, "ListRegions", refusal.clone()));
        }
        let (plan, code) = stage.plan(&["--exclude-account", "management"]);
        assert_eq!((code, &plan["complete"]), (Some(0), &json!(true)), "{plan:#}");
        let regions = |id: &str| rows(&plan, id).map(|row| text(&row["region"]).to_owned()).collect::<Vec<_>>();
        assert_eq!(regions(&ids[0]), ["us-east-1"], "a region that is not opted in is left out");
        assert_eq!(regions(&ids[1]), ["eu-west-1", "us-east-1"]);
        assert_eq!((stage.count(&ids[0], "ListRegions"), stage.count(&ids[0], "DescribeRegions")), (1, 1));
    }
}

#[test]
fn ec2_is_not_asked_for_regions_that_are_listed() {
    let (world, ids) = organization(&["one"]);
    let stage = Stage::held_to(world, &rotation("all"));
    stage.plan(&[]);
    assert_eq!((stage.count(&ids[0], "ListRegions"), stage.count(&ids[0], "DescribeRegions")), (1, 0));
}

fn regions_are_not_known(refusal: trueup::simulator::fault::Effect) {
    let (world, ids) = organization(&["closed", "open"]);
    let stage = Stage::held_to(world, &rotation("all"));
    stage.inject(strike(&ids[0], "ListRegions", refusal));
    stage.inject(strike(&ids[0], "DescribeRegions", error(403, "UnauthorizedOperation")));
    let (plan, code) = stage.plan(&[]);
    assert_eq!(code, Some(3), "{plan:#}");
    let line = line(&plan, &ids[0]);
    assert_eq!(line["status"], "partial");
    let both = ["account:ListRegions", "ec2:DescribeRegions", "list the regions in the baseline"];
    for words in ["only us-east-1 was read"].into_iter().chain(both) {
        assert!(text(&line["reason"]).contains(words), "{line}");
    }
    assert_eq!(plan["summary"]["accounts"]["partial"], 1);
}

/// Ends all faults in the moment in which the last of these accounts has sent this operation.
fn throttled_until_all_were_met(stage: &Stage, accounts: &[String], operation: &str) {
    let all_were_met = |world: &mut World| {
        let calls = world.ledger.entries().iter().filter(|entry| entry.operation == operation);
        let met: BTreeSet<&str> = calls.map(|entry| entry.account.as_str()).collect();
        let all = accounts.iter().all(|account| met.contains(account.as_str()));
        if all {
            world.faults.clear();
        }
        all
    };
    while !stage.world(all_were_met) {
        std::thread::yield_now();
    }
}

#[test]
fn a_throttled_account_does_not_slow_the_others() {
    let names: Vec<String> = (0..24).map(|n| format!("account-{n:02}")).collect();
    let (mut world, ids) = organization(&names.iter().map(String::as_str).collect::<Vec<_>>());
    all_strong(&mut world);
    let stage = Stage::held_to(world, STRONG).with_attempts(20);
    stage.inject(strike(&ids[0], "GetAccountPasswordPolicy", error(400, "Throttling")));
    let mut command = stage.command(&["plan", "-b", "baseline.yaml", "--format", "json"]);
    let running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
    // It is throttled until everybody else was asked: if they waited for it, it would give up before, and not be read.
    throttled_until_all_were_met(&stage, &ids[1..], "GetAccountPasswordPolicy");
    let done = Done::from(running.wait_with_output().expect("it ends"));
    assert_eq!((done.code, kinds(&done.json(), &ids[0])), (Some(0), vec!["compliant".to_owned()]));
    assert!(ids[1..].iter().all(|id| stage.count(id, "GetAccountPasswordPolicy") == 1), "nobody else was slowed");
}

#[test]
fn a_throttled_account_does_not_slow_the_writes_of_the_others() {
    let names: Vec<String> = (0..12).map(|n| format!("account-{n:02}")).collect();
    let (mut world, ids) = organization(&names.iter().map(String::as_str).collect::<Vec<_>>());
    all_strong(&mut world);
    for id in &ids {
        set_policy(&mut world, id, json!({"MinimumPasswordLength": 8}));
    }
    let stage = Stage::held_to(world, STRONG);
    stage.planned(2);
    stage.inject(strike(&ids[0], "UpdateAccountPasswordPolicy", error(400, "Throttling")));
    let mut command = stage.command(&["apply", "plan.json", "--format", "json"]);
    let running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
    // The same: it would give up, and have failed.
    throttled_until_all_were_met(&stage, &ids[1..], "UpdateAccountPasswordPolicy");
    let done = Done::from(running.wait_with_output().expect("it ends"));
    let applied = done.json();
    assert!(outcomes(&applied).iter().all(|(_, outcome)| *outcome == "verified"), "{applied:#}");
    assert_eq!((outcomes(&applied).len(), done.code), (12, Some(0)));
    let mut written: Vec<_> = ids.iter().map(|id| policy_write(id)).collect();
    let again = stage.count(&ids[0], "UpdateAccountPasswordPolicy") - 1;
    written.splice(0..0, std::iter::repeat_n(policy_write(&ids[0]), again));
    assert_eq!(stage.writes(), written, "nobody else was written twice");
    assert!(ids.iter().all(|id| stage.policy(id)["MinimumPasswordLength"] == 14));
}
