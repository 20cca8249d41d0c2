//! One file per AWS service: its state and its handlers.

use super::front::Handler;

pub mod account;
pub mod cloudtrail;
pub mod guardduty;
pub mod iam;
pub mod kms;
pub mod organizations;
pub mod s3;
pub mod sts;

/// The handler of an operation, by signing name and operation; none if the simulator lacks it.
pub(crate) fn handler(service: &str, operation: &str) -> Option<Handler> {
    let handlers = match service {
        "account" => account::HANDLERS,
        "cloudtrail" => cloudtrail::HANDLERS,
        "guardduty" => guardduty::HANDLERS,
        "iam" => iam::HANDLERS,
        "kms" => kms::HANDLERS,
        "organizations" => organizations::HANDLERS,
        "s3" => s3::HANDLERS,
        "sts" => sts::HANDLERS,
        _ => return None,
    };
    handlers.iter().find(|(name, _)| *name == operation).map(|(_, handler)| *handler)
}
