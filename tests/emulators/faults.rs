//! Whole runs over HTTP with microburst in front of moto, or a proxy that answers in its place: what can pass changes
//! neither verdicts nor what there is afterwards.
//!
//! microburst wrote the errors; that they are those of AWS in each protocol is its own claim, not ours.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::enforcement::all_verified;
use crate::server::Server;
use crate::stand::{Stand, list};

/// Something of each control has drifted somewhere.
fn drifted() -> Stand {
    Stand::cast(&json!([
        { "name": "weak", "password": "minimum_length", "keys": "still" },
        { "name": "bare", "trail": "absent", "detector": "absent" },
        { "name": "quiet" },
    ]))
}

/// The same without ids, which moto draws anew each time, and without times.
fn settled(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(name, _)| !name.contains("date") && !name.contains("created"));
            let mut kept: Vec<(String, Value)> = kept.map(|(name, value)| (named(name), settled(value))).collect();
            kept.sort_by_key(|(name, value)| (name.clone(), value.to_string()));
            Value::Array(kept.into_iter().map(|(name, value)| json!([name, value])).collect())
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(settled).collect();
            items.sort_by_key(Value::to_string);
            Value::Array(items)
        }
        Value::String(text) => Value::String(named(text)),
        other => other.clone(),
    }
}

/// Account ids, UUIDs, the ids of detectors and that of the organization are drawn.
fn named(text: &str) -> String {
    if text.starts_with("o-") {
        return "DRAWN".to_owned();
    }
    let drawn = |word: &str| match word.len() {
        12 => word.chars().all(|c| c.is_ascii_digit()),
        32 => word.chars().all(|c| c.is_ascii_hexdigit()),
        _ => false,
    };
    let uuid = |word: &str| word.len() == 36 && drawn(&word.replace('-', ""));
    let words = |text: &str, apart: fn(char) -> bool, drawn: &dyn Fn(&str) -> bool| -> String {
        let parts = text.split_inclusive(apart).map(|part| {
            let (word, end) = part.split_at(part.find(apart).unwrap_or(part.len()));
            format!("{}{end}", if drawn(word) { "DRAWN" } else { word })
        });
        parts.collect()
    };
    let without_uuids = words(text, |c| !c.is_ascii_alphanumeric() && c != '-', &uuid);
    words(&without_uuids, |c| !c.is_ascii_alphanumeric(), &drawn)
}

fn verdicts(plan: &Value) -> Value {
    settled(&plan["verdicts"])
}

/// What a plan said and what there was after its apply, when nothing was in the way.
static CALM: LazyLock<(Value, Value)> = LazyLock::new(|| {
    let stand = drifted();
    let plan = stand.plan(&[]).json(2);
    all_verified(&stand.apply(), &plan);
    (verdicts(&plan), settled(&stand.world()))
});

/// The same again, once it is known how it ends: there is one moto, which a stand holds for itself.
fn drifted_again() -> Stand {
    LazyLock::force(&CALM);
    drifted()
}

/// How many calls were sent again, as `-v` says.
fn sent_again(said: &str) -> u64 {
    let counted = |line: &str| {
        let line = line.strip_suffix(" retries").or_else(|| line.strip_suffix(" retry"))?;
        line.rsplit(' ').next()?.parse::<u64>().ok()
    };
    said.lines().filter_map(counted).sum()
}

/// A plan and an apply through these faults end as without them; so many calls of the plan were sent again at least.
#[track_caller]
fn ends_alike(rules: &[Value], least: u64) {
    let stand = drifted_again();
    let faults = Server::with_faults(stand.moto.endpoint(), &json!(rules));
    ends_alike_through(&stand, faults.endpoint(), least);
}

#[track_caller]
fn ends_alike_through(stand: &Stand, endpoint: &str, least: u64) {
    let (calm_verdicts, calm_world) = &*CALM;
    let plan = stand.plan_through(endpoint, &["-v"]);
    let planned = plan.json(2);
    assert_eq!(verdicts(&planned), *calm_verdicts);
    assert!(sent_again(&plan.stderr) >= least, "{}", plan.stderr);
    all_verified(&stand.apply_through(endpoint), &planned);
    stand.moto.with_pages(0);
    assert_eq!(settled(&stand.world()), *calm_world);
    let again = stand.plan(&[]).json(0);
    assert!(list(&again, "changes").is_empty());
}

/// A rule that strikes by chance.
fn chance(probability: f64, mut rule: Value) -> Value {
    rule["probability"] = probability.into();
    rule
}

fn refusal(service: &str, code: &str, status: u16) -> Value {
    json!({ "service": service, "error": { "code": code, "status": status } })
}

#[test]
fn a_fifth_of_all_calls_throttled_on_every_service_changes_nothing() {
    let rules = [
        refusal("cloudtrail", "ThrottlingException", 400),
        refusal("guardduty", "TooManyRequestsException", 429),
        refusal("iam", "Throttling", 400),
        refusal("kms", "ThrottlingException", 400),
        refusal("organizations", "TooManyRequestsException", 400),
        refusal("s3", "SlowDown", 503),
        refusal("sts", "Throttling", 400),
    ];
    ends_alike(&rules.map(|rule| chance(0.2, rule)), 3);
}

