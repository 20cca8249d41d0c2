//! An AWS organization inside the process, which any AWS client can use.
//!
//! It knows nothing of the rest of trueup, so that it cannot share its misunderstandings of AWS.
//! Everything inside is synchronous, behind one mutex over the [`World`]; only `serve` and
//! `connector` are async.

pub mod fault;
pub mod front;
pub mod iam;
mod model;
pub mod services;
mod wire;
pub mod world;
