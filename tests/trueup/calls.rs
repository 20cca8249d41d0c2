//! What a plan costs: every call that it sends with the embedded baseline, so that one more or one less is noticed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use trueup::simulator::world::World;

use crate::harness::{HOME, Stage, kinds, organization, rows, set_policy, strong, text};

const ABROAD: &str = "eu-west-1";

pub(crate) fn make_key(world: &mut World, account: &str, input: Value) -> Value {
    world.build(account, HOME, "kms", "CreateKey", input)["KeyMetadata"].clone()
}

/// A symmetric key that rotates.
pub(crate) fn rotating_key(world: &mut World, account: &str, input: Value) -> Value {
    let key = make_key(world, account, input);
    world.build(account, HOME, "kms", "EnableKeyRotation", json!({"KeyId": key["KeyId"]}));
    key
}

pub(crate) fn detector(world: &mut World, account: &str, region: &str, enabled: bool) {
    let features = json!([{"Name": "S3_DATA_EVENTS", "Status": "ENABLED"}]);
    world.build(account, region, "guardduty", "CreateDetector", json!({"Enable": enabled, "Features": features}));
}

/// Everything that the baseline asks of an account by itself.
fn furnish(world: &mut World, account: &str) {
    set_policy(world, account, strong());
    detector(world, account, HOME, true);
    detector(world, account, ABROAD, true);
}

/// A trail of the organization that meets everything, with its bucket and its key.
fn organization_trail(world: &mut World) {
    let management = world.management();
    let organization = world.organization.as_ref().expect("an organization").id.clone();
    let service = json!({"Service": "cloudtrail.amazonaws.com"});
    let principal = json!({"ServicePrincipal": "cloudtrail.amazonaws.com"});
    world.build(&management, HOME, "organizations", "EnableAWSServiceAccess", principal);
    let files = |owner: &str| format!("arn:aws:s3:::audit/AWSLogs/{owner}/*");
    let bucket = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": "arn:aws:s3:::audit"},
        {"Effect": "Allow", "Principal": service, "Action": "s3:PutObject",
         "Resource": [files(&management), files(&organization)],
         "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}}]});
    world.build(&management, HOME, "s3", "CreateBucket", json!({"Bucket": "audit"}));
    world.build(&management, HOME, "s3", "PutBucketPolicy", json!({"Bucket": "audit", "Policy": bucket.to_string()}));
    let root = format!("arn:aws:iam::{management}:root");
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": service, "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"],
         "Resource": "*"}]});
    let key = rotating_key(world, &management, json!({"Policy": policy.to_string()}));
    let trail = json!({"Name": "audit", "S3BucketName": "audit", "IsOrganizationTrail": true,
        "IsMultiRegionTrail": true, "EnableLogFileValidation": true, "KmsKeyId": key["Arn"]});
    world.build(&management, HOME, "cloudtrail", "CreateTrail", trail);
    world.build(&management, HOME, "cloudtrail", "StartLogging", json!({"Name": "audit"}));
}

/// A management account with a good trail of the organization, and these members: what they need besides is theirs.
pub(crate) fn good_organization(members: &[&str]) -> (World, Vec<String>) {
    let (mut world, ids) = organization(members);
    let management = world.management();
    furnish(&mut world, &management);
    organization_trail(&mut world);
    (world, ids)
}

/// A plan with the baseline that is part of the binary.
fn planned(stage: &Stage, code: i32) -> Value {
    let done = stage.run(&["plan", "--format", "json"]);
    assert_eq!(done.code, Some(code), "{}{}", done.stdout, done.stderr);
    done.json()
}

/// How often each account sent each call.
fn sent(stage: &Stage) -> BTreeMap<String, Vec<String>> {
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for call in stage.calls() {
        *counts.entry((call.account, format!("{} {}", call.service, call.operation))).or_default() += 1;
    }
    let mut sent: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for ((account, call), number) in counts {
        sent.entry(account).or_default().push(format!("{call} {number}"));
    }
    sent
}

