//! The bucket for a trail that is made: whether it is there, ours, closed to others and open to CloudTrail.

use serde_json::{Value, json};

use super::statements;
use crate::controls::cloudtrail::delivery;
use crate::controls::cloudtrail::trail::{Case, requirement};
use crate::controls::log_bucket::{LogBucket, control_towers};
use crate::controls::need::Need;
use crate::drift::Difference;
use crate::observe::cloudtrail::Part;
use crate::observe::s3::Bucket;
use crate::ownership;
use crate::target::{Object, Target};

/// What the trail with this ARN needs of the bucket that the baseline names.
pub(in crate::controls::cloudtrail) fn needed(case: &Case<'_>, trail: &str, because: &[Part]) -> Need {
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
        Ok(Bucket::Absent) if ownership::is_control_towers(name) => stuck(control_towers(name, "bucket")),
        Ok(Bucket::Absent) => {
            Need::steps(object.clone(), true, difference(Value::Null), wanted(case, trail, &object).creation())
        }
        Ok(Bucket::Own(settings)) => match wanted(case, trail, &object).lacking(settings) {
            Err(words) => stuck(words),
            Ok(steps) if steps.is_empty() => Need::Nothing,
            Ok(_) if ownership::control_tower(name, Some(&settings.signs())).is_some() => {
                stuck(control_towers(name, "bucket"))
            }
            Ok(steps) => {
                let observed = json!("it is not set up for the logs of this trail");
                Need::steps(object.clone(), false, difference(observed), steps).signed(&settings.signs())
            }
        },
    }
}

/// What the bucket has to be for the trail with this ARN.
fn wanted<'a>(case: &'a Case<'_>, trail: &str, object: &'a Object) -> LogBucket<'a> {
    let (statements, requests) = (statements(case, trail), delivery::of_bucket(case, trail, &arn(case)));
    LogBucket { object, region: case.context.home_region, service: "CloudTrail", statements, requests }
}

fn arn(case: &Case<'_>) -> String {
    format!("arn:{}:s3:::{}", case.context.partition, case.asked.bucket)
}

/// What lets this trail alone in, and TLS for everybody.
fn statements(case: &Case<'_>, trail: &str) -> Vec<Value> {
    let bucket = arn(case);
    let files = format!("{bucket}/AWSLogs/");
    let mut all = vec![statements::looks(&bucket, trail)];
    let own = |folder: &&str| *folder == case.owner().as_str();
    all.extend(delivery::folders(case).iter().map(|folder| statements::writes(&files, folder, own(folder), trail)));
    all.push(statements::tls_only(&bucket));
    all
}
