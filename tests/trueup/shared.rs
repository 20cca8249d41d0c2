//! Runs that are kept in S3, for everyone who applies: each line is there before the write that it announces.

use std::collections::BTreeMap;
use std::process::Stdio;

use serde_json::{Value, json};
use trueup::engine::journal::{self, Record, Says};
use trueup::simulator::fault::{Effect, Injection, Moment};
use trueup::simulator::ledger::Entry;
use trueup::simulator::services::iam::User;
use trueup::simulator::world::{Caller, Principal, World};

use crate::harness::{Done, STRONG, Stage, all_strong, error, list, organization, outcomes, set_policy, strike, text};

const WRITE: &str = "UpdateAccountPasswordPolicy";
const STATE: &str = "s3://team-runs/trueup/state";
const KEPT: [&str; 2] = ["--state", STATE];
/// Not where the runs are read from, nor where the caller is at home.
const ELSEWHERE: &str = "eu-west-1";

/// A plan over these accounts, and a bucket for runs.
fn planned(names: &[&str]) -> (Stage, Vec<String>) {
    let (mut world, ids) = organization(names);
    all_strong(&mut world);
    for id in &ids {
        set_policy(&mut world, id, json!({"MinimumPasswordLength": 8}));
    }
    let management = world.management();
    let made = json!({"Bucket": "team-runs", "CreateBucketConfiguration": {"LocationConstraint": ELSEWHERE}});
    world.build(&management, ELSEWHERE, "s3", "CreateBucket", made);
    let stage = Stage::held_to(world, STRONG);
    stage.planned(2);
    (stage, ids)
}

/// The objects below the prefix: what follows it, and what is in them.
fn objects(stage: &Stage) -> BTreeMap<String, String> {
    stage.world(|world| objects_in(world))
}

fn objects_in(world: &World) -> BTreeMap<String, String> {
    let all = world.buckets["team-runs"].objects.clone();
    let own = all.into_iter().map(|(key, stored)| {
        (key.strip_prefix("trueup/state/runs/").expect("nothing else is written").to_owned(), stored.body)
    });
    own.collect()
}

/// The records of a run, over all of its objects.
fn records(stage: &Stage, run: &str) -> Vec<Record> {
    let front = format!("{run}/journal/");
    let lines: String =
        objects(stage).into_iter().filter(|(key, _)| key.starts_with(&front)).map(|(_, text)| text).collect();
    journal::read(lines.as_bytes()).expect("it holds together").records
}

/// The ids of the runs that have objects.
fn runs(stage: &Stage) -> Vec<String> {
    stage.world(|world| runs_in(world))
}

fn runs_in(world: &World) -> Vec<String> {
    let mut runs: Vec<String> =
        objects_in(world).into_keys().filter_map(|key| Some(key.split_once('/')?.0.to_owned())).collect();
    runs.dedup();
    runs
}

fn puts(stage: &Stage) -> Vec<Entry> {
    stage.calls().into_iter().filter(|entry| entry.operation == "PutObject").collect()
}

fn policy_writes(stage: &Stage) -> Vec<Entry> {
    stage.calls().into_iter().filter(|entry| entry.operation == WRITE).collect()
}

fn management(stage: &Stage) -> String {
    stage.world(|world| world.management())
}

/// What the management account's root user does to an object.
fn touch(stage: &Stage, operation: &str, input: Value) {
    stage.world(|world| touched(world, operation, input));
}

fn touched(world: &mut World, operation: &str, mut input: Value) {
    input["Bucket"] = json!("team-runs");
    let management = world.management();
    world.build(&management, ELSEWHERE, "s3", operation, input);
}

