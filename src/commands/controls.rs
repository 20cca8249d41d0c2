//! `trueup controls`: the catalogue of controls, and the page of each.

use std::process::ExitCode;

use super::output::Output;
use crate::baseline;
use crate::cli::{self, Format};
use crate::controls::{self, CONTROLS};
use crate::failure::Failure;
use crate::report::controls as report;

pub(super) fn run(typed: &cli::Controls, output: &Output) -> Result<ExitCode, Failure> {
    match &typed.id {
        None => output.result(|out| match output.format {
            Format::Text | Format::Markdown => report::list_text(CONTROLS, out),
            Format::Json => report::list_json(CONTROLS, out),
        })?,
        Some(id) => {
            let control = controls::find(id).ok_or_else(|| unknown(id))?;
            output.result(|out| match output.format {
                Format::Text | Format::Markdown => report::page_text(control, out),
                Format::Json => report::page_json(control, out),
            })?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn unknown(id: &str) -> Failure {
    let failure = Failure::usage(format!("there is no control `{id}`"));
    match baseline::nearest(id, CONTROLS.iter().map(|control| control.meta().id)) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint("`trueup controls` lists them"),
    }
}
