//! The root user: no call makes it, so worlds set it directly.

use super::iam_access::AccessKey;
use serde::Serialize;

/// The root user of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Root {
    /// Whether it has a password. Members whose root credentials are managed centrally have none.
    pub password: bool,
    /// When the password was used last, in seconds since the epoch.
    pub password_last_used: Option<i64>,
    /// Its access keys.
    pub keys: Vec<AccessKey>,
    /// Serial numbers of its MFA devices. A virtual one stands in the account's list of such devices as well.
    pub mfa: Vec<String>,
}

impl Default for Root {
    fn default() -> Self {
        Self { password: true, password_last_used: None, keys: vec![], mfa: vec![] }
    }
}
