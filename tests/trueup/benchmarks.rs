//! Each baseline of CIS, over thirty accounts in five regions: plan, apply, plan. What is left then is left to a person,
//! accepted, or somebody else's and in force, and each of these is named here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use trueup::simulator::Options;
use trueup::simulator::world::World;

use crate::ec2_instances::launch_tagged;
use crate::harness::{HOME, Stage, list, offline, text};
use crate::recorders::TOWERS;
use crate::{hubs, public_access, recorders};

/// What an organization has to say before apply can do all of it: names, destinations, what may be mended that apply
/// leaves to a person unless it is told to, and what is accepted.
pub(crate) const OURS: &str = "\
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
";

/// The same where each account has a trail of its own.
const TRAILS: &str = "  cloudtrail.bucket:
    existing: mend
  cloudwatch.topic:
    subscriptions:
      - { protocol: sqs, endpoint: 'arn:aws:sqs:{region}:{account}:alarms' }
";

/// What the second level has to be told besides.
const DEEPER: &str = "  ec2.flow_logs: { destination: { log_group: flows, role: flow-logs } }
  securityhub.hub: { admin_account: '{administrator}' }
";

/// What stays, wherever a baseline asks for it: the requirement, and why no call of ours mends it.
const STAYS: &[(&str, &str)] = &[
    ("cloudtrail.bucket.mfa_delete", "only the root user itself can switch it on"),
    ("ec2.default_security_group.no_rules", "an instance of Control Tower is in the group"),
    ("ec2.instance.profile", "which instances call AWS, and with which permissions, is known to those who run them"),
    ("ec2.network_acl.admin_ports", "an entry that refuses a port refuses answers to it as well"),
    ("ec2.security_group.admin_ports_ipv4", "a prefix list that holds everybody holds others too"),
    ("iam.federation.provider", "who may sign in is decided in the organization's directory"),
    (
        "iam.policy.no_full_admin",
        "who needs AWS's AdministratorAccess, as the role that enters the account, is a person's matter",
    ),
    ("iam.root_user.hardware_mfa", "only the root user itself can register a device"),
    ("iam.root_user.mfa", "only the root user itself can register a device"),
    ("iam.root_user.unused_days", "what the root user did is done"),
    ("iam.user.no_initial_access_key", "a key that was made with its user may be in use"),
    ("iam.user.one_active_key", "which of two keys is in use only their owner knows"),
];

/// An organization that the simulator draws.
struct Organization {
    accounts: usize,
    seed: u64,
    regions: [&'static str; 5],
    /// Of how many objects what stays does so there.
    stays: &'static [(&'static str, usize)],
}

const FIRST: Organization = Organization {
    accounts: 30,
    seed: 11,
    regions: [HOME, "eu-west-1", "us-west-2", "ap-northeast-1", "sa-east-1"],
    stays: &[
        ("cloudtrail.bucket.mfa_delete", 36),
        ("ec2.instance.profile", 104),
        ("ec2.network_acl.admin_ports", 139),
        ("ec2.security_group.admin_ports_ipv4", 23),
        ("iam.federation.provider", 14),
        ("iam.policy.no_full_admin", 28),
        ("iam.root_user.hardware_mfa", 9),
        ("iam.root_user.mfa", 5),
        ("iam.root_user.unused_days", 4),
        ("iam.user.no_initial_access_key", 2),
        ("iam.user.one_active_key", 3),
    ],
};

/// Another one, in regions of which accounts have to ask for most. Only a first level is run on it.
const OTHER: Organization = Organization {
    accounts: 30,
    seed: 25,
    regions: [HOME, "eu-central-2", "ap-southeast-3", "us-west-1", "af-south-1"],
    stays: &[
        ("ec2.network_acl.admin_ports", 139),
        ("ec2.security_group.admin_ports_ipv4", 32),
        ("iam.policy.no_full_admin", 28),
        ("iam.root_user.mfa", 7),
        ("iam.root_user.unused_days", 5),
    ],
};

