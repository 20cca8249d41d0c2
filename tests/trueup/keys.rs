//! Key rotation: one object per key, and a key that refuses is unreadable alone.

use serde_json::{Value, json};
use trueup::simulator::world::World;

use crate::harness::{HOME, Stage, error, kinds, line, list, organization, outcomes, rows, strike, text, write};
use crate::trails::trail;

const ROTATION: &str = "regions: all\ncontrols:\n  kms.key_rotation:\n    enabled: true\n";

fn make_key(world: &mut World, account: &str, region: &str, input: Value) -> String {
    let made = world.build(account, region, "kms", "CreateKey", input);
    text(&made["KeyMetadata"]["KeyId"]).to_owned()
}

fn rotates(stage: &Stage, account: &str, region: &str, key: &str) -> Value {
    stage.key(account, region, key)["Rotation"]["KeyRotationEnabled"].clone()
}

#[test]
fn keys_that_do_not_rotate_are_held_for_their_cost_and_then_mended() {
    let (mut world, ids) = organization(&["keys"]);
    let here = make_key(&mut world, &ids[0], HOME, json!({}));
    let there = make_key(&mut world, &ids[0], "eu-west-1", json!({}));
    let good = make_key(&mut world, &ids[0], HOME, json!({}));
    world.build(&ids[0], HOME, "kms", "EnableKeyRotation", json!({"KeyId": good, "RotationPeriodInDays": 90}));
    make_key(&mut world, &ids[0], HOME, json!({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}));
    let disabled = make_key(&mut world, &ids[0], HOME, json!({}));
    world.build(&ids[0], HOME, "kms", "DisableKey", json!({"KeyId": disabled}));
    let stage = Stage::held_to(world, ROTATION);
    let plan = stage.planned(2);
    let of = |verdict: &str| {
        let mut objects: Vec<String> = rows(&plan, &ids[0])
            .filter(|row| row["verdict"] == verdict)
            .map(|row| text(&row["object"]).to_owned())
            .collect();
        objects.sort();
        objects
    };
    let mut wanted = vec![here.clone(), there.clone()];
    wanted.sort();
    assert_eq!((of("drifted"), of("compliant")), (wanted, vec![good.clone()]));
    assert_eq!(of("not_applicable"), [""; 0], "keys that cannot rotate are no objects");

    let (applied, code) = stage.apply(&[]);
    assert!(outcomes(&applied).iter().all(|(_, outcome)| *outcome == "held"), "{applied:#}");
    assert_eq!((code, stage.writes()), (Some(2), vec![]));
    assert!(text(&applied["outcomes"][0]["reason"]).contains("--allow cost"), "{applied:#}");

    assert_eq!(stage.apply(&["--allow", "cost"]).1, Some(0));
    let written = write(&ids[0], "kms", "EnableKeyRotation");
    assert_eq!(stage.writes(), [written.clone(), written]);
    assert_eq!(rotates(&stage, &ids[0], HOME, &here), true);
    assert_eq!(rotates(&stage, &ids[0], "eu-west-1", &there), true);
    let kept = stage.key(&ids[0], HOME, &good)["Rotation"].clone();
    assert_eq!(kept["RotationPeriodInDays"], 90, "a key that rotates more often is kept so");
    assert_eq!(stage.plan(&[]).1, Some(0));
}

#[test]
fn a_key_that_refuses_is_unreadable_and_the_rest_of_the_region_is_judged() {
    let (mut world, ids) = organization(&["keys"]);
    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
    let owner = json!({"RoleName": "owner", "AssumeRolePolicyDocument": trust.to_string()});
    world.build(&ids[0], HOME, "iam", "CreateRole", owner);
    let closed = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{}:role/owner", ids[0])},
         "Action": "kms:*", "Resource": "*"}]});
    let refusing = make_key(
        &mut world,
        &ids[0],
        HOME,
        json!({"Policy": closed.to_string(), "BypassPolicyLockoutSafetyCheck": true}),
    );
    let open = make_key(&mut world, &ids[0], HOME, json!({}));
    let stage = Stage::held_to(world, ROTATION);
    let plan = stage.planned(3);
    let verdict = |key: &str| {
        let row = rows(&plan, &ids[0]).find(|row| row["object"] == key).expect("each key is named");
        text(&row["verdict"]).to_owned()
    };
    assert_eq!((verdict(&refusing), verdict(&open)), ("unreadable".to_owned(), "drifted".to_owned()));
    assert_eq!(line(&plan, &ids[0])["status"], "partial");
    assert_eq!(list(&plan["changes"]).len(), 1);
    assert_eq!(stage.apply(&["--allow", "cost"]).1, Some(3));
    assert_eq!(stage.writes(), [write(&ids[0], "kms", "EnableKeyRotation")]);
    assert_eq!(rotates(&stage, &ids[0], HOME, &open), true);
}

