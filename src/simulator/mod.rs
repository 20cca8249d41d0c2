//! An AWS organization inside the process, which any AWS client can use.
//!
//! It knows nothing of the rest of trueup, so that it cannot share its misunderstandings of AWS.
//! Everything inside is synchronous, behind one mutex over the [`World`]; only `serve` and
//! `connector` are async.

mod answer;
pub mod behaviours;
mod build;
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    /// Every line under a folder that reaches for another room of the crate.
    fn foreign(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                foreign(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let reaches = |line: &&str| line.contains(concat!("crate", "::")) && !line.contains("crate::simulator");
                found.extend(text.lines().filter(reaches).map(|line| format!("{}: {line}", path.display())));
            }
        }
    }

    #[test]
    fn the_simulator_knows_nothing_of_the_rest_of_trueup() {
        let mut found = vec![];
        foreign(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/simulator"), &mut found);
        assert_eq!(found, Vec::<String>::new());
    }
}
