//! What members lack, as their administrator mends it.

use super::*;
use crate::control::OfOthers;
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
