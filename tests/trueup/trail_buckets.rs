//! The buckets of trails: planned, applied, read back by boto3, and undone; in the account that keeps them.

use serde_json::{Value, json};
use trueup::simulator::world::World;

use crate::harness::{HOME, Stage, error, list, organization, outcomes, rows, strike, text, verdicts, write};
use crate::readback::document;

const ABROAD: &str = "eu-west-1";
const ALL: &str = "\
controls:
  cloudtrail.bucket:
    existing: mend
    not_public: true
    policy: true
    tls_only: true
    access_logging: true
    versioning: true
    mfa_delete: true
    lifecycle: true
";
const ALLOWED: [&str; 2] = ["--allow", "disruptive,cost"];

/// What lets CloudTrail in for whichever trail, into the folders of these.
fn lets_in(bucket: &str, folders: &[&str]) -> Value {
    let service = json!({ "Service": "cloudtrail.amazonaws.com" });
    let files: Vec<String> = folders.iter().map(|folder| format!("arn:aws:s3:::{bucket}/AWSLogs/{folder}/*")).collect();
    json!({ "Version": "2012-10-17", "Statement": [
        { "Sid": "Look", "Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl",
          "Resource": format!("arn:aws:s3:::{bucket}") },
        { "Sid": "Write", "Effect": "Allow", "Principal": service, "Action": "s3:PutObject", "Resource": files },
    ] })
}

/// A bucket that anybody may list, which deletes logs after a month.
pub(crate) fn shabby(world: &mut World, account: &str, bucket: &str, folders: &[&str]) {
    let made = json!({ "Bucket": bucket, "ACL": "public-read", "ObjectOwnership": "ObjectWriter" });
    world.build(account, HOME, "s3", "CreateBucket", made);
    world.build(account, HOME, "s3", "DeletePublicAccessBlock", json!({ "Bucket": bucket }));
    let policy = json!({ "Bucket": bucket, "Policy": lets_in(bucket, folders).to_string() });
    world.build(account, HOME, "s3", "PutBucketPolicy", policy);
    let rule = |id: &str, prefix: &str, days: u32| json!({ "ID": id, "Status": "Enabled", "Filter": { "Prefix": prefix }, "Expiration": { "Days": days } });
    let rules = json!({ "Rules": [rule("logs", "AWSLogs/", 30), rule("scratch", "tmp/", 1)] });
    let lifecycle = json!({ "Bucket": bucket, "LifecycleConfiguration": rules });
    world.build(account, HOME, "s3", "PutBucketLifecycleConfiguration", lifecycle);
}

/// A trail that delivers into a bucket.
pub(crate) fn trail(world: &mut World, account: &str, bucket: &str, more: &Value) {
    let mut trail = json!({ "Name": "audit", "S3BucketName": bucket });
    for (name, value) in more.as_object().into_iter().flatten() {
        trail[name] = value.clone();
    }
    world.build(account, HOME, "cloudtrail", "CreateTrail", trail);
}

/// A shabby bucket with a trail of the same account.
pub(crate) fn own(world: &mut World, account: &str) -> String {
    let bucket = format!("audit-{account}");
    shabby(world, account, &bucket, &[account]);
    trail(world, account, &bucket, &json!({}));
    bucket
}

fn of_s3(stage: &Stage) -> Vec<String> {
    stage.writes().into_iter().filter(|(_, service, _)| service == "s3").map(|(.., operation)| operation).collect()
}

/// The verdicts of an account without the name of the control.
fn judged(plan: &Value, account: &str) -> Vec<(String, String)> {
    let short = |id: String| id.trim_start_matches("cloudtrail.bucket.").to_owned();
    verdicts(plan, account).into_iter().map(|(id, verdict)| (short(id), verdict)).collect()
}

