//! `trueup accounts`: the accounts in scope and how they are reached.

use std::process::ExitCode;

use super::output::Output;
use super::reach::{self, Reads};
use super::scene::{Moment, Scene, Typed};
use crate::cli::{self, Format};
use crate::failure::Failure;
use crate::organization::Account;
use crate::report::accounts::{self, Entry};

pub(super) async fn run(typed: &cli::Accounts, output: &Output) -> Result<ExitCode, Failure> {
    let moment = Moment::now();
    let scene_typed = Typed { from: typed.from.clone(), reach: typed.reach.clone(), select: typed.select.clone() };
    let scene = Scene::live(&scene_typed, reach::options(&typed.reach, &moment.run), &moment, None).await?;
    let reached = scene.reached.clone().expect("a live scene reached AWS");
    let management = scene.survey.organization.management_account.as_ref();
    let reads = Reads::new(&reached, &scene.access, management, &[]);
    let reached = |account: &Account| {
        if account.state.is_active() { reads.way(&account.id) } else { format!("skipped: {}", account.state) }
    };
    let entries: Vec<Entry<'_>> =
        scene.accounts.iter().map(|account| Entry { account, reached: reached(account) }).collect();
    let organization = &scene.survey.organization;
    output.result(|out| match output.format {
        Format::Text => accounts::text(organization, &entries, out),
        Format::Json => accounts::json(organization, &entries, out),
    })?;
    Ok(ExitCode::SUCCESS)
}
