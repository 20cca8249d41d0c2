//! Which verdicts an account gets.

use serde_json::json;

use super::*;
use crate::observe::cloudtrail::{BasicSelector, Selectors};

fn no_events() -> Selectors {
    let (excluded, resources) = (vec![], vec![]);
    Selectors::Basic(vec![BasicSelector { read_write: "WriteOnly".to_owned(), management: true, excluded, resources }])
}

#[test]
fn a_trail_that_meets_everything_is_compliant() {
    let judged = judged(&own(vec![trail("anything")]), &wanted(&json!({})));
    assert_eq!(named(&judged[0], |verdict| *verdict == Verdict::Compliant).len(), 5);
    assert!(judged.len() == 1 && judged[0].drift.is_none());
}

#[test]
fn what_is_not_asked_has_no_verdict() {
    let settings = serde_json::from_value(json!({ "logging": true })).expect("settings");
    let mut poor = without_validation("anything");
    facts(&mut poor).kms_key = None;
    let judged = judged(&own(vec![poor]), &settings);
    assert_eq!(judged[0].findings.len(), 1);
    assert!(judged[0].drift.is_none());
}

type Break = fn(&mut Trail);

#[test]
fn each_requirement_drifts_alone_and_is_mended_alone() {
    let broken: [(&str, Break, &str); 5] = [
        ("multi_region", |trail| facts(trail).multi_region = false, "update_trail"),
        ("logging", |trail| trail.status = Some(status(false, None)), "start_logging"),
        ("management_events", |trail| trail.selectors = Some(Readable::Read(no_events())), "put_event_selectors"),
        ("log_file_validation", |trail| facts(trail).validation = false, "update_trail"),
        ("kms", |trail| facts(trail).kms_key = None, "update_trail"),
    ];
    for (requirement, spoil, step) in broken {
        let mut poor = trail("trueup");
        spoil(&mut poor);
        let mut seen = own(vec![poor]);
        seen.making.key = Some(Readable::Read(Some(key())));
        let judged = judged(&seen, &wanted(&json!({})));
        assert_eq!(drifted(&judged[0]), [requirement]);
        assert_eq!(differences(drift(&judged[0])), [requirement]);
        assert_eq!(kinds(steps(&judged[0])), [step]);
        assert_eq!(judged.len(), 1, "{requirement} needs nothing else");
    }
}

#[test]
fn two_trails_that_only_together_meet_everything_are_drift() {
    let mut other = trail("b");
    facts(&mut other).multi_region = false;
    let judged = judged(&own(vec![without_validation("a"), other]), &wanted(&json!({})));
    assert_eq!(judged[0].object.name, "a");
    assert_eq!(drifted(&judged[0]), ["log_file_validation"]);
}

#[test]
fn between_trails_that_meet_as_much_the_named_one_counts() {
    let names = |names: [&str; 2]| names.map(without_validation).to_vec();
    let judged = judged(&own(names(["alpha", "trueup"])), &wanted(&json!({})));
    assert_eq!(judged[0].object.name, "trueup");
}

#[test]
fn a_trail_whose_files_do_not_arrive_is_not_logging() {
    let mut poor = trail("trueup");
    poor.status = Some(status(true, Some("NoSuchBucket")));
    let judged = judged(&own(vec![poor]), &wanted(&json!({})));
    assert_eq!(drifted(&judged[0]), ["logging"]);
    assert!(manual(&judged[0]).contains("bucket logs: NoSuchBucket"), "{}", manual(&judged[0]));
}

#[test]
fn another_key_or_a_disabled_one_is_drift() {
    let mut other = trail("trueup");
    facts(&mut other).kms_key = Some(OTHER_KEY.to_owned());
    let mut disabled = trail("trueup");
    disabled.wanted_key =
        Some(Readable::Read(Some(KeyState { enabled: false, state: "Disabled".to_owned(), ..key() })));
    for poor in [other, disabled.clone()] {
        assert_eq!(drifted(&judged(&own(vec![poor]), &wanted(&json!({})))[0]), ["kms"]);
    }
    let judged = judged(&own(vec![disabled]), &wanted(&json!({})));
    assert!(manual(&judged[0]).contains("enable it"), "{}", manual(&judged[0]));
}

#[test]
fn an_alias_that_does_not_exist_yet_names_another_key_than_any() {
    let mut poor = trail("trueup");
    poor.wanted_key = Some(Readable::Read(None));
    let judged = judged(&own(vec![poor]), &wanted(&json!({})));
    assert_eq!(drifted(&judged[0]), ["kms"]);
    assert_eq!(judged[1].object.kind, "kms.key");
}

#[test]
fn a_key_that_is_echoed_by_its_alias_is_the_same_key() {
    let mut echoed = trail("trueup");
    facts(&mut echoed).kms_key = Some("alias/trueup-trail".to_owned());
    assert!(judged(&own(vec![echoed]), &wanted(&json!({})))[0].drift.is_none());
}

