//! What will be done, as data. Apply obeys a plan file and nothing else.

mod build;
mod change;
mod file;
mod given;
mod join;
mod revert;
mod rollout;
mod sound;
mod strict;

pub use crate::baseline::{Digest, canonical};
pub use build::{Elsewhere, build};
pub use change::{Action, Change, Contested, Now, Reverts, SetBy};
pub(crate) use file::printable;
pub use file::{Access, AccountAccess, BaselineLine, FORMAT, Header, OrganizationLine, PlanFile, Refused};
pub use given::PlanText;
pub use join::{Conflict, join};
pub use revert::{Undone, revert};
pub use rollout::{REST, Rollout, Wave};
