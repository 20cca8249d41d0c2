//! What stands in the way of a plan or an apply, and what mends it.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;

use super::page::{BOLD, DIM, GREEN, Page, RED, YELLOW, count, paint, safe, safe_lines};
use super::{TOOL, escape};
use crate::doctor::{Accounts, Diagnosis, Entered, Group, Kind, Mend, Problem, Setting, mends};
use crate::engine::lock::Holder;
use crate::plan::OrganizationLine;
use crate::target::{AccountId, Region};

/// The format of the JSON document.
pub const FORMAT: &str = "trueup.doctor/1";

/// So many accounts are listed without being asked for.
const FEW: usize = 3;

const OWN: &str = "the caller's own credentials";

/// What a diagnosis stands among.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Around {
    /// When it was made.
    pub created: Timestamp,
    /// The organization.
    pub organization: OrganizationLine,
    /// The name of the baseline, and its digest.
    pub baseline: (String, String),
    /// By how many seconds this machine is ahead of AWS, where that is known.
    pub ahead: Option<i64>,
    /// Where an apply would keep its run.
    pub state: StateLine,
    /// The lock that was looked at.
    pub lock: Option<LockLine>,
    /// What the baseline is warned of.
    pub warnings: Vec<String>,
    /// A statement that allows all that the baseline reads with.
    pub reads: String,
}

/// Where runs are kept, as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateLine {
    /// A folder, or a place in S3.
    pub place: String,
    /// Whether it can be written or, in S3, read.
    pub status: &'static str,
}

/// A lock, as it was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LockLine {
    /// Where it is.
    pub place: String,
    /// `free`, `held`, `expired` or `unreadable`.
    pub status: &'static str,
    /// Who holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<Holder>,
}

/// Writes it for people, with ANSI codes.
///
/// # Errors
/// `out` cannot be written.
pub fn text(
    around: &Around,
    found: &Diagnosis,
    setting: &Setting,
    detail: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut page = Page::new(out);
    page.columns(0, &head(around, setting))?;
    accounts(&mut page, found)?;
    let (problems, notices): (Vec<_>, Vec<_>) = found.problems.iter().partition(|(_, group)| group.incomplete);
    for (title, groups) in [("Problems", &problems), ("Worth knowing", &notices)] {
        if groups.is_empty() {
            continue;
        }
        page.heading(title)?;
        for (problem, group) in groups {
            block(&mut page, (problem, group), found, setting, detail)?;
        }
    }
    if !around.warnings.is_empty() {
        page.heading("Warnings")?;
        let lines = around.warnings.iter().flat_map(|warning| safe_lines(warning)).filter(|line| !line.is_empty());
        lines.into_iter().try_for_each(|line| page.line(2, paint(YELLOW, line)))?;
    }
    if found.problems.keys().any(Problem::is_a_missing_permission) {
        page.heading("All that this baseline reads with, as one statement for the read role")?;
        copied(&mut page, 2, &around.reads)?;
    }
    page.gap()?;
    let last = match problems.len() {
        0 => paint(GREEN, "Nothing is in the way: a plan would be complete."),
        many => paint(RED, format_args!("{}: a plan or an apply would be incomplete.", count(many, "problem"))),
    };
    page.line(0, last)
}

fn head(around: &Around, setting: &Setting) -> Vec<(String, String)> {
    let organization = match (&around.organization.id, &around.organization.management_account) {
        (Some(id), Some(management)) => format!("{id}, managed by {management}"),
        (Some(id), None) => id.clone(),
        (None, _) => "not known".to_owned(),
    };
    let clock = match around.ahead {
        None => "the answer of STS does not say the time".to_owned(),
        Some(0) => "as that of AWS".to_owned(),
        Some(seconds) if seconds > 0 => format!("{seconds} s ahead of AWS"),
        Some(seconds) => format!("{} s behind AWS", seconds.abs()),
    };
    let state = format!("{} {}", around.state.place, around.state.status);
    let line = |name: &str, value: &str| (name.to_owned(), safe(value).into_owned());
    let mut lines = vec![
        line("Caller", &format!("{}, by STS in {}", setting.caller, setting.home_region)),
        line("Organization", &organization),
        line("Baseline", &around.baseline.0),
        line("Clock", &clock),
        line("State", &state),
    ];
    lines.extend(around.lock.iter().map(|lock| line("Lock", &format!("{} is {}", lock.place, lock.status))));
    lines
}

