//! One file a verb. What is typed comes in, an exit code goes out.

mod accounts;
mod apply;
mod approve;
mod asked_file;
mod baseline;
mod completions;
mod controls;
mod demo;
mod doctor;
mod enforce;
mod exit;
#[cfg(test)]
mod faults;
mod gate;
mod given_plan;
mod history;
mod init;
mod interrupts;
mod keep;
mod lock;
mod output;
mod permissions;
mod plan;
mod reach;
mod revert;
mod roles;
mod rollout;
mod scene;
mod show;
mod simulate;
mod state;
mod told;
mod writes;

use std::process::ExitCode;

use crate::cli::{AnyFormat, Cli, Command};
use crate::failure::Failure;
use interrupts::Interrupts;
use output::Output;

/// Does what was typed.
///
/// # Errors
/// It could not be done.
pub(crate) async fn run(cli: Cli) -> Result<ExitCode, Failure> {
    // So the other commands never see it.
    let prints_markdown = matches!(cli.command, Command::Plan(_) | Command::Show(_));
    if cli.show.format == AnyFormat::Markdown && !prints_markdown {
        return Err(Failure::usage("--format markdown is for `plan` and `show`"));
    }
    let output = Output::new(&cli.show);
    let prints_templates = matches!(cli.command, Command::Permissions(_) | Command::Roles(_));
    if output.template.is_some() && !prints_templates {
        let others = if prints_markdown { "text, json or markdown" } else { "text or json" };
        return Err(Failure::usage(format!("templates are of `permissions` and `roles` alone: --format {others}")));
    }
    let interrupts =
        Interrupts::listen().map_err(|error| Failure::failed(format!("could not listen for an interrupt: {error}")))?;
    // What an apply does with an interrupt depends on how far it is, so it listens itself.
    let ends_at_once = !matches!(cli.command, Command::Apply(_) | Command::Revert(_));
    let doing = async {
        // Boxed, because one verb must not make the futures of all others as large as its own.
        match cli.command {
            Command::Demo(typed) => Box::pin(demo::run(&typed, &output)).await,
            Command::Init(typed) => Box::pin(init::run(&typed, &output)).await,
            Command::Accounts(typed) => Box::pin(accounts::run(&typed, &output)).await,
            Command::Doctor(typed) => Box::pin(doctor::run(&typed, &output)).await,
            Command::Controls(typed) => controls::run(&typed, &output),
            Command::Baseline(typed) => baseline::run(&typed, &output),
            Command::Plan(typed) => Box::pin(plan::run(&typed, &output)).await,
            Command::Show(typed) => show::run(&typed, &output).await,
            Command::Approve(typed) => Box::pin(approve::run(&typed, &output)).await,
            Command::Apply(typed) => Box::pin(apply::run(&typed, &output, &interrupts)).await,
            Command::Revert(typed) => Box::pin(revert::run(&typed, &output, &interrupts)).await,
            Command::Unlock(typed) => lock::unlock(&typed, &output).await,
            Command::History(typed) => Box::pin(history::run(&typed, &output)).await,
            Command::Permissions(typed) => permissions::run(&typed, &output),
            Command::Roles(typed) => roles::run(&typed, &output),
            Command::Simulate(typed) => simulate::run(&typed, &output).await,
            Command::Completions(typed) => completions::run(&typed, &output),
        }
    };
    tokio::select! {
        done = doing => done,
        () = interrupts.first(), if ends_at_once => Err(Failure::interrupted()),
    }
}
