//! What is read of KMS.

mod keys;
pub mod named;
mod tags;

pub use keys::{DescribedKey, DescribedKeys, Key, KeyFacts, Keys};
pub use named::KeyState;
pub(super) use tags::KeyTags;