#[test]
fn server_errors_and_connections_that_break_change_nothing() {
    // Whether a key was made is not known before five minutes have passed, for which an apply waits.
    let spared = json!({ "service": "kms", "operation": "CreateKey", "latency": { "min": 1, "max": 1 } });
    let mut rules = vec![spared];
    let breakdowns = [
        refusal("cloudtrail", "InternalFailure", 500),
        refusal("guardduty", "InternalServerErrorException", 500),
        refusal("iam", "ServiceFailure", 500),
        refusal("kms", "KMSInternalException", 500),
        refusal("organizations", "ServiceException", 500),
        refusal("s3", "InternalError", 500),
        refusal("sts", "InternalFailure", 500),
    ];
    // One write for certain: its own code says nothing that the status does not say.
    let mut write = refusal("kms", "DependencyTimeoutException", 503);
    (write["operation"], write["times"]) = ("EnableKeyRotation".into(), 1.into());
    rules.push(write);
    rules.extend(breakdowns.map(|rule| chance(0.05, rule)));
    rules.push(chance(0.02, json!({ "reset": true })));
    // One for certain, so that the test is never of a calm run.
    rules.push(json!({ "service": "sts", "operation": "AssumeRole", "times": 1, "reset": true }));
    ends_alike(&rules, 1);
}

#[test]
fn slow_answers_half_bodies_and_lost_answers_change_nothing() {
    ends_alike(
        &[
            chance(0.05, json!({ "response": { "truncate_frac": 0.5 } })),
            chance(0.05, json!({ "response": { "abort_frac": 0.5 } })),
            chance(0.1, json!({ "latency": { "min": 100, "max": 300 } })),
            json!({ "service": "kms", "operation": "ListKeys", "times": 1, "response": { "truncate_frac": 0.5 } }),
        ],
        1,
    );
}

#[test]
fn an_endpoint_that_hangs_is_given_up_and_asked_again() {
    // Longer than an attempt may take, so that it is trueup that ends it.
    let hanging = |service: &str, operation: &str| json!({ "service": service, "operation": operation, "times": 1, "timeout_ms": 30_000 });
    ends_alike(&[hanging("cloudtrail", "DescribeTrails"), hanging("iam", "GetAccountPasswordPolicy")], 2);
}

#[test]
fn pages_of_a_proxy_before_and_after_a_call_is_heard_change_nothing() {
    let stand = drifted_again();
    stand.moto.with_pages(7);
    let endpoint = stand.moto.endpoint().to_owned();
    ends_alike_through(&stand, &endpoint, 3);
}

#[test]
fn a_region_that_is_closed_is_left_out_and_all_else_is_as_it_was() {
    let stand = drifted_again();
    let closed = |service: &str, status: u16| {
        json!({ "service": service, "region": "us-east-1",
        "error": { "code": "UnrecognizedClientException", "status": status } })
    };
    let rules = [closed("kms", 400), closed("guardduty", 403), closed("cloudtrail", 400)];
    let faults = Server::with_faults(stand.moto.endpoint(), &json!(rules));
    let planned = stand.plan_through(faults.endpoint(), &[]).json(2);
    let (closed, open): (Vec<&Value>, Vec<&Value>) =
        list(&planned, "verdicts").iter().partition(|row| row["region"] == "us-east-1");
    assert!(!closed.is_empty());
    for row in closed {
        assert_eq!(row["verdict"], "not_applicable", "{row:#}");
        assert!(row["reason"].to_string().contains("us-east-1 is not enabled in this account"), "{row:#}");
    }
    let calm = CALM.0.as_array().expect("rows").iter();
    let calm: Vec<&Value> = calm.filter(|row| !row.to_string().contains(r#"["region","us-east-1"]"#)).collect();
    assert_eq!(settled(&json!(open)), json!(calm));
}

#[test]
fn sessions_that_run_out_in_the_middle_are_renewed() {
    // Those of roles bear a token. What the caller was started with cannot be renewed.
    let rule = |service: &str, operation: &str, code: &str, status: u16| {
        json!({ "service": service, "operation": operation, "headers": { "x-amz-security-token": "" }, "times": 1,
            "error": { "code": code, "status": status } })
    };
    ends_alike(
        &[
            rule("kms", "ListKeys", "ExpiredTokenException", 400),
            rule("iam", "GetAccountPasswordPolicy", "ExpiredToken", 403),
            rule("guardduty", "CreateDetector", "ExpiredTokenException", 403),
            rule("s3", "PutBucketPolicy", "ExpiredToken", 400),
        ],
        1,
    );
}

#[test]
fn what_was_made_and_is_not_known_everywhere_yet_is_waited_for() {
    let rule = |service: &str, operation: &str, code: &str, status: u16| json!({ "service": service, "operation": operation, "times": 2, "error": { "code": code, "status": status } });
    ends_alike(
        &[
            rule("s3", "PutBucketPolicy", "NoSuchBucket", 404),
            rule("kms", "CreateAlias", "NotFoundException", 400),
            rule("cloudtrail", "CreateTrail", "InsufficientS3BucketPolicyException", 400),
            rule("cloudtrail", "StartLogging", "TrailNotFoundException", 400),
        ],
        0,
    );
}
