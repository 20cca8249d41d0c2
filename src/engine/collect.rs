//! Who takes in what is found.

use std::io;

use crate::assessment::{Assessment, Summary};

/// Takes in what was found, one account after another in whichever order, and counts it.
pub trait Collect {
    /// Takes an account in.
    ///
    /// # Errors
    /// The disk is full, or fails.
    fn add(&mut self, found: Assessment) -> io::Result<()>;

    /// The figures of what was taken in.
    fn summary(&self) -> &Summary;
}
