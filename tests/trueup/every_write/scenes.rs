//! Organizations in which everything that any control can write has to be written.

use std::sync::LazyLock;

use serde_json::{Value, json};
use trueup::controls::CONTROLS;
use trueup::simulator::world::World;

use crate::ec2_networks::delivering_role;
use crate::harness::{HOME, Stage, set_policy};
use crate::least::{identities, networks, worlds};
use crate::{public_access, trail_buckets};

/// When these worlds begin, so that what is made in them is made at the same time.
static START: LazyLock<i64> = LazyLock::new(|| jiff::Timestamp::now().as_second());

const EVERY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/every_control.yaml");

/// What every scene asks for besides what the baseline of every control does.
const ASKED: &str = "controls:
  iam.user: { mend: [mfa, max_key_age_days, no_policies] }
  ec2.imds_defaults: { http_put_response_hop_limit: 2 }
";

/// The controls that are judged once an organization or in each account, and here in each account.
const OF_EACH: [&str; 4] = ["cloudtrail.trail", "cloudtrail.bucket", "cloudwatch.alarm", "cloudwatch.topic"];

/// An account in which these controls find something to do, or all of them.
struct Part {
    name: &'static str,
    furnish: fn(&mut World, &str),
    only: &'static [&'static str],
}

const PARTS: &[Part] = &[
    Part { name: "bare", furnish: |world, id| delivering_role(world, id, "flow-logs"), only: &[] },
    Part { name: "lesser", furnish: lesser, only: &[] },
    Part { name: "watched", furnish: watched, only: &["cloudwatch.alarm", "cloudwatch.topic"] },
    Part { name: "shabby", furnish: |world, id| drop(trail_buckets::own(world, id)), only: &["cloudtrail.bucket"] },
];

/// Everything is there, and falls short.
fn lesser(world: &mut World, id: &str) {
    worlds::prepare(world, id);
    worlds::lesser_trail(world, (id, id), &format!("trueup-trail-{id}-{HOME}"), false);
    worlds::log_group(world, id, 7);
    worlds::recorder_that_is_off(world, id);
    worlds::defaults(world, id);
    set_policy(world, id, json!({ "MinimumPasswordLength": 8 }));
    world.build(id, HOME, "guardduty", "CreateDetector", less(false));
    for furnish in [
        identities::contact,
        identities::root_key,
        identities::who_fall_short,
        identities::certificate,
        identities::shells_for_all,
    ] {
        furnish(world, id);
    }
    for furnish in [public_access::open, networks::open_groups, networks::instances] {
        furnish(world, id);
    }
    delivering_role(world, id, "flow-logs");
}

/// A trail with a log group, an alarm that is off, and a topic that only its account may publish to.
fn watched(world: &mut World, id: &str) {
    worlds::with_alarm(world, id, false);
    worlds::close_topic(world, id);
}

/// A detector that does less than is wanted.
fn less(enabled: bool) -> Value {
    json!({ "Enable": enabled, "Features": [{ "Name": "S3_DATA_EVENTS", "Status": "DISABLED" }] })
}

/// An account is a member of another, which administers GuardDuty; both look at less than is wanted.
fn administer(world: &mut World, administrator: &str, member: &str) {
    let management = world.management();
    for id in [administrator, member] {
        world.build(id, HOME, "guardduty", "CreateDetector", less(true));
    }
    let named = json!({ "AdminAccountId": administrator });
    world.build(&management, HOME, "guardduty", "EnableOrganizationAdminAccount", named);
    let detector = world.build(administrator, HOME, "guardduty", "ListDetectors", json!({}))["DetectorIds"][0].clone();
    let members = json!([{ "AccountId": member, "Email": "one@example.com" }]);
    let taken_in = json!({ "DetectorId": detector, "AccountDetails": members });
    world.build(administrator, HOME, "guardduty", "CreateMembers", taken_in);
}

/// Everything that is asked of an account but for these controls is switched off.
fn off_but(account: &str, only: &[&str]) -> String {
    let others = CONTROLS.iter().map(|control| control.meta().id).filter(|id| !only.contains(id));
    let off = others.map(|id| format!("      {id}: off\n")).collect::<Vec<_>>().concat();
    format!("  - match: {{ account: '{account}' }}\n    controls:\n{off}")
}

/// Accounts that are bare, or fall short, each with trails, alarms and topics of its own.
pub(super) fn accounts() -> Stage {
    let mut world = World::bare_at(&[HOME, "eu-west-1"], 1, *START);
    let ids: Vec<String> = PARTS.iter().map(|part| world.add_member(None, part.name)).collect();
    identities::central_root_access(&mut world);
    for (part, id) in PARTS.iter().zip(&ids) {
        (part.furnish)(&mut world, id);
    }
    let stage = Stage::new(world);
    let scopes: String = OF_EACH.map(|control| format!("  {control}: {{ scope: account }}\n")).concat();
    let narrowed = PARTS.iter().zip(&ids).filter(|(part, _)| !part.only.is_empty());
    let narrowed: String = narrowed.map(|(part, id)| off_but(id, part.only)).collect();
    let controls = format!("{ASKED}{scopes}overrides:\n{narrowed}");
    stage.baseline(&format!("extends: ['{EVERY}']\nregions: [{HOME}]\n"), &controls);
    stage
}

/// A management account that is bare, with one trail, alarms and a topic for all, and an account that administers the
/// detector of another.
pub(super) fn organization() -> Stage {
    let mut world = World::bare_at(&[HOME, "eu-west-1"], 1, *START);
    let [administrator, member] = ["administrator", "one"].map(|name| world.add_member(None, name));
    administer(&mut world, &administrator, &member);
    let narrowed = [
        off_but(&world.management(), &OF_EACH),
        off_but(&administrator, &["guardduty.detector"]),
        off_but(&member, &["guardduty.detector"]),
    ];
    let stage = Stage::new(world);
    let named = format!("  guardduty.detector: {{ admin_account: '{administrator}' }}\n");
    stage.baseline(
        &format!("extends: ['{EVERY}']\nregions: [{HOME}]\nmanagement_account: include\n"),
        &format!("controls:\n{named}overrides:\n{}", narrowed.concat()),
    );
    stage
}
