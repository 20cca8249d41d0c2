//! `trueup init`: ask AWS which organization this is, and write a commented baseline file.

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

use super::output::Output;
use super::reach::{self, Reached};
use super::scene::Moment;
use crate::baseline::{Baseline, commented};
use crate::cli;
use crate::controls;
use crate::failure::Failure;
use crate::organization;

pub(super) async fn run(typed: &cli::Init, output: &Output) -> Result<ExitCode, Failure> {
    let moment = Moment::now();
    Baseline::load(&typed.from, &controls::shapes(), moment.today())?;
    let reached = Reached::new(reach::options(&typed.reach, &moment.run)).await?;
    let (id, management) = organization::identify(&reached.organizations()).await?;
    let (Some(id), Some(management)) = (id, management) else {
        return Err(Failure::failed("the answer of Organizations has no id or no management account"));
    };
    if typed.reach.organization.as_ref().is_some_and(|wanted| *wanted != id) {
        return Err(Failure::usage(format!("--organization says otherwise: these credentials are of {id}")));
    }
    let id = id.parse().map_err(|error| Failure::failed(format!("Organizations answered: {error}")))?;
    let name = typed.out.file_stem().map_or_else(|| "baseline".into(), |stem| stem.to_string_lossy());
    let text = commented(&id, &management, &name, &typed.from);
    let path = typed.out.display();
    let written = File::create_new(&typed.out).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Failure::usage(format!("{path} is there already, and is not overwritten"))
            .hint("give another file with --out"),
        _ => Failure::failed(format!("could not write {path}: {error}")),
    })?;
    output.result(|out| writeln!(out, "{path} holds {id} to {}; next: trueup plan -b {path}", typed.from))?;
    Ok(ExitCode::SUCCESS)
}
