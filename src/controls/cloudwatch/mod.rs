//! Controls of `CloudWatch`: alarms on what a trail records, and who is told.

mod place;
mod topic;

pub use topic::Topic;
