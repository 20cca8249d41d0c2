//! What a baseline means: layers, overrides, exemptions, and what it warns of.

use std::collections::BTreeMap;

use serde_json::json;
use snapbox::{assert_data_eq, str};

use super::{TODAY, accepted, beside, controls, load, shapes};
use crate::{AccountFacts, Baseline, ManagementAccount, Regions, Tone, UnitFacts};

fn account(id: &str, ou_path: &str, ou_ids: &[&str], tags: &[(&str, &str)]) -> AccountFacts {
    AccountFacts {
        id: id.parse().expect("an id"),
        name: format!("account {id}"),
        ou_path: ou_path.to_owned(),
        ou_ids: ou_ids.iter().map(|&id| id.to_owned()).collect(),
        tags: tags.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect::<BTreeMap<_, _>>(),
    }
}

fn plain_account() -> AccountFacts {
    account("111122223333", "/Workloads", &["r-ab12", "ou-ab12-workload"], &[])
}

#[test]
fn the_foundation_is_what_it_promises() {
    let baseline = Baseline::load("foundation", &shapes(), TODAY).expect("the shipped baseline");
    assert!(baseline.warnings.is_empty());
    assert_eq!(baseline.organization, None);
    assert_eq!(baseline.access.write_role, None);
    assert_eq!(baseline.access.read_role[0].as_str(), "OrganizationAccountAccessRole");
    assert_eq!((baseline.management_account, &baseline.regions), (ManagementAccount::Read, &Regions::All));
    assert_eq!(
        json!(baseline.settings_for(&plain_account())),
        json!({
            "iam.password_policy": {
                "minimum_length": 14, "reuse_prevention": 24, "require_symbols": true, "require_numbers": true,
                "require_uppercase": true, "require_lowercase": true,
            },
            "cloudtrail.trail": {
                "scope": "organization", "multi_region": true, "logging": true, "management_events": true,
                "log_file_validation": true, "kms": true,
            },
            "kms.key_rotation": { "enabled": true },
            "guardduty.detector": { "enabled": true, "features": ["S3_DATA_EVENTS"] },
        })
    );
}

#[test]
fn an_account_may_be_entered_otherwise() {
    let lines = "access:
  read_role: [audit, trueup-read]
  external_id: secret-handshake
  accounts:
    '111122223333': { read_role: legacy, write_role: legacy-write }";
    let (baseline, _) = accepted(&beside(lines));
    let roles = |id: &str| {
        let id = id.parse().expect("an id");
        let read: Vec<&str> = baseline.access.read_roles(&id).iter().map(crate::RoleName::as_str).collect();
        let write = baseline.access.write_role(&id).map(ToString::to_string);
        (read.join(","), write, baseline.access.external_id(&id).map(ToString::to_string))
    };
    let handshake = Some("secret-handshake".to_owned());
    assert_eq!(roles("111122223333"), ("legacy".into(), Some("legacy-write".into()), handshake.clone()));
    assert_eq!(roles("444455556666"), ("audit,trueup-read".into(), None, handshake));
}

