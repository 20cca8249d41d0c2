//! Each baseline of CIS, over thirty accounts in five regions: plan, apply, plan. What is left then is left to a person or
//! accepted, and each of these is named here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use trueup::simulator::Options;
use trueup::simulator::world::World;

use crate::harness::{HOME, Stage, list, offline, text};

const REGIONS: [&str; 5] = [HOME, "eu-west-1", "us-west-2", "ap-northeast-1", "sa-east-1"];

/// What an organization has to say before apply can do all of it: names, destinations, what may be mended that apply
/// leaves to a person unless it is told to, and what is accepted.
const OURS: &str = "\
management_account: include
unreachable:
  - { accounts: ['{unreachable}'], reason: its role trusts nobody, expires: 2099-01-31 }
exemptions:
  - requirement: iam.user.no_policies
    accounts: ['{management}']
    objects: [administrator]
    reason: who runs this cannot take the policies of himself away
    expires: 2099-01-31
controls:
  account.contact:
    security: { name: Ada, title: CISO, email: ada@acme.example, phone: '+1 555 0100' }
  iam.user:
    mend: [mfa, max_key_age_days, no_policies]
  iam.support_role:
    trusted: ['{management}']
  iam.cloudshell_full_access:
    mend: true
  ec2.security_group:
    mend: true
  ec2.instance:
    mend: true
  cloudtrail.bucket:
    existing: mend
  cloudwatch.topic:
    subscriptions:
      - { protocol: sqs, endpoint: 'arn:aws:sqs:{region}:{account}:alarms' }
";

/// What the second level has to be told besides.
const DEEPER: &str = "  ec2.flow_logs: { destination: { log_group: flows, role: flow-logs } }\n";

/// What stays, wherever a baseline asks for it: the requirement, its verdict, of how many objects, and why no call of ours
/// mends it.
const STAYS: &[(&str, &str, usize, &str)] = &[
    ("cloudtrail.bucket.mfa_delete", "drifted", 36, "only the root user itself can switch it on"),
    ("ec2.network_acl.admin_ports", "drifted", 139, "an entry that refuses a port refuses answers to it as well"),
    ("ec2.security_group.admin_ports_ipv4", "drifted", 23, "a prefix list that holds everybody holds others too"),
    ("iam.federation.provider", "drifted", 14, "who may sign in is decided in the organization's directory"),
    ("iam.root_user.hardware_mfa", "drifted", 9, "only the root user itself can register a device"),
    ("iam.root_user.mfa", "drifted", 5, "only the root user itself can register a device"),
    ("iam.root_user.unused_days", "drifted", 4, "what the root user did is done"),
    ("iam.user.no_policies", "exempt", 1, "the baseline of this test accepts it"),
    ("iam.user.no_initial_access_key", "drifted", 2, "a key that was made with its user may be in use"),
    ("iam.user.one_active_key", "drifted", 3, "which of two keys is in use only their owner knows"),
];

fn world() -> World {
    let regions = REGIONS.map(str::to_owned).to_vec();
    World::generate(&Options { accounts: 30, regions, seed: 11, start: None })
}

/// An organization in which everything is as somebody left it.
fn stage() -> Stage {
    Stage::new(world())
}

/// Writes a baseline that extends this one.
fn extend(stage: &Stage, baseline: &str) {
    let management = stage.world(|world| world.management());
    let ids: Vec<String> = stage.world(|world| world.accounts().map(|account| account.id.clone()).collect());
    let named = |id: &&String| stage.world(|world| world.account(id).expect("it is there").name.ends_with("-02"));
    let unreachable = ids.iter().find(named).expect("the one that the simulator lets nobody into");
    let deeper = if baseline.ends_with("level-1") { "" } else { DEEPER };
    let ours = OURS.replace("{management}", &management).replace("{unreachable}", unreachable);
    stage.baseline(&format!("extends: [{baseline}]\n{ours}{deeper}"), "");
}

/// Of each requirement and verdict that is not in line, how many objects.
fn left(plan: &Value) -> BTreeMap<(String, String), usize> {
    let mut left = BTreeMap::new();
    for row in list(&plan["verdicts"]) {
        if ["compliant", "not_applicable"].contains(&text(&row["verdict"])) {
            continue;
        }
        let what = (text(&row["requirement"]).to_owned(), text(&row["verdict"]).to_owned());
        *left.entry(what).or_default() += 1;
    }
    left
}