#[test]
fn every_line_is_an_object_that_is_there_before_the_write_that_it_announces() {
    let (stage, ids) = planned(&["one", "two"]);
    let (applied, code) = stage.apply(&[&KEPT[..], &["--concurrency", "1"]].concat());
    assert_eq!(code, Some(0), "{applied:#}");
    let run = text(&applied["run"]);
    let kept: Vec<String> = objects(&stage).into_keys().collect();
    let lines = (1..=8).map(|number| format!("{run}/journal/{number:010}.jsonl"));
    assert_eq!(kept, lines.chain([format!("{run}/plan.json")]).collect::<Vec<_>>());
    let records = records(&stage, run);
    assert!(matches!(&records[0].says, Says::RunBegins { changes: 2, .. }));
    for write in policy_writes(&stage) {
        let begins =
            |says: &Says| matches!(says, Says::WriteBegins(begins) if begins.place.account.as_str() == write.account);
        let number = records.iter().find(|record| begins(&record.says)).expect("it is in the journal").sequence;
        let put =
            puts(&stage).into_iter().find(|put| text(&put.input["Key"]).ends_with(&format!("{number:010}.jsonl")));
        assert!(put.expect("its object").sequence < write.sequence, "{write:?}");
    }
    for put in puts(&stage) {
        assert_eq!((text(&put.input["IfNoneMatch"]), &*put.region), ("*", ELSEWHERE), "{put:?}");
    }
    assert!(!stage.path("state/trueup/runs").exists(), "nothing is kept twice");
    assert_eq!(outcomes(&applied), [(&*ids[0], "verified"), (&*ids[1], "verified")]);
}

#[test]
fn kept_runs_are_listed_shown_verified_and_undone_from_there() {
    let (stage, ids) = planned(&["one", "two"]);
    stage.inject(strike(&ids[1], WRITE, error(400, "LimitExceeded")));
    let (applied, _) = stage.apply(&KEPT);
    stage.world(|world| world.faults.clear());
    let run = text(&applied["run"]);
    let told = |arguments: &[&str]| {
        let done = stage.run(&[arguments, &KEPT].concat());
        assert_eq!(done.code, Some(0), "{arguments:?}: {}", done.stderr);
        done
    };
    let listed = told(&["history", "--format", "json"]).json();
    let [line] = list(&listed["runs"]) else { panic!("{listed:#}") };
    assert_eq!(
        (&line["run"], &line["ended"], &line["outcomes"]["failed"]),
        (&json!(run), &json!("finished"), &json!(1))
    );
    let shown = told(&["history", run, "--format", "json"]).json();
    for field in ["run", "plan", "summary", "outcomes", "organization"] {
        assert_eq!(shown[field], applied[field], "{field}");
    }
    assert!(told(&["history", "verify"]).stdout.contains("1 journal verified"));
    assert_eq!(stage.run(&["history"]).stdout.trim(), "0 runs.", "the folder of this machine has none");
    let undone = told(&["revert", run, "--auto-approve", "--allow", "weakening", "--format", "json"]).json();
    assert_eq!(outcomes(&undone), [(&*ids[0], "verified")], "what was refused is not undone");
    assert_eq!(stage.policy(&ids[0])["MinimumPasswordLength"], 8);
    assert_eq!(runs(&stage).len(), 2, "the revert is a run like another");
    stage.run(&["history", "20200101T000000Z-0000", "--state", STATE]).refused(64, "there is no kept run");
}

#[test]
fn a_run_that_is_killed_in_the_middle_is_there_up_to_its_last_line_and_the_next_goes_on() {
    let (stage, ids) = planned(&["one", "two", "three"]);
    let hang = Injection { after: 1, ..strike(&ids[1], WRITE, Effect::Hang) };
    stage.inject(Injection { after: 0, moment: Moment::After, ..hang });
    let arguments = [&["apply", "plan.json", "--concurrency", "1"], &KEPT[..]].concat();
    let mut command = stage.command(&arguments);
    let mut running = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary runs");
    while policy_writes(&stage).len() < 2 {
        std::thread::yield_now();
    }
    running.kill().expect("it runs");
    running.wait().expect("it ends");
    stage.world(|world| world.faults.clear());
    let killed = runs(&stage)[0].clone();
    let last = records(&stage, &killed).pop().expect("a record");
    assert!(matches!(&last.says, Says::WriteBegins(write) if write.place.account.as_str() == ids[1]), "{last:?}");
    let (applied, code) = stage.apply(&KEPT);
    let came = outcomes(&applied);
    assert_eq!((came, code), (vec![(&*ids[0], "already"), (&*ids[1], "already"), (&*ids[2], "verified")], Some(0)));
    let listed = stage.run(&["history", "--format", "json", "--state", STATE]).json();
    let ended: Vec<&str> = list(&listed["runs"]).iter().map(|run| text(&run["ended"])).collect();
    assert_eq!(ended, ["killed, or still at work", "finished"]);
    let verified = stage.run(&["history", "--state", STATE, "verify"]);
    assert_eq!(verified.code, Some(0), "{}", verified.stderr);
    let shown = stage.run(&["history", &killed, "--format", "json", "--state", STATE]).json();
    let came: Vec<&str> = outcomes(&shown).into_iter().map(|(_, outcome)| outcome).collect();
    assert_eq!(came, ["verified", "unknown", "held"]);
    let undone = stage.run(&["revert", &killed, "--auto-approve", "--allow", "weakening", "--state", STATE]);
    assert_eq!(undone.code, Some(0), "{}{}", undone.stdout, undone.stderr);
    let lengths: Vec<Value> = ids.iter().map(|id| stage.policy(id)["MinimumPasswordLength"].clone()).collect();
    assert_eq!(lengths, [8, 8, 14]);
}

