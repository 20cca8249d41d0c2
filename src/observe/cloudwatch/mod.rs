//! What is read of `CloudWatch`: where alarms on what a trail records belong, and who is told of them.

mod ground;
mod told;

pub use ground::{Ground, Group};
pub use told::{Asked, Told};
