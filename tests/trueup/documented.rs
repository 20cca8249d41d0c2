//! What the pages for users show is what the binary does: command lines, baseline files, messages, a whole plan.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use clap::Parser as _;
use serde_json::Value;
use trueup::cli::Cli;

use crate::harness::{Done, alone, offline, text};

fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = std::fs::read_dir(root.join("docs")).expect("a folder").map(|file| file.expect("a file").path());
    let pages = docs.filter(|path| path.extension().is_some_and(|kind| kind == "md"));
    pages.chain([root.join("README.md"), root.join("CONTRIBUTING.md")]).collect()
}

/// The blocks of this language on a page, without the indentation of the list that they may stand in.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let mut blocks: Vec<String> = vec![];
    let mut open: Option<(usize, bool)> = None;
    for line in page.lines() {
        let fence = line.trim_start().strip_prefix("```");
        match (fence, open) {
            (Some(opens), None) => {
                // Behind the language stands the name of a file, where it is one.
                let wanted = opens.split(' ').next() == Some(language);
                open = Some((line.len() - line.trim_start().len(), wanted));
                blocks.extend(wanted.then(String::new));
            }
            (Some(_), Some(_)) => open = None,
            (None, Some((indent, true))) => {
                let block = blocks.last_mut().expect("one was opened");
                block.push_str(line.get(indent..).unwrap_or_default());
                block.push('\n');
            }
            _ => {}
        }
    }
    blocks
}

fn read(page: &Path) -> String {
    std::fs::read_to_string(page).expect("a page")
}

#[test]
fn every_command_line_is_one_that_is_understood() {
    let mut seen = 0;
    for page in pages() {
        let [scripts, sessions, workflows] = ["sh", "console", "yaml"].map(|language| blocks(&read(&page), language));
        for block in scripts.into_iter().chain(sessions).chain(workflows) {
            // A line that ends in a backslash goes on in the next; a session has a mark before what is typed.
            let joined = block.replace("\\\n", " ");
            let typed = joined.lines().map(|line| line.trim().trim_start_matches("$ ").trim_start_matches("- run: "));
            for line in typed.filter_map(|line| line.strip_prefix("trueup ")) {
                let line = line.replace(" 2>", " >");
                let line = line.split([';', '|', '#', '>']).next().unwrap_or_default();
                let words = line.split_whitespace().map(|word| word.trim_matches('\''));
                let parsed = Cli::try_parse_from(["trueup"].into_iter().chain(words));
                assert!(parsed.is_ok(), "{}: trueup {line}\n{}", page.display(), parsed.expect_err("not understood"));
                seen += 1;
            }
        }
    }
    assert!(seen > 12, "only {seen} were found");
}

#[test]
fn every_baseline_file_that_is_shown_whole_is_valid() {
    let mut seen = 0;
    for page in pages() {
        for block in blocks(&read(&page), "yaml").iter().filter(|block| block.contains("version: 1")) {
            // What builds on a file of the reader is checked where the page is followed.
            if block.contains("extends: [baseline.yaml]") {
                continue;
            }
            let folder = tempfile::tempdir().expect("a folder");
            std::fs::write(folder.path().join("b.yaml"), block).expect("a file");
            let check = alone(folder.path(), &["baseline", "check", "b.yaml"]).output().expect("the binary runs");
            let done = Done::from(check);
            assert_eq!(done.code, Some(0), "{}:\n{block}\n{}", page.display(), done.stderr);
            seen += 1;
        }
    }
    assert!(seen > 4, "only {seen} were found");
}

#[test]
fn the_mistakes_that_are_shown_are_said_in_these_words() {
    let page = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/baseline.md"));
    let shown = blocks(&page, "text").into_iter().find(|block| block.starts_with("error: ")).expect("a message");
    let folder = tempfile::tempdir().expect("a folder");
    let file = "version: 1\nname: acme\ncontrols:\n  iam.password_policy:\n    minimum_lenght: 14\n    \
                require_symbols: false\n  cloudtrail.trail:\n    log_file_validation: \"true\"\nexemptions:\n  \
                - requirement: cloudtrail.trail.validation\n    reason: later\n";
    std::fs::write(folder.path().join("acme.yaml"), file).expect("a file");
    let done = Done::from(alone(folder.path(), &["baseline", "check", "acme.yaml"]).output().expect("the binary runs"));
    assert_eq!((done.code, done.stderr), (Some(64), shown));
}

