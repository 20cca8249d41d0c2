//! Mistakes of keys, and of what YAML can say and a baseline cannot.

use snapbox::{assert_data_eq, str};

use super::super::{controls, refusal};

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
