//! Plan files that are no plans, are not what they were, or were forged with the right digest.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use trueup::plan::PlanFile;

use crate::harness::{Done, STRONG, Stage, all_strong, organization, outcomes, policy_write, set_policy, text};

/// Two accounts that have drifted, with a plan for both. What the plan has cost is forgotten.
fn planned() -> (Stage, Vec<String>) {
    let (mut world, ids) = organization(&["weak", "weaker"]);
    all_strong(&mut world);
    for id in &ids {
        set_policy(&mut world, id, json!({"MinimumPasswordLength": 8}));
    }
    let stage = Stage::held_to(world, STRONG);
    stage.planned(2);
    stage.world(|world| world.ledger.clear());
    (stage, ids)
}

/// Changes the plan and gives it the right digest: the digest protects against accidents, and not against this.
fn forge(stage: &Stage, change: impl FnOnce(&mut Value)) {
    let mut plan = stage.read_json("plan.json");
    change(&mut plan);
    let mut file: PlanFile = serde_json::from_value(plan.clone()).expect("a plan");
    file.digest = file.content_digest();
    plan["digest"] = json!(file.digest);
    stage.write("plan.json", &plan.to_string());
}

/// Both commands refuse it with these words, and nothing was sent to AWS.
#[track_caller]
fn refused(stage: &Stage, words: &str) {
    for verb in ["apply", "show"] {
        stage.run(&[verb, "plan.json"]).refused(64, words);
    }
    assert!(stage.calls().is_empty(), "AWS is not asked for a plan that is refused");
}

fn put(stage: &Stage, bytes: &[u8]) {
    std::fs::write(stage.path("plan.json"), bytes).expect("a file");
}

#[test]
fn what_is_cut_off_anywhere_is_refused() {
    let (stage, _) = planned();
    let whole = stage.read("plan.json");
    let end = whole.trim_end().len();
    for length in [1, 2, 100, end / 4, end / 2, end - 100, end - 1] {
        put(&stage, &whole.as_bytes()[..length]);
        stage.run(&["apply", "plan.json"]).refused(64, "plan.json is not a plan of trueup: EOF while parsing");
    }
    assert!(stage.calls().is_empty());
}

#[test]
fn what_follows_the_end_is_refused() {
    let (stage, _) = planned();
    put(&stage, format!("{}{{}}", stage.read("plan.json")).as_bytes());
    refused(&stage, "plan.json is not a plan of trueup: trailing characters");
}

#[test]
fn what_nests_deep_is_refused_and_does_not_overflow() {
    let (stage, _) = planned();
    let (open, close) = ("[".repeat(1_000_000), "]".repeat(1_000_000));
    put(&stage, format!("{{\"format\":\"trueup.plan/1\",\"x\":{open}{close}}}").as_bytes());
    refused(&stage, "plan.json is not a plan of trueup: recursion limit exceeded");
    // In a list too, which is taken apart later.
    put(&stage, format!("{{\"format\":\"trueup.plan/1\",\"verdicts\":[{open}{close}]}}").as_bytes());
    refused(&stage, "plan.json is not a plan of trueup: ");
}

#[test]
fn a_key_that_stands_twice_is_refused_wherever_it_is() {
    let (stage, _) = planned();
    let whole = stage.read("plan.json");
    for (found, twice, key) in [
        ("  \"changes\": [", "  \"changes\": [],\n  \"changes\": [", "changes"),
        ("  \"format\":", "  \"format\": \"trueup.plan/1\",\n  \"format\":", "format"),
        ("\"minimum_length\":14", "\"minimum_length\":6,\"minimum_length\":14", "minimum_length"),
        ("  \"digest\":", "  \"digest\": \"sha256:00\",\n  \"digest\":", "digest"),
    ] {
        assert!(whole.contains(found), "{found}");
        put(&stage, whole.replacen(found, twice, 1).as_bytes());
        refused(&stage, &format!("the key \"{key}\" stands twice"));
    }
}

#[test]
fn what_is_no_json_or_no_utf_8_is_refused() {
    let (stage, _) = planned();
    for wrong in ["NaN", "Infinity", "1e999", "01", "'a'", "\"\\ud800\"", "\"\u{1}\""] {
        put(&stage, format!("{{\"format\": \"trueup.plan/1\", \"x\": {wrong}}}").as_bytes());
        stage.run(&["apply", "plan.json"]).refused(64, "plan.json is not a plan of trueup: ");
    }
    put(&stage, b"{\"format\": \"trueup.plan/1\", \"x\": \"\xff\"}");
    refused(&stage, "plan.json is not a plan of trueup: it is not UTF-8 from byte 34 on");
    put(&stage, b"\xef\xbb\xbf{}");
    refused(&stage, "plan.json is not a plan of trueup: ");
}

