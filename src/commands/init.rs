//! `trueup init`: ask AWS which organization this is, and write a commented baseline file.

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

use super::output::Output;
use super::reach::{self, Reached};
use super::scene::Moment;
use crate::baseline::{SHIPPED, commented};
use crate::cli;
use crate::failure::Failure;
use crate::organization;

pub(super) async fn run(typed: &cli::Init, output: &Output) -> Result<ExitCode, Failure> {
    let moment = Moment::now();
    if !SHIPPED.iter().any(|(name, _)| *name == typed.from) {
        let names: Vec<&str> = SHIPPED.iter().map(|(name, _)| *name).collect();
        return Err(Failure::usage(format!("there is no shipped baseline `{}`", typed.from)).hint(format!(
            "there is: {}; a file of your own goes to `extends` of the file that init writes",
            names.join(", ")
        )));
    }
    let path = typed.out.display();
    // Not when AWS has been asked for nothing.
    if typed.out.exists() {
        return Err(overwrites(&path));
    }
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
    let written = File::create_new(&typed.out).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => overwrites(&path),
        _ => Failure::failed(format!("could not write {path}: {error}")),
    })?;
    output.result(|out| writeln!(out, "{path} holds {id} to {}; next: trueup plan -b {path}", typed.from))?;
    Ok(ExitCode::SUCCESS)
}

fn overwrites(path: &impl std::fmt::Display) -> Failure {
    Failure::usage(format!("{path} is there already, and is not overwritten")).hint("give another file with --out")
}
