//! Runs and reverts that were cut off, lost an answer, or are done once more.

use super::*;

#[test]
fn a_run_is_undone_once() {
    let (world, _) = weak(&["one", "two"]);
    let stage = Stage::held_to(world, STRONG);
    let run = applied(&stage, &[]);
    all_came(&reverted(&stage, &run, &["--allow", "weakening"]), 0, "verified");
    let writes = stage.writes();
    all_came(&reverted(&stage, &run, &["--allow", "weakening"]), 0, "already");
    assert_eq!(stage.writes(), writes);
}

#[test]
fn a_revert_is_a_run_that_can_be_undone() {
    let (world, ids) = weak(&["one"]);
    let stage = Stage::held_to(world, STRONG);
    let run = applied(&stage, &[]);
    let strong = dump(&stage);
    all_came(&reverted(&stage, &run, &["--allow", "weakening"]), 0, "verified");
    assert_eq!(stage.policy(&ids[0])["MinimumPasswordLength"], 8);
    let undone = last(&stage);
    assert_ne!(undone, run);
    all_came(&reverted(&stage, &undone, &["--allow", "weakening"]), 0, "verified");
    unchanged(&stage, &strong);
}

#[test]
fn a_write_whose_answer_was_lost_is_undone() {
    let (world, ids) = weak(&["one"]);
    let stage = Stage::held_to(world, STRONG);
    let before = dump(&stage);
    stage.planned(2);
    let mut lost = strike(&ids[0], "UpdateAccountPasswordPolicy", Effect::Reset);
    (lost.times, lost.moment) = (Some(1), Moment::After);
    stage.inject(lost);
    assert_eq!(stage.apply(&[]).1, Some(0));
    all_came(&reverted(&stage, &last(&stage), &["--allow", "weakening"]), 0, "verified");
    unchanged(&stage, &before);
}

#[test]
fn what_a_killed_run_had_announced_is_undone_whether_it_was_done_or_not() {
    for sent in [true, false] {
        let (world, ids) = weak(&["one"]);
        let stage = Stage::held_to(world, STRONG);
        let before = dump(&stage);
        let run = applied(&stage, &[]);
        killed_after_the_first_announcement(&stage, &run);
        if !sent {
            let former = json!({"MinimumPasswordLength": 8, "MaxPasswordAge": 60});
            stage.world(|world| set_policy(world, &ids[0], former));
        }
        let done = reverted(&stage, &run, &["--allow", "weakening"]);
        all_came(&done, 0, if sent { "verified" } else { "already" });
        unchanged(&stage, &before);
    }
}

#[test]
fn a_process_that_was_killed_while_it_wrote_is_undone() {
    let (world, ids) = organization(&["bare"]);
    let stage = Stage::held_to(world, TRAIL);
    let before = dump(&stage);
    stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    let mut late = strike(&ids[0], "CreateTrail", Effect::Latency { milliseconds: 60_000 });
    late.moment = Moment::After;
    stage.inject(late);
    let mut running = stage.command(&["apply", "plan.json", "--allow", EVERYTHING]);
    let silent = running.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let mut running = silent.spawn().expect("the binary runs");
    while stage.count(&ids[0], "CreateTrail") == 0 {
        std::thread::yield_now();
    }
    running.kill().expect("it runs");
    running.wait().expect("it ends");
    stage.world(|world| world.faults.clear());
    let run = last(&stage);
    let done = reverted(&stage, &run, &["--delete-keys", UNDO[0], UNDO[1]]);
    assert_eq!(done.code, Some(0), "{}{}", done.stdout, done.stderr);
    let after = dump(&stage);
    let kms = &after["accounts"][&ids[0]]["regions"][HOME]["kms"];
    let states: Vec<&Value> = kms["keys"].as_object().expect("keys").values().map(|key| &key["state"]).collect();
    assert_eq!((states, &kms["aliases"]), (vec![&json!("PendingDeletion")], &json!({})));
    alike(&before, &without_keys(after.clone(), &ids[0]));
}

#[test]
fn a_lost_answer_of_a_revert_is_looked_at_and_not_sent_twice() {
    let (world, ids) = weak(&["one"]);
    let stage = Stage::held_to(world, STRONG);
    let before = dump(&stage);
    let run = applied(&stage, &[]);
    let mut lost = strike(&ids[0], "UpdateAccountPasswordPolicy", Effect::Reset);
    (lost.times, lost.moment) = (Some(1), Moment::After);
    stage.inject(lost);
    all_came(&reverted(&stage, &run, &["--allow", "weakening"]), 0, "verified");
    assert_eq!(stage.writes(), [policy_write(&ids[0]), policy_write(&ids[0])], "one of the run, one of the revert");
    unchanged(&stage, &before);
}

#[test]
fn a_revert_that_is_refused_has_failed() {
    let (world, ids) = weak(&["one"]);
    let stage = Stage::held_to(world, STRONG);
    let run = applied(&stage, &[]);
    stage.inject(strike(&ids[0], "UpdateAccountPasswordPolicy", error(403, "AccessDenied")));
    all_came(&reverted(&stage, &run, &["--allow", "weakening"]), 3, "failed");
    assert_eq!(stage.policy(&ids[0])["MinimumPasswordLength"], 14);
}

/// KMS says that it broke down over the call, and made the key all the same.
#[test]
fn a_key_that_was_made_by_a_call_that_kms_broke_down_over_is_undone() {
    let (world, ids) = organization(&["bare"]);
    let stage = Stage::held_to(world, TRAIL);
    let before = dump(&stage);
    stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    let mut broke_down = strike(&ids[0], "CreateKey", error(500, "KMSInternalException"));
    (broke_down.times, broke_down.moment) = (Some(1), Moment::After);
    stage.inject(broke_down);
    assert_eq!(stage.apply(&["--allow", EVERYTHING]).1, Some(0));
    assert_eq!(stage.count(&ids[0], "CreateKey"), 1, "it was found by its tag");
    let done = reverted(&stage, &last(&stage), &["--delete-keys", UNDO[0], UNDO[1]]);
    assert_eq!(done.code, Some(0), "{}{}", done.stdout, done.stderr);
    assert_eq!(stage.count(&ids[0], "ScheduleKeyDeletion"), 1);
    alike(&before, &without_keys(dump(&stage), &ids[0]));
}
