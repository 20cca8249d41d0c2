//! Starts the emulators, and ends them with this process.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError, TryLockError};

use serde_json::Value;

use crate::python::script;

/// The motos that the tests of this process share: two, as most of a test is waiting for one.
static MOTOS: [LazyLock<Mutex<Server>>; 2] = [const { LazyLock::new(|| Mutex::new(Server::start(&[]))) }; 2];

/// One of them that no test has; where all are had, the one whose turn it is.
fn free() -> MutexGuard<'static, Server> {
    static TURN: AtomicUsize = AtomicUsize::new(0);
    for moto in &MOTOS {
        match moto.try_lock() {
            Ok(free) => return free,
            // A test that failed leaves nothing behind that the reset does not clear.
            Err(TryLockError::Poisoned(left)) => return left.into_inner(),
            Err(TryLockError::WouldBlock) => {}
        }
    }
    let turn = TURN.fetch_add(1, Ordering::Relaxed) % MOTOS.len();
    MOTOS[turn].lock().unwrap_or_else(PoisonError::into_inner)
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
        let moto = Self { server: free() };
        moto.reset();
        moto
    }

    pub(crate) fn endpoint(&self) -> &str {
        self.server.endpoint()
    }

    /// Forgets every account and every call.
    pub(crate) fn reset(&self) {
        self.ask("POST", "/moto-api/reset");
        self.with_pages(0);
        self.hold("never");
        self.forget_calls();
    }

    /// Has every so many-th call answered by an HTML page, in turn before moto hears of it and after; 0: none.
    pub(crate) fn with_pages(&self, every: u32) {
        self.ask("POST", &format!("/trueup/pages/{every}"));
    }

    /// Has what AWS does by itself in some minutes done: recorders that were started record.
    pub(crate) fn settle(&self) {
        self.grow_older(0);
    }

    /// Has users, their keys and the objects in buckets become older by so many days.
    pub(crate) fn grow_older(&self, days: u32) {
        self.ask("POST", &format!("/trueup/older/{days}"));
    }

    /// Keeps the next write from its answer, `before` or `after` moto has heard of it, until `never` is said.
    pub(crate) fn hold(&self, moment: &str) {
        self.ask("POST", &format!("/trueup/hold/{moment}"));
    }

    /// Whether a write is kept from its answer.
    pub(crate) fn holds(&self) -> bool {
        self.ask("GET", "/trueup/held") == "true"
    }

    /// Has Organizations suspend an account when it has sent so many more `calls`, or `writes`.
    pub(crate) fn suspends(&self, account: &str, kind: &str, after: u32) {
        self.ask("POST", &format!("/trueup/suspend/{account}/{kind}/{after}"));
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