/// The plan of the organization that `trueup simulate` serves, after `trueup init`, with the management account.
fn plan_of_a_newcomer() -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let mut simulate = alone(folder.path(), &["simulate", "-q"]);
    let mut serving = simulate.stdout(Stdio::piped()).spawn().expect("the binary runs");
    let mut line = String::new();
    BufReader::new(serving.stdout.take().expect("it is piped")).read_line(&mut line).expect("a line");
    let said: Value = serde_json::from_str(&line).expect("one line of JSON");
    let run = |arguments: &[&str]| {
        let mut command = alone(folder.path(), arguments);
        command
            .env("AWS_ACCESS_KEY_ID", text(&said["access_key_id"]))
            .env("AWS_SECRET_ACCESS_KEY", text(&said["secret_access_key"]))
            .env("AWS_REGION", text(&said["regions"][0]))
            .env("AWS_ENDPOINT_URL", text(&said["endpoint"]));
        Done::from(command.output().expect("the binary runs"))
    };
    let made = run(&["init"]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let path = folder.path().join("baseline.yaml");
    let baseline = read(&path).replace("\nmanagement_account: read\n", "\nmanagement_account: include\n");
    std::fs::write(&path, baseline).expect("a file");
    let planned = run(&["plan", "-b", "baseline.yaml"]);
    serving.kill().expect("it was running");
    serving.wait().expect("it ends");
    assert_eq!(planned.code, Some(3), "{}", planned.stderr);
    planned.stdout
}

#[test]
fn the_plan_in_the_readme_is_one_that_was_made() {
    let page = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"));
    let shown = blocks(&page, "text").into_iter().find(|block| block.starts_with("Organization")).expect("a plan");
    let made = plan_of_a_newcomer();
    let dated = |line: &&str| !line.starts_with("Made ");
    let mut rest = made.lines().filter(dated);
    // What is alike is cut out; what is shown is there in its order.
    for line in shown.lines().filter(dated).filter(|line| !line.contains("[…]") && !line.is_empty()) {
        assert!(rest.any(|made| made == line), "the README shows what no plan says:\n{line}\n\n{made}");
    }
    assert_eq!(shown.lines().last(), made.lines().last());
}

#[test]
fn the_exit_codes_of_the_readme_are_those_of_the_page() {
    let codes = |page: &str| {
        let page = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(page));
        let rows = page.lines().filter_map(|line| line.strip_prefix("| "));
        let first = rows.filter_map(|row| row.split(' ').next()?.parse::<u8>().ok());
        first.collect::<Vec<_>>()
    };
    assert_eq!(codes("README.md"), [0, 1, 2, 3, 64, 130]);
    assert_eq!(codes("README.md"), codes("docs/exit-codes.md"));
}

#[test]
fn every_action_of_a_revert_is_among_its_permissions() {
    let page = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/permissions.md"));
    let section = page.split("## What a revert needs").nth(1).expect("it has a section");
    let actions = trueup::steps::UNDOING.iter().flat_map(|(_, calls, _)| calls.iter()).map(|call| call.action);
    let missing: Vec<&str> = actions.filter(|action| !section.contains(&format!("`{action}`"))).collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn every_verb_is_in_the_help_and_says_what_it_does() {
    let help = offline(&["help"]);
    assert_eq!((help.code, &*help.stderr), (Some(0), ""));
    for verb in [
        "demo",
        "init",
        "accounts",
        "doctor",
        "controls",
        "baseline",
        "plan",
        "show",
        "apply",
        "revert",
        "history",
        "simulate",
        "completions",
    ] {
        assert!(help.stdout.contains(&format!("\n  {verb} ")), "{}", help.stdout);
        let own = offline(&["help", verb]);
        assert_eq!((own.code, own.stdout.starts_with(char::is_uppercase)), (Some(0), true), "{verb}");
    }
}
