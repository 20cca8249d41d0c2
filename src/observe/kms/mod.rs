//! What is read of KMS.

mod keys;

pub use keys::{Key, Keys};
