//! Installs the emulators, starts them, and ends them with this process.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use sha2::{Digest, Sha256};

const REQUIREMENTS: &str = include_str!("requirements.txt");
const LOCK: &str = include_str!("requirements.lock");
const MEND: &str = "the tests against emulators need Python 3 with venv and pip: \
    install them, for example with `apt-get install python3 python3-venv python3-pip`";

/// The Python of the environment in which the emulators are installed.
static PYTHON: LazyLock<PathBuf> = LazyLock::new(install);

/// The one moto that all tests of this process share.
static MOTO: LazyLock<Mutex<Server>> = LazyLock::new(|| Mutex::new(Server::start(&[])));

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

/// A running emulator. It ends when its standard input closes, so also when this process is killed.
pub(crate) struct Server {
    child: Child,
    endpoint: String,
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        let mut command = script("server.py");
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the environment was just installed");
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        stdout.read_line(&mut line).expect("it can be read");
        let said: Value = serde_json::from_str(&line)
            .unwrap_or_else(|_| panic!("the emulator did not start: run tests/emulators/server.py by hand to see why"));
        Self { child, endpoint: text(&said["endpoint"]) }
    }

    /// microburst with these rules, in front of a moto.
    pub(crate) fn with_faults(upstream: &str, rules: &Value) -> Self {
        Self::start(&["--upstream", upstream, "--faults", &rules.to_string()])
    }

    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// moto, empty, and for one test alone.
pub(crate) struct Moto {
    server: MutexGuard<'static, Server>,
}

impl Moto {
    pub(crate) fn empty() -> Self {
        // A test that failed leaves nothing behind that the reset does not clear.
        let moto = Self { server: MOTO.lock().unwrap_or_else(PoisonError::into_inner) };
        moto.reset();
        moto
    }

    pub(crate) fn endpoint(&self) -> &str {
        self.server.endpoint()
    }

    /// Forgets every account and every call.
    pub(crate) fn reset(&self) {
        self.ask("POST", "/moto-api/reset");
        self.forget_calls();
    }

    /// The calls that changed something, since they were last forgotten.
    pub(crate) fn writes(&self) -> Vec<Value> {
        let calls: Vec<Value> = serde_json::from_str(&self.ask("GET", "/trueup/calls")).expect("it is JSON");
        calls.into_iter().filter(|call| call["write"] == true).collect()
    }

    pub(crate) fn forget_calls(&self) {
        self.ask("DELETE", "/trueup/calls");
    }

    /// What a script answers, as JSON; most take the endpoint.
    pub(crate) fn run(&self, name: &str, arguments: &[&str]) -> Value {
        let mut command = script(name);
        command.args(["--endpoint", self.endpoint()]).args(arguments).stdin(Stdio::null());
        answer(&mut command)
    }

    fn ask(&self, method: &str, path: &str) -> String {
        let host = self.endpoint().strip_prefix("http://").expect("the endpoint is plain HTTP");
        let mut stream = TcpStream::connect(host).expect("moto listens");
        write!(stream, "{method} {path} HTTP/1.0\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n").expect("moto listens");
        let mut response = String::new();
        stream.read_to_string(&mut response).expect("moto answers");
        let (head, body) = response.split_once("\r\n\r\n").expect("an answer has a head and a body");
        assert!(head.contains(" 200 "), "{method} {path}: {response}");
        body.to_owned()
    }
}

/// What a script that needs no emulator makes of this JSON.
pub(crate) fn judge(name: &str, arguments: &[&str], input: &Value) -> Value {
    let mut file = tempfile::tempfile().expect("the system has room for a file");
    file.write_all(input.to_string().as_bytes()).expect("the system has room for a file");
    std::io::Seek::rewind(&mut file).expect("a file can be read from its start");
    answer(script(name).args(arguments).stdin(file))
}

fn answer(command: &mut Command) -> Value {
    let written = written(command);
    if written.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(&written).expect("scripts answer JSON")
}

/// What a script answers that writes a line of JSON for each thing.
pub(crate) fn lines(command: &mut Command) -> Vec<Value> {
    let written = written(command);
    let lines = written.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).expect("each line is JSON")).collect()
}

fn written(command: &mut Command) -> Vec<u8> {
    let output = command.output().expect("the environment was just installed");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The text of a JSON value that must be one.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text was expected, not {value}")).to_owned()
}
