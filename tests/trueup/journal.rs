//! What is kept of an apply: every write before and after it is sent, and nothing that is secret.

use std::path::PathBuf;

use serde_json::{Value, json};
use trueup::engine::journal::{self, Record, Says, Sent};
use trueup::simulator::fault::Effect;
use trueup::simulator::world::World;
use trueup::steps::Undo;

use crate::harness::{STRONG, Stage, all_strong, error, list, organization, set_policy, strike, text};

fn weak(names: &[&str]) -> (World, Vec<String>) {
    let (mut world, ids) = organization(names);
    all_strong(&mut world);
    for id in &ids {
        set_policy(&mut world, id, json!({"MinimumPasswordLength": 8}));
    }
    (world, ids)
}

/// The folders of the kept runs, the oldest first.
fn runs(stage: &Stage) -> Vec<PathBuf> {
    let folder = stage.path("state/trueup/runs");
    let mut runs: Vec<_> =
        std::fs::read_dir(folder).map_or(vec![], |runs| runs.map(|run| run.expect("a folder").path()).collect());
    runs.sort();
    runs
}

/// What the journal of the last run says.
pub(crate) fn records(stage: &Stage) -> Vec<Record> {
    let runs = runs(stage);
    let text = std::fs::read(runs.last().expect("a run").join("journal.jsonl")).expect("a journal");
    journal::read(&text).expect("it holds together").records
}

/// The writes that the journal has, in the form of the ledger.
fn writes(records: &[Record]) -> Vec<(String, String, String)> {
    let mut writes: Vec<_> = records
        .iter()
        .filter_map(|record| match &record.says {
            Says::WriteBegins(write) => {
                let (service, operation) = write.action.split_once(':').expect("an action");
                Some((write.place.account.to_string(), service.to_owned(), operation.to_owned()))
            }
            _ => None,
        })
        .collect();
    writes.sort();
    writes
}

#[test]
fn every_write_is_in_the_journal_before_and_after_it_is_sent() {
    let (world, ids) = weak(&["one", "two"]);
    let stage = Stage::held_to(world, STRONG);
    stage.planned(2);
    assert_eq!(stage.apply(&[]).1, Some(0));
    let records = records(&stage);
    assert_eq!(writes(&records), stage.writes());
    let plan = stage.read_json("plan.json");
    assert!(records.iter().all(|record| record.of.plan == text(&plan["digest"])));
    assert!(records.iter().all(|record| record.of.caller.contains("user/administrator")));
    assert!(matches!(&records[0].says, Says::RunBegins { changes: 2, .. }));
    assert!(matches!(&records[records.len() - 1].says, Says::RunEnds { stopped: None }));
    for id in &ids {
        let of_account: Vec<&Says> = records.iter().map(|record| &record.says).filter(|says| is_of(says, id)).collect();
        let [Says::WriteBegins(begins), Says::WriteEnds { write, outcome, request_id, error }, Says::ChangeEnds { .. }] =
            of_account.as_slice()
        else {
            panic!("{of_account:#?}")
        };
        let again = journal::Write { undo: None, ..begins.clone() };
        assert_eq!((&again, *outcome, error), (write, Sent::Done, &None));
        let Some(Undo::By(back)) = &begins.undo else { panic!("{:?}", begins.undo) };
        assert_eq!(back.len(), 1, "the former policy is in the journal before it is replaced");
        assert!(request_id.as_ref().is_some_and(|id| !id.is_empty()));
        assert_eq!(write.step["do"], "update_account_password_policy");
        assert_eq!(write.before["iam.password_policy.minimum_length"], 8);
        assert_eq!(write.after["iam.password_policy.minimum_length"], 14);
        assert_eq!(write.place.object, format!("{id}/global/iam.password_policy/password policy"));
    }
}

fn is_of(says: &Says, account: &str) -> bool {
    match says {
        Says::WriteBegins(write) | Says::WriteEnds { write, .. } => write.place.account.as_str() == account,
        Says::ChangeEnds { place, .. } => place.account.as_str() == account,
        Says::RunBegins { .. } | Says::RunEnds { .. } => false,
    }
}

