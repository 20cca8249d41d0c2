//! What CloudTrail asks of a bucket and of a key when it delivers, and what stands in the way of letting it.

use serde_json::Value;

use super::trail::Case;
use crate::observe::cloudtrail::{PRINCIPAL, Part, Whose};
use crate::steps::document::Document;
use crate::steps::refusal::Request;

/// The longest policy of a bucket, in bytes.
pub(super) const LONGEST_BUCKET_POLICY: usize = 20 * 1024;
/// The longest policy of a key, in bytes.
pub(super) const LONGEST_KEY_POLICY: usize = 32 * 1024;

/// Why something of Control Tower's is not made or changed; `setting` gives it another name.
pub(super) fn control_towers(name: &str, setting: &str) -> String {
    format!("{name} is Control Tower's: give another by the setting `{setting}`")
}

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

/// Why adding statements to the policy of a resource, which is named by `whose`, does not let CloudTrail in, in words
/// that say what to do.
pub(super) fn obstacle(
    policy: &Document,
    statements: &[Value],
    requests: &[Request<'_>],
    whose: &str,
    longest: usize,
) -> Option<String> {
    let refused = requests.iter().find_map(|request| policy.refuses(request).map(|statement| (statement, request)));
    if let Some((statement, Request { action, .. })) = refused {
        return Some(format!(
            "{statement} in the policy of {whose} denies CloudTrail {action}: leave CloudTrail out of it, such as by \
             a condition on aws:PrincipalIsAWSService"
        ));
    }
    if policy.covers(statements) {
        return None;
    }
    if let Some(id) = policy.names_deleted() {
        return Some(format!(
            "the policy of {whose} names {id}, which was deleted, and AWS takes no change of it before that is taken out"
        ));
    }
    let length = policy.clone().with(statements).to_string().len();
    (length > longest).then(|| {
        format!("the policy of {whose} would have {length} bytes, and AWS takes {longest}: take out what is not needed")
    })
}
