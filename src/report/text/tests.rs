//! What people read.
//!
//! Whole pages stand here as they are expected, which is what makes it long.

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

fn region(text: &str) -> Region {
    text.parse().expect("a region")
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
    assert_data_eq!(
        shown(&found, false),
        str![[r#"
Organization  o-abc1234567, management account 111122220000
Accounts      412 in scope: 412 read
Regions       eu-west-1 (home), us-east-1
Baseline      foundation (sha256:000000000000)
Made          2026-11-22 10:00:00 UTC by arn:aws:iam::111122220000:user/ada

Drift
  ~ iam.password_policy password policy
      412 accounts
      iam.password_policy.minimum_length    8 -> 14
      iam.password_policy.reuse_prevention  none -> 24
      severity medium

Score: 0.0 (0 of 824 verdicts compliant)
Plan: 0 to add, 412 to change, 0 to remove in 412 accounts.

"#]]
        .raw()
    );
}

#[test]
fn few_accounts_are_listed_and_detail_lists_all_with_steps_and_undo() {
    let found: Vec<_> = (1..=2).map(made::drifted).collect();
    assert_data_eq!(
        body(&found, false),
        str![[r#"
Drift
  ~ iam.password_policy password policy
      2 accounts
        111122220001 team-1
        111122220002 team-2
      iam.password_policy.minimum_length    8 -> 14
      iam.password_policy.reuse_prevention  none -> 24
      severity medium

Score: 0.0 (0 of 4 verdicts compliant)
Plan: 0 to add, 2 to change, 0 to remove in 2 accounts.

"#]]
        .raw()
    );
    let found: Vec<_> = (1..=4).map(made::drifted).collect();
    assert_data_eq!(
        body(&found, true),
        str![[r#"
Drift
  ~ iam.password_policy password policy
      4 accounts
        111122220001 team-1
        111122220002 team-2
        111122220003 team-3
        111122220004 team-4
      iam.password_policy.minimum_length    8 -> 14
      iam.password_policy.reuse_prevention  none -> 24
      severity medium
      steps
        1. UpdateAccountPasswordPolicy with the former values and what has to change
      undo
        1. UpdateAccountPasswordPolicy with the former values
      references
        iam.password_policy.minimum_length: CIS AWS 1.4 1.8, CIS AWS 1.5 1.8, CIS AWS 2.0 1.8, CIS AWS 3.0 1.8, CIS AWS 4.0 1.8, CIS AWS 5.0 1.7, CIS AWS 6.0 2.7, CIS AWS 7.0 2.8, Security Hub IAM.7, Security Hub IAM.15
        iam.password_policy.reuse_prevention: CIS AWS 1.4 1.9, CIS AWS 1.5 1.9, CIS AWS 2.0 1.9, CIS AWS 3.0 1.9, CIS AWS 4.0 1.9, CIS AWS 5.0 1.8, CIS AWS 6.0 2.8, CIS AWS 7.0 2.9, Security Hub IAM.16

Score: 0.0 (0 of 8 verdicts compliant)
Plan: 0 to add, 4 to change, 0 to remove in 4 accounts.

"#]]
        .raw()
    );
}

#[test]
fn names_with_the_account_or_region_in_them_are_the_same_and_others_are_counted() {
    let regional = |number: usize, place: &str, object: &str, cost: Option<&str>| {
        let at = format!("{:012}", 111_122_220_000 + number);
        Change {
            region: Some(region(place)),
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
    let removed = Change { action: Action::Remove, ..found[1].changes[0].clone() };
    found[1].changes.push(removed);
    assert_data_eq!(
        body(&found, false),
        str![[r#"
Drift
  + s3.bucket logs-{account}-{region}
      2 accounts, 2 regions
        111122220001 team-1: eu-west-1, us-east-1
        111122220002 team-2: eu-west-1, us-east-1
      iam.password_policy.hard_expiry  none -> ON
      severity medium
      disruptive (apply needs --allow disruptive)

  + s3.bucket (2 objects)
      2 accounts, 1 region
        111122220001 team-1, eu-west-1: key-1
        111122220002 team-2, eu-west-1: key-2
      iam.password_policy.hard_expiry  none -> ON
      severity medium
      disruptive (apply needs --allow disruptive)
      costs: 1 USD a month each (apply needs --allow cost)

  - s3.bucket logs-111122220002-eu-west-1
      111122220002 team-2: eu-west-1
      iam.password_policy.hard_expiry  none -> ON
      severity medium
      disruptive (apply needs --allow disruptive)

Score: none (no verdict counts)
Plan: 6 to add, 0 to change, 1 to remove in 2 accounts.

"#]]
        .raw()
    );
}

fn every_section() -> Vec<Assessment> {
    let mut own = made::drifted(1);
    own.account.status = Status::Partial;
    let mut unreadable = made::row(1, "kms.key_rotation.enabled", VerdictKind::Unreadable);
    unreadable.region = Some(region("eu-west-1"));
    unreadable.object = Some("alias/app".to_owned());
    unreadable.reason = Some("kms:GetKeyRotationStatus in 111122220001 eu-west-1: denied".to_owned());
    own.account.reason.clone_from(&unreadable.reason);
    own.verdicts.push(unreadable);
    let twin = |id: &str| Change { id: id.to_owned(), ..made::change(1) };
    let mut manual = Change { manual: Some("sign in as root and set it".to_owned()), ..twin("manual") };
    manual.differences.truncate(1);
    own.changes.push(manual);
    own.changes
        .push(Change { blocked: Some("it needs s3.bucket logs, which nobody makes".to_owned()), ..twin("blocked") });

    let mut other = made::compliant(2, 3);
    for place in ["ap-east-1", "me-south-1"] {
        let mut closed = made::row(2, "guardduty.detector.enabled", VerdictKind::NotApplicable);
        closed.region = Some(region(place));
        closed.reason = Some(format!("{place} is closed by SCP"));
        other.verdicts.push(closed);
    }
    for in_force in [true, false] {
        let mut owned = made::row(2, "guardduty.detector.enabled", VerdictKind::OwnedElsewhere);
        owned.region = Some(region("eu-west-1"));
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
    header.warnings.push("an exemption expired\n --> baseline.yaml:7:3\n  |\n7 |   - until".to_owned());
    assert_data_eq!(shown_with(&header, spool, false), str![[r#"
Organization  o-abc1234567, management account 111122220000
Accounts      5 in scope: 1 read, 2 read in part, 1 not readable, 1 skipped
Regions       eu-west-1 (home), us-east-1
Baseline      foundation (sha256:000000000000)
Made          2026-11-22 10:00:00 UTC by arn:aws:iam::111122220000:user/ada

Drift
  ~ iam.password_policy password policy
      111122220001 team-1
      iam.password_policy.minimum_length    8 -> 14
      iam.password_policy.reuse_prevention  none -> 24
      severity medium

Mended elsewhere
  1 account is mended by 111122220000/eu-west-1/cloudtrail.trail/main, which is not in this plan
    111122220002 team-2
    cloudtrail.trail.kms  none -> alias/trail

Owned elsewhere
  guardduty.detector by the GuardDuty administrator 999988887777: not in force
    111122220002 team-2: eu-west-1
    guardduty.detector.enabled  false -> true
    to do there: enable it there for this member
  guardduty.detector by the GuardDuty administrator 999988887777: in force
    111122220002 team-2: eu-west-1

Exempt
  iam.password_policy.max_age_days
    111122220002 team-2
    only federated users, until 2027-01-01

Written, and not yet in force
  cloudtrail.trail.logging
    111122220002 team-2
    the first delivery is awaited

For a person to mend
  ~ iam.password_policy password policy
      111122220001 team-1
      iam.password_policy.minimum_length  8 -> 14
      severity medium
      to do: sign in as root and set it

Blocked
  ~ iam.password_policy password policy
      111122220001 team-1
      iam.password_policy.minimum_length    8 -> 14
      iam.password_policy.reuse_prevention  none -> 24
      severity medium
      blocked: it needs s3.bucket logs, which nobody makes

Accounts that could not be read
  sts:AssumeRole in 111122220003: denied (AccessDenied: no trust)
    111122220003 team-3

Accounts that were read in part
  only eu-west-1 was read
    111122220005 team-5

What could not be read
  kms.key_rotation
    111122220001 team-1: eu-west-1
    kms.key_rotation.enabled  alias/app
    kms:GetKeyRotationStatus in 111122220001 eu-west-1: denied

Skipped accounts
  the account is SUSPENDED
    111122220004 team-4

Regions with nothing to judge
  closed by SCP: 2 regions in 1 account: ap-east-1, me-south-1

Warnings
  an exemption expired
   --> baseline.yaml:7:3
    |
  7 |   - until

Score: 33.3 (3 of 9 verdicts compliant; not counted: 1 exempt, 2 owned elsewhere, 2 not applicable)
Plan: 0 to add, 1 to change, 0 to remove in 1 account; 1 needs a person; 1 is blocked; 1 requirement of other owners is not in force; 1 account could not be read; 2 accounts could be read only in part.

"#]].raw());
}

#[test]
fn many_unreadable_objects_are_counted_and_detail_names_them_all() {
    let mut found = made::account(1, Status::Partial, None);
    for number in 0..5_000 {
        let mut row = made::row(1, "kms.key_rotation.enabled", VerdictKind::Unreadable);
        row.object = Some(format!("key-{number}"));
        row.reason = Some("denied".to_owned());
        found.verdicts.push(row);
    }
    let short = body(std::slice::from_ref(&found), false);
    assert!(short.contains("  key-11\n    and 4988 more: see --detail\n    denied\n"), "{short}");
    assert!(body(&[found], true).contains("  key-4999\n    denied\n"));
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
    assert_data_eq!(
        body(&[made::compliant(1, 4), made::compliant(2, 4)], false),
        str![[r#"
All 2 accounts are in line with the baseline.
Score: 100.0 (8 of 8 verdicts compliant)
Plan: 0 to add, 0 to change, 0 to remove in 0 accounts.

"#]]
        .raw()
    );
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
    // The last is not in the list, and is told all the same.
    let accounts: Vec<_> = (1..=7).map(|number| made::read(number).account).collect();
    let mut changes: Vec<Change> = (1..=8).map(made::change).collect();
    changes[6].region = Some(region("us-east-1"));
    changes[6].kind = "kms.key_rotation".to_owned();
    let outcome = |kind, reason: Option<&str>| Outcome { kind, reason: reason.map(str::to_owned), deadline: None };
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
        waves: &[],
        approvals: &[],
    };
    let mut out = vec![];
    apply(&applied, &mut out).expect("written");
    assert_data_eq!(
        plain(&out),
        str![[r#"
Written and in force
  iam.password_policy password policy
    2 accounts
      111122220001 team-1
      111122220002 team-2

In force already
  iam.password_policy password policy
    111122220003 team-3

Held back
  iam.password_policy password policy
    2 accounts
      111122220004 team-4
      111122220005 team-5
    needs --allow cost (1 USD a month)
  What to do: apply again, with the flag where one is named and wanted

For a person to mend
  iam.password_policy password policy
    111122220006 team-6
    sign in and do it

Not as the plan saw it
  iam.password_policy password policy
    111122220008
    it is 9 now
  What to do: plan again: nothing was written here

Failed
  kms.key_rotation password policy
    111122220007 team-7: us-east-1
    kms:EnableKeyRotation in 111122220007 us-east-1: denied
  What to do: mend the cause, then plan and apply again; what is in force is left alone

Apply: 2 verified, 1 already in force, 2 held, 1 stale; 1 needs a person; 1 failed.

"#]]
        .raw()
    );
}
