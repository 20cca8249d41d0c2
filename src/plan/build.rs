//! From what was judged to what will be done. Pure.

use std::collections::BTreeMap;

use super::change::{Action, Change, content_id};
use crate::control::Meta;
use crate::drift::{Difference, Drift, Fix, Judged};
use crate::observe::ReadError;
use crate::steps::{Risk, Step};
use crate::target::Object;

/// Two controls want one part of one object two ways.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{one} and {other} ask for {part} of {} in two ways: change one of the two settings", object.address())]
pub struct Conflict {
    /// The object.
    pub object: Object,
    /// The part of it.
    pub part: String,
    /// The requirement that asked first.
    pub one: String,
    /// The requirement that asks otherwise.
    pub other: String,
}

/// The drifts of one object, joined.
struct Joined {
    meta: &'static Meta,
    object: Object,
    absent: bool,
    differences: Vec<Difference>,
    steps: Vec<Step>,
    needs: Vec<Object>,
    manual: Option<String>,
    managed_by: Option<String>,
}

/// The changes of one account, in the order in which they can be applied: what is needed comes first.
///
/// `read_only` says why nothing may be written in this account; its changes then wait for a person.
///
/// # Errors
/// Two controls contradict each other.
pub fn build(judged: &[(&'static Meta, Judged)], read_only: Option<&str>) -> Result<Vec<Change>, Conflict> {
    let mut joined: Vec<Joined> = vec![];
    for (meta, judged) in judged {
        let Some(drift) = &judged.drift else { continue };
        if matches!(drift.fix, Fix::Through { .. }) {
            continue;
        }
        match joined.iter_mut().find(|known| known.object == drift.object) {
            Some(known) => known.join(drift)?,
            None => joined.push(Joined::new(meta, drift)),
        }
    }
    let unread = judged.iter().filter_map(|(_, judged)| Some((&judged.object, judged.why_unread()?)));
    let unread: BTreeMap<&Object, &ReadError> = unread.collect();
    let mut ids: BTreeMap<Object, (String, bool)> = BTreeMap::new();
    let mut changes = vec![];
    for next in in_order(joined) {
        let change = next.into_change(&ids, &unread, read_only);
        ids.insert(change.target(), (change.id.clone(), change.can_be_applied()));
        changes.push(change);
    }
    Ok(changes)
}

/// What is needed before what needs it; otherwise as judged.
fn in_order(mut open: Vec<Joined>) -> Vec<Joined> {
    let mut done: Vec<Joined> = vec![];
    while !open.is_empty() {
        let waits = |next: &Joined| open.iter().any(|other| next.needs.contains(&other.object));
        // Where needs go in a circle, the first goes on, and apply finds out that it has to wait.
        let ready = open.iter().position(|next| !waits(next)).unwrap_or(0);
        done.push(open.remove(ready));
    }
    done
}

impl Joined {
    fn new(meta: &'static Meta, drift: &Drift) -> Self {
        let (steps, needs, manual) = match &drift.fix {
            Fix::Steps { steps, needs } => (steps.clone(), needs.clone(), None),
            Fix::Manual(words) => (vec![], vec![], Some(words.clone())),
            Fix::Through { .. } => (vec![], vec![], None),
        };
        let Drift { object, absent, differences, managed_by, .. } = drift.clone();
        Self { meta, object, absent, differences, steps, needs, manual, managed_by }
    }

    /// Equal parts once, different parts side by side, one part two ways is a conflict.
    fn join(&mut self, drift: &Drift) -> Result<(), Conflict> {
        if let Fix::Steps { steps, needs } = &drift.fix {
            for step in steps {
                self.add_step(step, drift)?;
            }
            let missing = needs.iter().filter(|need| !self.needs.contains(need)).cloned().collect::<Vec<_>>();
            self.needs.extend(missing);
        }
        for difference in &drift.differences {
            if !self.differences.contains(difference) {
                self.differences.push(difference.clone());
            }
        }
        Ok(())
    }

    fn add_step(&mut self, step: &Step, drift: &Drift) -> Result<(), Conflict> {
        let same_part = |known: &&Step| {
            std::mem::discriminant(*known) == std::mem::discriminant(step)
                && (known.part() == step.part() || known.part().is_none() || step.part().is_none())
        };
        match self.steps.iter().find(same_part) {
            Some(known) if known == step => Ok(()),
            Some(_) => Err(Conflict {
                object: self.object.clone(),
                part: step.part().unwrap_or("the whole").to_owned(),
                one: requirements(&self.differences),
                other: requirements(&drift.differences),
            }),
            None => {
                self.steps.push(step.clone());
                Ok(())
            }
        }
    }

    fn into_change(
        self,
        known: &BTreeMap<Object, (String, bool)>,
        unread: &BTreeMap<&Object, &ReadError>,
        read_only: Option<&str>,
    ) -> Change {
        let mut depends_on = vec![];
        let mut blocked = None;
        for need in &self.needs {
            let Object { kind, name, .. } = need;
            if let Some((id, applied)) = known.get(need) {
                depends_on.push(id.clone());
                if !applied {
                    blocked = Some(format!("it needs {kind} {name}, which cannot be mended"));
                }
            } else if let Some(error) = unread.get(need) {
                blocked = Some(format!("it needs {kind} {name}, which could not be read: {}", error.explained()));
            } else {
                blocked = Some(format!("it needs {kind} {name}, which nothing in this baseline makes"));
            }
        }
        let manual = self.manual.or_else(|| read_only.map(str::to_owned));
        let requirement =
            |difference: &Difference| self.meta.requirements.iter().find(|r| r.id == difference.requirement);
        let severities = self.differences.iter().filter_map(requirement).map(|r| r.severity);
        let severity = severities.max().unwrap_or(crate::control::Severity::Low);
        let mut cost: Vec<&str> = self.steps.iter().filter_map(Step::cost).collect();
        cost.dedup();
        Change {
            id: content_id(&self.object, &self.differences, &self.steps, &self.needs),
            account: self.object.at.account,
            region: self.object.at.region,
            control: self.meta.id.to_owned(),
            kind: self.object.kind,
            object: self.object.name,
            action: if self.absent { Action::Add } else { Action::Change },
            severity,
            risk: self.steps.iter().map(Step::risk).max().unwrap_or(Risk::Safe),
            cost: (!cost.is_empty()).then(|| cost.join("; ")),
            undo: self.steps.iter().rev().map(Step::undo).collect(),
            differences: self.differences,
            steps: self.steps,
            depends_on,
            blocked: if manual.is_some() { None } else { blocked },
            manual,
            managed_by: self.managed_by,
            contested: None,
            reverts: None,
        }
    }
}

fn requirements(differences: &[Difference]) -> String {
    let ids: Vec<&str> = differences.iter().map(|difference| difference.requirement.as_str()).collect();
    ids.join(", ")
}
