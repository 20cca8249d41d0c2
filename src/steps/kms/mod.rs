//! What trueup does to KMS.

mod rotation;

pub use rotation::EnableKeyRotation;