fn accounts(page: &mut Page<'_>, found: &Diagnosis) -> io::Result<()> {
    let Accounts { in_scope, ready, troubled, skipped } = found.accounts;
    page.gap()?;
    let figures = format!("{ready} ready, {troubled} with problems, {skipped} not asked");
    page.line(0, paint(BOLD, format_args!("{}: {figures}", count(in_scope, "account"))))?;
    let mut lines = vec![];
    for (Entered { role, refused }, number) in &found.entered {
        let role = role.as_deref().unwrap_or(OWN);
        let before = if refused.is_empty() { String::new() } else { format!(", after {}", refused.join(", ")) };
        lines.push((format!("entered as {role}{before}"), *number));
    }
    for (says, shapes) in [("read in", &found.regions), ("not enabled are", &found.off)] {
        for (regions, number) in shapes.iter().filter(|(regions, _)| !regions.is_empty()) {
            let regions = regions.iter().map(Region::as_str).collect::<Vec<_>>().join(", ");
            lines.push((format!("{says} {regions}"), *number));
        }
    }
    for ((control, owner), number) in &found.owners {
        lines.push((format!("{control} is set by {owner}"), *number));
    }
    for (why, number) in &found.skipped {
        lines.push((format!("not asked: {why}"), *number));
    }
    lines
        .iter()
        .try_for_each(|(text, number)| page.line(2, format_args!("{}: {}", safe(text), count(*number, "account"))))
}

fn block(
    page: &mut Page<'_>,
    (problem, group): (&Problem, &Group),
    found: &Diagnosis,
    setting: &Setting,
    detail: bool,
) -> io::Result<()> {
    let colour = if group.incomplete { RED } else { YELLOW };
    page.line(2, paint(colour, safe(&problem.says())))?;
    if !group.places.is_empty() {
        let regions = group.places.values().flatten().collect::<BTreeSet<_>>().len();
        let many = if regions == 0 { String::new() } else { format!(", {}", count(regions, "region")) };
        page.line(4, format_args!("{}{many}", count(group.places.len(), "account")))?;
        if detail || group.places.len() <= FEW {
            let one = |(id, regions)| place(id, regions, &found.names);
            group.places.iter().map(one).try_for_each(|line| page.line(6, paint(DIM, line)))?;
        }
    }
    if let Some(words) = &group.words {
        page.line(4, paint(DIM, format_args!("it says: {}", safe(words))))?;
    }
    for Mend { how, copy } in mends(problem, group, found, setting) {
        page.line(4, format_args!("{}:", safe(&how)))?;
        copied(page, 6, &copy)?;
    }
    Ok(())
}

/// What is copied is whole or of no use, so JSON is not cut as other texts are.
fn copied(page: &mut Page<'_>, indent: usize, copy: &str) -> io::Result<()> {
    if copy.starts_with('{') {
        return page.line(indent, escape::json(copy));
    }
    safe_lines(copy).try_for_each(|line| page.line(indent, line))
}

fn place(id: &AccountId, regions: &BTreeSet<Region>, names: &BTreeMap<AccountId, String>) -> String {
    let name = names.get(id).map(|name| format!(" {}", safe(name))).unwrap_or_default();
    let regions = regions.iter().map(Region::as_str).collect::<Vec<_>>().join(", ");
    if regions.is_empty() { format!("{id}{name}") } else { format!("{id}{name}: {regions}") }
}

