//! What stands in the way of a plan or an apply: what was met, grouped so that the same thing in many accounts is one.
//!
//! Everything here is pure. The engine asks and hands in [`Examined`] accounts, reports print the [`Diagnosis`].

mod mend;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;

use crate::observe::{Class, DeniedBy, ReadError};
use crate::target::{AccountId, Partition, Region};

pub use mend::{Mend, Mends, mends};

/// What of a run a problem concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Which accounts there are.
    Organization,
    /// The clock of this machine.
    Clock,
    /// The folder in which runs are kept.
    State,
    /// The lock that keeps others from applying.
    Lock,
    /// The role that accounts are read with.
    ReadRole,
    /// The role that accounts are written with.
    WriteRole,
    /// A read that a plan makes.
    Read,
    /// A read that a plan may come to make, of which IAM's policy simulator says that the role may not.
    Indicative,
    /// Actions that an apply may come to need, of which IAM's policy simulator says that the write role may not.
    IndicativeWrite,
    /// A region with nothing to judge.
    Region,
}

impl Kind {
    /// All of them, in their order.
    pub const ALL: [Self; 10] = [
        Self::Organization,
        Self::Clock,
        Self::State,
        Self::Lock,
        Self::ReadRole,
        Self::WriteRole,
        Self::Read,
        Self::Indicative,
        Self::IndicativeWrite,
        Self::Region,
    ];
}

/// Why a region has nothing to judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Closed {
    /// The account has not enabled it.
    NotEnabled,
    /// Service control policies deny all that is asked there.
    ByPolicy,
}

/// Something that is in the way; where it is the same, it is one problem.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Problem {
    /// What it concerns.
    pub kind: Kind,
    /// What was asked, as an IAM action, or what else tells it from others of its kind.
    pub subject: String,
    /// How the answer was refused, where something was asked.
    pub class: Option<Class>,
    /// The roles that were tried, or the one that asked; empty: the caller's own credentials.
    pub roles: Vec<String>,
    /// The external id that was sent with the role.
    pub external_id: Option<String>,
    /// Why a region has nothing to judge.
    pub closed: Option<Closed>,
}

/// What stands between the actions of one problem.
const BETWEEN: &str = ", ";

/// So many of them are in its title.
const FEW: usize = 3;

/// Where a problem is met, and what was said of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Whether a plan or an apply would be incomplete with it; otherwise it is worth knowing.
    pub incomplete: bool,
    /// The accounts with their regions; empty where it concerns no account.
    pub places: BTreeMap<AccountId, BTreeSet<Region>>,
    /// The words of AWS, or of this machine, for the first of these places.
    pub words: Option<String>,
    /// What mends it, where it concerns no account.
    pub mends: Vec<Mend>,
    first: Option<(AccountId, Option<Region>, String)>,
}

/// A read that was not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Met {
    /// Why.
    pub error: ReadError,
    /// Whether a plan needs the answer as things are; otherwise it may need it when they change.
    pub needed: bool,
}

/// One account as it was examined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined {
    /// The account.
    pub account: AccountId,
    /// Its name, where it is known.
    pub name: Option<String>,
    /// Why it was not asked.
    pub skipped: Option<String>,
    /// The ARN of the role by which it was entered; none: by the caller's own credentials, or not at all.
    pub role: Option<String>,
    /// Why it could not be entered to read.
    pub refused: Option<ReadError>,
    /// The ARN of the role by which it was entered to write; none: by the caller's own credentials, or not at all.
    pub write_role: Option<String>,
    /// Why it could not be entered to write; none where that was not tried.
    pub write_refused: Option<ReadError>,
    /// The regions that are read.
    pub regions: Vec<Region>,
    /// The regions that the account has and has not enabled, where all that are enabled are read.
    pub off: Vec<Region>,
    /// Regions that the user listed, with nothing to judge.
    pub closed: Vec<(Region, Closed)>,
    /// Reads that were not answered.
    pub met: Vec<Met>,
    /// Reads that were not made here, and that IAM's policy simulator says would be refused.
    pub foreseen: Vec<ReadError>,
    /// What an apply may need, and IAM's policy simulator says would be refused to the write role.
    pub foreseen_writes: Vec<ReadError>,
    /// Who sets a value in the account's place: the control, and the owner in words.
    pub owners: Vec<(String, String)>,
}

impl Examined {
    /// An account of which nothing is known yet.
    #[must_use]
    pub fn new(account: AccountId, name: Option<String>) -> Self {
        Self {
            account,
            name,
            skipped: None,
            role: None,
            refused: None,
            write_role: None,
            write_refused: None,
            regions: vec![],
            off: vec![],
            closed: vec![],
            met: vec![],
            foreseen: vec![],
            foreseen_writes: vec![],
            owners: vec![],
        }
    }
}