#[test]
fn what_cannot_be_announced_is_not_written() {
    let (stage, ids) = planned(&["one", "two", "three"]);
    // The plan, the beginning, and the three lines of the first change can be put; the next cannot.
    let refused = strike(&management(&stage), "PutObject", error(403, "AccessDenied"));
    stage.inject(Injection { after: 5, ..refused });
    let done = stage.run(&[&["apply", "plan.json", "--concurrency", "1", "--format", "json"], &KEPT[..]].concat());
    assert_eq!(done.code, Some(3), "{}", done.stderr);
    assert!(done.stderr.contains("stopped: the journal could not be written"), "{}", done.stderr);
    assert_eq!(policy_writes(&stage).iter().map(|write| &write.account).collect::<Vec<_>>(), [&ids[0]]);
    let came: Vec<(String, String)> =
        outcomes(&done.json()).into_iter().map(|(id, came)| (id.to_owned(), came.to_owned())).collect();
    assert_eq!(came.iter().filter(|(_, came)| came == "verified").count(), 1, "{came:?}");
    stage.world(|world| world.faults.clear());
    assert_eq!(stage.apply(&KEPT).1, Some(0));
    assert_eq!(stage.run(&["history", "verify", "--state", STATE]).code, Some(0));
}

#[test]
fn nothing_is_written_where_no_run_can_be_kept() {
    let (stage, _) = planned(&["one"]);
    let done = stage.run(&["apply", "plan.json", "--state", "s3://nowhere/trueup"]);
    done.refused(1, "could not reach s3://nowhere/trueup");
    stage.inject(strike(&management(&stage), "PutObject", error(403, "AccessDenied")));
    let done = stage.run(&[&["apply", "plan.json"], &KEPT[..]].concat());
    done.refused(1, "could not keep what is done, so nothing was written to AWS");
    assert!(done.stderr.contains("s3:PutObject"), "{}", done.stderr);
    stage.run(&["apply", "plan.json", "--state", "s3://nowhere"]).refused(64, "write it as s3://bucket/key");
    assert_eq!(policy_writes(&stage).len(), 0);
}

/// The bucket is another account's, and lets everybody in.
fn taken_over(stage: &Stage, by: &str) {
    let statement = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:*",
        "Resource": ["arn:aws:s3:::team-runs", "arn:aws:s3:::team-runs/*"]});
    stage.world(|world| {
        let bucket = world.buckets.get_mut("team-runs").expect("it is there");
        by.clone_into(&mut bucket.owner);
        bucket.policy = Some(json!({"Version": "2012-10-17", "Statement": [statement]}).to_string());
        bucket.objects.clear();
    });
}

#[test]
fn a_bucket_that_somebody_else_made_under_the_same_name_gets_nothing() {
    let (stage, ids) = planned(&["one", "stranger"]);
    taken_over(&stage, &ids[1]);
    let says = "the bucket has to be one of the caller's account: write s3://ACCOUNT@team-runs/";
    for option in [KEPT, ["--lock", "s3://team-runs/lock"]] {
        let done = stage.run(&[&["apply", "plan.json"], &option[..]].concat());
        assert!(done.code == Some(1) && done.stderr.contains(says), "{}", done.stderr);
    }
    let done = stage.run(&["history", "verify", "--state", STATE]);
    assert!(done.code == Some(1) && done.stderr.contains("AccessDenied"), "{}{}", done.stdout, done.stderr);
    let done = stage.run(&["doctor", "-b", "baseline.yaml", "--format", "json", "--state", STATE]);
    assert_eq!((done.code, &done.json()["problems"][0]["kind"]), (Some(3), &json!("state")), "{}", done.stdout);
    assert!(objects(&stage).is_empty() && policy_writes(&stage).is_empty(), "it was refused before anything was sent");
}

