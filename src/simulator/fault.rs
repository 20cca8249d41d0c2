//! Error answers of AWS, and faults that a test injects into the world.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::ledger;

/// An error answer: what a handler returns when AWS would refuse.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The error code as the service model names it, such as `NoSuchEntity`.
    pub code: String,
    /// The sentence that goes with it.
    pub message: String,
    /// The HTTP status of the answer.
    pub status: u16,
    /// Further members of the error's shape, such as `Reason` of Organizations' errors.
    pub fields: Map<String, Value>,
}

impl Fault {
    /// An error with its HTTP status, code and message.
    pub fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), status, fields: Map::new() }
    }

    /// The caller may not do this. The code and status are those of the protocol, set on encoding.
    pub fn denied(message: impl Into<String>) -> Self {
        Self::new(403, "AccessDenied", message)
    }

    /// Adds a member of the error's shape.
    #[must_use]
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(member.to_owned(), value.into());
        self
    }
}

/// Something that goes wrong on purpose: which requests it strikes, when, how often, and how.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Injection {
    /// The service, by its signing name unless another has that; none strikes every service.
    #[serde(default)]
    pub service: Option<String>,
    /// The operation.
    #[serde(default)]
    pub operation: Option<String>,
    /// The caller's account.
    #[serde(default)]
    pub account: Option<String>,
    /// The region of the signature.
    #[serde(default)]
    pub region: Option<String>,
    /// Reads, writes, or both.
    #[serde(default)]
    pub only: Only,
    /// Before the call takes effect, or after it: a lost answer.
    #[serde(default)]
    pub moment: Moment,
    /// How many matching requests pass unharmed first.
    #[serde(default)]
    pub after: u64,
    /// How many requests are struck then; none strikes for ever.
    #[serde(default)]
    pub times: Option<u64>,
    /// How many of a hundred of those are struck; none strikes each. Which ones, the seed decides: the n-th request of
    /// an account for one operation in one region has the same fate in every run, whatever is sent beside it.
    #[serde(default)]
    pub percent: Option<u8>,
    /// The seed of that choice.
    #[serde(default)]
    pub seed: u64,
    /// What happens to them.
    pub effect: Effect,
}

/// Which requests an injected fault strikes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Only {
    /// Every one.
    #[default]
    All,
    /// Those that leave everything as it is.
    Reads,
    /// Those that change something.
    Writes,
}

/// When an injected fault strikes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// The call does not take effect.
    #[default]
    Before,
    /// The call takes effect and its answer is replaced.
    After,
}

/// How each service says that it is asked too often: its signing name, the code and the HTTP status.
pub const THROTTLES: [(&str, &str, u16); 15] = [
    ("access-analyzer", "ThrottlingException", 429),
    ("account", "TooManyRequestsException", 429),
    ("cloudtrail", "ThrottlingException", 400),
    ("config", "ThrottlingException", 400),
    ("ec2", "RequestLimitExceeded", 503),
    ("guardduty", "TooManyRequestsException", 429),
    ("iam", "Throttling", 400),
    ("kms", "ThrottlingException", 400),
    ("logs", "ThrottlingException", 400),
    ("monitoring", "Throttling", 400),
    ("organizations", "TooManyRequestsException", 400),
    ("s3", "SlowDown", 503),
    ("securityhub", "TooManyRequestsException", 429),
    ("sns", "Throttling", 400),
    ("sts", "Throttling", 400),
];