/// How an account was to be entered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ways {
    /// The roles to read with, in the order in which they are tried; empty: the caller's own credentials.
    pub read: Vec<String>,
    /// The role to write with.
    pub write: Option<String>,
    /// The external id that is sent with them.
    pub external_id: Option<String>,
}

/// By which role accounts were entered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Entered {
    /// The role; none: the caller's own credentials.
    pub role: Option<String>,
    /// Roles that come before it and were refused.
    pub refused: Vec<String>,
}

/// What mends are made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The ARN of who runs trueup.
    pub caller: String,
    /// The account of the caller.
    pub account: AccountId,
    /// The partition.
    pub partition: Partition,
    /// The home region.
    pub home_region: Region,
    /// The date of the run.
    pub today: Date,
}

/// Accounts by how far they were examined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Accounts {
    /// Selected, skipped ones included.
    pub in_scope: usize,
    /// A plan would read all of it.
    pub ready: usize,
    /// Something is in the way.
    pub troubled: usize,
    /// Not asked.
    pub skipped: usize,
}

/// What was found, over all accounts. It grows with what is different, and keeps of an account its id alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnosis {
    /// What is in the way, and where.
    pub problems: BTreeMap<Problem, Group>,
    /// How many accounts were entered by which role.
    pub entered: BTreeMap<Entered, usize>,
    /// How many accounts are read in which regions.
    pub regions: BTreeMap<Vec<Region>, usize>,
    /// How many accounts have not enabled which regions, where all that are enabled are read.
    pub off: BTreeMap<Vec<Region>, usize>,
    /// In how many accounts somebody else sets the values of a control: control and owner.
    pub owners: BTreeMap<(String, String), usize>,
    /// Why accounts were not asked.
    pub skipped: BTreeMap<String, usize>,
    /// How many accounts there are.
    pub accounts: Accounts,
    /// The names of accounts with a problem.
    pub names: BTreeMap<AccountId, String>,
    /// The roles by which the management account is asked for others; empty: the caller's own credentials.
    pub management_roles: Vec<String>,
}

impl Diagnosis {
    /// Whether a plan and an apply would be complete.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.problems.values().all(|group| !group.incomplete)
    }

    /// Adds what concerns no account.
    pub fn note(&mut self, kind: Kind, subject: &str, incomplete: bool, words: Option<String>, mends: Mends) {
        let group = self.problems.entry(Problem::of(kind, subject)).or_default();
        *group = Group { incomplete, words, mends: mends.into(), ..Group::default() };
    }

    /// Adds an account.
    pub fn add(&mut self, examined: Examined, ways: &Ways) {
        self.accounts.in_scope += 1;
        if let Some(why) = examined.skipped {
            self.accounts.skipped += 1;
            *self.skipped.entry(why).or_default() += 1;
            return;
        }
        let troubled = examined.refused.is_some() || examined.met.iter().any(|met| met.needed);
        let troubled = troubled || examined.write_refused.is_some();
        *(if troubled { &mut self.accounts.troubled } else { &mut self.accounts.ready }) += 1;
        let role = examined.role.as_deref().map(|arn| name_of(arn).to_owned());
        let by: Vec<String> = examined.role.iter().map(|arn| with_path(arn).to_owned()).collect();
        if examined.refused.is_none() {
            let before = ways.read.iter().take_while(|name| Some(name_of(name)) != role.as_deref());
            let refused = if role.is_some() { before.cloned().collect() } else { vec![] };
            *self.entered.entry(Entered { role: role.clone(), refused }).or_default() += 1;
            *self.regions.entry(examined.regions).or_default() += 1;
            *self.off.entry(examined.off).or_default() += 1;
        }
        let entries =
            [(Kind::ReadRole, examined.refused, &ways.read), (Kind::WriteRole, examined.write_refused, &one(ways))];
        for (kind, refused, roles) in entries {
            let Some(error) = refused else { continue };
            let problem = Problem {
                class: Some(error.class),
                roles: roles.clone(),
                external_id: ways.external_id.clone(),
                ..Problem::of(kind, &error.action)
            };
            self.met(problem, &error, true);
        }
        for Met { error, needed } in examined.met {
            // What the management account is asked for all members, it is asked by a role of its own.
            let own = error.at.account == examined.account;
            let roles = if own { by.clone() } else { self.management_roles.clone() };
            let roles = roles.iter().map(|role| with_path(role).to_owned()).collect();
            let problem = Problem { class: Some(error.class), roles, ..Problem::of(Kind::Read, &error.action) };
            self.met(problem, &error, needed);
        }
        for error in examined.foreseen {
            let problem =
                Problem { class: Some(error.class), roles: by.clone(), ..Problem::of(Kind::Indicative, &error.action) };
            self.met(problem, &error, false);
        }
        // All that one role lacks is one problem, with one statement.
        let mut lacking: BTreeMap<Class, Vec<ReadError>> = BTreeMap::new();
        for error in examined.foreseen_writes {
            lacking.entry(error.class).or_default().push(error);
        }
        for (class, errors) in lacking {
            let actions: Vec<&str> = errors.iter().map(|error| error.action.as_str()).collect();
            let roles = examined.write_role.iter().map(|role| with_path(role).to_owned()).collect();
            let problem =
                Problem { class: Some(class), roles, ..Problem::of(Kind::IndicativeWrite, &actions.join(BETWEEN)) };
            self.met(problem, &errors[0], false);
        }
        for (region, closed) in examined.closed {
            let problem =
                Problem { closed: Some(closed), roles: by.clone(), ..Problem::of(Kind::Region, region.as_str()) };
            let places = &mut self.problems.entry(problem).or_default().places;
            places.entry(examined.account.clone()).or_default().insert(region);
        }
        for owner in examined.owners.into_iter().collect::<BTreeSet<_>>() {
            *self.owners.entry(owner).or_default() += 1;
        }
        let named = self.problems.values().any(|group| group.places.contains_key(&examined.account));
        if let Some(name) = examined.name.filter(|name| named && !name.is_empty()) {
            self.names.insert(examined.account, name);
        }
    }

    fn met(&mut self, problem: Problem, error: &ReadError, incomplete: bool) {
        let group = self.problems.entry(problem).or_default();
        group.incomplete |= incomplete;
        group.places.entry(error.at.account.clone()).or_default().extend(error.at.region.clone());
        // Accounts come in whichever order they are done, and what is shown must not depend on it.
        let said = match &error.code {
            Some(code) => format!("{code}: {}", error.message),
            None => error.message.clone(),
        };
        let here = (error.at.account.clone(), error.at.region.clone(), said.clone());
        if group.first.as_ref().is_none_or(|first| here < *first) {
            group.first = Some(here);
            group.words = Some(said).filter(|said| !said.is_empty());
        }
    }
}