#[test]
fn a_bucket_of_another_account_is_reached_where_that_is_said() {
    let (stage, ids) = planned(&["one", "archive"]);
    taken_over(&stage, &ids[1]);
    let kept = format!("s3://{}@team-runs/trueup/state", ids[1]);
    assert_eq!(stage.apply(&["--state", &kept]).1, Some(0));
    let done = stage.run(&["history", "verify", "--state", &kept]);
    assert!(done.code == Some(0) && done.stdout.contains("1 journal"), "{}{}", done.stdout, done.stderr);
    let lock = format!("s3://{}@team-runs/lock", ids[0]);
    let done = stage.run(&["apply", "plan.json", "--lock", &lock]);
    let says = format!("the bucket has to be one of account {}, as {lock} says", ids[0]);
    assert!(done.code == Some(1) && done.stderr.contains(&says), "{}", done.stderr);
    let lock = format!("s3://{}@team-runs/lock", ids[1]);
    assert_eq!(stage.apply(&["--lock", &lock]).1, Some(0));
}

#[test]
fn a_line_whose_answer_was_lost_is_there_once() {
    let (stage, _) = planned(&["one", "two"]);
    let mut lost = strike(&management(&stage), "PutObject", Effect::Reset);
    (lost.moment, lost.percent, lost.seed) = (Moment::After, Some(40), 3);
    stage.inject(lost);
    let (applied, code) = stage.apply(&KEPT);
    assert_eq!(code, Some(0), "{applied:#}");
    assert!(puts(&stage).iter().any(|put| put.code.as_deref() == Some("PreconditionFailed")), "an answer was lost");
    assert_eq!(records(&stage, text(&applied["run"])).len(), 8);
}

#[test]
fn a_run_that_finds_a_line_of_somebody_else_stops_and_leaves_it() {
    let (stage, ids) = planned(&["one", "two"]);
    let late = Effect::Latency { milliseconds: 5_000 };
    stage.inject(Injection { times: Some(1), ..strike(&ids[0], WRITE, late) });
    let arguments = [&["apply", "plan.json", "--concurrency", "1", "--format", "json"], &KEPT[..]].concat();
    let mut command = stage.command(&arguments);
    let running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
    // In the moment of its first write, so that the next line is still to come.
    let theirs = |world: &mut World| {
        let written = world.ledger.entries().iter().any(|entry| entry.operation == WRITE);
        if written {
            let key = format!("trueup/state/runs/{}/journal/0000000003.jsonl", runs_in(world)[0]);
            touched(world, "PutObject", json!({"Key": key, "Body": "not ours"}));
        }
        written
    };
    while !stage.world(theirs) {
        std::thread::yield_now();
    }
    let done = Done::from(running.wait_with_output().expect("it ends"));
    assert_eq!(done.code, Some(3), "{}", done.stderr);
    assert!(done.stderr.contains("0000000003.jsonl is there already, and says something else"), "{}", done.stderr);
    assert_eq!(policy_writes(&stage).len(), 1, "nothing is written that could not be written down");
    assert!(objects(&stage).values().any(|body| body == "not ours"));
}

