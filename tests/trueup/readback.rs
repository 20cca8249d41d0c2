//! What is there after a run, read by boto3: a client of AWS that others wrote, so that neither the tool nor the
//! simulator's own view of itself is taken at its word.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::{LazyLock, Mutex, PoisonError};

use serde_json::{Value, json};

use crate::harness::{HOME, Stage, list, text};
use crate::python::script;

/// The one Python that all tests of this process ask. It ends when its standard input closes.
static READER: LazyLock<Mutex<Reader>> = LazyLock::new(|| Mutex::new(Reader::start()));

struct Reader {
    _child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Reader {
    fn start() -> Self {
        let mut command = script("readback.py");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it was just installed");
        let questions = child.stdin.take().expect("it is piped");
        let answers = BufReader::new(child.stdout.take().expect("it is piped"));
        Self { _child: child, questions, answers }
    }

    fn ask(&mut self, question: &Value) -> std::io::Result<String> {
        writeln!(self.questions, "{question}")?;
        self.questions.flush()?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        Ok(answer)
    }
}

impl Stage {
    /// What boto3 reads at an account, a region, an object; see `settings.py`.
    fn read_back(&self, what: &str, at: &[&str]) -> Value {
        // It asks as the administrator, who then takes the role of each account. Faults are meant for the run alone,
        // and so is the ledger: what is asked here leaves no trace in it.
        let (keys, management, faults, ledger) = self.world(|world| {
            let faults = std::mem::take(&mut world.faults);
            (world.administrator(), world.management(), faults, std::mem::take(&mut world.ledger))
        });
        let regions = self.world(|world| world.regions.clone());
        assert_eq!(regions.first().map(String::as_str), Some(HOME), "the home region is the first");
        let question = json!({
            "endpoint": self.endpoint(), "management": management, "regions": regions, "what": what, "at": at,
            "keys": {"aws_access_key_id": keys.access_key_id, "aws_secret_access_key": keys.secret_access_key},
        });
        let answer = READER.lock().unwrap_or_else(PoisonError::into_inner).ask(&question);
        self.world(|world| (world.faults, world.ledger) = (faults, ledger));
        let answer: Value = serde_json::from_str(&answer.expect("it listens")).expect("it answers in JSON");
        assert!(answer.get("read").is_some(), "{what} of {at:?}: {}", text(&answer["refused"]));
        answer["read"].clone()
    }

    /// The password policy of an account; null where there is none.
    pub(crate) fn policy(&self, account: &str) -> Value {
        self.read_back("password", &[account])
    }

    /// The contacts of an account: the alternate ones by type, and the `primary` one.
    pub(crate) fn read_contacts(&self, account: &str) -> Value {
        self.read_back("contacts", &[account])
    }

    /// The users of an account by name: password, keys, policies.
    pub(crate) fn users(&self, account: &str) -> Value {
        self.read_back("users", &[account])
    }

    /// What an account's IAM has besides users.
    pub(crate) fn identity(&self, account: &str) -> Value {
        self.read_back("identity", &[account])
    }

    /// The trails of an account, with status, selectors and tags.
    pub(crate) fn trails(&self, account: &str) -> Vec<Value> {
        list(&self.read_back("trails", &[account])).to_vec()
    }

    /// One trail of an account, by its name.
    pub(crate) fn trail(&self, account: &str, name: &str) -> Value {
        let found = self.trails(account).into_iter().find(|trail| trail["Name"] == name);
        found.unwrap_or_else(|| panic!("{account} has no trail {name}"))
    }

    /// The log groups of an account in the home region by name, with tags and streams.
    pub(crate) fn log_groups(&self, account: &str) -> Value {
        self.read_back("log_groups", &[account])
    }

    /// The keys of an account in a region, with rotation and aliases.
    pub(crate) fn keys(&self, account: &str, region: &str) -> Vec<Value> {
        list(&self.read_back("keys", &[account, region])).to_vec()
    }

    /// One key, by its id.
    pub(crate) fn key(&self, account: &str, region: &str, id: &str) -> Value {
        let found = self.keys(account, region).into_iter().find(|key| key["KeyId"] == id);
        found.unwrap_or_else(|| panic!("{account} has no key {id} in {region}"))
    }

    /// The policy of a key in the home region.
    pub(crate) fn key_policy(&self, account: &str, key: &str) -> Value {
        document(&self.read_back("key_policy", &[account, HOME, key]))
    }

    /// The detector of an account in a region; null where there is none.
    pub(crate) fn detector(&self, account: &str, region: &str) -> Value {
        let found = self.read_back("detectors", &[account, region]);
        assert!(list(&found).len() < 2, "a region has one detector at most: {found}");
        found[0].clone()
    }

    /// What an account has set for all of a region in EC2.
    pub(crate) fn ec2_defaults(&self, account: &str, region: &str) -> Value {
        self.read_back("ec2_defaults", &[account, region])
    }

    /// The metadata options of each instance of a region, by its id.
    pub(crate) fn instances(&self, account: &str, region: &str) -> Value {
        self.read_back("instances", &[account, region])
    }

    /// The flow logs of a region.
    pub(crate) fn flow_logs(&self, account: &str, region: &str) -> Value {
        self.read_back("flow_logs", &[account, region])
    }

    /// The permissions of each security group in a region, by its id.
    pub(crate) fn security_groups(&self, account: &str, region: &str) -> Value {
        self.read_back("security_groups", &[account, region])
    }

    /// The public access block of an account; null where it has none.
    pub(crate) fn account_block(&self, account: &str) -> Value {
        self.read_back("account_block", &[account])
    }

    /// The analyzers of an account in a region.
    pub(crate) fn analyzers(&self, account: &str, region: &str) -> Vec<Value> {
        list(&self.read_back("analyzers", &[account, region])).to_vec()
    }

    /// The hub of an account in a region; null where there is none.
    pub(crate) fn hub(&self, account: &str, region: &str) -> Value {
        self.read_back("hub", &[account, region])
    }

    /// The alarms and the metric filters of an account in the home region, by name.
    pub(crate) fn alarms(&self, account: &str) -> Value {
        self.read_back("alarms", &[account, HOME])
    }

    /// The topics of an account in the home region, by name.
    pub(crate) fn topics(&self, account: &str) -> Value {
        self.read_back("topics", &[account, HOME])
    }

    /// The recorder of an account in a region, with its status, channel and retention.
    pub(crate) fn recorder(&self, account: &str, region: &str) -> Value {
        self.read_back("recorder", &[account, region])
    }

    /// One bucket of an account with its policy, encryption, public access block, versioning and tags.
    pub(crate) fn bucket(&self, account: &str, name: &str) -> Value {
        let found = self.read_back("buckets", &[account]);
        assert!(found.get(name).is_some(), "{account} has no bucket {name}: {found}");
        found[name].clone()
    }
}

/// A policy, which AWS answers as text.
pub(crate) fn document(policy: &Value) -> Value {
    serde_json::from_str(text(policy)).expect("a policy is JSON")
}
