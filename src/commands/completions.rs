//! `trueup completions`: a completion script for a shell.

use std::process::ExitCode;

use clap::CommandFactory as _;

use super::output::Output;
use crate::cli::{Cli, Completions};
use crate::failure::Failure;

pub(super) fn run(typed: &Completions, output: &Output) -> Result<ExitCode, Failure> {
    // Into memory first: what writes the script has no way to say that it could not be written.
    let mut script = vec![];
    clap_complete::generate(typed.shell, &mut Cli::command(), "trueup", &mut script);
    output.result(|out| out.write_all(&script))?;
    Ok(ExitCode::SUCCESS)
}
