//! The order in which the catalogue has things applied, and that of the registry.

use std::collections::BTreeSet;

use trueup::controls::CONTROLS;

use super::catalogue;

/// One after another; what each is about, by what ids begin with. Of several that fit, the longest counts.
const STAGES: &[(&str, &[&str])] = &[
    ("the organization", &["org."]),
    ("keys and buckets", &["kms.", "cloudtrail.bucket"]),
    ("trails", &["cloudtrail."]),
    ("recorders", &["config."]),
    ("detectors", &["guardduty."]),
    ("hubs, which read what recorders record", &["securityhub."]),
    ("other services with an administrator", &["accessanalyzer.", "inspector2.", "macie.", "detective."]),
    ("what is set once an account", &["account.", "iam.", "s3."]),
    ("defaults of regions", &["ec2.", "ssm.", "ecr.", "emr.", "ecs.", "glue.", "backup.", "bedrock."]),
    ("topics", &["cloudwatch.topic", "cloudwatch.sns_topic"]),
    ("alarms", &["cloudwatch.alarm"]),
];

/// Controls that stand elsewhere, and why.
const ELSEWHERE: &[(&str, &str)] = &[(
    "cloudtrail.bucket",
    "which buckets it judges is told by the trails, and the one that a trail is made with is in its change: so it is \
     judged after them, and what has to come first within a plan is said by needs",
)];

fn stage(id: &str) -> Option<usize> {
    let fits = |(number, (_, begins)): (usize, &(&str, &[&str]))| {
        let longest = begins.iter().filter(|begins| id.starts_with(**begins)).map(|begins| begins.len()).max();
        longest.map(|length| (length, number))
    };
    STAGES.iter().enumerate().filter_map(fits).max().map(|(_, number)| number)
}

#[test]
fn every_entry_and_every_control_has_its_stage() {
    let catalogue = catalogue();
    let controls = CONTROLS.iter().map(|control| control.meta().id);
    let lost: Vec<&str> =
        catalogue.keys().map(String::as_str).chain(controls).filter(|id| stage(id).is_none()).collect();
    assert_eq!(lost, [""; 0]);
}

#[test]
fn the_registry_has_the_order_of_the_catalogue() {
    let ids: Vec<&str> = CONTROLS.iter().map(|control| control.meta().id).collect();
    let elsewhere: BTreeSet<&str> = ELSEWHERE.iter().map(|(id, _)| *id).collect();
    let in_place: Vec<&&str> = ids.iter().filter(|id| !elsewhere.contains(**id)).collect();
    for pair in in_place.windows(2) {
        assert!(stage(pair[0]) <= stage(pair[1]), "{} comes after {} in the catalogue", pair[0], pair[1]);
    }
    for (id, reason) in ELSEWHERE {
        let at = ids.iter().position(|known| known == id).expect("a control");
        let before = ids[..at].iter().any(|other| stage(other) > stage(id));
        let after = ids[at + 1..].iter().any(|other| stage(other) < stage(id));
        assert!((before || after) && !reason.is_empty(), "{id} stands in its place");
    }
}
