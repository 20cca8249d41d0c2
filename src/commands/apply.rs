//! `trueup apply`: enforce a plan, or plan, ask and enforce.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use super::output::Output;
use super::reach::{self, Reached, Reads, Writes};
use super::scene::{Moment, Scene};
use super::{exit, plan};
use crate::cli::{self, Format};
use crate::control::AnyControl;
use crate::controls;
use crate::engine::allow::Allow;
use crate::engine::apply::{Apply, Outcome};
use crate::engine::{Listener, Source, Spool, Survey, Terms};
use crate::failure::Failure;
use crate::observe::Homes;
use crate::organization::{self, Account, Organization, State, Wanted};
use crate::plan::{Access, Change, Header, PlanFile};
use crate::report::{self, Applied};

pub(super) async fn run(typed: &cli::Apply, output: &Output) -> Result<ExitCode, Failure> {
    let moment = Moment::now();
    match &typed.plan {
        Some(path) => saved(typed, path, &moment, output).await,
        None => asked(typed, &moment, output).await,
    }
}

/// A saved plan: no question.
async fn saved(typed: &cli::Apply, path: &Path, moment: &Moment, output: &Output) -> Result<ExitCode, Failure> {
    if typed.scoped.from.baseline.is_some() || typed.scoped.select.any() {
        return Err(Failure::usage(
            "a plan file says what is applied: --baseline, selectors and --regions are refused",
        )
        .hint("make another plan with them"));
    }
    let refused = |refused| Failure::usage(refused);
    let file = PlanFile::read(path).map_err(refused)?;
    file.check_age(path, moment.now, typed.max_age).map_err(refused)?;
    let reached = Arc::new(Reached::new(reach::options(&typed.scoped.reach, &moment.run)).await?);
    carry_out(&file, &reached, typed, moment, output).await
}

/// No plan: make one, show it, ask, apply it.
async fn asked(typed: &cli::Apply, moment: &Moment, output: &Output) -> Result<ExitCode, Failure> {
    if !typed.auto_approve && !io::stdin().is_terminal() {
        return Err(Failure::usage(
            "there is nobody to ask: without a terminal apply takes a plan file or --auto-approve",
        )
        .hint("trueup plan --out plan.json, then trueup apply plan.json"));
    }
    let scene = Scene::live(&typed.scoped, reach::options(&typed.scoped.reach, &moment.run), moment, None).await?;
    let progress = output.progress(scene.traffic());
    let spool = plan::new_spool(typed.reports.state.as_deref())?;
    let concurrency = usize::from(typed.scoped.reach.concurrency);
    let (header, mut spool) = plan::make(&scene, moment, spool, concurrency, &progress, None).await?;
    drop(progress);
    if output.format == Format::Text {
        plan::show(output, &header, &mut spool, false)?;
    }
    let file = in_memory(header, &mut spool)?;
    let reached = scene.reached.clone().expect("a live scene reached AWS");
    if file.changes.iter().any(Change::can_be_applied) && !typed.auto_approve && !approved(output)? {
        return Err(Failure::failed("not approved: nothing was changed"));
    }
    carry_out(&file, &reached, typed, moment, output).await
}

pub(super) fn in_memory(header: Header, spool: &mut Spool) -> Result<PlanFile, Failure> {
    let mut file =
        PlanFile { header, accounts: vec![], terms: vec![], verdicts: vec![], changes: vec![], digest: String::new() };
    let read = spool.read(|found| {
        file.accounts.push(found.account);
        file.terms.extend(found.terms);
        file.verdicts.extend(found.verdicts);
        file.changes.extend(found.changes);
        Ok(())
    });
    read.map_err(|error| Failure::failed(format!("could not read what was found: {error}")))?;
    file.digest = file.content_digest();
    Ok(file)
}

/// Asks; only `yes` counts.
fn approved(output: &Output) -> Result<bool, Failure> {
    output.must_say(
        "\nDo you want to perform these changes?\n  trueup will do exactly what is shown above. Only `yes` is accepted.\n",
    );
    output.ask("  Enter a value: ");
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    read.map_err(|error| Failure::failed(format!("could not read the answer: {error}")))?;
    Ok(answer.trim() == "yes")
}

async fn carry_out(
    file: &PlanFile,
    reached: &Arc<Reached>,
    typed: &cli::Apply,
    moment: &Moment,
    output: &Output,
) -> Result<ExitCode, Failure> {
    let mut access = file.header.access.clone();
    if let Some(role) = &typed.scoped.reach.write_role {
        access.write_role = Some(role.clone());
    }
    check(file, &access, reached, typed.scoped.reach.organization.as_deref()).await?;
    let traffic = Arc::clone(reached);
    let progress = output.progress(move || traffic.base.traffic());
    let outcomes =
        enforce(file, reached, &access, &typed.allow, usize::from(typed.scoped.reach.concurrency), moment, &progress)
            .await?;
    drop(progress);
    let applied = Applied {
        run: &moment.run,
        created: moment.now,
        plan: &file.digest,
        organization: &file.header.organization,
        accounts: &file.accounts,
        changes: &file.changes,
        outcomes: &outcomes,
    };
    for report in &typed.reports.report {
        write_report(report, &applied)?;
    }
    output.result(|out| match output.format {
        Format::Text => report::text::apply(&applied, out),
        Format::Json => report::json::apply(&applied, out),
    })?;
    output.say_traffic(&reached.base.traffic());
    Ok(exit::of_apply(file.header.complete, &outcomes))
}

