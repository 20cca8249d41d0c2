//! Error answers of AWS, and faults that a test injects into the world.

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