#[test]
fn a_folder_and_what_cannot_be_opened_are_refused() {
    let (stage, _) = planned();
    std::fs::create_dir(stage.path("folder")).expect("a folder");
    stage.run(&["apply", "folder"]).refused(64, "folder is a folder, and a plan is a file or comes by a pipe");
    stage.run(&["show", "/dev/zero"]).refused(64, "/dev/zero is a device, and a plan is a file or comes by a pipe");
    assert!(stage.calls().is_empty());
}

/// A pipe in the working folder, and a thread that writes this into it once somebody reads.
fn piped(stage: &Stage, bytes: Vec<u8>) -> std::thread::JoinHandle<()> {
    let path = stage.path("pipe");
    // One that is left over may still have bytes of who wrote last.
    let _ = std::fs::remove_file(&path);
    let made = Command::new("mkfifo").arg(&path).status().expect("mkfifo runs");
    assert!(made.success());
    std::thread::spawn(move || {
        let mut pipe = File::options().write(true).open(path).expect("a pipe");
        // Who has read enough hangs up.
        let _ = pipe.write_all(&bytes);
    })
}

#[test]
fn what_comes_by_a_pipe_is_read_once_applied_and_kept_as_it_came() {
    let (stage, ids) = planned();
    let plan = stage.read("plan.json").into_bytes();
    let writing = piped(&stage, plan.clone());
    let shown = stage.run(&["show", "pipe", "--format", "json"]);
    writing.join().expect("it was read");
    assert_eq!((shown.code, shown.stdout.as_bytes()), (Some(0), &*plan), "{}", shown.stderr);
    let writing = piped(&stage, plan.clone());
    let done = stage.run(&["apply", "pipe", "--format", "json"]);
    writing.join().expect("it was read");
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert_eq!(stage.writes(), [policy_write(&ids[0]), policy_write(&ids[1])]);
    let kept = stage.path("state/trueup/runs").join(text(&done.json()["run"])).join("plan.json");
    assert_eq!(std::fs::read(kept).expect("it is kept"), plan);
}

#[test]
fn what_comes_by_a_pipe_cut_off_or_changed_is_refused() {
    let (stage, _) = planned();
    let plan = stage.read("plan.json").into_bytes();
    let changed = String::from_utf8_lossy(&plan).replace("\"minimum_length\":14", "\"minimum_length\":15").into_bytes();
    assert_ne!(changed, plan);
    let cut = plan[..plan.len() / 2].to_vec();
    for (bytes, words) in [(cut, "pipe is not a plan of trueup"), (changed, "pipe was changed after it was made")] {
        let writing = piped(&stage, bytes);
        stage.run(&["apply", "pipe"]).refused(64, words);
        writing.join().expect("it was read");
    }
    assert_eq!(stage.writes(), []);
}

/// SIGINT, as a bit of the signals that a process catches.
#[cfg(target_os = "linux")]
const INTERRUPT: u64 = 1 << 1;

#[cfg(target_os = "linux")]
#[test]
fn a_pipe_that_nobody_writes_into_is_waited_for_until_somebody_interrupts() {
    let (stage, _) = planned();
    let made = Command::new("mkfifo").arg(stage.path("pipe")).status().expect("mkfifo runs");
    assert!(made.success());
    for verb in ["apply", "show"] {
        let waiting = stage.command(&[verb, "pipe", "-vv"]).stderr(Stdio::piped()).spawn().expect("the binary runs");
        // Signals that come before somebody listens end the process at once, and prove nothing.
        let listens = |status: &str| {
            let caught =
                status.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigCgt:")?.trim(), 16).ok());
            caught.is_some_and(|caught| caught & INTERRUPT != 0)
        };
        let status = format!("/proc/{}/status", waiting.id());
        while !std::fs::read_to_string(&status).is_ok_and(|status| listens(&status)) {
            std::thread::yield_now();
        }
        let sent = Command::new("kill").args(["-INT", &waiting.id().to_string()]).status().expect("kill runs");
        assert!(sent.success());
        let done = Done::from(waiting.wait_with_output().expect("it ends"));
        assert_eq!(done.code, Some(130), "{verb}: {}", done.stderr);
    }
}

const LARGE: usize = 100 * 1024 * 1024;

/// What a process may have to refuse a large plan: the program itself, the text, and half as much for everything else,
/// so that there is no room for the text a second time.
fn room(program: &OsStr) -> u64 {
    std::fs::metadata(program).expect("it was built").len() + LARGE as u64 * 3 / 2
}

