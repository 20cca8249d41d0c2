//! Controls of CloudTrail.

mod bucket;
mod delivery;
mod key;
mod making;
mod mending;
mod needs;
mod trail;

#[cfg(test)]
mod tests;

pub use trail::Trail;
