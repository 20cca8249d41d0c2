//! `trueup show`: render a plan file.

use std::process::ExitCode;

use super::given_plan::{self, Given};
use super::output::Output;
use crate::cli::{self, Format};
use crate::failure::Failure;
use crate::report::{self, escape};

pub(super) async fn run(typed: &cli::ShowPlan, output: &Output) -> Result<ExitCode, Failure> {
    let Given { file: plan, text } = given_plan::read(&typed.plan).await?;
    output.result(|out| match output.format {
        Format::Text => report::text::plan(&plan.header, &plan, typed.detail, out),
        Format::Markdown => report::markdown::plan(&plan.header, &plan, &plan.digest, typed.detail, out),
        // The file is the document; whoever made it may have made it for a terminal.
        Format::Json => out.write_all(escape::json(&String::from_utf8_lossy(text.bytes())).as_bytes()),
    })?;
    output.say(&format!("\nThe plan has the digest {}", plan.digest));
    Ok(ExitCode::SUCCESS)
}
