//! Reports for people: a plan, and what an apply did.
//!
//! The same thing in many accounts is told once, with how many they are.

mod applied;
mod drift;
mod framework;
mod gather;
mod groups;
mod hits;
mod parts;
mod places;
mod rollout;
mod sections;
mod summary;
#[cfg(test)]
mod tests;
mod words;

use std::io::{self, Write};

use super::{Applied, Found};
use crate::plan::Header;
use gather::Gathered;

use super::page::Page;
pub(super) use framework::HEADING as FRAMEWORK;
pub(super) use parts::{Parts, Section, parts};

/// Writes a plan, with ANSI codes. `detail` lists every account of a group, the steps, and how they are undone.
///
/// # Errors
/// The spool cannot be read, or `out` cannot be written.
pub fn plan<'a>(header: &Header, found: impl Into<Found<'a>>, detail: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut gathered = Gathered::new(detail);
    gathered.home.clone_from(&header.organization.management_account);
    found.into().read(|line, rows, changes| gathered.add(line, rows, changes))?;
    gathered.sort();
    let mut page = Page::new(out);
    summary::head(&mut page, header)?;
    sections::write(&mut page, &gathered, header, detail)?;
    summary::end(&mut page, header, gathered.changed)
}

/// Writes what an apply did, with ANSI codes.
///
/// # Errors
/// `out` cannot be written.
pub fn apply(applied: &Applied<'_>, out: &mut dyn Write) -> io::Result<()> {
    applied::write(&mut Page::new(out), applied)
}
