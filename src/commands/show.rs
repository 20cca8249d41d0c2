//! `trueup show`: render a plan file.

use std::process::ExitCode;

use super::output::Output;
use super::plan;
use crate::assessment::Assessment;
use crate::cli;
use crate::engine::Spool;
use crate::failure::Failure;
use crate::plan::PlanFile;

pub(super) fn run(typed: &cli::ShowPlan, output: &Output) -> Result<ExitCode, Failure> {
    let PlanFile { header, accounts, terms, mut verdicts, mut changes, .. } =
        PlanFile::read(&typed.plan).map_err(Failure::usage)?;
    let mut spool = Spool::new().map_err(|error| Failure::failed(format!("could not make room: {error}")))?;
    for account in accounts {
        let of = |id: &crate::target::AccountId| *id == account.id;
        let assessment = Assessment {
            regions: vec![],
            verdicts: verdicts.extract_if(.., |row| of(&row.account)).collect(),
            changes: changes.extract_if(.., |change| of(&change.account)).collect(),
            terms: terms.iter().find(|terms| of(&terms.account)).cloned(),
            account,
        };
        spool.add(&assessment).map_err(|error| Failure::failed(format!("could not make room: {error}")))?;
    }
    plan::show(output, &header, &mut spool, typed.detail)?;
    Ok(ExitCode::SUCCESS)
}