#[test]
fn a_region_without_keys_is_not_applicable_once() {
    let (world, ids) = organization(&["empty"]);
    let stage = Stage::held_to(world, ROTATION);
    let plan = stage.planned(0);
    assert_eq!(kinds(&plan, &ids[0]), ["not_applicable"]);
    assert_eq!(rows(&plan, &ids[0]).count(), 2, "one for each region");
    assert_eq!(plan["summary"]["score"], json!(null), "nothing was judged");
}

#[test]
fn a_key_made_after_the_plan_is_not_written() {
    let (mut world, ids) = organization(&["keys"]);
    make_key(&mut world, &ids[0], HOME, json!({}));
    let stage = Stage::held_to(world, ROTATION);
    stage.planned(2);
    let late = stage.world(|world| make_key(world, &ids[0], HOME, json!({})));
    assert_eq!(stage.apply(&["--allow", "cost"]).1, Some(0));
    assert_eq!(stage.writes(), [write(&ids[0], "kms", "EnableKeyRotation")]);
    assert_eq!(rotates(&stage, &ids[0], HOME, &late), false);
}

#[test]
fn a_key_that_went_away_since_the_plan_needs_nothing() {
    let (mut world, ids) = organization(&["keys"]);
    let key = make_key(&mut world, &ids[0], HOME, json!({}));
    let stage = Stage::held_to(world, ROTATION);
    stage.planned(2);
    stage.world(|world| {
        world.build(&ids[0], HOME, "kms", "ScheduleKeyDeletion", json!({"KeyId": key}));
    });
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!((outcomes(&applied), code), (vec![(&*ids[0], "already")], Some(0)));
    assert_eq!(stage.writes(), []);
    assert_eq!(stage.key(&ids[0], HOME, &key)["KeyState"], "PendingDeletion");
}

#[test]
fn only_keys_that_can_rotate_by_themselves_are_judged() {
    let (mut world, ids) = organization(&["keys"]);
    let primary = make_key(&mut world, &ids[0], HOME, json!({"MultiRegion": true}));
    let replica = json!({"KeyId": primary, "ReplicaRegion": "eu-west-1"});
    world.build(&ids[0], HOME, "kms", "ReplicateKey", replica);
    make_key(&mut world, &ids[0], HOME, json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}));
    make_key(&mut world, &ids[0], HOME, json!({"Origin": "EXTERNAL"}));
    let stored = json!({"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": "cks-1234567890abcdef0"});
    make_key(&mut world, &ids[0], HOME, stored);
    let dying = make_key(&mut world, &ids[0], HOME, json!({}));
    world.build(&ids[0], HOME, "kms", "ScheduleKeyDeletion", json!({"KeyId": dying}));
    world.build(&ids[0], HOME, "kms", "DescribeKey", json!({"KeyId": "alias/aws/s3"}));
    let stage = Stage::held_to(world, ROTATION);
    let (plan, _) = stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    let judged: Vec<_> =
        rows(&plan, &ids[0]).map(|row| (text(&row["region"]), text(&row["object"]), text(&row["verdict"]))).collect();
    assert_eq!(judged, [("eu-west-1", "", "not_applicable"), (HOME, &*primary, "drifted")], "the replica follows");
    assert_eq!(stage.apply(&["--allow", "cost"]).1, Some(0));
    assert_eq!(stage.writes(), [write(&ids[0], "kms", "EnableKeyRotation")]);
    assert_eq!(rotates(&stage, &ids[0], "eu-west-1", &primary), true);
}

const DYING: &str = "regions: all\ncontrols:\n  kms.key_deletion:\n    not_scheduled: true\n";

/// A key whose deletion is scheduled.
pub(crate) fn dying(world: &mut World, account: &str, region: &str) -> String {
    let key = make_key(world, account, region, json!({}));
    world.build(account, region, "kms", "ScheduleKeyDeletion", json!({"KeyId": key, "PendingWindowInDays": 7}));
    key
}

