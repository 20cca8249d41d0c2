//! From a baseline to the permissions that it takes: who has to be allowed which action, on what, and why. Pure.
//!
//! Everything is put together from what observations and steps declare, and from what a control says it needs with
//! its settings, so that a control that is added needs nothing here.

mod caller;
mod document;
mod needed;
pub mod never;
pub mod reference;
mod shared;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub use caller::own_roles;
pub use document::{Blanks, Document, documents};
pub use shared::Shared;

use serde_json::Value;

use crate::baseline::{Baseline, ManagementAccount, Regions};
use crate::control::AnyControl;
use crate::controls;
use crate::observe::Home;
use crate::plan::Access;
use crate::target::AccountId;
use needed::Needed;
use never::{NEVER, OWN_PATH, OWN_POLICIES, OWN_ROLES};
use reference::Level;

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
            Self::Reader(Home::LogArchive) => "read-log-archive",
            Self::Writer(Home::LogArchive) => "write-log-archive",
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
#[derive(Clone)]
pub struct Asked<'a> {
    /// The baseline.
    pub baseline: &'a Baseline,
    /// Those of its controls that are meant.
    pub controls: &'a [&'static dyn AnyControl],
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
    let needed = Needed::of(asked)?;
    let reader = |home: &Home| needed.reader(*home, asked.baseline.regions == Regions::All);
    let mut policies: Vec<Policy> = needed.kinds().iter().map(reader).collect();
    if asked.apply {
        let included = asked.baseline.management_account == ManagementAccount::Include;
        for home in needed.kinds() {
            let manages = *home == Home::Management;
            let mut policy =
                if manages && !included { Policy::new(Holder::Writer(*home)) } else { needed.writer(*home, asked) };
            if manages {
                needed.as_root(&mut policy);
            }
            // Where the management account is not written, its role is there for nothing but that.
            if included || !manages || !policy.allowed.is_empty() {
                policies.push(policy);
            }
        }
    }
    policies.insert(0, caller::caller(asked, &policies));
    Ok(policies)
}

impl Policy {
    fn new(holder: Holder) -> Self {
        Self { holder, allowed: BTreeMap::new(), denied: BTreeMap::new() }
    }

    fn deny(&mut self, asked: &Asked<'_>) {
        let never = NEVER.iter().map(|never| never.action).filter(|action| !asked.reverts.contains(action));
        self.denied.insert("*".to_owned(), never.map(str::to_owned).collect());
        let owned = |actions: &[&str]| actions.iter().map(|action| (*action).to_owned()).collect();
        for role in own_roles(asked.access) {
            self.denied.insert(format!("arn:{{partition}}:iam::{{account}}:role/{role}"), owned(OWN_ROLES));
        }
        self.denied.insert(format!("arn:{{partition}}:iam::{{account}}:policy{OWN_PATH}*"), owned(OWN_POLICIES));
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

/// The accounts that these controls of a baseline have keep the logs of others.
#[must_use]
pub fn log_archives(baseline: &Baseline, controls: &[&'static dyn AnyControl]) -> BTreeSet<AccountId> {
    controls::log_archives(refs(&variants(baseline, controls)))
}

/// The accounts that these controls of a baseline name because others depend on them.
#[must_use]
pub fn named_homes(baseline: &Baseline, controls: &[&'static dyn AnyControl]) -> BTreeSet<AccountId> {
    controls::named_homes(refs(&variants(baseline, controls)))
}

/// The accounts that these controls of a baseline name because what other accounts lack is mended there.
#[must_use]
pub fn named_menders(baseline: &Baseline, controls: &[&'static dyn AnyControl]) -> BTreeSet<AccountId> {
    controls::named_menders(refs(&variants(baseline, controls)))
}

/// The settings of these controls, by id, wherever the baseline wants them.
fn variants(baseline: &Baseline, controls: &[&'static dyn AnyControl]) -> Vec<(&'static str, Value)> {
    let ids = controls.iter().map(|control| control.meta().id);
    ids.flat_map(|id| baseline.variants(id).into_iter().map(move |settings| (id, settings))).collect()
}

fn refs<'a>(settings: &'a [(&'static str, Value)]) -> impl Iterator<Item = (&'a str, &'a Value)> {
    settings.iter().map(|(id, settings)| (*id, settings))
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
