//! From a baseline to the permissions that it takes: who has to be allowed which action, on what, and why. Pure.
//!
//! Everything is put together from what observations and steps declare, and from what a control says it needs with
//! its settings, so that a control that is added needs nothing here.

mod document;
pub mod never;
pub mod reference;
mod shared;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub use document::{Blanks, Document, documents};
pub use shared::Shared;

use crate::baseline::{Baseline, ManagementAccount, Regions};
use crate::control::{AnyControl, Needs, Runs};
use crate::controls::{self, CONTROLS};
use crate::observe::account::Regions as ListRegions;
use crate::observe::{Call, Home, Observe as _};
use crate::organization;
use crate::plan::Access;
use crate::steps::{DECLARED, OF_ORGANIZATION};
use never::{NEVER, OWN_ROLES};
use reference::{Known, Level, On};

/// Whose permissions they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    /// The credentials that trueup is started with.
    Caller,
    /// The role that reads accounts of this kind.
    Reader(Home),
    /// The role that writes accounts of this kind.
    Writer(Home),
}

impl Holder {
    /// Its name in file names and names of policies.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Reader(Home::Member) => "read-member",
            Self::Reader(Home::Management) => "read-management",
            Self::Writer(Home::Member) => "write-member",
            Self::Writer(Home::Management) => "write-management",
        }
    }
}

/// Why an action is needed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Because {
    /// The control; none: discovery and entering accounts, which every baseline needs.
    pub control: Option<&'static str>,
    /// The observation or the step that calls it.
    pub by: String,
    /// AWS checks it on the caller besides what the step calls.
    pub dependent: bool,
}

/// Why an action is allowed on every resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Anywhere {
    /// AWS defines no resource for it.
    NoResource,
    /// It is checked while the resource is made, which has no name before.
    NotYetThere,
    /// The reference of AWS's actions that trueup carries does not know it.
    Unknown,
}

/// An action that has to be allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    /// ARNs with blanks; or `*`, then alone.
    pub resources: BTreeSet<String>,
    /// Why on every resource, where it is.
    pub anywhere: Option<Anywhere>,
    /// What needs it.
    pub because: BTreeSet<Because>,
}

/// The permissions of one holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Whose they are.
    pub holder: Holder,
    /// What is allowed, by action.
    pub allowed: BTreeMap<String, Allowed>,
    /// What is denied whatever else may be allowed: actions by the resource.
    pub denied: BTreeMap<String, BTreeSet<String>>,
}

/// What permissions are asked for.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The baseline.
    pub baseline: &'a Baseline,
    /// The roles, from baseline and options.
    pub access: &'a Access,
    /// Those of an apply as well.
    pub apply: bool,
    /// Actions of the Deny list that are allowed all the same, to undo something.
    pub reverts: &'a [&'static str],
    /// Objects in S3 that an apply shares with others.
    pub shared: &'a [Shared<'a>],
}

/// The permissions that a baseline takes, of each holder.
///
/// # Errors
/// Settings do not fit their control: the baseline was not checked.
pub fn of(asked: &Asked<'_>) -> Result<Vec<Policy>, serde_json::Error> {
    let needed = Needed::of(asked.baseline)?;
    let reader = |home| needed.reader(home, asked.baseline.regions == Regions::All);
    let mut policies = vec![reader(Home::Member), reader(Home::Management)];
    if asked.apply {
        policies.push(needed.writer(Home::Member, asked));
        if asked.baseline.management_account == ManagementAccount::Include {
            policies.push(needed.writer(Home::Management, asked));
        }
    }
    policies.insert(0, caller(asked, &policies));
    Ok(policies)
}

/// What the controls of a baseline need in each kind of account.
struct Needed {
    by_home: Vec<(Home, &'static str, Needs)>,
    regional: bool,
    certain: BTreeSet<String>,
}

impl Needed {
    fn of(baseline: &Baseline) -> Result<Self, serde_json::Error> {
        let controls: Vec<&dyn AnyControl> = baseline.control_ids().into_iter().filter_map(controls::find).collect();
        let mut by_home = vec![];
        for control in &controls {
            for settings in baseline.variants(control.meta().id) {
                let bound = control.bind(&settings)?;
                let needs = [Home::Member, Home::Management].map(|home| (home, control.meta().id, bound.needs(home)));
                by_home.extend(needs);
            }
        }
        let regional = controls.iter().any(|control| control.meta().runs == Runs::EveryRegion);
        Ok(Self { by_home, regional, certain: reference::certain(declared()) })
    }

