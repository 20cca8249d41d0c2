//! What a run did is undone: everything is as it was before, but for what is said to stay.

use std::path::PathBuf;

use serde_json::{Value, json};
use trueup::simulator::fault::{Effect, Moment};
use trueup::simulator::world::World;

use crate::harness::{
    Done, HOME, STRONG, Stage, all_strong, error, list, organization, outcomes, policy_write, set_policy, strike, text,
    write,
};

const ROTATION: &str = "controls:\n  kms.key_rotation:\n    enabled: true\n";

const WATCHED: &str = "\
regions: [us-east-1]
controls:
  guardduty.detector:
    publishing_frequency: ONE_HOUR
    features: [S3_DATA_EVENTS]
";

const TRAIL: &str = "\
controls:
  cloudtrail.trail:
    scope: account
    name: audit
    multi_region: true
    logging: true
    management_events: true
    log_file_validation: true
    kms_key: alias/trueup-trail
";

const ORGANIZATION: &str = "\
controls:
  cloudtrail.trail:
    scope: organization
    multi_region: true
    logging: true
    log_file_validation: true
    kms_key: alias/trueup-trail
";

const EVERYTHING: &str = "cost,disruptive";
const UNDO: [&str; 2] = ["--allow", "weakening,irreversible"];

/// Everything there is, without the clock, the times at which things were done, and roles that services made for
/// themselves, which trueup never takes away. What AWS answers alike is alike.
fn dump(stage: &Stage) -> Value {
    let mut state = stage.world(World::state);
    plain(&mut state);
    state
}

/// Nothing is otherwise than before.
#[track_caller]
fn unchanged(stage: &Stage, before: &Value) {
    alike(before, &dump(stage));
}

/// Two dumps are the same; what differs is named.
#[track_caller]
fn alike(before: &Value, after: &Value) {
    let mut found = vec![];
    differences("", before, after, &mut found);
    assert_eq!(found, [""; 0]);
}

fn differences(place: &str, one: &Value, other: &Value, found: &mut Vec<String>) {
    if let (Value::Object(one), Value::Object(other)) = (one, other) {
        let names: std::collections::BTreeSet<&String> = one.keys().chain(other.keys()).collect();
        for name in names {
            let of = |fields: &serde_json::Map<String, Value>| fields.get(name).cloned().unwrap_or_default();
            differences(&format!("{place}/{name}"), &of(one), &of(other), found);
        }
    } else if one != other {
        found.push(format!("{place}: {one} -> {other}"));
    }
}

/// A region in which somebody only looked is there, and empty.
fn is_empty(region: &Value) -> bool {
    let none = |value: &Value| value.is_null() || *value == json!({});
    let (kms, guardduty) = (&region["kms"], &region["guardduty"]);
    none(&kms["keys"]) && none(&kms["aliases"]) && none(&region["cloudtrail"]["trails"]) && none(&guardduty["detector"])
}

/// The keys and aliases of an account at home are taken out.
fn without_keys(mut dump: Value, account: &str) -> Value {
    if let Some(region) = dump["accounts"][account]["regions"].get_mut(HOME) {
        region["kms"] = json!({"keys": {}, "aliases": {}});
    }
    plain(&mut dump);
    dump
}

fn plain(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for passing in ["now", "started", "stopped", "updated", "created"] {
                fields.remove(passing);
            }
            fields.retain(|name, _| !name.starts_with("AWSServiceRole"));
            if let Some(expiry) = fields.get_mut("hard_expiry").filter(|expiry| expiry.is_null()) {
                *expiry = json!(false);
            }
            if let Some(Value::Object(regions)) = fields.get_mut("regions") {
                regions.retain(|_, region| !is_empty(region));
            }
            fields.values_mut().for_each(plain);
        }
        Value::Array(items) => items.iter_mut().for_each(plain),
        _ => {}
    }
}

/// The id of the last run that was kept.
fn last(stage: &Stage) -> String {
    let listed = stage.run(&["history", "--format", "json"]).json();
    text(&list(&listed["runs"]).last().expect("a run")["run"]).to_owned()
}

/// Plans and applies; answers the id of the run.
fn applied(stage: &Stage, more: &[&str]) -> String {
    let (plan, code) = stage.plan(&[&["--out", "plan.json"], more].concat());
    assert_eq!(code, Some(2), "{plan:#}");
    let (applied, code) = stage.apply(&["--allow", EVERYTHING]);
    assert_eq!(code, Some(0), "{applied:#}");
    last(stage)
}

/// Reverts a run without a question.
fn reverted(stage: &Stage, run: &str, more: &[&str]) -> Done {
    stage.run(&[&["revert", run, "--auto-approve", "--format", "json"], more].concat())
}

