//! The bucket that gets the logs of requests to another.

use serde_json::{Value, json};

use super::case::Case;
use super::meta::PAGE;
use super::statements;
use crate::controls::log_bucket::{LONGEST_POLICY, control_towers, obstacle};
use crate::drift::{Difference, Drift, Fix, Judged};
use crate::observe::cloudtrail::{BucketPart, LogTarget};
use crate::observe::s3::{Bucket, BucketSettings, LoggedTo};
use crate::ownership::{self, MANAGED};
use crate::steps::Step;
use crate::steps::document::Document;
use crate::steps::s3::{CreateBucket, PutBucketPolicy, PutBucketTagging, PutPublicAccessBlock};
use crate::target::{Object, Target};

/// What has to change before a bucket gets logs.
pub(super) enum Logs {
    /// Nothing.
    Ready,
    /// This.
    Change(Box<Judged>),
    /// What no call mends; what a person does, in words.
    Stuck(String),
    /// It could not be read.
    Unread(Box<Judged>),
}

/// Where the logs of a bucket go in another.
pub(super) fn place(source: &str, target: &LogTarget) -> LoggedTo {
    LoggedTo { bucket: target.name.clone(), prefix: format!("{source}/") }
}

/// What the target needs to get the logs of the bucket under judgement.
pub(super) fn needed(case: &Case<'_>, target: &LogTarget) -> Logs {
    let (name, source) = (&target.name, &case.bucket.name);
    let region = &case.bucket.region;
    let at = Target { account: case.context.at.account.clone(), region: Some(region.clone()) };
    let object = Object { at, kind: "s3.bucket".to_owned(), name: name.clone() };
    let requirement = PAGE.requirement(BucketPart::AccessLogging.name()).id;
    if name == source {
        return Logs::Stuck(format!(
            "bucket {source} would log requests into itself, and log its own logs without end: name another by `log_to`"
        ));
    }
    let change = |absent: bool, observed: Value, steps: Vec<Step>| {
        let difference = Difference { requirement: requirement.to_owned(), observed, wanted: json!(name) };
        let fix = Fix::Steps { steps, needs: vec![] };
        Logs::Change(Box::new(Judged::needed(Drift::needed(object.clone(), absent, difference, fix))))
    };
    match target.is.as_result() {
        Err(error) => Logs::Unread(Box::new(Judged::unknown(object.clone(), requirement, json!(name), error))),
        Ok(Bucket::Closed) => Logs::Stuck(format!(
            "bucket {name} for logs of requests belongs to another account: give another name by `log_to`"
        )),
        Ok(Bucket::Elsewhere(other)) => Logs::Stuck(format!(
            "bucket {name} for logs of requests is in {other}, and {source} in {region}: give another name by `log_to`"
        )),
        Ok(_) if ownership::is_control_towers(name) => Logs::Stuck(control_towers(name, "log_to")),
        Ok(Bucket::Absent) => change(true, Value::Null, made(case, name, &object)),
        Ok(Bucket::Own(settings)) => match lets_in(case, name, settings, &object) {
            Err(words) => Logs::Stuck(words),
            Ok(steps) if steps.is_empty() => Logs::Ready,
            Ok(steps) => change(false, json!("its policy lets no logs of requests in"), steps),
        },
    }
}

fn arn(case: &Case<'_>, name: &str) -> String {
    format!("arn:{}:s3:::{name}", case.context.partition)
}

fn policy(case: &Case<'_>, name: &str, statements: Vec<Value>) -> Step {
    Step::PutBucketPolicy(PutBucketPolicy::with(name, &case.bucket.region, statements))
}

/// What lets S3 write the logs of the bucket under judgement.
fn statement(case: &Case<'_>, name: &str) -> Value {
    let files = format!("{}/{}/", arn(case, name), case.bucket.name);
    statements::logs(&files, &case.arn(), case.context.at.account.as_str())
}

/// What makes the bucket. It gets its tag at once, so that it is known again if the rest fails.
fn made(case: &Case<'_>, name: &str, object: &Object) -> Vec<Step> {
    let (bucket, region) = (name.to_owned(), case.bucket.region.clone());
    let mut steps = vec![Step::CreateBucket(CreateBucket { bucket, region }), tagging(case, name, object)];
    steps.extend([closing(case, name), policy(case, name, of_ours(case, name))]);
    steps
}

fn tagging(case: &Case<'_>, name: &str, object: &Object) -> Step {
    let (bucket, region) = (name.to_owned(), case.bucket.region.clone());
    Step::PutBucketTagging(PutBucketTagging { bucket, region, address: object.address() })
}

fn closing(case: &Case<'_>, name: &str) -> Step {
    let (bucket, region) = (name.to_owned(), case.bucket.region.clone());
    Step::PutPublicAccessBlock(PutPublicAccessBlock { bucket, region })
}

/// What the policy of a bucket of ours says.
fn of_ours(case: &Case<'_>, name: &str) -> Vec<Value> {
    vec![statement(case, name), statements::tls_only(&arn(case, name))]
}

/// What lets S3 into a bucket that is there; nothing: it is let in. What was made and left before it was done is gone on
/// with, as it was planned.
///
/// # Errors
/// No call does, in words that say what to do.
fn lets_in(case: &Case<'_>, name: &str, settings: &BucketSettings, object: &Object) -> Result<Vec<Step>, String> {
    let whose = format!("the bucket {name}");
    let found = Document::parse(settings.policy.as_deref())
        .map_err(|error| format!("the policy of {whose} makes no sense: {error}"))?;
    if found.covers(&[statement(case, name)]) {
        return Ok(vec![]);
    }
    let young = settings.tags.is_empty() && settings.policy.is_none();
    let ours = young || settings.tags.iter().any(|(key, _)| key == MANAGED);
    let wanted = if ours { of_ours(case, name) } else { vec![statement(case, name)] };
    if let Some(words) = obstacle(&found, "S3", &wanted, &[], &whose, LONGEST_POLICY) {
        return Err(words);
    }
    if let Some(statement) = found.opens().filter(|_| settings.blocks_public_access) {
        return Err(format!("{statement} in the policy of {whose} lets everybody in: take it out"));
    }
    let tagging = young.then(|| tagging(case, name, object));
    let closing = (ours && !settings.blocks_public_access).then(|| closing(case, name));
    Ok(tagging.into_iter().chain(closing).chain([policy(case, name, wanted)]).collect())
}
