//! A trail where there is none, with what it needs, and what is left when that is half done.

use serde_json::json;

use super::*;
use crate::plan::Action;
use crate::steps::document::Document;

fn planned() -> Vec<Judged> {
    judged(&own(vec![]), &wanted(&json!({})))
}

fn run(now: Now) -> Vec<String> {
    match now {
        Now::Run(steps) => kinds(&steps),
        other => panic!("{other:?}"),
    }
}

#[test]
fn without_a_trail_every_requirement_drifts_and_three_objects_are_made() {
    let judged = planned();
    assert_eq!(drifted(&judged[0]), ["multi_region", "logging", "management_events", "log_file_validation", "kms"]);
    assert!(judged[0].findings.iter().all(|finding| finding.observed.is_null()));
    let changes = changes(&judged);
    let kinds_of: Vec<_> = changes.iter().map(|change| (change.kind.as_str(), kinds(&change.steps))).collect();
    assert_eq!(kinds_of[0], ("kms.key", ["create_key", "rotate_made_key", "create_alias"].map(str::to_owned).to_vec()));
    let bucket = [
        "create_bucket",
        "put_bucket_tagging",
        "put_public_access_block",
        "put_bucket_encryption",
        "put_bucket_versioning",
        "put_bucket_policy",
    ];
    assert_eq!(kinds_of[1], ("s3.bucket", bucket.map(str::to_owned).to_vec()));
    assert_eq!(kinds_of[2], ("cloudtrail.trail", ["create_trail", "start_logging"].map(str::to_owned).to_vec()));
    assert!(changes.iter().all(|change| change.action == Action::Add));
    assert_eq!(changes[2].depends_on, [changes[0].id.clone(), changes[1].id.clone()]);
    assert_eq!(changes[1].object, "trueup-trail-111122223333-eu-west-1");
    let Step::CreateTrail(create) = &changes[2].steps[0] else { panic!("the trail") };
    assert!(create.multi_region && create.log_file_validation && !create.organization && !create.beside);
    assert_eq!(create.kms_key.as_deref(), Some("alias/trueup-trail"));
    assert_eq!(create.address, "111122223333/global/cloudtrail.trail/trueup");
}

#[test]
fn a_trail_is_made_without_what_is_exempt() {
    let judged = judged_in(HERE, &own(vec![]), &wanted(&json!({})), &[accepted("kms")]);
    let Step::CreateTrail(create) = &steps(&judged[0])[0] else { panic!("the trail") };
    assert!(create.kms_key.is_none());
    assert!(judged.iter().all(|judged| judged.object.kind != "kms.key"));
}

#[test]
fn a_trail_that_was_made_and_not_started_is_started() {
    let mut half = trail("trueup");
    half.status = Some(status(false, None));
    let now = judged(&own(vec![half]), &wanted(&json!({})));
    assert_eq!(run(left(&planned(), &now, "cloudtrail.trail")), ["start_logging"]);
    let now = judged(&own(vec![trail("trueup")]), &wanted(&json!({})));
    assert_eq!(left(&planned(), &now, "cloudtrail.trail"), Now::Already);
}

#[test]
fn a_key_without_its_alias_goes_on_and_with_it_is_done() {
    assert_eq!(run(left(&planned(), &planned(), "kms.key")), ["create_key", "rotate_made_key", "create_alias"]);
    let Step::CreateKey(create) = &changes(&planned())[0].steps[0] else { panic!("the key") };
    let mut seen = own(vec![]);
    seen.making.key = Some(Readable::Read(Some(key())));
    seen.making.key_policy = Some(Readable::Read(create.policy.to_string()));
    let now = judged(&seen, &wanted(&json!({})));
    assert_eq!(left(&planned(), &now, "kms.key"), Now::Already);
    let Fix::Steps { needs, .. } = &drift(&now[0]).fix else { panic!("steps") };
    assert_eq!(needs.iter().map(|need| need.kind.as_str()).collect::<Vec<_>>(), ["s3.bucket"]);
}

