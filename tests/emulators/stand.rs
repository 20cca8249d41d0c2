//! A seeded organization, and the binary that is tried on it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::baseline;
use crate::python::script;
use crate::server::{Moto, judge, lines, text};

/// What one run of the binary came to.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// The result, after the exit code that must come with it.
    pub(crate) fn json(&self, code: i32) -> Value {
        self.ended(code);
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }

    pub(crate) fn ended(&self, code: i32) {
        assert_eq!(self.code, Some(code), "stderr: {}\nstdout: {}", self.stderr, self.stdout);
    }
}

/// A seeded moto, a baseline file, a plan file and a state folder.
pub(crate) struct Stand {
    pub(crate) moto: Moto,
    folder: TempDir,
    seeded: Value,
}

impl Stand {
    /// Twenty-four accounts, in which every requirement of every control has drifted alone somewhere.
    pub(crate) fn drawn(seed: u32) -> Self {
        Self::seeded(&["--accounts", "24", "--seed", &seed.to_string()])
    }

    /// The accounts that a test names, and the management account; what they leave unsaid is in line.
    pub(crate) fn cast(cast: &Value) -> Self {
        Self::seeded(&["--cast", &cast.to_string()])
    }

    fn seeded(arguments: &[&str]) -> Self {
        let moto = Moto::empty();
        let seeded = moto.run("seed.py", arguments);
        moto.forget_calls();
        let stand = Self { moto, folder: TempDir::new().expect("the system has room for a folder"), seeded };
        stand.baseline(baseline::FULL, "");
        stand
    }

    /// Another organization in place of this one; baseline and plan stay.
    pub(crate) fn replaced(mut self, cast: &Value) -> Self {
        self.moto.reset();
        self.seeded = self.moto.run("seed.py", &["--cast", &cast.to_string()]);
        self.moto.forget_calls();
        self
    }

    /// Writes the baseline file: these controls, and what else is said.
    pub(crate) fn baseline(&self, controls: &str, more: &str) {
        let organization = text(&self.seeded["organization"]);
        fs::write(self.path("baseline.yaml"), baseline::file(&organization, controls, more))
            .expect("it can be written");
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn accounts(&self) -> &[Value] {
        self.seeded["accounts"].as_array().expect("the seed has accounts")
    }

    /// The id that moto gave the account of this name.
    pub(crate) fn id(&self, name: &str) -> String {
        let account = self.accounts().iter().find(|account| account["name"] == name);
        text(&account.unwrap_or_else(|| panic!("no account is called {name}"))["id"])
    }

    pub(crate) fn ids(&self, names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| self.id(name)).collect()
    }

    /// Plans, and keeps the plan file.
    pub(crate) fn plan(&self, more: &[&str]) -> Ran {
        self.plan_through(self.moto.endpoint(), more)
    }

    pub(crate) fn plan_through(&self, endpoint: &str, more: &[&str]) -> Ran {
        let mut command = self.trueup("plan", Some(endpoint));
        command.arg("--baseline").arg(self.path("baseline.yaml")).arg("--out").arg(self.path("plan.json"));
        command.args(["--format", "json"]).args(more);
        ran(command)
    }

    /// Applies the plan file, with leave to do what disrupts and what costs.
    pub(crate) fn apply(&self) -> Ran {
        self.apply_through(self.moto.endpoint())
    }

    pub(crate) fn apply_through(&self, endpoint: &str) -> Ran {
        let mut command = self.trueup("apply", Some(endpoint));
        command.arg(self.path("plan.json")).args(["--allow", "disruptive,cost", "--lock", "local", "--format", "json"]);
        ran(command)
    }

    /// Begins to apply the plan file, one change after another.
    pub(crate) fn begin_to_apply(&self) -> Child {
        let mut command = self.trueup("apply", Some(self.moto.endpoint()));
        command.args(["plan.json", "--allow", "disruptive,cost", "--lock", "local", "--concurrency", "1"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary runs")
    }

    /// Verifies the kept runs.
    pub(crate) fn verify(&self) -> Ran {
        let mut command = self.trueup("history", Some(self.moto.endpoint()));
        command.arg("verify");
        ran(command)
    }

    /// Applies the plan file with further arguments.
    pub(crate) fn apply_with(&self, more: &[&str]) -> Ran {
        let mut command = self.trueup("apply", Some(self.moto.endpoint()));
        command.args(["plan.json", "--format", "json"]).args(more);
        ran(command)
    }

    /// Approves the plan file with a key.
    pub(crate) fn approve(&self, key: &str) -> Ran {
        let mut command = self.trueup("approve", None);
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        command.args(["plan.json", "--kms-key", key, "--auto-approve", "--endpoint-url", self.moto.endpoint()]);
        ran(command)
    }

    /// Approves the plan file at a terminal, where a word is typed when it asks.
    pub(crate) fn approve_by_typing(&self, key: &str, word: &str) -> Value {
        let mut command = script("typed.py");
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test").env("HOME", self.folder.path());
        command.args(["--word", word, "--folder"]).arg(self.folder.path()).arg(env!("CARGO_BIN_EXE_trueup"));
        command.args(["approve", "plan.json", "--kms-key", key, "--endpoint-url", self.moto.endpoint()]);
        lines(&mut command).remove(0)
    }

    /// A key of the management account that signs: its ARN, and its public half in PEM.
    pub(crate) fn key(&self, spec: &str) -> Value {
        self.moto.run("key.py", &["--spec", spec])
    }

    /// Reads a file of the folder.
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("it is there")
    }

    /// Writes a file of the folder.
    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("it can be written");
    }

