//! An organization that can be made again, and everything that there is in it, so that the ends of two runs can be held
//! against each other.

use serde_json::{Value, json};
use trueup::simulator::Options;
use trueup::simulator::world::World;

use crate::harness::{HOME, Stage};

/// A generated organization in one region that is the same, ids and all, however often it is made. What is in an
/// account is drawn when it is first touched, so all are touched, in one order.
pub(crate) fn generated(accounts: usize, seed: u64) -> World {
    let regions = vec![HOME.to_owned()];
    let mut world = World::generate(&Options { accounts, regions, seed, start: Some(1_700_000_000) });
    let ids: Vec<String> = world.accounts().map(|account| account.id.clone()).collect();
    for id in &ids {
        world.account(id).expect("it was listed");
    }
    world
}

/// Everything there is, with ids that AWS draws made alike: two organizations of one seed then differ in what was done.
/// A key, bucket, detector or trail that nobody uses is in it as well.
pub(crate) fn dump(stage: &Stage) -> Value {
    dump_without(stage, &[])
}

/// The same without these buckets.
pub(crate) fn dump_without(stage: &Stage, buckets: &[&str]) -> Value {
    let mut there = stage.world(World::state);
    for bucket in buckets {
        there["buckets"].as_object_mut().and_then(|all| all.remove(*bucket)).expect("there is such a bucket");
    }
    // Sessions of roles draw from the same numbers, and time passes where somebody waits.
    there["now"] = json!(0);
    alike(&there)
}

/// Holds two ends against each other, and shows the first line that differs.
#[track_caller]
pub(crate) fn ends_the_same(end: &Value, wanted: &Value, when: &str) {
    let (end, wanted) = (format!("{end:#}"), format!("{wanted:#}"));
    let other = end.lines().zip(wanted.lines()).find(|(is, wanted)| is != wanted);
    assert!(end == wanted, "{when}: {other:?}");
}

/// The same with ids that AWS draws made alike, in an order that does not hang on them.
pub(crate) fn alike(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut pairs: Vec<(String, Value)> =
                fields.iter().map(|(key, value)| (nameless(key), alike(value))).collect();
            pairs.sort_by_key(|(key, value)| (key.clone(), value.to_string()));
            Value::Array(pairs.into_iter().map(|(key, value)| Value::from_iter([(key, value)])).collect())
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(alike).collect();
            items.sort_by_key(Value::to_string);
            Value::Array(items)
        }
        Value::String(text) => Value::String(nameless(text)),
        other => other.clone(),
    }
}

/// A text without the ids of keys, detectors and flow logs (runs of hexadecimal digits, with or without dashes) and of
/// roles.
fn nameless(text: &str) -> String {
    if text.starts_with("AROA") {
        return "<id>".to_owned();
    }
    let mut said = String::new();
    let mut run = String::new();
    for character in text.chars().chain(['\n']) {
        if character.is_ascii_hexdigit() || character == '-' {
            run.push(character);
            continue;
        }
        let digits = run.chars().filter(char::is_ascii_hexdigit).count();
        said += if digits >= 17 { "<id>" } else { &run };
        run.clear();
        said.push(character);
    }
    said.trim_end_matches('\n').to_owned()
}