/// One in which others have set what is theirs as no baseline wants it.
const WRONG: Organization = Organization {
    accounts: 16,
    seed: 11,
    regions: FIRST.regions,
    stays: &[
        ("cloudtrail.bucket.mfa_delete", 19),
        ("ec2.default_security_group.no_rules", 1),
        ("ec2.instance.profile", 49),
        ("ec2.network_acl.admin_ports", 69),
        ("ec2.security_group.admin_ports_ipv4", 10),
        ("iam.federation.provider", 6),
        ("iam.policy.no_full_admin", 14),
        ("iam.root_user.hardware_mfa", 3),
        ("iam.root_user.mfa", 3),
        ("iam.root_user.unused_days", 1),
        ("iam.user.one_active_key", 1),
    ],
};

/// What is somebody else's: the account, the region, the requirement, whether it is in force, and the owner.
type Owned = (String, Option<String>, String, bool, String);

/// Somebody who owns something in the accounts.
type Other = fn(&mut World, [&str; 5]) -> Vec<Owned>;

/// An organization in which everything is as somebody left it, and what others own there.
struct Trial {
    stage: Stage,
    stays: &'static [(&'static str, usize)],
    owned: BTreeSet<Owned>,
}

impl Trial {
    /// What others own is as it is wanted.
    fn of(organization: &Organization) -> Self {
        let trial = Self::with(organization, &[kept_on_centrally, recorded_by_control_tower]);
        assert!(trial.owned.iter().all(|(_, _, _, in_force, _)| *in_force));
        trial
    }

    fn with(organization: &Organization, others: &[Other]) -> Self {
        let Organization { accounts, seed, regions, stays } = *organization;
        let drawn = Options { accounts, regions: regions.map(str::to_owned).to_vec(), seed, start: None };
        let mut world = World::generate(&drawn);
        let owned = others.iter().flat_map(|other| other(&mut world, regions)).collect();
        Self { stage: Stage::new(world), stays, owned }
    }
}

/// The account that the simulator's cast has at this place.
fn numbered(world: &World, number: usize) -> String {
    let ends = format!("-{number:02}");
    world.accounts().find(|account| account.name.ends_with(&ends)).expect("it is in the cast").id.clone()
}

/// The account that administers Security Hub.
const ADMINISTRATOR: usize = 10;

/// A policy of the organization opens the buckets of an account.
fn opened_buckets(world: &mut World, _: [&str; 5]) -> Vec<Owned> {
    let account = numbered(world, 8);
    let policy = public_access::govern(world, &account, "none");
    let owner = format!("the policy none ({policy}) of the organization (S3_POLICY)");
    let switches = ["block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets"];
    let of = |switch| format!("s3.account_public_access_block.{switch}");
    switches.map(|switch| (account.clone(), None, of(switch), false, owner.clone())).to_vec()
}

/// A policy of the organization keeps Security Hub off in one region of an account.
fn closed_region(world: &mut World, regions: [&str; 5]) -> Vec<Owned> {
    let (account, region) = (numbered(world, 9), regions[4]);
    let policy = hubs::govern(world, &account, &[], &[region]);
    let owner = format!("the policy hubs ({policy}) of the organization (SECURITYHUB_CSPM_POLICY)");
    vec![(account, Some(region.to_owned()), "securityhub.hub.enabled".to_owned(), false, owner)]
}

/// The administrator of Security Hub keeps it on in an account, where it is in line as anybody's.
fn kept_on_centrally(world: &mut World, regions: [&str; 5]) -> Vec<Owned> {
    let (administrator, account) = (numbered(world, ADMINISTRATOR), numbered(world, 11));
    for region in regions {
        // Where there is one already, this is refused.
        let _ = world.perform(&account, region, "securityhub", "EnableSecurityHub", json!({}));
    }
    hubs::central(world, &administrator, &json!({ "AccountId": account }), true);
    vec![]
}

