//! Controls of IAM.

mod account_alias;
mod cloudshell_full_access;
mod federation;
mod password_policy;
mod policy;
mod references;
mod root_user;
mod server_certificate;
mod support_role;
mod user;

pub use account_alias::AccountAlias;
pub use cloudshell_full_access::CloudshellFullAccess;
pub use federation::Federation;
pub use password_policy::PasswordPolicy;
pub use policy::Policy;
pub use root_user::RootUser;
pub use server_certificate::ServerCertificate;
pub use support_role::SupportRole;
pub use user::User;
