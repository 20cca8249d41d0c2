//! `trueup apply`: enforce a plan, or plan, ask and enforce.

use std::cell::Cell;
use std::io::{self, BufRead as _, IsTerminal as _, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anstream::StripStream;
use futures::future::LocalBoxFuture;

use super::asked_file::{self, AskedReport};
use super::enforce::Enforcement;
use super::interrupts::Interrupts;
use super::keep::{Keeping, Planned};
use super::output::Output;
use super::reach::{self, Reached};
use super::scene::{Moment, Scene};
use super::told::Told;
use super::{exit, gate, given_plan, keep, lock, plan, rollout, scene, state};
use crate::baseline::AccountFacts;
use crate::cli::{self, Format, Scoped};
use crate::engine::apply::{Carried, Outcome, PROPAGATION};
use crate::engine::journal::{Journalled, Says};
use crate::engine::lock::{Lock, Locked};
use crate::engine::stop::Stop;
use crate::engine::{Collect as _, Spool};
use crate::failure::Failure;
use crate::organization;
use crate::plan::{Access, Change, Header, PlanFile, Rollout};
use crate::report::{self, Applied};

pub(super) async fn run(typed: &cli::Apply, output: &Output, interrupts: &Interrupts) -> Result<ExitCode, Failure> {
    if typed.reports.report.iter().any(|report| report.format == Format::Markdown) {
        return Err(Failure::usage("there is no Markdown report of an apply, only of a plan"));
    }
    let applying = Applying { typed, output, interrupts, moment: Moment::now() };
    // Once something is written to AWS it is too late to find out that there is no place for the report.
    let reports = asked_file::reports(&typed.reports)?;
    match &typed.plan {
        Some(path) => Box::pin(applying.saved(path, reports)).await,
        None => Box::pin(applying.asked(reports)).await,
    }
}

/// Asks about a plan that was made and shown, and carries it out.
pub(super) async fn made(
    typed: &cli::Apply,
    output: &Output,
    interrupts: &Interrupts,
    moment: Moment,
    header: Header,
    mut spool: Spool,
) -> Result<ExitCode, Failure> {
    let applying = Applying { typed, output, interrupts, moment };
    let reports = asked_file::reports(&typed.reports)?;
    let file = in_memory(header, &mut spool)?;
    let rollout = rollout::over(&typed.rollout, &file, output)?;
    rollout::check(&rollout, &file, &typed.allow)?;
    applying.unless_interrupted(Box::pin(applying.approve(&spool))).await?;
    let options = reach::options(&typed.scoped.reach, &applying.moment.run);
    let reaching = async { Ok(Arc::new(Reached::new(options).await?)) };
    let reached = applying.unless_interrupted(Box::pin(reaching)).await?;
    Box::pin(applying.carry_out(Planned::just_made(file), &rollout, reports, &reached)).await
}

/// Refuses where a question would have nobody to answer it.
pub(super) fn somebody_to_ask(typed: &cli::Apply, otherwise: &str) -> Result<(), Failure> {
    if typed.auto_approve || io::stdin().is_terminal() {
        return Ok(());
    }
    Err(Failure::usage(format!("there is nobody to ask: {otherwise}")))
}

/// One apply.
struct Applying<'a> {
    typed: &'a cli::Apply,
    output: &'a Output,
    interrupts: &'a Interrupts,
    moment: Moment,
}

const INTERRUPTED: &str = "interrupted";

