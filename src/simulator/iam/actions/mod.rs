//! Which IAM action, on which resource, each operation asks for: from AWS's Service Authorization Reference.
//!
//! One file per service. Only what a model cannot tell stands here. It is written independently of what any client
//! declares, so that a client's list of permissions can be proven against it.

mod accessanalyzer;
mod account;
mod cloudtrail;
mod cloudwatch;
mod config;
mod ec2;
mod guardduty;
mod iam;
mod kms;
mod logs;
mod organizations;
mod s3;
mod s3control;
mod securityhub;
mod sns;
mod sts;

/// What an operation acts on, and which input member names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    /// No resource: policies must allow `*`.
    All,
    Analyzer(&'static str),
    /// The hub of the region.
    Hub,
    /// The recorder of the region.
    Recorder,
    /// An alarm, by its name.
    Alarm(&'static str),
    /// Each of these alarms, or all.
    Alarms(&'static str),
    Trail(&'static str),
    Key(&'static str),
    Alias(&'static str),
    /// A log group; where none is named, any.
    LogGroup(&'static str),
    Detector(&'static str),
    /// A snapshot, or any that is made.
    Snapshot(&'static str),
    /// A volume that is made.
    Volume,
    /// What EC2 has of this type in an account and region; where none is named, any that is made.
    Ec2(&'static str, &'static str),
    /// A topic, by its name or its ARN.
    Topic(&'static str),
    Bucket,
    /// An object, named by `Bucket` and `Key`.
    Object,
    Role(&'static str),
    ServiceRole,
    /// A user; where none is named, the one who calls.
    User,
    /// The user whose access key it is.
    OwnerOfKey,
    Group,
    /// A customer managed policy that is made, by its name and path.
    NewPolicy,
    /// What is made with a name, of this type of resource.
    Named(&'static str, &'static str),
    /// The account itself, or the member named by `AccountId`.
    Account,
    /// An account, unit, root or policy of the organization.
    Organization(&'static str),
    /// An ARN as it was sent.
    Arn(&'static str),
    /// Each of these ARNs.
    Arns(&'static str),
    /// Asks for no permission, or the handler weighs it itself: `AssumeRole`, `AssumeRoot`.
    Nothing,
}

/// One operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) operation: &'static str,
    /// The action's name without its prefix; most are named like the operation.
    pub(crate) action: &'static str,
    pub(crate) on: On,
}

/// The rows of each service, by its signing name.
const SERVICES: &[(&str, &[Row])] = &[
    ("access-analyzer", accessanalyzer::ROWS),
    ("account", account::ROWS),
    ("cloudtrail", cloudtrail::ROWS),
    ("config", config::ROWS),
    ("ec2", ec2::ROWS),
    ("guardduty", guardduty::ROWS),
    ("iam", iam::ROWS),
    ("kms", kms::ROWS),
    ("logs", logs::ROWS),
    ("monitoring", cloudwatch::ROWS),
    ("organizations", organizations::ROWS),
    ("s3", s3::ROWS),
    ("s3control", s3control::ROWS),
    ("securityhub", securityhub::ROWS),
    ("sns", sns::ROWS),
    ("sts", sts::ROWS),
];

/// The row of an operation.
pub(crate) fn row(service: &str, operation: &str) -> Option<&'static Row> {
    let (_, rows) = SERVICES.iter().find(|(name, _)| *name == service)?;
    rows.iter().find(|row| row.operation == operation)
}

const fn asks(operation: &'static str, on: On) -> Row {
    Row { operation, action: operation, on }
}

/// An operation whose action has another name.
const fn named(row: Row, action: &'static str) -> Row {
    Row { action, ..row }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services;

    #[test]
    fn every_operation_that_is_served_has_a_row_and_every_row_is_served() {
        for (service, rows) in SERVICES {
            let served = services::operations(service);
            for operation in &served {
                assert!(row(service, operation).is_some(), "{service} {operation} is served without a row");
            }
            for row in *rows {
                assert!(served.contains(&row.operation), "{service} {} has a row and no handler", row.operation);
            }
        }
    }

    #[test]
    fn s3_names_its_actions_oddly() {
        let action = |operation| row("s3", operation).unwrap().action;
        assert_eq!(action("GetBucketEncryption"), "GetEncryptionConfiguration");
        assert_eq!(action("ListBuckets"), "ListAllMyBuckets");
        assert_eq!(action("GetPublicAccessBlock"), "GetBucketPublicAccessBlock");
        assert_eq!(action("HeadBucket"), "ListBucket");
    }
}
