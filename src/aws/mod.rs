//! How AWS is reached: one HTTP client, sessions in accounts, and a guard that lets declared calls pass and no others.
//!
//! [`Base`] is made once a process. [`Base::enter`] makes a [`Session`] per account, which hands out
//! short-lived clients; everything that is sent goes through [`Session::ask`].

mod assume;
mod attempts;
mod base;
mod clients;
mod complete;
mod config;
mod errors;
mod guard;
mod http;
mod pacing;
mod policy;
mod retries;
mod session;
#[cfg(test)]
pub(crate) mod stub;
#[cfg(test)]
mod tests;
mod watch;

pub use assume::{EnterError, Refusal};
pub use base::{Base, CALLS, Caller, Options};
pub use errors::{Absent, class_of_code, read_error};
pub use guard::{Guard, Undeclared};
pub use pacing::{Tally, Traffic};
pub use policy::{Grant, SessionPolicy};
pub use retries::is_run_out;
pub use session::{Entry, Session};
