//! What a run found and did, for people and for programs. One file per thing that is reported;
//! each writes to whatever the caller hands it, and decides nothing.

pub mod accounts;
mod applied;
pub mod control_page;
pub mod controls;
pub mod doctor;
pub mod escape;
mod found;
pub mod framework;
pub mod framework_page;
mod hcl;
pub mod history;
pub mod json;
#[cfg(test)]
pub(crate) mod made;
pub mod markdown;
pub mod not_covered_page;
mod page;
pub mod permissions;
pub mod roles;
mod template;
pub mod text;

pub use applied::{Applied, Counts};
pub use found::Found;

/// What wrote a document: the name of the program and its version.
pub const TOOL: &str = concat!("trueup ", env!("CARGO_PKG_VERSION"));
