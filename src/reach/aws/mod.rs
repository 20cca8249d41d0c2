//! How AWS is reached: one HTTP client, sessions in accounts, and a guard that lets declared calls pass and no others.
//!
//! [`Base`] is made once a process. [`Base::enter`] makes a [`Session`] per account, which hands out
//! short-lived clients; everything that is sent goes through [`Session::ask`].

mod as_given;
mod assume;
mod attempts;
mod base;
mod caller;
mod clients;
mod clock;
mod complete;
mod config;
pub mod ec2;
mod errors;
mod given;
mod guard;
mod http;
mod objects;
mod pacing;
mod policy;
mod profile;
mod retries;
mod session;
mod signing;
mod signing_key;
#[cfg(test)]
pub(crate) mod stub;
#[cfg(test)]
mod tests;
mod watch;

pub use assume::{EnterError, Refusal};
pub use base::{Base, CALLS, Options};
pub use caller::Caller;
pub(crate) use clock::Clock;
pub use errors::{Absent, Fault, Sending, class_of_code, ran_out, read_error};
pub use guard::{Guard, Undeclared};
pub use objects::{Found, OBJECT_CALLS, OBJECT_READS, Objects, Only, Place, Written};
pub use pacing::{Tally, Traffic};
pub use policy::{Grant, SessionPolicy, in_security_audit, statement};
pub use session::{Entry, Session};
pub use signing::{APPROVING, PROVING, Signing, VERIFYING};
pub use signing_key::{Algorithm, KeyArn, PublicKey};
