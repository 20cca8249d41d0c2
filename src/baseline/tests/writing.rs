//! What this module writes: the resolved baseline, the schema, the file of `trueup init`.

use snapbox::{assert_data_eq, str};

use super::{TODAY, accepted, load, shapes};
use crate::{Baseline, commented, file_schema};

const ACME: &str = "version: 1
name: acme
organization: o-abc1234567
extends: [foundation]
access:
  write_role: trueup-write
  accounts: { '111122223333': { read_role: [audit, trueup-read] } }
regions: [eu-west-1, us-east-1]
controls:
  iam.password_policy: { minimum_length: 16 }
  guardduty.detector: { features: [S3_DATA_EVENTS, RUNTIME_MONITORING] }
overrides:
  - match: { ou: /Sandbox }
    controls: { guardduty.detector: off, iam.password_policy: { minimum_length: 8 } }
  - match: { tag: environment=test }
    controls: { iam.password_policy: { minimum_length: 10 } }
exemptions:
  - requirement: cloudtrail.trail.kms
    accounts: ['111122223333']
    reason: 'no key yet: SEC-431'
    expires: 2027-03-31
unreachable:
  - { accounts: ['444455556666'], reason: quarantined, expires: 2026-01-31 }
";

#[test]
fn the_resolved_baseline_names_the_layer_of_each_value() {
    let (baseline, _) = accepted(ACME);
    let folder = baseline.layers[1].trim_end_matches("acme.yaml").to_owned();
    let shown = baseline.show().replace(&folder, "").replace(&baseline.digest, "[DIGEST]");
    assert_data_eq!(
        shown,
        str![[r##"
# layers, later wins: foundation, acme.yaml
# digest: [DIGEST]
version: 1
name: acme  # from acme.yaml
organization: o-abc1234567  # from acme.yaml
access:
  accounts:
    "111122223333":  # from acme.yaml
      read_role: [audit, trueup-read]
  read_role: [OrganizationAccountAccessRole]  # by default
  write_role: trueup-write  # from acme.yaml
management_account: read  # by default
regions: [eu-west-1, us-east-1]  # from acme.yaml
controls:
  cloudtrail.trail:
    kms: true  # from foundation
    log_file_validation: true  # from foundation
    logging: true  # from foundation
    management_events: true  # from foundation
    multi_region: true  # from foundation
    scope: organization  # from foundation
  guardduty.detector:
    enabled: true  # from foundation
    features: [S3_DATA_EVENTS, RUNTIME_MONITORING]  # from acme.yaml
  iam.password_policy:
    minimum_length: 16  # from acme.yaml
    require_lowercase: true  # from foundation
    require_numbers: true  # from foundation
    require_symbols: true  # from foundation
    require_uppercase: true  # from foundation
    reuse_prevention: 24  # from foundation
  kms.key_rotation:
    enabled: true  # from foundation
overrides:
  -  # from acme.yaml
    match:
      ou: [/Sandbox]
    controls:
      guardduty.detector: off
      iam.password_policy:
        minimum_length: 8
  -  # from acme.yaml
    match:
      tag: [environment=test]
    controls:
      iam.password_policy:
        minimum_length: 10  # wins over override 1 where both match
exemptions:
  -  # from acme.yaml
    requirement: cloudtrail.trail.kms
    accounts: ["111122223333"]
    reason: "no key yet: SEC-431"
    expires: 2027-03-31
unreachable:
  -  # from acme.yaml, expired
    accounts: ["444455556666"]
    reason: quarantined
    expires: 2026-01-31

"##]]
    );
}

#[test]
fn the_resolved_baseline_is_a_file_that_means_the_same() {
    let (baseline, _) = accepted(ACME);
    let (again, _) = accepted(&baseline.show());
    assert_eq!(again.content(), baseline.content());
    assert_eq!(again.digest, baseline.digest);
}

#[test]
fn the_content_that_a_plan_carries_reads_back_as_the_same() {
    let (baseline, _) = accepted(ACME);
    let again = Baseline::from_text("plan.json", &baseline.content().to_string(), &shapes(), TODAY).expect("the same");
    assert_eq!(again.digest, baseline.digest);
}

#[test]
fn what_init_writes_is_a_baseline_without_warnings() {
    let organization = "o-abc1234567".parse().expect("an id");
    let text = commented(&organization, &"111122223333".parse().expect("an id"), "acme: the \"best\"", "foundation");
    let (baseline, warnings) = accepted(&text);
    assert_eq!(warnings, "");
    assert_eq!(baseline.name, "acme: the \"best\"");
    assert_eq!(baseline.organization, Some(organization));
    assert_eq!(baseline.layers[0], "foundation");
    assert_eq!(baseline.control_ids().len(), 4);
}

#[test]
fn what_init_comments_out_is_right_as_well() {
    let text = commented(
        &"o-abc1234567".parse().expect("an id"),
        &"111122223333".parse().expect("an id"),
        "acme",
        "foundation",
    );
    let open = text.lines().skip_while(|line| *line != "version: 1").map(|line| {
        let bare = line.trim_start();
        let code =
            bare.strip_prefix("# ").filter(|rest| rest.starts_with(' ') || rest.starts_with("- ") || is_key(rest));
        code.map_or(line.to_owned(), |code| format!("{}{code}", " ".repeat(line.len() - bare.len())))
    });
    let (baseline, warnings) = accepted(&open.collect::<Vec<_>>().join("\n"));
    assert_eq!(warnings, "");
    assert_eq!((baseline.overrides.len(), baseline.exemptions.len()), (1, 1));
    assert!(baseline.access.management_role.is_some() && baseline.access.external_id.is_some());
}

fn is_key(text: &str) -> bool {
    text.split_once(':').is_some_and(|(key, _)| key.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
}

#[test]
fn the_schema_of_the_file_knows_each_setting_and_requirement() {
    let schema = file_schema(&shapes());
    let minimum_length = &schema["$defs"]["settings"]["iam.password_policy"]["properties"]["minimum_length"];
    assert_eq!(
        *minimum_length,
        serde_json::json!({ "description": "The least length of a password.", "type": "integer", "format": "uint32", "minimum": 6, "maximum": 128 })
    );
    let requirements = &schema["properties"]["exemptions"]["items"]["properties"]["requirement"]["enum"];
    assert!(requirements.as_array().is_some_and(|all| all.contains(&"cloudtrail.trail.kms".into())), "{requirements}");
}

#[test]
fn every_reference_of_the_schema_leads_somewhere() {
    fn references<'a>(value: &'a serde_json::Value, found: &mut Vec<&'a str>) {
        match value {
            serde_json::Value::Object(entries) => {
                found.extend(entries.get("$ref").and_then(serde_json::Value::as_str));
                entries.values().for_each(|value| references(value, found));
            }
            serde_json::Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let schema = file_schema(&shapes());
    let mut found = vec![];
    references(&schema, &mut found);
    assert!(found.iter().any(|path| path.contains("Feature")), "{found:?}");
    for path in found {
        assert!(schema.pointer(path.trim_start_matches('#')).is_some(), "{path}");
    }
}

#[test]
fn a_shipped_baseline_shows_itself_as_its_layer() {
    let baseline = Baseline::load("foundation", &shapes(), TODAY).expect("the shipped baseline");
    assert!(baseline.show().contains("minimum_length: 14  # from foundation\n"), "{}", baseline.show());
}

#[test]
fn a_setting_that_a_schema_requires_may_come_from_any_layer() {
    let mut shapes = shapes();
    shapes[2].schema["required"] = serde_json::json!(["enabled"]);
    assert!(Baseline::load("foundation", &shapes, TODAY).is_ok());
    shapes[0].schema["required"] = serde_json::json!(["max_age_days"]);
    let failure = Baseline::load("foundation", &shapes, TODAY).expect_err("refused");
    assert!(failure.message.contains("`iam.password_policy` needs the setting `max_age_days`"), "{failure}");
    assert!(load(&[("acme.yaml", ACME)]).is_ok());
}
