//! Controls of KMS.

mod key_deletion;
mod key_rotation;

use crate::observe::Readable;
use crate::ownership::Signs;

pub use key_deletion::KeyDeletion;
pub use key_rotation::KeyRotation;

/// The tags of a key, as far as they are known.
fn known(signs: Option<&Readable<Signs>>) -> Option<&Signs> {
    signs?.as_result().ok()
}

/// That it is not known what looks after a key, and why.
fn unknown(signs: Option<&Readable<Signs>>) -> Option<String> {
    let error = signs?.as_result().err()?;
    Some(format!("its tags could not be read, so that no tool is known to look after it: {}", error.explained()))
}
