//! trueup holds every account of an AWS organization to one security baseline.
//!
//! ```text
//! organization -> targets -> observe -> controls -> assessment -> plan -> apply (steps) -> verify
//! ```
//!
//! `observe` is the only room that reads AWS settings, `steps` the only room that
//! changes them, and `controls`, between the two, is pure.

pub mod approval;
pub mod assessment;
pub mod cli;
pub mod control;
pub mod controls;
pub mod doctor;
pub mod drift;
pub mod engine;
pub mod frameworks;
pub mod history;
pub mod permissions;
pub mod plan;
pub mod progress;
pub mod report;
pub mod whole_file;

mod commands;
mod entry;

pub use entry::main;
/// What reaches AWS: a crate of its own, in `src/aws/`, the only one that knows the types of the SDK.
pub use trueup_aws::{self as aws, failure, observe, organization, ownership, steps, target};
/// What a baseline file says: a crate of its own, in `src/baseline/`, that knows no control.
pub use trueup_baseline as baseline;
/// An AWS organization inside the process: a crate of its own, in `src/simulator/`, that knows nothing of this one.
pub use trueup_simulator as simulator;
