//! The sections of a plan between its head and its figures. A section with nothing in it is left out.

use std::io;

use super::drift::{self, Ready, Shape};
use super::framework;
use super::gather::Gathered;
use super::groups::{Groups, Noted};
use super::places::Places;
use super::rollout;
use crate::plan::Header;
use crate::report::page::{DIM, GREEN, Page, RED, YELLOW, count, paint, safe_lines};

/// Writes every section.
pub(super) fn write(page: &mut Page<'_>, gathered: &Gathered, header: &Header, detail: bool) -> io::Result<()> {
    let sections = Sections { gathered, detail };
    sections.drift(page)?;
    sections.through(page)?;
    sections.owned(page)?;
    sections.reasoned(page, "Exempt", &gathered.exempt)?;
    sections.reasoned(page, "Written, and not yet in force", &gathered.pending)?;
    let manual = |shape: &Shape| matches!(shape.ready, Ready::Manual(_));
    sections.changes(page, "For a person to mend", |shape| manual(shape) && !shape.reverts)?;
    sections.changes(page, "What stays", |shape| manual(shape) && shape.reverts)?;
    sections.changes(page, "Blocked", |shape| matches!(shape.ready, Ready::Blocked(_)))?;
    sections.unreadable(page)?;
    sections.accounts(page, "Skipped accounts", &gathered.skipped)?;
    sections.closed_regions(page)?;
    if let Some(rollout) = &header.rollout {
        rollout::planned(page, rollout)?;
    }
    if let Some(standing) = &header.framework {
        framework::write(page, standing)?;
    }
    warnings(page, header)
}

struct Sections<'a> {
    gathered: &'a Gathered,
    detail: bool,
}

