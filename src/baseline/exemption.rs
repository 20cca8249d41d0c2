//! Exemptions and accounts known to be unreachable: both end on a day, and say so when they have.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::Baseline;
use super::fields::Spanned;
use super::forms::NamePattern;
use super::mistake::{Mistake, Span};
use super::scope::{AccountFacts, Scope};
use crate::target::{AccountId, Region};

/// A requirement that does not count somewhere, until a day.
#[derive(Clone, Debug, PartialEq)]
pub struct Exemption {
    /// The full id of the requirement.
    pub requirement: String,
    /// The accounts.
    pub scope: Scope,
    /// The regions; none named: everywhere.
    pub regions: Vec<Region>,
    /// The objects, by name; none named: all.
    pub objects: Vec<NamePattern>,
    /// Why.
    pub reason: String,
    /// Who agreed.
    pub approved_by: Option<String>,
    /// The last day on which it holds.
    pub expires: Spanned<Date>,
    /// Its place among the exemptions; what [`Baseline::unused`] is told.
    pub index: usize,
    pub(super) span: Span,
}

/// Accounts that an administrator knows not to be reachable: they do not make a run incomplete.
#[derive(Clone, Debug, PartialEq)]
pub struct Unreachable {
    /// The accounts.
    pub accounts: Vec<Spanned<AccountId>>,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub expires: Spanned<Date>,
    pub(super) span: Span,
}

impl Exemption {
    fn speaks_of(&self, requirement: &str, account: &AccountFacts, region: Option<&Region>, object: &str) -> bool {
        // What is judged once an account has no region: an exemption for some regions is not for it.
        let here = self.regions.is_empty() || region.is_some_and(|region| self.regions.contains(region));
        let this = self.objects.is_empty() || self.objects.iter().any(|pattern| pattern.matches(object));
        self.requirement == requirement && here && this && self.scope.holds(account)
    }
}

impl Baseline {
    /// The exemption that holds for a requirement of an object, if one does today.
    #[must_use]
    pub fn exempt(
        &self,
        requirement: &str,
        account: &AccountFacts,
        region: Option<&Region>,
        object: &str,
    ) -> Option<&Exemption> {
        let mut holding = self.exemptions.iter().filter(|exemption| exemption.expires.value >= self.today);
        holding.find(|exemption| exemption.speaks_of(requirement, account, region, object))
    }

    /// The entry that says an account is known to be unreachable, if one holds today.
    #[must_use]
    pub fn known_unreachable(&self, account: &AccountId) -> Option<&Unreachable> {
        let mut holding = self.unreachable.iter().filter(|entry| entry.expires.value >= self.today);
        holding.find(|entry| entry.accounts.iter().any(|named| named.value == *account))
    }

    /// A warning for each exemption that still holds and that a complete survey did not use; `used` are their indexes.
    #[must_use]
    pub fn unused(&self, used: &BTreeSet<usize>) -> Vec<Mistake> {
        let holding = self.exemptions.iter().filter(|exemption| exemption.expires.value >= self.today);
        holding
            .filter(|exemption| !used.contains(&exemption.index))
            .map(|exemption| {
                let message = format!("nothing needs the exemption from {}", exemption.requirement);
                Mistake::at(&exemption.span, message).suggest("take it out")
            })
            .collect()
    }

    /// Warnings of what has expired by today.
    pub(super) fn expired(&self) -> Vec<Mistake> {
        let exemptions = self.exemptions.iter().filter(|one| one.expires.value < self.today).map(|one| {
            let message = format!("the exemption from {} has expired: it counts as drift again", one.requirement);
            Mistake::at(&one.expires.span, message).suggest("mend the drift, or have it approved anew")
        });
        let unreachable = self.unreachable.iter().filter(|one| one.expires.value < self.today).map(|one| {
            Mistake::at(&one.expires.span, "this entry has expired: its accounts make a run incomplete again")
        });
        exemptions.chain(unreachable).collect()
    }
}
