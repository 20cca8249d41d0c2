//! An AWS organization inside the process, which any AWS client can use.
//!
//! It knows nothing of trueup, so that it cannot share its misunderstandings of AWS: it is a crate of its own, which
//! trueup depends on. Everything inside is synchronous, behind one mutex over the [`World`]; only `serve` and
//! `connector` are async.

mod answer;
pub mod behaviours;
mod connector;
pub mod fault;
pub mod front;
mod furnish;
mod furnish_identities;
mod furnish_networks;
mod generate;
pub mod iam;
mod lag;
pub mod ledger;
mod model;
mod perform;
mod serve;
pub mod services;
mod signature;
mod wire;
pub mod world;

pub use answer::{Answer, Arrives};
pub use generate::Options;
use http::Request;
use hyper::body::Bytes;
pub use perform::ACCESS_ROLE;
pub use serve::Served;
use std::sync::{Mutex, PoisonError};
use world::World;

/// The simulator: one world behind one mutex.
#[derive(Debug)]
pub struct Simulator {
    world: Mutex<World>,
}

impl Simulator {
    /// Puts a world into operation.
    pub fn new(world: World) -> Self {
        Self { world: Mutex::new(world) }
    }

    /// Looks into the world, or changes it, between two requests.
    pub fn world<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        // A handler that panicked has failed its own request; the world goes on, as AWS does.
        look(&mut self.world.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Answers one request; what is to be waited for is the caller's part.
    pub fn answer(&self, request: &Request<Bytes>) -> Answer {
        self.world(|world| front::answer(world, request))
    }
}
