//! `trueup controls`: the catalogue of controls, the page of each, and how they meet a framework.

use std::process::ExitCode;

use super::output::Output;
use crate::baseline;
use crate::cli::{self, Format};
use crate::controls::{self, CONTROLS};
use crate::failure::Failure;
use crate::report::{controls as report, framework};

pub(super) fn run(typed: &cli::Controls, output: &Output) -> Result<ExitCode, Failure> {
    match (&typed.id, typed.framework) {
        (_, Some(framework)) => output.result(|out| match output.format {
            Format::Text | Format::Markdown => framework::text(framework, typed.level, out),
            Format::Json => framework::json(framework, typed.level, out),
        })?,
        (None, None) => output.result(|out| match output.format {
            Format::Text | Format::Markdown => report::list_text(CONTROLS, out),
            Format::Json => report::list_json(CONTROLS, out),
        })?,
        (Some(id), None) => {
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
