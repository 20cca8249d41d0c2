//! What people read: the text of runs.

use serde_json::json;
use trueup::simulator::fault::Effect;

use crate::harness::{STRONG, Stage, all_strong, error, list, offline, organization, policy_write, set_policy, strike};

#[test]
fn a_plan_ends_with_its_figures_and_names_what_could_not_be_read() {
    let (mut world, ids) = organization(&["weak", "weaker", "denied", "good"]);
    all_strong(&mut world);
    set_policy(&mut world, &ids[0], json!({"MinimumPasswordLength": 8}));
    set_policy(&mut world, &ids[1], json!({"MinimumPasswordLength": 8}));
    world.account(&ids[2]).expect("it is there").iam.roles.clear();
    let stage = Stage::held_to(world, STRONG);
    let done = stage.run(&["plan", "-b", "baseline.yaml", "--out", "plan.json"]);
    assert_eq!(done.code, Some(3));
    let last = "Plan: 0 to add, 2 to change, 0 to remove in 2 accounts; 1 account could not be read.";
    assert_eq!(done.stdout.lines().last(), Some(last), "{}", done.stdout);
    assert!(done.stdout.contains(&ids[2]), "{}", done.stdout);
    assert!(done.stdout.contains("2 accounts"), "the same change in two accounts is one block: {}", done.stdout);
    assert!(done.stderr.contains("trueup apply plan.json"), "{}", done.stderr);
    assert!(!done.stdout.contains('\u{1b}') && !done.stderr.contains('\u{1b}'), "no colour without a terminal");
    let coloured = stage.run(&["plan", "-b", "baseline.yaml", "--color", "always"]);
    assert!(coloured.stdout.contains('\u{1b}'));
    let shown = stage.run(&["show", "plan.json"]);
    assert_eq!((shown.stdout, shown.code), (done.stdout, Some(0)));
}

/// What nobody wants in a terminal or in a file that a person opens.
const HOSTILE: [&str; 8] = [
    "\u{1b}]0;owned\u{7}\u{1b}[2J",
    "\u{9b}31m\u{85}",
    "line\r\nPlan: 0 to add, 0 to change, 0 to remove in 0 accounts.",
    "\u{202e}txt.exe\u{2066}",
    "\u{200b}\u{feff}\u{ad}",
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "\u{7f}\u{e0041}",
];

fn steers(one: char) -> bool {
    one != '\n' && one.is_control() || "\u{202e}\u{2066}\u{200b}\u{feff}\u{ad}\u{e0041}\u{2028}".contains(one)
}

#[track_caller]
fn harmless(text: &str) {
    assert!(!text.contains(steers), "{text:?}");
}

/// What people read has no name that fills the screen; JSON has it whole.
#[track_caller]
fn short(text: &str) {
    assert!(text.lines().all(|line| line.chars().count() < 3_000), "{text}");
}

#[test]
fn names_and_words_of_aws_steer_neither_terminal_nor_file() {
    let names: Vec<String> = HOSTILE.iter().map(|name| (*name).to_owned()).chain(["a".repeat(10_000)]).collect();
    let (mut world, ids) = organization(&["one"; HOSTILE.len() + 1]);
    all_strong(&mut world);
    for (id, name) in ids.iter().zip(&names) {
        let unit = world.add_unit(None, name);
        let account = world.account(id).expect("it is there");
        account.name.clone_from(name);
        account.parent = unit;
        account.tags.insert(name.clone(), name.clone());
        set_policy(&mut world, id, json!({"MinimumPasswordLength": 8}));
    }
    let stage = Stage::held_to(world, STRONG);
    let words = "\u{1b}[2J\u{9b}no\r\n\u{202e}more";
    let effect = Effect::Error { code: "AccessDenied".to_owned(), status: 403, message: words.to_owned() };
    stage.inject(strike(&ids[0], "GetAccountPasswordPolicy", effect));
    let plan = ["plan", "-b", "baseline.yaml", "--tag", "line*,<script>alert(1)</script>"];
    let refused = stage.run(&plan);
    harmless(&(refused.stdout + &refused.stderr));
    for more in [&["--detail"][..], &["--format", "json"], &[]] {
        let files = ["--out", "plan.json", "--report", "text=plan.txt", "--report", "json=again.json"];
        let done = stage.run(&[&["plan", "-b", "baseline.yaml"][..], &files, more].concat());
        assert_eq!(done.code, Some(3), "{}", done.stderr);
        for text in [&done.stdout, &done.stderr] {
            harmless(text);
        }
        for name in ["plan.json", "plan.txt", "again.json"] {
            harmless(&stage.read(name));
        }
        short(&stage.read("plan.txt"));
    }
    // Nothing is lost by it: JSON means what AWS said.
    let plan = stage.read_json("plan.json");
    let line = list(&plan["accounts"]).iter().find(|line| line["id"] == ids[3]).expect("it is listed");
    assert_eq!(line["name"], HOSTILE[3]);
    harmless(&stage.run(&["accounts", "--format", "json"]).stdout);
    let accounts = stage.run(&["accounts", "-b", "baseline.yaml"]).stdout;
    harmless(&accounts);
    short(&accounts);
    // Another tool may have written the same plan without escapes.
    stage.write("raw.json", &serde_json::to_string(&plan).expect("JSON"));
    for arguments in [&["show", "raw.json"][..], &["show", "raw.json", "--format", "json"]] {
        let shown = stage.run(arguments);
        assert_eq!(shown.code, Some(0), "{}", shown.stderr);
        harmless(&shown.stdout);
    }
    let done = stage.run(&["apply", "plan.json", "--report", "text=applied.txt", "--report", "json=applied.json"]);
    for text in [&done.stdout, &done.stderr] {
        harmless(text);
    }
    for name in ["applied.txt", "applied.json"] {
        harmless(&stage.read(name));
    }
    // What Organizations says ends the run, and is told on stderr.
    let management = stage.world(|world| world.management());
    let effect = Effect::Error { code: "AccessDeniedException".to_owned(), status: 403, message: words.to_owned() };
    stage.inject(strike(&management, "ListAccounts", effect));
    let done = stage.run(&["plan", "-b", "baseline.yaml"]);
    assert_eq!(done.code, Some(1), "{}", done.stderr);
    harmless(&done.stderr);
    assert!(done.stderr.contains("more"), "{}", done.stderr);
}