#[test]
fn verify_names_the_object_that_was_changed_or_after_which_one_is_missing() {
    let (stage, _) = planned(&["one"]);
    let (applied, code) = stage.apply(&[&KEPT[..], &["--concurrency", "1"]].concat());
    assert_eq!(code, Some(0), "{applied:#}");
    let front = format!("trueup/state/runs/{}/journal/", text(&applied["run"]));
    let key = |number: u64| format!("{front}{number:010}.jsonl");
    let whole = |number: u64| objects(&stage)[&key(number)["trueup/state/runs/".len()..]].clone();
    let third = whole(3);
    let verify = |words: &str| {
        stage.run(&["history", "verify", "--state", STATE]).refused(1, words);
        stage
            .run(&["revert", text(&applied["run"]), "--out", "revert.json", "--state", STATE])
            .refused(1, "does not hold");
    };
    touch(&stage, "PutObject", json!({"Key": key(3), "Body": third.replace("\"done\"", "\"lost\"")}));
    verify(&format!("s3://team-runs/{} does not hold: line 1 was changed after it was written", key(3)));
    touch(&stage, "PutObject", json!({"Key": key(3), "Body": third.trim_end()}));
    verify(&format!("s3://team-runs/{} does not hold: line 1 was cut off", key(3)));
    touch(&stage, "DeleteObject", json!({"Key": key(3)}));
    verify(&format!("s3://team-runs/{} does not hold: line 1 does not follow the line before it", key(4)));
    touch(&stage, "PutObject", json!({"Key": key(3), "Body": third}));
    assert_eq!(stage.run(&["history", "verify", "--state", STATE]).code, Some(0));
    touch(&stage, "DeleteObject", json!({"Key": format!("trueup/state/runs/{}/plan.json", text(&applied["run"]))}));
    stage.run(&["history", "verify", "--state", STATE]).refused(1, "plan.json: there is no such object");
}

