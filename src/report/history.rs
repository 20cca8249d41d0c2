//! Kept runs: a line for each, and one of them in full.

use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;

use super::applied::Approved;
use super::page::{BOLD, Grouped, Page, count, paint, safe};
use super::{Applied, Counts, TOOL, text};
use crate::history::{Kept, Problem, Standing};
use crate::plan::{Action, Undone};

/// The format of the JSON document.
pub const FORMAT: &str = "trueup.history/1";

/// One kept run in a list.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    run: String,
    #[serde(flatten)]
    found: Found,
}

#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum Found {
    Whole(Box<Whole>),
    Broken { problem: String },
}

#[derive(Clone, Debug, Serialize)]
struct Whole {
    began: Timestamp,
    ended: String,
    organization: Option<String>,
    plan: String,
    caller: String,
    records: usize,
    torn: bool,
    outcomes: Counts,
    /// Nothing says how it ended.
    #[serde(skip)]
    open: bool,
}

impl Line {
    /// The line of a run, also where it cannot be read.
    #[must_use]
    pub fn of(run: String, kept: &Result<Kept, Problem>) -> Self {
        let found = match kept {
            Ok(kept) => Found::Whole(Box::new(Whole::of(kept))),
            Err(problem) => Found::Broken { problem: problem.to_string() },
        };
        Self { run, found }
    }
}

impl Whole {
    fn of(kept: &Kept) -> Self {
        Self {
            began: kept.began,
            ended: ended(&kept.standing),
            organization: kept.plan.header.organization.id.clone(),
            plan: kept.of.plan.clone(),
            caller: kept.of.caller.clone(),
            records: kept.records.len(),
            torn: kept.torn,
            outcomes: Counts::of_all(&kept.outcomes()),
            open: kept.standing == Standing::Open,
        }
    }
}

fn ended(standing: &Standing) -> String {
    match standing {
        Standing::Finished => "finished".to_owned(),
        Standing::Stopped(why) => format!("stopped: {why}"),
        Standing::Open => "killed, or still at work".to_owned(),
    }
}

/// Writes a list of runs, the oldest first, with ANSI codes.
///
/// # Errors
/// `out` cannot be written.
pub fn list(lines: &[Line], out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out);
    for Line { run, found } in lines {
        page.line(0, paint(BOLD, safe(run)))?;
        match found {
            Found::Broken { problem } => page.line(2, safe(problem))?,
            Found::Whole(whole) => {
                let Whole { began, organization, outcomes, ended, caller, .. } = &**whole;
                let organization = organization.as_deref().unwrap_or("an unknown organization");
                page.line(2, format_args!("apply of {}, {}", began.strftime("%Y-%m-%d %H:%M:%S UTC"), safe(ended)))?;
                page.line(2, format_args!("in {} by {}", safe(organization), safe(caller)))?;
                page.line(2, outcomes)?;
            }
        }
    }
    page.gap()?;
    page.line(0, format_args!("{}.", count(lines.len(), "run")))
}

/// Writes what was found of journals that hold together, with ANSI codes.
///
/// # Errors
/// `out` cannot be written.
pub fn verified(lines: &[Line], out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out);
    for Line { run, found } in lines {
        match found {
            Found::Whole(whole) => {
                let end = match (whole.torn, whole.open) {
                    (true, _) => ", and a last one that was cut off: the run was killed",
                    (false, true) => ", and has no end: the run was killed or is at work, or lines were cut off",
                    (false, false) => "",
                };
                page.line(0, format_args!("{} holds: {}{end}", safe(run), count(whole.records, "record")))?;
            }
            Found::Broken { problem } => page.line(0, format_args!("{}: {}", safe(run), safe(problem)))?,
        }
    }
    let open = lines.iter().filter(|line| matches!(&line.found, Found::Whole(whole) if whole.open)).count();
    let without = if open == 0 { String::new() } else { format!("; {} of them without an end", Grouped(open)) };
    page.gap()?;
    page.line(0, format_args!("{} verified{without}.", count(lines.len(), "journal")))
}

/// Writes one run in full, with ANSI codes.
///
/// # Errors
/// `out` cannot be written.
pub fn run(kept: &Kept, applied: &Applied<'_>, undone: &Undone, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out);
    let began = kept.began.strftime("%Y-%m-%d %H:%M:%S UTC");
    let mut lines = vec![
        ("Run".to_owned(), safe(&kept.of.run).into_owned()),
        ("Began".to_owned(), format!("{began} by {}", safe(&kept.of.caller))),
        ("Ended".to_owned(), safe(&ended(&kept.standing)).into_owned()),
        ("Plan".to_owned(), safe(&kept.of.plan).into_owned()),
    ];
    lines.extend(applied.approved().into_iter().map(|Approved { key, claimed_by, expires }| {
        ("Approved".to_owned(), format!("with {key} until {expires}; as claimed, by {}", safe(claimed_by)))
    }));
    page.columns(0, &lines)?;
    page.gap()?;
    text::apply(applied, out)?;
    write_undone(&mut Page::new(out), &kept.of.run, undone)
}

/// What can be undone of a run, and what of it stays.
fn write_undone(page: &mut Page<'_>, run: &str, undone: &Undone) -> io::Result<()> {
    let (done, stays): (Vec<_>, Vec<_>) = undone.changes.iter().partition(|change| change.can_be_applied());
    page.gap()?;
    if done.is_empty() {
        page.line(0, "Undo: nothing of it can be undone.")?;
    } else {
        let removed = done.iter().filter(|change| change.action == Action::Remove).count();
        let parts = format!("{} to change, {} to remove", Grouped(done.len() - removed), Grouped(removed));
        page.line(0, format_args!("Undo: {parts}, by trueup revert {}", safe(run)))?;
    }
    for change in stays {
        let words = change.manual.as_deref().unwrap_or_default();
        page.line(2, format_args!("{} stays: {}", safe(&change.target().address()), safe(words)))?;
    }
    undone.warnings.iter().try_for_each(|words| page.line(2, safe(words)))
}

/// Writes a list of runs as a JSON document.
///
/// # Errors
/// `out` cannot be written.
pub fn json(runs: &[Line], out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &Document { format: FORMAT, tool: TOOL, runs })?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    tool: &'static str,
    runs: &'a [Line],
}
