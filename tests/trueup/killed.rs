//! An apply that is killed, at each of its writes and at any other moment, and run again: nothing is lost, nothing is
//! made twice, and the organization ends as after an undisturbed run.

use std::process::{Child, Stdio};

use serde_json::{Value, json};
use trueup::simulator::Options;
use trueup::simulator::fault::{Effect, Injection, Moment, Only};
use trueup::simulator::world::World;

use crate::harness::{Stage, list, organization, outcomes, strike};
use crate::trails::{ORGANIZATION, whole};

const ALLOWED: [&str; 2] = ["--allow", "cost,disruptive"];

/// Accounts in which there is something of everything to do, and their plan.
fn planned() -> Stage {
    let regions = vec![crate::harness::HOME.to_owned()];
    let world = World::generate(&Options { accounts: 5, regions, seed: 11, start: Some(1_700_000_000) });
    let stage = Stage::new(world);
    stage.baseline("extends: [foundation]\nmanagement_account: include\n", "");
    let (plan, code) = stage.plan(&["--out", "plan.json"]);
    assert!(matches!(code, Some(2 | 3)), "{plan:#}");
    stage
}

/// Everything there is, with ids that AWS draws made alike: two organizations of one seed then differ in what was done.
fn dump(stage: &Stage) -> Value {
    let mut there = stage.world(World::state);
    // Sessions of roles draw from the same numbers, and time passes where somebody waits.
    there["now"] = json!(0);
    alike(&there)
}

fn alike(value: &Value) -> Value {
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

/// A key is made, and neither its maker nor the run after it, which starts at once, sees it yet.
#[test]
fn a_key_that_a_killed_apply_made_and_the_next_does_not_see_yet_is_waited_for_and_not_made_again() {
    let (world, _) = organization(&[]);
    let management = world.management();
    let stage = Stage::new(world);
    stage.baseline("management_account: include\n", ORGANIZATION);
    stage.planned(2);
    let create = |effect| Injection { moment: Moment::After, ..strike(&management, "CreateKey", effect) };
    stage.inject(create(Effect::Hang));
    stage.inject(create(Effect::Lag { calls: SEEN_AFTER }));
    let running = applying(&stage);
    while stage.count(&management, "CreateKey") == 0 {
        std::thread::yield_now();
    }
    killed(running);
    stage.world(|world| world.faults.clear());
    let looks = stage.count(&management, "ListKeys");
    let (applied, code) = stage.apply(&ALLOWED);
    let done = |(_, outcome): &(&str, &str)| ["verified", "already"].contains(outcome);
    assert!(outcomes(&applied).iter().all(done), "{applied:#}");
    assert_eq!((stage.count(&management, "CreateKey"), code), (1, Some(0)));
    assert!(stage.count(&management, "ListKeys") > looks + 3, "it was looked for more than once");
    whole(&stage, &management);
}

/// Calls of the account until the key is seen: those of the next run until it comes to the key, and some more.
const SEEN_AFTER: u32 = 25;

/// A text without the ids of keys and detectors (runs of hexadecimal digits, with or without dashes) and of roles.
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
        said += if digits >= 20 { "<id>" } else { &run };
        run.clear();
        said.push(character);
    }
    said.trim_end_matches('\n').to_owned()
}

fn applying(stage: &Stage) -> Child {
    let arguments = [&["apply", "plan.json", "--concurrency", "1", "--format", "json"][..], &ALLOWED].concat();
    let mut command = stage.command(&arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary runs")
}

fn killed(mut running: Child) {
    running.kill().expect("it runs");
    running.wait().expect("it ends");
}

/// Runs the plan again, and holds the end against that of a run that nobody disturbed.
fn goes_on(stage: &Stage, undisturbed: &Value, kept_in: &str, when: &str) {
    stage.world(|world| world.faults.clear());
    let (applied, code) = stage.apply(&[&ALLOWED[..], &["--state", kept_in]].concat());
    let plan = stage.read_json("plan.json");
    assert_eq!(list(&applied["outcomes"]).len(), list(&plan["changes"]).len(), "{when}: the report has the whole plan");
    let done = outcomes(&applied).iter().all(|(_, outcome)| ["verified", "already"].contains(outcome));
    assert!(done && matches!(code, Some(0 | 3)), "{when}: {applied:#}");
    let (end, wanted) = (format!("{:#}", dump(stage)), format!("{undisturbed:#}"));
    let other = end.lines().zip(wanted.lines()).find(|(is, wanted)| is != wanted);
    assert!(end == wanted, "{when}: {other:?}");
    let verified = stage.run(&["history", "verify", "--state", kept_in]);
    assert_eq!(verified.code, Some(0), "{when}: {}", verified.stderr);
}

/// The end of an undisturbed run, and how many writes it sent.
fn undisturbed() -> (Value, usize) {
    let stage = planned();
    let (applied, code) = stage.apply(&ALLOWED);
    assert!(matches!(code, Some(0 | 3)), "{applied:#}");
    (dump(&stage), stage.writes().len())
}

/// Kills an apply at each of its writes: before that has an effect, or after it and before its answer.
fn at_each_write(moment: Moment) {
    let (end, writes) = undisturbed();
    assert!(writes >= 15, "{writes} writes");
    for number in 0..writes {
        let stage = planned();
        let hang = Injection {
            only: Only::Writes,
            moment,
            after: number as u64,
            times: Some(1),
            ..Injection::new(Effect::Hang)
        };
        stage.inject(hang);
        let running = applying(&stage);
        while stage.writes().len() <= number {
            std::thread::yield_now();
        }
        killed(running);
        // Whether a key was made cannot be told from one that is not seen yet, so the next run waits: unless it is told
        // of no earlier one.
        let calls = stage.calls();
        let of_key = calls.iter().rfind(|call| call.write).is_some_and(|call| call.operation == "CreateKey");
        let kept_in = if of_key && moment == Moment::Before { "another-state" } else { "state/trueup" };
        goes_on(&stage, &end, kept_in, &format!("killed at write {number}, {moment:?}"));
    }
}

#[test]
fn killed_before_each_write_has_an_effect_it_goes_on_and_ends_the_same() {
    at_each_write(Moment::Before);
}

#[test]
fn killed_after_each_write_and_before_its_answer_it_goes_on_and_ends_the_same() {
    at_each_write(Moment::After);
}
