//! What trueup does to KMS.

mod key;
mod rotation;

pub(super) use key::arn_of;
pub use key::{CreateAlias, CreateKey, PutKeyPolicy, RotateMadeKey};
pub use rotation::EnableKeyRotation;