#[test]
fn a_key_that_is_to_be_deleted_is_told_to_a_person_and_saved_only_where_the_baseline_says_so() {
    let (mut world, ids) = organization(&["keys"]);
    let (here, there) = (dying(&mut world, &ids[0], HOME), dying(&mut world, &ids[0], "eu-west-1"));
    let good = make_key(&mut world, &ids[0], HOME, json!({}));
    world.build(&ids[0], HOME, "kms", "DisableKey", json!({"KeyId": good}));
    let stage = Stage::held_to(world, DYING);
    let plan = stage.planned(2);
    let of = |verdict: &str| rows(&plan, &ids[0]).filter(|row| row["verdict"] == verdict).count();
    assert_eq!((of("drifted"), of("compliant")), (2, 1), "{plan:#}");
    let told = list(&plan["changes"]).iter().map(|change| text(&change["manual"]));
    assert!(
        told.clone().count() == 2 && told.into_iter().all(|words| words.contains("CancelKeyDeletion, then EnableKey"))
    );
    assert_eq!((stage.apply(&["--allow", "disruptive,cost"]).1, stage.writes()), (Some(2), vec![]));

    stage.baseline("", &format!("{DYING}    mend: true\n"));
    stage.planned(2);
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert!(outcomes(&applied).iter().all(|(_, outcome)| *outcome == "held"), "{applied:#}");
    assert_eq!((code, stage.writes()), (Some(2), vec![]));
    let (applied, code) = stage.apply(&["--allow", "disruptive,cost"]);
    assert_eq!(code, Some(0), "{applied:#}");
    let saved = [write(&ids[0], "kms", "CancelKeyDeletion"), write(&ids[0], "kms", "EnableKey")];
    assert_eq!(stage.writes(), [&saved[..1], &saved[..1], &saved[1..], &saved[1..]].concat());
    let now = |region: &str, key: &str| stage.key(&ids[0], region, key)["KeyState"].clone();
    assert_eq!((now(HOME, &here), now("eu-west-1", &there)), (json!("Enabled"), json!("Enabled")));
    assert_eq!(now(HOME, &good), "Disabled", "a key that is not to be deleted is left as it is");
    assert_eq!(stage.plan(&[]).1, Some(0));

    let written = stage.writes().len();
    let run = text(&applied["run"]);
    let undone = stage.run(&["revert", run, "--auto-approve", "--allow", "irreversible,weakening", "--format", "json"]);
    assert_eq!((undone.code, stage.writes().len()), (Some(2), written), "{}{}", undone.stdout, undone.stderr);
    assert!(undone.stdout.contains("With --delete-keys its deletion is scheduled again"), "{}", undone.stdout);
}

/// A run that saved a key of which 20 days were left, the key, and when it was to be deleted.
fn saved() -> (Stage, String, String, String, i64) {
    let (mut world, ids) = organization(&["keys"]);
    let key = make_key(&mut world, &ids[0], HOME, json!({}));
    let scheduled = json!({"KeyId": key, "PendingWindowInDays": 20});
    world.build(&ids[0], HOME, "kms", "ScheduleKeyDeletion", scheduled);
    let region = &world.account(&ids[0]).expect("it is there").regions[HOME];
    let due = region.kms.keys[&key].deletion.expect("it waits for its deletion");
    let stage = Stage::held_to(world, &format!("{DYING}    mend: true\n"));
    stage.planned(2);
    let (applied, code) = stage.apply(&["--allow", "disruptive,cost"]);
    assert_eq!(code, Some(0), "{applied:#}");
    (stage, ids[0].clone(), key, text(&applied["run"]).to_owned(), due)
}

const GIVE_UP: &[&str] = &["--delete-keys", "--auto-approve", "--format", "json", "--allow"];

#[test]
fn a_key_that_was_saved_is_deleted_after_all_only_where_that_is_asked_and_never_sooner_than_before() {
    for (passed, days) in [(0, 20), (3, 17), (18, 7)] {
        let (stage, id, key, run, due) = saved();
        stage.world(|world| world.advance(passed * 86_400 + 60));
        let began = stage.world(|world| world.now());
        let held = stage.run(&[&["revert", &run], GIVE_UP, &["weakening"]].concat());
        assert_eq!((held.code, outcomes(&held.json())), (Some(2), vec![(&*id, "held")]), "{}", held.stdout);
        assert_eq!(stage.count(&id, "ScheduleKeyDeletion"), 0);
        let done = stage.run(&[&["revert", &run], GIVE_UP, &["weakening,irreversible"]].concat());
        assert_eq!((done.code, outcomes(&done.json())), (Some(0), vec![(&*id, "verified")]), "{}", done.stdout);
        let found = stage.key(&id, HOME, &key);
        let again = stage.world(|world| world.account(&id).expect("it is there").regions[HOME].kms.keys[&key].deletion);
        let again = again.expect("it waits for its deletion");
        assert_eq!((&found["KeyState"], (again - began) / 86_400), (&json!("PendingDeletion"), days));
        assert!(again >= due, "{again} is sooner than {due}");
        let twice = stage.run(&[&["revert", &run], GIVE_UP, &["weakening,irreversible"]].concat());
        assert_eq!((twice.code, stage.count(&id, "ScheduleKeyDeletion")), (Some(0), 1), "{}", twice.stdout);
    }
}

