//! `trueup simulate`: serve a simulated organization on loopback, for any AWS client.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use super::output::Output;
use crate::cli;
use crate::failure::Failure;
use crate::simulator::world::World;
use crate::simulator::{ACCESS_ROLE, Options, Simulator};

pub(super) async fn run(typed: &cli::Simulate, output: &Output) -> Result<ExitCode, Failure> {
    let mut regions: Vec<String> = vec![];
    for region in typed.regions.iter().map(ToString::to_string) {
        // A region that is named twice is there once.
        if !regions.contains(&region) {
            regions.push(region);
        }
    }
    let options = Options {
        accounts: usize::try_from(typed.accounts).unwrap_or(usize::MAX),
        regions: regions.clone(),
        seed: typed.seed,
        start: None,
    };
    let simulator = Arc::new(Simulator::new(World::generate(&options)));
    let unserved = |error| Failure::failed(format!("could not listen on port {}: {error}", typed.port));
    let served = simulator.serve(typed.port).await.map_err(unserved)?;
    let (organization, credential) = simulator.world(|world| {
        (world.organization.as_ref().map(|organization| organization.id.clone()), world.administrator())
    });
    let line = serde_json::json!({
        "endpoint": served.endpoint(),
        "access_key_id": credential.access_key_id,
        "secret_access_key": credential.secret_access_key,
        "session_token": credential.session_token,
        "management_account": credential.caller.account,
        "organization": organization,
        "role_name": ACCESS_ROLE,
        "regions": regions,
    });
    output.result(|out| writeln!(out, "{line}"))?;
    output.say("serving until interrupted");
    // Sessions run out by the world's clock, so it has to go on while clients of other processes work.
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    seconds.tick().await;
    loop {
        seconds.tick().await;
        simulator.world(|world| world.advance(1));
    }
}
