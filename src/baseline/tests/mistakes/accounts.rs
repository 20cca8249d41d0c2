//! Mistakes of whom a baseline speaks of: accounts, regions, roles, overrides and exemptions.

use snapbox::{assert_data_eq, str};

use super::super::{beside, refusal};

#[test]
fn an_account_without_quotes_is_a_number() {
    let said =
        refusal(&beside("unreachable:\n  - accounts: [012345678901]\n    reason: gone\n    expires: 2027-01-01"));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: `accounts` is a text, and this is the number 012345678901
 --> acme.yaml:4:16
  |
4 |   - accounts: [012345678901]
  |                ^^^^^^^^^^^^ put it in quotes: "012345678901"
"#]]
    );
}

#[test]
fn an_unknown_requirement_is_shown_with_the_nearest() {
    let said = refusal(&beside(
        "exemptions:\n  - requirement: cloudtrail.trail.kms_key\n    reason: later\n    expires: 2027-03-31",
    ));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: there is no requirement `cloudtrail.trail.kms_key`
 --> acme.yaml:4:18
  |
4 |   - requirement: cloudtrail.trail.kms_key
  |                  ^^^^^^^^^^^^^^^^^^^^^^^^ did you mean `cloudtrail.trail.kms`?
"#]]
    );
}

#[test]
fn a_control_is_no_requirement() {
    let said =
        refusal(&beside("exemptions:\n  - requirement: cloudtrail.trail\n    reason: later\n    expires: 2027-03-31"));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: there is no requirement `cloudtrail.trail`
 --> acme.yaml:4:18
  |
4 |   - requirement: cloudtrail.trail
  |                  ^^^^^^^^^^^^^^^^ this is a control; an exemption names one requirement
  |
  = note: it has cloudtrail.trail.multi_region, cloudtrail.trail.logging, cloudtrail.trail.management_events, cloudtrail.trail.log_file_validation, cloudtrail.trail.kms
"#]]
    );
}

#[test]
fn an_exemption_has_a_reason_and_an_end() {
    let said = refusal(&beside("exemptions:\n  - requirement: cloudtrail.trail.kms\n    accounts: [\"111122223333\"]"));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has 2 mistakes

error: the exemption has no `expires`
 --> acme.yaml:4:5
  |
4 |   - requirement: cloudtrail.trail.kms
  |     ^^^^^^^^^^^ add `expires`

error: the exemption has no `reason`
 --> acme.yaml:4:5
  |
4 |   - requirement: cloudtrail.trail.kms
  |     ^^^^^^^^^^^ add `reason`
"#]]
    );
}

#[test]
fn an_exemption_with_an_empty_reason_is_a_mistake() {
    let said = refusal(&beside(
        "exemptions:\n  - requirement: cloudtrail.trail.kms\n    reason: \"\"\n    expires: 2027-03-31",
    ));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: `reason` is empty
 --> acme.yaml:5:13
  |
5 |     reason: ""
  |             ^^
"#]]
    );
}

#[test]
fn a_malformed_day_shows_the_form() {
    let said = refusal(&beside(
        "reviewed: 31.12.2026\nexemptions:\n  - requirement: cloudtrail.trail.kms\n    reason: later\n    expires: 2027-02-30",
    ));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has 2 mistakes

error: `reviewed` is a day, and this is `31.12.2026`
 --> acme.yaml:3:11
  |
3 | reviewed: 31.12.2026
  |           ^^^^^^^^^^ write year, month and day, as in 2027-03-31

error: `expires` is a day, and this is `2027-02-30`
 --> acme.yaml:7:14
  |
7 |     expires: 2027-02-30
  |              ^^^^^^^^^^ there is no such day
"#]]
    );
}

#[test]
fn a_day_without_dashes_shows_the_form_and_not_how_to_quote_it() {
    let said = refusal(&beside("reviewed: 20261231"));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: `reviewed` is a day, and this is the number 20261231
 --> acme.yaml:3:11
  |
3 | reviewed: 20261231
  |           ^^^^^^^^ write year, month and day, as in 2027-03-31
"#]]
    );
}

#[test]
fn the_management_account_is_read_or_included_and_nothing_else() {
    let said = refusal(&beside("management_account: true"));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: `management_account` is `read` or `include`, and this is `true`
 --> acme.yaml:3:21
  |
3 | management_account: true
  |                     ^^^^ `include` lets apply write it, `read` does not
"#]]
    );
}

#[test]
fn malformed_accounts_regions_and_organizations_say_their_form() {
    let said = refusal(&beside(
        "organization: o-abc\nregions: [eu-west-1, Ireland]\naccess:\n  accounts: { \"1234\": { read_role: audit } }",
    ));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has 3 mistakes

error: `organization` is malformed: `o-abc` is not the id of an organization, such as o-abc1234567
 --> acme.yaml:3:15
  |
3 | organization: o-abc
  |               ^^^^^

error: `regions` is malformed: `Ireland` is not the code of a region, such as eu-west-1
 --> acme.yaml:4:22
  |
4 | regions: [eu-west-1, Ireland]
  |                      ^^^^^^^

error: `1234` is not an account id of twelve digits
 --> acme.yaml:6:15
  |
6 |   accounts: { "1234": { read_role: audit } }
  |               ^^^^^^
"#]]
    );
}

#[test]
fn a_region_alone_is_to_be_a_list() {
    let said = refusal(&beside("regions: eu-west-1"));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: `regions` is `all` or a list of regions
 --> acme.yaml:3:10
  |
3 | regions: eu-west-1
  |          ^^^^^^^^^ write [eu-west-1]
"#]]
    );
}

#[test]
fn a_role_is_named_and_not_given_as_arn() {
    let said = refusal(&beside("access:\n  read_role: arn:aws:iam::111122223333:role/audit"));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: `read_role` is malformed: `arn:aws:iam::111122223333:role/audit` is not the name of a role (not an ARN: each account has its own)
 --> acme.yaml:4:14
  |
4 |   read_role: arn:aws:iam::111122223333:role/audit
  |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"#]]
    );
}

#[test]
fn the_management_account_is_read_or_included() {
    let said = refusal(&beside("management_account: included"));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: `management_account` is `read` or `include`, and this is the text `included`
 --> acme.yaml:3:21
  |
3 | management_account: included
  |                     ^^^^^^^^ did you mean `include`?
"#]]
    );
}

#[test]
fn an_override_chooses_accounts() {
    let said = refusal(&beside(
        "overrides:\n  - match: {}\n    controls: { guardduty.detector: off }\n  - controls: { guardduty.detector: off }\n  - match: { ou: Sandbox }",
    ));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has 4 mistakes

error: `match` chooses no accounts
 --> acme.yaml:4:12
  |
4 |   - match: {}
  |            ^^ name `ou`, `account` or `tag`; what is for all accounts goes to `controls`

error: the override has no `match`
 --> acme.yaml:6:5
  |
6 |   - controls: { guardduty.detector: off }
  |     ^^^^^^^^ add `match`

error: the override has no `controls`
 --> acme.yaml:7:5
  |
7 |   - match: { ou: Sandbox }
  |     ^^^^^ add `controls`

error: `ou` is malformed: `Sandbox` is not an OU: a path such as /Sandbox/Dev, or an id such as ou-ab12-cdefghij
 --> acme.yaml:7:18
  |
7 |   - match: { ou: Sandbox }
  |                  ^^^^^^^
"#]]
    );
}
