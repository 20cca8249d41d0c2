//! Controls of IAM.

mod password_policy;
mod references;
mod root_user;
mod user;

pub use password_policy::PasswordPolicy;
pub use root_user::RootUser;
pub use user::User;
