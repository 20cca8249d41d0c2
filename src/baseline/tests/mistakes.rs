//! Every mistake, with all that is said of it.
//!
//! One test for each mistake, with its whole message beside it: a list to look things up in, and long for that reason.

use snapbox::{assert_data_eq, str};

use super::{beside, controls, load, refusal};

#[test]
fn an_unknown_key_is_shown_with_the_nearest() {
    let said = refusal("version: 1\nexemption: []\n");
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: `exemption` is not a key of a baseline file
 --> acme.yaml:2:1
  |
2 | exemption: []
  | ^^^^^^^^^ did you mean `exemptions`?
"#]]
    );
}

#[test]
fn an_unknown_key_without_a_near_one_names_those_there_are() {
    let said = refusal("version: 1\naccess: { colour: red }\n");
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: `colour` is not a key of `access`
 --> acme.yaml:2:11
  |
2 | access: { colour: red }
  |           ^^^^^^
  |
  = note: known are `read_role`, `write_role`, `management_role`, `external_id`, `accounts`
"#]]
    );
}

#[test]
fn a_duplicate_key_is_shown_at_both_places() {
    let said = refusal("version: 1\nname: acme\nregions: all\nname: other\n");
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: the key `name` stands here a second time
 --> acme.yaml:4:1
  |
2 | name: acme
  | ---- first here
3 | regions: all
4 | name: other
  | ^^^^
"#]]
    );
}

#[test]
fn a_wrong_type_says_what_is_wanted() {
    let said = refusal(&controls("  iam.password_policy:\n    minimum_length: long"));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: `minimum_length` is a whole number, and this is the text `long`
 --> acme.yaml:4:21
  |
4 |     minimum_length: long
  |                     ^^^^
"#]]
    );
}

#[test]
fn a_number_in_quotes_is_to_be_written_without() {
    let said = refusal(&controls("  iam.password_policy: { minimum_length: \"14\" }"));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: `minimum_length` is a whole number, and this is the text `14`
 --> acme.yaml:3:42
  |
3 |   iam.password_policy: { minimum_length: "14" }
  |                                          ^^^^ write it without quotes
"#]]
    );
}

#[test]
fn yes_is_a_text_and_true_is_meant() {
    let said = refusal(&controls("  cloudtrail.trail: { logging: yes }"));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: `logging` is `true`, or left out; this is the text `yes`
 --> acme.yaml:3:32
  |
3 |   cloudtrail.trail: { logging: yes }
  |                                ^^^ write `true`
"#]]
    );
}

#[test]
fn no_is_a_text_and_false_is_meant() {
    let said = refusal(&controls("  iam.password_policy: { hard_expiry: no }"));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: `hard_expiry` is `true` or `false`, and this is the text `no`
 --> acme.yaml:3:39
  |
3 |   iam.password_policy: { hard_expiry: no }
  |                                       ^^ write `false`
"#]]
    );
}

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
fn a_number_out_of_range_says_the_range() {
    let said = refusal(&controls("  iam.password_policy:\n    minimum_length: 4\n    reuse_prevention: 25"));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has 2 mistakes

error: `minimum_length` is from 6 to 128, and this is 4
 --> acme.yaml:4:21
  |
4 |     minimum_length: 4
  |                     ^

error: `reuse_prevention` is from 1 to 24, and this is 25
 --> acme.yaml:5:23
  |
5 |     reuse_prevention: 25
  |                       ^^
"#]]
    );
}

#[test]
fn a_fraction_is_not_a_whole_number() {
    let said = refusal(&controls("  iam.password_policy: { minimum_length: 14.5 }"));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: `minimum_length` is a whole number, and this is the number 14.5
 --> acme.yaml:3:42
  |
3 |   iam.password_policy: { minimum_length: 14.5 }
  |                                          ^^^^
"#]]
    );
}

#[test]
fn an_unknown_control_is_shown_with_the_nearest() {
    let said = refusal(&controls("  iam.pasword_policy: { minimum_length: 14 }"));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: there is no control `iam.pasword_policy`
 --> acme.yaml:3:3
  |
3 |   iam.pasword_policy: { minimum_length: 14 }
  |   ^^^^^^^^^^^^^^^^^^ did you mean `iam.password_policy`?
"#]]
    );
}

#[test]
fn an_unknown_setting_is_shown_with_the_nearest() {
    let said = refusal(&controls("  cloudtrail.trail:\n    log_validation: true"));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: `log_validation` is not a setting of cloudtrail.trail
 --> acme.yaml:4:5
  |
4 |     log_validation: true
  |     ^^^^^^^^^^^^^^ did you mean `log_file_validation`?
"#]]
    );
}

