//! Trails that are to log what is done with objects in S3.

use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::observe::cloudtrail::{BasicSelector, DataResource, Events, Selectors, Whole};
use crate::steps::Risk;
use crate::steps::cloudtrail::PutEventSelectors;

const OBJECTS: Whole<'_> = Whole { excluded: &[], partition: "aws", log_bucket: "logs" };

fn all_objects() -> serde_json::Value {
    json!({ "s3_data_events_write": true, "s3_data_events_read": true })
}

fn selector(read_write: &str, bucket: &str) -> BasicSelector {
    BasicSelector {
        read_write: read_write.to_owned(),
        management: true,
        excluded: vec![],
        resources: vec![DataResource { kind: "AWS::S3::Object".to_owned(), values: vec![bucket.to_owned()] }],
    }
}

/// The trail that is mended, with these selectors.
fn logging(selectors: Vec<BasicSelector>) -> Trail {
    let mut trail = trail("trueup");
    trail.selectors = Some(Readable::Read(Selectors::Basic(selectors)));
    trail
}

fn put(step: &Step) -> &PutEventSelectors {
    let Step::PutEventSelectors(put) = step else { panic!("other than selectors: {step:?}") };
    put
}

#[test]
fn a_trail_that_logs_all_objects_is_compliant() {
    let seen = own(vec![logging(vec![selector("All", "arn:aws:s3")])]);
    let judged = judged(&seen, &wanted(&all_objects()));
    assert_eq!((judged.len(), drifted(&judged[0]).len()), (1, 0));
    assert!(judged[0].drift.is_none());
}

#[test]
fn writes_and_reads_are_judged_each_for_itself() {
    let seen =
        own(vec![logging(vec![selector("WriteOnly", "arn:aws:s3:::"), selector("ReadOnly", "arn:aws:s3:::a/")])]);
    let judged = judged(&seen, &wanted(&all_objects()));
    assert_eq!(drifted(&judged[0]), ["s3_data_events_read"]);
    assert_eq!(differences(drift(&judged[0])), ["s3_data_events_read"]);
}

#[test]
fn all_that_a_trail_is_to_log_is_one_call_which_says_what_bills() {
    let writes = BasicSelector { resources: vec![], ..selector("WriteOnly", "") };
    let judged = judged(&own(vec![logging(vec![writes])]), &wanted(&all_objects()));
    assert_eq!(drifted(&judged[0]), ["management_events", "s3_data_events_write", "s3_data_events_read"]);
    let [step] = steps(&judged[0]) else { panic!("one step: {:?}", steps(&judged[0])) };
    let put = put(step);
    let every = [Events::Management, Events::S3Reads, Events::S3Writes];
    assert_eq!(put.adds, BTreeSet::from(every));
    assert!(every.iter().all(|events| put.selectors.log(*events, OBJECTS)), "{put:?}");
    let cost = step.cost().expect("it bills");
    assert!(cost.contains("USD 0.10 per 100,000") && cost.contains("every copy but the first"), "{cost}");
    assert_eq!(step.risk(), Risk::Safe);
    assert!(step.says().contains("all management events, all reads of S3 objects, all writes of S3 objects"));
}

#[test]
fn what_is_exempt_is_not_added() {
    let seen = own(vec![logging(vec![])]);
    let judged = judged_in(HERE, &seen, &wanted(&all_objects()), &[accepted("s3_data_events_read")]);
    let [step] = steps(&judged[0]) else { panic!("one step") };
    assert_eq!(put(step).adds, BTreeSet::from([Events::S3Writes]));
    assert!(!put(step).selectors.log(Events::S3Reads, OBJECTS));
    assert_eq!(step.cost(), Some("S3 data events bill USD 0.10 per 100,000, which can be very much"));
}

#[test]
fn a_trail_of_one_region_does_not_count_and_is_made_one_of_every_region() {
    let mut narrow = logging(vec![selector("All", "arn:aws:s3")]);
    facts(&mut narrow).multi_region = false;
    let only: Settings = serde_json::from_value(all_objects()).expect("settings");
    let judged = judged(&own(vec![narrow]), &only);
    assert_eq!(drifted(&judged[0]).len(), 2);
    assert!(judged[0].findings.iter().all(|one| one.reason.as_deref() == Some("it logs one region alone")));
    assert_eq!(kinds(steps(&judged[0])), ["update_trail"], "what it logs is enough");
}

#[test]
fn selectors_that_could_not_be_read_are_unreadable_and_none_of_its_own_log_no_objects() {
    let mut unknown = trail("trueup");
    unknown.selectors = Some(Readable::Unreadable(denied("cloudtrail:GetEventSelectors", HERE)));
    let only: Settings = serde_json::from_value(all_objects()).expect("settings");
    let judged_now = judged(&own(vec![unknown]), &only);
    assert_eq!(unread(&judged_now).len(), 2);
    assert_eq!(drifted(&judged(&own(vec![trail("trueup")]), &only)[0]).len(), 2);
}