/// The administrator of Security Hub keeps it off in an account.
fn kept_off_centrally(world: &mut World, regions: [&str; 5]) -> Vec<Owned> {
    let (administrator, account) = (numbered(world, ADMINISTRATOR), numbered(world, 11));
    hubs::central(world, &administrator, &json!({ "AccountId": account }), false);
    let owner = format!("the Security Hub administrator account {administrator}");
    let in_region = |region: &str| {
        (account.clone(), Some(region.to_owned()), "securityhub.hub.enabled".to_owned(), false, owner.clone())
    };
    regions.map(in_region).to_vec()
}

/// Control Tower records an account in every region, as is wanted.
fn recorded_by_control_tower(world: &mut World, regions: [&str; 5]) -> Vec<Owned> {
    let account = numbered(world, 12);
    let bucket = format!("logs-{account}");
    recorders::bucket(world, &account, &bucket);
    let mut owned = vec![];
    for region in regions {
        recorders::whole_by_name(world, &account, region, TOWERS, &bucket);
        // What is of no region is asked for at home alone.
        let asked = ["recording", "all_types", "global_types"].into_iter().take(if region == HOME { 3 } else { 2 });
        owned.extend(asked.map(|name| {
            let tower = format!("Control Tower (by the name {TOWERS})");
            (account.clone(), Some(region.to_owned()), format!("config.recorder.{name}"), true, tower)
        }));
    }
    owned
}

/// Control Tower runs two instances in an account, of which one answers who has no token, and neither has a profile.
fn launched_by_it(world: &mut World, _: [&str; 5]) -> Vec<Owned> {
    let account = numbered(world, 13);
    let (tag, owner) =
        (("aws-control-tower", "managed-by-control-tower"), "Control Tower (by the tag aws-control-tower)");
    let mut launched = |tokens: &str| {
        launch_tagged(world, &account, &json!({ "HttpTokens": tokens }), tag);
        let requirement = "ec2.instance.imdsv2".to_owned();
        (account.clone(), Some(HOME.to_owned()), requirement, tokens == "required", owner.to_owned())
    };
    let mut found = vec![launched("required"), launched("optional")];
    let profile = "ec2.instance.profile".to_owned();
    found.push((account.clone(), Some(HOME.to_owned()), profile, false, owner.to_owned()));
    found
}

/// Writes a baseline that extends this one.
fn extend(stage: &Stage, baseline: &str) {
    let management = stage.world(|world| world.management());
    // The second is the one that the simulator lets nobody into.
    let [unreachable, administrator] = [2, ADMINISTRATOR].map(|number| stage.world(|world| numbered(world, number)));
    let deeper = if baseline.ends_with("level-1") { "" } else { DEEPER };
    let ours = OURS.replace("{management}", &management).replace("{unreachable}", &unreachable);
    let deeper = deeper.replace("{administrator}", &administrator);
    stage.baseline(&format!("extends: [{baseline}]\n{ours}{TRAILS}{deeper}"), "");
}

/// The verdicts of this kind.
fn with<'a>(plan: &'a Value, verdict: &'a str) -> impl Iterator<Item = &'a Value> {
    list(&plan["verdicts"]).iter().filter(move |row| text(&row["verdict"]) == verdict)
}

/// What is somebody else's, as a plan says.
fn owned(plan: &Value) -> BTreeSet<Owned> {
    let word = |row: &Value, key: &str| text(&row[key]).to_owned();
    let region = |row: &Value| row["region"].as_str().map(str::to_owned);
    let of = |row: &Value| {
        let in_force = row["in_force"].as_bool().expect("it says so");
        (word(row, "account"), region(row), word(row, "requirement"), in_force, word(row, "owner"))
    };
    with(plan, "owned_elsewhere").map(of).collect()
}

/// What is accepted: the account, the requirement and the object.
fn accepted(plan: &Value) -> Vec<[&str; 3]> {
    with(plan, "exempt").map(|row| ["account", "requirement", "object"].map(|key| text(&row[key]))).collect()
}