#[test]
fn an_unknown_choice_is_shown_with_the_nearest() {
    let said = refusal(&controls(
        "  cloudtrail.trail: { scope: organisation }\n  guardduty.detector: { features: [S3_DATA_EVENT] }",
    ));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has 2 mistakes

error: `scope` is one of `organization`, `account`, and this is the text `organisation`
 --> acme.yaml:3:30
  |
3 |   cloudtrail.trail: { scope: organisation }
  |                              ^^^^^^^^^^^^ did you mean `organization`?

error: `features` is one of `S3_DATA_EVENTS`, `EBS_MALWARE_PROTECTION`, `RUNTIME_MONITORING`, and this is the text `S3_DATA_EVENT`
 --> acme.yaml:4:36
  |
4 |   guardduty.detector: { features: [S3_DATA_EVENT] }
  |                                    ^^^^^^^^^^^^^ did you mean `S3_DATA_EVENTS`?
"#]]
    );
}

#[test]
fn a_feature_named_twice_is_shown_at_both_places() {
    let said =
        refusal(&controls("  guardduty.detector:\n    features:\n      - S3_DATA_EVENTS\n      - S3_DATA_EVENTS"));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: `features` names the text `S3_DATA_EVENTS` twice
 --> acme.yaml:6:9
  |
5 |       - S3_DATA_EVENTS
  |         -------------- first here
6 |       - S3_DATA_EVENTS
  |         ^^^^^^^^^^^^^^
"#]]
    );
}

#[test]
fn a_list_is_not_a_text() {
    let said = refusal(&controls("  guardduty.detector: { features: S3_DATA_EVENTS }"));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: `features` is a list, and this is the text `S3_DATA_EVENTS`
 --> acme.yaml:3:35
  |
3 |   guardduty.detector: { features: S3_DATA_EVENTS }
  |                                   ^^^^^^^^^^^^^^ write [S3_DATA_EVENTS]
"#]]
    );
}

#[test]
fn a_text_that_has_not_its_form_says_what_it_is() {
    let said = refusal(&controls("  guardduty.detector: { admin_account: \"1234\" }"));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: `admin_account` cannot be `1234`
 --> acme.yaml:3:40
  |
3 |   guardduty.detector: { admin_account: "1234" }
  |                                        ^^^^^^
  |
  = note: it has the form ^[0-9]{12}$
  = note: The account of the administrator: twelve digits.
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
fn false_for_a_required_property_is_to_be_left_out() {
    let said = refusal(&controls(
        "  cloudtrail.trail:\n    multi_region: true\n    logging: false\n  iam.password_policy:\n    require_symbols: false",
    ));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has 2 mistakes

error: `logging` is switched on by naming it; `false` is not a way to switch it off
 --> acme.yaml:5:14
  |
5 |     logging: false
  |              ^^^^^ leave it out to not require it

error: `require_symbols` is switched on by naming it; `false` is not a way to switch it off
 --> acme.yaml:7:22
  |
7 |     require_symbols: false
  |                      ^^^^^ leave it out to not require it
"#]]
    );
}

#[test]
fn a_setting_without_a_value_is_a_mistake() {
    let said = refusal(&controls("  iam.password_policy:\n    minimum_length:"));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: `minimum_length` has no value
 --> acme.yaml:4:19
  |
4 |     minimum_length:
  |                   ^ give it one, or leave it out to not require it
"#]]
    );
}

#[test]
fn a_control_without_settings_requires_nothing() {
    let said = refusal(&controls("  iam.password_policy: {}\n  kms.key_rotation:"));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has 2 mistakes

error: `iam.password_policy` names no setting, so it requires nothing
 --> acme.yaml:3:24
  |
3 |   iam.password_policy: {}
  |                        ^^ name a setting, or leave the control out

error: `kms.key_rotation` is a map of settings, or `off`; this is nothing
 --> acme.yaml:4:19
  |
4 |   kms.key_rotation:
  |                   ^
"#]]
    );
}

#[test]
fn a_control_is_switched_off_by_off_and_not_by_false() {
    let said = refusal(&beside("overrides:\n  - match: { ou: /Sandbox }\n    controls: { guardduty.detector: false }"));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: `guardduty.detector` is a map of settings, or `off`; this is `false`
 --> acme.yaml:5:37
  |
5 |     controls: { guardduty.detector: false }
  |                                     ^^^^^ write `off`
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
fn a_number_of_too_many_digits_is_out_of_range() {
    let said = refusal(&controls("  iam.password_policy:\n    minimum_length: 99999999999999999999"));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: `minimum_length` is from 6 to 128, and this is 99999999999999999999
 --> acme.yaml:4:21
  |
4 |     minimum_length: 99999999999999999999
  |                     ^^^^^^^^^^^^^^^^^^^^
"#]]
    );
}

#[test]
fn a_merge_key_is_said_not_to_be_one() {
    let said = refusal(&controls("  iam.password_policy:\n    <<: { minimum_length: 14 }"));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: `<<` is not a setting of iam.password_policy
 --> acme.yaml:4:5
  |
4 |     <<: { minimum_length: 14 }
  |     ^^
  |
  = note: YAML 1.2 has no merge keys: `extends` puts files together, an alias repeats a whole value
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

#[test]
fn an_unsupported_version_is_refused() {
    let said = refusal("version: 2\nextends: [foundation]\n");
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: this trueup reads version 1 of the baseline file, and this is the number 2
 --> acme.yaml:1:10
  |
1 | version: 2
  |          ^ write `version: 1`
"#]]
    );
}

