//! The simulator as the binary serves it to clients of other processes.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::server::text;

/// A running `trueup simulate`, which ends with this.
pub(crate) struct Simulated {
    child: Child,
    said: Value,
}

impl Simulated {
    /// The management account alone.
    pub(crate) fn start() -> Self {
        Self::of(1)
    }

    /// An organization of so many accounts.
    pub(crate) fn of(accounts: usize) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trueup"));
        command.args(["simulate", "--port", "0", "--seed", "1", "--accounts", &accounts.to_string()]).env_clear();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the binary can be started");
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        stdout.read_line(&mut line).expect("it can be read");
        let said = serde_json::from_str(&line).unwrap_or_else(|_| panic!("the simulator did not start: {line}"));
        Self { child, said }
    }

    pub(crate) fn endpoint(&self) -> String {
        text(&self.said["endpoint"])
    }

    pub(crate) fn access_key(&self) -> String {
        text(&self.said["access_key_id"])
    }

    pub(crate) fn secret(&self) -> String {
        text(&self.said["secret_access_key"])
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
