//! How trueup reaches AWS: the rooms that know the types of its SDK, and the words that all rooms share.
//!
//! [`aws`] enters accounts, [`organization`] finds them, [`observe`] is the only room that reads their settings and
//! [`steps`] the only one that changes them. It knows nothing of controls, baselines and plans, which are of the crate
//! that builds on it: no line of theirs can send a call that is not declared here.

pub mod aws;
pub mod failure;
pub mod observe;
pub mod organization;
pub mod ownership;
pub mod steps;
pub mod target;
