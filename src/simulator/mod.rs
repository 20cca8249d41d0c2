//! An AWS organization inside the process, which any AWS client can use.
//!
//! It knows nothing of the rest of trueup, so that it cannot share its misunderstandings of AWS.
//! Everything inside is synchronous, behind one mutex over the [`World`]; only `serve` and
//! `connector` are async.

mod answer;
mod build;
mod connector;
pub mod fault;
pub mod front;
mod generate;
pub mod iam;
pub mod ledger;
mod model;
mod serve;
pub mod services;
mod signature;
mod wire;
pub mod world;

pub use answer::{Answer, Arrives};
pub use build::ACCESS_ROLE;
pub use generate::Options;
use http::Request;
use hyper::body::Bytes;
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
