//! What a run changed is as before, and what it made is gone.

use super::*;

#[test]
fn password_policies_are_as_before_also_where_there_was_none() {
    let (mut world, ids) = weak(&["weak", "bare"]);
    world.perform(&ids[1], HOME, "iam", "DeleteAccountPasswordPolicy", json!({})).expect("it had one");
    let stage = Stage::held_to(world, STRONG);
    let before = dump(&stage);
    let run = applied(&stage, &[]);
    assert_ne!(dump(&stage), before);
    let held = reverted(&stage, &run, &["--allow", "weakening"]);
    assert_eq!(outcomes(&held.json()), [(&*ids[0], "verified"), (&*ids[1], "held")], "a former value is no creation");
    assert_eq!(held.json()["outcomes"][1]["reason"], "needs --allow irreversible");
    assert_eq!((held.code, stage.count(&ids[1], "DeleteAccountPasswordPolicy")), (Some(2), 0));
    let done = reverted(&stage, &run, &UNDO);
    assert_eq!((outcomes(&done.json()), done.code), (vec![(&*ids[0], "already"), (&*ids[1], "verified")], Some(0)));
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
    let shown = stage.run(&["revert", &run, "--out", "revert.json"]).stdout;
    assert!(shown.contains("DisableKeyRotation of key (each of them)"), "{shown}");
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
fn a_trail_is_taken_away_before_the_bucket_and_the_key_that_another_account_keeps_for_it() {
    let (world, ids) = organization(&["one", "archive"]);
    let stage = Stage::new(world);
    let kept = ORGANIZATION
        .replace("scope: organization\n", &format!("scope: organization\n    log_account: \"{}\"\n", ids[1]));
    stage.baseline("management_account: include\n", &kept);
    let before = dump(&stage);
    let run = applied(&stage, &[]);
    let undone = stage.calls().len();
    all_came(&reverted(&stage, &run, &["--delete-keys", UNDO[0], UNDO[1]]), 0, "verified");
    let mut writes: Vec<(String, String)> = stage
        .calls()
        .split_off(undone)
        .into_iter()
        .filter(|call| ["DeleteTrail", "DeleteBucket", "ScheduleKeyDeletion"].contains(&call.operation.as_str()))
        .map(|call| (call.account, call.operation))
        .collect();
    let management = stage.world(|world| world.management());
    assert_eq!(writes.remove(0), (management, "DeleteTrail".to_owned()), "{writes:?}");
    writes.sort();
    let kept = ["DeleteBucket", "ScheduleKeyDeletion"].map(|operation| (ids[1].clone(), operation.to_owned()));
    assert_eq!(writes, kept);
    alike(&without_keys(before, &ids[1]), &without_keys(dump(&stage), &ids[1]));
}
