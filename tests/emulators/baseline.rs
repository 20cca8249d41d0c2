//! The baseline files of these tests.
//!
//! moto has no `ListRegions` and shows no organization trail in members, so regions are
//! listed and every account is asked for a trail of its own.

/// Every requirement of every control, at the values that `variants.py` calls in line.
pub(crate) const FULL: &str = "\
controls:
  iam.password_policy:
    minimum_length: 14
    require_symbols: true
    require_numbers: true
    require_uppercase: true
    require_lowercase: true
    max_age_days: 90
    reuse_prevention: 12
    allow_users_to_change: true
    hard_expiry: true
  cloudtrail.trail:
    scope: account
    multi_region: true
    logging: true
    management_events: true
    log_file_validation: true
    kms: true
  kms.key_rotation:
    enabled: true
  guardduty.detector:
    enabled: true
    publishing_frequency: FIFTEEN_MINUTES
    features: [S3_DATA_EVENTS, RDS_LOGIN_EVENTS]
";

/// One requirement a control: whatever else an account has is stricter than asked, and must survive.
/// Trails of others are mended too.
pub(crate) const NARROW: &str = "\
controls:
  iam.password_policy:
    minimum_length: 16
  cloudtrail.trail:
    scope: account
    existing: mend
    multi_region: true
  guardduty.detector:
    features: [S3_DATA_EVENTS]
";

/// The text of a baseline file that may write in every account of this organization.
pub(crate) fn file(organization: &str, controls: &str, more: &str) -> String {
    format!(
        "version: 1
name: emulated
organization: {organization}
access:
  write_role: OrganizationAccountAccessRole
management_account: include
regions: [eu-west-1, us-east-1]
{controls}{more}"
    )
}
