//! How a plan and an apply end, and what steers no terminal.

use super::*;

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
        complete: true,
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

#[test]
fn an_apply_of_a_plan_that_could_not_read_all_names_a_few_of_the_accounts() {
    let organization = OrganizationLine { id: None, management_account: None };
    let applied = |accounts: &[AccountLine], complete| {
        let applied = Applied {
            run: "r1",
            created: "2026-11-22T10:00:00Z".parse().expect("a time"),
            plan: "sha256:00",
            organization: &organization,
            accounts,
            complete,
            changes: &[],
            outcomes: &[],
            waves: &[],
            approvals: &[],
        };
        let mut out = vec![];
        apply(&applied, &mut out).expect("written");
        plain(&out)
    };
    let lines = |statuses: &[Status]| -> Vec<AccountLine> {
        let line = |(number, status): (usize, &Status)| AccountLine { status: *status, ..made::read(number).account };
        (1..).zip(statuses).map(line).collect()
    };
    let two = lines(&[Status::Read, Status::Partial, Status::Skipped, Status::Unreadable]);
    let told = "The plan could not read all of 111122220002 team-2, 111122220004 team-4: what else is to be done there is \
                not known; plan again to see why.\nApply: nothing to do.\n";
    assert!(applied(&two, false).ends_with(told), "{}", applied(&two, false));
    assert_eq!(applied(&two, true).trim_start(), "Apply: nothing to do.\n");
    let many = applied(&lines(&[Status::Unreadable; 1007]), false);
    assert!(many.contains(" team-5, 1,002 more: ") && !many.contains("team-6"), "{many}");
}