#[test]
fn a_refused_write_is_in_the_journal_with_its_reason() {
    let (world, ids) = weak(&["one"]);
    let stage = Stage::held_to(world, STRONG);
    stage.planned(2);
    stage.inject(strike(&ids[0], "UpdateAccountPasswordPolicy", error(400, "LimitExceeded")));
    assert_eq!(stage.apply(&[]).1, Some(3));
    let records = records(&stage);
    let refused = records.iter().find_map(|record| match &record.says {
        Says::WriteEnds { outcome, error, .. } => Some((*outcome, error.clone())),
        _ => None,
    });
    let (outcome, error) = refused.expect("a write");
    assert_eq!(outcome, Sent::Refused);
    assert!(error.is_some_and(|error| error.contains("LimitExceeded")));
}

#[test]
fn a_write_without_an_answer_is_lost_in_the_journal() {
    let (world, ids) = weak(&["one"]);
    let stage = Stage::held_to(world, STRONG);
    stage.planned(2);
    let mut lost = strike(&ids[0], "UpdateAccountPasswordPolicy", Effect::Reset);
    lost.times = Some(1);
    lost.moment = trueup::simulator::fault::Moment::After;
    stage.inject(lost);
    assert_eq!(stage.apply(&[]).1, Some(0));
    let sent = records(&stage).into_iter().find_map(|record| match record.says {
        Says::WriteEnds { outcome, .. } => Some(outcome),
        _ => None,
    });
    assert_eq!(sent, Some(Sent::Lost));
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_what_is_kept_and_no_secret_is_in_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let (world, _) = weak(&["one"]);
    let stage = Stage::held_to(world, STRONG);
    stage.planned(2);
    assert_eq!(stage.apply(&[]).1, Some(0));
    let run = &runs(&stage)[0];
    let mode = |path: PathBuf| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(run.clone()), 0o700);
    for name in ["journal.jsonl", "plan.json"] {
        assert_eq!(mode(run.join(name)), 0o600, "{name}");
        let kept = std::fs::read_to_string(run.join(name)).expect("a file");
        let keys = stage.world(World::administrator);
        assert!(!kept.contains(&keys.secret_access_key), "{name}");
        assert!(!kept.contains("SecretAccessKey") && !kept.contains("session_token"), "{name}");
    }
}

#[test]
fn nothing_is_written_where_no_journal_can_be_kept() {
    let (world, _) = weak(&["one"]);
    let stage = Stage::held_to(world, STRONG);
    stage.planned(2);
    stage.write("state-file", "no folder");
    stage.run(&["apply", "plan.json", "--state", "state-file"]).refused(1, "could not take the lock");
    std::fs::create_dir(stage.path("kept")).expect("a folder");
    stage.write("kept/runs", "no folder");
    let done = stage.run(&["apply", "plan.json", "--state", "kept"]);
    done.refused(1, "could not keep what is done, so nothing was written to AWS");
    assert_eq!(stage.writes(), []);
}

#[test]
fn kept_runs_are_listed_and_shown_again() {
    let (world, ids) = weak(&["one", "two"]);
    let stage = Stage::held_to(world, STRONG);
    let none = stage.run(&["history"]);
    assert_eq!((none.code, none.stdout.trim()), (Some(0), "0 runs."));
    stage.planned(2);
    stage.inject(strike(&ids[1], "UpdateAccountPasswordPolicy", error(400, "LimitExceeded")));
    let (applied, _) = stage.apply(&[]);
    let listed = stage.run(&["history", "--format", "json"]).json();
    let [run] = list(&listed["runs"]) else { panic!("{listed:#}") };
    assert_eq!((&run["run"], &run["ended"]), (&applied["run"], &json!("finished")));
    assert_eq!((&run["outcomes"]["verified"], &run["outcomes"]["failed"]), (&json!(1), &json!(1)));
    let id = text(&run["run"]);
    let shown = stage.run(&["history", id, "--format", "json"]).json();
    for field in ["run", "plan", "summary", "outcomes", "organization"] {
        assert_eq!(shown[field], applied[field], "{field}");
    }
    let shown = stage.run(&["history", id]);
    assert!(shown.stdout.contains("Apply: 1 verified; 1 failed."), "{}", shown.stdout);
    stage.run(&["history", "20200101T000000Z-0000"]).refused(64, "there is no kept run");
    stage.run(&["history", "../runs"]).refused(64, "there is no kept run");
}

