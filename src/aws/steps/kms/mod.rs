//! What trueup does to KMS.

mod deletion;
mod key;
mod rotation;

pub use deletion::{CancelKeyDeletion, EnableKey};
pub use key::{CreateAlias, CreateKey, PutKeyPolicy, RotateMadeKey};
pub(super) use key::{DESCRIBE_KEY, LIST_KEYS, LIST_RESOURCE_TAGS, arn_of, at, find_by_tag};
pub(super) use rotation::A_YEAR;
pub use rotation::EnableKeyRotation;
