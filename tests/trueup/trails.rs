//! Trails: the organization's own, an account's, and what each account may have of its own beside it.

use serde_json::{Value, json};
use trueup::simulator::fault::Injection;
use trueup::simulator::world::World;

use crate::harness::{HOME, Stage, error, kinds, list, organization, outcomes, rows, strike, text, verdicts, write};
use crate::readback::document;

/// Everything of a trail of the organization.
pub(crate) const ORGANIZATION: &str = "\
controls:
  cloudtrail.trail:
    scope: organization
    multi_region: true
    logging: true
    management_events: true
    log_file_validation: true
    kms_key: alias/trueup-trail
";

/// The same of each account, without a key.
const ACCOUNT: &str = "\
controls:
  cloudtrail.trail:
    scope: account
    name: audit
    multi_region: true
    logging: true
    log_file_validation: true
";

/// A bucket that takes the files of an account's trail.
pub(crate) fn bucket(world: &mut World, account: &str, name: &str) {
    world.build(account, HOME, "s3", "CreateBucket", json!({"Bucket": name}));
    let service = json!({"Service": "cloudtrail.amazonaws.com"});
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": format!("arn:aws:s3:::{name}")},
        {"Effect": "Allow", "Principal": service, "Action": "s3:PutObject",
         "Resource": format!("arn:aws:s3:::{name}/AWSLogs/{account}/*"),
         "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}}]});
    world.build(account, HOME, "s3", "PutBucketPolicy", json!({"Bucket": name, "Policy": policy.to_string()}));
}

/// A key that encrypts for CloudTrail; answers its ARN.
fn key(world: &mut World, account: &str) -> String {
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{account}:root")}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
         "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": "*"}]});
    let made = world.build(account, HOME, "kms", "CreateKey", json!({"Policy": policy.to_string()}));
    text(&made["KeyMetadata"]["Arn"]).to_owned()
}

/// A trail `audit` that logs, with these properties besides.
pub(crate) fn trail(world: &mut World, account: &str, more: Value) {
    bucket(world, account, &format!("audit-{account}"));
    let mut input = json!({"Name": "audit", "S3BucketName": format!("audit-{account}")});
    if let (Some(input), Value::Object(more)) = (input.as_object_mut(), more) {
        input.extend(more);
    }
    world.build(account, HOME, "cloudtrail", "CreateTrail", input);
    world.build(account, HOME, "cloudtrail", "StartLogging", json!({"Name": "audit"}));
}

/// The one write that mends a trail.
fn updated(account: &str) -> [(String, String, String); 1] {
    [write(account, "cloudtrail", "UpdateTrail")]
}

/// Every write that makes a trail of the organization where there is nothing, in the order of [`Stage::writes`].
pub(crate) fn made_from_nothing(management: &str) -> Vec<(String, String, String)> {
    let made = [
        ("cloudtrail", "CreateTrail"),
        ("cloudtrail", "StartLogging"),
        ("kms", "CreateAlias"),
        ("kms", "CreateKey"),
        ("kms", "EnableKeyRotation"),
        ("organizations", "EnableAWSServiceAccess"),
        ("s3", "CreateBucket"),
        ("s3", "PutBucketEncryption"),
        ("s3", "PutBucketPolicy"),
        ("s3", "PutBucketTagging"),
        ("s3", "PutBucketVersioning"),
        ("s3", "PutPublicAccessBlock"),
    ];
    made.map(|(service, operation)| write(management, service, operation)).to_vec()
}