#[test]
fn json_is_read_as_well() {
    let (baseline, _) = accepted(r#"{"version": 1, "controls": {"kms.key_rotation": {"enabled": true}}}"#);
    assert_eq!(json!(baseline.settings_for(&plain_account())), json!({ "kms.key_rotation": { "enabled": true } }));
}

#[test]
fn later_layers_win_by_setting_and_lists_are_replaced() {
    let (baseline, _) = load(&[
        ("acme.yaml", "version: 1\nextends: [left.yaml, right.yaml]\ncontrols: { kms.key_rotation: off }\n"),
        ("left.yaml", "version: 1\nextends: [base.yaml]\ncontrols:\n  iam.password_policy: { minimum_length: 16 }\n"),
        ("right.yaml", "version: 1\nextends: [base.yaml]\ncontrols:\n  guardduty.detector: { features: [RUNTIME_MONITORING] }\n"),
        ("base.yaml", "version: 1\ncontrols:\n  iam.password_policy: { minimum_length: 10, max_age_days: 90 }\n  guardduty.detector: { enabled: true, features: [S3_DATA_EVENTS] }\n  kms.key_rotation: { enabled: true }\n"),
    ])
    .expect("a baseline");
    let names: Vec<&str> = baseline.layers.iter().filter_map(|name| name.rsplit('/').next()).collect();
    assert_eq!(names, ["base.yaml", "left.yaml", "right.yaml", "acme.yaml"]);
    assert_eq!(
        json!(baseline.settings_for(&plain_account())),
        json!({
            "iam.password_policy": { "minimum_length": 16, "max_age_days": 90 },
            "guardduty.detector": { "enabled": true, "features": ["RUNTIME_MONITORING"] },
        })
    );
}

const OVERRIDDEN: &str = "overrides:
  - match: { ou: /Sandbox }
    controls: { guardduty.detector: off, kms.key_rotation: off }
  - match: { account: ['444455556666', '777788889999'] }
    controls: { iam.password_policy: { minimum_length: 20 } }
  - match: { ou: ou-ab12-deepdown, tag: [critical, environment=production] }
    controls: { kms.key_rotation: { enabled: true } }
";

#[test]
fn overrides_apply_in_order_to_whom_they_match() {
    let (baseline, warnings) = accepted(&beside(OVERRIDDEN));
    assert!(baseline.needs_tags() && baseline.needs_units());
    assert!(warnings.contains("two overrides set kms.key_rotation"), "{warnings}");
    let of = |id, path, ids: &[&str], tags: &[(&str, &str)]| {
        let settings = baseline.settings_for(&account(id, path, ids, tags));
        let length = settings["iam.password_policy"]["minimum_length"].as_u64();
        (length, settings.contains_key("guardduty.detector"), settings.contains_key("kms.key_rotation"))
    };
    assert_eq!(of("111122223333", "/Workloads", &[], &[]), (Some(14), true, true));
    assert_eq!(of("111122223333", "/Sandbox", &[], &[]), (Some(14), false, false));
    assert_eq!(of("111122223333", "/Sandbox/Dev/Deep", &[], &[]), (Some(14), false, false));
    assert_eq!(of("111122223333", "/Sandboxes", &[], &[]), (Some(14), true, true));
    assert_eq!(of("777788889999", "/Sandbox", &[], &[]), (Some(20), false, false));
    let below: &[&str] = &["r-ab12", "ou-ab12-deepdown"];
    assert_eq!(of("111122223333", "/Sandbox/Deep", below, &[("environment", "test")]), (Some(14), false, false));
    assert_eq!(of("111122223333", "/Sandbox/Deep", below, &[("environment", "production")]), (Some(14), false, true));
    assert_eq!(of("111122223333", "/Sandbox/Deep", below, &[("critical", "")]), (Some(14), false, true));
}

#[test]
fn a_control_of_an_override_alone_is_wanted_too() {
    let lines = "  kms.key_rotation: { enabled: true }\noverrides:\n  - match: { ou: /A }\n    controls: { iam.password_policy: { minimum_length: 8 } }";
    let (baseline, _) = accepted(&controls(lines));
    assert_eq!(baseline.control_ids().into_iter().collect::<Vec<_>>(), ["iam.password_policy", "kms.key_rotation"]);
}

const EXEMPT: &str = "exemptions:
  - requirement: cloudtrail.trail.kms
    accounts: ['111122223333']
    reason: no key yet
    approved_by: security@acme.example
    expires: 2026-11-22
  - requirement: kms.key_rotation.enabled
    ous: [/Sandbox]
    regions: [eu-west-1]
    objects: ['alias/old-*']
    reason: on its way out
    expires: 2027-01-31
";

#[test]
fn an_exemption_holds_for_what_it_names_and_nothing_else() {
    let (baseline, warnings) = accepted(&beside(EXEMPT));
    assert_eq!(warnings, "");
    let (here, there) = ("eu-west-1".parse().expect("a region"), "us-east-1".parse().expect("a region"));
    let sandbox = account("444455556666", "/Sandbox/Dev", &[], &[]);
    let reason = |exemption: Option<&crate::Exemption>| exemption.map(|one| one.reason.clone());
    let trail = |account: &AccountFacts| reason(baseline.exempt("cloudtrail.trail.kms", account, None, "trueup"));
    assert_eq!(trail(&plain_account()).as_deref(), Some("no key yet"));
    assert_eq!(trail(&sandbox), None);
    let key = |region, name| reason(baseline.exempt("kms.key_rotation.enabled", &sandbox, region, name));
    assert_eq!(key(Some(&here), "alias/old-one").as_deref(), Some("on its way out"));
    assert_eq!(key(Some(&there), "alias/old-one"), None);
    assert_eq!(key(None, "alias/old-one"), None);
    assert_eq!(key(Some(&here), "alias/new"), None);
    assert_eq!(reason(baseline.exempt("cloudtrail.trail.logging", &plain_account(), None, "trueup")), None);
}

#[test]
fn an_exemption_is_not_honoured_after_its_last_day_and_says_so() {
    let (baseline, warnings) = accepted(&beside(&EXEMPT.replace("2026-11-22", "2026-11-21")));
    assert_eq!(baseline.exempt("cloudtrail.trail.kms", &plain_account(), None, "trueup"), None);
    assert_data_eq!(
        warnings,
        str![[r#"
warning: the exemption from cloudtrail.trail.kms has expired: it counts as drift again
 --> acme.yaml:8:14
  |
8 |     expires: 2026-11-21
  |              ^^^^^^^^^^ mend the drift, or have it approved anew
"#]]
    );
}

#[test]
fn an_exemption_that_nothing_needs_is_a_warning() {
    let (baseline, _) = accepted(&beside(EXEMPT));
    assert!(baseline.unused(&[0, 1].into()).is_empty());
    let unused = baseline.unused(&[0].into());
    assert_eq!(unused.len(), 1);
    assert_eq!(
        (unused[0].span.line(), unused[0].message.as_str()),
        (9, "nothing needs the exemption from kms.key_rotation.enabled")
    );
}

#[test]
fn an_unreachable_account_is_known_until_its_last_day() {
    let entry = |expires: &str| {
        beside(&format!("unreachable:\n  - {{ accounts: ['444455556666'], reason: quarantined, expires: {expires} }}"))
    };
    let id = "444455556666".parse().expect("an id");
    let (baseline, warnings) = accepted(&entry("2026-11-22"));
    assert_eq!(baseline.known_unreachable(&id).map(|one| one.reason.as_str()), Some("quarantined"));
    assert_eq!(warnings, "");
    let (baseline, warnings) = accepted(&entry("2026-11-21"));
    assert_eq!(baseline.known_unreachable(&id), None);
    assert_data_eq!(
        warnings,
        str![[r#"
warning: this entry has expired: its accounts make a run incomplete again
 --> acme.yaml:4:65
  |
4 |   - { accounts: ['444455556666'], reason: quarantined, expires: 2026-11-21 }
  |                                                                 ^^^^^^^^^^
"#]]
    );
}

#[test]
fn overrides_that_meet_and_differ_are_a_warning() {
    let lines = "overrides:
  - match: { ou: /Sandbox }
    controls: { iam.password_policy: { minimum_length: 8, max_age_days: 90 } }
  - match: { ou: /Sandbox/Dev }
    controls: { iam.password_policy: { minimum_length: 10, max_age_days: 90 } }
  - match: { ou: /Production }
    controls: { iam.password_policy: { minimum_length: 20 } }";
    let (_, warnings) = accepted(&beside(lines));
    assert_data_eq!(
        warnings,
        str![[r#"
warning: two overrides set `minimum_length` of iam.password_policy, and some accounts may match both
 --> acme.yaml:7:40
  |
5 |     controls: { iam.password_policy: { minimum_length: 8, max_age_days: 90 } }
  |                                        -------------- set here first
6 |   - match: { ou: /Sandbox/Dev }
7 |     controls: { iam.password_policy: { minimum_length: 10, max_age_days: 90 } }
  |                                        ^^^^^^^^^^^^^^ this one wins, as the later
"#]]
    );
}

#[test]
fn a_review_of_180_days_ago_is_fresh_and_one_of_181_is_not() {
    let (_, warnings) = accepted(&beside("reviewed: 2026-05-26"));
    assert_eq!(warnings, "");
    let (_, warnings) = accepted(&beside("reviewed: 2026-05-25"));
    assert_data_eq!(
        warnings,
        str![[r#"
warning: this baseline was last reviewed 181 days ago
 --> acme.yaml:3:11
  |
3 | reviewed: 2026-05-25
  |           ^^^^^^^^^^ review it, and put today's date here
"#]]
    );
}

#[test]
fn a_review_on_a_day_that_has_not_come_is_no_review() {
    // It is tomorrow already where some people are.
    let (_, warnings) = accepted(&beside("reviewed: 2026-11-23"));
    assert_eq!(warnings, "");
    let (_, warnings) = accepted(&beside("reviewed: 2099-01-01"));
    assert_data_eq!(
        warnings,
        str![[r#"
warning: this baseline was reviewed on a day that has not come yet
 --> acme.yaml:3:11
  |
3 | reviewed: 2099-01-01
  |           ^^^^^^^^^^ put the day here on which somebody looked at it
"#]]
    );
}

#[test]
fn what_the_organization_has_not_is_shown_with_the_nearest_it_has() {
    let lines = "access:
  accounts: { '111122224444': { read_role: audit } }
overrides:
  - match: { ou: /Sandbx }
    controls: { kms.key_rotation: off }
  - match: { ou: [/Empty, /Workloads, ou-ab12-nowherex], account: '999999999999' }
    controls: { guardduty.detector: off }";
    let (baseline, _) = accepted(&beside(lines));
    let accounts = [plain_account(), account("444455556666", "/Sandbox/Dev", &["ou-ab12-deepdown"], &[])];
    let units = [UnitFacts { id: "ou-ab12-emptyone".into(), path: "/Empty".into() }];
    let mistakes = baseline.check_organization(&accounts, &units);
    let said: Vec<String> = mistakes
        .iter()
        .map(|one| format!("{}: {} ({})", one.span.line(), one.message, one.suggestion.as_deref().unwrap_or("-")))
        .collect();
    assert_data_eq!(
        said.join("\n"),
        str![[r#"
4: the organization has no account `111122224444` (did you mean `111122223333`?)
6: the organization has no OU `/Sandbx` (did you mean `/Sandbox`?)
8: the organization has no OU `ou-ab12-nowherex` (did you mean `ou-ab12-deepdown`?)
8: the organization has no account `999999999999` (-)
"#]]
    );
    assert!(mistakes[0].render(Tone::Error).contains("-->"));
}

#[test]
fn a_file_without_a_name_is_called_after_itself_and_not_after_what_it_extends() {
    let (baseline, _) = accepted("version: 1\nextends: [foundation]\n");
    assert_eq!(baseline.name, "acme");
    let foundation = Baseline::load("foundation", &shapes(), TODAY).expect("the shipped baseline");
    assert_eq!(foundation.name, "foundation");
    assert_eq!(baseline.digest, foundation.digest);
}

#[test]
fn the_digest_is_of_the_content_and_not_of_its_layout() {
    let digest = |text: &str| accepted(text).0.digest;
    let one = digest(
        "version: 1\nname: a\ncontrols:\n  kms.key_rotation: { enabled: true }\n  iam.password_policy: { minimum_length: 14 }\n",
    );
    let same = digest(
        "# other\ncontrols: {iam.password_policy: {minimum_length: 14}, kms.key_rotation: {enabled: true}}\nname: a\nversion: 1\n",
    );
    let other = digest(
        "version: 1\nname: a\ncontrols:\n  kms.key_rotation: { enabled: true }\n  iam.password_policy: { minimum_length: 15 }\n",
    );
    assert!(one.starts_with("sha256:") && one.len() == "sha256:".len() + 64, "{one}");
    assert_eq!(one, same);
    assert_ne!(one, other);
}
