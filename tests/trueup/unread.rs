//! What a trail needs and could not be read is unreadable: nothing is planned that depends on it, and the exit code says
//! so, also where it is met first by an apply.

use serde_json::{Value, json};
use trueup::simulator::world::World;

use crate::harness::{HOME, Stage, error, guardrail, line, list, organization, rows, strike, text};
use crate::trails::{ORGANIZATION, made_from_nothing};

/// A trail of each account, with a key.
const ACCOUNT: &str = "\
controls:
  cloudtrail.trail:
    scope: account
    multi_region: true
    logging: true
    kms_key: alias/trueup-trail
";

/// The names of what is made unless the baseline says otherwise.
const TRAIL: &str = "trueup";
const KEY: &str = "alias/trueup-trail";

fn bucket(account: &str) -> String {
    format!("trueup-trail-{account}-{HOME}")
}

const EVERYTHING: [&str; 2] = ["--allow", "cost,disruptive"];

/// An account without a trail in an organization that is held to [`ACCOUNT`].
fn without_trail() -> (Stage, String) {
    let (world, ids) = organization(&["own"]);
    (Stage::held_to(world, ACCOUNT), ids[0].clone())
}

/// Denies an action in an account by a service control policy.
fn deny(stage: &Stage, account: &str, action: &str) {
    stage.world(|world| guardrail(world, account, &json!({"Effect": "Deny", "Action": action, "Resource": "*"})));
}

fn planned(stage: &Stage, account: &str) -> (Value, Option<i32>) {
    stage.plan(&["--account", account, "--out", "plan.json"])
}

/// What could not be read: object and requirement; each says where, what was asked, who refused, and the mend.
#[track_caller]
fn unreadable<'a>(plan: &'a Value, account: &'a str, action: &str) -> Vec<(&'a str, &'a str)> {
    let unreadable: Vec<&Value> = rows(plan, account).filter(|row| row["verdict"] == "unreadable").collect();
    for row in &unreadable {
        let reason = text(&row["reason"]);
        for words in [action, account, HOME, "service control policy", "let the role through in that policy"] {
            assert!(reason.contains(words), "{words}: {reason}");
        }
    }
    assert_eq!((&plan["complete"], &line(plan, account)["status"]), (&json!(false), &json!("partial")));
    unreadable.into_iter().map(|row| (text(&row["object"]), text(&row["requirement"]))).collect()
}

/// The changes: kind, and whether apply has something to do.
fn changes(plan: &Value) -> Vec<(&str, bool)> {
    let ready = |change: &Value| change["blocked"].is_null() && change["manual"].is_null();
    list(&plan["changes"]).iter().map(|change| (text(&change["kind"]), ready(change))).collect()
}

/// What came of each object, sorted.
fn came(applied: &Value) -> Vec<(&str, &str)> {
    let mut came: Vec<_> =
        list(&applied["outcomes"]).iter().map(|one| (text(&one["object"]), text(&one["outcome"]))).collect();
    came.sort_unstable();
    came
}

#[test]
fn a_bucket_that_is_denied_is_unreadable_and_so_is_the_key_that_depends_on_it() {
    let (stage, own) = without_trail();
    deny(&stage, &own, "s3:*");
    let (plan, code) = planned(&stage, &own);
    assert_eq!(code, Some(3), "{plan:#}");
    let bucket = bucket(&own);
    let wanted = [(KEY, "cloudtrail.trail.kms"), (&*bucket, "cloudtrail.trail.logging")];
    assert_eq!(unreadable(&plan, &own, "s3:ListAllMyBuckets"), wanted);
    assert_eq!(changes(&plan), [("cloudtrail.trail", false)], "nothing is planned that depends on it");
    assert!(text(&plan["changes"][0]["blocked"]).contains("which could not be read: s3:ListAllMyBuckets"), "{plan:#}");
    let (applied, code) = stage.apply(&EVERYTHING);
    assert_eq!((came(&applied), code, stage.writes()), (vec![(TRAIL, "blocked")], Some(3), vec![]));
}

#[test]
fn a_key_that_is_denied_is_unreadable_and_nothing_is_written_for_its_trail() {
    let (stage, own) = without_trail();
    deny(&stage, &own, "kms:DescribeKey");
    let (plan, code) = planned(&stage, &own);
    assert_eq!(code, Some(3), "{plan:#}");
    let key = [(KEY, "cloudtrail.trail.kms")];
    assert_eq!(unreadable(&plan, &own, "kms:DescribeKey"), key);
    assert_eq!(changes(&plan), [("cloudtrail.trail", false), ("s3.bucket", true)]);
    let (applied, code) = stage.apply(&EVERYTHING);
    let bucket = bucket(&own);
    let wanted = vec![(TRAIL, "blocked"), (&*bucket, "held")];
    assert_eq!((came(&applied), code, stage.writes()), (wanted, Some(3), vec![]), "nothing would use the bucket");
}

