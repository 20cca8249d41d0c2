//! What stands at the top of a plan, and its figures at the end.

use std::io;

use crate::assessment::{AccountCounts, Summary, VerdictKind};
use crate::plan::{BaselineLine, Header, OrganizationLine};
use crate::report::page::{BOLD, DIM, GREEN, Grouped, Page, count, paint, safe};
use crate::target::Region;

/// So many digits of a digest tell two baselines apart.
const DIGITS: usize = "sha256:".len() + 12;

/// Writes what was judged.
pub(super) fn head(page: &mut Page<'_>, header: &Header) -> io::Result<()> {
    let mut entry =
        |name: &str, text: String| page.line(0, format_args!("{}  {text}", paint(BOLD, format!("{name:12}"))));
    entry("Organization", organization(&header.organization))?;
    entry("Accounts", accounts(&header.summary.accounts))?;
    entry("Regions", regions(header))?;
    entry("Baseline", baseline(&header.baseline))?;
    let by = header.created_by.as_deref().map(|by| format!(" by {}", safe(by))).unwrap_or_default();
    entry("Made", paint(DIM, format_args!("{}{by}", header.created.strftime("%Y-%m-%d %H:%M:%S UTC"))))
}

fn organization(line: &OrganizationLine) -> String {
    let id = line.id.as_deref().map_or("not known".into(), safe);
    match &line.management_account {
        Some(account) => format!("{id}, management account {account}"),
        None => id.into_owned(),
    }
}

fn accounts(counts: &AccountCounts) -> String {
    let parts = [
        (counts.read, "read"),
        (counts.partial, "read in part"),
        (counts.unreadable, "not readable"),
        (counts.skipped, "skipped"),
    ];
    let parts = parts.into_iter().filter(|(number, _)| *number > 0);
    let parts: Vec<String> = parts.map(|(number, what)| format!("{} {what}", Grouped(number))).collect();
    let colon = if parts.is_empty() { "" } else { ": " };
    format!("{} in scope{colon}{}", Grouped(counts.in_scope), parts.join(", "))
}

fn regions(header: &Header) -> String {
    let home = &header.home_region;
    if header.regions.is_empty() {
        return format!("{home} (home)");
    }
    let named = |region: &Region| if region == home { format!("{region} (home)") } else { region.to_string() };
    header.regions.iter().map(named).collect::<Vec<_>>().join(", ")
}

fn baseline(line: &BaselineLine) -> String {
    let digest = line.digest.get(..DIGITS).unwrap_or(&line.digest);
    format!("{} {}", safe(&line.name), paint(DIM, format_args!("({})", safe(digest))))
}

/// Writes the figures; `changed`: the accounts in which apply has something to do.
pub(super) fn end(page: &mut Page<'_>, header: &Header, changed: usize) -> io::Result<()> {
    page.gap()?;
    if let Some(text) = in_line(&header.summary) {
        page.line(0, paint(GREEN, text))?;
    }
    // A plan that undoes a run has looked at no account.
    let AccountCounts { in_scope, read, partial, unreadable, skipped } = header.summary.accounts;
    if in_scope == 0 || read + partial + unreadable + skipped > 0 {
        page.line(0, score(&header.summary))?;
    }
    page.line(0, paint(BOLD, plan(&header.summary, changed)))
}

/// One clear sentence, where nothing is to be done and nothing is hidden.
fn in_line(summary: &Summary) -> Option<String> {
    let counts = &summary.changes;
    let changes = counts.add + counts.change + counts.remove + counts.manual + counts.blocked;
    let drift = summary.of(VerdictKind::Drifted) + summary.of(VerdictKind::Pending) + summary.not_in_force;
    if changes + drift > 0 || !summary.complete() {
        return None;
    }
    match summary.accounts.read {
        0 => None,
        1 => Some("The account is in line with the baseline.".to_owned()),
        read => Some(format!("All {} accounts are in line with the baseline.", Grouped(read))),
    }
}

/// The score, with what does not count in it.
fn score(summary: &Summary) -> String {
    let compliant = summary.of(VerdictKind::Compliant);
    let rest = [VerdictKind::Drifted, VerdictKind::Unreadable, VerdictKind::Pending];
    let all = compliant + rest.into_iter().map(|kind| summary.of(kind)).sum::<usize>();
    let besides = [
        (VerdictKind::Exempt, "exempt"),
        (VerdictKind::OwnedElsewhere, "owned elsewhere"),
        (VerdictKind::NotApplicable, "not applicable"),
    ];
    let besides = besides.into_iter().map(|(kind, word)| (summary.of(kind), word)).filter(|(number, _)| *number > 0);
    let besides: Vec<String> = besides.map(|(number, word)| format!("{} {word}", Grouped(number))).collect();
    let besides = if besides.is_empty() { String::new() } else { format!("; not counted: {}", besides.join(", ")) };
    let Some(score) = tenths(compliant, all) else {
        return format!("Score: none (no verdict counts{besides})");
    };
    let (compliant, all) = (Grouped(compliant), count(all, "verdict"));
    format!("Score: {score} ({compliant} of {all} compliant{besides})")
}

/// A score with one decimal, what follows it cut off, so that 100 means all; none where there is nothing to count.
pub(super) fn tenths(compliant: usize, all: usize) -> Option<String> {
    let tenths = (compliant * 1000).checked_div(all)?;
    Some(format!("{}.{}", tenths / 10, tenths % 10))
}

fn plan(summary: &Summary, changed: usize) -> String {
    let counts = &summary.changes;
    let mut text = format!(
        "Plan: {} to add, {} to change, {} to remove in {}",
        Grouped(counts.add),
        Grouped(counts.change),
        Grouped(counts.remove),
        count(changed, "account")
    );
    let accounts = &summary.accounts;
    let account = |number| count(number, "account");
    let requirement = |number| count(number, "requirement");
    let one_or_many = |number, one: &str, many: &str| if number == 1 { one.to_owned() } else { many.to_owned() };
    let parts = [
        (counts.manual, format!("{} {} a person", Grouped(counts.manual), one_or_many(counts.manual, "needs", "need"))),
        (counts.blocked, format!("{} {} blocked", Grouped(counts.blocked), one_or_many(counts.blocked, "is", "are"))),
        (
            summary.not_in_force,
            format!(
                "{} of other owners {} not in force",
                requirement(summary.not_in_force),
                one_or_many(summary.not_in_force, "is", "are")
            ),
        ),
        (accounts.unreadable, format!("{} could not be read", account(accounts.unreadable))),
        (accounts.partial, format!("{} could be read only in part", account(accounts.partial))),
    ];
    for (_, part) in parts.into_iter().filter(|(number, _)| *number > 0) {
        text.push_str("; ");
        text.push_str(&part);
    }
    text + "."
}
