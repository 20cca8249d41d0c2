//! What is in use, was changed since, or was not done by the run stays.

use super::*;

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
