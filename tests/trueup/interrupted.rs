//! An apply that somebody interrupts: the first time politely, the second time for good.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Stdio};

use serde_json::{Value, json};
use trueup::simulator::fault::{Effect, Injection};
use trueup::simulator::world::World;

use crate::harness::{STRONG, Stage, all_strong, list, organization, outcomes, set_policy, text};

const WRITE: &str = "UpdateAccountPasswordPolicy";

/// A plan over three accounts, of which one after another is written, each answer late by so much.
fn planned(milliseconds: u64) -> (Stage, Vec<String>) {
    let (mut world, ids) = organization(&["one", "two", "three"]);
    all_strong(&mut world);
    for id in &ids {
        set_policy(&mut world, id, json!({"MinimumPasswordLength": 8}));
    }
    let stage = Stage::held_to(world, STRONG);
    stage.planned(2);
    let late = Effect::Latency { milliseconds };
    stage.inject(Injection { operation: Some(WRITE.to_owned()), ..Injection::new(late) });
    (stage, ids)
}

/// An apply that is waiting for the answer to its first write, and is sent a signal in the moment in which that is
/// written.
fn writing(stage: &Stage, signal: &str) -> Child {
    let arguments = ["apply", "plan.json", "--concurrency", "1", "--lock", "local", "--format", "json"];
    let mut command = stage.command(&arguments);
    let running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
    let written = |world: &mut World| {
        let written = world.ledger.writes().next().is_some();
        if written {
            send(&running, signal);
        }
        written
    };
    while !stage.world(written) {
        std::thread::yield_now();
    }
    running
}

fn send(running: &Child, signal: &str) {
    let sent = std::process::Command::new("kill").args([signal, &running.id().to_string()]).status();
    assert!(sent.expect("kill runs").success());
}

/// Its exit code, and its result.
fn ended(mut running: Child) -> (Option<i32>, Value) {
    let mut out = String::new();
    running.stdout.take().expect("it is piped").read_to_string(&mut out).expect("text");
    let code = running.wait().expect("it ends").code();
    (code, serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}")))
}

#[test]
fn the_first_interrupt_finishes_what_is_in_flight_and_begins_nothing() {
    for signal in ["-INT", "-TERM"] {
        let (stage, ids) = planned(3_000);
        let (code, applied) = ended(writing(&stage, signal));
        assert_eq!(code, Some(130), "{applied:#}");
        let expected = vec![(&*ids[0], "verified"), (&*ids[1], "held"), (&*ids[2], "held")];
        assert_eq!(outcomes(&applied), expected, "{signal}");
        assert_eq!(text(&applied["outcomes"][1]["reason"]), "interrupted");
        assert_eq!(stage.writes().len(), 1);
        let kept = stage.run(&["history", "--format", "json"]).json();
        assert_eq!(kept["runs"][0]["ended"], "stopped: interrupted");
        let verified = stage.run(&["history", "verify"]);
        assert_eq!(verified.code, Some(0), "{}", verified.stderr);
        assert!(verified.stdout.ends_with("\n1 journal verified.\n"), "it says how it ended: {}", verified.stdout);

        stage.world(|world| world.faults.clear());
        let (again, code) = stage.apply(&[]);
        let expected = vec![(&*ids[0], "already"), (&*ids[1], "verified"), (&*ids[2], "verified")];
        assert_eq!((outcomes(&again), code), (expected, Some(0)));
    }
}

#[test]
fn the_second_interrupt_stops_at_once_and_the_next_run_looks_what_was_done() {
    let (stage, ids) = planned(60_000);
    let mut running = writing(&stage, "-INT");
    let mut talk = BufReader::new(running.stderr.take().expect("it is piped"));
    let mut line = String::new();
    talk.read_line(&mut line).expect("text");
    assert!(line.contains("once more to stop at once"), "{line}");
    send(&running, "-INT");
    let (code, applied) = ended(running);
    assert_eq!(code, Some(130));
    let expected = vec![(&*ids[0], "unknown"), (&*ids[1], "held"), (&*ids[2], "held")];
    assert_eq!(outcomes(&applied), expected);
    let kept = stage.run(&["history", "--format", "json"]).json();
    assert_eq!(kept["runs"][0]["ended"], "killed, or still at work");
    assert_eq!(kept["runs"][0]["outcomes"]["unknown"], 1);
    let verified = stage.run(&["history", "verify"]);
    assert_eq!(verified.code, Some(0), "{}", verified.stderr);
    for words in [", and has no end: ", "\n1 journal verified; 1 of them without an end.\n"] {
        assert!(verified.stdout.contains(words), "{}", verified.stdout);
    }

    stage.world(|world| world.faults.clear());
    let (again, code) = stage.apply(&[]);
    assert_eq!(outcomes(&again)[0], (&*ids[0], "already"), "the write whose answer nobody waited for was done");
    assert_eq!(code, Some(0));
    assert_eq!(stage.count(&ids[0], WRITE), 1, "nothing is written twice");
    assert_eq!(list(&again["outcomes"]).len(), 3, "the report covers the whole plan");
}
