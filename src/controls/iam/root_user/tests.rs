use jiff::civil::date;

use super::*;
use crate::assessment::Verdict;
use crate::control::Accepted;
use crate::controls::made::{HERE, account, denied, drift, exempt, judged_at, named};
use crate::drift::Fix;
use crate::observe::Readable;
use crate::observe::iam::Use;
use crate::steps::Step;
use crate::steps::iam::DeleteRootAccessKeys;

fn all() -> Settings {
    Settings { no_access_key: Some(Yes), mfa: Some(Yes), hardware_mfa: Some(Yes), unused_days: Some(90) }
}

fn summary(key: i64, mfa: i64, password: Option<i64>) -> Summary {
    let counts = [
        ("AccountAccessKeysPresent", Some(key)),
        ("AccountMFAEnabled", Some(mfa)),
        ("AccountPasswordPresent", password),
    ];
    Summary(counts.into_iter().filter_map(|(name, count)| Some((name.to_owned(), count?))).collect())
}

fn seen(summary: Summary, virtual_mfa: bool, used: Use) -> Observed {
    Observed {
        summary: Some(Readable::Read(summary)),
        virtual_mfa: Some(Readable::Read(virtual_mfa)),
        used: Some(Readable::Read(used)),
        central: None,
        keys_used: None,
    }
}

fn judged(seen: &Observed, accepted: &[Accepted]) -> Judged {
    judged_at::<RootUser>(account(HERE), seen, &all(), accepted).remove(0)
}

fn drifted(seen: &Observed) -> Vec<&'static str> {
    named::<RootUser>(&judged(seen, &[]), |verdict| *verdict == Verdict::Drifted)
}

#[test]
fn a_root_user_that_is_locked_away_is_compliant() {
    for used in [Use::Never, Use::Last(date(2026, 9, 1))] {
        let judged = judged(&seen(summary(0, 1, Some(1)), false, used), &[]);
        assert_eq!(named::<RootUser>(&judged, |verdict| *verdict == Verdict::Compliant).len(), 4);
        assert_eq!(judged.drift, None);
    }
}

#[test]
fn each_difference_alone_is_drift_that_a_person_mends() {
    let good = || summary(0, 1, Some(1));
    for (seen, requirement) in [
        (seen(summary(1, 1, Some(1)), false, Use::Never), vec!["no_access_key"]),
        (seen(summary(0, 0, Some(1)), false, Use::Never), vec!["mfa", "hardware_mfa"]),
        (seen(summary(0, 0, None), false, Use::Never), vec!["mfa", "hardware_mfa"]),
        (seen(good(), true, Use::Never), vec!["hardware_mfa"]),
        (seen(good(), false, Use::Last(date(2026, 9, 2))), vec!["unused_days"]),
        (seen(good(), false, Use::Last(date(2026, 12, 1))), vec!["unused_days"]),
    ] {
        assert_eq!(drifted(&seen), requirement);
        let judged = judged(&seen, &[]);
        let Fix::Manual(words) = &drift(&judged).fix else { panic!("a person mends it") };
        assert_eq!(words.split("; ").count(), requirement.len(), "{words}");
    }
}

fn keyed(central: Readable<CentralRoot>, keys_used: Option<Readable<Use>>) -> Observed {
    Observed { central: Some(central), keys_used, ..seen(summary(1, 0, Some(1)), false, Use::Never) }
}

#[test]
fn keys_are_deleted_only_where_both_features_are_on_and_the_rest_stays_a_persons() {
    let on = CentralRoot { credentials: true, sessions: true };
    let judged = judged(&keyed(Readable::Read(on), Some(Readable::Read(Use::Last(date(2026, 11, 2))))), &[]);
    let drift = drift(&judged);
    let Fix::Steps { steps, .. } = &drift.fix else { panic!("{:?}", drift.fix) };
    assert_eq!(steps, &[Step::DeleteRootAccessKeys(DeleteRootAccessKeys {})]);
    assert_eq!(drift.differences.len(), 1, "{:?}", drift.differences);
    let left: Vec<&str> = drift.left.iter().map(|left| left.difference.requirement.as_str()).collect();
    assert_eq!(left, ["iam.root_user.mfa", "iam.root_user.hardware_mfa"]);
    assert!(judged.findings[0].reason.as_ref().is_some_and(|reason| reason.contains("2026-11-02")));
    for half in [CentralRoot { sessions: false, ..on }, CentralRoot { credentials: false, ..on }] {
        let judged = self::judged(&keyed(Readable::Read(half), None), &[]);
        let Fix::Manual(words) = &self::drift(&judged).fix else { panic!("a person mends it") };
        let named = ["RootCredentialsManagement", "RootSessions"].map(|name| words.contains(name));
        assert_eq!(named, [!half.credentials, !half.sessions], "{words}");
    }
}

