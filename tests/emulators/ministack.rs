//! Least privilege under an IAM that others wrote: MiniStack, which weighs every action on its resource.
//!
//! It pins versions that moto cannot have, so it is installed beside the other emulators, and not with them.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const REQUIREMENTS: &str = include_str!("ministack/requirements.txt");
const LOCK: &str = include_str!("ministack/requirements.lock");

/// The Python of an environment with MiniStack, made unless a test process before this one did.
fn python() -> PathBuf {
    let version = succeed(Command::new("python3").arg("--version"));
    let digest = Sha256::new().chain_update(REQUIREMENTS).chain_update(LOCK).chain_update(version).finalize();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the folder lies in the target folder");
    let environment = target.join("emulators").join(format!("ministack-{}", hex::encode(&digest[..8])));
    fs::create_dir_all(target.join("emulators")).expect("the target folder can be written");
    let guard = File::create(environment.with_extension("lock")).expect("the target folder can be written");
    guard.lock().expect("the lock file can be locked");
    let (python, whole) = (environment.join("bin/python"), environment.join("installed"));
    if !whole.exists() {
        // What an interrupted installation left is not to be trusted.
        let _ = fs::remove_dir_all(&environment);
        succeed(Command::new("python3").args(["-m", "venv"]).arg(&environment));
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        let files = ["--requirement", "requirements.txt", "--constraint", "requirements.lock"];
        succeed(Command::new(&python).current_dir(scripts()).args(pip).args(files));
        File::create(whole).expect("the target folder can be written");
    }
    python
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/emulators/ministack")
}

fn succeed(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// What the world of the proof does not come to, or MiniStack weighs otherwise than AWS; its script says why.
fn beyond_ministack(action: &str) -> bool {
    const BEYOND: &[&str] = &[
        "cloudtrail:AddTags",
        "cloudtrail:CreateTrail",
        "cloudtrail:ListTags",
        // Without it the drift of a key says that its tags could not be read, and comes to the same.
        "kms:ListResourceTags",
        "organizations:ListAccountsForParent",
        "organizations:ListOrganizationalUnitsForParent",
    ];
    action.starts_with("s3:") || BEYOND.contains(&action)
}

#[test]
#[expect(clippy::print_stdout, reason = "how much was proven is worth to be read")]
fn the_printed_policies_suffice_on_ministack_and_each_action_that_it_weighs_is_needed() {
    let mut command = Command::new(python());
    command.arg(scripts().join("proof.py")).arg(env!("CARGO_BIN_EXE_trueup"));
    command.env_clear().env("PYTHONDONTWRITEBYTECODE", "1").env("AWS_EC2_METADATA_DISABLED", "true");
    let found: Value = serde_json::from_slice(&succeed(&mut command)).expect("JSON");
    assert_eq!(found["outcomes"], json!(vec!["verified"; 6]), "{found:#}");
    assert_eq!((&found["planned"], &found["applied"]), (&json!(2), &json!(0)));
    let not_needed: Vec<&str> =
        found["not_needed"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    let unexpected: Vec<&&str> = not_needed
        .iter()
        .filter(|one| !one.split_once(' ').is_some_and(|(_, action)| beyond_ministack(action)))
        .collect();
    assert!(unexpected.is_empty(), "their absence changed nothing: {unexpected:#?}");
    let all = found["actions"].as_u64().expect("a number");
    let proven = all - not_needed.len() as u64;
    println!("MiniStack: {proven} of {all} actions are needed, and named where they are missing");
    assert!(proven >= 40, "{proven} of {all}: {not_needed:#?}");
}
