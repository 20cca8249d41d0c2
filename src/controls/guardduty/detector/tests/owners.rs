//! Detectors that others set: an administrator, or a policy of the organization.

use super::*;

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
