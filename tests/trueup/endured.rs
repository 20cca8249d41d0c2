//! A plan over fifty accounts that is throttled, killed and robbed of its lock ends as one that nobody disturbed.

use std::process::{Child, Stdio};

use serde_json::{Value, json};
use trueup::engine::doubt::SEEN;
use trueup::simulator::fault::{Effect, Injection, Only, THROTTLES};

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
fn done(stage: &Stage) -> usize {
    let to_accounts = |operation: &str| operation != "PutObject";
    stage.world(|world| {
        let writes = world.ledger.writes().filter(|entry| to_accounts(&entry.operation));
        writes.filter(|entry| entry.carried_out && entry.code.is_none()).count()
    })
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

/// An apply that has just done so many of the plan's writes.
fn at_work(stage: &Stage, writes: usize) -> Child {
    // What the run before left in doubt takes minutes to end.
    earlier::in_bucket(stage, BUCKET, SEEN);
    let arguments = [&["apply", "plan.json", "--format", "json"][..], &SHARED].concat();
    let mut command = stage.command(&arguments);
    let mut running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
    while done(stage) < writes {
        assert_eq!(running.try_wait().expect("it is ours"), None, "it ended after {} writes", done(stage));
        std::thread::yield_now();
    }
    running
}

/// The lock as it is in the bucket.
fn lock(stage: &Stage) -> Value {
    let body = stage.world(|world| world.buckets[BUCKET].objects["lock"].body.clone());
    serde_json::from_str(&body).expect("JSON")
}

/// Kills the holder of the lock, and frees it by its id.
fn killed(stage: &Stage, mut running: Child) {
    running.kill().expect("it runs");
    running.wait_with_output().expect("it ends");
    free(stage);
}

fn free(stage: &Stage) {
    let freed = stage.run(&["unlock", text(&lock(stage)["id"]), "--lock", LOCK]);
    assert_eq!(freed.code, Some(0), "{}", freed.stderr);
}

/// Somebody takes the lock who does not ask; the holder finds out and stops.
fn robbed(stage: &Stage, running: Child, of: usize) {
    let mut stolen = lock(stage);
    stolen["id"] = json!("thief");
    stage.world(|world| {
        let management = world.management();
        let input = json!({"Bucket": BUCKET, "Key": "lock", "Body": stolen.to_string()});
        world.build(&management, HOME, "s3", "PutObject", input);
    });
    let robbed = Done::from(running.wait_with_output().expect("it ends"));
    assert_eq!(robbed.code, Some(3), "{}", robbed.stderr);
    assert!(robbed.stderr.contains(&format!("stopped: the lock {LOCK} was lost: run thief")), "{}", robbed.stderr);
    assert!(done(stage) < of, "it stopped before the end");
    assert_eq!(lock(stage)["id"], "thief", "the lock of somebody else is left alone");
    free(stage);
}

#[test]
fn fifty_accounts_throttled_killed_twice_and_robbed_of_the_lock_end_as_undisturbed() {
    let calm = stage();
    let (plan, code) = calm.plan(&["--out", "plan.json"]);
    assert!(matches!(code, Some(2 | 3)), "{:#}", plan["summary"]);
    let (applied, code) = calm.apply(&SHARED);
    assert!(matches!(code, Some(0 | 3)), "{applied:#}");
    let writes = done(&calm);

    let stage = stage();
    stage.write("plan.json", &calm.read("plan.json"));
    trouble(&stage, 300);
    killed(&stage, at_work(&stage, writes / 10));
    killed(&stage, at_work(&stage, writes / 4));
    robbed(&stage, at_work(&stage, writes * 2 / 5), writes);
    trouble(&stage, 100);
    earlier::in_bucket(&stage, BUCKET, SEEN);
    let (applied, code) = stage.apply(&SHARED);
    let came = outcomes(&applied);
    assert_eq!(came.len(), list(&plan["changes"]).len(), "the report has the whole plan");
    let all = came.iter().all(|(_, outcome)| ["verified", "already"].contains(outcome));
    assert!(all && matches!(code, Some(0 | 3)), "{applied:#}");
    ends_the_same(&end(&stage), &end(&calm), "throttled, killed twice and robbed");

    let struck = stage.calls().iter().filter(|call| !call.carried_out).count();
    assert!(struck > 20, "{struck} calls were throttled");
    let verified = stage.run(&["history", "verify", "--state", STATE]);
    assert_eq!(verified.code, Some(0), "{}", verified.stderr);
    let runs = |key: &String| key.ends_with("/plan.json");
    assert_eq!(stage.world(|world| world.buckets[BUCKET].objects.keys().filter(|key| runs(key)).count()), 4);
}