#[test]
fn a_trail_that_is_made_is_told_what_to_log_before_it_starts_and_knows_it_when_it_goes() {
    let judged = judged(&own(vec![]), &wanted(&all_objects()));
    let [Step::CreateTrail(create), second, Step::StartLogging(_)] = steps(&judged[0]) else { panic!("three steps") };
    let put = put(second);
    assert_eq!(create.selectors.as_ref(), Some(&put.selectors));
    assert_eq!(put.adds, BTreeSet::from([Events::S3Reads, Events::S3Writes]), "a new trail logs management events");
    let own = serde_json::to_string(&put.selectors).expect("plain data");
    assert!(own.contains(&format!("arn:aws:s3:::{}/", create.bucket)), "its own bucket is left out: {own}");
}

#[test]
fn a_trail_that_was_made_and_told_nothing_goes_on() {
    let planned = judged(&own(vec![]), &wanted(&all_objects()));
    let mut made = trail("trueup");
    (made.status, made.signs) = (Some(status(false, None)), Some(our_signs()));
    made.selectors =
        Some(Readable::Read(Selectors::Basic(vec![BasicSelector { resources: vec![], ..selector("All", "") }])));
    let bucket = match &steps(&planned[0])[0] {
        Step::CreateTrail(create) => create.bucket.clone(),
        other => panic!("not a trail: {other:?}"),
    };
    facts(&mut made).bucket = bucket;
    let now = judged(&own(vec![made]), &wanted(&all_objects()));
    let Now::Run(left) = left(&planned, &now, "cloudtrail.trail") else { panic!("it goes on") };
    assert_eq!(kinds(&left), ["put_event_selectors", "start_logging"]);
}

#[test]
fn where_there_is_no_room_a_person_is_told_and_the_rest_is_mended() {
    let narrow = crate::observe::cloudtrail::FieldSelector {
        field: "eventName".to_owned(),
        equals: (0..499).map(|n| format!("Get{n}")).collect(),
        ..Default::default()
    };
    let full = crate::observe::cloudtrail::AdvancedSelector { name: None, fields: vec![narrow] };
    let mut poor = trail("trueup");
    poor.selectors = Some(Readable::Read(Selectors::Advanced(vec![full])));
    let judged = judged(&own(vec![poor]), &wanted(&all_objects()));
    let [step] = steps(&judged[0]) else { panic!("one step") };
    assert_eq!(put(step).adds, BTreeSet::from([Events::Management]));
    let words = serde_json::to_string(&drift(&judged[0]).left).expect("plain data");
    assert!(words.contains("no room for one more advanced event selector"), "{words}");
}

#[test]
fn members_see_no_selectors_of_the_organizations_trail_and_do_not_guess() {
    let mut theirs = trail("trueup");
    theirs.listed.arn = format!("arn:aws:cloudtrail:eu-west-1:{MANAGEMENT}:trail/trueup");
    facts(&mut theirs).organization = true;
    theirs.selectors = Some(Readable::Read(Selectors::Basic(vec![])));
    let seen = Coverage { organizations: vec![theirs], ..Coverage::default() };
    let judged = judged(&seen, &wanted(&json!({ "scope": "organization", "s3_data_events_write": true })));
    assert!(matches!(&drift(&judged[0]).fix, Fix::Through { object, .. } if object.at.account == id(MANAGEMENT)));
}

#[test]
fn a_service_that_may_be_left_out_stays_so_and_others_are_logged_again() {
    let but = |excluded: &[&str]| BasicSelector {
        excluded: excluded.iter().map(|&source| source.to_owned()).collect(),
        ..selector("All", "arn:aws:s3:::payroll/")
    };
    let allowed = wanted(&json!({ "excluded_sources": ["kms.amazonaws.com"] }));
    let seen = own(vec![logging(vec![but(&["kms.amazonaws.com"])])]);
    assert_eq!(judged(&seen, &allowed)[0].drift, None);
    assert_eq!(drifted(&judged(&seen, &wanted(&json!({})))[0]), ["management_events"], "none by default");

    let seen = own(vec![logging(vec![but(&["rdsdata.amazonaws.com", "kms.amazonaws.com"])])]);
    let judged = judged(&seen, &allowed);
    assert_eq!(drifted(&judged[0]), ["management_events"]);
    let [step] = steps(&judged[0]) else { panic!("one step: {:?}", steps(&judged[0])) };
    assert_eq!(put(step).selectors, Selectors::Basic(vec![but(&["kms.amazonaws.com"])]));
    assert!(step.says().contains("all management events but those of kms.amazonaws.com beside"), "{}", step.says());
}
