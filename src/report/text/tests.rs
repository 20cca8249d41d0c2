//! What people read.

use serde_json::json;
use snapbox::{IntoData as _, assert_data_eq, str};

use super::*;
use crate::assessment::{Assessment, Status, VerdictKind};
use crate::engine::Spool;
use crate::engine::apply::{Outcome, OutcomeKind};
use crate::plan::{Action, Change, Header, OrganizationLine, PlanFile};
use crate::report::made;
use crate::steps::Risk;
use crate::target::Region;

fn region(text: &str) -> Option<Region> {
    Some(text.parse().expect("a region"))
}

fn shown(found: &[Assessment], detail: bool) -> String {
    let spool = made::spool(found);
    shown_with(&made::header(&spool), spool, detail)
}

fn shown_with(header: &Header, mut spool: Spool, detail: bool) -> String {
    let mut out = vec![];
    plan(header, &mut spool, detail, &mut out).expect("written");
    plain(&out)
}

/// What follows the head of a plan.
fn body(found: &[Assessment], detail: bool) -> String {
    let text = shown(found, detail);
    text.split_once("\n\n").map(|(_, body)| body.to_owned()).expect("a head and a body")
}

fn plain(out: &[u8]) -> String {
    let text = anstream::adapter::strip_str(std::str::from_utf8(out).expect("text")).to_string();
    assert!(text.lines().all(|line| line == line.trim_end()), "no line ends with a space:\n{text}");
    text
}

#[test]
fn the_same_change_in_many_accounts_is_one_block() {
    let found: Vec<_> = (1..=412).map(made::drifted).collect();
    assert_data_eq!(shown(&found, false), str![[]].raw());
}

#[test]
fn few_accounts_are_listed_and_detail_lists_all_with_steps_and_undo() {
    let found: Vec<_> = (1..=2).map(made::drifted).collect();
    assert_data_eq!(body(&found, false), str![[]].raw());
    let found: Vec<_> = (1..=4).map(made::drifted).collect();
    assert_data_eq!(body(&found, true), str![[]].raw());
}

#[test]
fn names_with_the_account_or_region_in_them_are_the_same_and_others_are_counted() {
    let regional = |number: usize, place: &str, object: &str, cost: Option<&str>| {
        let at = format!("{:012}", 111_122_220_000 + number);
        Change {
            region: region(place),
            object: object.replace("ACCOUNT", &at).replace("REGION", place),
            action: Action::Add,
            kind: "s3.bucket".to_owned(),
            risk: Risk::Disruptive,
            cost: cost.map(str::to_owned),
            differences: vec![made::difference("iam.password_policy.hard_expiry", json!(null), json!("ON"))],
            ..made::change(number)
        }
    };
    let mut found = vec![made::read(1), made::read(2)];
    for (index, number) in [(0, 1), (1, 2)] {
        for place in ["eu-west-1", "us-east-1"] {
            found[index].changes.push(regional(number, place, "logs-ACCOUNT-REGION", None));
        }
        found[index].changes.push(regional(number, "eu-west-1", &format!("key-{number}"), Some("1 USD a month each")));
    }
    found[1].changes.push(Change { action: Action::Remove, ..found[1].changes[0].clone() });
    assert_data_eq!(body(&found, false), str![[]].raw());
}

