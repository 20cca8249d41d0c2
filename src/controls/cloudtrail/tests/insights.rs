//! Trails in which CloudTrail Insights is to look for something.

use serde_json::json;

use super::*;
use crate::observe::cloudtrail::{BasicSelector, Insights, Selectors};
use crate::steps::cloudtrail::PutInsightSelectors;

const PART: &str = "cloudtrail.trail.insights";

fn only() -> Settings {
    serde_json::from_value(json!({ "insights": true })).expect("settings")
}

/// Something is looked for, in these categories of events.
fn insights(all: &serde_json::Value) -> Readable<Insights> {
    Readable::Read(serde_json::from_value(all.clone()).expect("insights"))
}

/// The trail that is mended, with these.
fn looked_at(all: &serde_json::Value) -> Trail {
    let mut trail = trail("trueup");
    facts(&mut trail).insights = true;
    trail.insights = Some(insights(all));
    trail
}

/// Management events of these calls alone.
fn logging(read_write: &str) -> Readable<Selectors> {
    let (read_write, excluded, resources) = (read_write.to_owned(), vec![], vec![]);
    Readable::Read(Selectors::Basic(vec![BasicSelector { read_write, management: true, excluded, resources }]))
}

fn put(step: &Step) -> &PutInsightSelectors {
    let Step::PutInsightSelectors(put) = step else { panic!("other than insights: {step:?}") };
    put
}

#[test]
fn both_kinds_in_management_events_are_compliant_and_one_is_not() {
    let both = looked_at(&json!({"ApiCallRateInsight": ["Data", "Management"], "ApiErrorRateInsight": ["Management"]}));
    assert!(judged(&own(vec![both]), &only())[0].drift.is_none());
    for less in [
        json!({"ApiCallRateInsight": ["Management"]}),
        json!({"ApiCallRateInsight": ["Management"],
        "ApiErrorRateInsight": ["Data"]}),
    ] {
        let judged = judged(&own(vec![looked_at(&less)]), &only());
        assert_eq!(drifted(&judged[0]), ["insights"]);
        let [step] = steps(&judged[0]) else { panic!("one step") };
        assert!(put(step).insights.are_all());
        assert!(step.cost().is_some_and(|cost| cost.contains("USD 0.35 per 100,000")));
    }
}

#[test]
fn what_is_looked_for_in_data_events_stays() {
    let judged = judged(&own(vec![looked_at(&json!({"ApiCallRateInsight": ["Data"]}))]), &only());
    let sent = serde_json::to_value(&put(&steps(&judged[0])[0]).insights).expect("plain data");
    assert_eq!(sent, json!({"ApiCallRateInsight": ["Data", "Management"], "ApiErrorRateInsight": ["Management"]}));
}

#[test]
fn a_trail_that_logs_no_writes_is_left_to_a_person_unless_they_are_asked_for() {
    let mut reads = trail("trueup");
    reads.selectors = Some(logging("ReadOnly"));
    let judged_alone = judged(&own(vec![reads.clone()]), &only());
    assert!(manual(&judged_alone[0]).contains("ask for `management_events` as well"));
    let judged_both = judged(&own(vec![reads]), &wanted(&json!({ "insights": true })));
    assert_eq!(kinds(steps(&judged_both[0])), ["put_event_selectors", "put_insight_selectors"]);
}

#[test]
fn insights_of_a_trail_that_logs_no_writes_find_nothing_and_do_not_count() {
    let mut idle = looked_at(&json!({"ApiCallRateInsight": ["Management"], "ApiErrorRateInsight": ["Management"]}));
    idle.selectors = Some(logging("ReadOnly"));
    let judged = judged(&own(vec![idle]), &only());
    let finding = judged[0].findings.iter().find(|one| one.requirement == PART).expect("a verdict");
    assert_eq!(finding.reason.as_deref(), Some("it logs no write management events, at which Insights looks"));
    assert!(manual(&judged[0]).contains("ask for `management_events`"));
}

#[test]
fn what_could_not_be_read_is_unreadable_and_not_switched_on_again() {
    let mut unknown = looked_at(&json!({}));
    unknown.insights = Some(Readable::Unreadable(denied("cloudtrail:GetInsightSelectors", HERE)));
    let judged = judged(&own(vec![unknown]), &only());
    assert_eq!(unread(&judged).len(), 1);
    assert!(judged[0].drift.is_none());
}

#[test]
fn a_trail_that_is_made_is_looked_at_before_it_starts_and_is_known_by_it() {
    let judged = judged(&own(vec![]), &wanted(&json!({ "insights": true })));
    let [Step::CreateTrail(create), second, Step::StartLogging(_)] = steps(&judged[0]) else { panic!("three steps") };
    assert_eq!(create.insights, put(second).insights);
    assert!(create.insights.are_all() && create.selectors.is_none());
}

#[test]
fn what_is_exempt_is_not_looked_at() {
    let judged = judged_in(HERE, &own(vec![trail("trueup")]), &only(), &[accepted("insights")]);
    assert!(judged[0].drift.is_none());
}
