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
    let mut known = Known { planned: elsewhere.clone(), unread: unread.collect(), asked: asked(judged) };
    let mut changes = vec![];
    for next in in_order(joined) {
        changes.extend(next.by_hand());
        if let Some(change) = next.by_calls(&known, read_only) {
            known.planned.add(&change);
            changes.push(change);
        } else if let Some(change) = changes.last() {
            known.planned.add(change);
        }
    }
    Ok(changes)
}

/// What is known when a change is planned.
struct Known<'a> {
    /// What is planned so far, here and elsewhere.
    planned: Elsewhere,
    /// What could not be read, and why.
    unread: BTreeMap<&'a Object, &'a ReadError>,
    /// The controls and requirements that the baseline asks of this account, with the other account that mends them.
    asked: BTreeMap<&'static str, Option<&'a AccountId>>,
}

fn asked<'a>(judged: &'a [(&'static Meta, Judged)]) -> BTreeMap<&'static str, Option<&'a AccountId>> {
    let mut asked = BTreeMap::new();
    for (meta, judged) in judged {
        let through = judged.drift.as_ref().and_then(|drift| match &drift.fix {
            Fix::Through { object, .. } => Some(&object.at.account),
            Fix::Steps { .. } | Fix::Manual(_) => None,
        });
        for id in judged.findings.iter().map(|finding| finding.requirement).chain([meta.id]) {
            let known = asked.entry(id).or_insert(through);
            *known = known.or(through);
        }
    }
    asked
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
    fn by_calls(&self, known: &Known<'_>, read_only: Option<&str>) -> Option<Change> {
        let Fix::Steps { steps, needs } = &self.drift.fix else { return None };
        if self.drift.differences.is_empty() {
            return None;
        }
        let mut depends_on = vec![];
        let mut blocked = None;
        for need in needs {
            match known.planned.changes.get(need) {
                Some((id, None)) => depends_on.push(id.clone()),
                Some((id, Some(why))) => {
                    depends_on.push(id.clone());
                    blocked = Some(format!("it needs {}, which cannot be mended{why}", self.words(need)));
                }
                None => {
                    let why = match known.unread.get(need) {
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
            tags_unread: self.drift.tags_unread,
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
    fn nobody(&self, need: &Object, known: &Known<'_>) -> String {
        let control = self.metas[0].id;
        if need.at.account == self.drift.object.at.account {
            let Some(maker) = controls::maker(&need.kind) else { return "nothing in this baseline makes".to_owned() };
            return match known.asked.get(maker) {
                None => format!("`{maker}` would make, and the baseline does not ask for that"),
                Some(None) => format!(
                    "`{maker}` does not make with what the baseline asks of it: see whether names and `scope` there are \
                     those of {control}"
                ),
                Some(Some(there)) => {
                    format!("`{maker}` makes in account {there} alone: give {control} the same `scope` as that has")
                }
            };
        }
        match known.planned.accounts.get(&need.at.account) {
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

    /// What is left to a person of an object says nothing of what calls do to it, which is what others need.
    fn add(&mut self, change: &Change) {
        let is_left = change.manual.is_some() && change.steps.is_empty();
        if is_left && self.changes.contains_key(&change.target()) {
            return;
        }
        let why = change.manual.as_ref().or(change.blocked.as_ref()).map(|why| format!(": {why}"));
        self.changes.insert(change.target(), (change.id.clone(), why));
    }
}

pub(super) fn requirements(differences: &[Difference]) -> String {
    let ids: Vec<&str> = differences.iter().map(|difference| difference.requirement.as_str()).collect();
    ids.join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::controls::find;
    use crate::drift::{Left, Why};
    use crate::ownership::Owner;
    use crate::steps::cloudtrail::{Copies, StartLogging};
    use crate::steps::s3::PutBucketVersioning;
    use crate::target::Target;

    const HERE: &str = "111122223333";
    const ARCHIVE: &str = "444455556666";
    const TRAIL: &str = "cloudtrail.trail.logging";

    fn object(account: &str, kind: &str, name: &str) -> Object {
        let at = Target { account: account.parse().expect("an id"), region: "eu-west-1".parse().ok() };
        Object { at, kind: kind.to_owned(), name: name.to_owned() }
    }

    fn meta(id: &str) -> &'static Meta {
        find(id).expect("a control").meta()
    }

    fn drift(object: Object, requirement: &str, fix: Fix) -> Drift {
        let difference =
            Difference { requirement: requirement.to_owned(), observed: json!(false), wanted: json!(true) };
        Drift::needed(object, false, difference, fix)
    }

    fn trail(needs: Vec<Object>) -> (&'static Meta, Judged) {
        let start = StartLogging {
            trail: "ours".to_owned(),
            region: "eu-west-1".parse().expect("a region"),
            copies: Copies::default(),
        };
        let fix = Fix::Steps { steps: vec![Step::StartLogging(start)], needs };
        (meta("cloudtrail.trail"), Judged::needed(drift(object(HERE, "cloudtrail.trail", "ours"), TRAIL, fix)))
    }

    #[test]
    fn what_a_person_is_left_to_do_about_an_object_blocks_nobody_who_needs_what_calls_do_to_it() {
        let bucket = object(ARCHIVE, "s3.bucket", "logs");
        let versions = PutBucketVersioning {
            bucket: "logs".to_owned(),
            region: "eu-west-1".parse().expect("a region"),
            bills: false,
        };
        let steps = Fix::Steps { steps: vec![Step::PutBucketVersioning(versions)], needs: vec![] };
        let mut both = drift(bucket.clone(), TRAIL, steps);
        let by_hand = drift(bucket.clone(), "cloudtrail.bucket.mfa_delete", Fix::Manual(String::new()));
        let [difference] = &by_hand.differences[..] else { panic!("one") };
        both.left.push(Left { difference: difference.clone(), why: Why::Manual("as the root user".to_owned()) });
        let judged = [(meta("cloudtrail.bucket"), Judged::needed(both))];
        let mut there = build(&judged, None, &Elsewhere::default()).expect("no conflict");
        assert_eq!(there.iter().filter(|change| change.manual.is_some()).count(), 1, "{there:#?}");
        let by_calls = there.iter().find(|change| change.manual.is_none()).expect("it is planned").id.clone();
        for _ in 0..2 {
            let mut elsewhere = Elsewhere::default();
            elsewhere.take(&bucket.at.account, None, &there);
            let here = build(&[trail(vec![bucket.clone()])], None, &elsewhere).expect("no conflict");
            assert_eq!((here[0].depends_on.as_slice(), &here[0].blocked), (&[by_calls.clone()][..], &None));
            there.reverse();
        }
    }

    #[test]
    fn what_is_made_in_another_account_alone_is_said_to_be_asked_for() {
        let group = object(HERE, "logs.log_group", "/trail");
        let alone = build(&[trail(vec![group.clone()])], None, &Elsewhere::default()).expect("no conflict");
        let words = |changes: &[Change]| changes[0].blocked.clone().expect("it is blocked");
        assert!(words(&alone).contains("the baseline does not ask for that"), "{}", words(&alone));
        let owner =
            Owner::OrganizationTrail { account: ARCHIVE.parse().expect("an id"), trail: "organizations".to_owned() };
        let through = Fix::Through { object: object(ARCHIVE, "cloudtrail.trail", "organizations"), owner };
        let logs = "cloudtrail.trail.cloudwatch_logs";
        let mut asked = Judged::needed(drift(object(HERE, "cloudtrail.trail", "organizations"), logs, through));
        asked.findings.push(crate::assessment::Finding {
            requirement: meta("cloudtrail.trail").requirement("cloudwatch_logs").id,
            verdict: crate::assessment::Verdict::Drifted,
            observed: json!(false),
            wanted: json!(true),
            reason: None,
        });
        let both = [(meta("cloudtrail.trail"), asked), trail(vec![group])];
        let there = build(&both, None, &Elsewhere::default()).expect("no conflict");
        let wanted = format!("`{logs}` makes in account {ARCHIVE} alone: give cloudtrail.trail the same `scope`");
        assert!(words(&there).contains(&wanted), "{}", words(&there));
    }
}