#[test]
fn a_baseline_of_somebody_else_cannot_steer_the_terminal() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("\u{1b}[2Jb.yaml");
    let text = "version: 1\nname: \"\\e[31m\\u202e\"\nextends: [foundation]\n\"\\e[2J\": \"\\u202e\"\n";
    let path = path.to_str().expect("text");
    for text in [text, &text.replace("\"\\e[2J\": ", "# ")] {
        std::fs::write(path, text).expect("a file");
        for verb in [&["baseline", "check"][..], &["baseline", "show"], &["baseline", "show", "--format=json"]] {
            let done = offline(&[verb, &[path]].concat());
            harmless(&(done.stdout + &done.stderr));
        }
    }
}

#[test]
fn what_is_mended_at_an_account_that_is_not_selected_is_said_to_be_its_owners() {
    let (world, _) = organization(&["one"]);
    let stage = Stage::held_to(world, "controls:\n  cloudtrail.trail: { scope: organization, logging: true }\n");
    let alone = stage.run(&["plan", "-b", "baseline.yaml", "--account", "one"]);
    assert!(alone.stdout.contains("mend the organization's trail, or select that account as well"), "{}", alone.stdout);
    let read = stage.run(&["plan", "-b", "baseline.yaml"]);
    assert!(read.stdout.contains("which waits for a person: see below"), "{}", read.stdout);
    let include = "management_account: include\n";
    stage.baseline(include, "controls:\n  cloudtrail.trail: { scope: organization, logging: true }\n");
    let mended = stage.run(&["plan", "-b", "baseline.yaml"]).stdout;
    assert!(mended.contains("1 account is mended by") && !mended.contains("which"), "{mended}");
}

#[test]
fn an_apply_ends_with_what_came_of_it() {
    let (mut world, ids) = organization(&["weak", "stuck"]);
    all_strong(&mut world);
    for id in &ids {
        set_policy(&mut world, id, json!({"MinimumPasswordLength": 8}));
    }
    let stage = Stage::held_to(world, STRONG);
    stage.planned(2);
    stage.inject(strike(&ids[1], "UpdateAccountPasswordPolicy", error(403, "AccessDenied")));
    let done = stage.run(&["apply", "plan.json"]);
    assert_eq!(done.code, Some(3));
    assert_eq!(stage.writes(), [policy_write(&ids[0]), policy_write(&ids[1])]);
    assert_eq!([&ids[0], &ids[1]].map(|id| stage.policy(id)["MinimumPasswordLength"].clone()), [14, 8]);
    let last = done.stdout.lines().last().unwrap_or_default();
    assert!(last.contains("1 verified") && last.contains("1 failed"), "{}", done.stdout);
    assert!(done.stdout.contains(&ids[1]), "who has to look into it needs to know where: {}", done.stdout);
}

#[test]
fn quiet_says_nothing_but_the_result() {
    let (mut world, _) = organization(&["one"]);
    all_strong(&mut world);
    let stage = Stage::held_to(world, STRONG);
    let done = stage.run(&["plan", "-b", "baseline.yaml", "-q"]);
    assert_eq!((done.code, &*done.stderr), (Some(0), ""));
    assert!(done.stdout.contains("in line with the baseline"), "{}", done.stdout);
}
