//! Files that mean harm, or no sense at all.

use std::fmt::Write as _;

use proptest::prelude::*;
use snapbox::{assert_data_eq, str};

use super::{TODAY, load, refusal, shapes};
use crate::Baseline;

#[test]
fn an_alias_bomb_is_refused() {
    let mut bomb = "version: 1\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let row = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(bomb, "a{level}: &a{level} [{row}]").expect("a line");
    }
    assert_data_eq!(
        refusal(&bomb),
        str![[r#"
the baseline has a mistake

error: the aliases of this file unfold to more than 200000 values
 --> acme.yaml:7:10
  |
7 | a5: &a5 [*a4, *a4, *a4, *a4, *a4, *a4, *a4, *a4, *a4, *a4]
  |          ^^^
"#]]
    );
}

#[test]
fn a_long_text_behind_many_aliases_is_refused() {
    let text = "x".repeat(500_000);
    let bomb = format!("version: 1\na: &a {text}\nb: [{}]\n", vec!["*a"; 100_000].join(", "));
    assert!(refusal(&bomb).contains("the aliases of this file unfold to more than 200000 values"));
}

#[test]
fn an_alias_inside_what_it_refers_to_is_refused() {
    assert_data_eq!(
        refusal("version: 1\nname: &a [*a]\n"),
        str![[r#"
the baseline has a mistake

error: this alias stands inside what it refers to
 --> acme.yaml:2:11
  |
2 | name: &a [*a]
  |           ^^
"#]]
    );
}

#[test]
fn a_file_that_nests_too_deep_is_refused() {
    let deep = format!("version: 1\nname: {}{}\n", "[".repeat(100), "]".repeat(100));
    assert!(refusal(&deep).contains("this is nested deeper than 64 levels"));
    let half = format!(
        "version: 1\na: &a {}{}\nname: {}*a{}\n",
        "[".repeat(40),
        "]".repeat(40),
        "[".repeat(40),
        "]".repeat(40)
    );
    assert!(refusal(&half).contains("with this alias the file nests deeper than 64 levels"));
}

#[test]
fn an_alias_means_what_it_refers_to() {
    let text = "version: 1\naccess: { read_role: &role audit, write_role: *role }\nextends: [foundation]\n";
    let (baseline, _) = super::accepted(text);
    assert_eq!(baseline.access.write_role.expect("a role").as_str(), "audit");
}

#[test]
fn a_file_over_1_mib_is_refused_and_one_of_1_mib_is_not() {
    let start = "version: 1\nextends: [foundation]\n#";
    let largest = format!("{start}{}", "x".repeat(1024 * 1024 - start.len()));
    assert!(load(&[("acme.yaml", &largest)]).is_ok());
    let refused = refusal(&format!("{largest}x"));
    assert_data_eq!(refused, str!["`acme.yaml` is larger than 1 MiB, which no baseline is"]);
}

#[test]
fn an_extended_file_over_1_mib_is_refused_where_it_is_named() {
    let large = "x".repeat(1024 * 1024 + 1);
    let said = load(&[("acme.yaml", "version: 1\nextends: [large.yaml]\n"), ("large.yaml", &large)]);
    assert_data_eq!(
        said.expect_err("refused"),
        str![[r#"
the baseline has a mistake

error: `large.yaml` is larger than 1 MiB, which no baseline is
 --> acme.yaml:2:11
  |
2 | extends: [large.yaml]
  |           ^^^^^^^^^^ share it out over files, and name them by `extends`
"#]]
    );
}

#[test]
fn a_long_chain_of_files_is_refused() {
    let names: Vec<String> = (0..40).map(|number| format!("{number}.yaml")).collect();
    let texts: Vec<String> = (1..=40).map(|next| format!("version: 1\nextends: [{next}.yaml]\n")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(texts.iter().map(String::as_str)).collect();
    let said = load(&files).expect_err("refused");
    assert!(said.contains("a baseline has at most 32 files") && said.contains("31.yaml:2:11"), "{said}");
}

#[test]
fn a_file_that_is_not_there_is_a_failure_with_a_hint() {
    let failure = Baseline::load("fondation", &shapes(), TODAY).expect_err("refused");
    assert_data_eq!(
        failure.to_string(),
        str![[r#"
could not read `fondation`: No such file or directory (os error 2)
  hint: did you mean the shipped baseline `foundation`?
"#]]
    );
}

#[test]
fn bytes_that_are_not_utf_8_are_shown_where_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("acme.yaml");
    std::fs::write(&path, b"version: 1\nname: a\xffb\n").expect("a file");
    let failure = Baseline::load(&path.to_string_lossy(), &shapes(), TODAY).expect_err("refused");
    assert!(failure.message.contains("acme.yaml:2:8"), "{}", failure.message);
    assert!(failure.message.contains("the file is not UTF-8"), "{}", failure.message);
}

#[test]
fn many_mistakes_are_counted_and_the_first_are_shown() {
    let mut text = "version: 1\n".to_owned();
    for number in 0..150 {
        writeln!(text, "wrong{number}: 1").expect("a line");
    }
    let said = refusal(&text);
    assert!(said.starts_with("the baseline has 150 mistakes\n"), "{said}");
    assert_eq!(said.matches("is not a key of a baseline file").count(), 100);
    assert!(said.ends_with("and 50 more"), "{said}");
}

/// Loads bytes as a file, for the sake of not panicking.
fn swallow(bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("any.yaml");
    std::fs::write(&path, bytes).expect("a file");
    // Whether it is refused is not the question here.
    if let Ok(baseline) = Baseline::load(&path.to_string_lossy(), &shapes(), TODAY) {
        assert!(!baseline.show().is_empty());
    }
}

/// Pieces that files are made of, so that chance gets past the first line.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "version: 1\n",
        "controls:\n",
        "  iam.password_policy:\n",
        "    minimum_length: 14\n",
        "  - ",
        "- ",
        "&a ",
        "*a",
        ": ",
        "\n",
        "[",
        "]",
        "{",
        "}",
        "match: { ou: /A }\n",
        "exemptions:\n",
        "overrides:\n",
        "off",
        "\"",
        "'",
        "|\n",
        ">-\n",
        "# x\n",
        "---\n",
        "!!str ",
        "é",
        "\t",
        "\u{0}",
        "\u{200b}",
        "999999999999999999999",
        "expires: 2027-01-01\n",
        "~",
        "? ",
        "extends: [foundation]\n",
        "%YAML 1.2\n",
        "\r\n",
        "<<: *a\n",
        "unreachable: ",
        "guardduty.detector: ",
        "  ",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        swallow(&bytes);
    }

    #[test]
    fn no_pieces_of_yaml_make_it_panic(text in pieces()) {
        swallow(text.as_bytes());
    }
}
