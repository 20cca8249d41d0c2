//! `trueup completions`: a completion script for a shell.

use std::process::ExitCode;

use clap::CommandFactory as _;

use crate::cli::{Cli, Completions};
use crate::failure::Failure;

#[expect(clippy::unnecessary_wraps, reason = "every verb ends the same way")]
pub(super) fn run(typed: &Completions) -> Result<ExitCode, Failure> {
    clap_complete::generate(typed.shell, &mut Cli::command(), "trueup", &mut std::io::stdout());
    Ok(ExitCode::SUCCESS)
}
