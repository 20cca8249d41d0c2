//! The seeding itself: without these, agreement with the truth would prove little.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::server::text;
use crate::stand::Stand;

const REQUIREMENTS: [&str; 19] = [
    "iam.password_policy.minimum_length",
    "iam.password_policy.require_symbols",
    "iam.password_policy.require_numbers",
    "iam.password_policy.require_uppercase",
    "iam.password_policy.require_lowercase",
    "iam.password_policy.max_age_days",
    "iam.password_policy.reuse_prevention",
    "iam.password_policy.allow_users_to_change",
    "iam.password_policy.hard_expiry",
    "cloudtrail.trail.multi_region",
    "cloudtrail.trail.logging",
    "cloudtrail.trail.management_events",
    "cloudtrail.trail.log_file_validation",
    "cloudtrail.trail.kms",
    "kms.key_rotation.enabled",
    "guardduty.detector.enabled",
    "guardduty.detector.publishing_frequency",
    "guardduty.detector.features.S3_DATA_EVENTS",
    "guardduty.detector.features.RDS_LOGIN_EVENTS",
];

/// The requirements that are the only drifted one of their object somewhere.
fn drifted_alone(truth: &[Value]) -> BTreeSet<String> {
    let mut objects: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for row in truth {
        let object = format!("{} {} {} {}", row["account"], row["region"], row["control"], row["names"]);
        objects.entry(object).or_default().push(row);
    }
    let drifted = objects.into_values().map(|mut rows| {
        rows.retain(|row| row["verdict"] == "drifted");
        rows
    });
    drifted.filter(|rows| rows.len() == 1).map(|rows| text(&rows[0]["requirement"])).collect()
}

#[test]
fn every_requirement_has_drifted_alone_somewhere_and_is_met_somewhere() {
    let stand = Stand::drawn(1);
    let truth = stand.truth();
    let all: BTreeSet<String> = REQUIREMENTS.map(str::to_owned).into();
    assert_eq!(drifted_alone(&truth), all);
    let met = truth.iter().filter(|row| row["verdict"] == "compliant");
    assert_eq!(met.map(|row| text(&row["requirement"])).collect::<BTreeSet<_>>(), all);
}

#[test]
fn the_seed_has_what_is_stricter_than_asked_and_what_is_odd() {
    let stand = Stand::drawn(2);
    let variants = |column: &str| -> BTreeSet<&str> {
        stand.accounts().iter().filter_map(|account| account[column].as_str()).collect()
    };
    let stricter = ["stricter", "stricter_but_symbols"];
    assert!(variants("password").is_superset(&stricter.into()));
    let odd = ["stricter", "stricter_but_validation", "stricter_but_single_region", "abroad", "two_halves"];
    assert!(variants("trail").is_superset(&odd.into()));
    for column in ["detector", "detector_abroad"] {
        assert!(variants(column).is_superset(&["absent", "stricter", "stricter_but_feature"].into()));
    }
    assert!(variants("ou").iter().any(|path| path.matches('/').count() == 3), "three levels of units");
    let world = stand.world();
    let accounts = world["accounts"].as_array().expect("a world has accounts");
    assert_eq!(accounts.len(), 24);
    assert!(accounts.iter().any(|account| account["state"] == "SUSPENDED"));
}