#[test]
fn what_could_not_be_read_is_unreadable_and_never_drift() {
    let mut unread = trail("trueup");
    unread.status = Some(Readable::Unreadable(denied("cloudtrail:GetTrailStatus", HERE)));
    let poor = without_validation("poor");
    let judged = judged(&own(vec![poor, unread]), &wanted(&json!({})));
    assert_eq!(judged[0].object.name, "trueup");
    assert_eq!(named(&judged[0], |verdict| matches!(verdict, Verdict::Unreadable(_))), ["logging"]);
    assert!(judged[0].drift.is_none());
}

#[test]
fn a_trail_whose_region_does_not_answer_is_unreadable_as_a_whole() {
    let mut unread = trail("trueup");
    unread.listed.facts = Err(denied("cloudtrail:DescribeTrails", HERE));
    let judged = judged(&own(vec![unread]), &wanted(&json!({})));
    assert_eq!(named(&judged[0], |verdict| matches!(verdict, Verdict::Unreadable(_))).len(), 5);
    assert!(judged[0].drift.is_none());
}

#[test]
fn what_is_exempt_is_not_mended_beside_what_drifted() {
    let mut poor = without_validation("trueup");
    facts(&mut poor).kms_key = None;
    let seen = own(vec![poor]);
    let judged = judged_in(HERE, &seen, &wanted(&json!({})), &[accepted("kms")]);
    assert_eq!(named(&judged[0], |verdict| matches!(verdict, Verdict::Exempt(_))), ["kms"]);
    assert_eq!(drifted(&judged[0]), ["log_file_validation"]);
    let [Step::UpdateTrail(update)] = steps(&judged[0]) else { panic!("one update") };
    assert!(update.kms_key.is_none() && update.log_file_validation);
    assert_eq!(judged.len(), 1, "no key is made for what is exempt");
}

#[test]
fn a_trail_that_only_lacks_what_is_exempt_goes_before_one_that_drifts() {
    let mut plain = trail("plain");
    facts(&mut plain).kms_key = None;
    let seen = own(vec![plain, without_validation("trueup")]);
    let judged = judged_in(HERE, &seen, &wanted(&json!({})), &[accepted("kms")]);
    assert_eq!(judged[0].object.name, "plain");
    assert!(judged[0].drift.is_none());
}

#[test]
fn a_requirement_cannot_be_switched_off_by_false() {
    assert!(serde_json::from_value::<Settings>(json!({ "logging": false })).is_err());
    assert!(serde_json::from_value::<Settings>(json!({ "kms": false })).is_err());
}

/// `kms: true` without a key that is named.
fn any_key() -> Settings {
    wanted(&json!({ "kms_key": null, "kms": true }))
}

#[test]
fn where_no_key_is_named_any_that_is_enabled_will_do_and_is_kept() {
    let mut theirs = trail("theirs");
    facts(&mut theirs).kms_key = Some("arn:aws:kms:eu-west-1:111122223333:key/theirs".to_owned());
    let judged = judged(&own(vec![theirs]), &any_key());
    assert_eq!(named(&judged[0], |verdict| *verdict == Verdict::Compliant).len(), 5);
    assert!(judged[0].drift.is_none());
}

#[test]
fn where_no_key_is_named_one_that_is_disabled_is_replaced_by_ours() {
    let mut trail = trail("trueup");
    trail.wanted_key = Some(Readable::Read(Some(KeyState { enabled: false, state: "Disabled".to_owned(), ..key() })));
    let judged = judged(&own(vec![trail]), &any_key());
    assert_eq!(drifted(&judged[0]), ["kms"]);
    let [Step::UpdateTrail(update)] = steps(&judged[0]) else { panic!("one update") };
    assert_eq!(update.kms_key.as_ref().map(|new| new.key.as_str()), Some("alias/trueup-trail"));
    assert_eq!(judged[1].object.kind, "kms.key");
}

#[test]
fn where_no_key_is_named_a_trail_without_one_gets_ours() {
    let mut bare = trail("trueup");
    facts(&mut bare).kms_key = None;
    bare.wanted_key = None;
    let judged = judged(&own(vec![bare]), &any_key());
    assert_eq!(drifted(&judged[0]), ["kms"]);
    assert_eq!(drift(&judged[0]).differences[0].wanted, json!(true));
    assert_eq!(judged[1].object.name, "alias/trueup-trail");
}

#[test]
fn names_hold_account_and_region_and_no_other_braces() {
    let schema = crate::control::AnyControl::schema(&Control);
    let fits = |setting: &str, text: &str| {
        let pattern = schema["properties"][setting]["pattern"].as_str().expect("a pattern");
        regex_lite::Regex::new(pattern).expect("it is one").is_match(text)
    };
    for good in ["trueup", "trueup-{account}", "{region}.trail", "{account}", "a.b_c"] {
        assert!(fits("name", good), "{good}");
    }
    for bad in ["trueup-{acount}", "{", "a}", "-a", "a-", "ab", "a b", ""] {
        assert!(!fits("name", bad), "{bad}");
    }
    assert!(fits("bucket", "trueup-trail-{account}-{region}") && !fits("bucket", "Logs"));
    assert!(!fits("bucket", "logs-{organization}") && !fits("bucket", &"a".repeat(64)));
    assert!(fits("kms_key", "alias/{account}/audit") && !fits("kms_key", "alias/{key}"));
}
