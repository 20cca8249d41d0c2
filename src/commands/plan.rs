//! `trueup plan`: compare every account with the baseline and show the drift.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anstream::StripStream;

use super::asked_file::{self, AskedFile, AskedReport};
use super::output::Output;
use super::scene::{Moment, Scene};
use super::{exit, reach, rollout, state};
use crate::assessment::{Assessment, Count, Standing, Summary};
use crate::baseline::Tone;
use crate::cli::{self, Format};
use crate::engine::{Collect, EvidenceFile, InOrder, KeptRun, Listener, Spool};
use crate::failure::Failure;
use crate::frameworks::Framework;
use crate::history::Past;
use crate::observe::Evidence;
use crate::plan::{BaselineLine, FORMAT, Header};
use crate::report::text::Gathered;
use crate::report::{self, TOOL};
use crate::target::{AccountId, Region};

pub(super) async fn run(typed: &cli::Plan, output: &Output) -> Result<ExitCode, Failure> {
    let moment = Moment::now();
    let file = typed.out.as_deref().map(AskedFile::open).transpose()?;
    let reports = asked_file::reports(&typed.reports)?;
    let keeping = typed.save_evidence.as_ref().map(|_| Arc::new(Evidence::default()));
    let scene = if let Some(path) = &typed.from_evidence {
        reach_nothing(&typed.scoped.reach)?;
        let kept = KeptRun::read(path).map_err(|error| unreadable(path, &error))?;
        Scene::kept(&typed.scoped, kept, &moment)?
    } else {
        let options = reach::options(&typed.scoped.reach, &moment.run);
        Scene::live(&typed.scoped, options, &moment, keeping.clone()).await?
    };
    let keeping = match (&typed.save_evidence, &keeping) {
        (Some(path), Some(evidence)) => Some((path.as_path(), evidence.as_ref())),
        _ => None,
    };
    let progress = output.progress(scene.traffic());
    let concurrency = usize::from(typed.scoped.reach.concurrency);
    let state = typed.reports.state.as_ref();
    let spool = state::spool(state)?;
    let past = state::past(state, scene.reached.as_deref(), scene.baseline.contested_days(), moment.now).await;
    // What is told at once need not be kept.
    if output.format == Format::Text && typed.framework.is_none() && file.is_none() && reports.is_empty() {
        let mut gathered = Gathered::new(typed.detail, scene.menders());
        let ids = scene.accounts.iter().map(|account| account.id.clone());
        let told = InOrder::new(ids, spool, |found: &Assessment| gathered.take(found));
        let (header, _) = make(&scene, &moment, &past, told, concurrency, &progress, keeping).await?;
        drop(progress);
        output.result(|out| report::text::gathered_plan(&header, gathered, out))?;
        output.say_traffic(&(scene.traffic())());
        return Ok(exit::of_plan(&header.summary));
    }
    let (mut header, mut spool) = make(&scene, &moment, &past, spool, concurrency, &progress, keeping).await?;
    drop(progress);
    header.framework = typed.framework.map(|framework| standing(framework, &mut spool)).transpose()?;
    if let Some(file) = file {
        file.write(|out| report::json::plan(&header, &mut spool, out).map(drop))?;
    }
    for report in reports {
        write_report(report, &header, &mut spool, typed.detail)?;
    }
    show(output, &header, &mut spool, typed.detail)?;
    output.say_traffic(&(scene.traffic())());
    if let Some(path) = typed.out.as_ref().filter(|_| spool.summary().changes.add + spool.summary().changes.change > 0)
    {
        output.say(&format!("\nTo do exactly this: trueup apply {}", path.display()));
    }
    Ok(exit::of_plan(spool.summary()))
}

/// How what was found stands against a framework.
fn standing(framework: Framework, spool: &mut Spool) -> Result<Standing, Failure> {
    let mut count = Count::of(framework);
    let read = spool.read(|found| {
        count.add(&found.verdicts);
        Ok(())
    });
    read.map_err(|error| Failure::failed(format!("could not read back what was found: {error}")))?;
    Ok(count.end())
}

/// Refuses what says how AWS is reached, where nobody reaches it: no option is passed over in silence.
fn reach_nothing(reach: &cli::Reach) -> Result<(), Failure> {
    let typed = [
        ("--profile", reach.profile.is_some()),
        ("--region", reach.region.is_some()),
        ("--read-role", !reach.read_role.is_empty()),
        ("--write-role", reach.write_role.is_some()),
        ("--external-id", reach.external_id.is_some()),
        ("--endpoint-url", reach.endpoint_url.is_some()),
    ];
    match typed.into_iter().find(|(_, typed)| *typed) {
        None => Ok(()),
        Some((option, _)) => Err(Failure::usage(format!("kept evidence is judged without AWS: {option} is refused"))
            .hint("give it to the run that keeps the evidence")),
    }
}

