//! The room that reads AWS. One file per service; each thing that is read knows how to read itself.

mod error;

pub use error::{Class, DeniedBy, ReadError};

/// One declared call: the one declaration that feeds the guard, the session policy and the printed permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Call {
    /// The SDK's service id as the guard sees it, such as `CloudTrail`.
    pub service: &'static str,
    /// The operation, such as `DescribeTrails`.
    pub operation: &'static str,
    /// The IAM action, such as `cloudtrail:DescribeTrails`.
    pub action: &'static str,
}