fn one(ways: &Ways) -> Vec<String> {
    ways.write.iter().cloned().collect()
}

impl Problem {
    fn of(kind: Kind, subject: &str) -> Self {
        Self { kind, subject: subject.to_owned(), class: None, roles: vec![], external_id: None, closed: None }
    }

    /// The actions that it is about.
    fn actions(&self) -> Vec<&str> {
        self.subject.split(BETWEEN).collect()
    }

    /// Whether a statement in the role's policy would mend it, as far as the answer says.
    #[must_use]
    pub fn is_a_missing_permission(&self) -> bool {
        let by_identity = matches!(self.class, Some(Class::Denied(DeniedBy::Identity | DeniedBy::Unknown)));
        self.kind == Kind::Read && by_identity
    }

    /// What is the matter, in words without the places.
    #[must_use]
    pub fn says(&self) -> String {
        let roles = || if self.roles.is_empty() { "no role".to_owned() } else { self.roles.join(", ") };
        let class = self.class.map(|class| class.to_string()).unwrap_or_default();
        match self.kind {
            Kind::ReadRole => format!("cannot be entered to read, as {}: {class}", roles()),
            Kind::WriteRole => format!("cannot be entered to write, as {}: {class}", roles()),
            Kind::Read => format!("{}: {class}", self.subject),
            Kind::Indicative => {
                format!("{}: {class}, says IAM's policy simulator (indicative; no read needed it here)", self.subject)
            }
            Kind::IndicativeWrite => {
                let actions = self.actions();
                let (few, rest) = actions.split_at(actions.len().min(FEW));
                let rest = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
                let roles = roles();
                format!(
                    "{}{rest}, as {roles}: {class}, says IAM's policy simulator (indicative; an apply may need them)",
                    few.join(BETWEEN)
                )
            }
            Kind::Region => match self.closed {
                Some(Closed::ByPolicy) => format!("{} is closed by SCP", self.subject),
                _ => format!("{} is not enabled", self.subject),
            },
            Kind::Organization | Kind::Clock | Kind::State | Kind::Lock => self.subject.clone(),
        }
    }
}

/// A role that may be given by its ARN, as its path and name: the same in every account.
fn with_path(role: &str) -> &str {
    role.split_once(":role/").map_or(role, |(_, role)| role)
}

/// The name of a role that may be given by its ARN, without its path.
fn name_of(role: &str) -> &str {
    role.rsplit('/').next().unwrap_or(role)
}
