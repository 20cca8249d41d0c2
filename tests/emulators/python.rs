//! Python with what requirements.txt names, installed below `target/` at first use. Both test binaries share it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

const REQUIREMENTS: &str = include_str!("requirements.txt");
const LOCK: &str = include_str!("requirements.lock");
const MEND: &str = "the tests ask boto3 and emulators, and need Python 3 with venv and pip: \
    install them, for example with `apt-get install python3 python3-venv python3-pip`";

/// The Python of the environment in which the emulators and boto3 are installed.
static PYTHON: LazyLock<PathBuf> = LazyLock::new(install);

/// The folder of the Python scripts.
fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/emulators")
}

/// Makes the environment, unless a test process before this one did.
fn install() -> PathBuf {
    let version = Command::new("python3").arg("--version").output().unwrap_or_else(|error| panic!("{MEND} ({error})"));
    let mut digest = Sha256::new();
    for part in [REQUIREMENTS.as_bytes(), LOCK.as_bytes(), &version.stdout] {
        digest.update(part);
    }
    let name = hex::encode(&digest.finalize()[..8]);
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the folder lies in the target folder");
    let folder = target.join("emulators");
    fs::create_dir_all(&folder).expect("the target folder can be written");
    let guard = File::create(folder.join(format!("{name}.lock"))).expect("the target folder can be written");
    guard.lock().expect("the lock file can be locked");
    let environment = folder.join(name);
    let python = environment.join("bin/python");
    let whole = environment.join("installed");
    if !whole.exists() {
        // What an interrupted installation left is not to be trusted.
        let _ = fs::remove_dir_all(&environment);
        succeed(Command::new("python3").args(["-m", "venv"]).arg(&environment));
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        let mut command = Command::new(&python);
        command.current_dir(scripts()).args(pip);
        succeed(command.args(["--requirement", "requirements.txt", "--constraint", "requirements.lock"]));
        File::create(whole).expect("the target folder can be written");
    }
    python
}

fn succeed(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{MEND} ({error})"));
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{MEND}\n{command:?}: {}", String::from_utf8_lossy(&said));
}

/// A script of this folder, with nothing of AWS in its environment but what it sets itself.
pub(crate) fn script(name: &str) -> Command {
    let mut command = Command::new(&*PYTHON);
    command.current_dir(scripts()).arg(name).env_clear().env("PYTHONDONTWRITEBYTECODE", "1");
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    command
}
