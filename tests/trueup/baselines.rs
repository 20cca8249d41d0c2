//! Mistakes in a baseline, as the binary says them.

use crate::harness::{Stage, offline, organization};

/// What `baseline check` says of this text on stderr.
fn said(text: &str) -> String {
    let stage = Stage::new(organization(&[]).0);
    stage.write("b.yaml", text);
    let done = stage.run(&["baseline", "check", "b.yaml"]);
    assert_eq!((done.code, &*done.stdout), (Some(64), ""), "{}", done.stderr);
    let planned = stage.run(&["plan", "-b", "b.yaml"]);
    assert_eq!((planned.code, &planned.stderr), (Some(64), &done.stderr), "plan says the same");
    assert!(stage.calls().is_empty(), "AWS is not asked");
    done.stderr
}

#[test]
fn an_unknown_control_is_shown_with_the_one_that_is_near() {
    assert_eq!(
        said("version: 1\nname: x\ncontrols:\n  iam.password_polcy:\n    minimum_length: 14\n"),
        "\
error: the baseline has a mistake

error: there is no control `iam.password_polcy`
 --> b.yaml:4:3
  |
4 |   iam.password_polcy:
  |   ^^^^^^^^^^^^^^^^^^ did you mean `iam.password_policy`?
"
    );
}

#[test]
fn several_mistakes_are_said_at_once() {
    let text = "\
version: 1
name: x
controls:
  iam.password_policy:
    minimum_length: 200
    require_symbols: false
    requir_numbers: true
exemptions:
  - requirement: iam.password_policy.minimum_length
    reason: x
";
    assert_eq!(
        said(text),
        "\
error: the baseline has 4 mistakes

error: `minimum_length` is from 6 to 128, and this is 200
 --> b.yaml:5:21
  |
5 |     minimum_length: 200
  |                     ^^^

error: `require_symbols` is switched on by naming it; `false` is not a way to switch it off
 --> b.yaml:6:22
  |
6 |     require_symbols: false
  |                      ^^^^^ leave it out to not require it

error: `requir_numbers` is not a setting of iam.password_policy
 --> b.yaml:7:5
  |
7 |     requir_numbers: true
  |     ^^^^^^^^^^^^^^ did you mean `require_numbers`?

error: the exemption has no `expires`
 --> b.yaml:9:5
  |
9 |   - requirement: iam.password_policy.minimum_length
  |     ^^^^^^^^^^^ add `expires`
"
    );
}

#[test]
fn a_baseline_that_is_not_there_is_said_with_what_there_is() {
    offline(&["baseline", "check", "fundation"]).refused(64, "did you mean the shipped baseline `foundation`?");
    offline(&["plan", "-b", "nosuch.yaml"]).refused(64, "could not read `nosuch.yaml`");
}

#[test]
fn the_shipped_baseline_is_valid_and_the_default() {
    let done = offline(&["baseline", "check"]);
    assert_eq!((done.code, &*done.stderr), (Some(0), ""));
    assert!(done.stdout.starts_with("foundation is valid: 4 controls"), "{}", done.stdout);
}

#[test]
fn init_writes_a_baseline_that_is_valid_and_never_overwrites() {
    let stage = Stage::new(organization(&["one"]).0);
    let done = stage.run(&["init"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(stage.read("baseline.yaml").contains(&format!("organization: {}", stage.organization())));
    let checked = stage.run(&["baseline", "check", "baseline.yaml"]);
    assert_eq!((checked.code, &*checked.stderr), (Some(0), ""), "{}", checked.stderr);
    let calls = stage.calls().len();
    stage.run(&["init"]).refused(64, "baseline.yaml is there already");
    assert_eq!(stage.calls().len(), calls, "AWS is asked for nothing");
    assert_eq!(stage.run(&["plan", "-b", "baseline.yaml"]).code, Some(2));
}
