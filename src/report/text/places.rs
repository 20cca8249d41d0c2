//! Where something is: accounts and regions, counted, and listed where that helps.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::words::{ACCOUNT, REGION};
use crate::report::page::{DIM, Page, count, paint, safe};
use crate::target::{AccountId, Region};

/// So many accounts are listed without being asked for.
pub(super) const FEW: usize = 3;

/// The accounts of a report, by the number under which groups keep them.
#[derive(Default)]
pub(super) struct Accounts(Vec<(AccountId, String)>);

impl Accounts {
    /// Adds an account and says its number.
    pub(super) fn add(&mut self, id: &AccountId, name: &str) -> usize {
        self.0.push((id.clone(), safe(name).into_owned()));
        self.0.len() - 1
    }

    fn id(&self, number: usize) -> Option<&AccountId> {
        self.0.get(number).map(|(id, _)| id)
    }

    /// The id, and the name where there is one.
    pub(super) fn says(&self, number: usize) -> String {
        match self.0.get(number) {
            Some((id, name)) if !name.is_empty() => format!("{id} {name}"),
            Some((id, _)) => id.to_string(),
            None => String::new(),
        }
    }
}

/// The places of a group. Only regions and numbers of accounts are kept, so a group stays small.
#[derive(Default)]
pub(super) struct Places {
    accounts: BTreeMap<usize, BTreeSet<u16>>,
    regions: Vec<Region>,
}

impl Places {
    /// Adds a place.
    pub(super) fn add(&mut self, account: usize, region: Option<&Region>) {
        let number = region.map(|region| self.number(region));
        self.accounts.entry(account).or_default().extend(number);
    }

    fn number(&mut self, region: &Region) -> u16 {
        let known = self.regions.iter().position(|known| known == region);
        let number = known.unwrap_or_else(|| {
            self.regions.push(region.clone());
            self.regions.len() - 1
        });
        u16::try_from(number).unwrap_or(u16::MAX)
    }

    /// How many accounts there are.
    pub(super) fn accounts(&self) -> usize {
        self.accounts.len()
    }

    /// `412 accounts, 17 regions`.
    pub(super) fn says(&self) -> String {
        let accounts = count(self.accounts.len(), "account");
        match self.regions.len() {
            0 => accounts,
            regions => format!("{accounts}, {}", count(regions, "region")),
        }
    }

    /// A text made general, with the account and the region put back where there is only one.
    pub(super) fn specific(&self, names: &Accounts, text: &str) -> String {
        let mut text = text.to_owned();
        if let (1, Some((&account, _))) = (self.accounts.len(), self.accounts.first_key_value())
            && let Some(id) = names.id(account)
        {
            text = text.replace(ACCOUNT, id.as_str());
        }
        if let [region] = &self.regions[..] {
            text = text.replace(REGION, region.as_str());
        }
        text
    }

    /// The regions, sorted.
    pub(super) fn regions(&self) -> Vec<&str> {
        let mut regions: Vec<&str> = self.regions.iter().map(Region::as_str).collect();
        regions.sort_unstable();
        regions
    }

    /// The places as lines: one where there is one account, else a count and, where they are few or asked for, a list.
    pub(super) fn write(&self, page: &mut Page<'_>, indent: usize, names: &Accounts, detail: bool) -> io::Result<()> {
        if let (1, Some((&account, regions))) = (self.accounts.len(), self.accounts.first_key_value()) {
            return page.line(indent, self.one(names, account, regions));
        }
        page.line(indent, self.says())?;
        self.list(page, indent + 2, names, detail)
    }

    /// A line for each account, where they are few or asked for.
    pub(super) fn list(&self, page: &mut Page<'_>, indent: usize, names: &Accounts, detail: bool) -> io::Result<()> {
        if self.accounts.len() > FEW && !detail {
            return Ok(());
        }
        let mut accounts = self.accounts.iter();
        accounts.try_for_each(|(&account, regions)| page.line(indent, paint(DIM, self.one(names, account, regions))))
    }

    fn one(&self, names: &Accounts, account: usize, regions: &BTreeSet<u16>) -> String {
        let mut regions: Vec<&str> =
            regions.iter().filter_map(|number| self.regions.get(usize::from(*number))).map(Region::as_str).collect();
        regions.sort_unstable();
        if regions.is_empty() {
            return names.says(account);
        }
        format!("{}: {}", names.says(account), regions.join(", "))
    }
}
