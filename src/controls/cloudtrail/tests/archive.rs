//! Bucket and key of the organization's trail in an account that keeps them.

use serde_json::json;

use super::*;
use crate::control::{Control as _, Needs};
use crate::observe::Home;
use crate::target::Object;

/// The account that keeps the logs.
const ARCHIVE: &str = "222233334444";
const KEPT_KEY: &str = "arn:aws:kms:eu-west-1:222233334444:key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f";

fn kept() -> Settings {
    wanted(&json!({ "scope": "organization", "log_account": ARCHIVE }))
}

/// What the archive sees of an organization with these trails, where nothing of ours is made yet.
fn seen_by_archive(trails: Vec<Trail>) -> Coverage {
    Coverage { organizations: trails, making: nothing_made(), ..Coverage::default() }
}

fn poor() -> Trail {
    let mut trail = without_validation("trueup");
    facts(&mut trail).organization = true;
    facts(&mut trail).kms_key = None;
    trail.listed.arn = trail.listed.arn.replace(HERE, MANAGEMENT);
    trail
}

fn of_kind<'a>(judged: &'a [Judged], kind: &str) -> &'a Judged {
    judged.iter().find(|one| one.object.kind == kind).unwrap_or_else(|| panic!("no {kind}"))
}

#[test]
fn the_management_account_needs_what_the_archive_makes() {
    let in_management = judged_in(MANAGEMENT, &own(vec![]), &kept(), &[]);
    assert_eq!(in_management.len(), 1, "bucket and key are none of its own");
    let Fix::Steps { steps, needs } = &drift(&in_management[0]).fix else { panic!("no steps") };
    let Some(Step::CreateTrail(create)) = steps.iter().find(|step| matches!(step, Step::CreateTrail(_))) else {
        panic!("no trail: {steps:?}")
    };
    assert_eq!(create.bucket, "trueup-trail-222233334444-eu-west-1");
    assert_eq!(create.kms_key.as_deref(), Some("arn:aws:kms:eu-west-1:222233334444:alias/trueup-trail"));

    let in_archive = judged_in(ARCHIVE, &seen_by_archive(vec![]), &kept(), &[]);
    let made: Vec<Object> = in_archive[1..].iter().map(|one| one.object.clone()).collect();
    assert_eq!(*needs, made, "the two agree");
    assert!(made.iter().all(|object| object.at.account == id(ARCHIVE)));
    assert!(matches!(&drift(&in_archive[0]).fix, Fix::Through { object, .. } if object.at.account == id(MANAGEMENT)));
    let other = judged_in(HERE, &Coverage { making: Making::default(), ..seen_by_archive(vec![]) }, &kept(), &[]);
    assert_eq!(other.len(), 1, "a member makes nothing");
}

#[test]
fn policies_are_for_the_trail_of_the_management_account_and_let_its_owner_describe_the_key() {
    let judged = judged_in(ARCHIVE, &seen_by_archive(vec![]), &kept(), &[]);
    let Step::CreateKey(create) = &steps(of_kind(&judged, "kms.key"))[0] else { panic!("no key") };
    let statement = |sid: &str| {
        let all = create.policy["Statement"].as_array().expect("statements");
        all.iter().find(|one| one["Sid"] == sid).unwrap_or_else(|| panic!("no {sid}: {all:#?}"))
    };
    let trail = "arn:aws:cloudtrail:eu-west-1:999900001111:trail/trueup";
    let encrypts = &statement("Let CloudTrail encrypt log files")["Condition"];
    assert_eq!(encrypts["StringEquals"], json!({ "aws:SourceArn": trail }));
    assert_eq!(
        encrypts["StringLike"],
        json!({ "kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:*:999900001111:trail/*" })
    );
    let describes = statement("Let the account of the trail describe the key");
    assert_eq!(describes["Principal"], json!({ "AWS": "arn:aws:iam::999900001111:root" }));
    assert_eq!(describes["Action"], "kms:DescribeKey");
    let own = statement("Enable IAM policies of the account");
    assert_eq!(own["Principal"], json!({ "AWS": "arn:aws:iam::222233334444:root" }));

    let Some(Step::PutBucketPolicy(put)) = steps(of_kind(&judged, "s3.bucket")).last() else { panic!("no policy") };
    let files: Vec<&Value> = put.statements.iter().filter(|one| one["Action"] == "s3:PutObject").collect();
    let bucket = "arn:aws:s3:::trueup-trail-222233334444-eu-west-1";
    let resources: Vec<&str> = files.iter().filter_map(|one| one["Resource"].as_str()).collect();
    assert_eq!(
        resources,
        [&*format!("{bucket}/AWSLogs/999900001111/*"), &*format!("{bucket}/AWSLogs/o-abc1234567/*")],
        "nothing of the archive's own"
    );
    assert!(files.iter().all(|one| one["Condition"]["StringEquals"]["aws:SourceArn"] == trail));
}

