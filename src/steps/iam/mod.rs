//! What trueup does to IAM.

mod password_policy;
mod users;

pub use password_policy::UpdateAccountPasswordPolicy;
pub(super) use password_policy::{UPDATE, send};
pub use users::{DeactivateAccessKey, DeleteLoginProfile, DeleteUserPolicy, DetachUserPolicy, Who};
pub(super) use users::{UPDATE_KEY, send_status};
