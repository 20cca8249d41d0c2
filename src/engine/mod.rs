//! From accounts to verdicts, and from a plan to outcomes.

pub mod allow;
pub mod apply;
mod assessed;
pub mod begun;
mod closed;
mod collect;
mod doctor;
pub mod doubt;
mod event;
mod evidence;
mod held;
mod in_order;
pub mod journal;
pub mod lock;
mod lost;
mod rows;
mod spool;
pub mod stop;
mod survey;
mod terms;
pub mod tolerance;

pub use collect::Collect;
pub use doctor::{Besides, Entry, Examples, Written};
pub use event::{Event, Listener};
pub use evidence::{EvidenceFile, KeptRun};
pub use in_order::InOrder;
pub use spool::Spool;
pub use survey::{Source, Survey};
pub use terms::{AcceptedIn, Terms};