    fn judging(&self, home: Home) -> impl Iterator<Item = (&'static str, &Needs)> {
        self.by_home.iter().filter(move |(of, ..)| *of == home).map(|(_, control, needs)| (*control, needs))
    }

    /// Reads where `there` is read while accounts of kind `judged` are judged.
    fn reads(&self, policy: &mut Policy, judged: Home, there: Home) {
        for (control, needs) in self.judging(judged) {
            for reads in needs.reads.iter().filter(|reads| reads.home == there) {
                for call in reads.calls {
                    let because = Because { control: Some(control), by: reads.name.to_owned(), dependent: false };
                    self.allow(policy, call.action, needs, because, Weighed::Read);
                }
            }
        }
    }

    /// What a read role needs in an account of this kind: to judge it, and as the home of others.
    fn reader(&self, home: Home, every_region: bool) -> Policy {
        let mut policy = Policy::new(Holder::Reader(home));
        if every_region && self.regional {
            let because = Because { control: None, by: "the regions of an account".to_owned(), dependent: false };
            let nothing = Needs::default();
            self.allow(&mut policy, ListRegions::CALLS[0].action, &nothing, because, Weighed::Read);
        }
        self.reads(&mut policy, home, Home::Member);
        if home == Home::Management {
            self.reads(&mut policy, Home::Member, home);
            self.reads(&mut policy, home, home);
        }
        policy
    }

