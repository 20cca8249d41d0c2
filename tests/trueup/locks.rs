//! One apply at a time: on one machine, and for everyone.

use std::process::{Child, Stdio};
use std::sync::Arc;
use std::time::Duration;

use futures::future;
use serde_json::{Value, json};
use trueup::aws::{Entry, Guard, OBJECT_CALLS, Objects};
use trueup::engine::lock::{Holder, Lock as _, ObjectLock, Rhythm, look};
use trueup::engine::stop::Stop;
use trueup::simulator::Simulator;
use trueup::simulator::fault::{Effect, Injection};
use trueup::simulator::world::World;

use crate::harness::{
    self, Done, HOME, STRONG, Stage, all_strong, error, list, organization, outcomes, set_policy, text,
};

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
    writing_when(stage, lock, |_| {})
}

/// The same, and what happens in the moment of that write.
fn writing_when(stage: &Stage, lock: &[&str], then: impl Fn(&mut World)) -> Child {
    let arguments = [&["apply", "plan.json", "--concurrency", "1", "--format", "json"], lock].concat();
    let mut command = stage.command(&arguments);
    let running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
    let written = |world: &mut World| {
        let written = world.ledger.entries().iter().any(|entry| entry.operation == WRITE);
        if written {
            then(world);
        }
        written
    };
    while !stage.world(written) {
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
    stage.world(|world| lock_in(world))
}

fn lock_in(world: &World) -> Value {
    serde_json::from_str(&world.buckets["team-locks"].objects["trueup/lock"].body).expect("JSON")
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
    assert!(text(&notice["words"]).contains(&process), "{notice:#}");
    let look = &notice["mends"][0];
    assert_eq!(text(&look["copy"]), format!("ps -o pid,user,lstart,args -p {}", running.id()));
    // What is copied runs, and shows the apply.
    let shown = std::process::Command::new("sh").args(["-c", text(&look["copy"])]).output().expect("a shell");
    assert!(String::from_utf8_lossy(&shown.stdout).contains("apply plan.json"), "{shown:?}");
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
fn the_doctor_says_how_a_lock_in_s3_is_freed_also_one_that_has_expired() {
    let (stage, _) = planned(&["one", "two"]);
    late(&stage, 60_000);
    let first = writing(&stage, &["--lock", LOCK]);
    let id = text(&lock(&stage)["id"]).to_owned();
    killed(first);
    stage.world(|world| world.faults.clear());
    let examine = || stage.run(&["doctor", "-b", "baseline.yaml", "--format", "json", "--lock", LOCK]).json();
    // By then this machine's clock is behind, which is told as well.
    let of_lock = |found: &Value| list(&found["problems"]).iter().find(|one| one["kind"] == "lock").cloned();
    let free = format!("trueup unlock {id} --lock {LOCK}");
    for status in ["held", "expired"] {
        let found = examine();
        assert_eq!(found["lock"]["status"], status, "{found:#}");
        let notice = of_lock(&found).expect("it is told");
        assert_eq!(notice["mends"][0]["copy"], json!(free), "{notice:#}");
        stage.world(|world| world.advance(181));
    }
    assert_eq!(stage.run(&["unlock", &id, "--lock", LOCK]).code, Some(0));
    assert_eq!(of_lock(&examine()), None);
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
fn stolen(world: &mut World) {
    let mut stolen = lock_in(world);
    stolen["id"] = json!("thief");
    let management = world.management();
    let input = json!({"Bucket": "team-locks", "Key": "trueup/lock", "Body": stolen.to_string()});
    world.build(&management, HOME, "s3", "PutObject", input);
}

#[test]
fn whoever_lost_the_lock_stops_before_the_next_write() {
    let (stage, ids) = planned(&["one", "two", "three"]);
    late(&stage, 3_000);
    let running = writing_when(&stage, &["--lock", LOCK], stolen);
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

/// How often the lock was written: taken, looked at, let go.
fn written(world: &World) -> usize {
    world.ledger.entries().iter().filter(|entry| entry.operation == "PutObject").count()
}

/// The place of the lock on a simulator in this process.
async fn objects(simulator: &Arc<Simulator>) -> Objects {
    let keys = simulator.world(World::administrator);
    let (base, caller) = harness::base(simulator, &keys, HOME).await;
    let guard = Arc::new(Guard::new(OBJECT_CALLS.iter().copied()));
    let session = base.enter(&caller, &caller.account, Entry::Own, &guard);
    Objects::open(session, &LOCK.parse().expect("a place")).await.expect("it is there")
}

/// A lock that is held on a simulator in this process, and what is asked when it is lost.
async fn held(rhythm: Rhythm) -> (Arc<Simulator>, ObjectLock, Arc<Stop>) {
    let (mut world, _) = organization(&[]);
    let management = world.management();
    world.build(&management, HOME, "s3", "CreateBucket", json!({"Bucket": "team-locks"}));
    let simulator = Arc::new(Simulator::new(world));
    let objects = objects(&simulator).await;
    let text = str::to_owned;
    let holder = Holder { id: text("r1"), caller: text("arn"), host: text("here"), since: text("now") };
    let stop = Arc::new(Stop::default());
    let lock = ObjectLock::take(objects, holder, &stop, rhythm).await.expect("nobody holds it");
    (simulator, lock, stop)
}

/// A holder that renews its lock all the time, and is patient for so long.
fn restless(patience: Duration) -> Rhythm {
    Rhythm { renewal: Duration::from_millis(1), patience }
}

#[tokio::test]
async fn a_holder_that_writes_nothing_renews_its_lock_all_the_same() {
    let (simulator, _lock, stop) = held(restless(Duration::MAX)).await;
    for _ in 0..3 {
        // Longer than half a lease, each time.
        simulator.world(|world| world.advance(100));
        let before = simulator.world(|world| written(world));
        while simulator.world(|world| written(world)) < before + 2 {
            tokio::task::yield_now().await;
        }
    }
    let (_, silent) = look(&objects(&simulator).await).await.expect("an answer").expect("somebody has it");
    assert!(silent.expect("S3 says it") < Duration::from_secs(100), "{silent:?}");
    assert_eq!(stop.why(), None);
}

#[tokio::test]
async fn a_holder_that_writes_nothing_notices_that_somebody_else_has_the_lock() {
    let (simulator, lock, stop) = held(restless(Duration::MAX)).await;
    simulator.world(|world| {
        let holder = json!({"id": "thief", "caller": "somebody", "host": "elsewhere", "since": "today"});
        let mut body = json!({"format": "trueup.lock/1", "released": false});
        body.as_object_mut().expect("an object").extend(holder.as_object().expect("an object").clone());
        let input = json!({"Bucket": "team-locks", "Key": "trueup/lock", "Body": body.to_string()});
        let management = world.management();
        world.build(&management, HOME, "s3", "PutObject", input);
    });
    stop.asked().await;
    assert!(stop.why().expect("asked").ends_with("was lost: run thief by somebody has it"), "{:?}", stop.why());
    assert!(lock.check().await.is_err(), "and nothing is written any more");
}

#[tokio::test]
async fn a_holder_that_cannot_renew_its_lock_stops_once_it_has_no_patience_left_and_not_before() {
    for (patience, stops) in [(Duration::ZERO, true), (Duration::MAX, false)] {
        let (simulator, lock, stop) = held(restless(patience)).await;
        let broken = Injection::new(error(403, "AccessDenied"));
        simulator.world(|world| {
            world.faults.inject(Injection { operation: Some("PutObject".to_owned()), ..broken });
        });
        assert!(lock.check().await.is_err(), "nothing is written under a lock that could not be renewed");
        assert_eq!(stop.why().is_some(), stops, "{patience:?}");
        simulator.world(|world| world.faults.clear());
        assert_eq!(lock.check().await.is_ok(), !stops, "who stopped does not begin again");
    }
}

#[tokio::test]
async fn who_asks_while_the_lock_is_looked_at_waits_for_a_look_that_begins_later_and_shares_it() {
    let (simulator, lock, _) = held(Rhythm::default()).await;
    let taken = simulator.world(|world| written(world));
    // The first look is on its way until everybody else has asked.
    let late = Injection { times: Some(1), ..Injection::new(Effect::Latency { milliseconds: 500 }) };
    simulator.world(|world| world.faults.inject(Injection { operation: Some("PutObject".to_owned()), ..late }));
    let looks = || simulator.world(|world| written(world)) - taken;
    let others = async {
        while looks() == 0 {
            tokio::task::yield_now().await;
        }
        let asked = future::join_all((0..20).map(|_| lock.check()));
        (asked.await, looks())
    };
    let (first, (others, shared)) = future::join(lock.check(), others).await;
    assert!(first.is_ok() && others.iter().all(Result::is_ok), "{others:?}");
    assert_eq!(shared, 2, "the look that was on its way says nothing of what came since; one more is enough for all");
}

/// The writes to accounts and to the lock, in their order.
fn in_order(stage: &Stage) -> Vec<String> {
    stage.world(|world| world.ledger.writes().map(|entry| entry.operation.clone()).collect())
}

#[test]
fn the_lock_is_looked_at_before_every_write() {
    let (stage, ids) = planned(&["one", "two", "three"]);
    assert_eq!(stage.apply(&["--lock", LOCK, "--concurrency", "1"]).1, Some(0));
    let looked_then_written = ["PutObject", WRITE].repeat(ids.len());
    let whole = [&["PutObject"], &looked_then_written[..], &["PutObject"]].concat();
    assert_eq!(in_order(&stage), whole, "it is taken, looked at before each write, and let go");
}

#[test]
fn writes_that_wait_at_the_same_time_share_a_look_at_the_lock() {
    let names: Vec<String> = (0..12).map(|number| format!("a{number}")).collect();
    let (stage, ids) = planned(&names.iter().map(String::as_str).collect::<Vec<_>>());
    // The first look, after the lock was taken, is on its way until all or most of the others wait for one.
    let late = Injection { after: 1, times: Some(1), ..Injection::new(Effect::Latency { milliseconds: 6_000 }) };
    stage.inject(Injection { operation: Some("PutObject".to_owned()), ..late });
    assert_eq!(stage.apply(&["--lock", LOCK, "--concurrency", "12"]).1, Some(0));
    let order = in_order(&stage);
    let looks = order.iter().filter(|operation| *operation == "PutObject").count() - 2;
    assert_eq!(policy_writes(&stage), ids.len());
    assert!((1..=ids.len() / 2).contains(&looks), "{looks} looks for {} writes: {order:?}", ids.len());
}
