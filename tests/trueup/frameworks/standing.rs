//! `plan --framework`: how the accounts stand, by section.

use std::collections::BTreeMap;

use serde_json::Value;
use trueup::frameworks::Framework;
use trueup::simulator::Options;
use trueup::simulator::world::World;

use crate::harness::{Stage, list, offline, text};

const KINDS: [&str; 7] =
    ["compliant", "drifted", "exempt", "owned_elsewhere", "not_applicable", "pending", "unreadable"];

fn stage() -> Stage {
    Stage::new(World::generate(&Options { accounts: 10, seed: 5, ..Options::default() }))
}

/// Counts the verdicts of a plan by section and kind, once for each item of the framework that they refer to.
fn counted(plan: &Value, framework: Framework) -> BTreeMap<(String, String), u64> {
    let mut counted = BTreeMap::new();
    let prefix = format!("CIS AWS {} ", framework.edition());
    for row in list(&plan["verdicts"]) {
        let numbers = list(&row["references"]).iter().filter_map(|reference| text(reference).strip_prefix(&prefix));
        for number in numbers {
            let section = number.split('.').next().expect("a number").to_owned();
            *counted.entry((section, text(&row["verdict"]).to_owned())).or_default() += 1;
        }
    }
    counted
}

#[test]
fn the_figures_of_each_section_are_those_of_the_verdicts() {
    let stage = stage();
    for framework in [Framework::CisAws1_4, Framework::CisAws5_0, Framework::CisAws7_0] {
        let plan = stage.run(&["plan", "--framework", framework.name(), "--format", "json"]).json();
        let standing = &plan["framework"];
        assert_eq!((text(&standing["name"]), text(&standing["title"])), (framework.name(), &*framework.title()));
        let mut wanted = counted(&plan, framework);
        let mut all: BTreeMap<&str, u64> = BTreeMap::new();
        assert_eq!(list(&standing["sections"]).len(), framework.sections().len());
        for section in list(&standing["sections"]) {
            for kind in KINDS {
                let number = wanted.remove(&(text(&section["id"]).to_owned(), kind.to_owned())).unwrap_or(0);
                assert_eq!(section[kind], number, "{kind} of {section}");
                *all.entry(kind).or_default() += number;
            }
            assert!(!text(&section["title"]).is_empty());
            assert_eq!(section["score"].is_null(), section["judged"] == 0, "{section}");
        }
        assert!(wanted.is_empty(), "in no section: {wanted:?}");
        assert!(all["compliant"] > 0 && all["drifted"] > 0 && all["unreadable"] > 0, "{all:?}");
        for (kind, number) in &all {
            assert_eq!(standing[kind], *number, "{kind}");
        }
        let of = |kind: &str| u32::try_from(all[kind]).map(f64::from).expect("few");
        let score = 100.0 * of("compliant") / (of("compliant") + of("drifted") + of("unreadable") + of("pending"));
        assert!((standing["score"].as_f64().expect("a score") - score).abs() < 1e-9);
    }
}

#[test]
fn who_does_not_ask_about_a_framework_is_told_of_none() {
    let done = stage().run(&["plan", "--format", "json"]);
    assert!(done.json().get("framework").is_none());
}

#[test]
fn a_plan_file_keeps_what_was_asked_and_show_tells_it_again() {
    let stage = stage();
    let asked = ["plan", "--framework", "cis-aws-v3.0", "--out", "plan.json"];
    let planned = stage.run(&asked).stdout;
    let at = planned.find("\nFramework\n").expect("a section");
    let section = planned[at + 1..].split("\n\n").next().expect("its lines");
    let last = section.lines().last().expect("a line");
    assert!(last.starts_with("  CIS AWS Foundations Benchmark 3.0: "), "{section}");
    assert!(last.ends_with(" of 62 items judged"), "{section}");
    assert_eq!(section.lines().count(), 1 + 5 + 1, "{section}");
    let shown = stage.run(&["show", "plan.json"]);
    assert_eq!(shown.code, Some(0), "{}", shown.stderr);
    assert!(shown.stdout.contains(section), "{}", shown.stdout);
    let markdown = stage.run(&["show", "plan.json", "--format", "markdown"]).stdout;
    assert!(
        markdown.contains(&format!("#### Framework\n\n```text\n{}", section.lines().nth(1).expect("a line").trim()))
    );
}

#[test]
fn the_details_of_a_plan_name_the_references_of_what_differs() {
    let plain = stage().run(&["plan"]).stdout;
    assert!(!plain.contains("CIS AWS 3.0"), "{plain}");
    let detail = stage().run(&["plan", "--detail"]).stdout;
    assert!(detail.contains("      references\n"), "{detail}");
    let line = detail.lines().find(|line| line.trim().starts_with("kms.key_rotation.enabled: ")).expect("a line");
    assert!(line.contains("CIS AWS 3.0 3.6, ") && line.contains("Security Hub KMS.4"), "{line}");
    let markdown = stage().run(&["plan", "--format", "markdown"]).stdout;
    assert!(markdown.contains("CIS AWS 3.0 3.6, "), "{markdown}");
}

#[test]
fn a_framework_that_nobody_knows_is_refused_before_aws_is_asked() {
    offline(&["plan", "--framework", "cis-aws-v9.0"]).refused(64, "a similar value exists: 'cis-aws-v");
}
