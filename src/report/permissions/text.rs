//! The permissions for people: every action with what it is allowed on and what needs it.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::{Shown, anywhere, holder, why};
use crate::permissions::{Allowed, Policy, documents};
use crate::report::page::{BOLD, DIM, Page, YELLOW, count, paint, wrapped};

const WIDTH: usize = 100;

/// Writes the permissions, with ANSI codes.
///
/// # Errors
/// `out` cannot be written.
pub fn write(shown: &Shown<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out);
    let (name, digest) = shown.baseline;
    let of = if shown.apply { "plan and apply" } else { "plan" };
    page.line(0, paint(BOLD, format_args!("Permissions for {of} with {name} ({digest})")))?;
    for policy in shown.policies {
        write_policy(&mut page, policy, shown)?;
    }
    page.heading("On every resource (*), because nothing narrower is possible")?;
    let mut alike: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (action, why) in anywhere(shown.policies) {
        alike.entry(why).or_default().push(action);
    }
    for (why, actions) in alike {
        page.line(2, format_args!("{why}:"))?;
        wrapped(&actions.join(", "), WIDTH - 4).into_iter().try_for_each(|line| page.line(4, line))?;
    }
    Ok(())
}

fn write_policy(page: &mut Page<'_>, policy: &Policy, shown: &Shown<'_>) -> io::Result<()> {
    page.gap()?;
    let documents = documents(policy);
    let name = paint(BOLD, policy.holder.name());
    if documents.is_empty() {
        return page.line(0, format_args!("{name}  {}: nothing is done there", holder(policy.holder)));
    }
    let size = format!("{} in {}", count(policy.allowed.len(), "action"), count(documents.len(), "document"));
    page.line(0, format_args!("{name}  {}, {}", holder(policy.holder), paint(DIM, size)))?;
    for (action, allowed) in &policy.allowed {
        write_allowed(page, action, allowed, shown)?;
    }
    for (resource, actions) in &policy.denied {
        let on = shown.blanks.fill(resource);
        page.line(2, paint(YELLOW, format_args!("denied on {on}")))?;
        let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
        wrapped(&actions.join(", "), WIDTH - 4).into_iter().try_for_each(|line| page.line(4, line))?;
    }
    Ok(())
}

fn write_allowed(page: &mut Page<'_>, action: &str, allowed: &Allowed, shown: &Shown<'_>) -> io::Result<()> {
    let only_besides = allowed.because.iter().all(|because| because.dependent);
    let mark = if only_besides { "  dependent" } else { "" };
    page.line(2, format_args!("{action}{}", paint(YELLOW, mark)))?;
    for resource in &allowed.resources {
        page.line(4, format_args!("on {}", shown.blanks.fill(resource)))?;
    }
    let reasons: Vec<String> = allowed.because.iter().map(why).collect();
    let reasons = wrapped(&format!("for {}", reasons.join("; ")), WIDTH - 4);
    reasons.into_iter().try_for_each(|line| page.line(4, paint(DIM, line)))
}
