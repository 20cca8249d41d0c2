//! What is read of KMS.

mod keys;
pub mod named;

pub use keys::{DescribedKey, DescribedKeys, Key, KeyFacts, Keys};
pub use named::KeyState;
