//! What trueup does to IAM.

mod password_policy;

pub use password_policy::UpdateAccountPasswordPolicy;
pub(super) use password_policy::{UPDATE, send};