#[test]
fn a_key_that_was_saved_and_that_a_trail_encrypts_by_stays() {
    let (stage, id, key, run, _) = saved();
    stage.world(|world| {
        trail(world, &id, json!({}));
        let region = world.account(&id).expect("it is there").regions.get_mut(HOME).expect("it has a key");
        let made = region.cloudtrail.trails.values_mut().next().expect("it was just made");
        made.key = Some(format!("arn:aws:kms:{HOME}:{id}:key/{key}"));
    });
    let done = stage.run(&[&["revert", &run], GIVE_UP, &["weakening,irreversible"]].concat());
    assert_eq!((done.code, outcomes(&done.json())), (Some(2), vec![(&*id, "manual")]), "{}", done.stdout);
    assert!(done.stdout.contains("encrypts its files by it"), "{}", done.stdout);
    assert_eq!(stage.key(&id, HOME, &key)["KeyState"], "Enabled");
}

#[test]
fn what_a_run_that_was_cut_off_left_disabled_is_given_up_as_well() {
    let (stage, id, key, run, _) = saved();
    stage.world(|world| world.build(&id, HOME, "kms", "DisableKey", json!({ "KeyId": key })));
    let done = stage.run(&[&["revert", &run], GIVE_UP, &["weakening,irreversible"]].concat());
    assert_eq!((done.code, outcomes(&done.json())), (Some(0), vec![(&*id, "verified")]), "{}", done.stdout);
}

#[test]
fn both_controls_of_keys_read_each_key_once() {
    let (mut world, ids) = organization(&["keys"]);
    make_key(&mut world, &ids[0], HOME, json!({}));
    dying(&mut world, &ids[0], HOME);
    let both = "regions: [us-east-1]\ncontrols:\n  kms.key_rotation:\n    enabled: true\n  kms.key_deletion:\n    not_scheduled: true\n";
    let stage = Stage::held_to(world, both);
    stage.plan(&["--account", &ids[0]]);
    let calls = ["ListKeys", "DescribeKey", "GetKeyRotationStatus"].map(|operation| stage.count(&ids[0], operation));
    assert_eq!(calls, [1, 2, 1]);
}

#[test]
fn a_key_that_came_back_since_the_plan_is_not_touched_again() {
    let (mut world, ids) = organization(&["keys"]);
    let key = dying(&mut world, &ids[0], HOME);
    let stage = Stage::held_to(world, &format!("{DYING}    mend: true\n"));
    stage.planned(2);
    stage.world(|world| {
        world.build(&ids[0], HOME, "kms", "CancelKeyDeletion", json!({ "KeyId": key }));
    });
    let (applied, code) = stage.apply(&["--allow", "disruptive,cost"]);
    assert_eq!((outcomes(&applied), code), (vec![(ids[0].as_str(), "already")], Some(0)), "{applied:#}");
    assert_eq!((stage.writes(), stage.key(&ids[0], HOME, &key)["KeyState"].clone()), (vec![], json!("Disabled")));
}

const BOTH: &str = "regions: [us-east-1]\ncontrols:\n  kms.key_rotation:\n    enabled: true\n  kms.key_deletion:\n    \
                    not_scheduled: true\n    mend: true\n";

/// A key of a stack that does not rotate, one of a person's tag that is about to be deleted, and one that is as wanted.
fn tagged() -> (Stage, String, String, String) {
    let (mut world, ids) = organization(&["keys"]);
    let id = ids[0].clone();
    let stacks = make_key(&mut world, &id, HOME, json!({}));
    let tags = json!([{"TagKey": "ManagedBy", "TagValue": "Terraform"}]);
    let lost = make_key(&mut world, &id, HOME, json!({ "Tags": tags }));
    world.build(&id, HOME, "kms", "ScheduleKeyDeletion", json!({"KeyId": lost}));
    let good = make_key(&mut world, &id, HOME, json!({ "Tags": tags }));
    world.build(&id, HOME, "kms", "EnableKeyRotation", json!({"KeyId": good}));
    // CloudFormation alone sets such a tag.
    let region = world.account(&id).expect("it is there").regions.get_mut(HOME).expect("something is in it");
    let key = region.kms.keys.get_mut(&stacks).expect("it was just made");
    key.tags.insert("aws:cloudformation:stack-name".to_owned(), "data".to_owned());
    (Stage::held_to(world, BOTH), id, stacks, lost)
}

