//! The statements of a bucket's policy that CloudTrail asks for, by
//! [AWS's documentation](https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html),
//! for one trail alone; and those that every bucket for logs should have.

use serde_json::{Value, json};

pub(super) use crate::controls::log_bucket::tls_alone as tls_only;
use crate::observe::cloudtrail::PRINCIPAL;

/// Who delivers the logs of requests to buckets, as policies name it.
const LOGGING: &str = "logging.s3.amazonaws.com";

/// Lets CloudTrail look at the bucket with this ARN for a trail.
pub(super) fn looks(bucket: &str, trail: &str) -> Value {
    json!({
        "Sid": "AWSCloudTrailAclCheck",
        "Effect": "Allow",
        "Principal": { "Service": PRINCIPAL },
        "Action": "s3:GetBucketAcl",
        "Resource": bucket,
        "Condition": { "StringEquals": { "aws:SourceArn": trail } },
    })
}

/// Lets CloudTrail write the files of a trail into a folder: that of its own account, or of the organization.
pub(super) fn writes(files: &str, folder: &str, own: bool, trail: &str) -> Value {
    json!({
        "Sid": if own { "AWSCloudTrailWrite" } else { "AWSCloudTrailOrganizationWrite" },
        "Effect": "Allow",
        "Principal": { "Service": PRINCIPAL },
        "Action": "s3:PutObject",
        "Resource": format!("{files}{folder}/*"),
        "Condition": {
            "StringEquals": { "s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": trail },
        },
    })
}

/// Lets S3 write the logs of requests to a bucket below a prefix of another.
pub(super) fn logs(files: &str, source: &str, account: &str) -> Value {
    json!({
        "Sid": "S3ServerAccessLogs",
        "Effect": "Allow",
        "Principal": { "Service": LOGGING },
        "Action": "s3:PutObject",
        "Resource": format!("{files}*"),
        "Condition": {
            "ArnLike": { "aws:SourceArn": source },
            "StringEquals": { "aws:SourceAccount": account },
        },
    })
}
