//! What is read of `CloudWatch` Logs.

mod group;

pub(crate) use group::{DESCRIBE_LOG_GROUPS, find};
pub use group::{GroupState, LogGroup, LogGroupKey};
