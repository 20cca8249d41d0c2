//! `trueup show`: render a plan file.

use std::fs;
use std::process::ExitCode;

use super::output::Output;
use crate::cli::{self, Format};
use crate::failure::Failure;
use crate::plan::PlanFile;
use crate::report::{self, escape};

pub(super) fn run(typed: &cli::ShowPlan, output: &Output) -> Result<ExitCode, Failure> {
    let plan = PlanFile::read(&typed.plan).map_err(Failure::usage)?;
    output.result(|out| match output.format {
        Format::Text => report::text::plan(&plan.header, &plan, typed.detail, out),
        Format::Markdown => report::markdown::plan(&plan.header, &plan, &plan.digest, typed.detail, out),
        // The file is the document; whoever made it may have made it for a terminal.
        Format::Json => out.write_all(escape::json(&fs::read_to_string(&typed.plan)?).as_bytes()),
    })?;
    output.say(&format!("\nThe plan has the digest {}", plan.digest));
    Ok(ExitCode::SUCCESS)
}
