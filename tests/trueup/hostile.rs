//! Whoever may name an account, or writes a file that is given to us, steers neither a terminal nor another file.

use serde_json::json;
use trueup::simulator::fault::{Effect, Injection};
use trueup::simulator::world::World;

use crate::harness::{Done, HOME, STRONG, Stage, all_strong, list, offline, organization, set_policy, strike};

/// What nobody wants in a terminal or in a file that a person opens.
pub(crate) const HOSTILE: [&str; 8] = [
    "\u{1b}]0;owned\u{7}\u{1b}[2J",
    "\u{9b}31m\u{85}",
    "line\r\nFORGED: 0 to add, 0 to change",
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
pub(crate) fn harmless(text: &str) {
    assert!(!text.contains(steers), "{text:?}");
    assert!(!text.lines().any(|line| line.trim_start().starts_with("FORGED")), "a line of theirs: {text}");
}

/// What people read has no name that fills the screen; JSON has it whole.
#[track_caller]
pub(crate) fn short(text: &str) {
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

/// The words of an error that AWS never says.
const WORDS: &str = "\u{1b}[2J\u{9b}no\r\nFORGED\u{202e}more\u{2028}";

fn says(code: &str) -> Effect {
    Effect::Error { code: code.to_owned(), status: 403, message: format!("{WORDS}{}", "a".repeat(10_000)) }
}

/// What somebody wrote into a file of theirs: in all of these forms at once.
fn everything() -> String {
    HOSTILE.concat() + "\nFORGED" + &"b".repeat(10_000)
}

/// An organization in which everything that can be named is hostile, held to a password policy.
fn hostile() -> (Stage, Vec<String>) {
    let (mut world, ids) = organization(&["x"; HOSTILE.len()]);
    all_strong(&mut world);
    for (id, name) in ids.iter().zip(HOSTILE) {
        let unit = world.add_unit(None, name);
        let account = world.account(id).expect("it is there");
        account.name = format!("{name}{}", "a".repeat(10_000));
        account.parent = unit;
        set_policy(&mut world, id, json!({"MinimumPasswordLength": 8}));
    }
    let management = world.management();
    world.build(&management, HOME, "s3", "CreateBucket", json!({"Bucket": "team-locks"}));
    let keys = hostile_administrator(&mut world);
    (Stage::held_to(world, STRONG).with_keys(keys), ids)
}

/// An administrator whose ARN is not one of AWS.
fn hostile_administrator(world: &mut World) -> trueup::simulator::world::Credential {
    let mut caller = world.administrator().caller;
    caller.arn = format!("{}{}", caller.arn, HOSTILE[3]);
    world.issue(caller, None)
}

#[track_caller]
pub(crate) fn both_harmless(done: &Done) {
    harmless(&done.stdout);
    harmless(&done.stderr);
    short(&done.stderr);
}

#[test]
fn the_talk_of_every_verb_is_harmless() {
    let (stage, ids) = hostile();
    stage.inject(strike(&ids[0], "GetAccountPasswordPolicy", says("AccessDenied")));
    stage.inject(Injection { times: Some(1), ..strike(&ids[1], "GetAccountPasswordPolicy", says("Throttling")) });
    for arguments in [
        &["accounts", "-b", "baseline.yaml"][..],
        &["plan", "-b", "baseline.yaml", "--out", "plan.json", "-vv"],
        &["plan", "-b", "baseline.yaml", "--format", "markdown"],
        &["plan", "-b", "baseline.yaml", "--account", HOSTILE[0]],
        &["plan", "-b", "baseline.yaml", "--ou", HOSTILE[3], "--control", HOSTILE[2]],
        &["plan", "-b", HOSTILE[2]],
        &["show", "plan.json"],
        &["show", "plan.json", "--format", "markdown"],
        &["show", HOSTILE[2]],
        &["doctor", "-b", "baseline.yaml", "--detail"],
        &["doctor", "-b", "baseline.yaml", "--format", "json"],
        &["history", HOSTILE[2]],
        &["revert", HOSTILE[2]],
        &["controls", HOSTILE[2]],
    ] {
        let done = stage.run(arguments);
        both_harmless(&done);
        if arguments.contains(&"text") || !arguments.contains(&"json") {
            short(&done.stdout);
        }
    }
    assert!(stage.path("plan.json").exists());
}

#[test]
fn what_an_apply_writes_down_and_what_is_read_of_it_is_harmless() {
    let (stage, ids) = hostile();
    stage.planned(2);
    stage.inject(strike(&ids[0], "UpdateAccountPasswordPolicy", says("AccessDenied")));
    stage.inject(strike(&ids[1], "UpdateAccountPasswordPolicy", says("ServiceFailure")));
    let done =
        stage.run(&["apply", "plan.json", "-vv", "--report", "json=applied.json", "--report", "text=applied.txt"]);
    assert_eq!(done.code, Some(3), "{}", done.stderr);
    both_harmless(&done);
    harmless(&stage.read("applied.json"));
    harmless(&stage.read("applied.txt"));
    let run = stage.run(&["history", "--format", "json"]).json()["runs"][0]["run"].as_str().expect("a run").to_owned();
    let journal = format!("state/trueup/runs/{run}/journal.jsonl");
    harmless(&stage.read(&journal));
    harmless(&stage.read(&format!("state/trueup/runs/{run}/plan.json")));
    let verbs = [
        &["history"][..],
        &["history", &run],
        &["history", &run, "--format", "json"],
        &["history", "verify"],
        &["revert", &run, "--out", "undo.json"],
        &["revert", &run, "--account", HOSTILE[2], "--out", "undo.json"],
    ];
    for arguments in verbs {
        both_harmless(&stage.run(arguments));
    }
    harmless(&stage.read("undo.json"));
    // Somebody put lines of their own into the journal.
    let whole = stage.read(&journal);
    let theirs = serde_json::to_string(&everything()).expect("JSON");
    for broken in [
        format!("{{\"format\":{theirs}}}\n"),
        format!("{theirs}\n"),
        whole.replacen("\"record\":\"run_begins\"", &format!("\"record\":{theirs}"), 1),
        format!("{}\n", everything()),
        whole.replacen("trueup.journal/1", HOSTILE[4], 1),
    ] {
        stage.write(&journal, &broken);
        for arguments in verbs {
            let done = stage.run(arguments);
            both_harmless(&done);
            short(&done.stdout);
        }
    }
}

#[test]
fn who_holds_a_lock_is_told_harmlessly() {
    let (stage, _) = hostile();
    stage.planned(2);
    let lock = ["--lock", "s3://team-locks/trueup/lock"];
    let theirs = everything();
    let management = stage.world(|world| world.management());
    for body in [
        json!({"format": "trueup.lock/1", "id": theirs, "caller": theirs, "host": theirs, "since": theirs,
               "released": false})
        .to_string(),
        json!({"format": theirs}).to_string(),
        theirs.clone(),
    ] {
        let object = json!({"Bucket": "team-locks", "Key": "trueup/lock", "Body": body});
        stage.world(|world| world.build(&management, HOME, "s3", "PutObject", object));
        for arguments in [&["apply", "plan.json"][..], &["unlock", "nobody"], &["doctor", "-b", "baseline.yaml"]] {
            let done = stage.run(&[arguments, &lock].concat());
            assert!(matches!(done.code, Some(0 | 1 | 3 | 64)), "{}", done.stderr);
            both_harmless(&done);
        }
    }
}

#[test]
fn a_plan_file_that_is_refused_is_refused_harmlessly() {
    let (stage, _) = hostile();
    let plan = stage.planned(2);
    let whole = stage.read("plan.json");
    let theirs = serde_json::to_string(&everything()).expect("JSON");
    let put = |pointer: &str| {
        let mut forged = plan.clone();
        *forged.pointer_mut(pointer).expect(pointer) = json!(everything());
        // The digest protects against accidents, and not against this.
        let digest = serde_json::from_value::<trueup::plan::PlanFile>(forged.clone()).map(|file| file.content_digest());
        forged["digest"] = json!(digest.unwrap_or_default());
        forged.to_string()
    };
    let pointers = [
        "/format",
        "/tool",
        "/created",
        "/created_by",
        "/digest",
        "/organization/id",
        "/baseline/name",
        "/accounts/1/name",
        "/accounts/1/ou_path",
        "/accounts/1/id",
        "/accounts/1/state",
        "/changes/0/control",
        "/changes/0/object",
        "/changes/0/id",
        "/changes/0/account",
        "/changes/0/severity",
        "/verdicts/0/requirement",
        "/verdicts/0/verdict",
        "/verdicts/0/account",
        "/changes/0/differences/0/requirement",
        "/changes/0/differences/0/wanted",
    ];
    let forged = pointers.iter().filter(|pointer| plan.pointer(pointer).is_some()).map(|pointer| put(pointer));
    let forged: Vec<String> = forged.collect();
    assert!(forged.len() > 15, "the plan has {} of them", forged.len());
    let broken = [
        theirs.clone(),
        everything(),
        format!("{{{theirs}: 1, {theirs}: 2}}"),
        format!("{{\"format\": {theirs}}}"),
        whole.replacen("\"step\":", &format!("{theirs}:"), 1),
    ];
    for text in forged.into_iter().chain(broken) {
        stage.write("plan.json", &text);
        for arguments in [
            &["show", "plan.json"][..],
            &["show", "plan.json", "--format", "markdown"],
            &["apply", "plan.json", "--organization", "o-aaaaaaaaaa"],
            &[
                "approve",
                "plan.json",
                "--auto-approve",
                "--kms-key",
                "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            ],
        ] {
            let done = stage.run(arguments);
            both_harmless(&done);
            short(&done.stdout);
        }
    }
}
