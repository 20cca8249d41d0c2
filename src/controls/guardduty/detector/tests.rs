use std::collections::BTreeMap;

use super::*;
use crate::assessment::Verdict;
use crate::control::{Accepted, OfOthers};
use crate::controls::made::{HERE, MANAGEMENT, REGION, account_in_region, drift, exempt, id};
use crate::observe::Readable;
use crate::observe::guardduty::{MemberDetector, Members};
use crate::steps::guardduty::UpdateMemberDetectors;

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
fn a_member_is_owned_by_the_administrator_and_never_written() {
    let off = Seen { enabled: false, ..detector() };
    for (seen, in_force) in [(Some(detector()), [true; 3]), (Some(off), [false, true, true]), (None, [false; 3])] {
        let judged = judged(&administered(seen), &foundation());
        assert_eq!(judged.drift, None);
        let owned = judged.findings.iter().map(|finding| match &finding.verdict {
            Verdict::OwnedElsewhere { owner, mend, in_force } => {
                assert!(owner.contains(ADMIN) && mend.contains(ADMIN), "{owner}, {mend}");
                *in_force
            }
            other => panic!("{other:?}"),
        });
        assert_eq!(owned.collect::<Vec<_>>(), in_force);
    }
}

#[test]
fn the_management_account_is_a_member_as_well() {
    let judged = judged_at(MANAGEMENT, &administered(None), &foundation(), &[]);
    assert_eq!(named(&judged, |verdict| matches!(verdict, Verdict::OwnedElsewhere { .. })), ALL);
}

#[test]
fn the_administrator_mends_its_own_detector() {
    let judged = judged_at(ADMIN, &administered(None), &foundation(), &[]);
    assert!(matches!(steps(&judged)[..], [Step::CreateDetector(_)]));
}

#[test]
fn what_the_management_account_says_counts_more_than_what_the_baseline_names() {
    let mut named_admin = foundation();
    named_admin.admin_account = Some(id("222233334444"));
    let judged = judged(&administered(None), &named_admin);
    assert_eq!(
        named(&judged, |verdict| matches!(verdict, Verdict::OwnedElsewhere { owner, .. } if owner.contains(ADMIN))),
        ALL
    );
}

#[test]
fn without_the_management_account_the_baseline_names_the_owner() {
    let mut named_admin = foundation();
    named_admin.admin_account = Some(id(ADMIN));
    let member = judged(&unasked(None, None), &named_admin);
    assert_eq!(named(&member, |verdict| matches!(verdict, Verdict::OwnedElsewhere { .. })), ALL);
    let itself = judged_at(ADMIN, &unasked(None, None), &named_admin, &[]);
    assert!(matches!(steps(&itself)[..], [Step::CreateDetector(_)]));
}

#[test]
fn without_the_management_account_the_detector_tells_its_owner() {
    let off = Seen { enabled: false, ..detector() };
    let member = unasked(Some(off.clone()), Some(Readable::Read(Some(id(ADMIN)))));
    assert_eq!(
        named(&judged(&member, &foundation()), |verdict| matches!(verdict, Verdict::OwnedElsewhere { .. })),
        ALL
    );
    let alone = unasked(Some(off), Some(Readable::Read(None)));
    assert_eq!(steps(&judged(&alone, &foundation())), [update(Setting::Enabled)]);
}

#[test]
fn where_nobody_tells_the_owner_a_missing_detector_is_unreadable_and_never_made() {
    let judged = judged(&unasked(None, None), &foundation());
    let refused = denied("guardduty:ListOrganizationAdminAccounts", MANAGEMENT);
    assert_eq!(named(&judged, |verdict| *verdict == Verdict::Unreadable(refused.clone())), ALL);
    let reason = judged.findings[0].reason.as_ref().expect("a reason");
    assert!(reason.contains(MANAGEMENT), "{reason}");
    assert_eq!(judged.drift, None);
}