/// The trail of the organization, its key and its bucket are as they were asked for.
#[track_caller]
pub(crate) fn whole(stage: &Stage, management: &str) {
    let trail = stage.trail(management, "trueup");
    for property in ["IsOrganizationTrail", "IsMultiRegionTrail", "LogFileValidationEnabled"] {
        assert_eq!(trail[property], true, "{property}");
    }
    assert_eq!((&trail["Status"]["IsLogging"], &trail["Status"]["LatestDeliveryError"]), (&json!(true), &json!(null)));
    assert!(trail["Tags"].to_string().contains("trueup:managed"), "{trail}");

    let keys = stage.keys(management, HOME);
    let key = keys.iter().find(|key| key["Arn"] == trail["KmsKeyId"]).expect("the trail has a key of the account");
    assert_eq!(
        (&key["Aliases"], &key["Rotation"]["KeyRotationEnabled"]),
        (&json!(["alias/trueup-trail"]), &json!(true))
    );
    let arn = text(&trail["TrailARN"]);
    let policy = stage.key_policy(management, text(&key["KeyId"])).to_string();
    for words in [&format!("arn:aws:iam::{management}:root"), "cloudtrail.amazonaws.com", "aws:SourceArn", arn] {
        assert!(policy.contains(words), "{words}: {policy}");
    }

    let bucket = stage.bucket(management, text(&trail["S3BucketName"]));
    let policy = document(&bucket["policy"]["Policy"]).to_string();
    for words in ["cloudtrail.amazonaws.com", "aws:SourceArn", arn, "aws:SecureTransport", &stage.organization()] {
        assert!(policy.contains(words), "{words}: {policy}");
    }
    let public = &bucket["public"]["PublicAccessBlockConfiguration"];
    let blocked = ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"];
    assert!(blocked.iter().all(|part| public[part] == true), "{public}");
    assert_eq!(bucket["versioning"]["Status"], "Enabled");
    assert!(bucket["encryption"].to_string().contains("AES256"), "{bucket}");
    assert!(bucket["tags"].to_string().contains("trueup:managed"), "{bucket}");
}

#[test]
fn one_trail_of_the_organization_is_made_once_and_covers_every_member() {
    let (world, ids) = organization(&["one", "two"]);
    let management = world.management();
    let stage = Stage::new(world);
    stage.baseline("management_account: include\n", ORGANIZATION);
    let plan = stage.planned(2);
    let accounts: Vec<&str> = list(&plan["changes"]).iter().map(|change| text(&change["account"])).collect();
    assert_eq!(accounts, [&*management; 3], "trail, bucket and key, and all of them there");
    for id in &ids {
        assert_eq!(kinds(&plan, id), ["drifted"]);
        let through = rows(&plan, id).all(|row| text(&row["through"]).contains("cloudtrail.trail"));
        assert!(through, "members are mended through the organization's trail");
    }
    assert_eq!(stage.writes(), []);

    let (held, code) = stage.apply(&[]);
    let mut came: Vec<&str> = outcomes(&held).into_iter().map(|(_, outcome)| outcome).collect();
    came.sort_unstable();
    assert_eq!((came, code), (vec!["blocked", "held", "held"], Some(2)), "trail, key and bucket");
    assert_eq!(stage.writes(), [], "the bucket is safe and free, and nothing would use it");

    let (applied, code) = stage.apply(&["--allow", "cost,disruptive"]);
    let came: Vec<&str> = outcomes(&applied).into_iter().map(|(_, outcome)| outcome).collect();
    assert_eq!(came, ["verified"; 3], "trail, key and bucket");
    assert_eq!(code, Some(0));
    assert_eq!(stage.writes(), made_from_nothing(&management), "nothing is written in a member");
    whole(&stage, &management);
    assert!(ids.iter().all(|id| stage.trails(id).is_empty()), "members have none of their own");
    let (after, code) = stage.plan(&[]);
    assert_eq!((code, &after["changes"]), (Some(0), &json!([])));
    assert!(ids.iter().all(|id| kinds(&after, id) == ["compliant"]));
}