/// A file of so many bytes is refused with these words by a process that cannot have more than its [`room`].
#[track_caller]
fn refused_in_its_room(stage: &Stage, size: usize, words: &str, write: impl FnOnce(&mut BufWriter<File>)) {
    let mut file = BufWriter::new(File::create(stage.path("large.json")).expect("a file"));
    write(&mut file);
    let written = file.into_inner().expect("room for it").metadata().expect("its size").len();
    assert!(written >= size as u64, "{written} bytes");
    let binary = stage.command(&["apply", "large.json"]);
    let script = format!("ulimit -v {} && exec \"$0\" \"$@\"", room(binary.get_program()) / 1024);
    let mut bounded = Command::new("sh");
    bounded.args(["-c", &script]).arg(binary.get_program()).args(binary.get_args());
    bounded.env_clear().envs(binary.get_envs().filter_map(|(name, value)| Some((name, value?))));
    // The C library sets aside 64 MiB of addresses for each thread that allocates beside another, as it happens: that is
    // no memory, and the limit counts it.
    bounded.env("MALLOC_ARENA_MAX", "1");
    bounded.current_dir(stage.path("")).stdin(Stdio::null());
    Done::from(bounded.output().expect("the binary runs")).refused(64, words);
}

#[test]
fn a_hundred_megabytes_are_refused_in_memory_that_they_bound() {
    let (stage, _) = planned();
    let plan = stage.read("plan.json");
    let head = plan.trim_end().strip_suffix('}').expect("an object");
    let row = plan.lines().find(|line| line.contains("\"verdict\":\"drifted\"")).expect("a row").trim();
    let row = row.trim_end_matches(',');
    let fill = |file: &mut BufWriter<File>, piece: &str, size: usize| {
        (0..=size / piece.len()).for_each(|_| file.write_all(piece.as_bytes()).expect("room for it"));
    };
    let put = |file: &mut BufWriter<File>, text: &str| file.write_all(text.as_bytes()).expect("room for it");
    let (start, rest) = plan.split_once("\"verdicts\": [").expect("verdicts");
    refused_in_its_room(&stage, LARGE, "expected value at line 1 column 1", |file| fill(file, "\0\0\0\0", LARGE));
    refused_in_its_room(&stage, LARGE, "a content of", |file| {
        put(file, &plan);
        fill(file, "    \n    \n", LARGE);
    });
    refused_in_its_room(&stage, LARGE, "a text of 104", |file| {
        put(file, &format!("{head}, \"x\": \""));
        fill(file, "padding ", LARGE);
        put(file, "\"}");
    });
    refused_in_its_room(&stage, LARGE, "more than 200000 values in one place", |file| {
        put(file, &format!("{head}, \"x\": [1"));
        fill(file, ",1", LARGE);
        put(file, "]}");
    });
    refused_in_its_room(&stage, LARGE, "verdicts[0]: more than 200000 values in one place", |file| {
        put(file, &format!("{start}\"verdicts\": [[1"));
        fill(file, ",1", LARGE);
        put(file, &format!("],{rest}"));
    });
    // Well-made rows take what rows take, three times their text.
    refused_in_its_room(&stage, LARGE / 10, "was changed after it was made", |file| {
        put(file, &format!("{start}\"verdicts\": ["));
        fill(file, &format!("{row},"), LARGE / 10);
        put(file, rest);
    });
    assert!(stage.calls().is_empty());
}

#[test]
fn a_forged_step_is_stale_and_is_not_sent() {
    let (stage, ids) = planned();
    forge(&stage, |plan| plan["changes"][0]["steps"][0]["policy"]["minimum_length"] = json!(6));
    let (applied, code) = stage.apply(&[]);
    assert_eq!((outcomes(&applied), code), (vec![(&*ids[0], "stale"), (&*ids[1], "verified")], Some(2)));
    assert_eq!(stage.writes(), [policy_write(&ids[1])]);
    assert_eq!(stage.policy(&ids[0])["MinimumPasswordLength"], 8);
    let reason = text(&applied["outcomes"][0]["reason"]);
    assert!(reason.contains("it would take a step now that was not planned"), "{reason}");
}

#[test]
fn a_step_that_the_control_does_not_plan_is_not_sent_beside_those_that_it_does() {
    let (stage, ids) = planned();
    let foreign = json!({"do": "create_bucket", "bucket": "exfiltrated", "region": "us-east-1"});
    forge(&stage, |plan| {
        let steps = plan["changes"][0]["steps"].as_array_mut().expect("steps");
        steps.insert(0, foreign.clone());
        steps.push(foreign.clone());
        plan["changes"][1]["steps"] = json!([foreign]);
    });
    let (applied, code) = stage.apply(&["--allow", "cost,disruptive"]);
    assert_eq!((outcomes(&applied), code), (vec![(&*ids[0], "verified"), (&*ids[1], "stale")], Some(2)));
    assert_eq!(stage.writes(), [policy_write(&ids[0])], "the step that the control plans, and no other");
}

