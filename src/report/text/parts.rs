//! The text of a plan in its parts, for reports that lay them out otherwise.

use std::io;

use super::gather::Gathered;
use super::{sections, summary};
use crate::plan::Header;
use crate::report::Found;
use crate::report::page::Page;

/// A section: its title and its lines, without ANSI codes. Lines are indented by two spaces or more.
#[derive(Debug)]
pub(in crate::report) struct Section {
    pub(in crate::report) title: String,
    pub(in crate::report) lines: Vec<String>,
}

/// The text of a plan in its parts.
#[derive(Debug)]
pub(in crate::report) struct Parts {
    pub(in crate::report) head: Vec<String>,
    /// The sections as they are shown.
    pub(in crate::report) short: Vec<Section>,
    /// The same sections in every detail.
    pub(in crate::report) full: Vec<Section>,
    /// The figures; the last line is that of the plan.
    pub(in crate::report) end: Vec<String>,
}

/// The parts of a plan, in one pass over what was found.
pub(in crate::report) fn parts<'a>(header: &Header, found: impl Into<Found<'a>>) -> io::Result<Parts> {
    let found = found.into();
    let menders = found.menders();
    let (mut short, mut full) = (Gathered::new(false, menders.clone()), Gathered::new(true, menders));
    found.read(|line, rows, changes| {
        short.add(line, rows, changes);
        full.add(line, rows, changes);
    })?;
    short.sort();
    full.sort();
    Ok(Parts {
        head: lines(|page| summary::head(page, header))?,
        short: split(lines(|page| sections::write(page, &short, header, false))?),
        full: split(lines(|page| sections::write(page, &full, header, true))?),
        end: lines(|page| summary::end(page, header, short.changed))?,
    })
}

fn lines(write: impl FnOnce(&mut Page<'_>) -> io::Result<()>) -> io::Result<Vec<String>> {
    let mut out = vec![];
    write(&mut Page::new(&mut out))?;
    let text = anstream::adapter::strip_str(&String::from_utf8_lossy(&out)).to_string();
    Ok(text.lines().map(str::to_owned).collect())
}

/// Titles alone are not indented, and no name of anybody's can begin a line.
fn split(lines: Vec<String>) -> Vec<Section> {
    let mut sections: Vec<Section> = vec![];
    for line in lines {
        match sections.last_mut() {
            Some(section) if line.is_empty() || line.starts_with(' ') => section.lines.push(line),
            _ if line.is_empty() => {}
            _ => sections.push(Section { title: line, lines: vec![] }),
        }
    }
    for section in &mut sections {
        while section.lines.last().is_some_and(String::is_empty) {
            section.lines.pop();
        }
    }
    sections
}