    /// What a write role needs in an account of this kind: the reads that look again, and the steps. What is read in
    /// the management account for others is read by its read role, also by an apply.
    fn writer(&self, home: Home, asked: &Asked<'_>) -> Policy {
        let mut policy = Policy::new(Holder::Writer(home));
        for (control, needs) in self.judging(home) {
            for (step, calls, dependent) in DECLARED.iter().filter(|(step, ..)| needs.steps.contains(step)) {
                let because = |dependent| Because { control: Some(control), by: (*step).to_owned(), dependent };
                for call in *calls {
                    let weighed = if call.reads() { Weighed::Read } else { Weighed::Write };
                    self.allow(&mut policy, call.action, needs, because(false), weighed);
                }
                for action in dependent.iter().filter(|action| needs.organization || !of_organization(step, action)) {
                    self.allow(&mut policy, action, needs, because(true), Weighed::Besides(calls));
                }
            }
        }
        // An account that nothing is written in is not entered to write.
        if policy.allowed.is_empty() {
            return policy;
        }
        self.reads(&mut policy, home, Home::Member);
        policy.deny(asked);
        for action in asked.reverts {
            let because = Because { control: None, by: "a revert".to_owned(), dependent: false };
            self.allow(&mut policy, action, &Needs::default(), because, Weighed::Write);
        }
        policy
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
        if let Weighed::Besides(calls) = weighed {
            if let Some(role) = linked_role(action, calls) {
                return (BTreeSet::from([role]), None);
            }
            let makes = calls.iter().filter(|call| !call.reads());
            let nowhere = |call: &Call| reference::look_up(call.action).is_some_and(|known| known.on == On::Nothing);
            let known = reference::look_up(action).is_some_and(|known| known.on != On::Nothing);
            if known && makes.into_iter().any(nowhere) {
                return (BTreeSet::new(), Some(Anywhere::NotYetThere));
            }
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
        let reads = matches!(weighed, Weighed::Read) || matches!(level, Level::List | Level::Read);
        let account = if reads { "*" } else { "{account}" };
        let narrow = !matches!(weighed, Weighed::Besides(_));
        let resources = types.into_iter().flat_map(|(kind, pattern)| {
            let kind = format!("{service}:{kind}");
            let named = needs.names.iter().filter(|(of, _)| narrow && **of == kind);
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
    /// Checked besides these calls.
    Besides(&'static [Call]),
}

/// Every action that is declared anywhere.
fn declared() -> impl Iterator<Item = &'static str> {
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

impl Policy {
    fn new(holder: Holder) -> Self {
        Self { holder, allowed: BTreeMap::new(), denied: BTreeMap::new() }
    }

    fn deny(&mut self, asked: &Asked<'_>) {
        let never = NEVER.iter().map(|never| never.action).filter(|action| !asked.reverts.contains(action));
        self.denied.insert("*".to_owned(), never.map(str::to_owned).collect());
        for role in own_roles(asked.access) {
            let actions = OWN_ROLES.iter().map(|action| (*action).to_owned()).collect();
            self.denied.insert(format!("arn:{{partition}}:iam::{{account}}:role/{role}"), actions);
        }
    }

    fn merge(&mut self, other: &Self) {
        for (action, more) in &other.allowed {
            let own = self.allowed.entry(action.clone()).or_default();
            own.resources.extend(more.resources.iter().cloned());
            own.because.extend(more.because.iter().cloned());
            own.anywhere = own.anywhere.max(more.anywhere);
            if own.anywhere.is_some() {
                own.resources = BTreeSet::from(["*".to_owned()]);
            }
        }
        for (resource, actions) in &other.denied {
            self.denied.entry(resource.clone()).or_default().extend(actions.iter().cloned());
        }
    }
}

/// The names of the roles that trueup enters accounts by; of an ARN, its last part.
#[must_use]
pub fn own_roles(access: &Access) -> BTreeSet<&str> {
    let own = access.accounts.values().flat_map(|own| own.read_role.iter().chain(&own.write_role));
    let all = access.read_role.iter().chain(&access.write_role).chain(&access.management_role).chain(own);
    all.map(|role| role.rsplit_once(":role/").map_or(role.as_str(), |(_, name)| name)).collect()
}

/// What the caller needs: to find the accounts and to enter them, and, where no role is named for the management
/// account, what that role would need.
fn caller(asked: &Asked<'_>, roles: &[Policy]) -> Policy {
    let mut policy = Policy::new(Holder::Caller);
    let tags = asked.baseline.needs_tags();
    for call in organization::CALLS.iter().filter(|call| tags || call.operation != "ListTagsForResource") {
        let because = Because { control: None, by: "the accounts of the organization".to_owned(), dependent: false };
        let (resources, anywhere) = match reference::look_up(call.action).map(|known| known.on) {
            None => (BTreeSet::from(["*".to_owned()]), Some(Anywhere::Unknown)),
            Some(On::Nothing) => (BTreeSet::from(["*".to_owned()]), Some(Anywhere::NoResource)),
            Some(On::All(mut types) | On::One(mut types)) => {
                if call.operation == "ListTagsForResource" {
                    types.retain(|kind, _| kind == "account");
                }
                (types.into_values().map(|pattern| pattern.replace("{account}", "*")).collect(), None)
            }
        };
        policy.allowed.insert(call.action.to_owned(), Allowed { resources, anywhere, because: [because].into() });
    }
    let because = Because { control: None, by: "entering accounts".to_owned(), dependent: false };
    let entering = Allowed { resources: entered(asked), anywhere: None, because: [because].into() };
    policy.allowed.insert("sts:AssumeRole".to_owned(), entering);
    if asked.access.management_role.is_none() {
        let own = [Holder::Reader(Home::Management), Holder::Writer(Home::Management)];
        roles.iter().filter(|role| own.contains(&role.holder)).for_each(|role| policy.merge(role));
    }
    asked.shared.iter().for_each(|shared| shared.allow(&mut policy));
    policy
}

/// The roles that are assumed.
fn entered(asked: &Asked<'_>) -> BTreeSet<String> {
    let access = asked.access;
    let write = |role: &'_ Option<String>| role.clone().filter(|_| asked.apply);
    let arn = |account: &str, role: &str| {
        if role.starts_with("arn:") {
            return role.to_owned();
        }
        format!("arn:{{partition}}:iam::{account}:role/{role}")
    };
    let everywhere = access.read_role.iter().cloned().chain(access.management_role.clone());
    let mut roles: BTreeSet<String> = everywhere.chain(write(&access.write_role)).map(|role| arn("*", &role)).collect();
    for (account, own) in &access.accounts {
        let named = own.read_role.iter().cloned().chain(write(&own.write_role));
        roles.extend(named.map(|role| arn(account.as_str(), &role)));
    }
    roles
}

/// What a service control policy may deny to everybody but the write role: what undoes what the baseline holds, in the
/// services that it writes.
#[must_use]
pub fn protected(policies: &[Policy]) -> BTreeSet<String> {
    let written = policies.iter().filter(|policy| matches!(policy.holder, Holder::Writer(_)));
    let actions: BTreeSet<&str> = written.flat_map(|policy| policy.allowed.keys()).map(String::as_str).collect();
    let services: BTreeSet<&str> = actions
        .iter()
        .filter(|action| reference::look_up(action).is_some_and(|known| known.level != Level::Read))
        .filter_map(|action| action.split(':').next())
        .collect();
    let undoing = NEVER.iter().filter(|never| never.undoes).map(|never| never.action);
    let undoing = undoing.filter(|action| action.split(':').next().is_some_and(|service| services.contains(service)));
    undoing.chain(actions.into_iter().filter(|action| never::sets(action))).map(str::to_owned).collect()
}