#[test]
fn a_shabby_bucket_is_mended_in_all_that_calls_can_and_put_back() {
    let (mut world, ids) = organization(&["one"]);
    let (id, bucket) = (ids[0].clone(), own(&mut world, &ids[0]));
    let stage = Stage::held_to(world, ALL);
    let only = ["--account", id.as_str()];
    let before = stage.bucket(&id, &bucket);
    let (plan, code) = stage.plan(&[&only[..], &["--out", "plan.json"]].concat());
    assert_eq!((rows(&plan, &id).filter(|row| row["verdict"] == "drifted").count(), code), (7, Some(2)), "{plan:#}");
    let reads = ["GetBucketEncryption", "GetBucketLogging", "GetBucketLifecycleConfiguration", "GetBucketVersioning"];
    assert_eq!(reads.map(|operation| stage.count(&id, operation)), [1; 4], "each once");

    let (applied, code) = stage.apply(&ALLOWED);
    let manual = outcomes(&applied).into_iter().filter(|(_, outcome)| *outcome == "manual").count();
    assert_eq!((manual, code), (1, Some(2)), "a second factor takes the root user: {applied:#}");
    let mut wanted = vec![
        "CreateBucket",
        "PutBucketLifecycleConfiguration",
        "PutBucketLogging",
        "PutBucketPolicy",
        "PutBucketPolicy",
        "PutBucketTagging",
        "PutBucketVersioning",
        "PutPublicAccessBlock",
        "PutPublicAccessBlock",
    ];
    wanted.sort_unstable();
    assert_eq!(of_s3(&stage), wanted);
    let now = stage.bucket(&id, &bucket);
    let block = now["public"]["PublicAccessBlockConfiguration"].as_object().expect("a block");
    assert!(block.values().all(|on| *on == true), "{now:#}");
    assert_eq!(now["versioning"]["Status"], "Enabled");
    let access = format!("trueup-access-{id}-{HOME}");
    let logged = json!({ "TargetBucket": access, "TargetPrefix": format!("{bucket}/") });
    assert_eq!(now["logging"]["LoggingEnabled"], logged);
    let days: Vec<(&str, &Value)> =
        list(&now["lifecycle"]["Rules"]).iter().map(|rule| (text(&rule["ID"]), &rule["Expiration"]["Days"])).collect();
    assert_eq!(days, [("logs", &json!(365)), ("scratch", &json!(1))], "what is no log goes as before");
    let arn = format!("arn:aws:cloudtrail:{HOME}:{id}:trail/audit");
    let policy = document(&now["policy"]["Policy"]);
    let statements = list(&policy["Statement"]);
    assert_eq!(statements.len(), 3, "{policy:#}");
    for statement in &statements[..2] {
        assert_eq!(statement["Condition"]["StringEquals"]["aws:SourceArn"], json!([arn]), "{statement:#}");
    }
    assert_eq!(statements[2]["Condition"]["Bool"]["aws:SecureTransport"], "false");
    let target = document(&stage.bucket(&id, &access)["policy"]["Policy"]);
    let lets = &target["Statement"][0];
    assert_eq!(
        (&lets["Principal"]["Service"], &lets["Condition"]["ArnLike"]["aws:SourceArn"]),
        (&json!("logging.s3.amazonaws.com"), &json!(format!("arn:aws:s3:::{bucket}")))
    );
    let (again, _) = stage.plan(&only);
    let left: Vec<(String, String)> =
        judged(&again, &id).into_iter().filter(|(_, verdict)| verdict != "compliant").collect();
    assert_eq!(left, [("mfa_delete".to_owned(), "drifted".to_owned())]);

    let undone = stage.run(&[
        "revert",
        text(&applied["run"]),
        "--auto-approve",
        "--allow",
        "weakening,irreversible",
        "--format",
        "json",
    ]);
    assert_eq!(undone.code, Some(0), "{}{}", undone.stdout, undone.stderr);
    let mut wanted = before;
    wanted["versioning"]["Status"] = json!("Suspended");
    assert_eq!(stage.bucket(&id, &bucket), wanted, "a bucket that kept versions is suspended");
    let names = stage.world(|world| world.buckets.keys().cloned().collect::<Vec<_>>());
    assert_eq!(names, [bucket], "what was made is gone");
}