#[test]
fn what_has_not_propagated_yet_is_tried_again() {
    for (operation, code) in [
        ("CreateTrail", "InsufficientS3BucketPolicyException"),
        ("CreateTrail", "InsufficientEncryptionPolicyException"),
        ("CreateTrail", "KmsKeyNotFoundException"),
        ("CreateTrail", "S3BucketDoesNotExistException"),
        ("CreateTrail", "CloudTrailAccessNotEnabledException"),
        ("StartLogging", "TrailNotFoundException"),
        ("CreateAlias", "NotFoundException"),
        ("PutBucketPolicy", "NoSuchBucket"),
    ] {
        let (world, _) = organization(&["one"]);
        let management = world.management();
        let stage = Stage::new(world);
        stage.baseline("management_account: include\n", ORGANIZATION);
        stage.planned(2);
        stage.inject(Injection { times: Some(2), ..strike(&management, operation, error(400, code)) });
        let (applied, came) = stage.apply(&["--allow", "cost,disruptive"]);
        assert_eq!(came, Some(0), "{operation} {code}: {applied:#}");
        let mut written = made_from_nothing(&management);
        let again = written.iter().find(|(.., one)| one == operation).expect("it is one of them").clone();
        written.extend([again.clone(), again]);
        written.sort();
        assert_eq!(stage.writes(), written, "{code}: two refusals more, and what is there is not made again");
        whole(&stage, &management);
    }
}

#[test]
fn without_its_management_account_members_are_judged_by_what_they_see_and_the_rest_is_unreadable() {
    let (world, ids) = organization(&["one"]);
    let management = world.management();
    let stage = Stage::new(world);
    stage.baseline("management_account: include\n", ORGANIZATION);
    let deny = |stage: &Stage| {
        for operation in ["ListTrails", "DescribeTrails", "GetTrail"] {
            stage.inject(strike(&management, operation, error(403, "AccessDeniedException")));
        }
    };
    deny(&stage);
    let (plan, code) = stage.plan(&[]);
    assert_eq!((code, &plan["changes"]), (Some(3), &json!([])));
    assert_eq!(kinds(&plan, &management), ["unreadable"]);
    assert_eq!(kinds(&plan, &ids[0]), ["drifted"], "a trail of the organization would show in its members");

    stage.world(|world| world.faults.clear());
    stage.planned(2);
    assert_eq!(stage.apply(&["--allow", "cost,disruptive"]).1, Some(0));
    deny(&stage);
    let (plan, code) = stage.plan(&[]);
    assert_eq!(code, Some(3));
    let verdict = |part: &str, verdict: &str| (format!("cloudtrail.trail.{part}"), verdict.to_owned());
    let seen = [
        verdict("kms", "unreadable"),
        verdict("log_file_validation", "compliant"),
        verdict("logging", "compliant"),
        verdict("management_events", "compliant"),
        verdict("multi_region", "compliant"),
    ];
    assert_eq!(verdicts(&plan, &ids[0]), seen);
}

/// A region that nobody listed in vain: it is not enabled in the management account, and is in the member.
fn without_a_region(world: &mut World) -> String {
    let management = world.management();
    let states = &mut world.account(&management).expect("it is there").opt_status;
    states.insert("eu-west-1".to_owned(), "DISABLED".to_owned());
    management
}

#[test]
fn a_listed_region_that_the_management_account_has_not_enabled_holds_none_of_its_trails() {
    let (mut world, ids) = crate::calls::good_organization(&["one"]);
    let management = without_a_region(&mut world);
    let stage = Stage::new(world);
    let settings = ORGANIZATION.replace("    kms_key: alias/trueup-trail\n", "");
    stage.baseline("regions: [us-east-1, eu-west-1]\n", &settings);
    let (plan, code) = stage.plan(&[]);
    assert_eq!(code, Some(0), "{plan:#}");
    for id in [&ids[0], &management] {
        assert_eq!(kinds(&plan, id), ["compliant"]);
    }
    let abroad = stage.calls().into_iter().filter(|call| call.operation == "ListTrails" && call.region == "eu-west-1");
    assert!(abroad.into_iter().all(|call| call.status == 400), "it was asked, and refused");
}