fn write_report(report: &cli::Report, applied: &Applied<'_>) -> Result<(), Failure> {
    let written = std::fs::File::create(&report.path).and_then(|file| {
        let mut out = anstream::StripStream::new(file);
        match report.format {
            Format::Text => report::text::apply(applied, &mut out),
            Format::Json => report::json::apply(applied, &mut out),
        }
    });
    written.map_err(|error| plan::unwritable(&report.path, &error))
}

/// Refuses what may not be applied here: no organization named, or another one; no role to write with.
async fn check(file: &PlanFile, access: &Access, reached: &Reached, typed: Option<&str>) -> Result<(), Failure> {
    let planned = &file.header.organization;
    let Some(named) = typed.or(file.header.baseline.organization.as_deref()) else {
        return Err(Failure::usage(
            "apply needs to know which organization it may write to, and the baseline does not say",
        )
        .hint("set `organization:` in the baseline and plan again, or give --organization"));
    };
    if planned.id.as_deref().is_some_and(|id| id != named) {
        let id = planned.id.as_deref().unwrap_or_default();
        return Err(Failure::usage(format!("the plan is of {id}, and only {named} may be written")));
    }
    let members = |change: &&Change| Some(&change.account) != planned.management_account.as_ref();
    let writes = file.changes.iter().filter(|change| change.can_be_applied()).find(members);
    if let Some(change) = writes
        && access.write_role.is_none()
        && access.accounts.get(&change.account).is_none_or(|account| account.write_role.is_none())
    {
        return Err(Failure::usage("apply needs a role to write with, and there is no default")
            .hint("set `access.write_role` in the baseline and plan again, or give --write-role"));
    }
    let (found, _) = organization::identify(&reached.organizations()).await?;
    if found.as_deref() != Some(named) {
        let found = found.unwrap_or_default();
        return Err(Failure::usage(format!("only {named} may be written, and these credentials are of {found}")));
    }
    Ok(())
}

/// Carries out a plan that was checked.
pub(super) async fn enforce(
    file: &PlanFile,
    reached: &Arc<Reached>,
    access: &Access,
    allow: &[Allow],
    at_once: usize,
    moment: &Moment,
    listener: &dyn Listener,
) -> Result<Vec<Outcome>, Failure> {
    let management = file.header.organization.management_account.clone();
    let ids: std::collections::BTreeSet<&str> = file.changes.iter().map(|change| change.control.as_str()).collect();
    let used: Vec<&'static dyn AnyControl> = ids.into_iter().filter_map(controls::find).collect();
    let reads = Reads::new(reached, access, management.as_ref(), &used);
    let writes = Arc::new(Writes::new(reached, access, management.as_ref(), &used, &file.changes));
    let home = management.as_ref().map(|account| reads.session(account));
    let terms = file.terms.clone();
    let enter = Arc::clone(&writes);
    let homes = Homes::live(home, file.header.home_region.clone(), None).with_regions(file.header.regions.clone());
    let survey = Survey {
        terms: Box::new(move |account| terms_of(&terms, account)),
        regions: Wanted::These(file.header.regions.clone()),
        organization: Organization {
            id: file.header.organization.id.clone(),
            management_account: management,
            partition: reached.caller.partition.clone(),
            arn: None,
            feature_set: None,
            accounts: vec![],
            units: vec![],
            unknown: vec![],
        },
        home_region: file.header.home_region.clone(),
        today: moment.today(),
        source: Source::Live(Box::new(move |account| enter.session(account))),
        homes: Arc::new(homes),
        only: vec![],
        without: vec![],
    };
    let accounts: Vec<Account> = file.accounts.iter().map(account_of).collect();
    let enter = |account: &crate::target::AccountId| writes.session(account);
    let apply = Apply { survey: &survey, enter: &enter, accounts: &accounts, allow, at_once };
    Ok(apply.run(&file.changes, listener).await)
}

fn terms_of(all: &[Terms], account: &Account) -> Terms {
    let of = all.iter().find(|terms| terms.account == account.id).cloned();
    of.unwrap_or_else(|| Terms {
        account: account.id.clone(),
        settings: std::collections::BTreeMap::new(),
        accepted: vec![],
        unreachable: None,
        read_only: None,
    })
}

fn account_of(line: &crate::assessment::AccountLine) -> Account {
    Account {
        id: line.id.clone(),
        name: Some(line.name.clone()),
        state: State::from(line.state.clone()),
        ou_path: line.ou_path.clone(),
        ou_ids: vec![],
        tags: None,
    }
}
