//! A simulated organization on loopback, the real binary in an environment of its own, and what came of a run.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, LazyLock};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use trueup::aws::{Base, Caller, Options};
use trueup::simulator::fault::{Effect, Injection};
use trueup::simulator::ledger::Entry;
use trueup::simulator::world::{Credential, World};
use trueup::simulator::{ACCESS_ROLE, Served, Simulator};

/// The home region of every run.
pub(crate) const HOME: &str = "us-east-1";

/// The settings of the password policy that the tests ask for.
pub(crate) const STRONG: &str = "\
controls:
  iam.password_policy:
    minimum_length: 14
    reuse_prevention: 24
    require_symbols: true
    require_numbers: true
    require_uppercase: true
    require_lowercase: true
";

/// One runtime serves all organizations; each test waits for its own processes.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));

/// Waits for something in this process.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    RUNTIME.block_on(future)
}

/// What reaches a simulator in this process with these credentials, and who that is.
pub(crate) async fn base(simulator: &Arc<Simulator>, keys: &Credential, region: &str) -> (Base, Caller) {
    let Credential { access_key_id, secret_access_key, session_token, .. } = keys;
    let credentials = Credentials::new(access_key_id, secret_access_key, session_token.clone(), None, "test");
    let options = Options {
        region: region.parse().ok(),
        http_client: Some(simulator.client()),
        credentials: Some(SharedCredentialsProvider::new(credentials)),
        run_id: "test".to_owned(),
        global_cap: 8,
        first_backoff: Some(std::time::Duration::from_millis(1)),
        ..Options::default()
    };
    let base = Base::load(options).await.expect("a base");
    let caller = base.caller().await.expect("a caller");
    (base, caller)
}

/// An organization on loopback and a folder to work in.
pub(crate) struct Stage {
    simulator: Arc<Simulator>,
    served: Served,
    folder: TempDir,
    keys: Credential,
    attempts: u32,
    region: &'static str,
}

/// What came of a run.
pub(crate) struct Done {
    /// The exit code; none where a signal ended it.
    pub(crate) code: Option<i32>,
    /// The result.
    pub(crate) stdout: String,
    /// The talk.
    pub(crate) stderr: String,
}

/// An organization of the management account and these members under its root; answers their ids too.
pub(crate) fn organization(members: &[&str]) -> (World, Vec<String>) {
    let mut world = World::bare(&[HOME, "eu-west-1"], 1);
    let ids = members.iter().map(|name| world.add_member(None, name)).collect();
    (world, ids)
}

/// The policy that [`STRONG`] asks for, as AWS takes it.
pub(crate) fn strong() -> Value {
    json!({
        "MinimumPasswordLength": 14, "PasswordReusePrevention": 24, "RequireSymbols": true, "RequireNumbers": true,
        "RequireUppercaseCharacters": true, "RequireLowercaseCharacters": true,
    })
}

/// Sets the password policy of an account, as its root user.
pub(crate) fn set_policy(world: &mut World, account: &str, policy: Value) {
    world.build(account, HOME, "iam", "UpdateAccountPasswordPolicy", policy);
}

/// Sets the strong policy everywhere.
pub(crate) fn all_strong(world: &mut World) {
    let ids: Vec<String> = world.accounts().map(|account| account.id.clone()).collect();
    for id in &ids {
        set_policy(world, id, strong());
    }
}

/// A service control policy on an account, attached as the management account would.
pub(crate) fn guardrail(world: &mut World, account: &str, statement: &Value) {
    let management = world.management();
    let root = world.organization.as_ref().expect("an organization").root.clone();
    let sort = "SERVICE_CONTROL_POLICY";
    // A second guardrail finds the type enabled.
    let _ = world.perform(
        &management,
        HOME,
        "organizations",
        "EnablePolicyType",
        json!({"RootId": root, "PolicyType": sort}),
    );
    let content = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    let name = format!("guardrail-{account}");
    let policy = json!({"Name": name, "Description": "", "Type": sort, "Content": content});
    let made = world.build(&management, HOME, "organizations", "CreatePolicy", policy);
    let attachment = json!({"PolicyId": made["Policy"]["PolicySummary"]["Id"], "TargetId": account});
    world.build(&management, HOME, "organizations", "AttachPolicy", attachment);
}

/// An injection that strikes one operation of one account, before it takes effect, for ever.
pub(crate) fn strike(account: &str, operation: &str, effect: Effect) -> Injection {
    Injection { account: Some(account.to_owned()), operation: Some(operation.to_owned()), ..Injection::new(effect) }
}

/// An error as the service would word it.
pub(crate) fn error(status: u16, code: &str) -> Effect {
    Effect::Error { code: code.to_owned(), status, message: format!("the simulator says {code}") }
}

