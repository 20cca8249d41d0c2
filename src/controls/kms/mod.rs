//! Controls of KMS.

mod key_rotation;

pub use key_rotation::KeyRotation;
