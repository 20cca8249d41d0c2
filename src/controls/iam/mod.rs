//! Controls of IAM.

mod password_policy;

pub use password_policy::PasswordPolicy;
