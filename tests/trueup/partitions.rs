//! Another partition than the usual one: its ARNs everywhere, and no other.

use serde_json::json;
use trueup::simulator::world::World;

use crate::harness::{HOME, Stage, list, outcomes, text};

const CONTROLS: &str = "\
controls:
  iam.password_policy:
    minimum_length: 14
  cloudtrail.trail:
    scope: account
    name: audit
    multi_region: true
    logging: true
    log_file_validation: true
    kms_key: alias/trueup-trail
  guardduty.detector:
    enabled: true
";

#[test]
fn a_plan_and_an_apply_in_govcloud_name_nothing_of_another_partition() {
    let mut world = World::bare(&["us-gov-west-1", "us-gov-east-1"], 1);
    world.partition = "aws-us-gov".to_owned();
    let member = world.add_member(None, "one");
    assert!(!world.regions.contains(&HOME.to_owned()));
    let stage = Stage::held_to(world, CONTROLS);
    let west = ["--region", "us-gov-west-1"];
    let run = |arguments: &[&str]| stage.run(&[arguments, &west].concat());
    let plan = ["plan", "-b", "baseline.yaml", "--format", "json", "--account", &member, "--out", "plan.json"];
    let done = run(&plan);
    assert_eq!(done.code, Some(2), "{}{}", done.stdout, done.stderr);
    assert!(!done.stdout.contains("arn:aws:") && done.stdout.contains("arn:aws-us-gov:"), "{}", done.stdout);
    let applied = run(&["apply", "plan.json", "--allow", "cost", "--format", "json"]).json();
    assert!(outcomes(&applied).iter().all(|(_, outcome)| *outcome == "verified"), "{applied:#}");
    assert_eq!(run(&plan).code, Some(0), "all is in line");
    let sent: Vec<String> = stage.calls().iter().map(|call| call.input.to_string()).collect();
    assert!(sent.iter().all(|input| !input.contains("arn:aws:")), "{sent:#?}");
    let roles: Vec<_> = stage.calls().into_iter().filter(|call| call.operation == "AssumeRole").collect();
    assert!(roles.iter().all(|call| text(&call.input["RoleArn"]).starts_with("arn:aws-us-gov:iam::")));
    assert!(!roles.is_empty() && !list(&applied["outcomes"]).is_empty());
    assert_eq!(applied["organization"]["id"], json!(stage.organization()));
}
