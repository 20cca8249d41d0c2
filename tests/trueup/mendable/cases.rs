//! Of every control that has steps: settings that ask for all of its requirements, and worlds in which each drifts.

use serde_json::json;
use trueup::simulator::services::guardduty::Feature;
use trueup::simulator::world::World;

use crate::harness::{HOME, organization};
use crate::least::worlds::{
    closed_topics, dying, everywhere, keys, lesser_trails, open_defaults, public_buckets, recorders_that_are_off,
    recorders_to_be, unwatched,
};
use crate::least::{identities, networks};
use crate::{topics, trail_buckets, users};

/// A control that is held to all that it can ask for.
pub(crate) struct Case {
    pub(crate) control: &'static str,
    /// As the baseline has them.
    pub(crate) settings: &'static str,
    pub(crate) worlds: &'static [fn() -> World],
}

const fn case(control: &'static str, settings: &'static str, worlds: &'static [fn() -> World]) -> Case {
    Case { control, settings, worlds }
}

pub(crate) const CASES: &[Case] = &[
    case("kms.key_rotation", "{ enabled: true, rotation_period_days: 180 }", &[keys]),
    case("kms.key_deletion", "{ not_scheduled: true, mend: true }", &[dying]),
    case(
        "cloudtrail.trail",
        "{ multi_region: true, logging: true, management_events: true, log_file_validation: true, kms: true, \
         cloudwatch_logs: true, s3_data_events_write: true, s3_data_events_read: true, insights: true }",
        &[bare, || lesser_trails(false)],
    ),
    case(
        "cloudtrail.bucket",
        "{ existing: mend, not_public: true, policy: true, tls_only: true, access_logging: true, versioning: true, \
         mfa_delete: true, lifecycle: true }",
        &[|| everywhere(&["one"], |world, id| drop(trail_buckets::own(world, id)))],
    ),
    case(
        "config.recorder",
        "{ recording: true, all_types: true, global_types: true, role: true, frequency: DAILY, delivery: { bucket: \
         'logs-{account}', snapshots: TwentyFour_Hours }, delivered: true, retention: 400 }",
        &[recorders_that_are_off, recorders_to_be],
    ),
    case(
        "guardduty.detector",
        "{ enabled: true, publishing_frequency: FIFTEEN_MINUTES, features: [S3_DATA_EVENTS, EKS_AUDIT_LOGS, \
         EBS_MALWARE_PROTECTION, RDS_LOGIN_EVENTS, LAMBDA_NETWORK_LOGS, RUNTIME_MONITORING, AI_PROTECTION] }",
        &[detectors],
    ),
    case("securityhub.hub", "{ enabled: true }", &[bare]),
    case("accessanalyzer.external", "{ active: true }", &[bare]),
    case(
        "iam.password_policy",
        "{ minimum_length: 14, require_symbols: true, require_numbers: true, require_uppercase: true, \
         require_lowercase: true, max_age_days: 90, reuse_prevention: 24, allow_users_to_change: true, \
         hard_expiry: true }",
        &[bare],
    ),
    case(
        "account.contact",
        "{ security: &ada { name: Ada, title: CISO, email: ada@acme.example, phone: '1' }, billing: *ada, \
         operations: *ada }",
        &[bare],
    ),
    case("account.primary_contact", "{ details: { full_name: Acme }, mend: true }", &[identities::contacts]),
    case(
        "iam.root_user",
        "{ no_access_key: true, mfa: true, hardware_mfa: true, unused_days: 90 }",
        &[identities::keyed_root_users],
    ),
    case(
        "iam.user",
        "{ mfa: console, max_unused_days: 45, max_key_age_days: 90, one_active_key: true, \
         no_initial_access_key: true, no_policies: true, mend: [mfa, max_key_age_days, no_policies] }",
        &[staff, identities::rotating],
    ),
    case("iam.support_role", "{ exists: true, trusted: ['100000000001'] }", &[bare]),
    case("iam.server_certificate", "{ not_expired: true }", &[identities::certificates]),
    case("iam.cloudshell_full_access", "{ not_attached: true, mend: true }", &[identities::shells]),
    case("iam.account_alias", "{ alias: 'acme-{account}' }", &[bare]),
    case(
        "s3.account_public_access_block",
        "{ block_public_acls: true, ignore_public_acls: true, block_public_policy: true, \
         restrict_public_buckets: true }",
        &[public_buckets],
    ),
    case("ec2.ebs_encryption_default", "{ enabled: true, kms_key: alias/volumes }", &[open_defaults]),
    case("ec2.snapshot_block_public_access", "{ state: block-all-sharing }", &[open_defaults]),
    case("ec2.image_block_public_access", "{ enabled: true }", &[open_defaults]),
    case(
        "ec2.imds_defaults",
        "{ http_tokens_required: true, http_put_response_hop_limit: 2, http_tokens_enforced: true }",
        &[open_defaults],
    ),
    case("ec2.serial_console", "{ disabled: true }", &[open_defaults]),
    case("ec2.default_security_group", "{ no_rules: true }", &[bare]),
    case(
        "ec2.security_group",
        "{ admin_ports_ipv4: true, admin_ports_ipv6: true, cifs: true, mend: true }",
        &[|| everywhere(&["one"], networks::open_groups), || everywhere(&["one"], networks::open_files)],
    ),
    case(
        "ec2.flow_logs",
        "{ recorded: true, destination: { log_group: flows, role: flows } }",
        &[|| everywhere(&["one"], networks::deliverers)],
    ),
    case(
        "ec2.instance",
        "{ imdsv2: true, profile: true, mend: true }",
        &[|| everywhere(&["one"], networks::instances)],
    ),
    case(
        "cloudwatch.topic",
        "{ publish: true, usable_key: true, subscriptions: [{ protocol: sqs, endpoint: \
         'arn:aws:sqs:us-east-1:{account}:alarms' }] }",
        &[closed_topics, || everywhere(&["one"], |world, id| topics::watched(world, id, false))],
    ),
    case(
        "cloudwatch.alarm",
        "{ unauthorized_api_calls: true, console_signin_without_mfa: true, root_usage: true, iam_policy_changes: true, \
         cloudtrail_changes: true, console_auth_failures: true, kms_cmk_disable_delete: true, \
         s3_bucket_policy_changes: true, config_changes: true, security_group_changes: true, nacl_changes: true, \
         network_gateway_changes: true, route_table_changes: true, vpc_changes: true, organizations_changes: true, \
         actions: true }",
        &[unwatched],
    ),
];

/// Nothing is set.
fn bare() -> World {
    organization(&["one"]).0
}

/// Detectors that are off with all of their features, in a region that offers each.
fn detectors() -> World {
    let listed =
        ["S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS"];
    let features = listed.map(|name| json!({ "Name": name, "Status": "DISABLED" }));
    let off = json!({ "Enable": false, "Features": features });
    everywhere(&["one"], |world, id| {
        world.build(id, HOME, "guardduty", "CreateDetector", off.clone());
        let region = world.account(id).expect("it is there").regions.get_mut(HOME).expect("something is in it");
        let detector = region.guardduty.detector.as_mut().expect("it was just made");
        detector.features.insert("AI_PROTECTION".to_owned(), Feature::default());
    })
}

/// The users who fall short, of whom the one who left keeps a key in place of a password: no call gives that back.
fn staff() -> World {
    let mut world = identities::users();
    let ids: Vec<String> = world.accounts().map(|account| account.id.clone()).collect();
    for id in &ids {
        world.build(id, HOME, "iam", "DeleteLoginProfile", json!({ "UserName": "left" }));
        users::key(&mut world, id, "left", 80, None);
    }
    world
}
