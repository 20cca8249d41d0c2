//! One apply at a time: on one machine, and for everyone.

use std::process::{Child, Stdio};

use serde_json::{Value, json};
use trueup::simulator::fault::{Effect, Injection};

use crate::harness::{Done, HOME, STRONG, Stage, all_strong, error, organization, outcomes, set_policy, text};

const WRITE: &str = "UpdateAccountPasswordPolicy";
const LOCK: &str = "s3://team-locks/trueup/lock";

/// A plan over these accounts, and a bucket for locks.
fn planned(names: &[&str]) -> (Stage, Vec<String>) {
    let (mut world, ids) = organization(names);
    all_strong(&mut world);
    for id in &ids {
        set_policy(&mut world, id, json!({"MinimumPasswordLength": 8}));
    }
    let management = world.management();
    world.build(&management, HOME, "s3", "CreateBucket", json!({"Bucket": "team-locks"}));
    let stage = Stage::held_to(world, STRONG);
    stage.planned(2);
    (stage, ids)
}

fn late(stage: &Stage, milliseconds: u64) {
    let effect = Effect::Latency { milliseconds };
    stage.inject(Injection { operation: Some(WRITE.to_owned()), ..Injection::new(effect) });
}

/// An apply that waits for the answer to its first write.
fn writing(stage: &Stage, lock: &[&str]) -> Child {
    let arguments = [&["apply", "plan.json", "--concurrency", "1", "--format", "json"], lock].concat();
    let mut command = stage.command(&arguments);
    let running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
    while policy_writes(stage) == 0 {
        std::thread::yield_now();
    }
    running
}

fn policy_writes(stage: &Stage) -> usize {
    stage.calls().iter().filter(|entry| entry.operation == WRITE).count()
}

fn killed(mut running: Child) {
    running.kill().expect("it runs");
    running.wait().expect("it ends");
    // What the dead one sent is answered by nobody; what comes after is answered at once.
}

/// The lock as it is in the bucket.
fn lock(stage: &Stage) -> Value {
    let body = stage.world(|world| world.buckets["team-locks"].objects["trueup/lock"].body.clone());
    serde_json::from_str(&body).expect("JSON")
}

#[test]
fn the_second_apply_of_a_machine_is_told_who_is_at_work() {
    let (stage, ids) = planned(&["one", "two"]);
    late(&stage, 60_000);
    let first = writing(&stage, &[]);
    let second = stage.run(&["apply", "plan.json"]);
    second.refused(1, "another apply is at work: run ");
    assert!(second.stderr.contains(&format!("process {}", first.id())), "{}", second.stderr);
    assert!(second.stderr.contains("lock: this machine only"), "{}", second.stderr);
    killed(first);
    stage.world(|world| world.faults.clear());
    let (applied, code) = stage.apply(&[]);
    assert_eq!(code, Some(0), "the lock is gone with its process");
    assert_eq!(outcomes(&applied), [(&*ids[0], "already"), (&*ids[1], "verified")]);
}

#[test]
fn the_doctor_names_who_holds_the_lock_of_this_machine() {
    let (stage, _) = planned(&["one"]);
    let examine = || {
        let done = stage.run(&["doctor", "-b", "baseline.yaml", "--format", "json"]);
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        done.json()
    };
    let found = examine();
    let path = stage.path("state/trueup/locks").join(format!("{}.lock", stage.organization()));
    assert_eq!((&found["lock"], &found["problems"]), (&json!({"place": path, "status": "free"}), &json!([])));
    late(&stage, 60_000);
    let running = writing(&stage, &[]);
    let found = examine();
    let process = format!("process {}", running.id());
    assert_eq!(text(&found["lock"]["status"]), "held", "{found:#}");
    assert!(text(&found["lock"]["holder"]["host"]).ends_with(&process), "{found:#}");
    let notice = &found["problems"][0];
    assert_eq!((text(&notice["kind"]), text(&notice["severity"])), ("lock", "notice"));
    assert!(text(&notice["words"]).contains(&process) && notice["mends"] == json!([]), "{notice:#}");
    killed(running);
    assert_eq!(examine()["lock"]["status"], "free", "it is gone with its process");
}

#[test]
fn in_ci_somebody_says_which_lock_holds() {
    let (stage, _) = planned(&["one"]);
    let done = stage.command(&["apply", "plan.json"]).env("CI", "true").output().expect("the binary runs");
    Done::from(done).refused(64, "in CI another job may apply at the same time");
    assert_eq!(stage.writes(), []);
    let local = ["apply", "plan.json", "--lock", "local"];
    let done = stage.command(&local).env("CI", "true").output().expect("the binary runs");
    assert_eq!(Done::from(done).code, Some(0));
}

