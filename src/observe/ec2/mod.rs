//! What is read of EC2: what an account sets for all of a region.

pub mod ebs;
pub mod instances;
pub mod sharing;
#[cfg(test)]
mod tests;

use crate::aws::Session;
use crate::aws::ec2::{Answer, Ec2, Element, Missing};
use crate::observe::{Call, Class, ReadError};
use crate::target::Target;

pub(crate) const fn call(operation: &'static str, action: &'static str) -> Call {
    Call { service: "EC2", operation, action }
}

/// The client for the region of a target.
pub(crate) fn client(session: &Session, at: &Target) -> Ec2 {
    session.ec2(at.region.as_ref().unwrap_or(session.home_region()))
}

/// Asks what takes no parameters.
async fn ask(session: &Session, at: &Target, call: &Call) -> Result<Answer, ReadError> {
    session.ask(at, call, client(session, at).request(call.operation).send()).await
}

/// What an answer has to have.
fn known<T>(at: &Target, call: &Call, found: Result<T, Missing>) -> Result<T, ReadError> {
    found.map_err(|missing| senseless(at, call, &missing))
}

/// Whether a declarative policy of the organization sets what an answer is about.
fn declared(answer: &Element) -> bool {
    answer.text("managedBy") == Some("declarative-policy")
}

/// An answer of EC2 that lacks what it has to have.
pub(super) fn senseless(at: &Target, call: &Call, why: &dyn std::fmt::Display) -> ReadError {
    ReadError {
        at: at.clone(),
        action: call.action.to_owned(),
        class: Class::Failed,
        code: None,
        message: why.to_string(),
        request_id: None,
    }
}
