//! What the controls of a baseline need in each kind of account.

use std::collections::BTreeSet;

use super::reference::{self, Known, Level, On};
use super::{Anywhere, Asked, Because, Holder, Policy, log_archives};
use crate::control::{Needs, Runs};
use crate::controls::CONTROLS;
use crate::observe::account::Regions as ListRegions;
use crate::observe::{Call, Home, Observe as _, Reads};
use crate::steps::{AS_ROOT, DECLARED, OF_ORGANIZATION};

/// What the controls of a baseline need in each kind of account.
pub(super) struct Needed {
    kinds: &'static [Home],
    by_home: Vec<(Home, &'static str, Needs)>,
    regional: bool,
    certain: BTreeSet<String>,
}

impl Needed {
    pub(super) fn of(asked: &Asked<'_>) -> Result<Self, serde_json::Error> {
        let alone = log_archives(asked.baseline, asked.controls).is_empty();
        let kinds: &[Home] =
            if alone { &[Home::Member, Home::Management] } else { &[Home::Member, Home::Management, Home::LogArchive] };
        let mut by_home = vec![];
        for control in asked.controls {
            for settings in asked.baseline.variants(control.meta().id) {
                let bound = control.bind(&settings)?;
                by_home.extend(kinds.iter().map(|home| (*home, control.meta().id, bound.needs(*home))));
            }
        }
        let regional = asked.controls.iter().any(|control| control.meta().runs == Runs::EveryRegion);
        Ok(Self { kinds, by_home, regional, certain: reference::certain(declared()) })
    }

    /// The kinds of accounts that there are.
    pub(super) fn kinds(&self) -> &'static [Home] {
        self.kinds
    }

    pub(super) fn judging(&self, home: Home) -> impl Iterator<Item = (&'static str, &Needs)> {
        self.by_home.iter().filter(move |(of, ..)| *of == home).map(|(_, control, needs)| (*control, needs))
    }

    /// Reads where `there` is read while accounts of kind `judged` are judged.
    fn reads(&self, policy: &mut Policy, judged: Home, there: Home) {
        self.observed(policy, judged, there, |needs| &needs.reads, |_, _| true);
    }

    /// Calls of observations where `there` is read while accounts of kind `judged` are judged, as far as they are `asked`.
    fn observed(
        &self,
        policy: &mut Policy,
        judged: Home,
        there: Home,
        of: fn(&Needs) -> &[Reads],
        asked: fn(&Reads, &Call) -> bool,
    ) {
        for (control, needs) in self.judging(judged) {
            for reads in of(needs).iter().filter(|reads| reads.home == there) {
                for call in reads.calls.iter().filter(|call| asked(reads, call)) {
                    let because = Because { control: Some(control), by: reads.name.to_owned(), dependent: false };
                    self.allow(policy, call.action, needs, because, Weighed::Read);
                }
            }
        }
    }

    /// What a read role needs in an account of this kind: to judge it, and as the home of others.
    pub(super) fn reader(&self, home: Home, every_region: bool) -> Policy {
        let mut policy = Policy::new(Holder::Reader(home));
        if every_region && self.regional {
            let because = Because { control: None, by: "the regions of an account".to_owned(), dependent: false };
            let nothing = Needs::default();
            self.allow(&mut policy, ListRegions::CALLS[0].action, &nothing, because, Weighed::Read);
        }
        self.reads(&mut policy, home, Home::Member);
        self.observed(&mut policy, home, Home::Member, |needs| &needs.fallbacks, |_, _| true);
        if home != Home::Member {
            self.kinds.iter().for_each(|judged| self.reads(&mut policy, *judged, home));
        }
        policy
    }

    /// What a write role needs in an account of this kind: the reads that look again, and the steps. What is read in
    /// the management account for others is read by its read role, also by an apply.
    pub(super) fn writer(&self, home: Home, asked: &Asked<'_>) -> Policy {
        let mut policy = Policy::new(Holder::Writer(home));
        let mut writes = false;
        for (control, needs) in self.judging(home) {
            for (step, calls, dependent) in DECLARED.iter().filter(|(step, ..)| needs.steps.contains(step)) {
                writes = true;
                // No role of the account needs a permission for what its root user does.
                if AS_ROOT.contains(&(*step, true)) {
                    continue;
                }
                let because = |dependent| Because { control: Some(control), by: (*step).to_owned(), dependent };
                for call in calls.iter().filter(|call| !needs.spared.contains(&call.action)) {
                    let weighed = if call.reads() { Weighed::Read } else { Weighed::Write };
                    self.allow(&mut policy, call.action, needs, because(false), weighed);
                }
                let taken = |action: &&&str| {
                    (needs.organization || !of_organization(step, action)) && !needs.spared.contains(*action)
                };
                for action in dependent.iter().filter(taken) {
                    self.allow(&mut policy, action, needs, because(true), Weighed::Besides(calls));
                }
            }
        }
        // An account that nothing is written in is not entered to write.
        if !writes {
            return policy;
        }
        // Who looks again before a write does not ask for what is only told.
        let again = |reads: &Reads, call: &Call| !reads.told.contains(call);
        self.observed(&mut policy, home, Home::Member, |needs| &needs.reads, again);
        policy.deny(asked);
        for action in asked.reverts {
            let because = Because { control: None, by: "a revert".to_owned(), dependent: false };
            self.allow(&mut policy, action, &Needs::default(), because, Weighed::Write);
        }
        policy
    }

