//! `trueup show`: render a plan file.

use std::fs;
use std::io;
use std::process::ExitCode;

use super::output::Output;
use crate::cli::{self, Format};
use crate::failure::Failure;
use crate::plan::PlanFile;
use crate::report;

pub(super) fn run(typed: &cli::ShowPlan, output: &Output) -> Result<ExitCode, Failure> {
    let plan = PlanFile::read(&typed.plan).map_err(Failure::usage)?;
    output.result(|out| match output.format {
        Format::Text => report::text::plan(&plan.header, &plan, typed.detail, out),
        Format::Markdown => report::markdown::plan(&plan.header, &plan, &plan.digest, typed.detail, out),
        // The file is the document.
        Format::Json => io::copy(&mut fs::File::open(&typed.plan)?, out).map(drop),
    })?;
    output.say(&format!("\nThe plan has the digest {}", plan.digest));
    Ok(ExitCode::SUCCESS)
}
