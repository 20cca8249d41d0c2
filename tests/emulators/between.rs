//! What only a TLS server can show: whose certificates are trusted, also through a proxy. And how long trueup waits for a
//! connection.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::python::script;
use crate::server::text;
use crate::simulated::Simulated;

/// The simulator with TLS in front of it, a proxy before that, and a port that never answers.
struct Between {
    simulated: Simulated,
    child: Child,
    said: Value,
    folder: TempDir,
}

impl Between {
    fn start() -> Self {
        let simulated = Simulated::of(4);
        let folder = TempDir::new().expect("the system has room for a folder");
        let upstream = simulated.endpoint().replace("http://", "");
        let mut command = script("between.py");
        command.args(["--upstream", &upstream, "--folder"]).arg(folder.path());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("Python runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("it is piped")).read_line(&mut line).expect("it can be read");
        let said = serde_json::from_str(&line).unwrap_or_else(|_| panic!("between.py did not start: {line}"));
        Self { simulated, child, said, folder }
    }

    fn at(&self, what: &str) -> String {
        text(&self.said[what])
    }

    /// `accounts` at an endpoint, with these certificates.
    fn accounts(&self, endpoint: &str, ca: Option<&str>) -> Output {
        self.run(&["accounts", "--endpoint-url", endpoint], ca, None)
    }

    /// The binary with these arguments and certificates, by way of this proxy.
    fn run(&self, arguments: &[&str], ca: Option<&str>, proxy: Option<&str>) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trueup"));
        command.args(arguments).args(["--format", "json", "--region", "us-east-1"]);
        command.current_dir(self.folder.path()).env_clear().env("HOME", self.folder.path());
        if let Some(proxy) = proxy {
            command.env("HTTPS_PROXY", proxy);
        }
        command.env("AWS_ACCESS_KEY_ID", self.simulated.access_key());
        command.env("AWS_SECRET_ACCESS_KEY", self.simulated.secret());
        command.env("AWS_EC2_METADATA_DISABLED", "true").env("AWS_MAX_ATTEMPTS", "1");
        if let Some(ca) = ca {
            command.env("AWS_CA_BUNDLE", ca);
        }
        command.output().expect("the binary runs")
    }
}

impl Drop for Between {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_ca_of_the_users_own_is_trusted_and_no_other() {
    let between = Between::start();
    let endpoint = between.at("endpoint");
    let trusted = between.accounts(&endpoint, Some(&between.at("ca")));
    assert_eq!(trusted.status.code(), Some(0), "{}", stderr(&trusted));
    assert!(String::from_utf8_lossy(&trusted.stdout).contains("management"));
    for foreign in [None, Some(between.at("other"))] {
        let refused = between.accounts(&endpoint, foreign.as_deref());
        assert_eq!((refused.status.code(), &*refused.stdout), (Some(1), &b""[..]), "{foreign:?}");
        let said = stderr(&refused);
        assert!(said.contains("certificate") && said.contains("let AWS_CA_BUNDLE name a PEM file"), "{said}");
    }
}

/// The hosts are those of AWS: nobody names an endpoint, and without the proxy none of them would be reached.
#[test]
fn a_whole_plan_goes_through_the_tunnels_of_a_proxy_and_trusts_a_ca_of_the_users_own() {
    let between = Between::start();
    let (ca, proxy) = (between.at("ca"), between.at("proxy"));
    let accounts = between.run(&["accounts"], Some(&ca), Some(&proxy));
    assert_eq!(accounts.status.code(), Some(0), "{}", stderr(&accounts));
    let baseline = "version: 1\nname: proxied\ncontrols:\n  iam.password_policy:\n    minimum_length: 14\n";
    std::fs::write(between.folder.path().join("baseline.yaml"), baseline).expect("a file");
    let plan = ["plan", "-b", "baseline.yaml"];
    let proxied = between.run(&plan, Some(&ca), Some(&proxy));
    let direct = between.run(&[&plan[..], &["--endpoint-url", &between.simulated.endpoint()]].concat(), None, None);
    assert_eq!(proxied.status.code(), direct.status.code(), "{}", stderr(&proxied));
    let found = |output: &Output| -> Value { serde_json::from_slice(&output.stdout).expect("JSON") };
    let (proxied, direct) = (found(&proxied), found(&direct));
    assert_eq!((&proxied["verdicts"], &proxied["accounts"]), (&direct["verdicts"], &direct["accounts"]));
    assert!(proxied["summary"]["accounts"]["read"].as_u64().is_some_and(|read| read > 1), "{proxied:#}");
    let noted = std::fs::read_to_string(between.at("noted")).expect("the proxy was asked");
    let wanted = ["iam.amazonaws.com", "organizations.us-east-1.amazonaws.com", "sts.us-east-1.amazonaws.com"];
    let wanted = wanted.map(|host| format!("CONNECT {host}:443 HTTP/1.1"));
    assert_eq!(noted.lines().collect::<BTreeSet<_>>(), wanted.iter().map(String::as_str).collect());

    let foreign = between.run(&["accounts"], Some(&between.at("other")), Some(&proxy));
    assert_eq!(foreign.status.code(), Some(1));
    assert!(stderr(&foreign).contains("let AWS_CA_BUNDLE name a PEM file"), "{}", stderr(&foreign));
}

#[test]
fn a_host_that_never_answers_is_given_up_after_three_seconds() {
    let between = Between::start();
    let started = Instant::now();
    let given_up = between.accounts(&between.at("silent"), None);
    let took = started.elapsed();
    assert_eq!(given_up.status.code(), Some(1), "{}", stderr(&given_up));
    assert!(stderr(&given_up).contains("STS could not be reached: check the network"), "{}", stderr(&given_up));
    // The attempt as a whole would take twenty.
    assert!(took >= Duration::from_secs(3) && took < Duration::from_secs(18), "{took:?}");
}
