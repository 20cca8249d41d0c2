//! What is read of `CloudWatch`: where alarms on what a trail records belong, the metric filters of that log group, the
//! alarms of its region, and who is told of them.

mod alarms;
mod filters;
mod ground;
mod told;
mod watch;

pub(super) use alarms::AlarmTags;
pub use alarms::{Alarm, MetricAlarms};
pub(crate) use alarms::{DESCRIBE_ALARMS, alarm, named};
pub(crate) use filters::DESCRIBE_FILTERS;
pub use filters::{Filter, GroupKey, Metric, MetricFilters};
pub use ground::{Ground, Group};
pub use told::{Asked, Told, TopicKey};
pub use watch::{There, Wanted, Watch, topics_of};