#[test]
fn what_the_archive_has_ready_is_needed_no_more() {
    let mut seen = seen_by_archive(vec![]);
    let planned = judged_in(ARCHIVE, &seen, &kept(), &[]);
    let Step::CreateKey(create) = &steps(of_kind(&planned, "kms.key"))[0] else { panic!("no key") };
    let Some(Step::PutBucketPolicy(put)) = steps(of_kind(&planned, "s3.bucket")).last() else { panic!("no policy") };
    seen.making.key = Some(Readable::Read(Some(KeyState { arn: KEPT_KEY.to_owned(), ..key() })));
    seen.making.key_policy = Some(Readable::Read(create.policy.to_string()));
    seen.making.bucket = Some(Readable::Read(Bucket::Own(BucketSettings {
        keeps_versions: Readable::Read(true),
        policy: Some(json!({ "Version": "2012-10-17", "Statement": put.statements }).to_string()),
        ..young_bucket()
    })));
    assert_eq!(judged_in(ARCHIVE, &seen, &kept(), &[]).len(), 1);
    let seen = Coverage { own: vec![], organizations: vec![], ..seen };
    let judged = judged_in(MANAGEMENT, &seen, &kept(), &[]);
    assert!(matches!(&drift(&judged[0]).fix, Fix::Steps { needs, .. } if needs.is_empty()), "{judged:?}");
}

#[test]
fn a_key_for_a_trail_that_is_there_is_made_in_the_archive_and_named_by_arn() {
    let in_archive = judged_in(ARCHIVE, &seen_by_archive(vec![poor()]), &kept(), &[]);
    let kinds: Vec<&str> = in_archive.iter().map(|one| one.object.kind.as_str()).collect();
    assert_eq!(kinds, ["cloudtrail.trail", "kms.key"], "its bucket stays where it is");
    let in_management = judged_in(MANAGEMENT, &own(vec![poor()]), &kept(), &[]);
    let Fix::Steps { steps, needs } = &drift(&in_management[0]).fix else { panic!("no steps") };
    assert_eq!(*needs, [in_archive[1].object.clone()]);
    let sent = steps.iter().find_map(|step| match step {
        Step::UpdateTrail(update) => update.kms_key.as_ref().map(|new| new.key.as_str()),
        _ => None,
    });
    assert_eq!(sent, Some("arn:aws:kms:eu-west-1:222233334444:alias/trueup-trail"));
}

#[test]
fn for_a_trail_that_cannot_be_made_the_archive_makes_nothing() {
    let mut other = trail("trueup");
    other.listed.arn = other.listed.arn.replace(HERE, MANAGEMENT);
    let seen = Coverage { uncounted: vec![other.listed], ..seen_by_archive(vec![]) };
    assert_eq!(judged_in(ARCHIVE, &seen, &kept(), &[]).len(), 1);
    let seen = Coverage { own: vec![], organizations: vec![], ..seen };
    assert!(manual(&judged_in(MANAGEMENT, &seen, &kept(), &[])[0]).contains("not the organization's"));
}

#[test]
fn a_key_that_could_not_be_read_in_the_archive_makes_its_requirement_unreadable() {
    let mut trail = poor();
    facts(&mut trail).validation = true;
    facts(&mut trail).kms_key = Some(KEPT_KEY.to_owned());
    trail.wanted_key = Some(Readable::Unreadable(denied("kms:DescribeKey", ARCHIVE)));
    let judged = judged(&Coverage { organizations: vec![trail], ..Coverage::default() }, &kept());
    assert_eq!(named(&judged[0], |verdict| matches!(verdict, Verdict::Unreadable(_))), ["kms"]);
    let at = judged[0].findings.iter().find_map(|finding| match &finding.verdict {
        Verdict::Unreadable(error) => Some(error.at.account.clone()),
        _ => None,
    });
    assert_eq!((at, &judged[0].drift), (Some(id(ARCHIVE)), &None));
}

#[test]
fn the_management_account_may_keep_bucket_and_key_itself() {
    let same = wanted(&json!({ "scope": "organization", "log_account": MANAGEMENT }));
    let plain = wanted(&json!({ "scope": "organization" }));
    assert_eq!(judged_in(MANAGEMENT, &own(vec![]), &same, &[]), judged_in(MANAGEMENT, &own(vec![]), &plain, &[]));
}

#[test]
fn an_account_with_a_trail_of_its_own_keeps_bucket_and_key_itself() {
    let idle = wanted(&json!({ "scope": "account", "log_account": ARCHIVE }));
    assert!(Control::log_archive(&idle).is_none());
    assert!(Control::contradiction(&idle).is_some(), "and a baseline that says so is refused");
    assert!(Control::contradiction(&kept()).is_none());
    assert_eq!(judged(&own(vec![]), &idle), judged(&own(vec![]), &wanted(&json!({ "scope": "account" }))));
}

#[test]
fn each_of_the_three_accounts_has_its_own_reads_and_steps() {
    let needs = |home: Home| Control::needs(&kept(), home);
    let there = |needs: &Needs, name: &str, home: Home| {
        needs.reads.iter().any(|reads| reads.name == name && reads.home == home)
    };
    let [member, management, archive] = [Home::Member, Home::Management, Home::LogArchive].map(needs);
    assert!(member.steps.is_empty());
    assert!(there(&member, "kms.named_key", Home::LogArchive) && !there(&member, "s3.bucket", Home::LogArchive));
    assert!(management.steps.contains(&"CreateTrail") && !management.steps.contains(&"CreateBucket"));
    assert!(there(&management, "s3.bucket", Home::LogArchive) && !there(&management, "s3.bucket", Home::Member));
    assert!(archive.steps.contains(&"CreateBucket") && !archive.steps.contains(&"CreateTrail"));
    assert!(there(&archive, "s3.bucket", Home::Member) && management.organization && !archive.organization);
}