fn every_section() -> Vec<Assessment> {
    let mut own = made::drifted(1);
    own.account.status = Status::Partial;
    let mut unreadable = made::row(1, "kms.key_rotation.enabled", VerdictKind::Unreadable);
    unreadable.region = region("eu-west-1");
    unreadable.object = Some("alias/app".to_owned());
    unreadable.reason = Some("kms:GetKeyRotationStatus in 111122220001 eu-west-1: denied".to_owned());
    own.account.reason.clone_from(&unreadable.reason);
    own.verdicts.push(unreadable);
    let mut manual = Change { manual: Some("sign in as root and set it".to_owned()), ..made::change(1) };
    manual.differences.truncate(1);
    own.changes.push(manual);
    own.changes
        .push(Change { blocked: Some("it needs s3.bucket logs, which nobody makes".to_owned()), ..made::change(1) });

    let mut other = made::compliant(2, 3);
    for place in ["ap-east-1", "me-south-1"] {
        let mut closed = made::row(2, "guardduty.detector.enabled", VerdictKind::NotApplicable);
        closed.region = region(place);
        closed.reason = Some(format!("{place} is closed by SCP"));
        other.verdicts.push(closed);
    }
    for in_force in [true, false] {
        let mut owned = made::row(2, "guardduty.detector.enabled", VerdictKind::OwnedElsewhere);
        owned.region = region("eu-west-1");
        owned.in_force = Some(in_force);
        owned.owner = Some("the GuardDuty administrator 999988887777".to_owned());
        owned.reason = (!in_force).then(|| "enable it there for this member".to_owned());
        (owned.observed, owned.wanted) = (json!(in_force), json!(true));
        other.verdicts.push(owned);
    }
    let mut exempt = made::row(2, "iam.password_policy.max_age_days", VerdictKind::Exempt);
    exempt.reason = Some("only federated users, until 2027-01-01".to_owned());
    let mut pending = made::row(2, "cloudtrail.trail.logging", VerdictKind::Pending);
    pending.reason = Some("the first delivery is awaited".to_owned());
    let mut through = made::row(2, "cloudtrail.trail.kms", VerdictKind::Drifted);
    through.through = Some("111122220000/eu-west-1/cloudtrail.trail/main".to_owned());
    (through.observed, through.wanted) = (json!(null), json!("alias/trail"));
    other.verdicts.extend([exempt, pending, through]);

    let denied = "sts:AssumeRole in 111122220003: denied (AccessDenied: no trust)";
    let mut closed = made::account(3, Status::Unreadable, Some(denied));
    closed.verdicts.push(made::row(3, "iam.password_policy.minimum_length", VerdictKind::Unreadable));
    let skipped = made::account(4, Status::Skipped, Some("the account is SUSPENDED"));
    let partial = made::account(5, Status::Partial, Some("only eu-west-1 was read"));
    vec![own, other, closed, skipped, partial]
}

#[test]
fn every_section_has_its_place() {
    let spool = made::spool(&every_section());
    let mut header = made::header(&spool);
    header.warnings.push("the exemption of iam.password_policy.hard_expiry expired".to_owned());
    assert_data_eq!(shown_with(&header, spool, false), str![[]].raw());
}

#[test]
fn a_plan_file_shows_what_the_run_showed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("plan.json");
    let mut spool = made::spool(&every_section());
    let header = made::header(&spool);
    crate::report::json::plan_file(&path, &header, &mut spool).expect("written");
    let file = PlanFile::read(&path).expect("a plan");
    for detail in [false, true] {
        let mut out = vec![];
        plan(&file.header, &file, detail, &mut out).expect("written");
        assert_eq!(plain(&out), shown(&every_section(), detail));
    }
}

#[test]
fn all_in_line_is_said_in_one_sentence() {
    assert_data_eq!(body(&[made::compliant(1, 4), made::compliant(2, 4)], false), str![[]].raw());
    assert!(body(&[made::compliant(1, 4)], false).starts_with("The account is in line with the baseline.\n"));
}

#[test]
fn what_was_not_judged_is_never_said_to_be_in_line() {
    let skipped = made::account(1, Status::Skipped, Some("the account is SUSPENDED"));
    let unreadable = made::account(2, Status::Unreadable, Some("denied"));
    let mut foreign = made::compliant(3, 1);
    foreign.verdicts[0].verdict = VerdictKind::OwnedElsewhere;
    foreign.verdicts[0].in_force = Some(false);
    for found in [vec![], vec![skipped], vec![made::compliant(3, 1), unreadable], vec![foreign]] {
        assert!(!body(&found, false).contains("in line"), "{found:?}");
    }
    assert!(body(&[], false).starts_with("Score: none (no verdict counts)\nPlan: 0 to add,"));
}

#[test]
fn the_score_is_cut_so_that_100_means_all() {
    let mut nearly = made::compliant(1, 2000);
    nearly.verdicts[0].verdict = VerdictKind::Unreadable;
    assert!(body(&[nearly], false).contains("\nScore: 99.9 (1,999 of 2,000 verdicts compliant)\n"));
    assert!(body(&[made::compliant(1, 3)], false).contains("\nScore: 100.0 (3 of 3 verdicts compliant)\n"));
}

