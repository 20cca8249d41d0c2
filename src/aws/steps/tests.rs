//! What a step is allowed, and on what.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::cloudtrail::{CreateTrail, Logs, UpdateTrail};
use super::guardduty::{CreateDetector, Setting, UpdateDetector};
use super::kms::{CreateAlias, CreateKey, EnableKeyRotation, PutKeyPolicy, RotateMadeKey};
use super::logs::{CreateLogGroup, PutRetentionPolicy};
use super::*;
use crate::Grant;
use crate::target::Region;

const KEYS: &str = "arn:aws-cn:kms:cn-north-1:111122223333:key/*";
const TRAIL: &str = "arn:aws-cn:cloudtrail:cn-north-1:111122223333:trail/trueup";

fn region() -> Region {
    "cn-north-1".parse().expect("a region")
}

/// Each action of a step with the resources it is allowed on.
fn granted(step: &Step) -> BTreeMap<String, Vec<String>> {
    let at = Target { account: "111122223333".parse().expect("an id"), region: Some(region()) };
    let partition = Partition::of_arn("arn:aws-cn:iam::111122223333:root").expect("an ARN");
    let grants = step.grants(&at, &partition).into_iter();
    let each = grants.flat_map(|Grant { actions, resources }| {
        let resources: Vec<String> = resources.into_iter().collect();
        actions.into_iter().map(move |action| (action, resources.clone()))
    });
    each.collect()
}

fn on(step: &Step, action: &str) -> Vec<String> {
    granted(step).remove(action).unwrap_or_else(|| panic!("{action} is not granted"))
}

const ROLE: &str = "arn:aws-cn:iam::111122223333:role/trueup-trail-logs";

fn logs() -> Logs {
    let group = "arn:aws-cn:logs:cn-north-1:111122223333:log-group:/aws/cloudtrail/trueup:*".to_owned();
    Logs { group, role: ROLE.to_owned() }
}

fn create_trail() -> Step {
    Step::CreateTrail(CreateTrail {
        name: "trueup".to_owned(),
        region: region(),
        bucket: "logs".to_owned(),
        organization: true,
        multi_region: true,
        log_file_validation: true,
        kms_key: Some("alias/trueup-trail".to_owned()),
        logs: Some(logs()),
        selectors: None,
        insights: crate::observe::cloudtrail::Insights::default(),
        address: "address".to_owned(),
        beside: false,
    })
}

#[test]
fn a_trail_is_written_by_its_own_arn_also_before_it_is_there() {
    for action in ["cloudtrail:CreateTrail", "cloudtrail:AddTags"] {
        assert_eq!(on(&create_trail(), action), [TRAIL], "{action}");
    }
    let update = Step::UpdateTrail(UpdateTrail::of(TRAIL, &region()));
    assert_eq!(on(&update, "cloudtrail:UpdateTrail"), [TRAIL]);
    assert_eq!(on(&update, "kms:DescribeKey"), ["*"], "reads are allowed anywhere");
}

#[test]
fn no_role_is_passed_but_the_one_that_a_trail_gets() {
    assert_eq!(on(&create_trail(), "iam:PassRole"), [ROLE]);
    let update = UpdateTrail::of(TRAIL, &region());
    assert!(!granted(&Step::UpdateTrail(update.clone())).contains_key("iam:PassRole"), "none is passed");
    let update = Step::UpdateTrail(UpdateTrail { logs: Some(logs()), ..update });
    assert_eq!(on(&update, "iam:PassRole"), [ROLE]);
}

#[test]
fn a_log_group_is_written_by_the_arn_with_the_star_and_tagged_by_the_one_without() {
    let (group, address) = ("/aws/cloudtrail/trueup".to_owned(), "address".to_owned());
    let create = Step::CreateLogGroup(CreateLogGroup { group: group.clone(), region: region(), address });
    let arn = "arn:aws-cn:logs:cn-north-1:111122223333:log-group:/aws/cloudtrail/trueup";
    assert_eq!(on(&create, "logs:CreateLogGroup"), [format!("{arn}:*")]);
    assert_eq!(on(&create, "logs:TagResource"), [arn]);
    let put = PutRetentionPolicy { group, region: region(), days: 365, young: true };
    assert_eq!(on(&Step::PutRetentionPolicy(put), "logs:PutRetentionPolicy"), [format!("{arn}:*")]);
}

#[test]
fn a_service_gets_its_own_role_and_no_other() {
    let role = |service: &str| format!("arn:aws-cn:iam::111122223333:role/aws-service-role/{service}/*");
    assert_eq!(on(&create_trail(), "iam:CreateServiceLinkedRole"), [role("cloudtrail.amazonaws.com")]);
    let detector = Step::UpdateDetector(UpdateDetector::one(Setting::Enabled));
    assert_eq!(
        on(&detector, "iam:CreateServiceLinkedRole"),
        [role("guardduty.amazonaws.com"), role("malware-protection.guardduty.amazonaws.com")]
    );
}