/// How each service says that it broke down over a call, which so may have been done or not: its signing name, the code
/// and the HTTP status.
pub const BREAKDOWNS: [(&str, &str, u16); 16] = [
    ("access-analyzer", "InternalServerException", 500),
    ("account", "InternalServerException", 500),
    ("cloudtrail", "InternalFailure", 500),
    ("config", "InternalFailure", 500),
    ("ec2", "InternalError", 500),
    ("guardduty", "InternalServerErrorException", 500),
    ("iam", "ServiceFailure", 500),
    ("kms", "KMSInternalException", 500),
    ("kms", "DependencyTimeoutException", 503),
    ("logs", "ServiceUnavailableException", 500),
    ("monitoring", "InternalServiceFault", 500),
    ("organizations", "ServiceException", 500),
    ("s3", "InternalError", 500),
    ("securityhub", "InternalException", 500),
    ("sns", "InternalError", 500),
    ("sts", "InternalFailure", 500),
];

/// What an injected fault does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Effect {
    /// An error as the service would word it.
    Error {
        /// The code.
        code: String,
        /// The HTTP status.
        status: u16,
        /// The message.
        #[serde(default)]
        message: String,
    },
    /// The connection is closed without an answer.
    Reset,
    /// The connection is closed in the middle of the body.
    Truncated,
    /// A page of a proxy.
    Html {
        /// The HTTP status.
        status: u16,
    },
    /// A status, and nothing in the body: no code, no message.
    Empty {
        /// The HTTP status.
        status: u16,
    },
    /// The answer comes late.
    Latency {
        /// By how much.
        milliseconds: u64,
    },
    /// Time passes in the world: what lasts for a while, such as a session, grows older.
    Elapse {
        /// How much.
        seconds: u32,
    },
    /// The answer never comes, and the connection stays open.
    Hang,
    /// What the call changes is not to be seen at once: the next calls of its account find the account as it was
    /// before. A call that would be refused then is refused; any other is carried out.
    Lag {
        /// How many calls.
        calls: u32,
    },
    /// The caller's account is suspended from now on.
    Suspension,
    /// The region is disabled in the caller's account from now on.
    RegionDisabled,
    /// The caller's session runs out now, whenever it was meant to.
    Expiry,
}

impl Effect {
    /// Whether a call that meets this before it is carried out is not carried out.
    pub(crate) fn prevents(&self) -> bool {
        match self {
            Self::Error { .. }
            | Self::Reset
            | Self::Truncated
            | Self::Html { .. }
            | Self::Empty { .. }
            | Self::Hang => true,
            Self::Latency { .. }
            | Self::Elapse { .. }
            | Self::Lag { .. }
            | Self::Suspension
            | Self::RegionDisabled
            | Self::Expiry => false,
        }
    }
}

impl Injection {
    /// An effect on every request, before it is carried out; narrow it with the fields.
    pub fn new(effect: Effect) -> Self {
        Self {
            service: None,
            operation: None,
            account: None,
            region: None,
            only: Only::All,
            moment: Moment::Before,
            after: 0,
            times: None,
            percent: None,
            seed: 0,
            effect,
        }
    }

    /// Throttling, in the words that the service's clients retry on.
    pub fn throttle(code: &str) -> Self {
        Self::new(Effect::Error { code: code.to_owned(), status: 400, message: "Rate exceeded".to_owned() })
    }

    fn concerns(&self, request: [&str; 4]) -> bool {
        let write = ledger::writes(request[1]);
        match self.only {
            Only::Reads if write => return false,
            Only::Writes if !write => return false,
            Only::All | Only::Reads | Only::Writes => {}
        }
        let wanted = [&self.service, &self.operation, &self.account, &self.region];
        wanted.iter().zip(request).all(|(wanted, actual)| wanted.as_deref().is_none_or(|wanted| wanted == actual))
    }
}

/// The faults that are in force.
#[derive(Debug, Default)]
pub struct Faults(Vec<InForce>);

/// A fault, and what it met.
#[derive(Debug)]
struct InForce {
    injection: Injection,
    met: u64,
    /// How often it met each kind of request, where chance decides.
    kinds: BTreeMap<[String; 4], u64>,
}

