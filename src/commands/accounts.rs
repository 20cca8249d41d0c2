//! `trueup accounts`: the accounts in scope and how they are reached.

use std::process::ExitCode;

use super::output::Output;
use super::reach::{self, Reads};
use super::scene::{Moment, Scene};
use crate::cli::{self, Format};
use crate::failure::Failure;
use crate::organization::Account;
use crate::report::accounts::{self, Reachable};

pub(super) async fn run(typed: &cli::Accounts, output: &Output) -> Result<ExitCode, Failure> {
    let moment = Moment::now();
    let scene = Scene::live(&typed.scoped, reach::options(&typed.scoped.reach, &moment.run), &moment, None).await?;
    let reached = scene.reached.clone().expect("a live scene reached AWS");
    let management = scene.survey.organization.management_account.as_ref();
    let reads = Reads::new(&reached, &scene.access, management, &[]);
    let line = |account: &Account| Reachable {
        id: account.id.clone(),
        name: account.name.clone(),
        ou_path: account.ou_path.clone(),
        state: account.state.to_string(),
        reached: account.state.is_active().then(|| reads.way(&account.id)),
    };
    let lines: Vec<Reachable> = scene.accounts.iter().map(line).collect();
    output.result(|out| match output.format {
        Format::Text | Format::Markdown => accounts::text(&lines, out),
        Format::Json => accounts::json(&lines, out),
    })?;
    Ok(ExitCode::SUCCESS)
}