#[test]
fn a_listed_region_that_a_member_has_not_enabled_holds_none_of_its_trails() {
    let (mut world, ids) = organization(&["one"]);
    trail(&mut world, &ids[0], json!({"IsMultiRegionTrail": true, "EnableLogFileValidation": true}));
    let states = &mut world.account(&ids[0]).expect("it is there").opt_status;
    states.insert("eu-west-1".to_owned(), "DISABLED".to_owned());
    let stage = Stage::new(world);
    stage.baseline("regions: [us-east-1, eu-west-1]\n", ACCOUNT);
    let (plan, code) = stage.plan(&["--account", &ids[0]]);
    assert_eq!((kinds(&plan, &ids[0]), code), (vec!["compliant".to_owned()], Some(0)), "{plan:#}");
}

#[test]
fn a_session_that_is_accepted_nowhere_any_more_does_not_pass_for_a_region_that_is_not_enabled() {
    let (mut world, ids) = crate::calls::good_organization(&["one"]);
    let management = without_a_region(&mut world);
    let stage = Stage::new(world);
    stage.baseline("regions: [us-east-1, eu-west-1]\n", ORGANIZATION);
    // The first call is that of the run, which has to know who it is.
    let lost = error(403, "UnrecognizedClientException");
    stage.inject(Injection { after: 1, ..strike(&management, "GetCallerIdentity", lost) });
    let (plan, code) = stage.plan(&[]);
    assert_eq!((kinds(&plan, &management), code), (vec!["unreadable".to_owned()], Some(3)), "{plan:#}");
    assert_eq!(kinds(&plan, &ids[0]), ["compliant", "unreadable"], "what a member sees of the trail still counts");
}

#[test]
fn a_single_region_trail_is_drift() {
    let (mut world, ids) = organization(&["narrow"]);
    trail(&mut world, &ids[0], json!({"EnableLogFileValidation": true}));
    let stage = Stage::held_to(world, ACCOUNT);
    let (plan, code) = stage.plan(&["--account", &ids[0]]);
    assert_eq!(code, Some(2));
    let drifted: Vec<&str> =
        rows(&plan, &ids[0]).filter(|row| row["verdict"] == "drifted").map(|row| text(&row["requirement"])).collect();
    assert_eq!(drifted, ["cloudtrail.trail.multi_region"]);
}

#[test]
fn asking_for_multi_region_keeps_validation_and_key() {
    let (mut world, ids) = organization(&["narrow"]);
    let key = key(&mut world, &ids[0]);
    trail(&mut world, &ids[0], json!({"EnableLogFileValidation": true, "KmsKeyId": key}));
    let settings = "controls:\n  cloudtrail.trail:\n    scope: account\n    name: audit\n    multi_region: true\n";
    let stage = Stage::held_to(world, settings);
    let (_, code) = stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    assert_eq!(code, Some(2));
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!((outcomes(&applied), code), (vec![(&*ids[0], "verified")], Some(0)), "{applied:#}");
    assert_eq!(stage.writes(), updated(&ids[0]));
    let trail = stage.trail(&ids[0], "audit");
    assert_eq!((&trail["IsMultiRegionTrail"], &trail["LogFileValidationEnabled"]), (&json!(true), &json!(true)));
    assert_eq!(trail["KmsKeyId"], key);
}

#[test]
fn two_differences_of_one_trail_are_one_call() {
    let (mut world, ids) = organization(&["bare"]);
    trail(&mut world, &ids[0], json!({}));
    let stage = Stage::held_to(world, ACCOUNT);
    stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!(code, Some(0), "{applied:#}");
    assert_eq!(stage.writes(), updated(&ids[0]));
    let trail = stage.trail(&ids[0], "audit");
    assert_eq!((&trail["IsMultiRegionTrail"], &trail["LogFileValidationEnabled"]), (&json!(true), &json!(true)));
}

