//! Whole files, read as a person would have them read.
#![expect(clippy::needless_raw_string_hashes, reason = "the snapshot tool writes them so")]

mod hostile;
mod meaning;
mod mistakes;
mod rollout;
mod settings;
mod writing;

use std::fs;

use jiff::civil::{Date, date};
use schemars::{JsonSchema, schema_for};

use super::{Baseline, ControlShape, Tone};
use crate::failure::Failure;

/// The day on which these tests take place.
const TODAY: Date = date(2026, 11, 22);

/// How accounts sign in.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct PasswordPolicy {
    /// The least length of a password.
    #[schemars(range(min = 6, max = 128))]
    minimum_length: Option<u32>,
    #[schemars(range(min = 1, max = 24))]
    reuse_prevention: Option<u32>,
    #[schemars(range(min = 1, max = 1095))]
    max_age_days: Option<u32>,
    #[schemars(extend("const" = true))]
    require_symbols: Option<bool>,
    #[schemars(extend("const" = true))]
    require_numbers: Option<bool>,
    #[schemars(extend("const" = true))]
    require_uppercase: Option<bool>,
    #[schemars(extend("const" = true))]
    require_lowercase: Option<bool>,
    allow_users_to_change: Option<bool>,
    hard_expiry: Option<bool>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
#[expect(dead_code, reason = "only its schema is used")]
enum TrailScope {
    /// One trail of the organization.
    Organization,
    /// One trail an account.
    Account,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
#[expect(dead_code, reason = "only its schema is used")]
enum Existing {
    Leave,
    Mend,
}

/// What is written as `true`, or left out.
struct Required;

impl JsonSchema for Required {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Required".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "boolean", "const": true })
    }
}

/// The trail that records what is done.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct Trail {
    scope: Option<TrailScope>,
    name: Option<String>,
    bucket: Option<String>,
    kms: Option<Required>,
    kms_key: Option<String>,
    existing: Option<Existing>,
    multi_region: Option<Required>,
    logging: Option<Required>,
    management_events: Option<Required>,
    log_file_validation: Option<Required>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct KeyRotation {
    enabled: Option<Required>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(dead_code, reason = "only its schema is used")]
enum Frequency {
    FifteenMinutes,
    OneHour,
    SixHours,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(dead_code, reason = "only its schema is used")]
enum Feature {
    S3DataEvents,
    EbsMalwareProtection,
    RuntimeMonitoring,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct Detector {
    enabled: Option<Required>,
    publishing_frequency: Option<Frequency>,
    #[schemars(extend("uniqueItems" = true))]
    features: Option<Vec<Feature>>,
    /// The account of the administrator: twelve digits.
    #[schemars(regex(pattern = r"^[0-9]{12}$"))]
    admin_account: Option<String>,
}

fn shape<T: JsonSchema>(id: &'static str, requirements: &[&str]) -> ControlShape {
    let requirements = requirements.iter().map(|name| format!("{id}.{name}")).collect();
    ControlShape { id, schema: schema_for!(T).to_value(), contradiction: |_| None, same_as: &[], requirements }
}

pub(super) fn shapes() -> Vec<ControlShape> {
    vec![
        shape::<PasswordPolicy>("iam.password_policy", &["minimum_length", "reuse_prevention", "require_symbols"]),
        shape::<Trail>(
            "cloudtrail.trail",
            &["multi_region", "logging", "management_events", "log_file_validation", "kms"],
        ),
        shape::<KeyRotation>("kms.key_rotation", &["enabled"]),
        shape::<Detector>("guardduty.detector", &["enabled", "publishing_frequency", "features.S3_DATA_EVENTS"]),
    ]
}

/// Loads the first of these files; their folder is left out of what is said.
fn load(files: &[(&str, &str)]) -> Result<(Baseline, String), String> {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("a file");
    }
    let without_folder = |text: String| text.replace(&format!("{}/", folder.path().display()), "");
    let source = folder.path().join(files[0].0);
    match Baseline::load(&source.to_string_lossy(), &shapes(), TODAY) {
        Ok(baseline) => {
            let warnings: Vec<String> = baseline.warnings.iter().map(|warning| warning.render(Tone::Warning)).collect();
            Ok((baseline, without_folder(warnings.join("\n"))))
        }
        Err(Failure { message, .. }) => Err(without_folder(message)),
    }
}

/// What is said of a file that is refused.
fn refusal(text: &str) -> String {
    load(&[("acme.yaml", text)]).expect_err("refused")
}

/// The baseline and its warnings.
fn accepted(text: &str) -> (Baseline, String) {
    load(&[("acme.yaml", text)]).unwrap_or_else(|refusal| panic!("{refusal}"))
}

/// A file whose controls are these lines.
fn controls(lines: &str) -> String {
    format!("version: 1\ncontrols:\n{lines}\n")
}

/// A file with the shipped controls and these lines.
fn beside(lines: &str) -> String {
    format!("version: 1\nextends: [foundation]\n{lines}\n")
}