#[test]
fn a_detector_is_written_in_its_region_and_made_where_aws_knows_no_resource() {
    let detectors = ["arn:aws-cn:guardduty:cn-north-1:111122223333:detector/*"];
    let update = Step::UpdateDetector(UpdateDetector::one(Setting::Enabled));
    assert_eq!(on(&update, "guardduty:UpdateDetector"), detectors);
    let features = BTreeSet::new();
    let create =
        Step::CreateDetector(CreateDetector { publishing_frequency: None, features, address: "address".to_owned() });
    assert_eq!(on(&create, "guardduty:CreateDetector"), ["*"]);
    assert_eq!(on(&create, "guardduty:TagResource"), detectors);
}

#[test]
fn a_key_that_is_known_is_written_by_its_arn_and_one_that_is_made_in_its_region() {
    let (alias, address) = ("alias/trueup-trail".to_owned(), "address".to_owned());
    let known = "arn:aws-cn:kms:cn-north-1:111122223333:key/k1";
    let rotation =
        Step::EnableKeyRotation(EnableKeyRotation { key_id: "k1".to_owned(), period_days: None, instead_of: None });
    assert_eq!(on(&rotation, "kms:EnableKeyRotation"), [known]);
    let put = PutKeyPolicy { key: alias.clone(), arn: known.to_owned(), region: region(), statements: vec![] };
    assert_eq!(on(&Step::PutKeyPolicy(put), "kms:PutKeyPolicy"), [known]);
    let rotate = RotateMadeKey { alias: alias.clone(), region: region(), address: address.clone() };
    assert_eq!(on(&Step::RotateMadeKey(rotate), "kms:EnableKeyRotation"), [KEYS]);
    let create = CreateAlias { alias: alias.clone(), region: region(), address: address.clone() };
    let of_alias = "arn:aws-cn:kms:cn-north-1:111122223333:alias/trueup-trail";
    assert_eq!(on(&Step::CreateAlias(create), "kms:CreateAlias"), [of_alias, KEYS]);
    let key = CreateKey { alias, region: region(), address, description: String::new(), policy: json!({}) };
    let key = Step::CreateKey(key);
    assert_eq!(on(&key, "kms:CreateKey"), ["*"], "AWS knows no resource for it");
    for besides in ["kms:TagResource", "kms:PutKeyPolicy"] {
        assert_eq!(on(&key, besides), [KEYS], "{besides}");
    }
}

#[test]
fn every_write_and_every_dependent_action_is_granted() {
    let step = create_trail();
    let granted = granted(&step);
    let needed = step.calls().iter().map(|call| call.action).chain(step.dependent().iter().copied());
    for action in needed {
        assert!(granted.contains_key(action), "{action}");
    }
}

#[test]
fn what_takes_away_what_a_run_made_is_irreversible_whichever_step_it_is() {
    // What these delete is a value of something that was there before the run: none is put back.
    let values = [
        ("DeleteBucketPolicy", "DeleteBucketPolicy"),
        ("DeleteRolePolicy", "DeleteRolePolicy"),
        ("DetachRolePolicy", "DetachRolePolicy"),
        ("RescheduleKeyDeletion", "ScheduleKeyDeletion"),
        ("RestoreAccountPublicAccessBlock", "DeletePublicAccessBlock"),
        ("RestoreBucketTag", "DeleteBucketTagging"),
        ("RestorePublicAccessBlock", "DeletePublicAccessBlock"),
        ("RestoreRetention", "DeleteRetentionPolicy"),
    ];
    // What these put back has AWS delete what is older, or a key with all that it encrypted.
    let loses =
        ["RescheduleKeyDeletion", "RestoreBucketLifecycle", "RestoreRetention", "RestoreRetentionConfiguration"];
    let takes = |operation: &str| {
        let verbs = ["Delete", "Detach", "Schedule", "Unsubscribe", "DisableSecurityHub"];
        verbs.iter().any(|verb| operation.starts_with(verb))
    };
    let mut found = vec![];
    for ((step, calls, _), (name, risk, takes_away)) in UNDOING.iter().zip(UNDOING_RISKS) {
        assert_eq!(step, name);
        let mut taking = calls.iter().map(|call| call.operation).filter(|operation| takes(operation)).peekable();
        assert!(!takes_away || taking.peek().is_some(), "{step} takes nothing away");
        let irreversible = *takes_away || loses.contains(step);
        assert_eq!(*risk, if irreversible { Risk::Irreversible } else { Risk::Weakening }, "{step}");
        found.extend(taking.filter(|_| !takes_away).map(|operation| (*step, operation)));
    }
    found.sort_unstable();
    assert_eq!(found, values, "what is deleted was made by a run, unless it stands here");
}