#[test]
fn a_trail_of_somebody_else_is_left_alone() {
    let (mut world, ids) = organization(&["own"]);
    trail(&mut world, &ids[0], json!({}));
    let settings = ACCOUNT.replace("name: audit", "name: ours");
    let stage = Stage::held_to(world, &settings);
    let before = stage.trail(&ids[0], "audit");
    stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!(code, Some(0), "{applied:#}");
    assert_eq!(stage.trail(&ids[0], "audit"), before);
    assert_eq!(stage.trail(&ids[0], "ours")["IsMultiRegionTrail"], true);
    let mut written = made_from_nothing(&ids[0]);
    written
        .retain(|(_, service, operation)| service == "s3" || ["CreateTrail", "StartLogging"].contains(&&**operation));
    assert_eq!(stage.writes(), written, "a bucket and a trail, and no UpdateTrail");
}

#[test]
fn a_trail_that_a_person_stopped_logs_again() {
    let (mut world, ids) = organization(&["stopped"]);
    trail(&mut world, &ids[0], json!({"IsMultiRegionTrail": true, "EnableLogFileValidation": true}));
    world.build(&ids[0], HOME, "cloudtrail", "StopLogging", json!({"Name": "audit"}));
    let stage = Stage::held_to(world, ACCOUNT);
    stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!((outcomes(&applied), code), (vec![(&*ids[0], "verified")], Some(0)), "{applied:#}");
    assert_eq!(stage.writes(), [write(&ids[0], "cloudtrail", "StartLogging")]);
    assert_eq!(stage.trail(&ids[0], "audit")["Status"]["IsLogging"], true);
}

#[test]
fn a_bucket_with_a_bucket_key_makes_the_key_open_decryption_to_cloudtrail_first() {
    let (mut world, ids) = organization(&["frugal"]);
    let (account, key) = (&ids[0], key(&mut world, &ids[0]));
    trail(&mut world, account, json!({}));
    let rule = json!({"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": true});
    let input = json!({"Bucket": format!("audit-{account}"), "ServerSideEncryptionConfiguration": {"Rules": [rule]}});
    world.build(account, HOME, "s3", "PutBucketEncryption", input);
    let settings = format!("controls:\n  cloudtrail.trail: {{ scope: account, name: audit, kms_key: '{key}' }}\n");
    let stage = Stage::held_to(world, &settings);
    let (_, code) = stage.plan(&["--account", account, "--out", "plan.json"]);
    assert_eq!(code, Some(2));
    let (applied, code) = stage.apply(&["--allow", "cost", "--allow", "disruptive"]);
    assert_eq!(code, Some(0), "{applied:#}");
    // Once each: the trail was told of the key when its policy was there, and would have been refused before.
    let once = [write(account, "cloudtrail", "UpdateTrail"), write(account, "kms", "PutKeyPolicy")];
    assert_eq!(stage.writes(), once);
    assert_eq!(stage.trail(account, "audit")["KmsKeyId"], key);
}

#[test]
fn a_bucket_in_another_region_is_named_with_it_also_where_aws_does_not_redirect() {
    for region in ["eu-west-1", "eu-south-1"] {
        let (mut world, ids) = organization(&["astray"]);
        world.regions = vec![HOME.to_owned(), region.to_owned()];
        let placed = json!({"Bucket": "files", "CreateBucketConfiguration": {"LocationConstraint": region}});
        world.build(&ids[0], region, "s3", "CreateBucket", placed);
        let settings = "controls:\n  cloudtrail.trail: { scope: account, bucket: files, logging: true }\n";
        let stage = Stage::held_to(world, settings);
        let (plan, code) = stage.plan(&["--account", &ids[0]]);
        assert_eq!(code, Some(2), "{plan:#}");
        let words = list(&plan["changes"]).iter().filter_map(|change| change["manual"].as_str()).collect::<String>();
        assert!(words.contains(&format!("the bucket files is in {region}")), "{plan:#}");
    }
}