#[test]
fn accounts_side_by_side_do_not_wait_for_each_others_lines() {
    let names: Vec<String> = (0..12).map(|number| format!("a{number}")).collect();
    let (stage, ids) = planned(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let late = Effect::Latency { milliseconds: 300 };
    stage.inject(Injection { operation: Some("PutObject".to_owned()), ..Injection::new(late) });
    let (applied, code) = stage.apply(&KEPT);
    assert_eq!(code, Some(0), "{applied:#}");
    let lines = records(&stage, text(&applied["run"])).len();
    assert_eq!(lines, 2 + 3 * ids.len());
    let put = puts(&stage).len();
    assert!(put < lines / 2, "{lines} lines in {put} objects: what comes while one is put goes together into the next");
}

#[test]
fn the_doctor_looks_where_runs_are_kept() {
    let (stage, _) = planned(&["one"]);
    let looked = |code: i32, state: &str| {
        let before = stage.writes();
        let done = stage.run(&["doctor", "-b", "baseline.yaml", "--format", "json", "--state", state]);
        assert_eq!((done.code, stage.writes()), (Some(code), before), "{}{}", done.stdout, done.stderr);
        done.json()
    };
    let found = looked(0, STATE);
    assert_eq!((&found["state"], &found["problems"]), (&json!(STATE), &json!([])));
    stage.inject(strike(&management(&stage), "ListObjectsV2", error(403, "AccessDenied")));
    let found = looked(3, STATE);
    let [problem] = list(&found["problems"]) else { panic!("{found:#}") };
    assert_eq!(problem["kind"], "state");
    let allow: Value = serde_json::from_str(text(&problem["mends"][0]["copy"])).expect("a statement");
    assert_eq!(allow["Resource"], json!(["arn:aws:s3:::team-runs", "arn:aws:s3:::team-runs/trueup/state/*"]));
}

/// The statements that are printed for the caller about S3.
fn printed(stage: &Stage) -> Vec<Value> {
    let lock = "s3://team-runs/lock";
    let arguments =
        ["permissions", "-b", "baseline.yaml", "--apply", "--format", "json", "--lock", lock, "--state", STATE];
    let done = stage.run(&arguments);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let policies = done.json();
    let caller =
        list(&policies["policies"]).iter().find(|policy| policy["holder"] == "caller").expect("a caller").clone();
    let statements =
        list(&caller["documents"]).iter().flat_map(|document| list(&document["policy"]["Statement"]).to_vec());
    statements.filter(|statement| statement["Action"].to_string().contains("s3:")).collect()
}

#[test]
fn with_what_permissions_prints_for_the_caller_runs_and_lock_are_reached_and_without_any_of_it_they_are_not() {
    let (stage, _) = planned(&["one"]);
    let statements = printed(&stage);
    let named = json!(statements).to_string();
    let actions = ["s3:GetObject", "s3:ListBucket", "s3:PutObject"];
    assert!(actions.iter().all(|action| named.contains(action)), "{named}");
    for without in [None, Some("s3:GetObject"), Some("s3:ListBucket"), Some("s3:PutObject")] {
        let (stage, _) = planned(&["one"]);
        let keys = stage.world(|world| {
            let account = world.management();
            let mut document = json!([{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}]);
            document.as_array_mut().expect("a list").extend(statements.iter().cloned());
            let mut document = json!({"Version": "2012-10-17", "Statement": document});
            if let Some(action) = without {
                let deny = json!({"Effect": "Deny", "Action": action, "Resource": "*"});
                document["Statement"].as_array_mut().expect("a list").push(deny);
            }
            let mut user = User::default();
            user.inline.insert("printed".to_owned(), document.to_string());
            world.account(&account).expect("it is there").iam.users.insert("ada".to_owned(), user);
            let (arn, id) = (format!("arn:aws:iam::{account}:user/ada"), "AIDAADA".to_owned());
            world.issue(Caller { account, arn, id, principal: Principal::User("ada".to_owned()) }, None)
        });
        let stage = stage.with_keys(keys);
        let lock = ["--lock", "s3://team-runs/lock"];
        let done = stage.run(&[&["apply", "plan.json"], &KEPT[..], &lock].concat());
        let verified = stage.run(&["history", "verify", "--state", STATE]);
        let (applied, verified) =
            (done.code == Some(0), verified.code == Some(0) && verified.stdout.contains("1 journal"));
        assert_eq!(applied && verified, without.is_none(), "{without:?}: {}{}", done.stdout, done.stderr);
    }
}

/// Sets the policies of these accounts by a run that is kept in S3, and lets something else set them back.
fn set_and_lost(stage: &Stage, ids: &[String]) -> String {
    let (plan, code) = stage.plan(&[&["--out", "plan.json"], &KEPT[..]].concat());
    assert_eq!((list(&plan["changes"]).len(), code), (ids.len(), Some(2)), "{plan:#}");
    let (applied, code) = stage.apply(&KEPT);
    assert_eq!(code, Some(0), "{applied:#}");
    stage.world(|world| ids.iter().for_each(|id| set_policy(world, id, json!({"MinimumPasswordLength": 8}))));
    text(&applied["run"]).to_owned()
}

#[test]
fn what_kept_runs_set_twice_and_comes_back_is_contested_wherever_it_is_planned() {
    let (stage, ids) = planned(&["one", "two"]);
    let mut both = [(); 2].map(|()| set_and_lost(&stage, &ids));
    both.sort_unstable();
    // Another machine has nothing of these runs but what is in S3.
    std::fs::remove_dir_all(stage.path("state")).expect("a folder");
    let (plan, _) = stage.plan(&[&["--out", "plan.json"], &KEPT[..]].concat());
    for change in list(&plan["changes"]) {
        let runs: Vec<&str> = list(&change["contested"]["runs"]).iter().map(|set| text(&set["run"])).collect();
        assert_eq!(runs, both, "{change:#}");
    }
    let before = policy_writes(&stage).len();
    let (left, code) = stage.apply(&KEPT);
    assert_eq!(outcomes(&left), [(&*ids[0], "contested"), (&*ids[1], "contested")]);
    assert_eq!((code, policy_writes(&stage).len()), (Some(2), before));
    let (alone, _) = stage.plan(&["--state", "elsewhere"]);
    assert!(list(&alone["changes"]).iter().all(|change| change["contested"].is_null()), "{alone:#}");
}

#[test]
fn where_kept_runs_cannot_be_read_a_plan_says_that_it_does_not_know_what_they_set() {
    let (stage, ids) = planned(&["one"]);
    for _ in 0..2 {
        set_and_lost(&stage, &ids);
    }
    stage.inject(strike(&management(&stage), "ListObjectsV2", error(403, "AccessDenied")));
    let (plan, _) = stage.plan(&KEPT);
    let warnings = plan["warnings"].to_string();
    assert!(warnings.contains("what an earlier run set is not known"), "{warnings}");
    assert!(list(&plan["changes"]).iter().all(|change| change["contested"].is_null()), "{plan:#}");
}
