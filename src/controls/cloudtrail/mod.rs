//! Controls of CloudTrail.

mod bucket;
mod key;
mod making;
mod mending;
mod trail;


pub use trail::Trail;
