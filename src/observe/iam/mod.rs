//! What is read of IAM.

mod csv;
mod devices;
mod password_policy;
mod report;
mod root;
mod summary;

pub use devices::VirtualDevices;
pub use password_policy::PasswordPolicy;
pub use report::{Credentials, Key, Report};
pub use root::{Asked as RootAsked, RootUser, Use};
pub use summary::Summary;

pub(crate) use password_policy::{GET, look};

use super::{Call, Class, ReadError};
use crate::target::Target;

/// The error of an answer that makes no sense.
fn senseless(at: &Target, call: &Call, message: String) -> ReadError {
    ReadError {
        at: at.clone(),
        action: call.action.to_owned(),
        class: Class::Failed,
        code: None,
        message,
        request_id: None,
    }
}