#[test]
fn a_bucket_or_a_key_that_fails_is_unreadable_as_well() {
    for (operation, status, code) in
        [("HeadBucket", 500, "InternalError"), ("DescribeKey", 500, "KMSInternalException"), ("HeadBucket", 400, "Odd")]
    {
        let (stage, own) = without_trail();
        stage.inject(strike(&own, operation, error(status, code)));
        let (plan, exit) = planned(&stage, &own);
        let unreadable = rows(&plan, &own).filter(|row| row["verdict"] == "unreadable").count();
        assert_eq!((exit, &plan["complete"], unreadable > 0), (Some(3), &json!(false), true), "{operation} {code}");
        let trail = list(&plan["changes"]).iter().find(|change| change["kind"] == "cloudtrail.trail");
        assert!(trail.is_some_and(|trail| trail["blocked"].is_string()), "{operation} {code}: {plan:#}");
    }
}

#[test]
fn a_key_that_is_denied_leaves_the_rest_of_a_trail_that_is_there_to_be_mended() {
    let (mut world, ids) = organization(&["own"]);
    crate::trails::trail(&mut world, &ids[0], json!({}));
    let stage = Stage::held_to(world, &ACCOUNT.replace("scope: account", "scope: account\n    name: audit"));
    deny(&stage, &ids[0], "kms:DescribeKey");
    let (plan, code) = planned(&stage, &ids[0]);
    assert_eq!(code, Some(3), "{plan:#}");
    assert_eq!(unreadable(&plan, &ids[0], "kms:DescribeKey"), [(KEY, "cloudtrail.trail.kms")]);
    let differences: Vec<&str> =
        list(&plan["changes"][0]["differences"]).iter().map(|one| text(&one["requirement"])).collect();
    assert_eq!(
        (changes(&plan), differences),
        (vec![("cloudtrail.trail", true)], vec!["cloudtrail.trail.multi_region"])
    );
    let (applied, code) = stage.apply(&EVERYTHING);
    assert_eq!((came(&applied), code), (vec![("audit", "verified")], Some(3)), "{applied:#}");
    let trail = stage.trail(&ids[0], "audit");
    assert_eq!((&trail["IsMultiRegionTrail"], &trail["KmsKeyId"]), (&json!(true), &json!(null)));
}

/// Plans while everything may be read, and applies while this is denied.
#[track_caller]
fn denied_at_apply(stage: &Stage, account: &str, action: &str) -> Value {
    assert_eq!(planned(stage, account).1, Some(2));
    deny(stage, account, action);
    let (applied, code) = stage.apply(&EVERYTHING);
    assert_eq!(code, Some(3), "{applied:#}");
    let failed: Vec<&Value> = list(&applied["outcomes"]).iter().filter(|one| one["outcome"] == "failed").collect();
    assert!(!failed.is_empty(), "{applied:#}");
    for one in failed {
        let reason = text(&one["reason"]);
        for words in [action.trim_end_matches('*'), account, "let the role through in that policy"] {
            assert!(reason.contains(words), "{words}: {reason}");
        }
    }
    applied
}

#[test]
fn a_bucket_that_is_denied_only_to_the_apply_has_failed_and_nothing_is_written() {
    let (stage, own) = without_trail();
    let applied = denied_at_apply(&stage, &own, "s3:*");
    let bucket = bucket(&own);
    let wanted = [(KEY, "failed"), (TRAIL, "blocked"), (&*bucket, "failed")];
    assert_eq!((came(&applied), stage.writes()), (wanted.to_vec(), vec![]));
}

#[test]
fn a_key_that_is_denied_only_to_the_apply_has_failed_and_its_trail_is_not_made() {
    let (stage, own) = without_trail();
    let applied = denied_at_apply(&stage, &own, "kms:DescribeKey");
    let bucket = bucket(&own);
    let wanted = [(KEY, "failed"), (TRAIL, "blocked"), (&*bucket, "verified")];
    assert_eq!(came(&applied), wanted);
    let of_bucket: Vec<_> = made_from_nothing(&own).into_iter().filter(|(_, service, _)| service == "s3").collect();
    assert_eq!(stage.writes(), of_bucket);
}

/// An account that has made its trail's bucket and key and is without the trail.
fn without_trail_alone() -> (Stage, String) {
    let (stage, own) = without_trail();
    planned(&stage, &own);
    assert_eq!(stage.apply(&EVERYTHING).1, Some(0));
    stage.world(|world| {
        world.build(&own, HOME, "cloudtrail", "DeleteTrail", json!({"Name": TRAIL}));
        world.ledger.clear();
    });
    (stage, own)
}

