//! `trueup plan`: compare every account with the baseline and show the drift.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anstream::StripStream;
use etcetera::BaseStrategy as _;

use super::output::Output;
use super::scene::{Moment, Scene};
use super::{exit, reach};
use crate::baseline::Tone;
use crate::cli::{self, Format};
use crate::engine::{EvidenceFile, KeptRun, Listener, Spool};
use crate::failure::Failure;
use crate::observe::Evidence;
use crate::plan::{BaselineLine, FORMAT, Header};
use crate::report::{self, TOOL};
use crate::target::Region;

pub(super) async fn run(typed: &cli::Plan, output: &Output) -> Result<ExitCode, Failure> {
    let moment = Moment::now();
    let keeping = typed.save_evidence.as_ref().map(|_| Arc::new(Evidence::default()));
    let scene = if let Some(path) = &typed.from_evidence {
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
    let spool = new_spool(typed.reports.state.as_deref())?;
    let (header, mut spool) = make(&scene, &moment, spool, concurrency, &progress, keeping).await?;
    drop(progress);
    if let Some(path) = &typed.out {
        report::json::plan_file(path, &header, &mut spool).map_err(|error| unwritable(path, &error))?;
    }
    for report in &typed.reports.report {
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

/// Room for what will be found: in the folder that was named, or that of the system for a program's state. Where that
/// cannot be written, as in many containers, what is found waits among the temporary files.
pub(super) fn new_spool(named: Option<&Path>) -> Result<Spool, Failure> {
    if let Some(folder) = named {
        return Spool::new(Some(folder)).map_err(|error| {
            let folder = folder.display();
            Failure::failed(format!("could not make room for what is found in {folder}: {error}"))
                .hint("--state names another folder")
        });
    }
    let state = etcetera::choose_base_strategy().ok().and_then(|folders| folders.state_dir());
    if let Some(spool) = state.and_then(|folder| Spool::new(Some(&folder.join("trueup"))).ok()) {
        return Ok(spool);
    }
    Spool::new(None).map_err(|error| Failure::failed(format!("could not make room for what is found: {error}")))
}

/// Judges every account of a scene. What is found waits in the spool.
pub(super) async fn make(
    scene: &Scene,
    moment: &Moment,
    mut spool: Spool,
    concurrency: usize,
    listener: &dyn Listener,
    keeping: Option<(&Path, &Evidence)>,
) -> Result<(Header, Spool), Failure> {
    let mut regions: BTreeSet<Region> = BTreeSet::new();
    let mut used: BTreeSet<usize> = BTreeSet::new();
    let management = scene.survey.organization.management_account.clone();
    let mut file = keeping
        .map(|(path, _)| EvidenceFile::create(path, &scene.survey.organization, &scene.survey.home_region))
        .transpose()
        .map_err(|error| Failure::failed(format!("could not write the evidence: {error}")))?;
    // An account has up to eight reads in flight, and seldom that many: a quarter of the cap keeps it busy.
    let at_once = (concurrency / 4).clamp(1, 256);
    let found = |assessment: crate::assessment::Assessment| {
        regions.extend(assessment.regions.iter().cloned());
        used.extend(assessment.verdicts.iter().filter_map(|row| row.exemption));
        if let (Some(file), Some((_, evidence))) = (&mut file, keeping)
            && Some(&assessment.account.id) != management.as_ref()
        {
            file.add(&assessment.account.id, evidence.take(&assessment.account.id))?;
        }
        spool.add(&assessment)
    };
    scene.survey.run(&scene.accounts, at_once, listener, found).await?;
    if let (Some(mut file), Some((_, evidence))) = (file, keeping) {
        let rest = evidence.accounts();
        let written = rest.iter().try_for_each(|account| file.add(account, evidence.take(account)));
        written
            .and_then(|()| file.end())
            .map_err(|error| Failure::failed(format!("could not write the evidence: {error}")))?;
    }
    let header = header(scene, moment, &spool, regions, &used);
    Ok((header, spool))
}

fn header(scene: &Scene, moment: &Moment, spool: &Spool, regions: BTreeSet<Region>, used: &BTreeSet<usize>) -> Header {
    let summary = spool.summary().clone();
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
        summary,
        access: scene.access.clone(),
    }
}

/// Shows a plan on stdout.
pub(super) fn show(output: &Output, header: &Header, spool: &mut Spool, detail: bool) -> Result<(), Failure> {
    output.result(|out| match output.format {
        Format::Text => report::text::plan(header, &mut *spool, detail, out),
        Format::Json => report::json::plan(header, spool, out),
    })
}

fn write_report(report: &cli::Report, header: &Header, spool: &mut Spool, detail: bool) -> Result<(), Failure> {
    let written = match report.format {
        Format::Json => report::json::plan_file(&report.path, header, spool),
        Format::Text => write_text(&report.path, header, spool, detail),
    };
    written.map_err(|error| unwritable(&report.path, &error))
}

fn write_text(path: &Path, header: &Header, spool: &mut Spool, detail: bool) -> io::Result<()> {
    let mut out = StripStream::new(File::create(path)?);
    report::text::plan(header, &mut *spool, detail, &mut out)?;
    out.flush()
}

pub(super) fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::failed(format!("could not write {}: {error}", path.display()))
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("could not read the evidence {}: {error}", path.display()))
        .hint("make it with `trueup plan --save-evidence FILE`")
}
