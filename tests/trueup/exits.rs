//! Every exit code, on the binary.

use std::process::Stdio;

use serde_json::json;
use trueup::simulator::fault::{Effect, Injection};

use crate::harness::{Done, STRONG, Stage, all_strong, offline, organization, set_policy, strike};

fn in_line() -> (Stage, Vec<String>) {
    let (mut world, ids) = organization(&["one", "two"]);
    all_strong(&mut world);
    (Stage::held_to(world, STRONG), ids)
}

fn plan(stage: &Stage) -> Done {
    stage.run(&["plan", "-b", "baseline.yaml"])
}

#[test]
fn in_line_is_0() {
    let (stage, _) = in_line();
    let done = plan(&stage);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(!done.stdout.is_empty());
}

#[test]
fn help_and_version_are_0_and_go_to_stdout() {
    for arguments in [&["--help"][..], &["--version"], &["plan", "--help"]] {
        let done = offline(arguments);
        assert_eq!((done.code, &*done.stderr), (Some(0), ""), "{arguments:?}");
        assert!(!done.stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_run_that_cannot_be_done_is_1_with_nothing_on_stdout() {
    let (stage, _) = in_line();
    let unknown = stage.world(|world| {
        let caller = world.root_of(&world.management());
        let mut keys = world.issue(caller, None);
        keys.access_key_id = "AKIAUNKNOWNUNKNOWN00".to_owned();
        keys
    });
    plan(&stage.with_keys(unknown)).refused(1, "could not find out whose credentials these are");
}

#[test]
fn credentials_that_have_run_out_are_1_with_the_mend() {
    let (stage, _) = in_line();
    let keys = stage.world(|world| {
        let caller = world.administrator().caller;
        let keys = world.issue(caller, Some(3600));
        world.advance(7200);
        keys
    });
    plan(&stage.with_keys(keys)).refused(1, "sign in again");
}

#[test]
fn no_credentials_at_all_are_1_with_the_mend() {
    let (stage, _) = in_line();
    let mut command = stage.command(&["plan", "-b", "baseline.yaml"]);
    let output = command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY").output();
    Done::from(output.expect("the binary runs")).refused(1, "--profile or AWS_PROFILE");
}

#[test]
fn an_organization_that_cannot_be_discovered_is_1() {
    let (stage, _) = in_line();
    let management = stage.world(|world| world.management());
    stage.inject(strike(&management, "ListAccounts", crate::harness::error(403, "AccessDeniedException")));
    let done = plan(&stage);
    assert_eq!((done.code, &*done.stdout), (Some(1), ""), "{}", done.stderr);
    assert!(done.stderr.contains("organizations:ListAccounts"), "{}", done.stderr);
}

#[test]
fn drift_is_2() {
    let (stage, ids) = in_line();
    stage.world(|world| set_policy(world, &ids[0], json!({"MinimumPasswordLength": 8})));
    assert_eq!(plan(&stage).code, Some(2));
}

#[test]
fn incomplete_is_3_and_beats_drift() {
    let (stage, ids) = in_line();
    stage.world(|world| set_policy(world, &ids[0], json!({"MinimumPasswordLength": 8})));
    stage.world(|world| world.account(&ids[1]).expect("it is there").iam.roles.clear());
    assert_eq!(plan(&stage).code, Some(3));
}

#[test]
fn wrong_usage_is_64() {
    for arguments in [
        &[][..],
        &["plam"],
        &["plan", "--severity", "high"],
        &["plan", "--lang", "ja"],
        &["plan", "--concurrency", "0"],
        &["plan", "--save-evidence", "a", "--from-evidence", "b"],
        &["apply", "--max-age", "soon"],
        &["audit"],
        &["show"],
        &["controls", "iam.passwords"],
        &["plan", "--report", "pdf=x"],
        &["plan", "--read-role", ""],
        &["plan", "--read-role", "arn:aws:iam::111122223333:role/x"],
        &["plan", "--external-id", "x"],
        &["plan", "--organization", "acme"],
        &["accounts", "--write-role", "two words"],
        &["apply", "--allow", "everything"],
        &["demo", "--format", "json"],
        &["init", "--from", "./own.yaml"],
    ] {
        let done = offline(arguments);
        assert_eq!((done.code, &*done.stdout), (Some(64), ""), "{arguments:?}: {}", done.stderr);
        assert!(!done.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_1_before_aws_is_asked() {
    let (stage, _) = in_line();
    for option in ["--out=no/plan.json", "--report=json=no/plan.json", "--report=text=no/plan.txt"] {
        let said = "no/plan";
        stage.run(&["plan", "-b", "baseline.yaml", option]).refused(1, said);
    }
    stage.run(&["apply", "plan.json", "--report", "json=no/applied.json"]).refused(1, "there is no such folder");
    assert!(stage.calls().is_empty(), "{:?}", stage.calls());
}

#[test]
fn a_result_that_cannot_be_written_is_1_and_a_reader_that_stops_reading_is_not() {
    let full = || std::fs::File::options().write(true).open("/dev/full").expect("Linux has it");
    let folder = tempfile::tempdir().expect("a folder");
    for arguments in [&["controls"][..], &["baseline", "schema"], &["completions", "zsh"], &["--help"]] {
        let mut command = crate::harness::alone(folder.path(), arguments);
        let done = Done::from(command.stdout(full()).output().expect("the binary runs"));
        assert_eq!(done.code, Some(1), "{arguments:?}: {}", done.stderr);
        assert!(done.stderr.contains("could not write the result"), "{arguments:?}: {}", done.stderr);
        let mut command = crate::harness::alone(folder.path(), arguments);
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let done = Done::from(command.stdout(writer).output().expect("the binary runs"));
        assert_eq!((done.code, &*done.stderr), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn no_home_region_is_64_with_the_mend() {
    let (stage, _) = in_line();
    let output = stage.command(&["plan", "-b", "baseline.yaml"]).env_remove("AWS_REGION").output();
    Done::from(output.expect("the binary runs")).refused(64, "give one with --region");
}

#[test]
fn an_interrupt_is_130_also_while_an_answer_is_waited_for() {
    let (stage, ids) = in_line();
    let late = Effect::Latency { milliseconds: 60_000 };
    stage.inject(Injection { operation: Some("GetAccountPasswordPolicy".to_owned()), ..Injection::new(late) });
    let mut command = stage.command(&["plan", "-b", "baseline.yaml", "--out", "plan.json"]);
    let running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
    // It waits for the late answer once the simulator has the question.
    while stage.count(&ids[0], "GetAccountPasswordPolicy") == 0 {
        std::thread::yield_now();
    }
    let sent = std::process::Command::new("kill").args(["-INT", &running.id().to_string()]).status();
    assert!(sent.expect("kill runs").success());
    let done = Done::from(running.wait_with_output().expect("it ends"));
    done.refused(130, "interrupted");
    assert!(!stage.path("plan.json").exists(), "half a plan is no plan");
}
