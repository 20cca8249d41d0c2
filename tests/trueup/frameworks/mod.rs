//! Every framework against its complete list, and how much of each is covered.

mod baselines;
mod standing;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use trueup::controls::{Coverage, coverage};
use trueup::frameworks::{Assessed, Framework, Level};

use crate::harness::{list, offline, text};

/// What stands in a file of lines, without its comments.
fn lines(text: &str) -> BTreeSet<String> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}

#[test]
fn every_framework_has_each_item_of_its_complete_list_and_none_besides() {
    let facts = lines(include_str!("items.txt"));
    let line = |framework: Framework| {
        let items = framework.items().iter();
        items.map(move |item| format!("{} {} {} {}", framework.name(), item.number, item.level, item.assessed))
    };
    let ours: Vec<String> = Framework::ALL.into_iter().flat_map(line).collect();
    assert_eq!(ours.len(), facts.len(), "none is there twice");
    assert_eq!(ours.into_iter().collect::<BTreeSet<_>>(), facts);
}

const COUNTS: [(&str, usize, usize, usize); 8] = [
    ("1.4", 38, 20, 51),
    ("1.5", 42, 21, 55),
    ("2.0", 44, 20, 55),
    ("3.0", 42, 20, 54),
    ("4.0", 42, 22, 37),
    ("5.0", 41, 22, 35),
    ("6.0", 41, 22, 35),
    ("7.0", 41, 29, 34),
];

#[test]
fn the_lists_are_as_long_as_the_publisher_says() {
    // Those of level 1, those of level 2, and those that a program can tell.
    let counts = Framework::ALL.map(|framework| {
        let items = framework.items();
        let of = |level| items.iter().filter(|item| item.level == level).count();
        let automated = items.iter().filter(|item| item.assessed == Assessed::Automated).count();
        (framework.edition(), of(Level::One), of(Level::Two), automated)
    });
    assert_eq!(counts, COUNTS);
}

/// What nothing covers although a program could tell, each with its reason. Who adds a control deletes its line.
#[test]
fn what_is_not_covered_is_known_line_by_line() {
    let mut open: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for item in Framework::ALL.iter().flat_map(|framework| framework.items()) {
        let Coverage::NotCovered(reason) = coverage(item) else { continue };
        assert_eq!(item.assessed, Assessed::Automated, "{} {}", item.framework, item.number);
        let numbers = open.entry(format!("{}: {reason}", item.topic.title)).or_default();
        numbers.push(format!("{} {}", item.framework.edition(), item.number));
    }
    let found: BTreeSet<String> =
        open.into_iter().map(|(words, numbers)| format!("{words} ({})", numbers.join(", "))).collect();
    let known = lines(include_str!("not_covered.txt"));
    let delete: Vec<_> = known.difference(&found).collect();
    let add: Vec<_> = found.difference(&known).collect();
    assert!(
        delete.is_empty() && add.is_empty(),
        "tests/trueup/frameworks/not_covered.txt: delete {delete:#?}, for that is covered by now; add {add:#?}"
    );
}

#[test]
fn the_binary_tells_every_item_of_a_framework() {
    for framework in Framework::ALL {
        let told = offline(&["controls", "--framework", framework.name(), "--format", "json"]).json();
        assert_eq!(told["format"], "trueup.framework/1");
        assert_eq!(told["framework"], framework.name());
        let items = list(&told["items"]);
        assert_eq!(items.len(), framework.items().len());
        for item in items {
            match text(&item["coverage"]) {
                "covered" => assert!(!list(&item["requirements"]).is_empty(), "{item}"),
                "manual" => assert!(!text(&item["manual"]).is_empty(), "{item}"),
                "not_covered" => assert!(!text(&item["reason"]).is_empty(), "{item}"),
                other => panic!("{other}"),
            }
        }
        let shown = offline(&["controls", "--framework", framework.name()]);
        assert_eq!(shown.code, Some(0), "{}", shown.stderr);
        for item in framework.items() {
            assert!(shown.stdout.contains(&format!("\n  {} ", item.number)), "{} {}", framework, item.number);
        }
    }
}

#[test]
fn the_first_level_is_told_alone() {
    let told = |level: &[&str]| {
        let all = ["controls", "--framework", "cis-aws-v7.0", "--format", "json"];
        offline(&[&all[..], level].concat()).json()
    };
    let levels = |told: &Value| -> BTreeSet<String> {
        list(&told["items"]).iter().map(|item| item["level"].to_string()).collect()
    };
    let one = told(&["--level", "1"]);
    assert_eq!(levels(&one), BTreeSet::from(["1".to_owned()]));
    assert_eq!(one["level"], 1);
    for both in [told(&[]), told(&["--level", "2"])] {
        assert_eq!(levels(&both), BTreeSet::from(["1".to_owned(), "2".to_owned()]));
        assert_eq!(list(&both["items"]).len(), 70);
    }
}

#[test]
fn a_framework_that_nobody_knows_is_refused_with_those_that_there_are() {
    let wrong = offline(&["controls", "--framework", "cis-aws-v3"]);
    wrong.refused(64, "cis-aws-v1.4, cis-aws-v1.5, cis-aws-v2.0, cis-aws-v3.0");
    offline(&["controls", "--framework", "cis-aws-v4.0.1"]).refused(64, "cis-aws-v4.0'");
    offline(&["controls", "--framework", "cis-aws-v3.0", "--level", "3"]).refused(64, "there is level 1, and level 2");
    offline(&["controls", "--level", "1"]).refused(64, "--framework");
    offline(&["controls", "iam.password_policy", "--framework", "cis-aws-v3.0"]).refused(64, "cannot be used with");
}
