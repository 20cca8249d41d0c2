//! Who would be hit by a change, and what was seen of its object: said where somebody has to decide or to act.

use std::collections::HashMap;
use std::io;

use super::drift::{Block, Shape};
use super::groups::Groups;
use super::places::Accounts;
use crate::assessment::{Row, VerdictKind};
use crate::plan::Change;
use crate::report::page::{DIM, Page, count, paint, safe};
use crate::target::Region;

/// So many effects, and so many reasons, are told of a block, unless all are asked for.
const MOST: usize = 5;

/// The reasons of an account's drifted verdicts, by requirement and object.
pub(super) struct Reasons<'a>(HashMap<(&'a str, &'a str), Vec<Reason<'a>>>);

/// Where it was said, and what.
type Reason<'a> = (Option<&'a Region>, &'a str);

impl<'a> Reasons<'a> {
    pub(super) fn of(rows: &[&'a Row]) -> Self {
        let mut reasons: HashMap<_, Vec<_>> = HashMap::new();
        for row in rows.iter().filter(|row| row.verdict == VerdictKind::Drifted) {
            if let (Some(object), Some(reason)) = (&row.object, &row.reason) {
                let of = reasons.entry((row.requirement.as_str(), object.as_str())).or_default();
                of.push((row.region.as_ref(), reason.as_str()));
            }
        }
        Self(reasons)
    }

    /// What was said of the differences that a change mends, each once.
    pub(super) fn of_change(&self, change: &Change) -> Vec<&'a str> {
        // An object of a region may have been judged with its account.
        let is_here = |region: Option<&Region>| region.is_none() || region == change.region.as_ref();
        let mut said = vec![];
        for difference in &change.differences {
            let of = self.0.get(&(difference.requirement.as_str(), change.object.as_str()));
            for (_, reason) in of.into_iter().flatten().filter(|(region, _)| is_here(*region)) {
                if !said.contains(reason) {
                    said.push(*reason);
                }
            }
        }
        said
    }
}

/// What was seen of the objects of a block: a reason that reads alike for several is kept once.
#[derive(Default)]
pub(super) struct Seen {
    reasons: Groups<String, Bearers>,
    /// How many are not kept.
    more: usize,
}

/// The objects that a reason is said of; the place, the name and the words are those of the first.
#[derive(Default)]
struct Bearers {
    objects: usize,
    account: usize,
    region: Option<Region>,
    object: String,
    text: String,
}

impl Seen {
    /// Adds a reason, and how it reads for any object.
    pub(super) fn add(&mut self, account: usize, change: &Change, reason: &str, general: String, all: bool) {
        if !all && self.reasons.len() >= MOST && !self.reasons.has(&general) {
            self.more += 1;
            return;
        }
        let bearers = self.reasons.of(general);
        if bearers.objects == 0 {
            bearers.account = account;
            bearers.region.clone_from(&change.region);
            bearers.object = safe(&change.object).into_owned();
            bearers.text = safe(reason).into_owned();
        }
        bearers.objects += 1;
    }

    fn lines(&self, block: &Block, names: &Accounts) -> Vec<String> {
        let line = |(general, of): &(String, Bearers)| {
            if of.objects == block.objects() {
                return block.named(names, general);
            }
            if of.objects > 1 {
                return format!("{}: {}", count(of.objects, "object"), block.named(names, general));
            }
            let region = of.region.as_ref().map(|region| format!(", {region}")).unwrap_or_default();
            format!("{}{region}: {}: {}", names.says(of.account), of.object, of.text)
        };
        self.reasons.iter().map(line).collect()
    }
}

/// Writes whom a block would hit, by the effects of its steps and by what was seen; or only what was seen, where a person
/// has to mend it or nobody is known to look after the object. With `detail` the steps are told anyway.
pub(super) fn write(
    page: &mut Page<'_>,
    shape: &Shape,
    block: &Block,
    names: &Accounts,
    detail: bool,
) -> io::Result<()> {
    let hits = !shape.effects.is_empty();
    if shape.reverts || !(hits || detail || shape.is_manual() || shape.tags_unread) {
        return Ok(());
    }
    let effects = shape.effects.iter().filter(|_| !detail).map(|effect| block.named(names, effect));
    let effects: Vec<String> = effects.collect();
    let told = |reason: &String| effects.iter().any(|effect| effect.contains(reason.as_str()));
    let reasons: Vec<String> = block.seen.lines(block, names).into_iter().filter(|reason| !told(reason)).collect();
    let more = effects.len().saturating_sub(MOST) + block.seen.more;
    let mut lines = effects.iter().take(MOST).chain(&reasons).peekable();
    if lines.peek().is_some() {
        page.line(6, paint(DIM, if hits { "who would be hit" } else { "seen" }))?;
    }
    lines.try_for_each(|line| page.line(8, line))?;
    if more > 0 { page.line(8, paint(DIM, format_args!("and {more} more: see --detail"))) } else { Ok(()) }
}
