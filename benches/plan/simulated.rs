//! A simulated organization in a process of its own, so that its CPU and memory are nobody else's.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde::Deserialize;

use super::Outcome;
use super::calls::Entry;
use super::measured::measure;

/// Four regions, the first of which is the home region.
pub(crate) const REGIONS: [&str; 4] = ["us-east-1", "eu-west-1", "eu-central-1", "ap-northeast-1"];

/// The exit codes of a plan that was made: no drift, drift, not everything could be read.
pub(crate) const PLANNED: &[i32] = &[0, 2, 3];

/// A running simulator. It ends when this is dropped.
pub(crate) struct Simulated {
    process: Child,
    served: Served,
}

/// What a simulator says when it listens.
#[derive(Deserialize)]
struct Served {
    endpoint: String,
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
}

impl Simulated {
    /// Starts one.
    pub(crate) fn start(accounts: u32) -> Outcome<Self> {
        let mut process = Command::new(env!("CARGO_BIN_EXE_trueup"))
            .args(["simulate", "--quiet", "--port", "0", "--seed", "1"])
            .args(["--accounts", &accounts.to_string(), "--regions", &REGIONS.join(",")])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let said = process.stdout.take().map(|out| BufReader::new(out).read_line(&mut line)).transpose();
        let served = said.map_err(Into::into).and_then(|_| Ok(serde_json::from_str(&line)?));
        match served {
            Ok(served) => Ok(Self { process, served }),
            Err(error) => {
                end(&mut process);
                Err(error)
            }
        }
    }

    /// Gives a command the environment in which an AWS client finds it, and nothing of whoever runs the bench.
    pub(crate) fn furnish(&self, command: &mut Command) {
        let Served { endpoint, access_key_id, secret_access_key, session_token } = &self.served;
        let mut variables = vec![
            ("AWS_ENDPOINT_URL", endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", access_key_id),
            ("AWS_SECRET_ACCESS_KEY", secret_access_key),
            ("AWS_REGION", REGIONS[0]),
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("NO_PROXY", "127.0.0.1"),
        ];
        variables.extend(session_token.as_deref().map(|token| ("AWS_SESSION_TOKEN", token)));
        command.env_clear().envs(variables);
    }

    /// Runs a command, and answers the calls that it made.
    pub(crate) fn ledger_of(&self, command: &mut Command) -> Outcome<Vec<Entry>> {
        self.forget()?;
        measure(command, PLANNED)?;
        Ok(serde_json::from_str(&self.control("GET")?)?)
    }

    /// Forgets the calls so far.
    pub(crate) fn forget(&self) -> Outcome<()> {
        self.control("DELETE").map(drop)
    }

    fn control(&self, method: &str) -> Outcome<String> {
        let address = self.served.endpoint.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address)?;
        write!(stream, "{method} /_simulator/ledger HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        match answer.split_once("\r\n\r\n") {
            Some((head, body)) if head.starts_with("HTTP/1.1 200") => Ok(body.to_owned()),
            _ => Err(format!("the simulator did not give its ledger: {answer}").into()),
        }
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

/// It may have ended by itself, which is as good.
fn end(process: &mut Child) {
    let _ = process.kill();
    let _ = process.wait();
}
