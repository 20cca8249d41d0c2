//! What is read of `CloudWatch` Logs.

mod group;

pub use group::{GroupState, LogGroup, LogGroupKey};
