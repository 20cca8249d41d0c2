//! Error answers of AWS, and faults that a test injects into the world.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

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
    /// The service's signing name; none strikes every service.
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
    /// Before the call takes effect, or after it: a lost answer.
    #[serde(default)]
    pub moment: Moment,
    /// How many matching requests pass unharmed first.
    #[serde(default)]
    pub after: u64,
    /// How many requests are struck then; none strikes for ever.
    #[serde(default)]
    pub times: Option<u64>,
    /// What happens to them.
    pub effect: Effect,
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
}

impl Effect {
    /// Whether a call that meets this before it is carried out is not carried out.
    pub(crate) fn prevents(&self) -> bool {
        !matches!(self, Self::Latency { .. } | Self::Elapse { .. })
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
            moment: Moment::Before,
            after: 0,
            times: None,
            effect,
        }
    }

    /// Throttling, in the words that the service's clients retry on.
    pub fn throttle(code: &str) -> Self {
        Self::new(Effect::Error { code: code.to_owned(), status: 400, message: "Rate exceeded".to_owned() })
    }

    fn concerns(&self, request: [&str; 4]) -> bool {
        let wanted = [&self.service, &self.operation, &self.account, &self.region];
        wanted.iter().zip(request).all(|(wanted, actual)| wanted.as_deref().is_none_or(|wanted| wanted == actual))
    }
}

/// The faults that are in force, each with how often it was met.
#[derive(Debug, Default)]
pub struct Faults(Vec<(Injection, u64)>);

impl Faults {
    /// Puts a fault in force.
    pub fn inject(&mut self, injection: Injection) {
        self.0.push((injection, 0));
    }

    /// Ends all faults.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// What strikes a request of (service, operation, account, region); counts it.
    pub(crate) fn strike(&mut self, request: [&str; 4]) -> Vec<(Moment, Effect)> {
        let mut effects = vec![];
        for (injection, met) in self.0.iter_mut().filter(|(injection, _)| injection.concerns(request)) {
            *met += 1;
            let spent = injection.times.is_some_and(|times| *met > injection.after + times);
            if *met > injection.after && !spent {
                effects.push((injection.moment, injection.effect.clone()));
            }
        }
        effects
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
    fn a_fault_can_be_written_as_json() {
        let text =
            r#"{"service": "iam", "moment": "after", "effect": {"error": {"code": "Throttling", "status": 400}}}"#;
        let injection: Injection = serde_json::from_str(text).unwrap();
        assert_eq!((injection.moment, injection.times), (Moment::After, None));
        serde_json::from_str::<Injection>(r#"{"effect": "reset"}"#).unwrap();
    }
}
