//! From accounts to verdicts, and from a plan to outcomes.

pub mod allow;
pub mod apply;
mod event;
mod evidence;
mod held;
mod lost;
mod rows;
mod spool;
mod survey;
mod terms;

pub use event::{Event, Listener};
pub use evidence::{EvidenceFile, KeptRun};
pub use spool::Spool;
pub use survey::{Source, Survey};
pub use terms::{AcceptedIn, Terms};