impl Stage {
    /// Serves a world.
    pub(crate) fn new(mut world: World) -> Self {
        let keys = world.administrator();
        let simulator = Arc::new(Simulator::new(world));
        let served = RUNTIME.block_on(simulator.serve(0)).expect("a port");
        Self { simulator, served, folder: tempfile::tempdir().expect("a folder"), keys, attempts: 2, region: HOME }
    }

    /// Serves a world and writes a baseline of these controls, which may write by the role that Organizations makes.
    pub(crate) fn held_to(world: World, controls: &str) -> Self {
        let stage = Self::new(world);
        stage.baseline("", controls);
        stage
    }

    /// Sends each call so often at most.
    #[must_use]
    pub(crate) fn with_attempts(self, attempts: u32) -> Self {
        Self { attempts, ..self }
    }

    /// Has another home region.
    #[must_use]
    pub(crate) fn at(self, region: &'static str) -> Self {
        Self { region, ..self }
    }

    /// Writes `baseline.yaml` with further keys of the top level and controls.
    pub(crate) fn baseline(&self, more: &str, controls: &str) {
        let organization = self.organization();
        let text = format!(
            "version: 1\nname: test\norganization: {organization}\naccess:\n  write_role: {ACCESS_ROLE}\n{more}{controls}"
        );
        self.write("baseline.yaml", &text);
    }

    /// The id of the organization.
    pub(crate) fn organization(&self) -> String {
        self.world(|world| world.organization.as_ref().expect("an organization").id.clone())
    }

    /// Where it is served.
    pub(crate) fn endpoint(&self) -> String {
        self.served.endpoint()
    }

    /// Looks into the world, or changes it.
    pub(crate) fn world<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        self.simulator.world(look)
    }

    /// The simulator, for clients in this process.
    pub(crate) fn simulator(&self) -> &Arc<Simulator> {
        &self.simulator
    }

    /// Puts a fault in force.
    pub(crate) fn inject(&self, injection: Injection) {
        self.world(|world| world.faults.inject(injection));
    }

    /// A path in the working folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file in the working folder.
    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("a file");
    }

    /// Reads a file of the working folder.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("a file")
    }

    /// Reads a JSON file of the working folder.
    pub(crate) fn read_json(&self, name: &str) -> Value {
        serde_json::from_str(&self.read(name)).expect("JSON")
    }

    /// The binary with these arguments, in the working folder, reaching this organization and nothing else.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = alone(self.folder.path(), arguments);
        command
            .env("AWS_ACCESS_KEY_ID", &self.keys.access_key_id)
            .env("AWS_SECRET_ACCESS_KEY", &self.keys.secret_access_key)
            .env("AWS_REGION", self.region)
            .env("AWS_ENDPOINT_URL", self.endpoint())
            .env("AWS_MAX_ATTEMPTS", self.attempts.to_string());
        if let Some(token) = &self.keys.session_token {
            command.env("AWS_SESSION_TOKEN", token);
        }
        command
    }

    /// A shell with this script, that finds the binary as `trueup` and reaches what the binary does.
    pub(crate) fn shell(&self, script: &str) -> Command {
        let own = self.command(&[]);
        let mut shell = Command::new("bash");
        shell.args(["-c", script]).current_dir(self.folder.path()).env_clear();
        shell.envs(own.get_envs().filter_map(|(name, value)| Some((name, value?))));
        shell.env_remove("XDG_STATE_HOME").env_remove("XDG_CONFIG_HOME");
        let mut path = self.path(".bin").into_os_string();
        path.push(":");
        path.push(std::env::var_os("PATH").expect("a search path"));
        shell.env("PATH", path);
        shell
    }

    /// Uses other keys from now on.
    #[must_use]
    pub(crate) fn with_keys(self, keys: Credential) -> Self {
        Self { keys, ..self }
    }

    /// Runs the binary.
    pub(crate) fn run(&self, arguments: &[&str]) -> Done {
        Done::from(self.command(arguments).output().expect("the binary runs"))
    }

    /// `plan` of the baseline, with further arguments; answers its JSON with the exit code.
    pub(crate) fn plan(&self, more: &[&str]) -> (Value, Option<i32>) {
        let done = self.run(&[&["plan", "-b", "baseline.yaml", "--format", "json"], more].concat());
        (done.json(), done.code)
    }

    /// `plan --out plan.json`, whose exit code has to be this.
    pub(crate) fn planned(&self, code: i32) -> Value {
        let (plan, found) = self.plan(&["--out", "plan.json"]);
        assert_eq!(found, Some(code), "{plan:#}");
        plan
    }

    /// `apply plan.json`, with further arguments; answers its JSON with the exit code.
    pub(crate) fn apply(&self, more: &[&str]) -> (Value, Option<i32>) {
        let done = self.run(&[&["apply", "plan.json", "--format", "json"], more].concat());
        (done.json(), done.code)
    }

    /// Undoes every run that is kept, the last one first.
    #[track_caller]
    pub(crate) fn revert_all(&self) {
        let runs = self.run(&["history", "--format", "json"]).json();
        for run in list(&runs["runs"]).iter().rev() {
            let allowed = ["--allow", "weakening", "--allow", "irreversible"];
            let done = self
                .run(&[&["revert", text(&run["run"]), "--auto-approve", "--format", "json"], &allowed[..]].concat());
            assert_eq!(done.code, Some(0), "{}{}", done.stdout, done.stderr);
        }
    }

    /// The calls so far.
    pub(crate) fn calls(&self) -> Vec<Entry> {
        self.world(|world| world.ledger.entries().to_vec())
    }

    /// The calls so far that change something, refused ones too, sorted.
    pub(crate) fn writes(&self) -> Vec<(String, String, String)> {
        let writes = self.world(|world| world.ledger.writes().cloned().collect::<Vec<_>>());
        let mut writes: Vec<_> =
            writes.into_iter().map(|entry| (entry.account, entry.service, entry.operation)).collect();
        writes.sort();
        writes
    }

    /// How often an account sent an operation.
    pub(crate) fn count(&self, account: &str, operation: &str) -> usize {
        self.calls().iter().filter(|entry| entry.account == account && entry.operation == operation).count()
    }
}