/// Judges every account of a scene, and hands what is found to a collector.
pub(super) async fn make<C: Collect>(
    scene: &Scene,
    moment: &Moment,
    past: &Past,
    mut collected: C,
    concurrency: usize,
    listener: &dyn Listener,
    keeping: Option<(&Path, &Evidence)>,
) -> Result<(Header, C), Failure> {
    let mut regions: BTreeSet<Region> = BTreeSet::new();
    let mut used: BTreeSet<usize> = BTreeSet::new();
    let mut written: BTreeSet<AccountId> = BTreeSet::new();
    let management = scene.survey.organization.management_account.clone();
    let unkept = |error: &io::Error| asked_file::unwritable(keeping.map_or(Path::new(""), |(path, _)| path), error);
    let mut file = keeping
        .map(|(path, _)| EvidenceFile::create(path, &scene.survey.organization, &scene.survey.home_region))
        .transpose()
        .map_err(|error| unkept(&error))?;
    // An account has up to eight reads in flight, and seldom that many: a quarter of the cap keeps it busy.
    let at_once = (concurrency / 4).clamp(1, 256);
    let found = |mut assessment: crate::assessment::Assessment| {
        for change in &mut assessment.changes {
            change.contested = past.contested(change);
        }
        regions.extend(assessment.regions.iter().cloned());
        let writes = assessment.changes.iter().filter(|change| change.can_be_applied());
        written.extend(writes.map(|change| change.account.clone()));
        used.extend(assessment.verdicts.iter().filter_map(|row| row.exemption));
        if let (Some(file), Some((_, evidence))) = (&mut file, keeping)
            && Some(&assessment.account.id) != management.as_ref()
        {
            file.add(&assessment.account.id, evidence.take(&assessment.account.id))?;
        }
        collected.add(assessment)
    };
    scene.survey.run(&scene.accounts, at_once, listener, found).await?;
    if let (Some(mut file), Some((_, evidence))) = (file, keeping) {
        let rest = evidence.accounts();
        let written = rest.iter().try_for_each(|account| file.add(account, evidence.take(account)));
        written.and_then(|()| file.end()).map_err(|error| unkept(&error))?;
    }
    let mut header = header(scene, moment, collected.summary(), regions, &used);
    header.rollout = rollout::asked(scene, &written);
    header.warnings.extend(rollout::warning(scene, &header));
    header.warnings.extend(past.unread.iter().cloned());
    Ok((header, collected))
}

fn header(
    scene: &Scene,
    moment: &Moment,
    summary: &Summary,
    regions: BTreeSet<Region>,
    used: &BTreeSet<usize>,
) -> Header {
    let mut warnings = scene.warnings.clone();
    // What could not be read may have been what an exemption is for.
    if summary.complete() && scene.everything() {
        warnings.extend(scene.baseline.unused(used).iter().map(|unused| unused.render(Tone::Warning)));
    }
    Header {
        format: FORMAT.to_owned(),
        tool: TOOL.to_owned(),
        created: moment.now,
        created_by: scene.reached.as_ref().map(|reached| reached.caller.arn.clone()),
        organization: scene.organization(),
        baseline: BaselineLine {
            name: scene.baseline.name.clone(),
            digest: scene.baseline.digest.clone(),
            organization: scene.pinned(),
        },
        complete: summary.complete(),
        home_region: scene.survey.home_region.clone(),
        regions: regions.into_iter().collect(),
        warnings,
        summary: summary.clone(),
        access: scene.access.clone(),
        rollout: None,
        framework: None,
    }
}

/// Shows a plan on stdout.
pub(super) fn show(output: &Output, header: &Header, spool: &mut Spool, detail: bool) -> Result<(), Failure> {
    output.result(|out| match output.format {
        Format::Text => report::text::plan(header, &mut *spool, detail, out),
        Format::Json => report::json::plan(header, spool, out).map(drop),
        Format::Markdown => markdown(header, spool, detail, out),
    })
}

fn write_report((format, file): AskedReport, header: &Header, spool: &mut Spool, detail: bool) -> Result<(), Failure> {
    file.write(|out| match format {
        Format::Json => report::json::plan(header, spool, out).map(drop),
        Format::Text => report::text::plan(header, &mut *spool, detail, &mut StripStream::new(out)),
        Format::Markdown => markdown(header, spool, detail, out),
    })
}

/// The digest is that of the plan file, whether one is written or not.
fn markdown(header: &Header, spool: &mut Spool, detail: bool, out: &mut dyn io::Write) -> io::Result<()> {
    let digest = report::json::plan(header, spool, &mut io::sink())?;
    report::markdown::plan(header, spool, &digest, detail, out)
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("could not read the evidence {}: {error}", path.display()))
        .hint("make it with `trueup plan --save-evidence FILE`")
}