impl Applying<'_> {
    /// A saved plan: no question.
    async fn saved(&self, path: &Path, reports: Vec<AskedReport>) -> Result<ExitCode, Failure> {
        let Scoped { from, select, reach } = &self.typed.scoped;
        if !reach.read_role.is_empty() || reach.external_id.is_some() {
            return Err(Failure::usage(
                "a plan file says how accounts are entered: --read-role and --external-id are refused",
            )
            .hint("make another plan with them"));
        }
        if from.baseline.is_some() || select.any() {
            return Err(Failure::usage(
                "a plan file says what is applied: --baseline, selectors and --regions are refused",
            )
            .hint("make another plan with them"));
        }
        let given = self.unless_interrupted(Box::pin(given_plan::read(path))).await?;
        let file = given.file;
        let gate = &self.typed.gate;
        gate::check_digest(gate.expect_digest.as_deref(), path, &file)?;
        file.check_age(path, self.moment.now, self.typed.max_age).map_err(Failure::usage)?;
        let approvals = gate::Approvals::read(gate, reach.organization.as_deref(), path, &file, self.moment.now)?;
        let reaching = async {
            let reached = Arc::new(Reached::new(reach::options(reach, &self.moment.run)).await?);
            let approvals = approvals.prove(&reached, self.output).await?;
            Ok((reached, approvals))
        };
        let (reached, approvals) = self.unless_interrupted(Box::pin(reaching)).await?;
        let rollout = rollout::over(&self.typed.rollout, &file, self.output)?;
        let planned = Planned { file, text: Cell::new(Some(given.text)), approvals };
        self.carry_out(planned, &rollout, reports, &reached).await
    }

    /// No plan: make one, show it, ask, apply it.
    async fn asked(&self, reports: Vec<AskedReport>) -> Result<ExitCode, Failure> {
        somebody_to_ask(self.typed, "without a terminal apply takes a plan file or --auto-approve")
            .map_err(|failure| failure.hint("trueup plan --out plan.json, then trueup apply plan.json"))?;
        let (scene, file, rollout) = self.unless_interrupted(Box::pin(self.approved_plan())).await?;
        let reached = scene.reached.clone().expect("a live scene reached AWS");
        self.carry_out(Planned::just_made(file), &rollout, reports, &reached).await
    }

    /// A plan that was shown and, where there is a question, said yes to. What would be refused whatever the answer is
    /// refused before the question.
    async fn approved_plan(&self) -> Result<(Scene, PlanFile, Rollout), Failure> {
        let Self { typed, output, moment, .. } = self;
        let reach = &typed.scoped.reach;
        let mut baseline = scene::load(&typed.scoped, moment.today())?;
        rollout::retype(&mut baseline, &typed.rollout)?;
        let options = reach::options(reach, &moment.run);
        let scene = Scene::held_to(baseline, &typed.scoped, options, moment, None).await?;
        let accounts: Vec<AccountFacts> = scene.accounts.iter().map(AccountFacts::from).collect();
        rollout::check_matches(&typed.rollout, &accounts)?;
        let progress = output.progress(scene.traffic());
        let spool = state::spool(typed.reports.state.as_ref())?;
        let concurrency = usize::from(reach.concurrency);
        let (state, days) = (typed.reports.state.as_ref(), scene.baseline.contested_days());
        let past = state::past(state, scene.reached.as_deref(), days, moment.now).await;
        let (header, mut spool) = plan::make(&scene, moment, &past, spool, concurrency, &progress, None).await?;
        drop(progress);
        if output.format == Format::Text {
            plan::show(output, &header, &mut spool, false)?;
        }
        let file = in_memory(header, &mut spool)?;
        let rollout = rollout::of(&typed.rollout, &file);
        rollout::check(&rollout, &file, &typed.allow)?;
        lock::check(typed.lock.as_ref(), &file, output.in_ci())?;
        self.approve(&spool).await?;
        Ok((scene, file, rollout))
    }

    /// Asks about a plan that was shown, unless there is nothing to do.
    async fn approve(&self, spool: &Spool) -> Result<(), Failure> {
        let changes = spool.summary().changes;
        let something = changes.add + changes.change + changes.remove > 0;
        if something && !self.typed.auto_approve && !approved(self.output, QUESTION).await? {
            return Err(Failure::failed("not approved: nothing was changed"));
        }
        Ok(())
    }

    /// Before anything is written, an interrupt ends the run.
    async fn unless_interrupted<T>(&self, doing: LocalBoxFuture<'_, Result<T, Failure>>) -> Result<T, Failure> {
        tokio::select! {
            done = doing => done,
            () = self.interrupts.first() => Err(Failure::interrupted()),
        }
    }

    async fn carry_out(
        &self,
        planned: Planned,
        rollout: &Rollout,
        reports: Vec<AskedReport>,
        reached: &Arc<Reached>,
    ) -> Result<ExitCode, Failure> {
        let Self { typed, output, moment, .. } = self;
        let file = &planned.file;
        let mut access = file.header.access.clone();
        if let Some(role) = &typed.scoped.reach.write_role {
            access.write_role = Some(role.clone());
        }
        let named = typed.scoped.reach.organization.as_deref();
        self.unless_interrupted(Box::pin(check(file, &access, reached, named))).await?;
        rollout::check(rollout, file, &typed.allow)?;
        lock::check(typed.lock.as_ref(), file, output.in_ci())?;
        let tally = rollout::tally(rollout, file);
        let (stop, state) = (Arc::new(Stop::default()), typed.reports.state.as_ref());
        let organization = file.header.organization.id.as_deref().unwrap_or_default();
        let taking = lock::take(typed.lock.as_ref(), state, organization, reached, moment, &stop, output);
        let lock = self.unless_interrupted(Box::pin(taking)).await?;
        let freeze_ignored = typed.rollout.ignore_freeze.clone();
        let kept = keep::begin(&planned, state, reached, moment, &stop, freeze_ignored, output).await;
        let Keeping { journal, doubts, begun } = match kept {
            Ok(kept) => kept,
            Err(failure) => {
                self.release(&*lock).await;
                return Err(failure);
            }
        };
        let scribe = Locked { lock: Arc::clone(&lock), scribe: Journalled(Arc::clone(&journal)) };
        let enforcement = Enforcement {
            file,
            reached,
            access: &access,
            allow: &typed.allow,
            at_once: usize::from(typed.scoped.reach.concurrency),
            moment,
            scribe: &scribe,
            stop: &stop,
            tally: &tally,
            rollout,
            doubts: &doubts,
            begun: &begun,
            propagation: PROPAGATION,
        };
        let carried = Carried::default();
        if self.enforce(&enforcement, &carried).await {
            // That the last line is not kept takes nothing away from what was done.
            let stopped = stop.why().map(str::to_owned).or_else(|| tally.why());
            let _ = journal.add(Says::RunEnds { stopped }).await;
        }
        self.release(&*lock).await;
        let outcomes = carried.outcomes(&file.changes, stop.why().unwrap_or(INTERRUPTED));
        self.tell(&planned, rollout, &outcomes, reports)?;
        output.say_traffic(&reached.base.traffic());
        Ok(match stop.why() {
            Some(INTERRUPTED) => Failure::interrupted().exit_code(),
            Some(why) => {
                output.must_say(&format!("stopped: {why}"));
                exit::of_apply(false, &outcomes)
            }
            None => {
                tally.why().iter().for_each(|why| output.must_say(&format!("stopped: {why}")));
                exit::of_apply(file.header.complete, &outcomes)
            }
        })
    }

    async fn release(&self, lock: &dyn Lock) {
        if let Err(why) = lock.release().await {
            self.output.must_say(&why);
        }
    }

    /// Carries the plan out. The first interrupt lets what is in flight be finished, the second ends it at once.
    /// Answers whether everything in flight was finished.
    async fn enforce(&self, enforcement: &Enforcement<'_>, carried: &Carried) -> bool {
        let traffic = Arc::clone(enforcement.reached);
        let progress = self.output.progress(move || traffic.base.traffic());
        let told = Told { progress, output: self.output };
        let working = enforcement.run(carried, &told);
        tokio::pin!(working);
        tokio::select! {
            () = &mut working => return true,
            () = self.interrupts.first() => {}
        }
        enforcement.stop.ask(INTERRUPTED);
        self.output
            .must_say("interrupted: what is in flight is finished, nothing new is begun; once more to stop at once");
        tokio::select! {
            () = working => true,
            () = self.interrupts.second() => false,
        }
    }

    /// Writes what came of each change to stdout and to the reports.
    fn tell(
        &self,
        planned: &Planned,
        rollout: &Rollout,
        outcomes: &[Outcome],
        reports: Vec<AskedReport>,
    ) -> Result<(), Failure> {
        let Planned { file, approvals, .. } = planned;
        let applied = Applied {
            run: &self.moment.run,
            created: self.moment.now,
            plan: &file.digest,
            organization: &file.header.organization,
            accounts: &file.accounts,
            complete: file.header.complete,
            changes: &file.changes,
            outcomes,
            waves: &rollout.waves,
            approvals,
        };
        // What was written to AWS is told first, whatever becomes of the reports.
        self.output.result(|out| write_result(self.output.format, &applied, out))?;
        for (format, file) in reports {
            file.write(|out| write_result(format, &applied, &mut StripStream::new(out)))?;
        }
        Ok(())
    }
}

fn write_result(format: Format, applied: &Applied<'_>, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Text | Format::Markdown => report::text::apply(applied, out),
        Format::Json => report::json::apply(applied, out),
    }
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

const QUESTION: &str = "\nDo you want to perform these changes?\n  trueup will do exactly what is shown above. \
                        Only `yes` is accepted.\n";

/// Asks; only `yes` counts.
pub(super) async fn approved(output: &Output, question: &str) -> Result<bool, Failure> {
    output.must_say(question);
    output.ask("  Enter a value: ");
    let (tell, told) = tokio::sync::oneshot::channel();
    // A thread of its own, which nobody waits for: an interrupt has to end the run also while it reads.
    std::thread::spawn(move || {
        let mut answer = String::new();
        // Where nobody is left to be told, the run has been interrupted.
        let _ = tell.send(io::stdin().lock().read_line(&mut answer).map(|_| answer));
    });
    let answer = told.await.map_err(|_| Failure::failed("could not read the answer"))?;
    let answer = answer.map_err(|error| Failure::failed(format!("could not read the answer: {error}")))?;
    Ok(answer.trim() == "yes")
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
