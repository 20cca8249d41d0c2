//! How AWS is reached: one HTTP client, sessions in accounts, and a guard that lets declared calls pass and no others; and
//! the rooms that go through them.
//!
//! [`Base`] is made once a process. [`Base::enter`] makes a [`Session`] per account, which hands out
//! short-lived clients; everything that is sent goes through [`Session::ask`]. [`organization`] finds the accounts,
//! [`observe`] is the only room that reads their settings and [`steps`] the only one that changes them.
//!
//! This crate alone knows the types of the SDK. It knows nothing of controls, baselines and plans, which are of the crate
//! that builds on it: no line of theirs can send a call that is not declared here.

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
pub mod failure;
mod given;
mod guard;
mod http;
mod objects;
pub mod observe;
pub mod organization;
pub mod ownership;
mod pacing;
mod policy;
mod profile;
mod retries;
mod session;
mod signing;
mod signing_key;
pub mod steps;
#[cfg(test)]
pub(crate) mod stub;
pub mod target;
#[cfg(test)]
mod tests;
mod watch;

pub use assume::{EnterError, Refusal};
pub use base::{Base, CALLS, Options};
pub use caller::Caller;
pub(crate) use clock::Clock;
pub use errors::{Absent, Fault, Sending, class_of_code, ran_out};
pub use guard::{Guard, Undeclared};
pub use objects::{Found, OBJECT_CALLS, OBJECT_READS, Objects, Only, Place, Written};
pub use pacing::{Tally, Traffic};
pub use policy::{Grant, SessionPolicy, in_security_audit, statement};
pub use session::{Entry, Session};
pub use signing::{APPROVING, PROVING, Signing, VERIFYING};
pub use signing_key::{Algorithm, KeyArn, PublicKey};