#[test]
fn a_bucket_that_was_made_and_not_set_up_goes_on() {
    let mut seen = own(vec![]);
    seen.making.bucket = Some(Readable::Read(Bucket::Own(young_bucket())));
    let now = judged(&seen, &wanted(&json!({})));
    let rest = ["put_bucket_tagging", "put_bucket_versioning", "put_bucket_policy"];
    assert_eq!(run(left(&planned(), &now, "s3.bucket")), rest);
}

#[test]
fn a_bucket_that_is_set_up_needs_nothing_and_keeps_foreign_statements() {
    let changes = changes(&planned());
    let Some(Step::PutBucketPolicy(put)) = changes[1].steps.last() else { panic!("the policy") };
    let foreign = r#"{"Statement":{"Sid":"AWSCloudTrailWrite","Effect":"Allow","Principal":{"AWS":"222233334444"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}}"#;
    let merged = Document::parse(Some(foreign)).expect("a document").with(&put.statements);
    assert!(merged.to_string().contains("222233334444"));
    let mut settings = young_bucket();
    settings.keeps_versions = Readable::Read(true);
    settings.policy = Some(merged.to_string());
    let mut seen = own(vec![]);
    seen.making.bucket = Some(Readable::Read(Bucket::Own(settings)));
    let now = judged(&seen, &wanted(&json!({})));
    assert_eq!(left(&planned(), &now, "s3.bucket"), Now::Already);
}

#[test]
fn a_bucket_name_that_is_taken_blocks_the_trail_and_names_the_setting() {
    let mut seen = own(vec![]);
    seen.making.bucket = Some(Readable::Read(Bucket::Closed));
    let changes = changes(&judged(&seen, &wanted(&json!({ "bucket": "logs" }))));
    let bucket = changes.iter().find(|change| change.kind == "s3.bucket").expect("the bucket");
    assert!(bucket.manual.as_ref().expect("by hand").contains("by the setting `bucket`"));
    let trail = changes.iter().find(|change| change.kind == "cloudtrail.trail").expect("the trail");
    assert!(trail.blocked.as_ref().expect("blocked").contains("s3.bucket logs"));
}

#[test]
fn what_could_not_be_read_of_bucket_and_key_is_unreadable_and_not_made_again() {
    let mut seen = own(vec![]);
    seen.making.bucket = Some(Readable::Unreadable(denied("s3:GetBucketPolicy", HERE)));
    seen.making.key = Some(Readable::Unreadable(denied("kms:DescribeKey", HERE)));
    let judged = judged(&seen, &wanted(&json!({})));
    let key = ("alias/trueup-trail", "cloudtrail.trail.kms", "kms:DescribeKey");
    let bucket = ("trueup-trail-111122223333-eu-west-1", "cloudtrail.trail.logging", "s3:GetBucketPolicy");
    assert_eq!(unread(&judged), [key, bucket]);
    let [trail] = &changes(&judged)[..] else { panic!("the trail alone: {:?}", changes(&judged)) };
    let why = trail.blocked.as_ref().expect("blocked");
    assert!(why.contains("could not be read: s3:GetBucketPolicy in") && trail.manual.is_none(), "{why}");
}

