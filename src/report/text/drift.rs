//! The changes of a plan as blocks: one for each change that is the same in however many accounts.

use std::borrow::Cow;
use std::io;

use super::groups::Groups;
use super::hits::{self, Reasons, Seen};
use super::places::{Accounts, FEW, Places};
use super::words::{before_and_after, general, replaced};
use crate::control::Severity;
use crate::controls;
use crate::plan::{Action, Change};
use crate::report::page::{DIM, GREEN, Page, RED, YELLOW, count, paint, safe};
use crate::steps::{Risk, Step};
use crate::target::Region;

/// Who has to act on a change.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Ready {
    /// Apply does it.
    Yes,
    /// A person, who is told this.
    Manual(String),
    /// Nobody yet, for this reason.
    Blocked(String),
}

/// What makes two changes the same: all but where they are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Shape {
    pub(super) ready: Ready,
    action: Action,
    control: String,
    kind: String,
    severity: Severity,
    risk: Risk,
    cost: Option<String>,
    managed_by: Option<String>,
    /// It is said why nobody is known to manage it.
    pub(super) tags_unread: bool,
    contested: Option<String>,
    differences: Vec<(String, String)>,
    steps: Vec<String>,
    /// What those steps do that somebody may feel.
    pub(super) effects: Vec<String>,
    undo: Vec<String>,
    /// It undoes what a run did.
    pub(super) reverts: bool,
}

/// The objects that a change is done to.
#[derive(Default)]
pub(super) struct Block {
    places: Places,
    objects: usize,
    /// The name that they have in common, made general; none where there are several.
    name: Option<String>,
    /// The objects one by one, as many as will be shown.
    listed: Vec<(usize, Option<Region>, String)>,
    /// What was seen of them.
    pub(super) seen: Seen,
}

/// Stands in a shape for the name of the object.
const OBJECT: &str = "{object}";

/// What is said in its place where there are several.
const EACH: &str = "(each of them)";

impl Shape {
    fn of(change: &Change) -> Self {
        let general = |text: &str| of_any(change, text);
        let felt = |step: &&Step| matches!(step.risk(), Risk::Disruptive | Risk::Irreversible);
        let ready = match (&change.manual, &change.blocked) {
            (Some(words), _) => Ready::Manual(general(words)),
            (None, Some(why)) => Ready::Blocked(general(why)),
            (None, None) => Ready::Yes,
        };
        let differences = change.differences.iter().map(|difference| {
            let text = before_and_after(&difference.observed, &difference.wanted);
            (safe(&difference.requirement).into_owned(), general(&text))
        });
        Self {
            ready,
            action: change.action,
            control: safe(&change.control).into_owned(),
            kind: safe(&change.kind).into_owned(),
            severity: change.severity,
            risk: change.risk,
            cost: change.cost.as_deref().map(general),
            managed_by: change.managed_by.as_deref().map(general),
            tags_unread: change.tags_unread,
            contested: change.contested.as_ref().map(|contested| general(&contested.to_string())),
            differences: differences.collect(),
            steps: change.steps.iter().map(|step| general(&step.says())).collect(),
            effects: change.steps.iter().filter(felt).map(|step| general(&step.says())).collect(),
            undo: change.undo.iter().map(|undo| general(undo)).collect(),
            reverts: change.reverts.is_some(),
        }
    }

    /// The order of blocks: that of the registry.
    pub(super) fn place(&self) -> usize {
        controls::position(&self.control)
    }

    /// Whether a person has to mend it.
    pub(super) fn is_manual(&self) -> bool {
        matches!(self.ready, Ready::Manual(_))
    }

    fn sign(&self) -> String {
        match self.action {
            Action::Add => paint(GREEN, "+"),
            Action::Change => paint(YELLOW, "~"),
            Action::Remove => paint(RED, "-"),
        }
    }
}

/// A text as it reads for any object, account and region.
fn of_any(change: &Change, text: &str) -> String {
    // A very short name would be found within words.
    let text = Cow::Borrowed(text);
    let text = if change.object.len() > 3 { replaced(text, &change.object, OBJECT) } else { text };
    general(&text, &change.account, change.region.as_ref())
}

/// Adds a change to the block that it belongs to.
pub(super) fn gather(
    blocks: &mut Groups<Shape, Block>,
    account: usize,
    change: &Change,
    reasons: &Reasons<'_>,
    detail: bool,
) {
    let block = blocks.of(Shape::of(change));
    let name = general(&change.object, &change.account, change.region.as_ref());
    block.name = if block.objects == 0 { Some(name) } else { block.name.take().filter(|known| *known == name) };
    block.objects += 1;
    block.places.add(account, change.region.as_ref());
    if detail || block.listed.len() <= FEW {
        block.listed.push((account, change.region.clone(), safe(&change.object).into_owned()));
    }
    for reason in reasons.of_change(change) {
        block.seen.add(account, change, reason, of_any(change, reason), detail);
    }
}

