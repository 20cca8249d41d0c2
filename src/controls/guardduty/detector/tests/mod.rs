mod members;
mod owners;

use std::collections::BTreeMap;

use super::*;
use crate::assessment::Verdict;
use crate::control::Accepted;
use crate::controls::made::{HERE, MANAGEMENT, REGION, account_in_region, drift, exempt, id};
use crate::observe::Readable;

const ADMIN: &str = "444455556666";

fn denied(action: &str, account: &str) -> ReadError {
    crate::controls::made::denied(action, account_in_region(account))
}

fn wanted(yaml: &Value) -> Settings {
    serde_json::from_value(yaml.clone()).expect("settings")
}

fn foundation() -> Settings {
    wanted(&json!({ "enabled": true, "publishing_frequency": "ONE_HOUR", "features": ["S3_DATA_EVENTS"] }))
}

fn detector() -> Seen {
    Seen {
        id: "12abc34d567e8fa901bc2d34e56789f0".to_owned(),
        enabled: true,
        publishing_frequency: Some(Frequency::OneHour),
        features: ["FLOW_LOGS", "S3_DATA_EVENTS"].map(|name| (name.to_owned(), true)).into(),
        managed: BTreeMap::new(),
        signs: crate::ownership::Signs::default(),
    }
}

/// A region whose management account knows of no administrator.
fn standalone(detector: Option<Seen>) -> OwnedDetector {
    OwnedDetector {
        organization_admin: Readable::Read(None),
        detector,
        administrator: None,
        policy: None,
        members: None,
    }
}

fn administered(detector: Option<Seen>) -> OwnedDetector {
    OwnedDetector { organization_admin: Readable::Read(Some(id(ADMIN))), ..standalone(detector) }
}

/// A region whose management account refuses to say; `told` is what the detector's own account says.
fn unasked(detector: Option<Seen>, told: Option<Readable<Option<AccountId>>>) -> OwnedDetector {
    let refused = denied("guardduty:ListOrganizationAdminAccounts", MANAGEMENT);
    OwnedDetector {
        organization_admin: Readable::Unreadable(refused),
        detector,
        administrator: told,
        policy: None,
        members: None,
    }
}

fn judged_at(account: &str, seen: &OwnedDetector, wanted: &Settings, accepted: &[Accepted]) -> Judged {
    let at = account_in_region(account);
    let mut judged = crate::controls::made::judged_at::<Detector>(at, seen, wanted, accepted);
    assert_eq!(judged.len(), 1, "a region has one detector");
    judged.remove(0)
}

fn judged(seen: &OwnedDetector, wanted: &Settings) -> Judged {
    judged_at(HERE, seen, wanted, &[])
}

fn named(judged: &Judged, such: impl Fn(&Verdict) -> bool) -> Vec<&'static str> {
    crate::controls::made::named::<Detector>(judged, such)
}

fn steps(judged: &Judged) -> Vec<Step> {
    judged.drift.as_ref().map(|_| crate::controls::made::steps(judged).to_vec()).unwrap_or_default()
}

fn update(setting: Setting) -> Step {
    Step::UpdateDetector(UpdateDetector::one(setting))
}

const ALL: [&str; 3] = ["enabled", "publishing_frequency", "features.S3_DATA_EVENTS"];

#[test]
fn as_wanted_is_compliant() {
    let judged = judged(&standalone(Some(detector())), &foundation());
    assert_eq!(named(&judged, |verdict| *verdict == Verdict::Compliant), ALL);
    assert_eq!(judged.drift, None);
}

#[test]
fn more_than_wanted_is_compliant_and_kept() {
    let mut seen = detector();
    seen.publishing_frequency = Some(Frequency::FifteenMinutes);
    seen.features.insert("RDS_LOGIN_EVENTS".to_owned(), true);
    let wanted = foundation();
    assert_eq!(judged(&standalone(Some(seen.clone())), &wanted).drift, None);
    seen.enabled = false;
    let judged = judged(&standalone(Some(seen)), &wanted);
    assert_eq!(steps(&judged), [update(Setting::Enabled)]);
}

#[test]
fn each_difference_alone_is_one_drift_and_one_step() {
    let off = Seen { enabled: false, ..detector() };
    let seldom = Seen { publishing_frequency: Some(Frequency::SixHours), ..detector() };
    let mut without = detector();
    without.features.insert("S3_DATA_EVENTS".to_owned(), false);
    for (seen, requirement, setting) in [
        (off, "enabled", Setting::Enabled),
        (seldom, "publishing_frequency", Setting::PublishingFrequency(Frequency::OneHour)),
        (without, "features.S3_DATA_EVENTS", Setting::Feature(Feature::S3DataEvents)),
    ] {
        let judged = judged(&standalone(Some(seen)), &foundation());
        assert_eq!(named(&judged, |verdict| *verdict == Verdict::Drifted), [requirement]);
        assert_eq!(drift(&judged).differences.len(), 1);
        assert_eq!(steps(&judged), [update(setting)]);
    }
}

#[test]
fn each_feature_that_is_off_or_left_out_is_drift_of_its_own() {
    for feature in Feature::ALL {
        let wanted = wanted(&json!({ "features": [feature] }));
        for features in [BTreeMap::new(), BTreeMap::from([(feature.name().to_owned(), false)])] {
            let judged = judged(&standalone(Some(Seen { features, ..detector() })), &wanted);
            let requirement = format!("features.{}", feature.name());
            assert_eq!(named(&judged, |verdict| *verdict == Verdict::Drifted), [requirement.as_str()]);
            assert_eq!(steps(&judged), [update(Setting::Feature(feature))]);
        }
        let features = BTreeMap::from([(feature.name().to_owned(), true)]);
        assert_eq!(judged(&standalone(Some(Seen { features, ..detector() })), &wanted).drift, None);
    }
}

