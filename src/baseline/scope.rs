//! Which accounts an override, an exemption or a wave speaks of.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use trueup_aws::organization::Account;

use super::Baseline;
use super::fields::Spanned;
use super::forms::{TagMatch, Unit};
use super::mistake::{Mistake, in_file_order};
use crate::target::AccountId;

/// What is known of an account and decides which part of the baseline is for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountFacts {
    /// Its id.
    pub id: AccountId,
    /// Its name.
    pub name: String,
    /// The names of its OUs from the root down, as `/Sandbox/Dev`; `/` directly under the root.
    pub ou_path: String,
    /// The ids of the OUs on that path, and of the root.
    pub ou_ids: Vec<String>,
    /// Its tags; empty where nobody asked for them, see [`Baseline::needs_tags`].
    pub tags: BTreeMap<String, String>,
}

impl From<&Account> for AccountFacts {
    fn from(account: &Account) -> Self {
        Self {
            id: account.id.clone(),
            name: account.name.clone().unwrap_or_default(),
            ou_path: account.ou_path.clone().unwrap_or_default(),
            ou_ids: account.ou_ids.clone(),
            tags: account.tags.clone().unwrap_or_default(),
        }
    }
}

/// An organizational unit of the organization, also one without accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitFacts {
    /// Its id.
    pub id: String,
    /// Its path by names.
    pub path: String,
}

/// A set of accounts: all that meet every selector that is named, each by any of its values.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Scope {
    /// In one of these OUs, or below.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ous: Vec<Spanned<Unit>>,
    /// One of these accounts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<Spanned<AccountId>>,
    /// With one of these tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Spanned<TagMatch>>,
}

impl Scope {
    /// Whether the account is in the set.
    #[must_use]
    pub fn holds(&self, account: &AccountFacts) -> bool {
        let in_unit = |unit: &Unit| match unit {
            Unit::Path(_) => unit.holds_path(&account.ou_path),
            Unit::Id(id) => account.ou_ids.contains(id),
        };
        let tagged = |tag: &TagMatch| match (&tag.value, account.tags.get(&tag.key)) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(wanted), Some(value)) => wanted == value,
        };
        any_or_none(&self.ous, in_unit)
            && any_or_none(&self.accounts, |id| *id == account.id)
            && any_or_none(&self.tags, tagged)
    }

    /// Whether an account could be in both sets, as far as the file alone can tell.
    #[must_use]
    pub fn may_meet(&self, other: &Self) -> bool {
        let units = |a: &Unit, b: &Unit| match (a, b) {
            (Unit::Path(left), Unit::Path(right)) => a.holds_path(right) || b.holds_path(left),
            // An id says nothing of where its unit lies.
            _ => true,
        };
        let tags =
            |a: &TagMatch, b: &TagMatch| a.key != b.key || a.value.is_none() || b.value.is_none() || a.value == b.value;
        any_pair(&self.ous, &other.ous, units)
            && any_pair(&self.accounts, &other.accounts, |a, b| a == b)
            && any_pair(&self.tags, &other.tags, tags)
    }
}

fn any_or_none<T>(selectors: &[Spanned<T>], holds: impl Fn(&T) -> bool) -> bool {
    selectors.is_empty() || selectors.iter().any(|selector| holds(&selector.value))
}

fn any_pair<T>(left: &[Spanned<T>], right: &[Spanned<T>], meet: impl Fn(&T, &T) -> bool) -> bool {
    left.is_empty() || right.is_empty() || left.iter().any(|a| right.iter().any(|b| meet(&a.value, &b.value)))
}

impl Baseline {
    /// Whether a selector asks for tags: only then are they worth reading.
    #[must_use]
    pub fn needs_tags(&self) -> bool {
        self.scopes().any(|scope| !scope.tags.is_empty())
    }

    /// Whether a selector asks for OUs.
    #[must_use]
    pub fn needs_units(&self) -> bool {
        self.scopes().any(|scope| !scope.ous.is_empty())
    }

    fn scopes(&self) -> impl Iterator<Item = &Scope> {
        let exemptions = self.exemptions.iter().map(|one| &one.scope);
        self.overrides.iter().map(|one| &one.scope).chain(exemptions).chain(self.rollout.scopes())
    }

    /// The accounts and OUs that the baseline names and the organization has not, each with the nearest that it has.
    #[must_use]
    pub fn check_organization(&self, accounts: &[AccountFacts], units: &[UnitFacts]) -> Vec<Mistake> {
        let ids: BTreeSet<&str> = accounts.iter().map(|one| one.id.as_str()).collect();
        let mut known: BTreeSet<&str> = units.iter().flat_map(|one| [one.id.as_str(), one.path.as_str()]).collect();
        known.insert("/");
        for account in accounts {
            known.extend(account.ou_ids.iter().map(String::as_str));
            // An account's path names every unit above it, too.
            let path = account.ou_path.as_str();
            known.extend(path.match_indices('/').skip(1).map(|(at, _)| &path[..at]));
            known.insert(path);
        }
        let named = self
            .scopes()
            .flat_map(|scope| &scope.accounts)
            .chain(self.unreachable.iter().flat_map(|one| &one.accounts));
        let mut mistakes: Vec<Mistake> = named
            .chain(self.access.accounts.values().map(|one| &one.account))
            .filter(|account| !ids.contains(account.value.as_str()))
            .map(|account| absent(account, "account", ids.iter().copied()))
            .collect();
        for unit in self.scopes().flat_map(|scope| &scope.ous) {
            if !known.contains(unit.value.to_string().as_str()) {
                mistakes.push(absent(unit, "OU", known.iter().copied().filter(|name| *name != "/")));
            }
        }
        in_file_order(&mut mistakes);
        mistakes
    }
}

fn absent<'a, T: ToString>(named: &Spanned<T>, what: &str, known: impl Iterator<Item = &'a str>) -> Mistake {
    let text = named.value.to_string();
    let mistake = Mistake::at(&named.span, format!("the organization has no {what} `{text}`"));
    match super::mistake::nearest(&text, known) {
        Some(name) => mistake.suggest(format!("did you mean `{name}`?")),
        None => mistake,
    }
}
