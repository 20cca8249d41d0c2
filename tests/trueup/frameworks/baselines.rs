//! The shipped baseline of a framework asks for what is covered of it, and for nothing beyond.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::date;
use serde_json::{Value, json};
use trueup::baseline::{Baseline, SHIPPED};
use trueup::control::Requirement;
use trueup::controls::{self, CONTROLS};
use trueup::frameworks::{Framework, Level};
use trueup::simulator::ACCESS_ROLE;

use crate::harness::{Stage, list, offline, organization};

/// The frameworks with a baseline.
const WITH_BASELINE: [Framework; 4] =
    [Framework::CisAws3_0, Framework::CisAws5_0, Framework::CisAws6_0, Framework::CisAws7_0];

/// What is covered and yet in no baseline: the requirement, and why.
const NOT_ASKED: [(&str, &str); 0] = [];

/// What is asked for though no item does, because what an item asks for is not mended without it.
const NEEDED: [(&str, &str); 4] = [
    ("cloudtrail.trail.cloudwatch_logs", "alarms are on the log group of the trail, which has had no item since 3.0"),
    ("cloudwatch.topic.publish", "an alarm tells nobody by a topic that CloudWatch may not publish to"),
    ("cloudwatch.topic.usable_key", "nor by one whose key it may not use"),
    ("cloudwatch.topic.subscribed", "nor by one to which nobody has subscribed"),
];

fn name(framework: Framework, level: Level) -> String {
    match level {
        Level::One => format!("{}-level-1", framework.name()),
        Level::Two => framework.name().to_owned(),
    }
}

fn loaded(name: &str) -> Baseline {
    Baseline::load(name, &controls::shapes(), date(2026, 12, 1)).expect("a shipped baseline")
}

/// The requirements that a baseline switches on.
fn asked(baseline: &Baseline) -> BTreeSet<&'static str> {
    let bound = |(id, settings): (&String, &trueup::baseline::Layered)| {
        controls::find(id).expect("a control").bind(&settings.json()).expect("its settings")
    };
    baseline.controls.iter().flat_map(|one| bound(one).required()).map(|requirement| requirement.id).collect()
}

/// The items of a framework, up to a level, that a requirement refers to.
fn items(requirement: &Requirement, framework: Framework, level: Level) -> Vec<&'static str> {
    let items = framework.items().iter().filter(|item| item.level <= level);
    let own = items.filter(|item| requirement.references.iter().any(|own| own.is(framework, &item.number)));
    own.map(|item| item.number.as_str()).collect()
}

/// Whoever adds a control is told what to add to which baseline.
#[test]
fn the_baseline_of_a_framework_asks_for_what_is_covered_and_for_nothing_beyond() {
    let mut wrong = vec![];
    for framework in WITH_BASELINE {
        for level in [Level::One, Level::Two] {
            let name = name(framework, level);
            let asked = asked(&loaded(&name));
            for requirement in CONTROLS.iter().flat_map(|control| control.meta().requirements) {
                let items = items(requirement, framework, level);
                let left_out = NOT_ASKED.iter().any(|(id, _)| *id == requirement.id);
                let needed = NEEDED.iter().any(|(id, _)| *id == requirement.id);
                match (!needed && (items.is_empty() || left_out), asked.contains(requirement.id)) {
                    (false, false) => wrong.push(format!("{name}.yaml lacks {} for {items:?}", requirement.id)),
                    (true, true) => wrong.push(format!("{name}.yaml asks for {}, for no item", requirement.id)),
                    (false, true) | (true, false) => {}
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_is_needed_and_asked_for_by_no_item_has_a_reason() {
    for (id, reason) in NEEDED {
        let requirement = CONTROLS.iter().flat_map(|control| control.meta().requirements).find(|one| one.id == id);
        let requirement = requirement.unwrap_or_else(|| panic!("there is no requirement {id}"));
        let of_an_item = WITH_BASELINE.iter().any(|framework| !items(requirement, *framework, Level::Two).is_empty());
        assert!(!of_an_item && !reason.is_empty(), "{id}");
    }
}

#[test]
fn what_no_baseline_asks_for_is_covered_and_has_a_reason() {
    for (id, reason) in NOT_ASKED {
        let requirement = CONTROLS.iter().flat_map(|control| control.meta().requirements).find(|one| one.id == id);
        let requirement = requirement.unwrap_or_else(|| panic!("there is no requirement {id}"));
        let covers = |framework: &Framework| !items(requirement, *framework, Level::Two).is_empty();
        assert!(WITH_BASELINE.iter().any(covers) && !reason.is_empty(), "{id}");
    }
}

#[test]
fn the_values_are_those_that_the_benchmark_asks_for() {
    for framework in WITH_BASELINE {
        let settings = |level| -> BTreeMap<String, Value> {
            let controls = loaded(&name(framework, level)).controls;
            controls.iter().map(|(id, settings)| (id.clone(), settings.json())).collect()
        };
        let (one, two) = (settings(Level::One), settings(Level::Two));
        let policy = json!({ "minimum_length": 14, "reuse_prevention": 24 });
        assert_eq!((&one["iam.password_policy"], &two["iam.password_policy"]), (&policy, &policy));
        assert!(one["cloudtrail.trail"].get("kms").is_none() && two["cloudtrail.trail"]["kms"] == true);
        assert!(!one.contains_key("kms.key_rotation") && two["kms.key_rotation"]["enabled"] == true);
        assert!(!two.contains_key("guardduty.detector"), "no edition asks for it");
    }
}

#[test]
fn each_shipped_baseline_is_valid_bears_its_name_and_says_how_it_is_extended() {
    for (name, text) in SHIPPED {
        let done = offline(&["baseline", "check", name]);
        assert_eq!((done.code, &*done.stderr), (Some(0), ""));
        assert!(done.stdout.starts_with(&format!("{name} is valid: ")), "{}", done.stdout);
        assert!(text.contains(&format!("\n#   extends: [{name}]\n")), "{name}");
    }
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/baselines")).expect("a folder");
    let names = files.filter_map(|file| file.expect("a file").file_name().into_string().ok());
    let files: BTreeSet<String> = names.filter_map(|file| file.strip_suffix(".yaml").map(str::to_owned)).collect();
    assert_eq!(files, SHIPPED.map(|(name, _)| name.to_owned()).into());
}

#[test]
fn a_baseline_of_cis_leaves_to_a_person_what_only_a_person_can_do_and_nothing_else() {
    for framework in WITH_BASELINE {
        let stage = Stage::new(organization(&["one", "two"]).0);
        let organization = stage.organization();
        let text = format!(
            "version: 1\nname: ours\norganization: {organization}\nextends: [{}]\nmanagement_account: include\n\
             access:\n  write_role: {ACCESS_ROLE}\n",
            framework.name()
        );
        stage.write("baseline.yaml", &text);
        let before = stage.planned(2);
        stage.apply(&["--allow", "cost,disruptive"]);
        let (after, _) = stage.plan(&[]);
        assert_eq!(after["complete"], true);
        let left: Vec<&Value> = list(&after["changes"]).iter().filter(|change| change["manual"].is_null()).collect();
        assert!(left.is_empty(), "{framework}: {left:#?}");
        let compliant = |plan: &Value| plan["summary"]["requirements"]["compliant"].as_u64();
        assert!(compliant(&after) > compliant(&before), "{framework}: {}", after["summary"]);
    }
}