/// Writes it as a JSON document.
///
/// # Errors
/// `out` cannot be written.
pub fn json(around: &Around, found: &Diagnosis, setting: &Setting, out: &mut dyn Write) -> io::Result<()> {
    let (name, digest) = &around.baseline;
    let document = Document {
        format: FORMAT,
        tool: TOOL,
        created: around.created,
        complete: found.complete(),
        caller: Caller { arn: &setting.caller, account: &setting.account, region: &setting.home_region },
        organization: &around.organization,
        baseline: Baseline { name, digest },
        clock_ahead_seconds: around.ahead,
        state: &around.state.place,
        lock: around.lock.as_ref(),
        warnings: &around.warnings,
        reads: &around.reads,
        accounts: found.accounts,
        entered: found.entered.iter().map(|(entered, accounts)| EnteredLine { entered, accounts: *accounts }).collect(),
        regions: regions(&found.regions),
        regions_not_enabled: regions(&found.off),
        owners: owners(found),
        skipped: found.skipped.iter().map(|(reason, accounts)| SkippedLine { reason, accounts: *accounts }).collect(),
        problems: found.problems.iter().map(|one| problem(one, found, setting)).collect(),
    };
    writeln!(out, "{}", escape::json(&serde_json::to_string_pretty(&document)?))
}

fn regions(shapes: &BTreeMap<Vec<Region>, usize>) -> Vec<RegionsLine<'_>> {
    let some = shapes.iter().filter(|(regions, _)| !regions.is_empty());
    some.map(|(regions, accounts)| RegionsLine { regions, accounts: *accounts }).collect()
}

fn owners(found: &Diagnosis) -> Vec<OwnerLine<'_>> {
    let lines = found.owners.iter();
    lines.map(|((control, owner), accounts)| OwnerLine { control, owner, accounts: *accounts }).collect()
}

fn problem<'a>((problem, group): (&'a Problem, &'a Group), found: &'a Diagnosis, setting: &Setting) -> ProblemLine<'a> {
    let place = |(id, regions)| PlaceLine { id, name: found.names.get(id), regions };
    ProblemLine {
        kind: problem.kind,
        severity: if group.incomplete { "problem" } else { "notice" },
        subject: &problem.subject,
        roles: &problem.roles,
        says: problem.says(),
        words: group.words.as_deref(),
        mends: mends(problem, group, found, setting),
        accounts: group.places.iter().map(place).collect(),
    }
}

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    tool: &'static str,
    created: Timestamp,
    complete: bool,
    caller: Caller<'a>,
    organization: &'a OrganizationLine,
    baseline: Baseline<'a>,
    clock_ahead_seconds: Option<i64>,
    state: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    lock: Option<&'a LockLine>,
    warnings: &'a [String],
    reads: &'a str,
    accounts: Accounts,
    entered: Vec<EnteredLine<'a>>,
    regions: Vec<RegionsLine<'a>>,
    regions_not_enabled: Vec<RegionsLine<'a>>,
    owners: Vec<OwnerLine<'a>>,
    skipped: Vec<SkippedLine<'a>>,
    problems: Vec<ProblemLine<'a>>,
}

#[derive(Serialize)]
struct Caller<'a> {
    arn: &'a str,
    account: &'a AccountId,
    region: &'a Region,
}

#[derive(Serialize)]
struct Baseline<'a> {
    name: &'a str,
    digest: &'a str,
}

#[derive(Serialize)]
struct EnteredLine<'a> {
    #[serde(flatten)]
    entered: &'a Entered,
    accounts: usize,
}

#[derive(Serialize)]
struct RegionsLine<'a> {
    regions: &'a [Region],
    accounts: usize,
}

#[derive(Serialize)]
struct OwnerLine<'a> {
    control: &'a str,
    owner: &'a str,
    accounts: usize,
}

#[derive(Serialize)]
struct SkippedLine<'a> {
    reason: &'a str,
    accounts: usize,
}

#[derive(Serialize)]
struct ProblemLine<'a> {
    kind: Kind,
    severity: &'static str,
    subject: &'a str,
    roles: &'a [String],
    says: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<&'a str>,
    mends: Vec<Mend>,
    accounts: Vec<PlaceLine<'a>>,
}

#[derive(Serialize)]
struct PlaceLine<'a> {
    id: &'a AccountId,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    regions: &'a BTreeSet<Region>,
}