/// What may be left of these requirements.
fn stays(asked: &BTreeSet<String>) -> BTreeMap<(String, String), usize> {
    let of_these = STAYS.iter().filter(|(requirement, ..)| asked.contains(*requirement));
    of_these.map(|(requirement, verdict, number, _)| (((*requirement).into(), (*verdict).into()), *number)).collect()
}

/// Plans, applies, and plans again on an organization.
fn ends_in_line(stage: &Stage, baseline: &str) {
    extend(stage, baseline);
    let (plan, code) = stage.plan(&["--out", "plan.json"]);
    assert_eq!((&plan["complete"], code), (&json!(true), Some(2)), "{baseline}: {:#}", plan["accounts"]);
    let accounts = ["in_scope", "read", "skipped"].map(|sort| plan["summary"]["accounts"][sort].as_u64());
    assert_eq!(accounts, [Some(30), Some(28), Some(2)], "one is suspended, and one is listed as unreachable");
    stage.apply_all(baseline);
    // AWS takes some minutes until a recorder delivers, and until a trail arrives in its log group.
    stage.world(|world| world.advance(600));
    let (again, _) = stage.plan(&[]);
    let asked = list(&again["verdicts"]).iter().map(|row| text(&row["requirement"]).to_owned()).collect();
    let words = "is left after an apply: mend it, or name it in STAYS of tests/trueup/benchmarks.rs with its reason";
    assert_eq!(left(&again), stays(&asked), "what {baseline} asks for and STAYS does not have {words}");
    let by_calls: Vec<&Value> = list(&again["changes"]).iter().filter(|change| change["manual"].is_null()).collect();
    assert!(by_calls.is_empty(), "{baseline}: {by_calls:#?}");
    let place = |row: &Value| ["account", "control", "object"].map(|key| text(&row[key]).to_owned());
    let told: BTreeSet<_> = list(&again["changes"]).iter().map(place).collect();
    for row in list(&again["verdicts"]).iter().filter(|row| row["verdict"] == "drifted") {
        assert!(told.contains(&place(row)), "{baseline} tells nobody what to do: {row:#}");
    }
}

impl Stage {
    /// Applies all that a plan may do; what is not verified then is a person's, or waits for AWS.
    fn apply_all(&self, baseline: &str) {
        let (applied, code) = self.apply(&["--allow", "cost,disruptive,irreversible", "--lock", "local"]);
        let unfinished: Vec<&Value> = list(&applied["outcomes"])
            .iter()
            .filter(|one| !["verified", "already", "pending", "manual"].contains(&text(&one["outcome"])))
            .collect();
        assert!(unfinished.is_empty(), "{baseline}: {code:?} {unfinished:#?}");
    }
}

/// What a baseline asks for.
fn asks(baseline: &str) -> Value {
    let shown = offline(&["baseline", "show", baseline, "--format", "json"]).json();
    assert!(shown["controls"].is_object(), "{shown:#}");
    shown["controls"].clone()
}

#[test]
fn every_account_meets_version_3_level_by_level() {
    let stage = stage();
    ends_in_line(&stage, "cis-aws-v3.0-level-1");
    ends_in_line(&stage, "cis-aws-v3.0");
}

#[test]
fn every_account_meets_version_5_level_by_level() {
    let stage = stage();
    ends_in_line(&stage, "cis-aws-v5.0-level-1");
    ends_in_line(&stage, "cis-aws-v5.0");
}

/// What ends in line with the one ends in line with the other.
#[test]
fn version_6_asks_for_what_version_5_asks_for() {
    for level in ["", "-level-1"] {
        let [five, six] = ["5", "6"].map(|version| asks(&format!("cis-aws-v{version}.0{level}")));
        assert_eq!(five, six, "version 6{level} needs a run of its own in tests/trueup/benchmarks.rs");
    }
}

#[test]
fn every_account_meets_the_first_level_of_version_7() {
    ends_in_line(&stage(), "cis-aws-v7.0-level-1");
}

#[test]
fn every_account_meets_version_7_at_once() {
    ends_in_line(&stage(), "cis-aws-v7.0");
}

#[test]
fn every_baseline_of_cis_is_run_here() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("baselines");
    let files = std::fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").file_name());
    let names = files.filter_map(|name| Some(name.to_str()?.strip_suffix(".yaml")?.to_owned()));
    let found: BTreeSet<String> = names.filter(|name| name.starts_with("cis-")).collect();
    let run = ["3", "5", "6", "7"].map(|version| ["", "-level-1"].map(|level| format!("cis-aws-v{version}.0{level}")));
    assert_eq!(found, run.into_iter().flatten().collect(), "add a run to tests/trueup/benchmarks.rs");
}