#[test]
fn a_version_is_needed() {
    let said = refusal("extends: [foundation]\n");
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: the baseline file has no `version`
 --> acme.yaml:1:1
  |
1 | extends: [foundation]
  | ^^^^^^^ add `version`
"#]]
    );
}

#[test]
fn a_baseline_without_controls_wants_nothing() {
    let said = refusal("version: 1\nname: acme\n");
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: this baseline wants no control
 --> acme.yaml:1:1
  |
1 | version: 1
  | ^^^^^^^ add `controls`, or `extends: [foundation]`
"#]]
    );
}

#[test]
fn an_empty_file_is_no_baseline() {
    let said = refusal("# nothing yet\n");
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: the file is empty
 --> acme.yaml:1:1
  |
1 | # nothing yet
  | ^ start with `version: 1`
"#]]
    );
}

#[test]
fn a_list_is_no_baseline() {
    let said = refusal("- version: 1\n");
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: a baseline file is a map of keys, and this is a list
 --> acme.yaml:1:1
  |
1 | - version: 1
  | ^^^^^^^^^^^^
"#]]
    );
}

#[test]
fn what_is_not_yaml_is_shown_where_it_stops() {
    let said = refusal("version: 1\naccess: { read_role: audit\ncontrols: x: y\n");
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: this is not YAML: while parsing a flow mapping, did not find expected ',' or '}'
 --> acme.yaml:3:9
  |
3 | controls: x: y
  |         ^
"#]]
    );
}

#[test]
fn a_second_document_is_refused() {
    let said = refusal("version: 1\nextends: [foundation]\n---\nversion: 1\n");
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: a baseline is one YAML document, and here a second one starts
 --> acme.yaml:3:1
  |
3 | ---
  | ^^^
"#]]
    );
}

#[test]
fn a_key_is_a_text() {
    let said = refusal("version: 1\n? [a, b]\n: c\n");
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: a key is a text, and this is a list
 --> acme.yaml:2:3
  |
2 | ? [a, b]
  |   ^^^^^^
"#]]
    );
}

#[test]
fn a_tag_of_yaml_is_refused() {
    let said = refusal("version: 1\nname: !secret acme\n");
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: a baseline has no use for the tag `!secret`
 --> acme.yaml:2:15
  |
2 | name: !secret acme
  |               ^^^^
"#]]
    );
}

#[test]
fn an_unknown_shipped_baseline_is_shown_with_the_nearest() {
    let said = refusal("version: 1\nextends: [fundation]\n");
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: could not read `fundation`: No such file or directory (os error 2)
 --> acme.yaml:2:11
  |
2 | extends: [fundation]
  |           ^^^^^^^^^ did you mean `foundation`?
"#]]
    );
}

#[test]
fn a_cycle_of_files_is_shown_as_a_chain() {
    let said = load(&[
        ("acme.yaml", "version: 1\nextends: [base.yaml]\n"),
        ("base.yaml", "version: 1\nextends:\n  - foundation\n  - ./acme.yaml\n"),
    ])
    .expect_err("refused");
    assert_data_eq!(
        said,
        str![[r#"
the baseline has a mistake

error: a baseline cannot extend itself
 --> base.yaml:4:5
  |
4 |   - ./acme.yaml
  |     ^^^^^^^^^^^
  |
  = note: acme.yaml extends base.yaml extends ./acme.yaml
"#]]
    );
}

#[test]
fn several_mistakes_in_several_files_are_shown_in_one_go() {
    let said = load(&[
        ("acme.yaml", "version: 1\nextends: [base.yaml]\nregion: all\ncontrols:\n  kms.key_rotation: { enabled: on }\nnames: acme\n"),
        ("base.yaml", "version: 1\ncontrols:\n  kms.rotation: { enabled: true }\n"),
    ])
    .expect_err("refused");
    assert_data_eq!(
        said,
        str![[r#"
the baseline has 4 mistakes

error: `region` is not a key of a baseline file
 --> acme.yaml:3:1
  |
3 | region: all
  | ^^^^^^ did you mean `regions`?

error: `enabled` is `true`, or left out; this is the text `on`
 --> acme.yaml:5:32
  |
5 |   kms.key_rotation: { enabled: on }
  |                                ^^ write `true`

error: `names` is not a key of a baseline file
 --> acme.yaml:6:1
  |
6 | names: acme
  | ^^^^^ did you mean `name`?

error: there is no control `kms.rotation`
 --> base.yaml:3:3
  |
3 |   kms.rotation: { enabled: true }
  |   ^^^^^^^^^^^^ did you mean `kms.key_rotation`?
"#]]
    );
}