/// What came of each object of a revert: its name and its outcome.
#[track_caller]
fn came(done: &Done, code: i32) -> Vec<(String, String)> {
    let result = done.json();
    assert_eq!(done.code, Some(code), "{result:#}\n{}", done.stderr);
    let one = |one: &Value| (text(&one["object"]).to_owned(), text(&one["outcome"]).to_owned());
    list(&result["outcomes"]).iter().map(one).collect()
}

/// All came to the same.
#[track_caller]
fn all_came(done: &Done, code: i32, outcome: &str) {
    let came = came(done, code);
    assert!(!came.is_empty() && came.iter().all(|(_, came)| came == outcome), "{came:?}\n{}", done.stdout);
}

/// The reason of the only outcome.
fn reason(done: &Done) -> String {
    text(&done.json()["outcomes"][0]["reason"]).to_owned()
}

fn weak(names: &[&str]) -> (World, Vec<String>) {
    let (mut world, ids) = organization(names);
    all_strong(&mut world);
    for id in &ids {
        set_policy(&mut world, id, json!({"MinimumPasswordLength": 8, "MaxPasswordAge": 60}));
    }
    (world, ids)
}

/// A bucket that takes the files of an account's trail, with a trail `audit` that does not log.
fn poor_trail(world: &mut World, account: &str) {
    let name = format!("audit-{account}");
    world.build(account, HOME, "s3", "CreateBucket", json!({"Bucket": name}));
    let service = json!({"Service": "cloudtrail.amazonaws.com"});
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": format!("arn:aws:s3:::{name}")},
        {"Effect": "Allow", "Principal": service, "Action": "s3:PutObject",
         "Resource": format!("arn:aws:s3:::{name}/AWSLogs/{account}/*"),
         "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}}]});
    world.build(account, HOME, "s3", "PutBucketPolicy", json!({"Bucket": name, "Policy": policy.to_string()}));
    let input = json!({"Name": "audit", "S3BucketName": name, "IncludeGlobalServiceEvents": false});
    world.build(account, HOME, "cloudtrail", "CreateTrail", input);
    let selectors = json!([{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": true}]);
    let input = json!({"TrailName": "audit", "EventSelectors": selectors});
    world.build(account, HOME, "cloudtrail", "PutEventSelectors", input);
}

/// A key under the alias that the baseline names, which does not let CloudTrail in.
fn closed_key(world: &mut World, account: &str) {
    let made = world.build(account, HOME, "kms", "CreateKey", json!({}));
    let alias = json!({"AliasName": "alias/trueup-trail", "TargetKeyId": made["KeyMetadata"]["KeyId"]});
    world.build(account, HOME, "kms", "CreateAlias", alias);
    let id = made["KeyMetadata"]["KeyId"].clone();
    world.build(account, HOME, "kms", "EnableKeyRotation", json!({"KeyId": id}));
}

#[test]
fn password_policies_are_as_before_also_where_there_was_none() {
    let (mut world, ids) = weak(&["weak", "bare"]);
    world.perform(&ids[1], HOME, "iam", "DeleteAccountPasswordPolicy", json!({})).expect("it had one");
    let stage = Stage::held_to(world, STRONG);
    let before = dump(&stage);
    let run = applied(&stage, &[]);
    assert_ne!(dump(&stage), before);
    all_came(&reverted(&stage, &run, &["--allow", "weakening"]), 0, "verified");
    unchanged(&stage, &before);
    assert_eq!(stage.count(&ids[1], "DeleteAccountPasswordPolicy"), 1);
}

#[test]
fn keys_that_were_told_to_rotate_do_not_rotate_again() {
    let (mut world, ids) = organization(&["keys"]);
    for region in [HOME, "eu-west-1"] {
        world.build(&ids[0], region, "kms", "CreateKey", json!({}));
    }
    let stage = Stage::held_to(world, ROTATION);
    let before = dump(&stage);
    let run = applied(&stage, &[]);
    assert_ne!(dump(&stage), before);
    all_came(&reverted(&stage, &run, &["--allow", "weakening"]), 0, "verified");
    unchanged(&stage, &before);
}

#[test]
fn detectors_that_were_told_more_are_told_what_they_did_before() {
    let (mut world, ids) = organization(&["partly", "asleep"]);
    let features = json!([{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}]);
    let input = json!({"Enable": true, "FindingPublishingFrequency": "SIX_HOURS", "Features": features});
    world.build(&ids[0], HOME, "guardduty", "CreateDetector", input);
    let input = json!({"Enable": false, "FindingPublishingFrequency": "FIFTEEN_MINUTES"});
    world.build(&ids[1], HOME, "guardduty", "CreateDetector", input);
    let stage = Stage::held_to(world, WATCHED);
    let before = dump(&stage);
    let run = applied(&stage, &["--account", &ids.join(",")]);
    assert_ne!(dump(&stage), before);
    all_came(&reverted(&stage, &run, &["--allow", "weakening"]), 0, "verified");
    unchanged(&stage, &before);
}

#[test]
fn a_detector_that_was_made_is_taken_away_only_where_that_is_allowed() {
    let (world, ids) = organization(&["bare"]);
    let stage = Stage::held_to(world, WATCHED);
    let before = dump(&stage);
    let run = applied(&stage, &["--account", &ids[0]]);
    let held = reverted(&stage, &run, &["--allow", "weakening"]);
    all_came(&held, 2, "held");
    assert_eq!(reason(&held), "needs --allow irreversible");
    let held = reverted(&stage, &run, &[]);
    assert_eq!(reason(&held), "needs --allow irreversible,weakening");
    assert_eq!(stage.count(&ids[0], "DeleteDetector"), 0);
    all_came(&reverted(&stage, &run, &UNDO), 0, "verified");
    unchanged(&stage, &before);
}

#[test]
fn a_trail_that_was_mended_is_as_before_with_its_key_and_its_selectors() {
    let (mut world, ids) = organization(&["poor"]);
    poor_trail(&mut world, &ids[0]);
    closed_key(&mut world, &ids[0]);
    let stage = Stage::held_to(world, TRAIL);
    let before = dump(&stage);
    let run = applied(&stage, &["--account", &ids[0]]);
    all_came(&reverted(&stage, &run, &["--allow", "weakening"]), 0, "verified");
    unchanged(&stage, &before);
    let order: Vec<String> = stage.world(|world| world.ledger.writes().map(|entry| entry.operation.clone()).collect());
    let (done, undone) = order.split_at(4);
    assert_eq!(done, ["PutKeyPolicy", "UpdateTrail", "PutEventSelectors", "StartLogging"]);
    assert_eq!(undone, ["StopLogging", "PutEventSelectors", "UpdateTrail", "PutKeyPolicy"], "the last comes first");
}

#[test]
fn a_trail_that_was_made_goes_before_its_bucket_and_its_key_stays_unless_asked_for() {
    let (world, ids) = organization(&["bare"]);
    let stage = Stage::held_to(world, TRAIL);
    let before = dump(&stage);
    let run = applied(&stage, &["--account", &ids[0]]);
    let plan = stage.run(&["revert", &run, "--out", "revert.json"]);
    assert_eq!(plan.code, Some(0), "{}", plan.stderr);
    for words in
        ["What stays", "alias/trueup-trail", "--delete-keys", "DeleteTrail: trail audit", "weakening,irreversible"]
    {
        assert!(plan.stdout.contains(words), "{words}: {}", plan.stdout);
    }
    let done = reverted(&stage, &run, &UNDO);
    let bucket = format!("trueup-trail-{}-{HOME}", ids[0]);
    let expected = [("audit", "verified"), ("alias/trueup-trail", "manual"), (&bucket, "verified")];
    let mut came = came(&done, 2);
    came.sort();
    let mut expected = expected.map(|(object, outcome)| (object.to_owned(), outcome.to_owned()));
    expected.sort();
    assert_eq!(came, expected);
    let after = dump(&stage);
    let kms = &after["accounts"][&ids[0]]["regions"][HOME]["kms"];
    let key = kms["keys"].as_object().and_then(|keys| keys.values().next()).expect("the key stays");
    assert_eq!((&key["state"], key["rotation"].as_i64()), (&json!("Enabled"), Some(365)));
    assert!(kms["aliases"].get("alias/trueup-trail").is_some());
    alike(&before, &without_keys(after.clone(), &ids[0]));

    let done = reverted(&stage, &run, &["--delete-keys", UNDO[0], UNDO[1]]);
    assert_eq!(done.code, Some(0), "{}", done.stdout);
    let kms = stage.world(|world| world.state()["accounts"][&ids[0]]["regions"][HOME]["kms"].clone());
    let key = kms["keys"].as_object().and_then(|keys| keys.values().next()).expect("it waits for its deletion");
    assert_eq!((&key["state"], &kms["aliases"]), (&json!("PendingDeletion"), &json!({})));
    let waits = stage.world(|world| world.now()) + 30 * 86_400;
    assert_eq!(key["deletion"], waits);
}

#[test]
fn the_organization_trusts_cloudtrail_no_more_than_before() {
    let (world, _) = organization(&["one"]);
    let management = world.management();
    let stage = Stage::new(world);
    stage.baseline("management_account: include\n", ORGANIZATION);
    let before = dump(&stage);
    let run = applied(&stage, &[]);
    let done = reverted(&stage, &run, &["--delete-keys", UNDO[0], UNDO[1]]);
    all_came(&done, 0, "verified");
    assert_eq!(stage.count(&management, "DisableAWSServiceAccess"), 1);
    alike(&before, &without_keys(dump(&stage), &management));
}

#[test]
fn a_bucket_with_files_stays_as_it_is_with_all_that_protects_it() {
    let (world, ids) = organization(&["bare"]);
    let stage = Stage::held_to(world, TRAIL);
    let run = applied(&stage, &["--account", &ids[0]]);
    let bucket = format!("trueup-trail-{}-{HOME}", ids[0]);
    let file = json!({"Bucket": bucket, "Key": "AWSLogs/log.json.gz", "Body": "bG9n"});
    stage.world(|world| world.build(&ids[0], HOME, "s3", "PutObject", file));
    let whole = stage.world(|world| world.state()["buckets"][&bucket].clone());
    let done = reverted(&stage, &run, &UNDO);
    let came = came(&done, 2);
    assert!(came.contains(&(bucket.clone(), "manual".to_owned())), "{came:?}");
    assert!(done.stdout.contains("trueup empties no bucket"), "{}", done.stdout);
    assert_eq!(stage.world(|world| world.state()["buckets"][&bucket].clone()), whole);
    assert_eq!(stage.count(&ids[0], "DeleteTrail"), 1);
}

#[test]
fn what_somebody_else_uses_now_stays() {
    let (world, ids) = organization(&["shared"]);
    let stage = Stage::held_to(world, TRAIL);
    let run = applied(&stage, &["--account", &ids[0]]);
    let bucket = format!("trueup-trail-{}-{HOME}", ids[0]);
    stage.world(|world| {
        let policy = world.build(&ids[0], HOME, "s3", "GetBucketPolicy", json!({"Bucket": bucket}));
        let wider = text(&policy["Policy"]).replace("trail/audit", "trail/*").replace("StringEquals", "StringLike");
        world.build(&ids[0], HOME, "s3", "PutBucketPolicy", json!({"Bucket": bucket, "Policy": wider}));
        let other = json!({"Name": "theirs", "S3BucketName": bucket});
        world.build(&ids[0], HOME, "cloudtrail", "CreateTrail", other);
    });
    let done = reverted(&stage, &run, &UNDO);
    assert!(came(&done, 2).contains(&(bucket.clone(), "manual".to_owned())));
    assert!(done.stdout.contains("trail theirs delivers its files to it"), "{}", done.stdout);
    assert!(stage.world(|world| world.buckets.contains_key(&bucket)));
}

#[test]
fn a_bucket_that_was_there_is_as_before_but_for_versions_that_cannot_be_forgotten() {
    for (policy, tags, block) in [(true, true, true), (false, false, false)] {
        let (mut world, ids) = organization(&["own"]);
        let name = "files-of-ours";
        world.build(&ids[0], HOME, "s3", "CreateBucket", json!({"Bucket": name}));
        if block {
            let some = json!({"BlockPublicAcls": true});
            let input = json!({"Bucket": name, "PublicAccessBlockConfiguration": some});
            world.build(&ids[0], HOME, "s3", "PutPublicAccessBlock", input);
        } else {
            world.build(&ids[0], HOME, "s3", "DeletePublicAccessBlock", json!({"Bucket": name}));
        }
        if policy {
            let statement = json!({"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject",
                "Resource": format!("arn:aws:s3:::{name}/*")});
            let document = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
            world.build(&ids[0], HOME, "s3", "PutBucketPolicy", json!({"Bucket": name, "Policy": document}));
        }
        if tags {
            let set = json!({"TagSet": [{"Key": "team", "Value": "audit"}]});
            world.build(&ids[0], HOME, "s3", "PutBucketTagging", json!({"Bucket": name, "Tagging": set}));
        }
        let settings = "controls:\n  cloudtrail.trail: { scope: account, bucket: files-of-ours, logging: true }\n";
        let stage = Stage::held_to(world, settings);
        let mut before = dump(&stage);
        let run = applied(&stage, &["--account", &ids[0]]);
        let held = reverted(&stage, &run, &["--allow", "weakening"]);
        let came = came(&held, 2);
        assert_eq!(came, [("trueup".to_owned(), "held".to_owned()), (name.to_owned(), "blocked".to_owned())]);
        all_came(&reverted(&stage, &run, &UNDO), 0, "verified");
        before["buckets"][name]["versioning"] = json!({"Status": "Suspended"});
        unchanged(&stage, &before);
        assert_eq!(stage.count(&ids[0], "DeleteBucket"), 0, "the run did not make it");
    }
}

#[test]
fn what_a_later_run_uses_stays_when_an_interrupted_one_is_undone() {
    let (world, ids) = organization(&["bare"]);
    let stage = Stage::held_to(world, TRAIL);
    let first = applied(&stage, &["--account", &ids[0]]);
    // As if the first run had been killed before it made the trail, and a second had made it.
    let path = journal(&stage, &first);
    let whole = std::fs::read_to_string(&path).expect("a journal");
    let trail = whole.lines().position(|line| line.contains("cloudtrail:CreateTrail")).expect("the trail was made");
    let cut: Vec<&str> = whole.lines().take(trail).collect();
    std::fs::write(&path, cut.join("\n") + "\n").expect("a file");
    let writes = stage.writes();
    let done = reverted(&stage, &first, &["--delete-keys", UNDO[0], UNDO[1]]);
    all_came(&done, 2, "manual");
    assert_eq!(stage.writes(), writes);
    for words in ["trail audit delivers its files to it", "trail audit encrypts its files by it"] {
        assert!(done.stdout.contains(words), "{words}: {}", done.stdout);
    }
}

#[test]
fn what_was_changed_since_is_stale_and_not_overwritten() {
    let (world, ids) = weak(&["moved", "still"]);
    let stage = Stage::held_to(world, STRONG);
    let run = applied(&stage, &[]);
    // What the baseline does not ask about counts as well: the former policy would take it away.
    let mut since = crate::harness::strong();
    since["MaxPasswordAge"] = json!(30);
    stage.world(|world| set_policy(world, &ids[0], since));
    let done = reverted(&stage, &run, &["--allow", "weakening"]);
    assert_eq!(done.code, Some(2));
    assert_eq!(outcomes(&done.json()), [(&*ids[0], "stale"), (&*ids[1], "verified")]);
    assert!(reason(&done).contains("was changed since"), "{}", reason(&done));
    assert_eq!(stage.policy(&ids[0])["MaxPasswordAge"], 30);
    assert_eq!(stage.policy(&ids[1])["MinimumPasswordLength"], 8);
}

#[test]
fn every_kind_of_object_that_was_changed_since_is_stale() {
    let (mut world, ids) = organization(&["bare", "keys"]);
    let key = world.build(&ids[1], HOME, "kms", "CreateKey", json!({}))["KeyMetadata"]["KeyId"].clone();
    let stage = Stage::held_to(
        world,
        &format!("{TRAIL}  guardduty.detector: {{ enabled: true }}\n  kms.key_rotation: {{ enabled: true }}\n"),
    );
    let run = applied(&stage, &["--account", &ids.join(","), "--regions", HOME]);
    stage.world(|world| {
        world.build(
            &ids[0],
            HOME,
            "cloudtrail",
            "UpdateTrail",
            json!({"Name": "audit", "EnableLogFileValidation": false}),
        );
        let detector = world.build(&ids[0], HOME, "guardduty", "ListDetectors", json!({}))["DetectorIds"][0].clone();
        let more = json!([{"Name": "RDS_LOGIN_EVENTS", "Status": "ENABLED"}]);
        world.build(&ids[0], HOME, "guardduty", "UpdateDetector", json!({"DetectorId": detector, "Features": more}));
        world.build(&ids[1], HOME, "kms", "EnableKeyRotation", json!({"KeyId": key, "RotationPeriodInDays": 90}));
    });
    let writes = stage.writes().len();
    let done = reverted(&stage, &run, &["--delete-keys", UNDO[0], UNDO[1]]);
    let came = came(&done, 2);
    let of = |account: &str, control: &str| {
        let result = done.json();
        let found = list(&result["outcomes"]).iter().find(|one| one["account"] == account && one["control"] == control);
        text(&found.unwrap_or_else(|| panic!("{control}: {came:?}"))["outcome"]).to_owned()
    };
    assert_eq!(of(&ids[0], "guardduty.detector"), "stale");
    assert_eq!(of(&ids[1], "kms.key_rotation"), "stale");
    assert!(came.contains(&("audit".to_owned(), "stale".to_owned())), "{came:?}");
    let of_first = |outcome: &str| {
        let result = done.json();
        list(&result["outcomes"]).iter().filter(|one| one["account"] == ids[0] && one["outcome"] == outcome).count()
    };
    assert_eq!(of_first("blocked"), 2, "bucket and key wait for the trail: {came:?}");
    let after: Vec<_> = stage.writes();
    let in_first = after.iter().filter(|(account, ..)| *account == ids[0]).count();
    assert!(after.len() > writes, "the trail of the other account goes");
    let removed = ["DeleteTrail", "DeleteDetector", "DeleteBucket", "ScheduleKeyDeletion"];
    assert!(in_first > 0 && removed.iter().all(|operation| stage.count(&ids[0], operation) == 0));
}

#[test]
fn a_part_of_a_run_is_undone_by_account_or_by_control() {
    let (mut world, ids) = weak(&["one", "two"]);
    let key = world.build(&ids[0], HOME, "kms", "CreateKey", json!({}))["KeyMetadata"]["KeyId"].clone();
    let stage = Stage::held_to(world, &format!("{STRONG}  kms.key_rotation: {{ enabled: true }}\n"));
    let run = applied(&stage, &["--exclude-account", "management"]);
    let done = reverted(&stage, &run, &["--allow", "weakening", "--account", "tw*"]);
    assert_eq!(outcomes(&done.json()), [(&*ids[1], "verified")]);
    assert_eq!(
        (stage.policy(&ids[0])["MinimumPasswordLength"].clone(), stage.count(&ids[0], "DisableKeyRotation")),
        (json!(14), 0)
    );
    let done = reverted(&stage, &run, &["--allow", "weakening", "--account", &ids[0], "--control", "kms.key_rotation"]);
    assert_eq!(outcomes(&done.json()), [(&*ids[0], "verified")]);
    let status = stage.world(|world| world.build(&ids[0], HOME, "kms", "GetKeyRotationStatus", json!({"KeyId": key})));
    assert_eq!(
        (&status["KeyRotationEnabled"], stage.policy(&ids[0])["MinimumPasswordLength"].clone()),
        (&json!(false), json!(14))
    );
    stage.run(&["revert", &run, "--out", "x", "--account", "nobody"]).refused(64, "no account of run");
    stage
        .run(&["revert", &run, "--out", "x", "--control", "iam.passwords"])
        .refused(64, "there is no control `iam.passwords`");
    stage
        .run(&["revert", &run, "--out", "x", "--control", "guardduty.detector"])
        .refused(64, "changed nothing for the control");
}

#[test]
fn a_run_is_undone_once() {
    let (world, _) = weak(&["one", "two"]);
    let stage = Stage::held_to(world, STRONG);
    let run = applied(&stage, &[]);
    all_came(&reverted(&stage, &run, &["--allow", "weakening"]), 0, "verified");
    let writes = stage.writes();
    all_came(&reverted(&stage, &run, &["--allow", "weakening"]), 0, "already");
    assert_eq!(stage.writes(), writes);
}

#[test]
fn a_revert_is_a_run_that_can_be_undone() {
    let (world, ids) = weak(&["one"]);
    let stage = Stage::held_to(world, STRONG);
    let run = applied(&stage, &[]);
    let strong = dump(&stage);
    all_came(&reverted(&stage, &run, &["--allow", "weakening"]), 0, "verified");
    assert_eq!(stage.policy(&ids[0])["MinimumPasswordLength"], 8);
    let undone = last(&stage);
    assert_ne!(undone, run);
    all_came(&reverted(&stage, &undone, &["--allow", "weakening"]), 0, "verified");
    unchanged(&stage, &strong);
}

#[test]
fn what_the_run_did_not_do_is_not_undone() {
    let (mut world, ids) = weak(&["refused", "done", "already"]);
    let key = world.build(&ids[1], HOME, "kms", "CreateKey", json!({}))["KeyMetadata"]["KeyId"].clone();
    let stage = Stage::held_to(world, &format!("{STRONG}  kms.key_rotation: {{ enabled: true }}\n"));
    stage.plan(&["--out", "plan.json"]);
    stage.inject(strike(&ids[0], "UpdateAccountPasswordPolicy", error(400, "LimitExceeded")));
    // Somebody else does what was planned, before the run comes to it.
    let mut theirs = crate::harness::strong();
    theirs["MaxPasswordAge"] = json!(60);
    stage.world(|world| set_policy(world, &ids[2], theirs));
    assert_eq!(stage.apply(&[]).1, Some(3));
    let run = last(&stage);
    stage.world(|world| world.faults.clear());
    // The rotation was held back for its cost, and is switched on by somebody else.
    stage.world(|world| world.build(&ids[1], HOME, "kms", "EnableKeyRotation", json!({"KeyId": key})));
    let before = stage.writes().len();
    let done = reverted(&stage, &run, &UNDO);
    assert_eq!(outcomes(&done.json()), [(&*ids[1], "verified")], "{}", done.stdout);
    assert_eq!(done.code, Some(0));
    assert_eq!(stage.writes().len(), before + 1);
    assert_eq!(stage.count(&ids[1], "DisableKeyRotation"), 0);
}

#[test]
fn a_write_whose_answer_was_lost_is_undone() {
    let (world, ids) = weak(&["one"]);
    let stage = Stage::held_to(world, STRONG);
    let before = dump(&stage);
    stage.planned(2);
    let mut lost = strike(&ids[0], "UpdateAccountPasswordPolicy", Effect::Reset);
    (lost.times, lost.moment) = (Some(1), Moment::After);
    stage.inject(lost);
    assert_eq!(stage.apply(&[]).1, Some(0));
    all_came(&reverted(&stage, &last(&stage), &["--allow", "weakening"]), 0, "verified");
    unchanged(&stage, &before);
}

/// The journal of a run.
fn journal(stage: &Stage, run: &str) -> PathBuf {
    stage.path("state/trueup/runs").join(run).join("journal.jsonl")
}

/// Cuts a journal after its first line that announces a write, as a kill leaves it.
fn killed_after_the_first_announcement(stage: &Stage, run: &str) {
    let path = journal(stage, run);
    let whole = std::fs::read_to_string(&path).expect("a journal");
    let announced = whole.lines().position(|line| line.contains(r#""record":"write_begins""#)).expect("a write");
    let cut: Vec<&str> = whole.lines().take(announced + 1).collect();
    std::fs::write(&path, cut.join("\n") + "\n").expect("a file");
}

#[test]
fn what_a_killed_run_had_announced_is_undone_whether_it_was_done_or_not() {
    for sent in [true, false] {
        let (world, ids) = weak(&["one"]);
        let stage = Stage::held_to(world, STRONG);
        let before = dump(&stage);
        let run = applied(&stage, &[]);
        killed_after_the_first_announcement(&stage, &run);
        if !sent {
            let former = json!({"MinimumPasswordLength": 8, "MaxPasswordAge": 60});
            stage.world(|world| set_policy(world, &ids[0], former));
        }
        let done = reverted(&stage, &run, &["--allow", "weakening"]);
        all_came(&done, 0, if sent { "verified" } else { "already" });
        unchanged(&stage, &before);
    }
}

#[test]
fn a_process_that_was_killed_while_it_wrote_is_undone() {
    let (world, ids) = organization(&["bare"]);
    let stage = Stage::held_to(world, TRAIL);
    let before = dump(&stage);
    stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    let mut late = strike(&ids[0], "CreateTrail", Effect::Latency { milliseconds: 60_000 });
    late.moment = Moment::After;
    stage.inject(late);
    let mut running = stage.command(&["apply", "plan.json", "--allow", EVERYTHING]);
    let mut running = running.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let mut running = (&mut running).spawn().expect("the binary runs");
    while stage.count(&ids[0], "CreateTrail") == 0 {
        std::thread::yield_now();
    }
    running.kill().expect("it runs");
    running.wait().expect("it ends");
    stage.world(|world| world.faults.clear());
    let run = last(&stage);
    let done = reverted(&stage, &run, &["--delete-keys", UNDO[0], UNDO[1]]);
    assert_eq!(done.code, Some(0), "{}{}", done.stdout, done.stderr);
    let after = dump(&stage);
    let kms = &after["accounts"][&ids[0]]["regions"][HOME]["kms"];
    let states: Vec<&Value> = kms["keys"].as_object().expect("keys").values().map(|key| &key["state"]).collect();
    assert_eq!((states, &kms["aliases"]), (vec![&json!("PendingDeletion")], &json!({})));
    alike(&before, &without_keys(after.clone(), &ids[0]));
}

#[test]
fn a_lost_answer_of_a_revert_is_looked_at_and_not_sent_twice() {
    let (world, ids) = weak(&["one"]);
    let stage = Stage::held_to(world, STRONG);
    let before = dump(&stage);
    let run = applied(&stage, &[]);
    let mut lost = strike(&ids[0], "UpdateAccountPasswordPolicy", Effect::Reset);
    (lost.times, lost.moment) = (Some(1), Moment::After);
    stage.inject(lost);
    all_came(&reverted(&stage, &run, &["--allow", "weakening"]), 0, "verified");
    assert_eq!(stage.writes(), [policy_write(&ids[0]), policy_write(&ids[0])], "one of the run, one of the revert");
    unchanged(&stage, &before);
}

#[test]
fn a_revert_that_is_refused_has_failed() {
    let (world, ids) = weak(&["one"]);
    let stage = Stage::held_to(world, STRONG);
    let run = applied(&stage, &[]);
    stage.inject(strike(&ids[0], "UpdateAccountPasswordPolicy", error(403, "AccessDenied")));
    all_came(&reverted(&stage, &run, &["--allow", "weakening"]), 3, "failed");
    assert_eq!(stage.policy(&ids[0])["MinimumPasswordLength"], 14);
}

#[test]
fn the_plan_of_a_revert_is_a_plan_file_that_is_shown_and_applied() {
    let (world, ids) = weak(&["one", "two"]);
    let stage = Stage::held_to(world, STRONG);
    let before = dump(&stage);
    let run = applied(&stage, &[]);
    let calls = stage.calls().len();
    let made = stage.run(&["revert", &run, "--out", "revert.json", "--format", "json"]);
    assert_eq!((made.code, stage.calls().len()), (Some(0), calls), "AWS is not reached: {}", made.stderr);
    let plan = stage.read_json("revert.json");
    assert_eq!(plan, made.json());
    let [first, second] = list(&plan["changes"]) else { panic!("{plan:#}") };
    assert_eq!((&first["account"], &second["account"]), (&json!(ids[0]), &json!(ids[1])));
    assert_eq!((&first["risk"], &first["reverts"]["run"]), (&json!("weakening"), &json!(run)));
    let length = &first["differences"][0];
    assert_eq!((&length["observed"], &length["wanted"]), (&json!(14), &json!(8)));
    let shown = stage.run(&["show", "revert.json"]);
    for words in ["To undo", "~ iam.password_policy password policy", "14 -> 8", "apply needs --allow weakening", &run]
    {
        assert!(shown.stdout.contains(words), "{words}: {}", shown.stdout);
    }
    assert!(!shown.stdout.contains("Drift"), "{}", shown.stdout);
    let done = stage.run(&["apply", "revert.json", "--format", "json"]);
    all_came(&done, 2, "held");
    assert_ne!(dump(&stage), before);
    all_came(&stage.run(&["apply", "revert.json", "--format", "json", "--allow", "weakening"]), 0, "verified");
    unchanged(&stage, &before);
}

#[test]
fn sessions_of_a_revert_may_do_what_undoes_it_and_nothing_else() {
    let (world, ids) = weak(&["one"]);
    let stage = Stage::held_to(world, STRONG);
    let run = applied(&stage, &[]);
    let calls = stage.calls().len();
    all_came(&reverted(&stage, &run, &["--allow", "weakening"]), 0, "verified");
    let since = stage.calls().split_off(calls);
    let assumed = since.iter().find(|entry| entry.operation == "AssumeRole").expect("the write role is entered");
    let policy: Value = serde_json::from_str(text(&assumed.input["Policy"])).expect("a session policy");
    let mut actions: Vec<&Value> = list(&policy["Statement"]).iter().flat_map(|one| list(&one["Action"])).collect();
    actions.sort_by_key(|action| text(action));
    assert_eq!(actions, ["iam:GetAccountPasswordPolicy", "iam:UpdateAccountPasswordPolicy"]);
    assert!(text(&assumed.input["RoleArn"]).contains(&ids[0]));
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let (world, _) = weak(&["one"]);
    let stage = Stage::held_to(world, STRONG);
    stage.run(&["revert", "20200101T000000Z-0000", "--out", "x"]).refused(64, "there is no kept run");
    let run = applied(&stage, &[]);
    stage.run(&["revert", &run]).refused(64, "there is nobody to ask");
    let writes = stage.writes();
    let path = journal(&stage, &run);
    let whole = std::fs::read_to_string(&path).expect("a journal");
    std::fs::write(&path, whole.replace("\"done\"", "\"lost\"")).expect("a file");
    stage.run(&["revert", &run, "--auto-approve"]).refused(1, "was changed after it was written");
    std::fs::write(&path, whole).expect("a file");
    let plan = path.with_file_name("plan.json");
    let changed = std::fs::read_to_string(&plan).expect("a plan").replace("password policy", "password rules");
    std::fs::write(&plan, changed).expect("a file");
    stage.run(&["revert", &run, "--auto-approve"]).refused(1, "was changed after it was made");
    assert_eq!(stage.writes(), writes);
}

#[test]
fn a_run_that_wrote_nothing_has_nothing_to_undo() {
    let (world, _) = weak(&["one"]);
    let stage = Stage::held_to(world, "controls:\n  iam.password_policy:\n    max_age_days: 30\n");
    stage.planned(2);
    assert_eq!(stage.apply(&[]).1, Some(2), "it is held back");
    let run = last(&stage);
    let shown = stage.run(&["history", &run]);
    assert!(shown.stdout.contains("Undo: nothing of it can be undone."), "{}", shown.stdout);
    let done = reverted(&stage, &run, &UNDO);
    assert_eq!((done.code, &done.json()["outcomes"]), (Some(0), &json!([])));
}

#[test]
fn history_says_what_of_a_run_can_be_undone() {
    let (world, ids) = organization(&["bare"]);
    let stage = Stage::held_to(world, TRAIL);
    let run = applied(&stage, &["--account", &ids[0]]);
    let shown = stage.run(&["history", &run]);
    assert!(
        shown.stdout.contains(&format!("Undo: 0 to change, 2 to remove, by trueup revert {run}")),
        "{}",
        shown.stdout
    );
    assert!(shown.stdout.contains("alias/trueup-trail stays: the key for alias/trueup-trail"), "{}", shown.stdout);
    assert!(stage.writes().contains(&write(&ids[0], "cloudtrail", "CreateTrail")));
}