#[test]
fn keeping_versions_where_a_lifecycle_deletes_files_is_held_until_cost_is_allowed() {
    let (mut world, ids) = organization(&["one"]);
    let (id, bucket) = (ids[0].clone(), own(&mut world, &ids[0]));
    let asked = "controls:\n  cloudtrail.bucket:\n    existing: mend\n    versioning: true\n";
    let stage = Stage::held_to(world, asked);
    let only = ["--account", id.as_str(), "--out", "plan.json"];
    let (plan, _) = stage.plan(&only);
    assert!(text(&plan["changes"][0]["cost"]).contains("former versions"), "{plan:#}");
    assert_eq!(outcomes(&stage.apply(&[]).0), [(&*id, "held")]);
    assert_eq!(outcomes(&stage.apply(&["--allow", "cost"]).0), [(&*id, "verified")]);
    assert_eq!(stage.bucket(&id, &bucket)["versioning"]["Status"], "Enabled");
    // Of a bucket that keeps versions it makes no difference.
    let asked = stage.count(&id, "GetBucketLifecycleConfiguration");
    assert_eq!(stage.plan(&only).1, Some(0));
    assert_eq!(stage.count(&id, "GetBucketLifecycleConfiguration"), asked);
}

#[test]
fn a_bucket_that_somebody_else_made_is_left_to_a_person_unless_the_baseline_says_otherwise() {
    let (mut world, ids) = organization(&["one"]);
    own(&mut world, &ids[0]);
    let stage = Stage::held_to(world, &ALL.replace("    existing: mend\n", ""));
    let plan = stage.plan(&["--account", &ids[0], "--out", "plan.json"]).0;
    let manual: Vec<&str> = list(&plan["changes"]).iter().map(|change| text(&change["manual"])).collect();
    assert!(!manual.is_empty() && manual.iter().all(|words| words.contains("made by somebody else")), "{plan:#}");
    stage.apply(&ALLOWED);
    assert_eq!(stage.writes(), vec![]);
}

#[test]
fn a_bucket_that_is_made_for_a_trail_is_made_with_all_of_it_at_once() {
    let (world, ids) = organization(&["one"]);
    let both = format!(
        "{}  cloudtrail.trail:\n    multi_region: true\n    logging: true\n",
        ALL.replace("    mfa_delete: true\n", "")
    );
    let stage = Stage::held_to(world, &both);
    let plan = stage.plan(&["--account", &ids[0], "--out", "plan.json"]).0;
    let bucket = format!("trueup-trail-{}-{HOME}", ids[0]);
    let change = list(&plan["changes"]).iter().find(|change| change["object"] == *bucket).expect("it is planned");
    assert_eq!(change["action"], "add", "{change:#}");
    let (applied, code) = stage.apply(&ALLOWED);
    assert_eq!(code, Some(0), "{applied:#}");
    let policies = of_s3(&stage).into_iter().filter(|operation| operation == "PutBucketPolicy").count();
    assert_eq!(policies, 2, "one call for each bucket, whoever asks for its statements");
    assert_eq!(stage.plan(&["--account", &ids[0]]).1, Some(0), "nothing is left");
    let access = json!(format!("trueup-access-{}-{HOME}", ids[0]));
    assert_eq!(stage.bucket(&ids[0], &bucket)["logging"]["LoggingEnabled"]["TargetBucket"], access);
}

