//! Mistakes of controls and their settings.

use snapbox::{assert_data_eq, str};

use super::super::{beside, controls, refusal};

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