#[test]
fn what_is_not_known_of_central_root_access_is_not_taken_for_off() {
    let error = denied("iam:ListOrganizationsFeatures", account(HERE));
    let judged = judged(&keyed(Readable::Unreadable(error), None), &[]);
    let Fix::Manual(words) = &drift(&judged).fix else { panic!("a person mends it") };
    assert!(words.contains("is not known: iam:ListOrganizationsFeatures") && !words.contains("Enable"), "{words}");
}

#[test]
fn the_management_account_needs_nothing_for_keys_that_a_person_deletes() {
    let wanted = Settings { no_access_key: Some(Yes), ..Settings::default() };
    let needs = RootUser::needs(&wanted, Home::Management);
    assert_eq!((needs.reads.len(), needs.steps.len()), (1, 0));
    let needs = RootUser::needs(&wanted, Home::Member);
    assert_eq!((needs.reads.len(), needs.steps), (3, vec!["DeleteRootAccessKeys"]));
}

#[test]
fn a_root_user_without_credentials_needs_no_mfa_and_can_have_no_hardware() {
    let judged = judged(&seen(summary(0, 0, Some(0)), false, Use::Never), &[]);
    assert_eq!(judged.drift, None);
    assert_eq!(judged.findings[1].verdict, Verdict::Compliant);
    assert!(matches!(judged.findings[2].verdict, Verdict::NotApplicable(_)), "{:?}", judged.findings[2]);
    // With an access key it has credentials, whatever becomes of the password.
    assert_eq!(drifted(&seen(summary(1, 0, Some(0)), false, Use::Never)), ["no_access_key", "mfa", "hardware_mfa"]);
}

#[test]
fn a_part_that_could_not_be_read_is_unreadable_and_the_others_are_judged() {
    let error = |action: &str| denied(action, account(HERE));
    let mut parts = seen(summary(0, 1, Some(1)), false, Use::Never);
    parts.virtual_mfa = Some(Readable::Unreadable(error("iam:ListVirtualMFADevices")));
    parts.used = Some(Readable::Unreadable(error("iam:GetCredentialReport")));
    let unreadable = |judged: &Judged| named::<RootUser>(judged, |verdict| matches!(verdict, Verdict::Unreadable(_)));
    assert_eq!(unreadable(&judged(&parts, &[])), ["hardware_mfa", "unused_days"]);
    parts.summary = Some(Readable::Unreadable(error("iam:GetAccountSummary")));
    assert_eq!(unreadable(&judged(&parts, &[])), ["no_access_key", "mfa", "hardware_mfa", "unused_days"]);
}

#[test]
fn an_exempt_requirement_beside_a_drifted_one_is_not_asked_of_a_person() {
    let exempt = exempt("iam.root_user.hardware_mfa");
    let judged = judged(&seen(summary(1, 1, Some(1)), true, Use::Never), &[exempt]);
    let differences = &drift(&judged).differences;
    assert_eq!(
        differences.iter().map(|one| one.requirement.as_str()).collect::<Vec<_>>(),
        ["iam.root_user.no_access_key"]
    );
}

#[test]
fn only_what_is_asked_is_judged_and_read() {
    let one = Settings { unused_days: Some(30), ..Settings::default() };
    assert_eq!(RootUser::required(&one), ["unused_days"]);
    assert_eq!(one.asked(), RootAsked { summary: false, devices: false, used: true, keys: false });
    let used = Some(Readable::Read(Use::Never));
    let seen = Observed { summary: None, virtual_mfa: None, used, central: None, keys_used: None };
    assert_eq!(judged_at::<RootUser>(account(HERE), &seen, &one, &[])[0].findings.len(), 1);
    let reads = |wanted: &Settings| {
        RootUser::needs(wanted, Home::Member).reads.iter().map(|reads| reads.name).collect::<Vec<_>>()
    };
    assert_eq!(reads(&one), ["iam.credential_report"]);
    assert_eq!(reads(&Settings { mfa: Some(Yes), ..Settings::default() }), ["iam.summary"]);
}
