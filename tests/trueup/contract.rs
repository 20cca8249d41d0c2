//! The JSON of a plan, field by field, over organizations of several seeds: scripts rely on it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use trueup::controls::CONTROLS;
use trueup::simulator::Options;
use trueup::simulator::world::World;

use crate::harness::{Stage, list, text};

fn plans() -> impl Iterator<Item = Value> {
    [11, 12, 13].into_iter().map(|seed| {
        let stage = Stage::new(World::generate(&Options { accounts: 16, seed, ..Options::default() }));
        let done = stage.run(&["plan", "--format", "json"]);
        assert_eq!(done.code, Some(3), "one account cannot be entered: {}", done.stderr);
        done.json()
    })
}

fn fields(value: &Value) -> BTreeSet<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[track_caller]
fn has(value: &Value, wanted: &[&str]) {
    let there = fields(value);
    let missing: Vec<_> = wanted.iter().filter(|field| !there.contains(*field)).collect();
    assert!(missing.is_empty(), "{missing:?} missing in {value}");
}

#[track_caller]
fn has_just(value: &Value, wanted: &[&str]) {
    assert_eq!(fields(value), wanted.iter().copied().collect(), "{value}");
}

fn tally<'a>(values: &'a Value, field: &str) -> BTreeMap<&'a str, u64> {
    let mut tally = BTreeMap::new();
    for value in list(values) {
        *tally.entry(text(&value[field])).or_default() += 1;
    }
    tally
}

#[test]
fn every_part_has_its_fields() {
    for plan in plans() {
        let top = ["format", "tool", "created", "organization", "baseline", "complete", "summary"];
        has(&plan, &top);
        has(&plan, &["accounts", "verdicts", "changes"]);
        assert_eq!(plan["format"], "trueup.plan/1");
        has_just(&plan["organization"], &["id", "management_account"]);
        has(&plan["baseline"], &["name", "digest"]);
        let summary = &plan["summary"];
        has_just(&summary["accounts"], &["in_scope", "read", "partial", "unreadable", "skipped"]);
        has_just(&summary["changes"], &["add", "change", "remove", "manual", "blocked"]);
        let kinds = ["compliant", "drifted", "exempt", "owned_elsewhere", "not_applicable", "pending", "unreadable"];
        has_just(&summary["requirements"], &kinds);
        for account in list(&plan["accounts"]) {
            has(account, &["id", "name", "ou_path", "state", "status"]);
            assert_eq!(account["status"] == "read", account.get("reason").is_none(), "{account}");
        }
        for row in list(&plan["verdicts"]) {
            has(row, &["account", "control", "requirement", "verdict", "severity", "references"]);
            assert!(text(&row["requirement"]).starts_with(&format!("{}.", text(&row["control"]))), "{row}");
            assert!(row["region"].is_string() || row.get("region").is_none(), "{row}");
            assert_eq!(row.get("in_force").is_some(), row["verdict"] == "owned_elsewhere", "{row}");
            let told = ["not_applicable", "unreadable", "exempt"].contains(&text(&row["verdict"]));
            assert!(!told || row["reason"].is_string(), "{row}");
        }
        for change in list(&plan["changes"]) {
            has(change, &["id", "account", "control", "object", "severity", "risk", "cost"]);
            has(change, &["differences", "steps", "depends_on", "undo"]);
            for difference in list(&change["differences"]) {
                has_just(difference, &["requirement", "observed", "wanted"]);
            }
        }
    }
}

#[test]
fn the_figures_are_those_of_the_lists() {
    for plan in plans() {
        let summary = &plan["summary"];
        let number = |part: &str, field: &str| summary[part][field].as_u64().expect("a number");
        assert_eq!(number("accounts", "in_scope"), list(&plan["accounts"]).len() as u64);
        for (status, found) in tally(&plan["accounts"], "status") {
            assert_eq!(number("accounts", status), found, "{status}");
        }
        let verdicts = tally(&plan["verdicts"], "verdict");
        for kind in fields(&summary["requirements"]) {
            assert_eq!(number("requirements", kind), verdicts.get(kind).copied().unwrap_or(0), "{kind}");
        }
        let mut changes: BTreeMap<&str, u64> = BTreeMap::new();
        for change in list(&plan["changes"]) {
            let kind = ["manual", "blocked"].into_iter().find(|kind| change[*kind].is_string());
            *changes.entry(kind.unwrap_or(text(&change["action"]))).or_default() += 1;
        }
        for kind in fields(&summary["changes"]) {
            assert_eq!(number("changes", kind), changes.get(kind).copied().unwrap_or(0), "{kind}");
        }
        let count = |kind: &str| u32::try_from(number("requirements", kind)).map(f64::from).expect("few");
        let all = count("compliant") + count("drifted") + count("unreadable") + count("pending");
        let score = 100.0 * count("compliant") / all;
        assert!((summary["score"].as_f64().expect("a score") - score).abs() < 1e-9, "{score}");
    }
}

#[test]
fn the_order_is_account_region_control_object_and_nothing_is_said_twice() {
    for plan in plans() {
        let accounts: Vec<&str> = list(&plan["accounts"]).iter().map(|account| text(&account["id"])).collect();
        assert!(accounts.is_sorted_by(|one, other| one < other), "{accounts:?}");
        let control = |row: &Value| CONTROLS.iter().position(|control| row["control"] == control.meta().id);
        let place = |row: &Value| {
            let [account, region, object] = ["account", "region", "object"].map(|field| text(&row[field]).to_owned());
            (account, region, control(row).expect("a control"), object)
        };
        let places: Vec<_> = list(&plan["verdicts"]).iter().map(place).collect();
        assert!(places.is_sorted(), "{places:?}");
        let said = list(&plan["verdicts"]).iter().map(|row| (place(row), text(&row["requirement"])));
        assert_eq!(said.collect::<BTreeSet<_>>().len(), places.len(), "one verdict per requirement and object");
        let ids: BTreeSet<&str> = list(&plan["changes"]).iter().map(|change| text(&change["id"])).collect();
        assert_eq!(ids.len(), list(&plan["changes"]).len());
        for need in list(&plan["changes"]).iter().flat_map(|change| list(&change["depends_on"])) {
            assert!(ids.contains(text(need)), "{need} is no change of this plan");
        }
    }
}

#[test]
fn each_object_has_a_verdict_on_every_named_requirement() {
    for plan in plans() {
        let mut of_object: BTreeMap<[&str; 4], BTreeSet<&str>> = BTreeMap::new();
        let mut of_control: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for row in list(&plan["verdicts"]) {
            let place = ["account", "region", "control", "object"].map(|field| text(&row[field]));
            of_object.entry(place).or_default().insert(text(&row["requirement"]));
            of_control.entry(place[2]).or_default().insert(text(&row["requirement"]));
        }
        for (place, named) in &of_object {
            assert_eq!(named, &of_control[place[2]], "{place:?}");
        }
        for account in list(&plan["accounts"]) {
            let own = || of_object.keys().filter(|place| place[0] == account["id"]);
            let kinds = crate::harness::kinds(&plan, text(&account["id"]));
            match text(&account["status"]) {
                "skipped" => assert_eq!(own().count(), 0, "{account}"),
                "unreadable" => {
                    assert_eq!(own().map(|place| place[2]).collect::<BTreeSet<_>>().len(), of_control.len());
                    assert_eq!(kinds, ["unreadable"], "{account}");
                }
                _ => assert!(kinds.iter().all(|kind| kind != "unreadable"), "{account}"),
            }
        }
    }
}