    /// Undoes a run, with leave to do what that takes.
    pub(crate) fn revert(&self, run: &str, more: &[&str]) -> Ran {
        let mut command = self.trueup("revert", Some(self.moto.endpoint()));
        command.args([run, "--auto-approve", "--allow", "weakening,irreversible", "--format", "json"]);
        command.args(["--lock", "local"]).args(more);
        ran(command)
    }

    /// A verb with runs that are kept below this place in S3.
    pub(crate) fn shared(&self, state: &str, verb: &str, more: &[&str]) -> Ran {
        let mut command = self.stated(verb, Some(self.moto.endpoint()), state.as_ref());
        command.args(more);
        ran(command)
    }

    /// Renders the plan file, which takes no AWS.
    pub(crate) fn show(&self) -> Ran {
        let mut command = self.trueup("show", None);
        command.arg(self.path("plan.json"));
        ran(command)
    }

    /// The binary, with nothing of this machine's environment.
    fn trueup(&self, verb: &str, endpoint: Option<&str>) -> Command {
        self.stated(verb, endpoint, &self.path("state"))
    }

    fn stated(&self, verb: &str, endpoint: Option<&str>, state: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trueup"));
        command.env_clear().env("HOME", self.folder.path()).current_dir(self.folder.path()).arg(verb);
        if let Some(endpoint) = endpoint {
            command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
            command.env("AWS_EC2_METADATA_DISABLED", "true");
            if endpoint != self.moto.endpoint() {
                // microburst strikes by chance, and nine times in a row once in a thousand runs.
                command.env("AWS_MAX_ATTEMPTS", "9");
            }
            command.args(["--endpoint-url", endpoint, "--region", "eu-west-1", "--state"]).arg(state);
        }
        command
    }

    /// The settings of every account as boto3 reads them.
    pub(crate) fn world(&self) -> Value {
        self.moto.run("read.py", &[])
    }

    /// Everything that moto holds, without what it draws.
    pub(crate) fn settled(&self) -> Value {
        self.moto.run("settled.py", &[])
    }

    /// Everything that moto holds.
    pub(crate) fn dump(&self) -> Value {
        self.moto.run("dump.py", &[])
    }

    /// What must be said of the organization as it is now, under the baseline file.
    pub(crate) fn truth(&self) -> Vec<Value> {
        let path = self.path("baseline.yaml");
        let found = judge("truth.py", &["--baseline", path.to_str().expect("the path is text")], &self.world());
        found.as_array().expect("the truth is a list").clone()
    }

    /// What boto3 reads of one account.
    pub(crate) fn account(&self, name: &str) -> Value {
        let id = self.id(name);
        let world = self.world();
        let accounts = world["accounts"].as_array().expect("a world has accounts");
        accounts.iter().find(|account| account["id"] == id.as_str()).expect("the account is there").clone()
    }

    /// Gives an account another password policy, behind the tool's back.
    pub(crate) fn change_password_policy(&self, name: &str, variant: &str) {
        self.moto.run("change.py", &["--account", &self.id(name), "--password", variant]);
        self.moto.forget_calls();
    }
}

fn ran(mut command: Command) -> Ran {
    let output = command.output().expect("the binary runs");
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// What is weaker in the second world than in the first.
pub(crate) fn weaker(before: &Value, after: &Value) -> Value {
    judge("weaker.py", &[], &json!([before, after]))
}

/// The items of a list in a result.
pub(crate) fn list<'a>(result: &'a Value, name: &str) -> &'a [Value] {
    result[name].as_array().unwrap_or_else(|| panic!("the result has no list called {name}: {result}"))
}

/// The outcomes of an account's changes, in order.
pub(crate) fn outcomes(applied: &Value, account: &str) -> Vec<String> {
    let all = list(applied, "outcomes").iter();
    all.filter(|outcome| outcome["account"] == account).map(|outcome| text(&outcome["outcome"])).collect()
}

/// The accounts that anything was written in.
pub(crate) fn written(writes: &[Value]) -> BTreeSet<String> {
    writes.iter().map(|call| text(&call["account"])).collect()
}