impl InForce {
    fn strikes(&mut self, request: [&str; 4]) -> bool {
        let Injection { after, times, percent, seed, .. } = self.injection;
        self.met += 1;
        let spent = times.is_some_and(|times| self.met > after + times);
        if self.met <= after || spent {
            return false;
        }
        let Some(percent) = percent else { return true };
        let met = self.kinds.entry(request.map(str::to_owned)).or_default();
        *met += 1;
        let mut draw = DefaultHasher::new();
        (seed, request, *met).hash(&mut draw);
        draw.finish() % 100 < u64::from(percent)
    }
}

impl Faults {
    /// Puts a fault in force.
    pub fn inject(&mut self, injection: Injection) {
        self.0.push(InForce { injection, met: 0, kinds: BTreeMap::new() });
    }

    /// Ends all faults.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// What strikes a request of (service, operation, account, region); counts it.
    pub(crate) fn strike(&mut self, request: [&str; 4]) -> Vec<(Moment, Effect)> {
        let concerned = self.0.iter_mut().filter(|fault| fault.injection.concerns(request));
        let struck = concerned.filter_map(|fault| fault.strikes(request).then_some(&fault.injection));
        struck.map(|injection| (injection.moment, injection.effect.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_counted_in_matching_requests() {
        let mut faults = Faults::default();
        let narrow = Injection {
            operation: Some("ListKeys".to_owned()),
            after: 1,
            times: Some(2),
            ..Injection::new(Effect::Reset)
        };
        faults.inject(narrow);
        let mut struck = |operation| faults.strike(["kms", operation, "1", "eu-west-1"]).len();
        let met = ["ListKeys", "ListAliases", "ListKeys", "ListKeys", "ListKeys"].map(&mut struck);
        assert_eq!(met, [0, 0, 1, 1, 0]);
    }

    #[test]
    fn a_share_of_the_requests_is_struck_and_the_same_ones_in_every_order() {
        let share = Injection { percent: Some(20), seed: 7, ..Injection::new(Effect::Reset) };
        let accounts: Vec<String> = (0..50).map(|number| number.to_string()).collect();
        let struck = |order: &[&String]| {
            let mut faults = Faults::default();
            faults.inject(share.clone());
            let mut struck: Vec<(String, usize)> = vec![];
            for turn in 0..40 {
                for account in order {
                    if !faults.strike(["kms", "ListKeys", account, "eu-west-1"]).is_empty() {
                        struck.push(((*account).clone(), turn));
                    }
                }
            }
            struck.sort();
            struck
        };
        let forward: Vec<&String> = accounts.iter().collect();
        let backward: Vec<&String> = accounts.iter().rev().collect();
        let first = struck(&forward);
        assert_eq!(first, struck(&backward));
        assert!((300..500).contains(&first.len()), "{} of 2000", first.len());
    }

    #[test]
    fn reads_and_writes_are_struck_apart() {
        for (only, expected) in [(Only::All, [1, 1]), (Only::Reads, [1, 0]), (Only::Writes, [0, 1])] {
            let mut faults = Faults::default();
            faults.inject(Injection { only, ..Injection::new(Effect::Hang) });
            let struck = ["ListKeys", "CreateKey"].map(|operation| faults.strike(["kms", operation, "1", "r"]).len());
            assert_eq!(struck, expected, "{only:?}");
        }
    }

    #[test]
    fn a_fault_can_be_written_as_json() {
        let text =
            r#"{"service": "iam", "moment": "after", "effect": {"error": {"code": "Throttling", "status": 400}}}"#;
        let injection: Injection = serde_json::from_str(text).unwrap();
        assert_eq!((injection.moment, injection.times), (Moment::After, None));
        serde_json::from_str::<Injection>(r#"{"effect": "reset"}"#).unwrap();
        let text = r#"{"only": "writes", "percent": 5, "effect": {"lag": {"calls": 2}}}"#;
        let injection: Injection = serde_json::from_str(text).unwrap();
        assert_eq!((injection.only, injection.percent, injection.seed), (Only::Writes, Some(5), 0));
    }
}