/// The binary with these arguments and nothing of the environment of the tests.
pub(crate) fn alone(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trueup"));
    command
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("XDG_STATE_HOME", folder.join("state"))
        .env("XDG_CONFIG_HOME", folder.join("config"))
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stdin(Stdio::null());
    command
}

/// Runs the binary without AWS, in a folder of its own.
pub(crate) fn offline(arguments: &[&str]) -> Done {
    let folder = tempfile::tempdir().expect("a folder");
    Done::from(alone(folder.path(), arguments).output().expect("the binary runs"))
}

impl From<Output> for Done {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("text");
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

impl Done {
    /// The result as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| {
            panic!("{error} with code {:?}\n--- stdout\n{}\n--- stderr\n{}", self.code, self.stdout, self.stderr)
        })
    }

    /// Was refused, with these words on stderr and nothing on stdout.
    #[track_caller]
    pub(crate) fn refused(&self, code: i32, words: &str) {
        assert_eq!(self.code, Some(code), "{}{}", self.stdout, self.stderr);
        assert_eq!(self.stdout, "", "stdout is the result, and there is none");
        assert!(self.stderr.contains(words), "{}", self.stderr);
    }
}

/// The verdicts of an account: requirement (with its region, if any) and verdict, sorted.
pub(crate) fn verdicts(plan: &Value, account: &str) -> Vec<(String, String)> {
    let mut found: Vec<_> = rows(plan, account)
        .map(|row| {
            let place = row["region"].as_str().map(|region| format!(" in {region}")).unwrap_or_default();
            (format!("{}{place}", text(&row["requirement"])), text(&row["verdict"]).to_owned())
        })
        .collect();
    found.sort();
    found
}

/// The rows of verdicts of an account.
pub(crate) fn rows<'a>(plan: &'a Value, account: &'a str) -> impl Iterator<Item = &'a Value> {
    list(&plan["verdicts"]).iter().filter(move |row| row["account"] == account)
}

/// The distinct verdicts of an account.
pub(crate) fn kinds(plan: &Value, account: &str) -> Vec<String> {
    let mut kinds: Vec<String> = rows(plan, account).map(|row| text(&row["verdict"]).to_owned()).collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

/// The line of an account.
pub(crate) fn line<'a>(plan: &'a Value, account: &str) -> &'a Value {
    list(&plan["accounts"]).iter().find(|line| line["id"] == account).expect("the account is listed")
}

/// The outcomes of an apply: account and outcome, in order.
pub(crate) fn outcomes(applied: &Value) -> Vec<(&str, &str)> {
    list(&applied["outcomes"]).iter().map(|one| (text(&one["account"]), text(&one["outcome"]))).collect()
}

/// The elements of a list.
pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A text.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// One write of the ledger.
pub(crate) fn write(account: &str, service: &str, operation: &str) -> (String, String, String) {
    (account.to_owned(), service.to_owned(), operation.to_owned())
}

/// The write that every mended password policy is.
pub(crate) fn policy_write(account: &str) -> (String, String, String) {
    write(account, "iam", "UpdateAccountPasswordPolicy")
}
