//! Why something could not be read. Absent is an answer; what is here is not.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::target::Target;

/// A read that gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{action} in {at}: {class}{}", detail(.code.as_deref(), .message))]
pub struct ReadError {
    /// Where it was asked.
    pub at: Target,
    /// What was asked, as an IAM action.
    pub action: String,
    /// What kind of refusal or failure it was.
    pub class: Class,
    /// The error code of AWS, where the answer had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The words of AWS, or of the transport.
    pub message: String,
    /// The request id of AWS, where the answer had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

fn detail(code: Option<&str>, message: &str) -> String {
    match code {
        Some(code) => format!(" ({code}: {message})"),
        None if message.is_empty() => String::new(),
        None => format!(" ({message})"),
    }
}

/// What kind of refusal or failure a read met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// AWS refused: the caller may not.
    Denied(DeniedBy),
    /// The region is not enabled in the account.
    RegionDisabled,
    /// The service is not offered there.
    ServiceUnavailable,
    /// Throttled until the retries were spent.
    Throttled,
    /// Anything else: a timeout, a server error, an answer that makes no sense.
    Failed,
    /// Not read, because what it depends on was not in reach.
    NotRead,
    /// A write that was kept from being sent.
    NotSent,
}

/// Who refused, as far as the answer says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeniedBy {
    /// An explicit deny in a service control policy.
    Scp,
    /// A policy of the identity: its own, a boundary or a session policy.
    Identity,
    /// The policy of the resource.
    Resource,
    /// The answer does not say.
    Unknown,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Denied(DeniedBy::Scp) => "denied by a service control policy",
            Self::Denied(DeniedBy::Identity) => "denied: no policy of the role allows it",
            Self::Denied(DeniedBy::Resource) => "denied by the policy of the resource",
            Self::Denied(DeniedBy::Unknown) => "denied",
            Self::RegionDisabled => "the region is not enabled",
            Self::ServiceUnavailable => "the service is not offered there",
            Self::Throttled => "throttled",
            Self::Failed => "failed",
            Self::NotRead => "not read",
            Self::NotSent => "not sent",
        })
    }
}