#[test]
fn a_compliant_member_is_asked_for_each_setting_once_and_never_for_trails() {
    let (mut world, ids) = good_organization(&["calm"]);
    furnish(&mut world, &ids[0]);
    rotating_key(&mut world, &ids[0], json!({}));
    make_key(&mut world, &ids[0], json!({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}));
    let stage = Stage::new(world);
    let plan = planned(&stage, 0);
    assert_eq!(kinds(&plan, &ids[0]), ["compliant", "not_applicable"], "there is no key abroad");
    let wanted = [
        "account ListRegions 1",
        "guardduty GetDetector 2",
        "guardduty ListDetectors 2",
        "iam GetAccountPasswordPolicy 1",
        "kms DescribeKey 2",
        // The asymmetric key cannot rotate, so it is not asked.
        "kms GetKeyRotationStatus 1",
        "kms ListKeys 2",
    ];
    assert_eq!(sent(&stage)[&ids[0]], wanted);
}

#[test]
fn a_member_that_drifts_is_asked_only_who_administers_its_detector_besides() {
    let (mut world, ids) = good_organization(&["adrift"]);
    make_key(&mut world, &ids[0], json!({}));
    detector(&mut world, &ids[0], HOME, false);
    let stage = Stage::new(world);
    let plan = planned(&stage, 2);
    let drifted = rows(&plan, &ids[0]).filter(|row| row["verdict"] == "drifted");
    let drifted: BTreeSet<&str> = drifted.map(|row| text(&row["control"])).collect();
    assert_eq!(drifted, BTreeSet::from(["guardduty.detector", "iam.password_policy", "kms.key_rotation"]));
    let wanted = [
        "account ListRegions 1",
        // The organization knows of no administrator, and the account may have accepted an invitation.
        "guardduty GetAdministratorAccount 1",
        // There is none abroad.
        "guardduty GetDetector 1",
        "guardduty ListDetectors 2",
        "iam GetAccountPasswordPolicy 1",
        "kms DescribeKey 1",
        "kms GetKeyRotationStatus 1",
        "kms ListKeys 2",
        "kms ListResourceTags 1",
    ];
    assert_eq!(sent(&stage)[&ids[0]], wanted);
}

#[test]
fn the_management_account_is_asked_once_for_the_trail_and_the_tree_and_no_other_account_is() {
    let (mut world, ids) = good_organization(&["one", "two"]);
    for id in &ids {
        furnish(&mut world, id);
    }
    let management = world.management();
    let stage = Stage::new(world);
    let plan = planned(&stage, 0);
    assert_eq!(kinds(&plan, &management), ["compliant", "not_applicable"], "there is no key abroad");
    let of_management = [
        "account ListRegions 1",
        "cloudtrail DescribeTrails 1",
        "cloudtrail GetEventSelectors 1",
        "cloudtrail GetTrailStatus 1",
        "cloudtrail ListTrails 1",
        "guardduty GetDetector 2",
        "guardduty ListDetectors 2",
        // One a region, whoever asks.
        "guardduty ListOrganizationAdminAccounts 2",
        "iam GetAccountPasswordPolicy 1",
        // As one of the account's keys, and as the key of the trail.
        "kms DescribeKey 2",
        "kms GetKeyRotationStatus 1",
        "kms ListKeys 2",
        "organizations DescribeOrganization 1",
        "organizations ListAccounts 1",
        "organizations ListOrganizationalUnitsForParent 1",
        "organizations ListRoots 1",
        // One a member.
        "sts AssumeRole 2",
        "sts GetCallerIdentity 1",
    ];
    let of_member = [
        "account ListRegions 1",
        "guardduty GetDetector 2",
        "guardduty ListDetectors 2",
        "iam GetAccountPasswordPolicy 1",
        "kms ListKeys 2",
    ];
    let owned = |calls: &[&str]| calls.iter().map(|call| (*call).to_owned()).collect::<Vec<_>>();
    let members = ids.into_iter().map(|id| (id, owned(&of_member)));
    let wanted: BTreeMap<_, _> = members.chain([(management, owned(&of_management))]).collect();
    assert_eq!(sent(&stage), wanted);
}

#[test]
fn what_finds_the_accounts_and_their_trail_does_not_grow_with_them() {
    let shared = |members: &[&str]| {
        let (world, _) = good_organization(members);
        let management = world.management();
        let stage = Stage::new(world);
        planned(&stage, 2);
        let mut calls = sent(&stage).remove(&management).expect("it sent calls");
        let entered = format!("sts AssumeRole {}", members.len());
        assert!(calls.contains(&entered), "{calls:?}");
        calls.retain(|call| *call != entered);
        calls
    };
    assert_eq!(shared(&["one"]), shared(&["one", "two", "three", "four", "five"]));
}
