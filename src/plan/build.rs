//! From what was judged to what will be done. Pure.

use std::collections::BTreeMap;

use super::change::{Action, Change, content_id};
use crate::control::Meta;
use crate::drift::{Difference, Drift, Fix, Judged};
use crate::observe::ReadError;
use crate::steps::{Risk, Step};
use crate::target::{AccountId, Object};

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
/// `read_only` says why nothing may be written in this account; its changes then wait for a person. `elsewhere` is what
/// is planned in other accounts.
///
/// # Errors
/// Two controls contradict each other.
pub fn build(
    judged: &[(&'static Meta, Judged)],
    read_only: Option<&str>,
    elsewhere: &Elsewhere,
) -> Result<Vec<Change>, Conflict> {
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
    let mut known = elsewhere.clone();
    let mut changes = vec![];
    for next in in_order(joined) {
        let change = next.into_change(&known, &unread, read_only);
        known.add(&change);
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

    fn into_change(self, known: &Elsewhere, unread: &BTreeMap<&Object, &ReadError>, read_only: Option<&str>) -> Change {
        let mut depends_on = vec![];
        let mut blocked = None;
        for need in &self.needs {
            match known.changes.get(need) {
                Some((id, None)) => depends_on.push(id.clone()),
                Some((id, Some(why))) => {
                    depends_on.push(id.clone());
                    blocked = Some(format!("it needs {}, which cannot be mended{why}", self.words(need)));
                }
                None => {
                    let why = match unread.get(need) {
                        Some(error) => format!("could not be read: {}", error.explained()),
                        None => self.nobody(need, known),
                    };
                    blocked = Some(format!("it needs {}, which {why}", self.words(need)));
                }
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

impl Joined {
    /// Something that this needs, in words.
    fn words(&self, need: &Object) -> String {
        let Object { at, kind, name } = need;
        if at.account == self.object.at.account {
            return format!("{kind} {name}");
        }
        format!("{kind} {name} of account {}", at.account)
    }

    /// Why nothing makes what this needs.
    fn nobody(&self, need: &Object, known: &Elsewhere) -> String {
        let control = self.meta.id;
        if need.at.account == self.object.at.account {
            return "nothing in this baseline makes".to_owned();
        }
        match known.accounts.get(&need.at.account) {
            None => format!("{control} makes there, and that account is not in scope: plan it with this one"),
            Some(Some(why)) => format!("{control} makes there, and that account was not read: {why}"),
            Some(None) => format!("{control} does not make there with what the baseline asks of that account"),
        }
    }
}

/// What is planned in the accounts that others depend on.
#[derive(Clone, Debug, Default)]
pub struct Elsewhere {
    /// The change of each object, and why it cannot be applied, if it cannot.
    changes: BTreeMap<Object, (String, Option<String>)>,
    /// The accounts, each with why nothing is known of it, if so.
    accounts: BTreeMap<AccountId, Option<String>>,
}

impl Elsewhere {
    /// Takes in what is planned in an account; `unread` says why nothing could be.
    pub fn take(&mut self, account: &AccountId, unread: Option<&str>, changes: &[Change]) {
        self.accounts.insert(account.clone(), unread.map(str::to_owned));
        for change in changes {
            self.add(change);
        }
    }

    fn add(&mut self, change: &Change) {
        let why = change.manual.as_ref().or(change.blocked.as_ref()).map(|why| format!(": {why}"));
        self.changes.insert(change.target(), (change.id.clone(), why));
    }
}

fn requirements(differences: &[Difference]) -> String {
    let ids: Vec<&str> = differences.iter().map(|difference| difference.requirement.as_str()).collect();
    ids.join(", ")
}
