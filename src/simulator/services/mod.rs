//! One file per AWS service: its state and its handlers. A service too large for one file has its other half beside it.

#![expect(clippy::unnecessary_wraps, reason = "handlers share one signature, also those that never refuse")]

use super::front::Handler;

pub mod access_analyzer;
pub mod account;
mod account_contacts;
pub mod cloudtrail;
mod cloudtrail_insights;
mod cloudtrail_logging;
mod cloudtrail_logs;
mod cloudtrail_needs;
mod cloudtrail_selectors;
mod cloudtrail_tags;
pub mod cloudwatch;
pub mod config;
mod config_delivery;
mod config_tags;
pub mod ec2;
pub mod ec2_acls;
pub mod ec2_flow_logs;
pub mod ec2_groups;
pub mod ec2_instances;
pub mod ec2_network;
pub mod ec2_rules;
pub mod ec2_snapshots;
pub mod guardduty;
pub mod guardduty_invitations;
pub mod guardduty_organization;
pub mod iam;
pub mod iam_access;
pub mod iam_account;
mod iam_attachments;
mod iam_central_root;
mod iam_details;
pub mod iam_mfa;
pub mod iam_password_policy;
pub mod iam_policies;
pub mod iam_report;
mod iam_roles;
pub mod iam_root;
mod iam_simulation;
mod iam_tags;
mod iam_users;
pub mod kms;
pub mod kms_aliases;
mod kms_policy;
mod kms_rotation;
mod kms_signing;
mod kms_states;
mod kms_tags;
pub mod logs;
pub mod logs_filters;
mod logs_patterns;
pub mod logs_streams;
mod organization_accounts;
mod organization_effective;
mod organization_policies;
mod organization_tree;
mod organization_trust;
pub mod organizations;
mod paging;
pub mod s3;
mod s3_control;
pub mod s3_objects;
mod s3_policies;
mod s3_settings;
pub mod securityhub;
pub mod sns;
pub mod sns_subscriptions;
pub mod sts;
mod sts_root;
#[cfg(test)]
mod tests;

/// The handler of an operation, by service and operation; none if the simulator lacks it.
pub(crate) fn handler(service: &str, operation: &str) -> Option<Handler> {
    handlers(service).iter().find(|(name, _)| *name == operation).map(|(_, handler)| *handler)
}

/// The operations of a service that are served.
#[cfg(test)]
pub(crate) fn operations(service: &str) -> Vec<&'static str> {
    handlers(service).iter().map(|(name, _)| *name).collect()
}

fn handlers(service: &str) -> &'static [(&'static str, Handler)] {
    match service {
        "access-analyzer" => access_analyzer::HANDLERS,
        "account" => account::HANDLERS,
        "cloudtrail" => cloudtrail::HANDLERS,
        "config" => config::HANDLERS,
        "ec2" => ec2::HANDLERS,
        "guardduty" => guardduty::HANDLERS,
        "iam" => iam::HANDLERS,
        "kms" => kms::HANDLERS,
        "logs" => logs::HANDLERS,
        "monitoring" => cloudwatch::HANDLERS,
        "organizations" => organizations::HANDLERS,
        "s3" => s3::HANDLERS,
        "s3control" => s3_control::HANDLERS,
        "securityhub" => securityhub::HANDLERS,
        "sns" => sns::HANDLERS,
        "sts" => sts::HANDLERS,
        _ => &[],
    }
}
