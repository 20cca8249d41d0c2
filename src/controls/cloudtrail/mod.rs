//! Controls of CloudTrail.

mod bucket;
mod delivery;
mod keeping;
mod key;
mod logs;
mod making;
mod mending;
mod needs;
mod references;
mod settings;
mod trail;

#[cfg(test)]
mod tests;

pub use bucket::Bucket;
pub use trail::Trail;
