//! Controls of `CloudWatch`: alarms on what a trail records, and who is told.

mod alarm;
mod place;
mod topic;

pub use alarm::Alarm;
pub use topic::Topic;