#[test]
fn the_last_line_is_right_for_one_and_for_many() {
    let last = |found: &[Assessment]| body(found, false).lines().last().map(str::to_owned).expect("a line");
    let manual = |number| {
        let mut found = made::read(number);
        found.changes.push(Change { manual: Some("do it".to_owned()), ..made::change(number) });
        found.changes.push(Change { blocked: Some("it cannot".to_owned()), ..made::change(number) });
        found
    };
    let closed = |number| made::account(number, Status::Unreadable, None);
    assert_eq!(
        last(&[made::drifted(1), manual(2), closed(3)]),
        "Plan: 0 to add, 1 to change, 0 to remove in 1 account; 1 needs a person; 1 is blocked; \
         1 account could not be read."
    );
    assert_eq!(
        last(&[made::drifted(1), made::drifted(2), manual(3), manual(4), closed(5), closed(6)]),
        "Plan: 0 to add, 2 to change, 0 to remove in 2 accounts; 2 need a person; 2 are blocked; \
         2 accounts could not be read."
    );
}

#[test]
fn hostile_names_cannot_steer_a_terminal_or_forge_a_line() {
    let hostile = "\u{1b}[2J\u{9b}31m\nPlan: 0 to add\r\u{202e} ";
    let mut found = made::drifted(1);
    found.account.name = hostile.to_owned();
    found.changes[0].object = hostile.to_owned();
    found.changes[0].differences[0].observed = json!(hostile);
    let mut closed = made::account(2, Status::Unreadable, Some(hostile));
    closed.account.name = hostile.to_owned();
    let mut owned = made::row(1, "guardduty.detector.enabled", VerdictKind::OwnedElsewhere);
    owned.owner = Some(hostile.to_owned());
    found.verdicts.push(owned);
    let mut spool = made::spool(&[found, closed]);
    let mut header = made::header(&spool);
    header.baseline.name = hostile.to_owned();
    header.warnings.push(hostile.to_owned());
    let mut out = vec![];
    plan(&header, &mut spool, true, &mut out).expect("written");
    let text = String::from_utf8(out).expect("text");
    let ours = anstream::adapter::strip_str(&text).to_string();
    assert!(!ours.contains(['\u{1b}', '\u{9b}', '\r', '\u{202e}']), "{ours}");
    assert!(!text.contains("\u{1b}[2J"), "{text}");
    assert_eq!(ours.lines().filter(|line| line.starts_with("Plan: ")).count(), 1);
}

#[test]
fn an_apply_says_what_was_done_what_was_held_and_what_to_do() {
    let organization = OrganizationLine { id: None, management_account: None };
    let accounts: Vec<_> = (1..=8).map(|number| made::read(number).account).collect();
    let mut changes: Vec<Change> = (1..=8).map(made::change).collect();
    changes[6].region = region("us-east-1");
    changes[6].kind = "kms.key_rotation".to_owned();
    let outcome = |kind, reason: Option<&str>| Outcome { kind, reason: reason.map(str::to_owned) };
    let outcomes = [
        outcome(OutcomeKind::Verified, None),
        outcome(OutcomeKind::Verified, None),
        outcome(OutcomeKind::Already, None),
        outcome(OutcomeKind::Held, Some("needs --allow cost (1 USD a month)")),
        outcome(OutcomeKind::Held, Some("needs --allow cost (1 USD a month)")),
        outcome(OutcomeKind::Manual, Some("sign in and do it")),
        outcome(OutcomeKind::Failed, Some("kms:EnableKeyRotation in 111122220007 us-east-1: denied")),
        outcome(OutcomeKind::Stale, Some("it is 9 now")),
    ];
    let applied = Applied {
        run: "r1",
        created: "2026-11-22T10:00:00Z".parse().expect("a time"),
        plan: "sha256:00",
        organization: &organization,
        accounts: &accounts,
        changes: &changes,
        outcomes: &outcomes,
    };
    let mut out = vec![];
    apply(&applied, &mut out).expect("written");
    assert_data_eq!(plain(&out), str![[]].raw());
}