#[test]
fn a_change_of_an_object_that_has_not_drifted_writes_nothing() {
    let (stage, ids) = planned();
    forge(&stage, |plan| plan["changes"][0]["object"] = json!("another policy"));
    let (applied, _) = stage.apply(&[]);
    assert_eq!(outcomes(&applied)[1], (&*ids[1], "verified"));
    assert_eq!(stage.writes(), [policy_write(&ids[1])]);
}

#[test]
fn what_does_not_fit_together_is_refused() {
    type Change<'a> = (&'a str, &'a dyn Fn(&mut Value));
    let (stage, ids) = planned();
    let whole = stage.read("plan.json");
    let only = format!("it does not say what is asked of {}, which it changes", ids[0]);
    let stranger = format!("it says what is asked of {}, which is not among its accounts", ids[0]);
    let twice = format!("it says twice what is asked of {}", ids[0]);
    let listed = format!("the account {} is listed twice", ids[0]);
    let foreign = format!("{} is to change what is of 999988887777, which is not among its accounts", ids[0]);
    let cases: [Change<'_>; 13] = [
        (&foreign, &|plan| {
            let asked = json!({"control": "guardduty.detector", "accounts": ["999988887777"], "settings": {}});
            let mut terms = plan["terms"].as_array_mut().expect("terms").iter_mut();
            terms.find(|terms| terms["account"] == *ids[0]).expect("it is asked")["others"] = json!([asked]);
        }),
        (&only, &|plan| drop(plan["terms"].as_array_mut().expect("terms").remove(0))),
        (&stranger, &|plan| {
            plan["accounts"].as_array_mut().expect("accounts").retain(|line| line["id"] != *ids[0]);
        }),
        (&twice, &|plan| plan["terms"][1]["account"] = json!(ids[0])),
        (&listed, &|plan| {
            let line = plan["accounts"].as_array().expect("accounts").iter().find(|line| line["id"] == *ids[0]);
            let line = line.expect("it is listed").clone();
            plan["accounts"].as_array_mut().expect("accounts").push(line);
        }),
        ("stands in it twice", &|plan| plan["changes"][1]["id"] = plan["changes"][0]["id"].clone()),
        ("needs one that is not in it", &|plan| plan["changes"][0]["depends_on"] = json!(["f00d"])),
        ("needs itself, by way of others", &|plan| {
            plan["changes"][0]["depends_on"] = json!([plan["changes"][1]["id"]]);
            plan["changes"][1]["depends_on"] = json!([plan["changes"][0]["id"]]);
        }),
        ("needs itself, by way of others", &|plan| {
            plan["changes"][0]["depends_on"] = json!([plan["changes"][0]["id"]]);
        }),
        ("is of the control `iam.pass words`, which there is not", &|plan| {
            plan["changes"][0]["control"] = json!("iam.pass\u{1b}words");
        }),
        ("is of kms.key_rotation, which is not asked of it", &|plan| {
            plan["changes"][0]["control"] = json!("kms.key_rotation");
        }),
        ("which is not asked of it", &|plan| plan["terms"][0]["settings"] = json!({})),
        ("make no sense", &|plan| {
            plan["terms"][0]["settings"]["iam.password_policy"]["minimum_length"] = json!("many");
        }),
    ];
    for (words, change) in cases {
        stage.write("plan.json", &whole);
        forge(&stage, change);
        refused(&stage, words);
        let said = stage.run(&["apply", "plan.json"]).stderr;
        assert!(said.contains("plan.json does not fit together: ") && !said.contains('\u{1b}'), "{said:?}");
    }
}

#[test]
fn a_plan_that_is_laid_out_otherwise_is_the_same_plan() {
    let (stage, ids) = planned();
    let plan = stage.read_json("plan.json");
    let outcome = [(&*ids[0], "verified"), (&*ids[1], "verified")];
    // As `jq` prints it, and as `jq -S -c` does.
    stage.write("plan.json", &serde_json::to_string_pretty(&plan).expect("JSON"));
    let (applied, code) = stage.apply(&[]);
    assert_eq!((outcomes(&applied), code), (outcome.to_vec(), Some(0)));
    stage.write("plan.json", &plan.to_string());
    assert_eq!(stage.apply(&[]).1, Some(0));
}