#[test]
fn a_trail_is_not_made_where_what_it_needs_cannot_be_read_any_more() {
    for action in ["s3:*", "kms:DescribeKey", "kms:GetKeyPolicy"] {
        let (stage, own) = without_trail_alone();
        let applied = denied_at_apply(&stage, &own, action);
        assert_eq!((came(&applied), stage.writes()), (vec![(TRAIL, "failed")], vec![]), "{action}");
    }
}

#[test]
fn a_trail_is_not_encrypted_by_a_key_that_cannot_be_read_any_more() {
    let (stage, own) = without_trail_alone();
    stage.world(|world| bare_trail(world, &own));
    let applied = denied_at_apply(&stage, &own, "kms:DescribeKey");
    assert_eq!((came(&applied), stage.writes()), (vec![(TRAIL, "failed")], vec![]));
}

/// The trail as somebody made it again who forgot its key and the other regions.
fn bare_trail(world: &mut World, account: &str) {
    let trail = json!({"Name": TRAIL, "S3BucketName": bucket(account)});
    world.build(account, HOME, "cloudtrail", "CreateTrail", trail);
    world.build(account, HOME, "cloudtrail", "StartLogging", json!({"Name": TRAIL}));
    world.ledger.clear();
}

#[test]
fn a_key_that_a_person_disabled_meanwhile_does_not_pass_for_mended() {
    let (stage, own) = without_trail_alone();
    stage.world(|world| bare_trail(world, &own));
    assert_eq!(planned(&stage, &own).1, Some(2));
    stage.world(|world| {
        let key = json!({"KeyId": KEY});
        let found = world.build(&own, HOME, "kms", "DescribeKey", key);
        world.build(&own, HOME, "kms", "DisableKey", json!({"KeyId": found["KeyMetadata"]["KeyId"]}));
        world.ledger.clear();
    });
    let (applied, code) = stage.apply(&EVERYTHING);
    assert_eq!((came(&applied), code, stage.writes()), (vec![(TRAIL, "stale")], Some(2), vec![]));
    assert!(text(&applied["outcomes"][0]["reason"]).contains("enable it"), "{applied:#}");
}

#[test]
fn trust_and_tags_that_are_denied_are_unreadable_and_make_no_trail() {
    let (world, _) = organization(&[]);
    let management = world.management();
    let stage = Stage::new(world);
    stage.baseline("management_account: include\n", ORGANIZATION);
    let list = "ListAWSServiceAccessForOrganization";
    stage.inject(strike(&management, list, error(403, "AccessDeniedException")));
    let (plan, code) = stage.plan(&[]);
    let unread: Vec<&str> =
        rows(&plan, &management).filter(|row| row["verdict"] == "unreadable").map(|row| text(&row["object"])).collect();
    assert_eq!((unread, code), (vec!["cloudtrail.amazonaws.com"], Some(3)), "{plan:#}");
    assert!(changes(&plan).contains(&("cloudtrail.trail", false)), "{plan:#}");

    let (mut world, ids) = organization(&["own"]);
    crate::trails::trail(&mut world, &ids[0], json!({}));
    let stage = Stage::held_to(world, ACCOUNT);
    deny(&stage, &ids[0], "cloudtrail:ListTags");
    let (plan, code) = planned(&stage, &ids[0]);
    assert_eq!(code, Some(3), "{plan:#}");
    let tags = [("tags of trails", "cloudtrail.trail.multi_region")];
    assert_eq!(unreadable(&plan, &ids[0], "cloudtrail:ListTags"), tags);
    assert_eq!(changes(&plan), [("cloudtrail.trail", false)]);
}

#[test]
fn what_is_denied_is_told_from_what_another_account_has() {
    let (mut world, ids) = organization(&["own", "other"]);
    crate::trails::bucket(&mut world, &ids[1], "logs");
    let settings = "controls:\n  cloudtrail.trail: { scope: account, bucket: logs, logging: true }\n";
    let stage = Stage::held_to(world, settings);
    let (plan, code) = planned(&stage, &ids[0]);
    assert_eq!((code, changes(&plan)), (Some(2), vec![("cloudtrail.trail", false), ("s3.bucket", false)]), "{plan:#}");
    assert_eq!(stage.apply(&[]).1, Some(2), "nobody may read it, and that is known");
    deny(&stage, &ids[0], "s3:ListAllMyBuckets");
    assert_eq!(planned(&stage, &ids[0]).1, Some(3));
    assert_eq!(stage.writes(), []);
}
