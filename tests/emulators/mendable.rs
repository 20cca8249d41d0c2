//! Every requirement that moto can do, as `tests/mendable.txt` has them: drifted in one account, mended, seen to hold, and
//! undone; those of alarms are in `alarms.rs`. `tests/trueup/mendable` does the same with all of them on the simulator.

#[path = "../trueup/mendable/table.rs"]
pub(crate) mod table;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use self::table::Mended;
use crate::server::text;
use crate::stand::{Stand, list};

/// All that the table has on moto. What a person mends besides is not asked for, but ports that a rule opens among others.
const CONTROLS: &str = "\
controls:
  kms.key_rotation: { enabled: true }
  kms.key_deletion: { not_scheduled: true, mend: true }
  cloudtrail.trail:
    existing: mend
    multi_region: true
    logging: true
    management_events: true
    log_file_validation: true
    kms: true
    s3_data_events_write: true
    s3_data_events_read: true
  cloudtrail.bucket:
    existing: mend
    not_public: true
    policy: true
    tls_only: true
    access_logging: true
    lifecycle: true
  cloudwatch.topic:
    publish: true
    usable_key: true
    subscriptions: [{ protocol: email, endpoint: security@acme.example }]
  guardduty.detector:
    enabled: true
    publishing_frequency: FIFTEEN_MINUTES
    features:
      - S3_DATA_EVENTS
      - EKS_AUDIT_LOGS
      - EBS_MALWARE_PROTECTION
      - RDS_LOGIN_EVENTS
      - LAMBDA_NETWORK_LOGS
      - RUNTIME_MONITORING
      - AI_PROTECTION
  iam.password_policy:
    minimum_length: 14
    require_symbols: true
    require_numbers: true
    require_uppercase: true
    require_lowercase: true
    max_age_days: 90
    reuse_prevention: 24
    allow_users_to_change: true
    hard_expiry: true
  account.contact:
    security: &ada { name: Ada, title: CISO, email: ada@acme.example, phone: '+1 555 0100' }
    billing: *ada
    operations: *ada
  iam.user:
    mfa: console
    max_unused_days: 45
    max_key_age_days: 90
    no_policies: true
    mend: [mfa, max_key_age_days, no_policies]
  iam.support_role: { exists: true, trusted: ['123456789012'] }
  iam.server_certificate: { not_expired: true }
  iam.cloudshell_full_access: { not_attached: true, mend: true }
  iam.account_alias: { alias: 'acme-{account}' }
  s3.account_public_access_block:
    block_public_acls: true
    ignore_public_acls: true
    block_public_policy: true
    restrict_public_buckets: true
  ec2.ebs_encryption_default: { enabled: true }
  ec2.default_security_group: { no_rules: true }
  ec2.security_group: { admin_ports_ipv4: true, admin_ports_ipv6: true, mend: true }
  ec2.flow_logs: { recorded: true, traffic: ALL, destination: { log_group: flows, role: flows } }
  ec2.instance: { imdsv2: true, mend: true }
  config.recorder:
    recording: true
    all_types: true
    global_types: true
    role: true
    delivery: { snapshots: Six_Hours }
    retention: 400
";
const LEAVE: &[&str] = &["--allow", "disruptive,cost,irreversible", "--lock", "local"];

/// An account in which all of it drifted.
fn fallen_short() -> Stand {
    let nothing = json!([{ "name": "one", "password": "absent", "trail": "absent", "detector": "absent",
        "detector_abroad": "absent" }]);
    let stand = Stand::cast(&nothing);
    stand.baseline(CONTROLS, "");
    stand.moto.run("mendable.py", &["--account", &stand.id("one")]);
    stand
}

/// Of the requirements that are meant, those that the table has on moto.
pub(crate) fn on_moto(meant: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let here = table::lines().into_iter().filter(|line| line.mended == Mended::OnMoto && meant(line.requirement));
    here.map(|line| line.requirement.to_owned()).collect()
}

#[test]
fn what_moto_can_do_is_drifted_mended_and_undone_as_the_table_says() {
    let stand = fallen_short();
    let only = ["--account", "one"];
    let before = stand.plan(&only).json(2);
    let promised = table::mended(&before);
    let on_moto = on_moto(|requirement| !requirement.starts_with("cloudwatch.alarm."));
    assert_eq!(promised.iter().cloned().map(table::requirement).collect::<BTreeSet<_>>(), on_moto);
    assert_eq!(table::drifted(&before), on_moto);

    let applied = stand.apply_with(LEAVE).json(2);
    for change in table::by_calls(&before) {
        let outcome = list(&applied, "outcomes").iter().find(|one| one["id"] == change["id"]);
        // A recorder that was just started has recorded nothing yet.
        let wanted = if change["control"] == "config.recorder" { "pending" } else { "verified" };
        assert_eq!(outcome.map(|one| &one["outcome"]), Some(&wanted.into()), "{outcome:#?}");
    }
    stand.moto.settle();
    let after = stand.plan(&only).json(2);
    let unmended = table::unmended(&promised, &after);
    assert!(unmended.is_empty(), "{unmended:#?}");

    let reverted = stand.revert(&text(&applied["run"]), &["--delete-keys"]).json(2);
    let undone = |one: &&Value| ["verified", "manual"].contains(&text(&one["outcome"]).as_str());
    let others: Vec<&Value> = list(&reverted, "outcomes").iter().filter(|one| !undone(one)).collect();
    assert!(others.is_empty(), "{others:#?}");
    let again = stand.plan(&only).json(2);
    assert_eq!(table::turns(&before, &again, &promised), table::stays("moto"), "what is not put back");
}
