//! What is read of KMS.

mod keys;
pub mod named;

pub use keys::{Key, Keys};
pub use named::KeyState;