#[test]
fn a_missing_detector_is_drift_of_every_requirement_and_is_made() {
    let judged = judged(&standalone(None), &foundation());
    assert_eq!(named(&judged, |verdict| *verdict == Verdict::Drifted), ALL);
    let drift = drift(&judged);
    assert!(drift.absent);
    assert!(drift.differences.iter().all(|difference| difference.observed == Value::Null));
    let made = CreateDetector {
        publishing_frequency: Some(Frequency::OneHour),
        features: BTreeSet::from([Feature::S3DataEvents]),
        address: "111122223333/eu-west-1/guardduty.detector/detector".to_owned(),
    };
    assert_eq!(drift.object.address(), made.address);
    assert_eq!(steps(&judged), [Step::CreateDetector(made)]);
}

#[test]
fn a_feature_implies_that_the_detector_is_enabled() {
    let wanted = wanted(&json!({ "features": ["EKS_AUDIT_LOGS"] }));
    assert_eq!(Detector::required(&wanted), ["enabled", "features.EKS_AUDIT_LOGS"]);
    let mut off = Seen { enabled: false, ..detector() };
    off.features.insert("EKS_AUDIT_LOGS".to_owned(), false);
    assert_eq!(
        steps(&judged(&standalone(Some(off)), &wanted)),
        [update(Setting::Enabled), update(Setting::Feature(Feature::EksAuditLogs))]
    );
}

#[test]
fn what_is_exempt_is_left_alone_beside_what_drifted() {
    let mut seen = Seen { publishing_frequency: Some(Frequency::SixHours), ..detector() };
    seen.features.clear();
    let accepted = [exempt("guardduty.detector.features.S3_DATA_EVENTS")];
    let changed = judged_at(HERE, &standalone(Some(seen)), &foundation(), &accepted);
    assert_eq!(named(&changed, |verdict| matches!(verdict, Verdict::Exempt(_))), ["features.S3_DATA_EVENTS"]);
    assert_eq!(steps(&changed), [update(Setting::PublishingFrequency(Frequency::OneHour))]);

    let made = judged_at(HERE, &standalone(None), &foundation(), &accepted);
    let [Step::CreateDetector(made)] = &steps(&made)[..] else { panic!("one step") };
    assert_eq!(made.features, BTreeSet::new(), "what is exempt is not switched on");
}

#[test]
fn where_a_missing_detector_is_exempt_none_is_made() {
    let accepted = [exempt("guardduty.detector.enabled")];
    let judged = judged_at(HERE, &standalone(None), &foundation(), &accepted);
    assert_eq!(named(&judged, |verdict| *verdict == Verdict::Drifted), ALL[1..]);
    assert!(matches!(judged.drift.expect("drift").fix, Fix::Manual(_)));
}

#[test]
fn no_detector_is_made_for_its_frequency_alone() {
    let judged = judged(&standalone(None), &wanted(&json!({ "publishing_frequency": "SIX_HOURS" })));
    assert_eq!(named(&judged, |verdict| *verdict == Verdict::Drifted), ["publishing_frequency"]);
    assert!(matches!(judged.drift.expect("drift").fix, Fix::Manual(_)));
}

#[test]
fn what_the_region_does_not_offer_is_not_applicable_and_never_written() {
    let wanted = wanted(&json!({ "features": ["S3_DATA_EVENTS", "LAMBDA_NETWORK_LOGS"] }));
    let refused = denied("guardduty:GetAdministratorAccount", HERE);
    for seen in [
        standalone(Some(detector())),
        administered(Some(detector())),
        unasked(Some(detector()), Some(Readable::Unreadable(refused))),
    ] {
        let judged = judged(&seen, &wanted);
        let such = |verdict: &Verdict| matches!(verdict, Verdict::NotApplicable(_));
        assert_eq!(named(&judged, such), ["features.LAMBDA_NETWORK_LOGS"]);
        assert_eq!(judged.drift, None);
    }
}

#[test]
fn runtime_monitoring_is_asked_for_although_its_forerunner_is_on() {
    let mut seen = detector();
    seen.features.extend([("EKS_RUNTIME_MONITORING".to_owned(), true), ("RUNTIME_MONITORING".to_owned(), false)]);
    let judged = judged(&standalone(Some(seen)), &wanted(&json!({ "features": ["RUNTIME_MONITORING"] })));
    assert_eq!(named(&judged, |verdict| *verdict == Verdict::Drifted), ["features.RUNTIME_MONITORING"]);
    assert_eq!(steps(&judged), [update(Setting::Feature(Feature::RuntimeMonitoring))]);
}

#[test]
fn every_feature_has_its_requirement() {
    for feature in Feature::ALL {
        let id = Detector::META.requirement(meta::requirement(feature)).id;
        assert_eq!(id, format!("guardduty.detector.features.{}", feature.name()));
    }
}

#[test]
fn settings_take_the_names_of_aws_and_twelve_digits() {
    for bad in [
        json!({ "features": ["EKS_RUNTIME_MONITORING"] }),
        json!({ "publishing_frequency": "DAILY" }),
        json!({ "admin_account": "44445555666" }),
        json!({ "enabled": false }),
    ] {
        assert!(serde_json::from_value::<Settings>(bad.clone()).is_err(), "{bad}");
    }
    let schema = crate::control::AnyControl::schema(&Detector);
    let properties = &schema["properties"];
    assert_eq!(properties["admin_account"]["pattern"], "^[0-9]{12}$");
    assert_eq!(properties["features"]["uniqueItems"], true);
    assert_eq!(properties["features"]["minItems"], 1);
}