    /// What a write role of the management account needs so that steps can be done as the root users of other accounts.
    pub(super) fn as_root(&self, policy: &mut Policy) {
        let done = |needs: &Needs, step: &str| needs.steps.contains(&step) && AS_ROOT.contains(&(step, true));
        for (_, control, needs) in self.by_home.iter().filter(|(home, ..)| *home != Home::Management) {
            for (step, calls, _) in DECLARED.iter().filter(|(step, ..)| done(needs, step)) {
                let because = Because { control: Some(control), by: (*step).to_owned(), dependent: false };
                for call in calls.iter().take(1) {
                    self.allow(policy, call.action, needs, because.clone(), Weighed::Above);
                }
            }
        }
    }

    fn allow(&self, policy: &mut Policy, action: &str, needs: &Needs, because: Because, weighed: Weighed) {
        let (resources, anywhere) = self.resources(action, needs, weighed);
        let allowed = policy.allowed.entry(action.to_owned()).or_default();
        allowed.because.insert(because);
        allowed.resources.extend(resources);
        allowed.anywhere = allowed.anywhere.max(anywhere);
        if allowed.anywhere.is_some() {
            allowed.resources = BTreeSet::from(["*".to_owned()]);
        }
    }

    fn resources(&self, action: &str, needs: &Needs, weighed: Weighed) -> (BTreeSet<String>, Option<Anywhere>) {
        if let Weighed::Besides(calls) = weighed
            && let Some(role) = linked_role(action, calls)
        {
            return (BTreeSet::from([role]), None);
        }
        let service = action.split(':').next().unwrap_or_default();
        let (types, level) = match reference::look_up(action) {
            None => return (BTreeSet::new(), Some(Anywhere::Unknown)),
            Some(Known { on: On::Nothing, .. }) => return (BTreeSet::new(), Some(Anywhere::NoResource)),
            Some(Known { on: On::All(types), level }) => (types, level),
            Some(Known { on: On::One(mut types), level }) => {
                let meant = |kind: &String| self.certain.contains(&format!("{service}:{kind}"));
                if types.keys().any(meant) {
                    types.retain(|kind, _| meant(kind));
                }
                (types, level)
            }
        };
        // What is read may be another account's, such as the organization's trail; what is written is the account's.
        let elsewhere = matches!(weighed, Weighed::Read | Weighed::Above) || matches!(level, Level::List | Level::Read);
        let account = if elsewhere { "*" } else { "{account}" };
        // A role that is passed is the one that is meant, and no other.
        let narrow = |kind: &str| match weighed {
            Weighed::Read => !needs.read_by_any_name.contains(&kind),
            Weighed::Write | Weighed::Above => true,
            Weighed::Besides(_) => action == "iam:PassRole",
        };
        let resources = types.into_iter().flat_map(|(kind, pattern)| {
            let kind = format!("{service}:{kind}");
            let named = needs.names.iter().filter(|(of, _)| **of == kind && narrow(&kind));
            let named: Vec<String> = named.map(|(_, name)| with_name(&pattern, name)).collect();
            if named.is_empty() { vec![pattern] } else { named }
        });
        (resources.map(|pattern| pattern.replace("{account}", account)).collect(), None)
    }
}

/// How an action comes to be weighed.
#[derive(Clone, Copy)]
enum Weighed {
    /// Called to read.
    Read,
    /// Called to write.
    Write,
    /// Called in the management account to write another one.
    Above,
    /// Checked besides these calls.
    Besides(&'static [Call]),
}

/// Every action that is declared anywhere.
pub(super) fn declared() -> impl Iterator<Item = &'static str> {
    let reads = CONTROLS.iter().flat_map(|control| control.reads()).flat_map(|reads| reads.calls);
    let steps = DECLARED.iter().flat_map(|(_, calls, _)| *calls);
    reads.chain(steps).map(|call| call.action)
}

fn of_organization(step: &str, action: &str) -> bool {
    OF_ORGANIZATION.iter().any(|(of, actions)| *of == step && actions.contains(&action))
}

/// The service-linked roles of the service that a step calls: what a service asks IAM for on the caller's behalf.
fn linked_role(action: &str, calls: &[Call]) -> Option<String> {
    if !["iam:CreateServiceLinkedRole", "iam:GetRole"].contains(&action) {
        return None;
    }
    let principal = match calls.iter().find(|call| !call.reads())?.action.split(':').next()? {
        "macie2" => "macie",
        service => service,
    };
    // What a service makes for a part of itself has a name before its own: `malware-protection.guardduty`.
    Some(format!("arn:{{partition}}:iam::{{account}}:role/aws-service-role/*{principal}.amazonaws.com/*"))
}

/// The pattern of a type with a name that the settings give; what depends on account and region stays open.
fn with_name(pattern: &str, name: &str) -> String {
    let name = name.replace("{account}", "*").replace("{region}", "*");
    let (head, last) = pattern.rsplit_once(':').unwrap_or(("", pattern));
    let stem = last.strip_suffix('*').unwrap_or(last);
    format!("{head}:{stem}{}", name.strip_prefix(stem).unwrap_or(&name))
}