const ALLOWED: [&str; 2] = ["--allow", "disruptive,cost"];

#[test]
fn what_looks_after_a_key_is_asked_of_those_that_drift_and_shown_beside_the_drift() {
    let (stage, id, stacks, lost) = tagged();
    let plan = stage.planned(2);
    let of = |key: &str| list(&plan["changes"]).iter().find(|change| change["object"] == key).expect("it drifts");
    assert_eq!(of(&stacks)["managed_by"], "CloudFormation stack data");
    assert_eq!(of(&lost)["managed_by"], "Terraform, says its tag ManagedBy");
    assert_eq!(stage.count(&id, "ListResourceTags"), 2, "the key that is as wanted is not asked");
    let shown = stage.run(&["plan", "-b", "baseline.yaml"]).stdout;
    assert!(shown.contains("managed by CloudFormation stack data: change it there, or it will come back"), "{shown}");

    let asked = stage.count(&id, "ListResourceTags");
    let (applied, code) = stage.apply(&ALLOWED);
    assert_eq!((code, stage.count(&id, "ListResourceTags")), (Some(0), asked), "an apply tells nobody: {applied:#}");
    stage.planned(2);
    assert_eq!(stage.count(&id, "ListResourceTags"), asked + 1, "the key that was saved does not rotate, and it alone");
}

#[test]
fn a_key_whose_tags_cannot_be_read_drifts_all_the_same_and_it_is_said_that_its_tool_is_not_known() {
    let (stage, id, stacks, lost) = tagged();
    stage.inject(strike(&id, "ListResourceTags", error(400, "AccessDeniedException")));
    let plan = stage.planned(2);
    for key in [&stacks, &lost] {
        let row = rows(&plan, &id).find(|row| row["object"] == **key).expect("it is judged");
        let reason = text(&row["reason"]);
        assert_eq!(row["verdict"], "drifted", "{row}");
        assert!(reason.contains("its tags could not be read") && reason.contains("kms:ListResourceTags"), "{reason}");
    }
    assert_eq!(plan["complete"], true);
    let unknown = |change: &Value| change["managed_by"].is_null() && change["tags_unread"] == true;
    assert!(list(&plan["changes"]).iter().all(unknown), "{plan:#}");
    let shown = stage.run(&["plan", "-b", "baseline.yaml", "--control", "kms.key_rotation"]).stdout;
    assert!(shown.contains("its tags could not be read, so that no tool is known to look after it"), "{shown}");
    assert_eq!(stage.apply(&ALLOWED).1, Some(0));
}

#[test]
fn a_key_that_rotates_too_seldom_gets_the_wanted_period_and_its_own_again() {
    let (mut world, ids) = organization(&["keys"]);
    let made: Vec<String> = (0..3).map(|_| make_key(&mut world, &ids[0], HOME, json!({}))).collect();
    for (key, days) in [(&made[0], 365), (&made[1], 90)] {
        let input = json!({"KeyId": key, "RotationPeriodInDays": days});
        world.build(&ids[0], HOME, "kms", "EnableKeyRotation", input);
    }
    let stage = Stage::held_to(world, &format!("{ROTATION}    rotation_period_days: 180\n"));
    let period = |key: &str| stage.key(&ids[0], HOME, key)["Rotation"]["RotationPeriodInDays"].clone();
    let periods = || made.iter().map(|key| period(key)).collect::<Vec<Value>>();
    let before = periods();
    let plan = stage.planned(2);
    let of_period = |verdict: &str| {
        let is = |row: &&Value| row["requirement"] == "kms.key_rotation.period" && row["verdict"] == verdict;
        rows(&plan, &ids[0]).filter(is).count()
    };
    assert_eq!((of_period("drifted"), of_period("compliant")), (2, 1), "{plan:#}");
    assert_eq!(stage.apply(&["--allow", "cost"]).1, Some(0));
    assert_eq!(stage.writes().len(), 2);
    assert_eq!(periods(), [json!(180), json!(90), json!(180)]);
    assert_eq!(stage.plan(&[]).1, Some(0));
    stage.revert_all();
    assert_eq!(periods(), before);
}
