//! A plan over fifty accounts that is throttled, killed and robbed of its lock ends as one that nobody disturbed.

use std::process::{Child, Stdio};

use serde_json::{Value, json};
use trueup::engine::doubt::SEEN;
use trueup::simulator::fault::{Effect, Injection, Only, THROTTLES};
use trueup::simulator::world::World;

use crate::dumped::{dump_without, ends_the_same, generated};
use crate::earlier;
use crate::harness::{Done, HOME, Stage, list, outcomes, text};

const BUCKET: &str = "team-trueup";
const LOCK: &str = "s3://team-trueup/lock";
const STATE: &str = "s3://team-trueup/state";
const SHARED: [&str; 6] = ["--lock", LOCK, "--state", STATE, "--allow", "cost,disruptive"];

/// Fifty accounts with something of everything to do, and a bucket for the lock and the runs.
fn stage() -> Stage {
    let mut world = generated(50, 17);
    let management = world.management();
    world.build(&management, HOME, "s3", "CreateBucket", json!({"Bucket": BUCKET}));
    let stage = Stage::new(world).with_attempts(8);
    stage.baseline("extends: [foundation]\nmanagement_account: include\n", "");
    stage
}

/// The end of an organization, but for the lock and the runs.
fn end(stage: &Stage) -> Value {
    dump_without(stage, &[BUCKET])
}

/// How many writes to the accounts were done.
fn done(world: &World) -> usize {
    let writes = world.ledger.writes().filter(|entry| entry.operation != "PutObject");
    writes.filter(|entry| entry.carried_out && entry.code.is_none()).count()
}

/// One call of twenty is throttled, on every service and for ever, and writes are answered so late.
fn trouble(stage: &Stage, milliseconds: u64) {
    stage.world(|world| world.faults.clear());
    for (service, code, status) in THROTTLES {
        let effect = Effect::Error { code: code.to_owned(), status, message: "Rate exceeded".to_owned() };
        let service = Some(service.to_owned());
        stage.inject(Injection { service, percent: Some(5), seed: 17, ..Injection::new(effect) });
    }
    let late = Effect::Latency { milliseconds };
    for service in ["cloudtrail", "guardduty", "iam", "kms"] {
        let service = Some(service.to_owned());
        stage.inject(Injection { service, only: Only::Writes, ..Injection::new(late.clone()) });
    }
}

/// An apply that has just done so many of the plan's writes, of which it has not the last answers. What happens to it
/// then happens in the same moment, so that it has the others still before it.
fn at_work(stage: &Stage, writes: usize, then: impl Fn(&mut World)) -> Child {
    // What the run before left in doubt takes minutes to end.
    earlier::in_bucket(stage, BUCKET, SEEN);
    let arguments = [&["apply", "plan.json", "--format", "json"][..], &SHARED].concat();
    let mut command = stage.command(&arguments);
    let mut running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
    let reached = |world: &mut World| {
        let reached = done(world) >= writes;
        if reached {
            then(world);
        }
        reached
    };
    while !stage.world(reached) {
        assert_eq!(running.try_wait().expect("it is ours"), None, "it ended before {writes} writes");
        std::thread::yield_now();
    }
    running
}

/// The lock as it is in the bucket.
fn lock(world: &World) -> Value {
    serde_json::from_str(&world.buckets[BUCKET].objects["lock"].body).expect("JSON")
}

fn free(stage: &Stage) {
    let id = stage.world(|world| lock(world)["id"].clone());
    let freed = stage.run(&["unlock", text(&id), "--lock", LOCK]);
    assert_eq!(freed.code, Some(0), "{}", freed.stderr);
}

/// Kills the holder of the lock after so many writes, and frees it by its id.
fn killed(stage: &Stage, writes: usize) {
    let unanswered = |world: &mut World| world.faults.inject(Injection::new(Effect::Hang));
    let mut running = at_work(stage, writes, unanswered);
    running.kill().expect("it runs");
    running.wait_with_output().expect("it ends");
    stage.world(|world| world.faults.clear());
    free(stage);
}

/// After so many writes somebody takes the lock who does not ask; the holder finds out and stops.
fn robbed(stage: &Stage, writes: usize, of: usize) {
    let theft = |world: &mut World| {
        let mut stolen = lock(world);
        stolen["id"] = json!("thief");
        let management = world.management();
        let input = json!({"Bucket": BUCKET, "Key": "lock", "Body": stolen.to_string()});
        world.build(&management, HOME, "s3", "PutObject", input);
    };
    let robbed = Done::from(at_work(stage, writes, theft).wait_with_output().expect("it ends"));
    assert_eq!(robbed.code, Some(3), "{}", robbed.stderr);
    assert!(robbed.stderr.contains(&format!("stopped: the lock {LOCK} was lost: run thief")), "{}", robbed.stderr);
    assert!(stage.world(|world| done(world)) < of, "it stopped before the end");
    assert_eq!(stage.world(|world| lock(world))["id"], "thief", "the lock of somebody else is left alone");
    free(stage);
}

#[test]
fn fifty_accounts_throttled_killed_twice_and_robbed_of_the_lock_end_as_undisturbed() {
    let calm = stage();
    let (plan, code) = calm.plan(&["--out", "plan.json"]);
    assert!(matches!(code, Some(2 | 3)), "{:#}", plan["summary"]);
    let (applied, code) = calm.apply(&SHARED);
    assert!(matches!(code, Some(0 | 3)), "{applied:#}");
    let writes = calm.world(|world| done(world));

    let stage = stage();
    stage.write("plan.json", &calm.read("plan.json"));
    trouble(&stage, 300);
    killed(&stage, writes / 10);
    trouble(&stage, 300);
    killed(&stage, writes / 4);
    trouble(&stage, 300);
    robbed(&stage, writes * 2 / 5, writes);
    trouble(&stage, 100);
    earlier::in_bucket(&stage, BUCKET, SEEN);
    let (applied, code) = stage.apply(&SHARED);
    let came = outcomes(&applied);
    assert_eq!(came.len(), list(&plan["changes"]).len(), "the report has the whole plan");
    let all = came.iter().all(|(_, outcome)| ["verified", "already"].contains(outcome));
    assert!(all && matches!(code, Some(0 | 3)), "{applied:#}");
    ends_the_same(&end(&stage), &end(&calm), "throttled, killed twice and robbed");

    let struck = stage.calls().iter().filter(|call| !call.carried_out && call.code.is_some()).count();
    assert!(struck > 20, "{struck} calls were throttled");
    let verified = stage.run(&["history", "verify", "--state", STATE]);
    assert_eq!(verified.code, Some(0), "{}", verified.stderr);
    let runs = |key: &String| key.ends_with("/plan.json");
    assert_eq!(stage.world(|world| world.buckets[BUCKET].objects.keys().filter(|key| runs(key)).count()), 4);
}