#[test]
fn a_plan_that_was_made_a_moment_ago_is_kept_as_well() {
    let (world, _) = weak(&["one"]);
    let stage = Stage::held_to(world, STRONG);
    let done = stage.run(&["apply", "-b", "baseline.yaml", "--auto-approve", "--format", "json"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let id = done.json()["run"].clone();
    let shown = stage.run(&["history", text(&id), "--format", "json"]).json();
    assert_eq!(shown["outcomes"], done.json()["outcomes"]);
}

#[test]
fn verify_names_the_first_line_that_was_changed() {
    let (world, _) = weak(&["one"]);
    let stage = Stage::held_to(world, STRONG);
    stage.planned(2);
    assert_eq!(stage.apply(&[]).1, Some(0));
    let holds = stage.run(&["history", "verify"]);
    assert_eq!(holds.code, Some(0));
    assert!(holds.stdout.contains("holds: 5 records"), "{}", holds.stdout);
    let journal = runs(&stage)[0].join("journal.jsonl");
    let whole = std::fs::read_to_string(&journal).expect("a journal");
    let changed: Vec<String> = whole
        .lines()
        .enumerate()
        .map(|(index, line)| if index == 2 { line.replace("\"done\"", "\"lost\"") } else { line.to_owned() })
        .collect();
    std::fs::write(&journal, changed.join("\n") + "\n").expect("a file");
    stage.run(&["history", "verify"]).refused(1, "line 3 was changed after it was written");
    let without: Vec<&str> = whole.lines().enumerate().filter(|(index, _)| *index != 1).map(|(_, line)| line).collect();
    std::fs::write(&journal, without.join("\n") + "\n").expect("a file");
    stage.run(&["history", "verify"]).refused(1, "line 2 does not follow the line before it");
}

#[test]
fn a_run_that_was_killed_says_what_it_did_not_come_to() {
    let (world, ids) = weak(&["one", "two"]);
    let stage = Stage::held_to(world, STRONG);
    stage.planned(2);
    assert_eq!(stage.apply(&[]).1, Some(0));
    let journal = runs(&stage)[0].join("journal.jsonl");
    let whole = std::fs::read(&journal).expect("a journal");
    // As a kill leaves it that strikes while the third line is written: the first write was announced.
    let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    let cut = [lines[0], lines[1], &lines[2][..20]].concat();
    std::fs::write(&journal, cut).expect("a file");
    let listed = stage.run(&["history", "--format", "json"]).json();
    assert_eq!(
        (&listed["runs"][0]["ended"], &listed["runs"][0]["torn"]),
        (&json!("killed, or still at work"), &json!(true))
    );
    let id = text(&listed["runs"][0]["run"]);
    let shown = stage.run(&["history", id, "--format", "json"]).json();
    let outcomes: Vec<(&Value, &Value)> =
        list(&shown["outcomes"]).iter().map(|one| (&one["account"], &one["outcome"])).collect();
    assert_eq!(outcomes.len(), ids.len());
    assert_eq!(shown["summary"]["unknown"], 1);
    assert_eq!(shown["summary"]["held"], 1);
}

#[test]
fn a_journal_whose_end_is_missing_is_said_to_have_none_and_an_emptied_one_does_not_hold() {
    let (world, _) = weak(&["one"]);
    let stage = Stage::held_to(world, STRONG);
    stage.planned(2);
    assert_eq!(stage.apply(&[]).1, Some(0));
    assert_eq!(stage.apply(&[]).1, Some(0));
    let journal = runs(&stage)[0].join("journal.jsonl");
    let whole = std::fs::read_to_string(&journal).expect("a journal");
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    std::fs::write(&journal, lines[..lines.len() - 1].concat()).expect("a file");
    let done = stage.run(&["history", "verify"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    for words in ["holds: 4 records, and has no end: ", "\n2 journals verified; 1 of them without an end.\n"] {
        assert!(done.stdout.contains(words), "{}", done.stdout);
    }
    std::fs::write(&journal, "").expect("a file");
    stage.run(&["history", "verify"]).refused(1, "journal.jsonl is empty: its lines were taken away");
    let id = runs(&stage)[0].file_name().and_then(|name| name.to_str()).expect("an id").to_owned();
    stage.run(&["history", "verify", &id]).refused(1, "is empty");
    stage.run(&["revert", &id, "--out", "undo.json"]).refused(1, "is empty");
    let again = stage.run(&["apply", "plan.json"]);
    let told = "it is not known whether an earlier run made a key, or left a change half done: the journal ";
    assert!(again.stderr.contains(told), "what it said of keys is gone: {}", again.stderr);
}