#[test]
fn a_key_is_not_made_where_its_policy_depends_on_a_bucket_that_could_not_be_read() {
    let mut seen = own(vec![]);
    seen.making.bucket = Some(Readable::Unreadable(denied("s3:ListBucket", HERE)));
    let absent = judged(&seen, &wanted(&json!({})));
    assert_eq!(unread(&absent).iter().map(|(.., action)| *action).collect::<Vec<_>>(), ["s3:ListBucket"; 2]);
    seen.making.key = Some(Readable::Read(Some(key())));
    seen.making.key_policy = Some(Readable::Read(r#"{"Statement":[]}"#.to_owned()));
    let there = judged(&seen, &wanted(&json!({})));
    assert_eq!((unread(&there), changes(&there).len()), (unread(&absent), 1), "the trail, which is blocked");
}

#[test]
fn a_key_whose_policy_could_not_be_read_is_unreadable() {
    let mut seen = own(vec![]);
    seen.making.key = Some(Readable::Read(Some(key())));
    seen.making.key_policy = Some(Readable::Unreadable(denied("kms:GetKeyPolicy", HERE)));
    let judged = judged(&seen, &wanted(&json!({})));
    assert_eq!(unread(&judged), [("alias/trueup-trail", "cloudtrail.trail.kms", "kms:GetKeyPolicy")]);
    let changes = changes(&judged);
    let blocked: Vec<_> = changes.iter().map(|change| (change.kind.as_str(), change.blocked.is_some())).collect();
    assert_eq!(blocked, [("s3.bucket", false), ("cloudtrail.trail", true)]);
}

#[test]
fn where_logging_is_not_asked_for_the_bucket_serves_what_is() {
    let mut seen = own(vec![]);
    seen.making.bucket = Some(Readable::Unreadable(denied("s3:ListBucket", HERE)));
    let only = serde_json::from_value(json!({ "log_file_validation": true })).expect("settings");
    let bucket = "trueup-trail-111122223333-eu-west-1";
    assert_eq!(unread(&judged(&seen, &only)), [(bucket, "cloudtrail.trail.log_file_validation", "s3:ListBucket")]);
}

#[test]
fn the_policies_let_this_trail_in_and_no_other() {
    let changes = changes(&planned());
    let Some(Step::PutBucketPolicy(put)) = changes[1].steps.last() else { panic!("the policy") };
    let sids: Vec<_> = put.statements.iter().map(|one| one["Sid"].as_str().expect("a name")).collect();
    assert_eq!(sids, ["AWSCloudTrailAclCheck", "AWSCloudTrailWrite", "DenyInsecureTransport"]);
    let source = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/trueup";
    assert_eq!(put.statements[1]["Condition"]["StringEquals"]["aws:SourceArn"], source);
    let logs = "arn:aws:s3:::trueup-trail-111122223333-eu-west-1/AWSLogs/111122223333/*";
    assert_eq!(put.statements[1]["Resource"], logs);
    let Step::CreateKey(create) = &changes[0].steps[0] else { panic!("the key") };
    let root = &create.policy["Statement"][0];
    assert_eq!(
        (&root["Principal"]["AWS"], &root["Action"]),
        (&json!("arn:aws:iam::111122223333:root"), &json!("kms:*"))
    );
    assert_eq!(create.policy["Statement"][1]["Condition"]["StringEquals"]["aws:SourceArn"], source);
}

/// The words of the change to this kind of object, which waits for a person and blocks the trail.
fn stuck(seen: &Coverage, more: &serde_json::Value, kind: &str) -> String {
    let changes = changes(&judged(seen, &wanted(more)));
    let trail = changes.iter().find(|change| change.kind == "cloudtrail.trail").expect("the trail");
    assert!(trail.blocked.is_some(), "{trail:?}");
    let change = changes.iter().find(|change| change.kind == kind).expect("it is in the plan");
    assert_eq!((&change.steps[..], change.action), (&[][..], Action::Change), "it is there, and nothing is written");
    change.manual.clone().expect("by hand")
}

/// A bucket that is set up but for this statement, which somebody else wrote.
fn bucket_with(statement: &serde_json::Value) -> Coverage {
    let changes = changes(&planned());
    let Some(Step::PutBucketPolicy(put)) = changes[1].steps.last() else { panic!("the policy") };
    let foreign = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
    let policy = Document::parse(Some(&foreign)).expect("a document").with(&put.statements);
    let bucket =
        BucketSettings { keeps_versions: Readable::Read(true), policy: Some(policy.to_string()), ..young_bucket() };
    let mut seen = own(vec![]);
    seen.making.bucket = Some(Readable::Read(Bucket::Own(bucket)));
    seen
}

fn no(condition: &serde_json::Value) -> serde_json::Value {
    json!({ "Sid": "OnlyUs", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": "arn:aws:s3:::trueup-trail-111122223333-eu-west-1/*", "Condition": condition })
}

#[test]
fn a_bucket_policy_that_denies_the_delivery_is_named_and_not_written_over() {
    let seen = bucket_with(&no(&json!({ "StringNotEquals": { "aws:PrincipalOrgID": "o-abc1234567" } })));
    let words = stuck(&seen, &json!({}), "s3.bucket");
    assert!(words.contains("statement OnlyUs") && words.contains("denies CloudTrail s3:PutObject"), "{words}");
    let acl = json!({ "Sid": "NoAcl", "Effect": "Deny", "NotPrincipal": { "AWS": "arn:aws:iam::111122223333:root" },
        "Action": "s3:GetBucketAcl", "Resource": "*" });
    assert!(stuck(&bucket_with(&acl), &json!({}), "s3.bucket").contains("statement NoAcl"));
    let digests = json!({ "Sid": "NoDigests", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::trueup-trail-111122223333-eu-west-1/*/CloudTrail-Digest/*" });
    assert!(stuck(&bucket_with(&digests), &json!({}), "s3.bucket").contains("statement NoDigests"));
}

#[test]
fn a_bucket_policy_that_denies_others_is_no_obstacle() {
    for condition in [
        json!({ "Bool": { "aws:SecureTransport": "false" } }),
        json!({ "NumericLessThan": { "s3:TlsVersion": "1.2" } }),
        json!({ "StringNotEquals": { "aws:PrincipalOrgID": "o-abc1234567" },
            "Bool": { "aws:PrincipalIsAWSService": "false" } }),
    ] {
        let judged = judged(&bucket_with(&no(&condition)), &wanted(&json!({})));
        let kinds: Vec<_> = judged.iter().map(|judged| judged.object.kind.as_str()).collect();
        assert_eq!(kinds, ["cloudtrail.trail", "kms.key"], "the bucket needs nothing: {condition}");
    }
}

#[test]
fn a_bucket_policy_that_aws_would_not_take_is_not_sent() {
    let with = |statement: serde_json::Value| {
        let mut settings = young_bucket();
        settings.policy = Some(json!({ "Statement": statement }).to_string());
        let mut seen = own(vec![]);
        seen.making.bucket = Some(Readable::Read(Bucket::Own(settings)));
        stuck(&seen, &json!({}), "s3.bucket")
    };
    let read = |who: serde_json::Value, path: &str| {
        json!({ "Sid": "read", "Effect": "Allow", "Principal": who, "Action": "s3:GetObject",
            "Resource": format!("arn:aws:s3:::trueup-trail-111122223333-eu-west-1/{path}") })
    };
    assert!(with(read(json!({ "AWS": "AROAEXAMPLE" }), "*")).contains("AROAEXAMPLE, which was deleted"));
    assert!(with(read(json!("*"), "*")).contains("statement read"));
    assert!(with(read(json!({ "AWS": "222233334444" }), &"x".repeat(20_000))).contains("AWS takes 20480"));
}

#[test]
fn a_bucket_of_another_account_is_not_taken_for_a_missing_one() {
    let mut seen = own(vec![]);
    seen.making.bucket = Some(Readable::Read(Bucket::Closed));
    let words = stuck(&seen, &json!({ "bucket": "archive" }), "s3.bucket");
    assert!(words.contains("archive belongs to another account") && words.contains("by hand"), "{words}");
    seen.making.bucket = Some(Readable::Read(Bucket::Elsewhere("us-east-1".to_owned())));
    assert!(stuck(&seen, &json!({ "bucket": "archive" }), "s3.bucket").contains("archive is in us-east-1"));
}

#[test]
fn what_is_control_towers_is_not_made_or_changed() {
    let bucket = json!({ "bucket": "aws-controltower-logs-111122223333-eu-west-1" });
    let mut seen = own(vec![]);
    seen.making.bucket = Some(Readable::Read(Bucket::Own(young_bucket())));
    assert!(stuck(&seen, &bucket, "s3.bucket").contains("Control Tower's"));
    seen.making.bucket = Some(Readable::Read(Bucket::Absent));
    assert!(stuck(&seen, &bucket, "s3.bucket").contains("Control Tower's"));
    seen.making.key = Some(Readable::Read(Some(key())));
    seen.making.key_policy = Some(Readable::Read(r#"{"Statement":[]}"#.to_owned()));
    assert!(stuck(&seen, &json!({ "kms_key": "alias/aws-controltower/logs" }), "kms.key").contains("Control Tower's"));
}

/// What is said of a key in this state of things.
fn key_words(key: KeyState, policy: Option<&str>) -> String {
    let mut seen = own(vec![]);
    seen.making.key = Some(Readable::Read(Some(key)));
    seen.making.key_policy = policy.map(|policy| Readable::Read(policy.to_owned()));
    stuck(&seen, &json!({}), "kms.key")
}

#[test]
fn a_key_that_cannot_encrypt_is_told_from_one_that_only_does_not() {
    let state = |state: &str| KeyState { enabled: false, state: state.to_owned(), ..key() };
    assert!(key_words(state("Disabled"), None).ends_with("is not enabled but Disabled: enable it"));
    assert!(key_words(state("PendingDeletion"), None).ends_with("cancel its deletion and enable it"));
    assert!(key_words(KeyState { fit: false, ..key() }, None).contains("name a symmetric key"));
}

#[test]
fn a_key_policy_that_denies_cloudtrail_is_named_and_not_written_over() {
    let policy = json!({ "Statement": [
        { "Effect": "Allow", "Principal": { "AWS": "111122223333" }, "Action": "kms:*", "Resource": "*" },
        { "Sid": "OnlyUs", "Effect": "Deny", "Principal": "*", "Action": "kms:GenerateDataKey*", "Resource": "*",
          "Condition": { "StringNotEquals": { "aws:PrincipalAccount": "111122223333" } } }] });
    let words = key_words(key(), Some(&policy.to_string()));
    assert!(words.contains("statement OnlyUs") && words.contains("kms:GenerateDataKey"), "{words}");
    let gone = json!({ "Statement": { "Effect": "Allow", "Principal": { "AWS": "AIDAEXAMPLE" }, "Action": "kms:*",
        "Resource": "*" } });
    assert!(key_words(key(), Some(&gone.to_string())).contains("AIDAEXAMPLE"));
}

#[test]
fn a_key_of_aws_is_neither_made_nor_changed() {
    let seen = own(vec![]);
    let changes = changes(&judged(&seen, &wanted(&json!({ "kms_key": "alias/aws/s3" }))));
    let key = changes.iter().find(|change| change.kind == "kms.key").expect("the key");
    assert!(key.manual.as_ref().expect("by hand").contains("name an alias of yours"));
}

#[test]
fn a_key_of_another_account_is_taken_as_it_is() {
    let other = "arn:aws:kms:eu-west-1:222233334444:key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f";
    let mut seen = own(vec![]);
    seen.making.key = Some(Readable::Read(Some(KeyState { arn: other.to_owned(), ..key() })));
    let judged = judged(&seen, &wanted(&json!({ "kms_key": other })));
    assert!(judged.iter().all(|judged| judged.object.kind != "kms.key"), "its policy is its account's");
    let Step::CreateTrail(create) = &steps(&judged[0])[0] else { panic!("the trail") };
    assert_eq!(create.kms_key.as_deref(), Some(other));
}