/// Writes a block.
pub(super) fn write(
    page: &mut Page<'_>,
    shape: &Shape,
    block: &Block,
    names: &Accounts,
    detail: bool,
) -> io::Result<()> {
    let subject = match &block.name {
        Some(_) => format!("{} {}", shape.kind, block.named(names, OBJECT)),
        None => format!("{} {}", shape.kind, paint(DIM, format_args!("({})", count(block.objects, "object")))),
    };
    page.line(2, format_args!("{} {subject}", shape.sign()))?;
    block.write_places(page, names, detail)?;
    page.columns(
        6,
        &shape.differences.iter().map(|(id, text)| (id.clone(), block.named(names, text))).collect::<Vec<_>>(),
    )?;
    block.write_remarks(page, shape, names)?;
    hits::write(page, shape, block, names, detail)?;
    // What is taken away is told by the steps alone.
    if detail || shape.reverts {
        write_list(page, "steps", shape.steps.iter().map(|step| block.named(names, step)))?;
    }
    if detail {
        write_list(page, "undo", shape.undo.iter().map(|undo| block.named(names, undo)))?;
        write_references(page, shape)?;
    }
    Ok(())
}

impl Block {
    /// How many objects there are.
    pub(super) fn objects(&self) -> usize {
        self.objects
    }

    /// A general text with the object, the account and the region put in, where all have the same.
    pub(super) fn named(&self, names: &Accounts, text: &str) -> String {
        let text = text.replace(OBJECT, self.name.as_deref().unwrap_or(EACH));
        self.places.specific(names, &text)
    }

    fn write_places(&self, page: &mut Page<'_>, names: &Accounts, detail: bool) -> io::Result<()> {
        if self.name.is_some() {
            return self.places.write(page, 6, names, detail);
        }
        page.line(6, self.places.says())?;
        if detail || self.objects <= FEW {
            for (account, region, object) in &self.listed {
                let region = region.as_ref().map(|region| format!(", {region}")).unwrap_or_default();
                page.line(8, paint(DIM, format_args!("{}{region}: {object}", names.says(*account))))?;
            }
        }
        Ok(())
    }

    fn write_remarks(&self, page: &mut Page<'_>, shape: &Shape, names: &Accounts) -> io::Result<()> {
        page.line(6, paint(DIM, format_args!("severity {}", shape.severity)))?;
        let applies = shape.ready == Ready::Yes;
        if shape.risk != Risk::Safe && (applies || !shape.reverts) {
            let besides = if shape.reverts && shape.risk != Risk::Weakening { "weakening," } else { "" };
            let flag = if applies { format!(" (apply needs --allow {besides}{})", shape.risk) } else { String::new() };
            page.line(6, paint(YELLOW, format_args!("{}{flag}", shape.risk)))?;
        }
        if let Some(cost) = &shape.cost {
            let flag = if applies { " (apply needs --allow cost)" } else { "" };
            page.line(6, paint(YELLOW, format_args!("costs: {}{flag}", self.named(names, cost))))?;
        }
        if let Some(tool) = &shape.managed_by {
            let tool = self.named(names, tool);
            page.line(6, paint(YELLOW, format_args!("managed by {tool}: change it there, or it will come back")))?;
        }
        if let Some(contested) = &shape.contested {
            let flag = if applies { " (apply needs --allow contested)" } else { "" };
            page.line(6, paint(RED, format_args!("contested: {}{flag}", self.named(names, contested))))?;
        }
        match &shape.ready {
            Ready::Yes => Ok(()),
            Ready::Manual(words) => {
                let label = if shape.reverts { "stays" } else { "to do" };
                page.line(6, format_args!("{label}: {}", self.named(names, words)))
            }
            Ready::Blocked(why) => page.line(6, format_args!("blocked: {}", self.named(names, why))),
        }
    }
}

/// What the requirements that differ are called elsewhere.
fn write_references(page: &mut Page<'_>, shape: &Shape) -> io::Result<()> {
    let known = |(id, _): &(String, String)| controls::requirement(id);
    let referring = shape.differences.iter().filter_map(known).filter(|requirement| !requirement.references.is_empty());
    for (number, requirement) in referring.enumerate() {
        if number == 0 {
            page.line(6, paint(DIM, "references"))?;
        }
        let names = requirement.names().collect::<Vec<_>>();
        page.line(8, paint(DIM, format_args!("{}: {}", requirement.id, names.join(", "))))?;
    }
    Ok(())
}

fn write_list(page: &mut Page<'_>, title: &str, lines: impl Iterator<Item = String>) -> io::Result<()> {
    for (number, line) in lines.enumerate() {
        if number == 0 {
            page.line(6, paint(DIM, title))?;
        }
        page.line(8, paint(DIM, format_args!("{}. {line}", number + 1)))?;
    }
    Ok(())
}
