//! `baselines/schema.json` in the hands of a validator: it takes what trueup takes, and refuses what trueup refuses, for
//! every setting of every control.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::python::script;

/// Each control with all that can be asked of it.
const EVERYTHING: &str = include_str!("../every_control.yaml");

const SHIPPED: [&str; 2] =
    [include_str!("../../baselines/foundation.yaml"), include_str!("../../baselines/cis-aws-v7.0.yaml")];

fn schema() -> Value {
    serde_json::from_str(include_str!("../../baselines/schema.json")).expect("JSON")
}

/// The settings of each control.
fn settings() -> Vec<(String, Map<String, Value>)> {
    let schema = schema();
    let controls = schema["$defs"]["settings"].as_object().expect("controls");
    let of =
        |(control, one): (&String, &Value)| (control.clone(), one["properties"].as_object().expect("settings").clone());
    controls.iter().map(of).collect()
}

/// What the validator says of each file; none: it is valid.
fn complaints(files: &[String]) -> Vec<Option<String>> {
    let mut child = script("schema.py").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("Python runs");
    let given = json!({ "schema": schema(), "files": files }).to_string();
    child.stdin.take().expect("it is piped").write_all(given.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "schema.py failed");
    serde_json::from_slice(&output.stdout).expect("a list")
}

/// Whether trueup takes a file, and what it says of it.
fn checked(folder: &TempDir, file: &str) -> (bool, String) {
    std::fs::write(folder.path().join("baseline.yaml"), file).expect("it can be written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_trueup"));
    let output = command.args(["baseline", "check", "baseline.yaml"]).current_dir(folder.path()).output();
    let output = output.expect("the binary runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    match output.status.code() {
        Some(0) => (true, said),
        Some(64) => (false, said),
        other => panic!("baseline check ended with {other:?}: {said}"),
    }
}

/// A file that gives one setting a value of the wrong kind, for each setting that the schema knows.
fn wrong() -> Vec<String> {
    let mut files = vec![];
    for (control, settings) in settings() {
        for name in settings.keys() {
            for value in ["{no_such: setting}", "[[]]", "-1.5", "\"\\u0000\"", "~"] {
                files.push(format!("version: 1\nname: wrong\ncontrols:\n  {control}:\n    {name}: {value}\n"));
            }
        }
        files.push(format!("version: 1\nname: wrong\ncontrols:\n  {control}:\n    no_such_setting: true\n"));
    }
    files
}

#[test]
fn what_is_shipped_and_what_asks_for_everything_is_valid() {
    let mut files: Vec<String> = SHIPPED.map(str::to_owned).into();
    files.push(EVERYTHING.to_owned());
    assert_eq!(complaints(&files), vec![None; files.len()]);
}

#[test]
fn a_setting_of_the_wrong_kind_is_refused_by_the_validator_and_by_trueup() {
    let (files, folder) = (wrong(), TempDir::new().expect("a folder"));
    assert!(files.len() > 300, "{} files", files.len());
    for (file, complaint) in files.iter().zip(complaints(&files)) {
        let (taken, said) = checked(&folder, file);
        assert_eq!(taken, complaint.is_none(), "{file}\nthe validator: {complaint:?}\ntrueup: {said}");
    }
}

#[test]
fn an_editor_can_explain_every_setting() {
    let is_silent = |one: &Value| one["description"].as_str().is_none_or(str::is_empty);
    let silent = settings().into_iter().flat_map(|(control, settings)| {
        let silent = settings.into_iter().filter(|(_, one)| is_silent(one));
        silent.map(|(name, _)| format!("{control}.{name}")).collect::<Vec<_>>()
    });
    assert_eq!(silent.collect::<Vec<_>>(), Vec::<String>::new());
}