/// Of each requirement that is not in line, how many objects; what is accepted or somebody else's is named one by one.
fn left(plan: &Value) -> BTreeMap<(&str, &str), usize> {
    let mut left = BTreeMap::new();
    for row in list(&plan["verdicts"]) {
        let (requirement, verdict) = (text(&row["requirement"]), text(&row["verdict"]));
        if !["compliant", "not_applicable", "exempt", "owned_elsewhere"].contains(&verdict) {
            *left.entry((requirement, verdict)).or_default() += 1;
        }
    }
    left
}

/// What may be left of these requirements.
fn stays(
    of: &'static [(&'static str, usize)],
    asked: &BTreeSet<&str>,
) -> BTreeMap<(&'static str, &'static str), usize> {
    let of_these = of.iter().filter(|(requirement, _)| asked.contains(requirement));
    of_these.map(|(requirement, number)| ((*requirement, "drifted"), *number)).collect()
}

/// Plans, applies, and plans again on an organization.
fn ends_in_line(Trial { stage, stays: named, owned: theirs }: &Trial, baseline: &str) {
    extend(stage, baseline);
    let (plan, code) = stage.plan(&["--out", "plan.json"]);
    assert_eq!((&plan["complete"], code), (&json!(true), Some(2)), "{baseline}: {:#}", plan["accounts"]);
    let accounts = ["in_scope", "read", "skipped"].map(|sort| plan["summary"]["accounts"][sort].as_u64());
    let of = stage.world(|world| world.accounts().count()) as u64;
    assert_eq!(accounts, [of, of - 2, 2].map(Some), "one is suspended, and one is listed as unreachable");
    stage.apply_all(baseline);
    // AWS takes some minutes until a recorder delivers, and until a trail arrives in its log group.
    stage.world(|world| world.advance(600));
    let (again, _) = stage.plan(&[]);
    let asked = list(&again["verdicts"]).iter().map(|row| text(&row["requirement"])).collect();
    let words = "is left after an apply: mend it, or name it in tests/trueup/benchmarks.rs with its reason";
    assert_eq!(
        left(&again),
        stays(named, &asked),
        "what {baseline} asks for and the organization does not have {words}"
    );
    let theirs: BTreeSet<Owned> = theirs.iter().filter(|(_, _, what, ..)| asked.contains(&**what)).cloned().collect();
    assert_eq!(owned(&again), theirs, "{baseline}: what others own");
    let management = stage.world(|world| world.management());
    assert_eq!(
        accepted(&again),
        [[&*management, "iam.user.no_policies", "administrator"]],
        "{baseline}: what is accepted"
    );
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
    let trial = Trial::of(&FIRST);
    ends_in_line(&trial, "cis-aws-v3.0-level-1");
    ends_in_line(&trial, "cis-aws-v3.0");
}

#[test]
fn every_account_meets_version_5_level_by_level() {
    let trial = Trial::of(&FIRST);
    ends_in_line(&trial, "cis-aws-v5.0-level-1");
    ends_in_line(&trial, "cis-aws-v5.0");
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
fn every_account_of_another_organization_meets_the_first_level_of_version_7() {
    ends_in_line(&Trial::of(&OTHER), "cis-aws-v7.0-level-1");
}

#[test]
fn every_account_meets_version_7_at_once() {
    ends_in_line(&Trial::of(&FIRST), "cis-aws-v7.0");
}

/// It stays as it is, and is named with its owner.
#[test]
fn what_others_have_wrong_is_left_to_them() {
    let others: [Other; 4] = [opened_buckets, closed_region, kept_off_centrally, launched_by_it];
    ends_in_line(&Trial::with(&WRONG, &others), "cis-aws-v5.0");
}

#[test]
fn what_stays_in_an_organization_has_a_reason_and_every_reason_explains_something() {
    let named: BTreeSet<&str> = [FIRST, OTHER, WRONG].iter().flat_map(|one| one.stays).map(|(id, _)| *id).collect();
    assert_eq!(named, STAYS.iter().map(|(id, _)| *id).collect());
    assert!(STAYS.iter().all(|(_, reason)| !reason.is_empty()));
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
