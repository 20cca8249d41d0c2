//! `trueup baseline`: check, show and describe baseline files, without AWS.

use std::process::ExitCode;

use super::output::Output;
use super::scene::Moment;
use crate::baseline::{Baseline, Tone, file_schema};
use crate::cli::{self, Format};
use crate::controls;
use crate::failure::Failure;
use crate::report::escape::{self, safe};

pub(super) fn run(typed: &cli::Baseline, output: &Output) -> Result<ExitCode, Failure> {
    match typed {
        cli::Baseline::Check { from } => check(from, output)?,
        cli::Baseline::Show { from } => show(from, output)?,
        cli::Baseline::Schema => {
            let schema = file_schema(&controls::shapes());
            output.result(|out| writeln!(out, "{schema:#}"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn load(from: &str, output: &Output) -> Result<Baseline, Failure> {
    let baseline = Baseline::load(from, &controls::shapes(), Moment::now().today())?;
    for warning in &baseline.warnings {
        output.say(&warning.render(Tone::Warning));
    }
    Ok(baseline)
}

fn check(from: &str, output: &Output) -> Result<(), Failure> {
    let baseline = load(from, output)?;
    let (controls, warnings) = (baseline.control_ids().len(), baseline.warnings.len());
    let Baseline { name, digest, .. } = &baseline;
    output.result(|out| match output.format {
        Format::Text | Format::Markdown => {
            let warned = match warnings {
                0 => String::new(),
                1 => ", with 1 warning".to_owned(),
                more => format!(", with {more} warnings"),
            };
            let name = safe(name);
            writeln!(out, "{name} is valid: {controls} controls{warned} ({digest})")
        }
        Format::Json => {
            let warnings: Vec<&str> = baseline.warnings.iter().map(|warning| warning.message.as_str()).collect();
            let ids = baseline.control_ids();
            let checked = serde_json::json!({ "name": name, "digest": digest, "controls": ids, "warnings": warnings });
            writeln!(out, "{}", escape::json(&format!("{checked:#}")))
        }
    })
}

fn show(from: &str, output: &Output) -> Result<(), Failure> {
    let baseline = load(from, output)?;
    output.result(|out| match output.format {
        Format::Text | Format::Markdown => write!(out, "{}", escape::json(&baseline.show())),
        Format::Json => writeln!(out, "{}", escape::json(&format!("{:#}", baseline.content()))),
    })
}
