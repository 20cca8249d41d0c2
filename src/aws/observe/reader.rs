//! The way of an observation to AWS, bound to one target.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use futures::future::BoxFuture;
use serde_json::Value;
use tokio::sync::OnceCell;

use super::{Class, Evidence, Home, Kept, Observation, Observe, ReadError, Scope};
use crate::Session;
use crate::target::{AccountId, Region, Target};

type Seen = Arc<dyn Any + Send + Sync>;
type Cell = Arc<OnceCell<Result<Seen, ReadError>>>;
/// Where a thing is, its name, and which one it is.
type Place = (Option<Region>, &'static str, String);

/// What is known of one account, each thing read once.
#[derive(Default)]
pub struct Shelf(Mutex<HashMap<Place, Cell>>);

impl Shelf {
    fn cell(&self, region: Option<Region>, name: &'static str, key: String) -> Cell {
        Arc::clone(self.0.lock().expect("no panic holds the shelf").entry((region, name, key)).or_default())
    }
}

/// Where answers come from: AWS, or what was kept of an earlier run.
#[derive(Clone)]
enum Source {
    Live(Session),
    Kept(Arc<Evidence>),
}

/// An account that others depend on, with what is known of it.
#[derive(Clone)]
struct Held {
    account: AccountId,
    source: Source,
    shelf: Arc<Shelf>,
}

impl Held {
    fn new(account: AccountId, source: Source) -> Self {
        Self { account, source, shelf: Arc::default() }
    }
}

/// The accounts that others depend on. What is read of them lives as long as the run.
pub struct Homes {
    management: Option<AccountId>,
    /// The management account, and those that the baseline names.
    held: Vec<Held>,
    keeping: Option<Arc<Evidence>>,
    home_region: Region,
    listed_regions: Vec<Region>,
    units: Arc<HashMap<AccountId, Vec<String>>>,
}

impl Homes {
    /// The homes of a run that reads AWS. Without `management`, what depends on it is unreadable.
    /// With `keeping`, every observation is kept there.
    #[must_use]
    pub fn live(management: Option<Session>, home_region: Region, keeping: Option<Arc<Evidence>>) -> Self {
        let mut homes = Self {
            management: None,
            held: vec![],
            keeping,
            home_region,
            listed_regions: vec![],
            units: Arc::default(),
        };
        if let Some(session) = management {
            homes.management = Some(session.account().clone());
            homes.hold(session.account().clone(), Source::Live(session));
        }
        homes
    }

    /// With the accounts that the baseline names because others depend on them.
    #[must_use]
    pub fn with_named(mut self, sessions: impl IntoIterator<Item = Session>) -> Self {
        for session in sessions {
            self.hold(session.account().clone(), Source::Live(session));
        }
        self
    }

    fn hold(&mut self, account: AccountId, source: Source) {
        if self.held(&account).is_none() {
            self.held.push(Held::new(account, source));
        }
    }

    fn held(&self, account: &AccountId) -> Option<&Held> {
        self.held.iter().find(|held| held.account == *account)
    }

    /// The accounts that others depend on, in the order in which they depend on each other: what the management account
    /// needs is in those that the baseline names.
    pub fn accounts(&self) -> impl Iterator<Item = &AccountId> {
        let all = || self.held.iter().map(|held| &held.account);
        let manages = |account: &&AccountId| self.management.as_ref() == Some(*account);
        all().filter(move |account| !manages(account)).chain(all().filter(manages))
    }

    /// The regions that the user listed, where they are listed.
    #[must_use]
    pub fn with_regions(self, listed_regions: Vec<Region>) -> Self {
        Self { listed_regions, ..self }
    }

    /// Where accounts are in the organization: of each the ids of the root and of the units that hold it, from above.
    #[must_use]
    pub fn with_units(self, units: impl IntoIterator<Item = (AccountId, Vec<String>)>) -> Self {
        let known = units.into_iter().filter(|(_, ids)| !ids.is_empty());
        Self { units: Arc::new(known.collect()), ..self }
    }

    /// The homes of a run that judges kept evidence again; `named` are those that the baseline names.
    #[must_use]
    pub fn kept(
        management: Option<AccountId>,
        named: Vec<AccountId>,
        home_region: Region,
        evidence: &Arc<Evidence>,
    ) -> Self {
        let mut homes = Self {
            management: management.clone(),
            held: vec![],
            keeping: None,
            home_region,
            listed_regions: vec![],
            units: Arc::default(),
        };
        for account in management.into_iter().chain(named) {
            homes.hold(account, Source::Kept(Arc::clone(evidence)));
        }
        homes
    }

    /// The same homes, of which nothing is known yet: what was read of them before a write no longer counts.
    #[must_use]
    pub fn afresh(&self) -> Self {
        let held = self.held.iter().map(|held| Held::new(held.account.clone(), held.source.clone()));
        Self {
            management: self.management.clone(),
            held: held.collect(),
            keeping: self.keeping.clone(),
            home_region: self.home_region.clone(),
            listed_regions: self.listed_regions.clone(),
            units: Arc::clone(&self.units),
        }
    }

    /// Keeps why an account could not be entered.
    pub fn keep_entry(&self, account: &AccountId, refused: Option<&ReadError>) {
        if let (Some(keeping), Some(refused)) = (&self.keeping, refused) {
            keeping.keep(account, [Kept::refusal(refused)]);
        }
    }
}

/// Reads one target, and through [`Reader::home`] the accounts it depends on.
#[derive(Clone)]
pub struct Reader {
    at: Target,
    source: Source,
    shelf: Arc<Shelf>,
    homes: Arc<Homes>,
    tells: bool,
}

impl Reader {
    /// A reader of an account by its session.
    #[must_use]
    pub fn live(session: Session, homes: &Arc<Homes>) -> Self {
        let account = session.account().clone();
        Self::new(account, Source::Live(session), homes)
    }

    /// A reader of what was kept of an account.
    #[must_use]
    pub fn kept(account: AccountId, evidence: &Arc<Evidence>, homes: &Arc<Homes>) -> Self {
        Self::new(account, Source::Kept(Arc::clone(evidence)), homes)
    }

    fn new(account: AccountId, source: Source, homes: &Arc<Homes>) -> Self {
        let shelf = homes.held(&account).map_or_else(Arc::default, |held| Arc::clone(&held.shelf));
        Self { at: Target { account, region: None }, source, shelf, homes: Arc::clone(homes), tells: true }
    }

    /// The same for who looks again before a write: what is only told was told by the plan.
    #[must_use]
    pub fn again(self) -> Self {
        Self { tells: false, ..self }
    }

    /// Whether somebody is told what was read, or only a write depends on it.
    #[must_use]
    pub fn tells(&self) -> bool {
        self.tells
    }

    /// The target that is read.
    #[must_use]
    pub fn at(&self) -> &Target {
        &self.at
    }

    /// The region in which what has no region of its own is asked for.
    #[must_use]
    pub fn region(&self) -> &Region {
        self.at.region.as_ref().unwrap_or(&self.homes.home_region)
    }

    /// The home region of the run.
    #[must_use]
    pub fn home_region(&self) -> &Region {
        &self.homes.home_region
    }

    /// The regions that the user listed; none where all are meant.
    #[must_use]
    pub fn listed_regions(&self) -> &[Region] {
        &self.homes.listed_regions
    }

    /// The ids of the root and of the units that hold the account, from above; none where its place is not known.
    #[must_use]
    pub fn units(&self) -> Option<&[String]> {
        self.homes.units.get(&self.at.account).map(Vec::as_slice)
    }

    /// The same account in a region.
    #[must_use]
    pub fn in_region(&self, region: &Region) -> Self {
        Self { at: Target { region: Some(region.clone()), ..self.at.clone() }, ..self.clone() }
    }

    /// The same account as a whole.
    #[must_use]
    pub fn at_account(&self) -> Self {
        Self { at: Target { region: None, ..self.at.clone() }, ..self.clone() }
    }

    /// The account in which a thing with this home is read. This and [`Reader::named`] are the only ways to another
    /// account, so that memory cannot grow with the organization.
    #[must_use]
    pub fn home(&self, home: Home) -> Option<Self> {
        match home {
            Home::Member => Some(self.clone()),
            Home::Management => self.in_home(self.homes.management.as_ref()?),
            // There may be several: who reads there says which, by its name.
            Home::LogArchive => None,
        }
    }

    /// An account that the baseline names because others depend on it.
    ///
    /// # Errors
    /// It is none of those.
    pub fn named(&self, account: &AccountId) -> Result<Self, ReadError> {
        if self.at.account == *account {
            return Ok(self.clone());
        }
        self.in_home(account).ok_or_else(|| {
            let mut error = self.not_read("", "the account is not known");
            error.at.account = account.clone();
            error
        })
    }

    fn in_home(&self, account: &AccountId) -> Option<Self> {
        let Held { account, source, shelf } = self.homes.held(account)?.clone();
        let at = Target { account, region: self.at.region.clone() };
        Some(Self { at, source, shelf, homes: Arc::clone(&self.homes), tells: self.tells })
    }

    /// The session that asks AWS.
    ///
    /// # Errors
    /// Kept evidence is judged: what it lacks was not read.
    pub fn session(&self) -> Result<&Session, ReadError> {
        match &self.source {
            Source::Live(session) => Ok(session),
            Source::Kept(_) => Err(self.not_read("", "the evidence does not have it")),
        }
    }

    /// What there is one of at this target.
    ///
    /// # Errors
    /// It could not be read; asked again, the same error is answered without a call.
    pub fn get<T: Observation<Key = ()>>(&self) -> BoxFuture<'_, Result<Arc<T>, ReadError>> {
        self.of(&())
    }

    /// The one with this key.
    ///
    /// # Errors
    /// It could not be read; asked again, the same error is answered without a call.
    pub fn of<'a, T: Observation>(&'a self, key: &'a T::Key) -> BoxFuture<'a, Result<Arc<T>, ReadError>> {
        T::seen(self, key)
    }

    /// The one with this key, as it is read here.
    pub(super) async fn seen<T: Observe>(&self, key: &T::Key) -> Result<Arc<T>, ReadError> {
        let there = self.there(T::NAME, T::HOME, T::SCOPE)?;
        let key_text = serde_json::to_string(key).expect("a key serializes");
        let cell = there.shelf.cell(there.at.region.clone(), T::NAME, key_text.clone());
        let seen = if let Some(known) = cell.get() {
            known.clone()?
        } else {
            let read = async { there.read::<T>(key, key_text).await.map(|seen| Arc::new(seen) as Seen) };
            first(&cell, Box::pin(read)).await?
        };
        Ok(seen.downcast().expect("one name has one type"))
    }

    /// Where a thing with this home and scope is read.
    fn there(&self, name: &str, home: Home, scope: Scope) -> Result<Self, ReadError> {
        let unknown = || self.not_read(name, "the management account is not known");
        let mut there = self.home(home).ok_or_else(unknown)?;
        if scope == Scope::Account {
            there.at.region = None;
        }
        Ok(there)
    }

    async fn read<T: Observe>(&self, key: &T::Key, key_text: String) -> Result<T, ReadError> {
        // What only builds on others is made again from them, so that evidence outlives a change of how it is combined.
        if T::CALLS.is_empty() {
            return T::observe(self, key).await;
        }
        if let Source::Kept(evidence) = &self.source {
            let kept = evidence.find(&self.at.account, self.at.region.as_ref(), T::NAME, &key_text);
            let value = kept.ok_or_else(|| self.not_read(T::NAME, "the evidence does not have it"))??;
            return serde_json::from_value(value).map_err(|error| self.not_read(T::NAME, &error.to_string()));
        }
        let seen = T::observe(self, key).await;
        if let Some(keeping) = &self.homes.keeping {
            keeping.keep(&self.at.account, [self.as_kept(T::NAME, key_text, &seen)]);
        }
        seen
    }

    fn as_kept<T: Observe>(&self, name: &str, key: String, seen: &Result<T, ReadError>) -> Kept {
        let value = |seen: &T| -> Value { serde_json::to_value(seen).expect("an observation serializes") };
        let seen = seen.as_ref().map(value).map_err(Clone::clone);
        Kept { region: self.at.region.clone(), name: name.to_owned(), key, seen }
    }

    fn not_read(&self, action: &str, why: &str) -> ReadError {
        ReadError {
            at: self.at.clone(),
            action: action.to_owned(),
            class: Class::NotRead,
            code: None,
            message: why.to_owned(),
            status: None,
            request_id: None,
        }
    }
}

/// What is in a cell; who comes first reads it.
async fn first(cell: &Cell, read: BoxFuture<'_, Result<Seen, ReadError>>) -> Result<Seen, ReadError> {
    cell.get_or_init(|| read).await.clone()
}
