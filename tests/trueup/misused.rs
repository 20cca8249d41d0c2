//! Files that are none of ours, and options that say nothing: each is refused with what is wrong, where, and what to do.

use std::path::Path;

use crate::harness::{Done, alone};

/// Whatever somebody may have put where a file is asked for.
fn files(folder: &Path) -> Vec<String> {
    let deep = |open: &str| open.repeat(100_000);
    let all: [(&str, Vec<u8>); 9] = [
        ("empty", vec![]),
        ("blank", b" \n\n".to_vec()),
        ("nothing", b"null\n".to_vec()),
        ("list", b"[1, 2]\n".to_vec()),
        ("cut", b"{\"format\": \"trueup.plan/1\", \"tool\":".to_vec()),
        ("latin", b"{\"format\": \"caf\xe9\"}\n".to_vec()),
        ("zeros", vec![0; 1000]),
        ("lists", deep("[").into_bytes()),
        ("maps", deep("{\"a\":").into_bytes()),
    ];
    for (name, bytes) in &all {
        std::fs::write(folder.join(name), bytes).expect("a file");
    }
    std::fs::create_dir(folder.join("folder")).expect("a folder");
    all.iter().map(|(name, _)| (*name).to_owned()).chain(["folder".to_owned(), "missing".to_owned()]).collect()
}

/// A run without AWS and without its configuration.
fn run(folder: &Path, arguments: &[&str]) -> Done {
    Done::from(alone(folder, arguments).output().expect("the binary runs"))
}

/// It is refused with what is wrong with this file, and with a mend or the very place; answers what is said.
#[track_caller]
fn refused(folder: &Path, arguments: &[&str], file: &str) -> String {
    let done = run(folder, arguments);
    let said = done.stderr;
    assert_eq!((done.code, &*done.stdout), (Some(64), ""), "{arguments:?} {said}");
    assert!(said.starts_with("error: ") && !said.contains("panicked"), "{arguments:?} {said}");
    assert!(said.contains(file), "{arguments:?} does not name it: {said}");
    let place = said.contains(&format!("--> {file}:"));
    assert!(place || said.contains("hint: "), "{arguments:?} says neither where nor what to do: {said}");
    said
}

#[test]
fn whatever_is_given_as_a_baseline_is_refused_with_its_place_or_a_mend() {
    let folder = tempfile::tempdir().expect("a folder");
    let verbs: [&[&str]; 8] = [
        &["baseline", "check"],
        &["baseline", "show"],
        &["plan", "-b"],
        &["accounts", "-b"],
        &["doctor", "-b"],
        &["permissions", "-b"],
        &["apply", "--auto-approve", "-b"],
        &["roles", "--format", "terraform", "--principal", "arn:aws:iam::111122223333:role/ci", "-b"],
    ];
    for file in files(folder.path()) {
        let said = verbs.map(|verb| refused(folder.path(), &[verb, &[&*file]].concat(), &file));
        assert!(said.iter().skip(1).all(|one| *one == said[0]), "every verb says the same: {said:?}");
    }
}

#[test]
fn whatever_is_given_as_a_plan_is_refused_with_a_mend() {
    let folder = tempfile::tempdir().expect("a folder");
    let key = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    for file in files(folder.path()) {
        for verb in [&["show"][..], &["apply"], &["approve", "--kms-key", key]] {
            let said = refused(folder.path(), &[verb, &[&*file]].concat(), &file);
            assert!(said.contains("hint: make one with `trueup plan --out FILE`"), "{said}");
        }
    }
    let said = refused(folder.path(), &["show", "blank"], "blank");
    assert!(said.contains("is not a plan of trueup: it is empty"), "{said}");
}

#[test]
fn whatever_is_given_as_evidence_is_refused_with_a_mend() {
    let folder = tempfile::tempdir().expect("a folder");
    for file in files(folder.path()) {
        let said = refused(folder.path(), &["plan", "--from-evidence", &file], &file);
        assert!(said.contains("hint: make it with `trueup plan --save-evidence FILE`"), "{said}");
    }
}

#[test]
fn what_is_wrong_with_a_baseline_that_is_no_text_is_said_with_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    files(folder.path());
    for (file, words) in [
        ("latin", "save it as UTF-8"),
        ("lists", "this is nested deeper than 64 levels"),
        ("maps", "this is nested deeper than 64 levels"),
        ("folder", "hint: name the file in it"),
        ("empty", "start with `version: 1`"),
        ("missing", "hint: shipped with trueup: foundation"),
    ] {
        let said = refused(folder.path(), &["baseline", "check", file], file);
        assert!(said.contains(words), "{file}: {said}");
    }
}

/// Such as `--state "$STATE"` of a variable that nobody has set: runs would be kept in whichever folder this is.
#[test]
fn a_state_folder_without_a_name_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    for verb in
        [&["history"][..], &["plan"], &["apply", "plan.json"], &["revert", "20260101T000000Z-0000"], &["doctor"]]
    {
        let done = run(folder.path(), &[verb, &["--state", ""]].concat());
        done.refused(64, "it is empty: name a folder, or s3://bucket/prefix");
    }
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0, "nothing was made");
}
