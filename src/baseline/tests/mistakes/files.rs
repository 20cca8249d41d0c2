//! Mistakes of whole files, and several at once.

use snapbox::{assert_data_eq, str};

use super::super::{load, refusal};

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
