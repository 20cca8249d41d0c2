//! From what was judged to what will be done. Pure.

use std::collections::BTreeMap;

use super::change::{Action, Change, content_id};
use super::join::{Conflict, join};
use crate::control::{Meta, Requirement, Severity};
use crate::controls;
use crate::drift::{Difference, Drift, Fix, Judged, Why};
use crate::observe::ReadError;
use crate::steps::{Risk, Step};
use crate::target::{AccountId, Object};

/// What is planned of one object.
struct Joined {
    /// The controls that ask for it.
    metas: Vec<&'static Meta>,
    drift: Drift,
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
        match joined.iter_mut().find(|known| known.drift.object == drift.object) {
            Some(known) => known.add(meta, drift)?,
            None => joined.extend(join([drift.clone()])?.map(|drift| Joined { metas: vec![meta], drift })),
        }
    }
    let unread = judged.iter().filter_map(|(_, judged)| Some((&judged.object, judged.why_unread()?)));
    let unread: BTreeMap<&Object, &ReadError> = unread.collect();
    let mut known = elsewhere.clone();
    let mut changes = vec![];
    for next in in_order(joined) {
        changes.extend(next.by_hand());
        if let Some(change) = next.by_calls(&known, &unread, read_only) {
            known.add(&change);
            changes.push(change);
        } else if let Some(change) = changes.last() {
            known.add(change);
        }
    }
    Ok(changes)
}

/// What is needed before what needs it; otherwise as judged.
fn in_order(mut open: Vec<Joined>) -> Vec<Joined> {
    let mut done: Vec<Joined> = vec![];
    while !open.is_empty() {
        let waits = |next: &Joined| open.iter().any(|other| next.needs().contains(&other.drift.object));
        // Where needs go in a circle, the first goes on, and apply finds out that it has to wait.
        let ready = open.iter().position(|next| !waits(next)).unwrap_or(0);
        done.push(open.remove(ready));
    }
    done
}

impl Joined {
    fn add(&mut self, meta: &'static Meta, drift: &Drift) -> Result<(), Conflict> {
        if let Some(joined) = join([self.drift.clone(), drift.clone()])? {
            self.drift = joined;
        }
        if !self.metas.iter().any(|known| known.id == meta.id) {
            self.metas.push(meta);
        }
        Ok(())
    }

    fn needs(&self) -> &[Object] {
        match &self.drift.fix {
            Fix::Steps { needs, .. } => needs,
            Fix::Through { .. } | Fix::Manual(_) => &[],
        }
    }

    /// What a person has to mend; none: nothing.
    fn by_hand(&self) -> Option<Change> {
        let mut words: Vec<&str> = vec![];
        let mut differences = vec![];
        for left in &self.drift.left {
            let Why::Manual(said) = &left.why else { continue };
            differences.push(left.difference.clone());
            if !words.contains(&said.as_str()) {
                words.push(said);
            }
        }
        let words = words.join("; ");
        (!differences.is_empty()).then(|| Change { manual: Some(words), ..self.change(differences, vec![], &[]) })
    }

    /// What calls mend; none: nothing.
    fn by_calls(
        &self,
        known: &Elsewhere,
        unread: &BTreeMap<&Object, &ReadError>,
        read_only: Option<&str>,
    ) -> Option<Change> {
        let Fix::Steps { steps, needs } = &self.drift.fix else { return None };
        if self.drift.differences.is_empty() {
            return None;
        }
        let mut depends_on = vec![];
        let mut blocked = None;
        for need in needs {
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
        let change = self.change(self.drift.differences.clone(), steps.clone(), needs);
        let manual = read_only.map(str::to_owned);
        let blocked = blocked.filter(|_| manual.is_none());
        Some(Change { depends_on, manual, blocked, ..change })
    }

    fn change(&self, differences: Vec<Difference>, steps: Vec<Step>, needs: &[Object]) -> Change {
        let object = self.drift.object.clone();
        let asked = |meta: &&&'static Meta| {
            let first = differences.first().map(|difference| difference.requirement.as_str());
            meta.requirements.iter().any(|requirement| first == Some(requirement.id))
        };
        let requirements = self.metas.iter().flat_map(|meta| meta.requirements);
        let is_named = |requirement: &&Requirement| differences.iter().any(|one| one.requirement == requirement.id);
        let mut cost: Vec<&str> = steps.iter().filter_map(Step::cost).collect();
        cost.dedup();
        Change {
            id: content_id(&object, &differences, &steps, needs),
            account: object.at.account,
            region: object.at.region,
            control: self.metas.iter().find(asked).unwrap_or(&self.metas[0]).id.to_owned(),
            kind: object.kind,
            object: object.name,
            action: if self.drift.absent { Action::Add } else { Action::Change },
            severity: requirements.filter(is_named).map(|r| r.severity).max().unwrap_or(Severity::Low),
            risk: steps.iter().map(Step::risk).max().unwrap_or(Risk::Safe),
            cost: (!cost.is_empty()).then(|| cost.join("; ")),
            undo: steps.iter().rev().map(Step::undo).collect(),
            differences,
            steps,
            depends_on: vec![],
            blocked: None,
            manual: None,
            managed_by: self.drift.managed_by.clone(),
            contested: None,
            reverts: None,
        }
    }

    /// Something that this needs, in words.
    fn words(&self, need: &Object) -> String {
        let Object { at, kind, name } = need;
        if at.account == self.drift.object.at.account {
            return format!("{kind} {name}");
        }
        format!("{kind} {name} of account {}", at.account)
    }

    /// Why nothing makes what this needs.
    fn nobody(&self, need: &Object, known: &Elsewhere) -> String {
        let control = self.metas[0].id;
        if need.at.account == self.drift.object.at.account {
            return match controls::maker(&need.kind) {
                Some(maker) => format!("`{maker}` would make, and the baseline does not ask for that"),
                None => "nothing in this baseline makes".to_owned(),
            };
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

pub(super) fn requirements(differences: &[Difference]) -> String {
    let ids: Vec<&str> = differences.iter().map(|difference| difference.requirement.as_str()).collect();
    ids.join(", ")
}
