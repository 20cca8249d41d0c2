//! What members lack, as their administrator mends it.

use super::*;
use crate::control::OfOthers;
use crate::drift::Drift;
use crate::observe::guardduty::{MemberDetector, Members};
use crate::steps::guardduty::UpdateMemberDetectors;

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

/// What the administrator says of itself, with a frequency that its members are asked for and one for itself.
fn often(of_members: &str, own: Option<&str>, accepted: &[Accepted]) -> Vec<Judged> {
    let asked = json!({ "publishing_frequency": of_members, "admin_account": ADMIN });
    let others = OfOthers { accounts: [id(HERE)].into(), settings: asked, accepted: accepted.to_vec() };
    let members = Readable::Read(Members([(id(HERE), member(true))].into()));
    let seen = OwnedDetector { members: Some(members), ..administered(Some(detector())) };
    let own = wanted(&own.map_or(
        json!({ "enabled": true, "admin_account": ADMIN }),
        |own| json!({ "publishing_frequency": own, "admin_account": ADMIN }),
    ));
    let others = [(Detector::META.id.to_owned(), others)];
    crate::controls::made::judged_with::<Detector>(account_in_region(ADMIN), &seen, &own, &[], &others)
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

#[test]
fn what_members_ask_for_is_the_administrators_own_detector_and_one_with_what_it_is_asked_for_itself() {
    let step = Step::UpdateDetector(UpdateDetector::one(Setting::PublishingFrequency(Frequency::FifteenMinutes)));
    for (own, count) in [(None, 1), (Some("FIFTEEN_MINUTES"), 2)] {
        let judged = often("FIFTEEN_MINUTES", own, &[]);
        let drifts: Vec<&Drift> = judged.iter().filter_map(|judged| judged.drift.as_ref()).collect();
        assert_eq!(drifts.len(), count, "{drifts:#?}");
        assert_eq!(drifts[0], drifts[count - 1], "one object, one difference, one step: a plan joins them");
        assert_eq!(drifts[0].object.address(), format!("{ADMIN}/{REGION}/guardduty.detector/detector"));
        assert!(matches!(&drifts[0].fix, Fix::Steps { steps, .. } if *steps == [step.clone()]));
    }
    for seldom in ["ONE_HOUR", "SIX_HOURS"] {
        assert!(often(seldom, None, &[]).iter().all(|judged| judged.drift.is_none()), "{seldom} it does already");
    }
    let accepted = exempt("guardduty.detector.publishing_frequency");
    assert!(often("FIFTEEN_MINUTES", None, &[accepted]).iter().all(|judged| judged.drift.is_none()));
}

#[test]
fn a_member_that_lacks_both_is_mended_by_two_objects() {
    let asked =
        json!({ "publishing_frequency": "FIFTEEN_MINUTES", "features": ["S3_DATA_EVENTS"], "admin_account": ADMIN });
    let mut off = detector();
    off.features.insert("S3_DATA_EVENTS".to_owned(), false);
    let seen = OwnedDetector { administrator: Some(Readable::Read(Some(id(ADMIN)))), ..administered(Some(off)) };
    let at = account_in_region(HERE);
    let judged = crate::controls::made::judged_at::<Detector>(at, &seen, &wanted(&asked), &[]);
    let through: Vec<(&str, &str)> = judged
        .iter()
        .map(|judged| match &drift(judged).fix {
            Fix::Through { object, .. } => (drift(judged).differences[0].requirement.as_str(), object.name.as_str()),
            other => panic!("{other:?}"),
        })
        .collect();
    let wanted = [
        ("guardduty.detector.features.S3_DATA_EVENTS", "members"),
        ("guardduty.detector.publishing_frequency", "detector"),
    ];
    assert_eq!(through, wanted);
}

#[test]
fn who_administers_by_invitation_switches_all_but_malware_protection() {
    let asked = wanted(&json!({ "features": ["EBS_MALWARE_PROTECTION", "S3_DATA_EVENTS"], "admin_account": ADMIN }));
    let mut off = detector();
    off.features = [("S3_DATA_EVENTS".to_owned(), false), ("EBS_MALWARE_PROTECTION".to_owned(), false)].into();
    let told = Some(Readable::Read(Some(id(ADMIN))));
    let invited = judged(&OwnedDetector { administrator: told, ..standalone(Some(off)) }, &asked);
    assert_eq!(named(&invited, |verdict| *verdict == Verdict::Drifted), ["features.S3_DATA_EVENTS"]);
    let owned = |verdict: &Verdict| matches!(verdict, Verdict::OwnedElsewhere { in_force: false, .. });
    assert_eq!(named(&invited, owned), ["features.EBS_MALWARE_PROTECTION"]);
    let reasons: Vec<&str> = invited.findings.iter().filter_map(|finding| finding.reason.as_deref()).collect();
    assert_eq!(reasons, [super::super::members::NOT_THEIRS]);
}
