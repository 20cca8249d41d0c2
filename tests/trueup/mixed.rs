//! A generated organization, in which everything occurs at once: each step of its plan is one call, and holds.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trueup::simulator::Options;
use trueup::simulator::world::World;

use crate::harness::{HOME, Stage, list, outcomes, text, write};
use crate::trails;

/// Twenty accounts of a seed, with a clock that starts there, under the embedded baseline.
pub(crate) fn mixed(start: Option<i64>) -> Stage {
    let stage = Stage::new(World::generate(&Options { accounts: 20, seed: 5, start, ..Options::default() }));
    stage.baseline("extends: [foundation]\nmanagement_account: include\n", "");
    stage
}

/// The calls that the steps of a plan are, in the order of [`Stage::writes`].
pub(crate) fn steps_of(plan: &Value) -> Vec<(String, String, String)> {
    let steps = list(&plan["changes"]).iter().flat_map(|change| {
        let steps = list(&change["steps"]).iter().map(|step| text(&step["do"]));
        steps.map(|step| (text(&change["account"]), call_of(step)))
    });
    let mut calls: Vec<_> = steps.map(|(account, (service, operation))| write(account, service, operation)).collect();
    calls.sort();
    calls
}

fn call_of(step: &str) -> (&'static str, &'static str) {
    match step {
        "create_alias" => ("kms", "CreateAlias"),
        "create_bucket" => ("s3", "CreateBucket"),
        "create_detector" => ("guardduty", "CreateDetector"),
        "create_key" => ("kms", "CreateKey"),
        "create_trail" => ("cloudtrail", "CreateTrail"),
        "enable_key_rotation" | "rotate_made_key" => ("kms", "EnableKeyRotation"),
        "enable_service_access" => ("organizations", "EnableAWSServiceAccess"),
        "put_bucket_encryption" => ("s3", "PutBucketEncryption"),
        "put_bucket_policy" => ("s3", "PutBucketPolicy"),
        "put_bucket_tagging" => ("s3", "PutBucketTagging"),
        "put_bucket_versioning" => ("s3", "PutBucketVersioning"),
        "put_public_access_block" => ("s3", "PutPublicAccessBlock"),
        "start_logging" => ("cloudtrail", "StartLogging"),
        "update_account_password_policy" => ("iam", "UpdateAccountPasswordPolicy"),
        "update_detector" => ("guardduty", "UpdateDetector"),
        other => panic!("which call is {other}?"),
    }
}

/// Each object that a plan changes is as the embedded baseline wants it, by what boto3 reads of it.
pub(crate) fn in_force(stage: &Stage, plan: &Value) {
    for change in list(&plan["changes"]) {
        let (account, object) = (text(&change["account"]), text(&change["object"]));
        let region = change["region"].as_str().unwrap_or(HOME);
        match text(&change["kind"]) {
            "iam.password_policy" => {
                let policy = stage.policy(account);
                assert!(policy["MinimumPasswordLength"].as_u64() >= Some(14), "{account}: {policy}");
                assert!(policy["PasswordReusePrevention"].as_u64() >= Some(24), "{account}: {policy}");
                for class in ["Symbols", "Numbers", "UppercaseCharacters", "LowercaseCharacters"] {
                    assert_eq!(policy[format!("Require{class}")], true, "{account}: {class}");
                }
            }
            "kms.key_rotation" => {
                let key = stage.key(account, region, object);
                assert_eq!(key["Rotation"]["KeyRotationEnabled"], true, "{account} {region} {object}");
            }
            "guardduty.detector" => {
                let detector = stage.detector(account, region);
                assert_eq!(detector["Status"], "ENABLED", "{account} {region}");
                let on = json!({"Name": "S3_DATA_EVENTS", "Status": "ENABLED"});
                let same = |feature: &&Value| feature["Name"] == on["Name"] && feature["Status"] == on["Status"];
                assert_eq!(list(&detector["Features"]).iter().filter(same).count(), 1, "{account}: {detector}");
            }
            // Key and bucket are those of the trail.
            "cloudtrail.trail" => trails::whole(stage, account),
            "kms.key" | "s3.bucket" => {}
            other => panic!("how is {other} read back?"),
        }
    }
}

#[test]
fn a_mixed_organization_is_mended_where_the_plan_says_and_nowhere_else() {
    let stage = mixed(None);
    let plan = stage.planned(3);
    let planned: BTreeSet<&str> = list(&plan["changes"]).iter().map(|change| text(&change["account"])).collect();
    assert!(planned.len() < list(&plan["accounts"]).len(), "some accounts are in line, suspended or out of reach");
    let (applied, code) = stage.apply(&["--allow", "cost,disruptive"]);
    assert!(outcomes(&applied).iter().all(|(_, outcome)| *outcome == "verified"), "{applied:#}");
    assert_eq!(code, Some(3), "one account could not be entered");
    let writes = stage.writes();
    assert_eq!(writes, steps_of(&plan), "each step of the plan is one call, and there is no other");
    let written: BTreeSet<&str> = writes.iter().map(|(account, ..)| account.as_str()).collect();
    assert_eq!(written, planned);
    in_force(&stage, &plan);

    let (after, code) = stage.plan(&[]);
    assert_eq!((&after["summary"]["requirements"]["drifted"], &after["changes"]), (&json!(0), &json!([])));
    assert_eq!(code, Some(3));
    let (again, _) = stage.apply(&["--allow", "cost,disruptive"]);
    assert!(outcomes(&again).iter().all(|(_, outcome)| *outcome == "already"), "{again:#}");
    assert_eq!(stage.writes(), writes, "the same plan a second time writes nothing");
}
