//! The bucket for a trail that is made: whether it is there, ours, closed to others and open to CloudTrail.

use serde_json::{Value, json};

use super::delivery::{self, LONGEST_BUCKET_POLICY};
use super::key::Need;
use super::trail::{Case, requirement};
use crate::drift::Difference;
use crate::observe::Readable;
use crate::observe::cloudtrail::{PRINCIPAL, Part};
use crate::observe::s3::{Bucket, BucketSettings};
use crate::ownership::{self, MANAGED, Signs};
use crate::steps::Step;
use crate::steps::document::Document;
use crate::steps::s3::{
    CreateBucket, PutBucketEncryption, PutBucketPolicy, PutBucketTagging, PutBucketVersioning, PutPublicAccessBlock,
};
use crate::target::{Object, Target};

/// What the trail with this ARN needs of the bucket that the baseline names.
pub(super) fn needed(case: &Case<'_>, trail: &str, because: &[Part]) -> Need {
    let name = &case.asked.bucket;
    let Some(bucket) = &case.seen.making.bucket else { return Need::Nothing };
    let region = case.context.home_region;
    let at = Target { account: case.keeper().clone(), region: Some(region.clone()) };
    let object = Object { at, kind: "s3.bucket".to_owned(), name: name.clone() };
    // Without files that arrive no trail logs; where logging is not asked for, the bucket serves what is.
    let logging = because.contains(&Part::Logging);
    let requirement = requirement(because.first().copied().filter(|_| !logging).unwrap_or(Part::Logging));
    let difference =
        |observed: Value| Difference { requirement: requirement.to_owned(), observed, wanted: json!(name) };
    let stuck = |words: String| Need::stuck(object.clone(), false, difference(Value::Null), words);
    match bucket.as_result() {
        Err(error) => Need::unread(object.clone(), requirement, json!(name), error),
        Ok(Bucket::Closed) => stuck(format!(
            "the bucket {name} belongs to another account: give another name by the setting `bucket`, or make a trail \
             that delivers into it by hand, which is then judged as any other"
        )),
        Ok(Bucket::Elsewhere(other)) => stuck(format!(
            "the bucket {name} is in {other}, and the trail and its key are in {region}: \
             give another name by the setting `bucket`"
        )),
        Ok(Bucket::Absent) if ownership::is_control_towers(name) => stuck(delivery::control_towers(name, "bucket")),
        Ok(Bucket::Absent) => {
            let steps = steps(case, statements(case, trail), None, &object);
            Need::steps(object.clone(), true, difference(Value::Null), steps)
        }
        Ok(Bucket::Own(settings)) => match lacking(case, trail, settings, &object) {
            Err(words) => stuck(words),
            Ok(steps) if steps.is_empty() => Need::Nothing,
            Ok(_) if ownership::control_tower(name, Some(&signs(settings))).is_some() => {
                stuck(delivery::control_towers(name, "bucket"))
            }
            Ok(steps) => {
                let observed = json!("it is not set up for the logs of this trail");
                Need::steps(object.clone(), false, difference(observed), steps).signed(&signs(settings))
            }
        },
    }
}

fn signs(settings: &BucketSettings) -> Signs {
    Signs::of(settings.tags.iter().map(|(key, value)| (key.as_str(), value.as_str())))
}

/// What a bucket of the account's own lacks for the trail with this ARN.
///
/// # Errors
/// No call makes it fit, in words that say what to do.
fn lacking(case: &Case<'_>, trail: &str, there: &BucketSettings, object: &Object) -> Result<Vec<Step>, String> {
    let whose = format!("the bucket {}", case.asked.bucket);
    let policy = Document::parse(there.policy.as_deref())
        .map_err(|error| format!("the policy of {whose} makes no sense: {error}"))?;
    let (statements, requests) = (statements(case, trail), delivery::of_bucket(case, trail, &arn(case)));
    if let Some(words) = delivery::obstacle(&policy, &statements, &requests, &whose, LONGEST_BUCKET_POLICY) {
        return Err(words);
    }
    // A bucket that blocks public access takes no policy that lets everybody in, whatever else it says.
    if let Some(statement) = policy.opens().filter(|_| !policy.covers(&statements)) {
        return Err(format!("{statement} in the policy of {whose} lets everybody in: take it out"));
    }
    Ok(steps(case, statements, Some(there), object))
}

/// What the bucket lacks. A bucket that is made gets its tag at once, so that it is known again if the rest fails.
fn steps(case: &Case<'_>, statements: Vec<Value>, there: Option<&BucketSettings>, object: &Object) -> Vec<Step> {
    let bucket = || case.asked.bucket.clone();
    let region = || case.context.home_region.clone();
    let lacks = |has: fn(&BucketSettings) -> bool| !there.is_some_and(has);
    let mut steps = vec![];
    if lacks(|there| there.blocks_public_access) {
        steps.push(Step::PutPublicAccessBlock(PutPublicAccessBlock { bucket: bucket(), region: region() }));
    }
    if lacks(|there| there.encrypts) {
        steps.push(Step::PutBucketEncryption(PutBucketEncryption { bucket: bucket(), region: region() }));
    }
    // What could not be read is not known to be missing.
    if lacks(|there| there.keeps_versions != Readable::Read(false)) {
        steps.push(Step::PutBucketVersioning(PutBucketVersioning { bucket: bucket(), region: region() }));
    }
    let policy = there.and_then(|there| there.policy.as_deref());
    if !Document::parse(policy).is_ok_and(|document| document.covers(&statements)) {
        steps.push(Step::PutBucketPolicy(PutBucketPolicy { bucket: bucket(), region: region(), statements }));
    }
    if !steps.is_empty() && lacks(|there| there.tags.iter().any(|(key, _)| key == MANAGED)) {
        let tagging = PutBucketTagging { bucket: bucket(), region: region(), address: object.address() };
        steps.insert(0, Step::PutBucketTagging(tagging));
    }
    if there.is_none() {
        steps.insert(0, Step::CreateBucket(CreateBucket { bucket: bucket(), region: region() }));
    }
    steps
}

fn arn(case: &Case<'_>) -> String {
    format!("arn:{}:s3:::{}", case.context.partition, case.asked.bucket)
}

/// The bucket policy that CloudTrail asks for, by
/// [AWS's documentation](https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html),
/// for this trail alone, and TLS for everybody.
fn statements(case: &Case<'_>, trail: &str) -> Vec<Value> {
    let bucket = arn(case);
    let write = |owner: &str| {
        let own = owner == case.owner().as_str();
        json!({
            "Sid": if own { "AWSCloudTrailWrite" } else { "AWSCloudTrailOrganizationWrite" },
            "Effect": "Allow",
            "Principal": { "Service": PRINCIPAL },
            "Action": "s3:PutObject",
            "Resource": format!("{bucket}/AWSLogs/{owner}/*"),
            "Condition": {
                "StringEquals": { "s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": trail },
            },
        })
    };
    let mut statements = vec![json!({
        "Sid": "AWSCloudTrailAclCheck",
        "Effect": "Allow",
        "Principal": { "Service": PRINCIPAL },
        "Action": "s3:GetBucketAcl",
        "Resource": bucket,
        "Condition": { "StringEquals": { "aws:SourceArn": trail } },
    })];
    statements.extend(delivery::folders(case).into_iter().map(write));
    statements.push(json!({
        "Sid": "DenyInsecureTransport",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket, format!("{bucket}/*")],
        "Condition": { "Bool": { "aws:SecureTransport": "false" } },
    }));
    statements
}
