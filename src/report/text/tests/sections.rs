//! Blocks of changes, and the sections of a plan.

use super::*;

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
        iam.password_policy.minimum_length: CIS AWS 1.4 1.8, CIS AWS 1.5 1.8, CIS AWS 2.0 1.8, CIS AWS 3.0 1.8, CIS AWS 4.0 1.8, CIS AWS 5.0 1.7, CIS AWS 6.0 2.7, CIS AWS 7.0 2.8, Security Hub IAM.7, Security Hub IAM.10, Security Hub IAM.15, NIST 800-53 r5 AC-2, NIST 800-53 r5 AC-2(1), NIST 800-53 r5 AC-2(3), NIST 800-53 r5 AC-3(3), NIST 800-53 r5 AC-3(4), NIST 800-53 r5 AC-3(8), NIST 800-53 r5 AC-3(12), NIST 800-53 r5 AC-3(13), NIST 800-53 r5 AC-3(15), NIST 800-53 r5 AC-4(28), NIST 800-53 r5 AC-7(4), NIST 800-53 r5 AC-24, NIST 800-53 r5 CM-5(1), NIST 800-53 r5 CM-6, NIST 800-53 r5 CM-9, NIST 800-53 r5 CM-12, NIST 800-53 r5 IA-4, NIST 800-53 r5 IA-5, NIST 800-53 r5 IA-5(1), NIST 800-53 r5 IA-5(18), NIST 800-53 r5 IA-8(2), NIST 800-53 r5 MA-4, NIST 800-53 r5 SC-23(3)
        iam.password_policy.reuse_prevention: CIS AWS 1.4 1.9, CIS AWS 1.5 1.9, CIS AWS 2.0 1.9, CIS AWS 3.0 1.9, CIS AWS 4.0 1.9, CIS AWS 5.0 1.8, CIS AWS 6.0 2.8, CIS AWS 7.0 2.9, Security Hub IAM.10, Security Hub IAM.16, NIST 800-53 r5 AC-2, NIST 800-53 r5 AC-2(1), NIST 800-53 r5 AC-2(3), NIST 800-53 r5 AC-3(3), NIST 800-53 r5 AC-3(4), NIST 800-53 r5 AC-3(8), NIST 800-53 r5 AC-3(12), NIST 800-53 r5 AC-3(13), NIST 800-53 r5 AC-3(15), NIST 800-53 r5 AC-4(28), NIST 800-53 r5 AC-7(4), NIST 800-53 r5 AC-24, NIST 800-53 r5 CM-5(1), NIST 800-53 r5 CM-6, NIST 800-53 r5 CM-9, NIST 800-53 r5 CM-12, NIST 800-53 r5 IA-4, NIST 800-53 r5 IA-5, NIST 800-53 r5 IA-5(1), NIST 800-53 r5 IA-5(18), NIST 800-53 r5 IA-8(2), NIST 800-53 r5 MA-4, NIST 800-53 r5 SC-23(3)

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
fn what_accounts_lack_of_what_another_sets_is_told_apart_by_what_each_lacks() {
    let lacking = |number: usize, observed: serde_json::Value| {
        let mut found = made::compliant(number, 1);
        let mut owned = made::row(number, "guardduty.detector.enabled", VerdictKind::OwnedElsewhere);
        owned.in_force = Some(false);
        owned.owner = Some("the GuardDuty administrator 999988887777".to_owned());
        owned.reason = Some("enable it there for this member".to_owned());
        (owned.observed, owned.wanted) = (observed, json!(true));
        found.verdicts.push(owned);
        found
    };
    let found = [lacking(1, json!(null)), lacking(2, json!(false)), lacking(3, json!(null))];
    let text = body(&found, false);
    let block = |accounts: &str, difference: &str| {
        format!(
            "  guardduty.detector by the GuardDuty administrator 999988887777: not in force\n{accounts}    \
             guardduty.detector.enabled  {difference}\n    to do there: enable it there for this member\n"
        )
    };
    let (first, third, second) = ("111122220001 team-1", "111122220003 team-3", "    111122220002 team-2\n");
    let both = block(&format!("    2 accounts\n      {first}\n      {third}\n"), "none -> true");
    assert!(text.contains(&(both + &block(second, "false -> true"))), "{text}");
}