impl Sections<'_> {
    fn drift(&self, page: &mut Page<'_>) -> io::Result<()> {
        self.changes(page, "Drift", |shape| shape.ready == Ready::Yes && !shape.reverts)?;
        self.changes(page, "To undo", |shape| shape.ready == Ready::Yes && shape.reverts)
    }

    fn changes(&self, page: &mut Page<'_>, title: &str, of: impl Fn(&Shape) -> bool) -> io::Result<()> {
        if !self.gathered.has_changes(&of) {
            return Ok(());
        }
        page.heading(title)?;
        let blocks = self.gathered.changes.iter().filter(|(shape, _)| of(shape));
        for (number, (shape, block)) in blocks.enumerate() {
            if number > 0 {
                page.gap()?;
            }
            drift::write(page, shape, block, &self.gathered.accounts, self.detail)?;
        }
        Ok(())
    }

    fn through(&self, page: &mut Page<'_>) -> io::Result<()> {
        if self.gathered.through.is_empty() {
            return Ok(());
        }
        page.heading("Mended elsewhere")?;
        for (object, noted) in self.gathered.through.iter() {
            let many = noted.places.accounts();
            let verb = if many == 1 { "is" } else { "are" };
            let waits = match self.gathered.at_home.get(object) {
                Some(true) => "",
                Some(false) => ", which waits for a person: see below",
                None => ", which is not in this plan",
            };
            page.line(2, format_args!("{} {verb} mended by {object}{waits}", count(many, "account")))?;
            noted.places.list(page, 4, &self.gathered.accounts, self.detail)?;
            self.notes(page, noted)?;
        }
        Ok(())
    }

    fn owned(&self, page: &mut Page<'_>) -> io::Result<()> {
        if self.gathered.owned.is_empty() {
            return Ok(());
        }
        page.heading("Owned elsewhere")?;
        for (owned, noted) in self.gathered.owned.iter() {
            let state = if owned.in_force { paint(GREEN, "in force") } else { paint(RED, "not in force") };
            page.line(2, format_args!("{} by {}: {state}", owned.control, owned.owner))?;
            self.places(page, &noted.places)?;
            if !owned.in_force || self.detail {
                self.notes(page, noted)?;
            }
            if let Some(mend) = &owned.mend {
                let label = if owned.in_force { "" } else { "to do there: " };
                page.line(4, format_args!("{label}{}", self.here(&noted.places, mend)))?;
            }
        }
        Ok(())
    }

    /// A requirement, where it is, and why.
    fn reasoned(&self, page: &mut Page<'_>, title: &str, groups: &Groups<(String, String), Noted>) -> io::Result<()> {
        if groups.is_empty() {
            return Ok(());
        }
        page.heading(title)?;
        for ((requirement, reason), noted) in groups.iter() {
            page.line(2, requirement)?;
            self.places(page, &noted.places)?;
            if self.detail {
                for (_, object) in noted.notes().iter().filter(|(_, object)| !object.is_empty()) {
                    page.line(6, paint(DIM, self.here(&noted.places, object)))?;
                }
            }
            if !reason.is_empty() {
                page.line(4, self.here(&noted.places, reason))?;
            }
        }
        Ok(())
    }

    fn unreadable(&self, page: &mut Page<'_>) -> io::Result<()> {
        self.accounts(page, "Accounts that could not be read", &self.gathered.closed_accounts)?;
        self.accounts(page, "Accounts that were read in part", &self.gathered.partial)?;
        if self.gathered.unreadable.is_empty() {
            return Ok(());
        }
        page.heading("What could not be read")?;
        for ((control, reason), noted) in self.gathered.unreadable.iter() {
            page.line(2, control)?;
            self.places(page, &noted.places)?;
            self.notes(page, noted)?;
            if !reason.is_empty() {
                page.line(4, paint(YELLOW, self.here(&noted.places, reason)))?;
            }
        }
        Ok(())
    }

    /// Accounts by reason.
    fn accounts(&self, page: &mut Page<'_>, title: &str, groups: &Groups<String, Places>) -> io::Result<()> {
        if groups.is_empty() {
            return Ok(());
        }
        page.heading(title)?;
        for (reason, places) in groups.iter() {
            page.line(2, self.here(places, reason))?;
            self.places(page, places)?;
        }
        Ok(())
    }

    fn closed_regions(&self, page: &mut Page<'_>) -> io::Result<()> {
        if self.gathered.closed_regions.is_empty() {
            return Ok(());
        }
        page.heading("Regions with nothing to judge")?;
        for (reason, places) in self.gathered.closed_regions.iter() {
            let regions = places.regions();
            let many = count(regions.len(), "region");
            let accounts = count(places.accounts(), "account");
            page.line(2, format_args!("{reason}: {many} in {accounts}: {}", regions.join(", ")))?;
            if self.detail {
                self.places(page, places)?;
            }
        }
        Ok(())
    }

    fn places(&self, page: &mut Page<'_>, places: &Places) -> io::Result<()> {
        places.write(page, 4, &self.gathered.accounts, self.detail)
    }

    fn notes(&self, page: &mut Page<'_>, noted: &Noted) -> io::Result<()> {
        let here = |(subject, text): &(String, String)| (subject.clone(), self.here(&noted.places, text));
        page.columns(4, &noted.notes().iter().map(here).collect::<Vec<_>>())?;
        match noted.left_out() {
            0 => Ok(()),
            more => page.line(4, paint(DIM, format_args!("and {more} more: see --detail"))),
        }
    }

    /// A text made general, as it reads for these places.
    fn here(&self, places: &Places, text: &str) -> String {
        places.specific(&self.gathered.accounts, text)
    }
}

fn warnings(page: &mut Page<'_>, header: &Header) -> io::Result<()> {
    if header.warnings.is_empty() {
        return Ok(());
    }
    page.heading("Warnings")?;
    // A mistake of the baseline comes with the lines of the file where it is.
    for line in header.warnings.iter().flat_map(|warning| safe_lines(warning)) {
        if line.is_empty() {
            page.gap()?;
        } else {
            page.line(2, paint(YELLOW, line))?;
        }
    }
    Ok(())
}