#[test]
fn the_bucket_of_the_organizations_trail_is_judged_once_in_the_account_that_keeps_it() {
    let (mut world, ids) = organization(&["archive", "member"]);
    let (archive, management) = (ids[0].clone(), world.management());
    let own = world.organization.as_ref().expect("an organization").id.clone();
    shabby(&mut world, &archive, "central", &[&management, &own]);
    let trusted = json!({ "ServicePrincipal": "cloudtrail.amazonaws.com" });
    world.build(&management, HOME, "organizations", "EnableAWSServiceAccess", trusted);
    trail(&mut world, &management, "central", &json!({ "IsOrganizationTrail": true, "IsMultiRegionTrail": true }));
    let settings = format!("{ALL}    scope: organization\n    log_account: \"{archive}\"\n");
    let stage = Stage::held_to(world, &settings);
    let plan = stage.plan(&["--out", "plan.json"]).0;
    assert_eq!(rows(&plan, &archive).filter(|row| row["verdict"] == "drifted").count(), 7, "{plan:#}");
    for id in [&management, &ids[1]] {
        assert!(judged(&plan, id).iter().all(|(_, verdict)| verdict == "not_applicable"), "{plan:#}");
    }
    let (applied, code) = stage.apply(&ALLOWED);
    let came: Vec<&str> = outcomes(&applied).into_iter().map(|(_, outcome)| outcome).collect();
    let manual = came.iter().filter(|outcome| **outcome == "manual").count();
    assert_eq!((manual, code), (1, Some(2)), "a second factor takes the root user: {applied:#}");
    assert!(came.iter().all(|outcome| ["verified", "manual"].contains(outcome)), "{applied:#}");
    assert!(stage.writes().iter().all(|(account, ..)| *account == archive));
    let policy = document(&stage.bucket(&archive, "central")["policy"]["Policy"]);
    let source = &policy["Statement"][1]["Condition"]["StringEquals"]["aws:SourceArn"];
    assert_eq!(*source, json!([format!("arn:aws:cloudtrail:{HOME}:{management}:trail/audit")]));
    let again = stage.plan(&[]).0;
    let left: Vec<_> = judged(&again, &archive).into_iter().filter(|(_, verdict)| verdict != "compliant").collect();
    assert_eq!(left, [("mfa_delete".to_owned(), "drifted".to_owned())]);
}

#[test]
fn a_bucket_in_another_region_is_read_there_and_one_that_refuses_is_unreadable() {
    let (mut world, ids) = organization(&["abroad", "refused", "open"]);
    let placed = json!({ "Bucket": "far", "CreateBucketConfiguration": { "LocationConstraint": ABROAD } });
    world.build(&ids[0], ABROAD, "s3", "CreateBucket", placed);
    let policy = json!({ "Bucket": "far", "Policy": lets_in("far", &[&ids[0]]).to_string() });
    world.build(&ids[0], ABROAD, "s3", "PutBucketPolicy", policy);
    trail(&mut world, &ids[0], "far", &json!({}));
    own(&mut world, &ids[1]);
    let stage = Stage::held_to(
        world,
        "controls:\n  cloudtrail.bucket:\n    existing: mend\n    tls_only: true\n    versioning: true\n",
    );
    stage.inject(strike(&ids[1], "GetBucketPolicy", error(403, "AccessDenied")));
    let (plan, code) = stage.plan(&["--account", &ids.join(","), "--out", "plan.json"]);
    assert_eq!(code, Some(3));
    let of = |index: usize| judged(&plan, &ids[index]).into_iter().map(|(_, verdict)| verdict).collect::<Vec<_>>();
    assert_eq!((of(0), of(1)), (vec!["drifted".to_owned(); 2], vec!["unreadable".to_owned(); 2]));
    assert_eq!(of(2), ["not_applicable".to_owned(), "not_applicable".to_owned()], "no trail, no bucket");
    stage.apply(&ALLOWED);
    let put = |operation: &str| write(&ids[0], "s3", operation);
    assert_eq!(stage.writes(), [put("PutBucketPolicy"), put("PutBucketVersioning")]);
}
