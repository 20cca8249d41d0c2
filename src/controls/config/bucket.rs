//! The bucket that AWS Config delivers into: whether it is there, and open to AWS Config.

use serde_json::{Value, json};

use super::case::Case;
use crate::controls::log_bucket::{LogBucket, control_towers, tls_alone};
use crate::controls::need::Need;
use crate::drift::Difference;
use crate::observe::config::{PRINCIPAL, Place};
use crate::observe::s3::Bucket;
use crate::ownership;
use crate::steps::refusal::Request;
use crate::target::{Object, Target};

/// Whose items a bucket takes.
enum Sender<'a> {
    /// Those of this account.
    Account(&'a str),
    /// Those of every account of this organization.
    Organization(&'a str),
}

/// The bucket as an object of the plan.
pub(super) fn object(case: &Case<'_>, place: &Place) -> Object {
    let account = place.keeper.clone().unwrap_or_else(|| case.context.at.account.clone());
    let at = Target { account, region: Some(place.region.clone()) };
    Object { at, kind: "s3.bucket".to_owned(), name: place.name.clone() }
}

/// What the bucket needs before this region can deliver into it; `requirement` is what it is needed for.
pub(super) fn needed(case: &Case<'_>, place: &Place, requirement: &'static str) -> Need {
    let Some(bucket) = &case.seen.bucket else { return Need::Nothing };
    let (object, name) = (object(case, place), &place.name);
    let difference =
        |observed: Value| Difference { requirement: requirement.to_owned(), observed, wanted: json!(name) };
    let stuck = |words: String| Need::stuck(object.clone(), false, difference(Value::Null), words);
    let settings = match bucket.as_result() {
        Err(error) => return Need::unread(object.clone(), requirement, json!(name), error),
        // Another account's, or another region's: what it lets in is not ours to know. AWS looks when it is told of it.
        Ok(Bucket::Closed | Bucket::Elsewhere(_)) => return Need::Nothing,
        Ok(Bucket::Absent) if ownership::is_control_towers(name) => return stuck(control_towers(name, "bucket")),
        Ok(Bucket::Absent) => None,
        Ok(Bucket::Own(settings)) => Some(settings),
    };
    let Some(sender) = sender(case, place) else {
        return stuck("the id of the organization is not known: allow organizations:DescribeOrganization".to_owned());
    };
    let wanted = wanted(case, place, &object, &sender);
    let Some(settings) = settings else {
        return Need::steps(object.clone(), true, difference(Value::Null), wanted.creation());
    };
    match wanted.lacking(settings) {
        Err(words) => stuck(words),
        Ok(steps) if steps.is_empty() => Need::Nothing,
        Ok(_) if ownership::control_tower(name, Some(&settings.signs())).is_some() => {
            stuck(control_towers(name, "bucket"))
        }
        Ok(steps) => {
            let observed = json!("it is not set up for AWS Config");
            Need::steps(object.clone(), false, difference(observed), steps).signed(&settings.signs())
        }
    }
}

/// None: the organization is not known.
fn sender<'a>(case: &'a Case<'_>, place: &Place) -> Option<Sender<'a>> {
    match &place.keeper {
        None => Some(Sender::Account(case.context.at.account.as_str())),
        Some(_) => case.context.organization.map(Sender::Organization),
    }
}

fn wanted<'a>(case: &'a Case<'_>, place: &'a Place, object: &'a Object, sender: &Sender<'_>) -> LogBucket<'a> {
    let bucket = format!("arn:{}:s3:::{}", case.context.partition, place.name);
    let prefix = case.prefix().map(|prefix| format!("{prefix}/")).unwrap_or_default();
    let statements = statements(&bucket, &prefix, sender);
    let requests = requests(case, &bucket, &prefix);
    LogBucket { object, region: &place.region, service: "AWS Config", statements, requests }
}

/// The bucket policy that AWS Config asks for where it works by its own role, by
/// [AWS's documentation](https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html), and TLS for
/// everybody.
fn statements(bucket: &str, prefix: &str, sender: &Sender<'_>) -> Vec<Value> {
    let (sid, folder, key, id) = match sender {
        Sender::Account(id) => ("AWSConfig", *id, "aws:SourceAccount", *id),
        // One statement for all, so that the policy does not grow with the organization.
        Sender::Organization(id) => ("AWSConfigOrganization", "*", "aws:SourceOrgID", *id),
    };
    let one = |what: &str, action: &str, resource: &str, acl: bool| {
        let mut condition = json!({ key: id });
        if acl {
            condition["s3:x-amz-acl"] = json!("bucket-owner-full-control");
        }
        json!({
            "Sid": format!("{sid}{what}"),
            "Effect": "Allow",
            "Principal": { "Service": PRINCIPAL },
            "Action": action,
            "Resource": resource,
            "Condition": { "StringEquals": condition },
        })
    };
    vec![
        one("BucketPermissionsCheck", "s3:GetBucketAcl", bucket, false),
        one("BucketExistenceCheck", "s3:ListBucket", bucket, false),
        one("BucketDelivery", "s3:PutObject", &format!("{bucket}/{prefix}AWSLogs/{folder}/Config/*"), true),
        tls_alone(bucket),
    ]
}

/// What AWS Config of this account asks of the bucket.
fn requests(case: &Case<'_>, bucket: &str, prefix: &str) -> Vec<Request<'static>> {
    let account = &case.context.at.account;
    let file = format!("{bucket}/{prefix}AWSLogs/{account}/Config/{}/2026/1/1/file.json.gz", case.region());
    let asked = [("s3:GetBucketAcl", bucket.to_owned()), ("s3:ListBucket", bucket.to_owned()), ("s3:PutObject", file)];
    let request = |(action, resource)| {
        let mut context =
            vec![("aws:sourceaccount", account.to_string()), ("s3:x-amz-acl", "bucket-owner-full-control".to_owned())];
        context.extend(case.context.organization.map(|id| ("aws:sourceorgid", id.to_owned())));
        Request { service: PRINCIPAL, action, resource, context }
    };
    asked.into_iter().map(request).collect()
}
