//! What passes: it is waited for, sent again, or looked at again, and then everything is as in a calm run.

use super::*;

fn share(percent: u8, effect: Effect) -> Injection {
    Injection { percent: Some(percent), seed: 11, ..Injection::new(effect) }
}

fn late(percent: u8, effect: Effect) -> Injection {
    Injection { moment: When::After, ..share(percent, effect) }
}

fn refusal(code: &str, status: u16) -> Effect {
    Effect::Error { code: code.to_owned(), status, message: format!("the simulator says {code}") }
}

#[test]
fn a_fifth_of_all_calls_throttled_on_every_service_changes_nothing() {
    let codes = [
        ("account", "TooManyRequestsException", 429),
        ("cloudtrail", "ThrottlingException", 400),
        ("guardduty", "TooManyRequestsException", 429),
        ("iam", "Throttling", 400),
        ("kms", "ThrottlingException", 400),
        ("organizations", "TooManyRequestsException", 400),
        ("s3", "SlowDown", 503),
        ("sts", "Throttling", 400),
    ];
    let faults = codes.map(|(service, code, status)| Injection {
        service: Some(service.to_owned()),
        ..share(20, refusal(code, status))
    });
    let ran = ends_alike(&faults);
    let struck = ran.calls.iter().filter(|call| !call.carried_out).count() as u64;
    assert!(struck * 10 > ran.calls.len() as u64, "{struck} of {}", ran.calls.len());
    assert_eq!(sum(&ran, |tally| tally.throttles), struck, "each is counted");
    assert!(sum(&ran, |tally| tally.retries) >= struck, "and what was sent again");
    assert_eq!(sum(&ran, |tally| tally.calls), ran.calls.len() as u64);
}

#[test]
fn server_errors_before_and_after_the_effect_change_nothing() {
    ends_alike(&[share(5, refusal("InternalFailure", 500))]);
    ends_alike(&[late(5, refusal("ServiceUnavailable", 503))]);
    ends_alike(&[share(5, Effect::Empty { status: 500 }), late(5, Effect::Empty { status: 502 })]);
}

#[test]
fn connections_that_break_before_and_after_the_effect_change_nothing() {
    ends_alike(&[share(2, Effect::Reset), late(2, Effect::Reset)]);
}

#[test]
fn an_endpoint_that_hangs_now_and_then_changes_nothing() {
    let faults = [share(1, Effect::Hang), late(1, Effect::Hang)];
    let ran = ends_alike(&faults);
    assert!(sum(&ran, |tally| tally.retries) > 0, "something did hang");
}

#[test]
fn slow_answers_change_nothing() {
    ends_alike(&[share(10, Effect::Latency { milliseconds: 40 })]);
}

#[test]
fn half_bodies_change_nothing() {
    let ran = ends_alike(&[late(5, Effect::Truncated)]);
    assert!(sum(&ran, |tally| tally.retries) > 0);
}

#[test]
fn pages_of_a_proxy_change_nothing() {
    ends_alike(&[share(5, Effect::Html { status: 503 }), late(3, Effect::Html { status: 502 })]);
    ends_alike(&[Injection { only: Only::Reads, ..share(5, Effect::Html { status: 200 }) }]);
}

#[test]
fn sessions_that_end_early_are_followed_by_others() {
    let ran = ends_alike(&[share(5, Effect::Expiry)]);
    let run_out = ran.calls.iter().filter(|call| call.code.as_deref().is_some_and(aws::is_run_out)).count();
    assert!(run_out > 5, "{run_out}");
}

#[test]
fn what_is_made_is_not_made_again_while_it_is_not_seen_yet() {
    let creates = ["CreateKey", "CreateAlias", "CreateBucket", "CreateTrail", "CreateDetector"];
    for calls in [1, 3] {
        let faults = creates.map(|operation| Injection {
            operation: Some(operation.to_owned()),
            ..Injection::new(Effect::Lag { calls })
        });
        let ran = ends_alike(&faults);
        assert!(made(&ran).values().all(|times| *times == 1), "{:?}", made(&ran));
    }
}

#[test]
fn every_write_that_is_seen_late_is_waited_for() {
    ends_alike(&[Injection { only: Only::Writes, ..Injection::new(Effect::Lag { calls: 2 }) }]);
}

#[test]
fn answers_of_writes_that_are_lost_change_nothing() {
    for effect in [Effect::Reset, Effect::Truncated, Effect::Html { status: 502 }, refusal("InternalFailure", 500)] {
        let ran = ends_alike(&[Injection { only: Only::Writes, ..late(30, effect) }]);
        assert!(ran.calls.iter().any(|call| call.write && call.carried_out));
    }
}

#[test]
fn everything_at_once_changes_nothing() {
    ends_alike(&[
        share(10, refusal("ThrottlingException", 400)),
        Injection { seed: 12, ..late(2, refusal("InternalFailure", 500)) },
        Injection { seed: 13, ..share(2, Effect::Reset) },
        Injection { seed: 14, ..late(2, Effect::Truncated) },
        Injection { seed: 15, ..share(2, Effect::Expiry) },
        Injection { seed: 16, ..share(10, Effect::Latency { milliseconds: 5 }) },
    ]);
}