#[test]
fn over_more_than_twenty_accounts_somebody_says_which_lock_holds() {
    for (count, code) in [(20, 0), (21, 64)] {
        let names: Vec<String> = (0..count).map(|number| format!("a{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (stage, _) = planned(&names);
        let done = stage.run(&["apply", "plan.json"]);
        assert_eq!(done.code, Some(code), "{count}: {}", done.stderr);
        if code == 64 {
            assert!(done.stderr.contains("21 accounts are written"), "{}", done.stderr);
            assert_eq!(stage.apply(&["--lock", "local"]).1, Some(0));
        }
    }
}

#[test]
fn a_lock_in_s3_is_taken_and_let_go() {
    let (stage, _) = planned(&["one"]);
    let (_, code) = stage.apply(&["--lock", LOCK]);
    assert_eq!((code, &lock(&stage)["released"]), (Some(0), &json!(true)));
    // And so is one that was let go.
    assert_eq!(stage.apply(&["--lock", LOCK]).1, Some(0));
}

#[test]
fn whoever_finds_a_lock_in_s3_held_is_told_by_whom_and_a_dead_holder_loses_it() {
    let (stage, ids) = planned(&["one", "two"]);
    late(&stage, 60_000);
    let first = writing(&stage, &["--lock", LOCK]);
    let id = text(&lock(&stage)["id"]).to_owned();
    let second = stage.run(&["apply", "plan.json", "--lock", LOCK]);
    second.refused(1, &format!("another apply is at work: run {id}"));
    assert!(second.stderr.contains(&format!("trueup unlock {id} --lock {LOCK}")), "{}", second.stderr);
    killed(first);
    stage.world(|world| world.faults.clear());
    stage.run(&["apply", "plan.json", "--lock", LOCK]).refused(1, "another apply is at work");
    stage.world(|world| world.advance(181));
    let (applied, code) = stage.apply(&["--lock", LOCK]);
    assert_eq!((outcomes(&applied), code), (vec![(&*ids[0], "already"), (&*ids[1], "verified")], Some(0)));
}

#[test]
fn the_lock_of_a_dead_holder_can_be_let_go_by_its_id_alone() {
    let (stage, _) = planned(&["one", "two"]);
    stage
        .run(&["unlock", "r1", "--lock", LOCK])
        .refused(1, "could not free the lock s3://team-locks/trueup/lock: nobody holds it");
    late(&stage, 60_000);
    let first = writing(&stage, &["--lock", LOCK]);
    let id = text(&lock(&stage)["id"]).to_owned();
    killed(first);
    stage.world(|world| world.faults.clear());
    stage.run(&["unlock", "another", "--lock", LOCK]).refused(64, &format!("run {id} by "));
    let done = stage.run(&["unlock", &id, "--lock", LOCK]);
    assert_eq!((done.code, &lock(&stage)["released"]), (Some(0), &json!(true)), "{}", done.stderr);
    assert_eq!(stage.apply(&["--lock", LOCK]).1, Some(0));
}

/// Somebody takes the lock who does not ask.
fn stolen(stage: &Stage) {
    let mut stolen = lock(stage);
    stolen["id"] = json!("thief");
    stage.world(|world| {
        let management = world.management();
        let input = json!({"Bucket": "team-locks", "Key": "trueup/lock", "Body": stolen.to_string()});
        world.build(&management, HOME, "s3", "PutObject", input);
    });
}

#[test]
fn whoever_lost_the_lock_stops_before_the_next_write() {
    let (stage, ids) = planned(&["one", "two", "three"]);
    late(&stage, 300);
    let running = writing(&stage, &["--lock", LOCK]);
    stolen(&stage);
    let done = Done::from(running.wait_with_output().expect("it ends"));
    assert_eq!(done.code, Some(3), "{}", done.stderr);
    assert!(done.stderr.contains(&format!("the lock {LOCK} was lost: run thief")), "{}", done.stderr);
    assert_eq!(policy_writes(&stage), 1, "what was in flight was finished, nothing came after it");
    assert_eq!(outcomes(&done.json())[0].0, ids[0]);
    assert_eq!(lock(&stage)["id"], "thief", "the lock of somebody else is left alone");
}

#[test]
fn a_lock_that_cannot_be_asked_is_not_taken() {
    let (stage, _) = planned(&["one"]);
    let management = stage.world(|world| world.management());
    stage.inject(crate::harness::strike(&management, "PutObject", error(403, "AccessDenied")));
    stage.run(&["apply", "plan.json", "--lock", LOCK]).refused(1, "could not take the lock");
    stage.run(&["apply", "plan.json", "--lock", "s3://nowhere/lock"]).refused(1, "s3://nowhere/lock");
    assert_eq!(policy_writes(&stage), 0);
}

#[test]
fn a_conflict_of_two_writes_is_tried_again() {
    let (stage, _) = planned(&["one"]);
    let management = stage.world(|world| world.management());
    let mut conflict = crate::harness::strike(&management, "PutObject", error(409, "ConditionalRequestConflict"));
    conflict.times = Some(2);
    stage.inject(conflict);
    assert_eq!(stage.apply(&["--lock", LOCK]).1, Some(0));
}
