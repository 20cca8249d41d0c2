//! What apply asks at a terminal, and what it takes for an answer. Python lends the terminal.

use std::process::{Command, Stdio};

use serde_json::json;

use crate::harness::{Done, STRONG, Stage, all_strong, organization, policy_write, set_policy};

/// Runs its arguments at a terminal, types the first of them at the question, and ends as they end.
const TERMINAL: &str = r#"
import os, pty, signal, sys
signal.alarm(120)  # Who does not end is ended, and has failed.
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
seen, typed = b"", False
while True:
    try:
        some = os.read(terminal, 65536)
    except OSError:
        break
    if not some:
        break
    seen += some
    if not typed and b"Enter a value: " in seen:
        os.write(terminal, sys.argv[1].encode())
        typed = True
sys.stdout.buffer.write(seen)
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"#;

fn weak() -> (Stage, String) {
    let (mut world, ids) = organization(&["weak"]);
    all_strong(&mut world);
    set_policy(&mut world, &ids[0], json!({"MinimumPasswordLength": 8}));
    (Stage::held_to(world, STRONG), ids[0].clone())
}

fn answered(stage: &Stage, answer: &str) -> Done {
    at_a_terminal(stage, &["apply", "-b", "baseline.yaml"], answer)
}

/// Runs the binary at a terminal and types this at the question.
pub(crate) fn at_a_terminal(stage: &Stage, arguments: &[&str], answer: &str) -> Done {
    let asked = stage.command(arguments);
    let mut terminal = Command::new("python3");
    terminal.args(["-c", TERMINAL, answer]).arg(asked.get_program()).args(asked.get_args());
    terminal.current_dir(asked.get_current_dir().expect("a folder")).env_clear();
    for (name, value) in asked.get_envs() {
        terminal.env(name, value.unwrap_or_default());
    }
    // Where python3 is found; a version manager's needs to know its home as well.
    for name in ["PATH", "PYENV_ROOT"] {
        terminal.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    Done::from(terminal.stdin(Stdio::null()).output().expect("python3 runs"))
}

#[test]
fn yes_is_the_one_answer_that_applies() {
    let (stage, id) = weak();
    for answer in ["\n", "y\n", "YES\n", "yes please\n", "\u{4}"] {
        let done = answered(&stage, answer);
        assert_eq!(done.code, Some(1), "{answer:?}: {}", done.stdout);
        assert!(done.stdout.contains("not approved: nothing was changed"), "{answer:?}: {}", done.stdout);
    }
    assert_eq!(stage.writes(), []);
    let done = answered(&stage, "yes\n");
    assert_eq!(done.code, Some(0), "{}", done.stdout);
    assert!(done.stdout.contains("Apply: 1 verified."), "{}", done.stdout);
    assert_eq!(stage.writes(), [policy_write(&id)]);
}

#[test]
fn a_revert_shows_what_it_takes_away_and_asks_as_well() {
    let (stage, id) = weak();
    assert_eq!(answered(&stage, "yes\n").code, Some(0));
    let kept = stage.run(&["history", "--format", "json"]).json();
    let run = kept["runs"][0]["run"].as_str().expect("a run").to_owned();
    let revert = ["revert", &run, "--allow", "weakening"];
    let done = at_a_terminal(&stage, &revert, "no\n");
    assert_eq!(done.code, Some(1), "{}", done.stdout);
    assert!(done.stdout.contains("14 -> 8") && done.stdout.contains("not approved"), "{}", done.stdout);
    assert_eq!(at_a_terminal(&stage, &revert, "\u{3}").code, Some(130));
    assert_eq!(stage.policy(&id)["MinimumPasswordLength"], 14);
    let done = at_a_terminal(&stage, &revert, "yes\n");
    assert_eq!((done.code, stage.policy(&id)["MinimumPasswordLength"].clone()), (Some(0), json!(8)), "{}", done.stdout);
}

#[test]
fn an_interrupt_at_the_question_ends_the_run_at_once() {
    let (stage, _) = weak();
    let done = answered(&stage, "\u{3}");
    assert_eq!(done.code, Some(130), "{}", done.stdout);
    assert!(done.stdout.contains("interrupted"), "{}", done.stdout);
    assert_eq!(stage.writes(), []);
}

#[test]
fn where_nothing_is_to_be_done_nobody_is_asked() {
    let (mut world, _) = organization(&["strong"]);
    all_strong(&mut world);
    let stage = Stage::held_to(world, STRONG);
    let done = answered(&stage, "no\n");
    assert_eq!(done.code, Some(0), "{}", done.stdout);
    assert!(done.stdout.contains("Apply: nothing to do."), "{}", done.stdout);
    assert!(!done.stdout.contains("Enter a value"), "{}", done.stdout);
}
