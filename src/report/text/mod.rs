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
pub use gather::Gathered;

use super::page::Page;
pub(super) use framework::HEADING as FRAMEWORK;
pub(super) use parts::{Parts, Section, parts};

/// Writes a plan, with ANSI codes. `detail` lists every account of a group, the steps, and how they are undone.
///
/// # Errors
/// The spool cannot be read, or `out` cannot be written.
pub fn plan<'a>(header: &Header, found: impl Into<Found<'a>>, detail: bool, out: &mut dyn Write) -> io::Result<()> {
    let found = found.into();
    let mut gathered = Gathered::new(detail, found.menders());
    found.read(|line, rows, changes| gathered.add(line, rows, changes))?;
    gathered_plan(header, gathered, out)
}

/// Writes a plan of what was gathered account by account, as [`plan`] does.
///
/// # Errors
/// `out` cannot be written.
pub fn gathered_plan(header: &Header, mut gathered: Gathered, out: &mut dyn Write) -> io::Result<()> {
    gathered.sort();
    let mut page = Page::new(out);
    summary::head(&mut page, header)?;
    sections::write(&mut page, &gathered, header, gathered.detail)?;
    summary::end(&mut page, header, gathered.changed)
}

/// Writes what an apply did, with ANSI codes.
///
/// # Errors
/// `out` cannot be written.
pub fn apply(applied: &Applied<'_>, out: &mut dyn Write) -> io::Result<()> {
    applied::write(&mut Page::new(out), applied)
}