#[test]
fn where_nobody_tells_the_owner_what_is_in_force_is_compliant_and_the_rest_unreadable() {
    let refused = denied("guardduty:GetAdministratorAccount", HERE);
    let off = Seen { enabled: false, ..detector() };
    let judged = judged(&unasked(Some(off), Some(Readable::Unreadable(refused.clone()))), &foundation());
    assert_eq!(named(&judged, |verdict| *verdict == Verdict::Unreadable(refused.clone())), ["enabled"]);
    assert_eq!(named(&judged, |verdict| *verdict == Verdict::Compliant), ALL[1..]);
    assert_eq!(judged.drift, None);
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
fn what_a_policy_of_the_organization_manages_is_its_owners() {
    let mut seen = Seen { enabled: false, publishing_frequency: Some(Frequency::SixHours), ..detector() };
    seen.features.extend([("S3_DATA_EVENTS".to_owned(), false), ("RDS_LOGIN_EVENTS".to_owned(), false)]);
    for name in ["FLOW_LOGS", "S3_DATA_EVENTS"] {
        seen.managed.insert(name.to_owned(), "GUARDDUTY_POLICY".to_owned());
    }
    let mut settings = foundation();
    settings.features = Some([Feature::S3DataEvents, Feature::RdsLoginEvents].into());
    let alone = judged(&standalone(Some(seen.clone())), &settings);
    let by_policy = |verdict: &Verdict| match verdict {
        Verdict::OwnedElsewhere { owner, in_force, .. } => owner.contains("GUARDDUTY_POLICY") && !in_force,
        _ => false,
    };
    assert_eq!(named(&alone, by_policy), ["enabled", "features.S3_DATA_EVENTS"]);
    let expected =
        [Setting::PublishingFrequency(Frequency::OneHour), Setting::Feature(Feature::RdsLoginEvents)].map(update);
    assert_eq!(steps(&alone), expected, "what no policy manages is the account's");
    let member = judged(&administered(Some(seen)), &settings);
    assert_eq!(named(&member, by_policy), ["enabled", "features.S3_DATA_EVENTS"]);
    let by_admin =
        |verdict: &Verdict| matches!(verdict, Verdict::OwnedElsewhere { owner, .. } if owner.contains(ADMIN));
    assert_eq!(named(&member, by_admin), ["publishing_frequency", "features.RDS_LOGIN_EVENTS"]);
}

fn governed(content: &Value) -> Readable<Option<Governed>> {
    let content = content.as_object().expect("a policy").clone();
    Readable::Read(Some(Governed { policies: vec!["watch (p-1)".to_owned()], content }))
}

#[test]
fn a_missing_detector_is_a_policys_as_far_as_the_policy_speaks_of_the_region() {
    let on = json!({ "status": "enabled" });
    let missing = |blocks: Value| {
        let policy = Some(governed(&json!({ "guardduty": blocks })));
        OwnedDetector { policy, ..standalone(None) }
    };
    let by_policy = |judged: &Judged| {
        named(
            judged,
            |verdict| matches!(verdict, Verdict::OwnedElsewhere { owner, .. } if owner.contains("watch (p-1)")),
        )
    };
    let whole = judged(&missing(json!({ "default": { "foundational": on, "s3_data_events": on } })), &foundation());
    assert_eq!(by_policy(&whole), ["enabled", "features.S3_DATA_EVENTS"]);
    let Fix::Manual(words) = &drift(&whole).fix else { panic!("{:?}", drift(&whole).fix) };
    assert!(words.contains("a policy of the organization is to make it"), "the frequency is nobody's yet: {words}");
    for said in
        [json!({ "us-east-1": { "foundational": on } }), json!({ REGION: {}, "default": { "foundational": on } })]
    {
        let judged = judged(&missing(said.clone()), &foundation());
        assert_eq!(by_policy(&judged), [] as [&str; 0], "{said}");
    }
    let elsewhere = judged(&missing(json!({ "us-east-1": { "foundational": on } })), &foundation());
    assert!(matches!(steps(&elsewhere)[..], [Step::CreateDetector(_)]));
}

#[test]
fn policies_that_could_not_be_read_leave_a_missing_detector_unmade_and_one_that_is_there_to_its_answer() {
    let refused = denied("organizations:ListPolicies", MANAGEMENT);
    let unread = Some(Readable::Unreadable(refused.clone()));
    let missing = judged(&OwnedDetector { policy: unread.clone(), ..standalone(None) }, &foundation());
    assert_eq!(named(&missing, |verdict| *verdict == Verdict::Unreadable(refused.clone())), ALL);
    let mut seen = Seen { enabled: false, ..detector() };
    seen.managed.insert("FLOW_LOGS".to_owned(), "GUARDDUTY_POLICY".to_owned());
    let there = judged(&OwnedDetector { policy: unread, ..standalone(Some(seen)) }, &foundation());
    let unnamed = |verdict: &Verdict| match verdict {
        Verdict::OwnedElsewhere { owner, .. } => owner == "a policy of the organization (GUARDDUTY_POLICY)",
        _ => false,
    };
    assert_eq!(named(&there, unnamed), ["enabled"]);
}

#[test]
fn an_administrator_by_invitation_is_an_owner_too() {
    let off = Some(Seen { enabled: false, ..detector() });
    let told = |told| OwnedDetector { administrator: Some(told), ..standalone(off.clone()) };
    let member = judged(&told(Readable::Read(Some(id(ADMIN)))), &foundation());
    assert_eq!(named(&member, |verdict| matches!(verdict, Verdict::OwnedElsewhere { .. })), ALL);
    assert_eq!(steps(&judged(&told(Readable::Read(None)), &foundation())), [update(Setting::Enabled)]);
    let refused = denied("guardduty:GetAdministratorAccount", HERE);
    let unknown = judged(&told(Readable::Unreadable(refused.clone())), &foundation());
    assert_eq!(named(&unknown, |verdict| *verdict == Verdict::Unreadable(refused.clone())), ["enabled"]);
    assert_eq!(unknown.drift, None);
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

/// What the administrator says of its members, of which this is what is asked.
fn members_of(members: &[(&str, Readable<MemberDetector>)], accepted: &[Accepted]) -> Vec<Judged> {
    let settings = json!({ "features": ["S3_DATA_EVENTS"], "admin_account": ADMIN });
    let accounts = members.iter().map(|(account, _)| id(account)).collect();
    let asked = OfOthers { accounts, settings: settings.clone(), accepted: accepted.to_vec() };
    let members = members.iter().map(|(account, seen)| (id(account), seen.clone())).collect();
    let seen = OwnedDetector { members: Some(Readable::Read(Members(members))), ..administered(Some(detector())) };
    let others = [(Detector::META.id.to_owned(), asked)];
    let at = account_in_region(ADMIN);
    let mut judged = crate::controls::made::judged_with::<Detector>(at, &seen, &wanted(&settings), &[], &others);
    judged.remove(0);
    judged
}

fn member(on: bool) -> Readable<MemberDetector> {
    let features = BTreeMap::from([("S3_DATA_EVENTS".to_owned(), on)]);
    Readable::Read(MemberDetector { features, managed: BTreeSet::new() })
}

const OTHER: &str = "222233334444";

#[test]
fn what_members_lack_is_one_object_of_their_administrator_without_a_verdict_of_its_own() {
    let judged = members_of(&[(HERE, member(false)), (OTHER, member(true)), (MANAGEMENT, member(false))], &[]);
    let [members] = &judged[..] else { panic!("one object: {judged:#?}") };
    assert_eq!(members.object.address(), format!("{ADMIN}/{REGION}/guardduty.detector/members"));
    assert_eq!(members.findings, [], "each member has its own");
    let step = UpdateMemberDetectors {
        features: BTreeSet::from([Feature::S3DataEvents]),
        accounts: BTreeSet::from([id(HERE)]),
    };
    assert_eq!(
        steps(members),
        [Step::UpdateMemberDetectors(step)],
        "the management account is changed by itself alone"
    );
}

#[test]
fn what_a_member_may_lack_it_keeps_lacking() {
    let accepted = exempt("guardduty.detector.features.S3_DATA_EVENTS");
    assert_eq!(members_of(&[(HERE, member(false))], &[accepted]), []);
}

#[test]
fn a_member_that_is_left_out_of_the_answer_is_unreadable_and_hides_no_other() {
    let left = Readable::Unreadable(denied("guardduty:GetMemberDetectors", ADMIN));
    let judged = members_of(&[(HERE, left), (OTHER, member(false))], &[]);
    let [unread, mended] = &judged[..] else { panic!("two objects: {judged:#?}") };
    assert!(unread.why_unread().is_some() && unread.object.name.contains(HERE), "{unread:#?}");
    assert_eq!(steps(mended).len(), 1);
}

#[test]
fn a_member_is_mended_there_only_if_it_says_that_it_is_one() {
    let settings = wanted(&json!({ "features": ["S3_DATA_EVENTS"], "admin_account": ADMIN }));
    let mut off = detector();
    off.features.insert("S3_DATA_EVENTS".to_owned(), false);
    let told = |told| OwnedDetector { administrator: Some(told), ..administered(Some(off.clone())) };
    let mended = judged(&told(Readable::Read(Some(id(ADMIN)))), &settings);
    assert_eq!(named(&mended, |verdict| *verdict == Verdict::Drifted), ["features.S3_DATA_EVENTS"]);
    assert!(matches!(&drift(&mended).fix, Fix::Through { object, .. } if object.name == "members"));
    for other in [None, Some(id(OTHER))] {
        let judged = judged(&told(Readable::Read(other)), &settings);
        assert_eq!(judged.drift, None);
        let owned = |verdict: &Verdict| matches!(verdict, Verdict::OwnedElsewhere { in_force: false, .. });
        assert_eq!(named(&judged, owned), ["features.S3_DATA_EVENTS"]);
    }
    let denied = Readable::Unreadable(denied("guardduty:GetAdministratorAccount", HERE));
    let judged = judged(&told(denied), &settings);
    let unread = |verdict: &Verdict| matches!(verdict, Verdict::Unreadable(_));
    assert_eq!((named(&judged, unread), judged.drift.is_some()), (vec!["features.S3_DATA_EVENTS"], false));
}
