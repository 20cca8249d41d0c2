//! What an apply did: outcomes that are alike as one, and a closing line.

use std::collections::HashMap;
use std::io;

use anstyle::Style;

use super::groups::Groups;
use super::places::{Accounts, Places};
use super::rollout;
use super::words::general;
use crate::assessment::{AccountLine, Status};
use crate::engine::apply::Outcome;
use crate::engine::apply::OutcomeKind::{
    self, Already, Blocked, Contested, Failed, Held, Manual, Pending, Stale, Unknown, Verified,
};
use crate::report::Applied;
use crate::report::page::{BOLD, GREEN, Grouped, Page, RED, YELLOW, count, paint, safe};

/// The kinds in the order in which they are shown: what needs somebody comes last, next to the closing line.
const ORDER: [OutcomeKind; 10] = [Verified, Already, Pending, Held, Manual, Blocked, Stale, Contested, Unknown, Failed];

/// So many accounts are named that the plan could not read.
const NAMED: usize = 5;

/// What makes two outcomes the same.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Alike {
    outcome: OutcomeKind,
    kind: String,
    reason: Option<String>,
}

/// The objects that came to the same.
#[derive(Default)]
struct Came {
    places: Places,
    objects: usize,
    /// The name that they have in common, made general; none where there are several.
    name: Option<String>,
}

/// Writes it all.
pub(super) fn write(page: &mut Page<'_>, applied: &Applied<'_>) -> io::Result<()> {
    let mut names = Accounts::default();
    let mut numbers: HashMap<_, _> =
        applied.accounts.iter().map(|line| (&line.id, names.add(&line.id, &line.name))).collect();
    let mut groups: Groups<Alike, Came> = Groups::default();
    for (change, outcome) in applied.pairs() {
        let alike = |text: &str| general(text, &change.account, change.region.as_ref());
        let (kind, object) = (alike(&change.kind), alike(&change.object));
        let reason = reason(outcome).as_deref().map(alike);
        let account = numbers.entry(&change.account).or_insert_with(|| names.add(&change.account, ""));
        let came = groups.of(Alike { outcome: outcome.kind, kind, reason });
        came.name = if came.objects == 0 { Some(object) } else { came.name.take().filter(|known| *known == object) };
        came.objects += 1;
        came.places.add(*account, change.region.as_ref());
    }
    for kind in ORDER {
        let of_kind: Vec<_> = groups.iter().filter(|(alike, _)| alike.outcome == kind).collect();
        write_kind(page, kind, &of_kind, &names)?;
    }
    rollout::applied(page, applied)?;
    page.gap()?;
    if let Some(line) = incomplete(applied) {
        page.line(0, paint(RED, line))?;
    }
    let closing = if applied.changes.is_empty() { "nothing to do".to_owned() } else { applied.counts().to_string() };
    page.line(0, paint(BOLD, format_args!("Apply: {closing}.")))
}

/// What the plan could not read: without a word of it nobody knew why an apply of which all was done is not complete.
fn incomplete(applied: &Applied<'_>) -> Option<String> {
    if applied.complete {
        return None;
    }
    let unread = |line: &&AccountLine| matches!(line.status, Status::Partial | Status::Unreadable);
    let unread: Vec<&AccountLine> = applied.accounts.iter().filter(unread).collect();
    let named = unread.iter().take(NAMED).map(|line| format!("{} {}", line.id, safe(&line.name)).trim_end().to_owned());
    let mut named: Vec<String> = named.collect();
    if unread.len() > NAMED {
        named.push(format!("{} more", Grouped(unread.len() - NAMED)));
    }
    let of = if named.is_empty() { String::new() } else { format!(" of {}", named.join(", ")) };
    Some(format!("The plan could not read all{of}: what else is to be done there is not known; plan again to see why."))
}

/// Why, and by when it has to be in force, to the minute so that what is alike is told once.
fn reason(outcome: &Outcome) -> Option<String> {
    let deadline = outcome.deadline.map(|deadline| format!("by {} at the latest", deadline.strftime("%H:%M UTC")));
    let parts: Vec<String> = outcome.reason.iter().cloned().chain(deadline).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn write_kind(page: &mut Page<'_>, kind: OutcomeKind, groups: &[&(Alike, Came)], names: &Accounts) -> io::Result<()> {
    if groups.is_empty() {
        return Ok(());
    }
    let (style, title, advice) = told(kind);
    page.heading(title)?;
    // Whoever has to look into something needs to know where.
    let listed = matches!(kind, Failed | Unknown | Contested);
    for (alike, Came { places, objects, name }) in groups {
        let object = match name {
            Some(name) => places.specific(names, name),
            None => format!("({})", count(*objects, "object")),
        };
        page.line(2, format_args!("{} {object}", paint(style, &alike.kind)))?;
        places.write(page, 4, names, listed)?;
        if let Some(reason) = &alike.reason {
            page.line(4, places.specific(names, reason))?;
        }
    }
    if advice.is_empty() { Ok(()) } else { page.line(2, format_args!("What to do: {advice}")) }
}

/// How a kind of outcome is shown: its style, its heading, and what to do about it.
fn told(kind: OutcomeKind) -> (Style, &'static str, &'static str) {
    match kind {
        Verified => (GREEN, "Written and in force", ""),
        Already => (GREEN, "In force already", ""),
        Pending => (YELLOW, "Written, and not yet in force", "plan again later, to see it in force"),
        Held => (YELLOW, "Held back", "apply again, with the flag where one is named and wanted"),
        Manual => (YELLOW, "For a person to mend", ""),
        Blocked => (
            YELLOW,
            "Blocked",
            "apply again with the flag that what it needs was held for, or mend what it needs and plan again",
        ),
        Stale => (YELLOW, "Not as the plan saw it", "plan again: nothing was written here"),
        Contested => (
            RED,
            "Set back by somebody else",
            "find out who, for instance in CloudTrail; with --allow contested it is set all the same",
        ),
        Unknown => {
            (RED, "Not known", "apply the same plan again: it looks at what was done first, and makes nothing twice")
        }
        Failed => (RED, "Failed", "mend the cause, then plan and apply again; what is in force is left alone"),
    }
}
