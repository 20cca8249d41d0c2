//! Controls of KMS.

mod key_deletion;
mod key_rotation;

pub use key_deletion::KeyDeletion;
pub use key_rotation::KeyRotation;
