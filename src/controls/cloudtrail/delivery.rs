//! What CloudTrail asks of a bucket and of a key when it delivers.

use super::trail::Case;
use crate::observe::cloudtrail::{PRINCIPAL, Part, Whose};
use crate::steps::refusal::Request;

/// The longest policy of a key, in bytes.
pub(super) const LONGEST_KEY_POLICY: usize = 32 * 1024;

/// The folders of a bucket that get the files of a trail.
pub(super) fn folders<'a>(case: &'a Case<'_>) -> Vec<&'a str> {
    let organization = case.context.organization.filter(|_| case.asked.whose == Whose::Organization);
    std::iter::once(case.owner().as_str()).chain(organization).collect()
}

fn request(case: &Case<'_>, trail: &str, action: &'static str, resource: String) -> Request<'static> {
    let mut context = vec![
        ("aws:sourcearn", trail.to_owned()),
        ("aws:sourceaccount", case.owner().to_string()),
        ("s3:x-amz-acl", "bucket-owner-full-control".to_owned()),
        ("kms:encryptioncontext:aws:cloudtrail:arn", trail.to_owned()),
    ];
    context.extend(case.context.organization.map(|id| ("aws:sourceorgid", id.to_owned())));
    if case.asked.asks(Part::Kms) {
        context.push(("s3:x-amz-server-side-encryption", "aws:kms".to_owned()));
    }
    Request { service: PRINCIPAL, action, resource, context }
}

/// What it asks of the bucket with this ARN.
pub(super) fn of_bucket(case: &Case<'_>, trail: &str, bucket: &str) -> Vec<Request<'static>> {
    let region = case.context.home_region;
    let digests = case.asked.asks(Part::LogFileValidation).then_some("CloudTrail-Digest");
    let kinds: Vec<&str> = std::iter::once("CloudTrail").chain(digests).collect();
    let files = folders(case).into_iter().flat_map(|folder| {
        kinds.iter().map(move |kind| format!("{bucket}/AWSLogs/{folder}/{kind}/{region}/2026/01/01/file.json.gz"))
    });
    let writes = files.map(|file| request(case, trail, "s3:PutObject", file));
    std::iter::once(request(case, trail, "s3:GetBucketAcl", bucket.to_owned())).chain(writes).collect()
}

/// What it asks of the key with this ARN.
pub(super) fn of_key(case: &Case<'_>, trail: &str, key: &str) -> Vec<Request<'static>> {
    ["kms:GenerateDataKey", "kms:DescribeKey"].map(|action| request(case, trail, action, key.to_owned())).into()
}
