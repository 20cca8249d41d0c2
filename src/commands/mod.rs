//! One file a verb. What is typed comes in, an exit code goes out.

mod accounts;
mod apply;
mod baseline;
mod completions;
mod controls;
mod demo;
mod exit;
#[cfg(test)]
mod faults;
mod init;
mod output;
mod plan;
mod reach;
mod scene;
mod show;
mod simulate;

use std::process::ExitCode;

use crate::cli::{Cli, Command};
use crate::failure::Failure;
use output::Output;

/// Does what was typed.
///
/// # Errors
/// It could not be done.
pub(crate) async fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let output = Output::new(&cli.show);
    let doing = async {
        // Boxed, because one verb must not make the futures of all others as large as its own.
        match cli.command {
            Command::Demo(typed) => Box::pin(demo::run(&typed, &output)).await,
            Command::Init(typed) => Box::pin(init::run(&typed, &output)).await,
            Command::Accounts(typed) => Box::pin(accounts::run(&typed, &output)).await,
            Command::Controls(typed) => controls::run(&typed, &output),
            Command::Baseline(typed) => baseline::run(&typed, &output),
            Command::Plan(typed) => Box::pin(plan::run(&typed, &output)).await,
            Command::Show(typed) => show::run(&typed, &output),
            Command::Apply(typed) => Box::pin(apply::run(&typed, &output)).await,
            Command::Simulate(typed) => simulate::run(&typed, &output).await,
            Command::Completions(typed) => completions::run(&typed),
        }
    };
    tokio::select! {
        done = doing => done,
        interrupted = tokio::signal::ctrl_c() => Err(match interrupted {
            Ok(()) => Failure::interrupted(),
            Err(error) => Failure::failed(format!("could not listen for an interrupt: {error}")),
        }),
    }
}
