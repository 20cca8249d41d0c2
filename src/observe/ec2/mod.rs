//! What is read of EC2.

use crate::observe::{Call, Class, ReadError};
use crate::target::Target;

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
