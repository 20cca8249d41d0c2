//! One pass over what was found, into groups that stay small however many accounts there are.

use std::collections::{BTreeSet, HashMap};

use super::drift::{self, Block, Shape};
use super::groups::{Groups, Noted};
use super::hits::Reasons;
use super::places::{Accounts, Places};
use super::words::{REGION, before_and_after, general};
use crate::assessment::{AccountLine, Assessment, Row, Status, VerdictKind};
use crate::plan::Change;
use crate::report::page::safe;
use crate::target::{AccountId, Region};

/// Requirements, each with what is there and what is wanted.
type Notes = Vec<(String, String)>;

/// Who set a value, and what came of it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Owned {
    pub(super) control: String,
    pub(super) owner: String,
    pub(super) in_force: bool,
    pub(super) mend: Option<String>,
    /// What is not in force, by requirement: what lacks something else stands apart.
    lacks: Notes,
}

/// Everything that the text of a plan says.
#[derive(Default)]
pub struct Gathered {
    /// Whether everything is kept that can be told of a group.
    pub(super) detail: bool,
    /// The accounts.
    pub(super) accounts: Accounts,
    /// Accounts in which apply has something to do.
    pub(super) changed: usize,
    /// What mends the drift.
    pub(super) changes: Groups<Shape, Block>,
    /// Drift that is mended at another object, by that object.
    pub(super) through: Groups<String, Noted>,
    /// The accounts that others are mended at, and whether apply does what the plan has for their objects, by address.
    menders: BTreeSet<AccountId>,
    pub(super) at_home: HashMap<String, bool>,
    /// What others set.
    pub(super) owned: Groups<Owned, Noted>,
    /// Accepted deviations, by requirement and reason.
    pub(super) exempt: Groups<(String, String), Noted>,
    /// What is written and not in force, by requirement and reason.
    pub(super) pending: Groups<(String, String), Noted>,
    /// Accounts that could not be entered, by reason.
    pub(super) closed_accounts: Groups<String, Places>,
    /// Accounts of which not everything was asked, by reason.
    pub(super) partial: Groups<String, Places>,
    /// What could not be read in accounts that could be entered, by control and reason.
    pub(super) unreadable: Groups<(String, String), Noted>,
    /// Accounts that were not asked, by reason.
    pub(super) skipped: Groups<String, Places>,
    /// Regions in which there is nothing to judge, by reason.
    pub(super) closed_regions: Groups<String, Places>,
}

impl Gathered {
    /// Nothing yet. `menders` are the accounts that others may be mended at.
    #[must_use]
    pub fn new(detail: bool, menders: impl IntoIterator<Item = AccountId>) -> Self {
        Self { detail, menders: menders.into_iter().collect(), ..Self::default() }
    }

    /// Adds what was just found of an account. Accounts are added by their ids, so that what is told has an order.
    pub fn take(&mut self, found: &Assessment) {
        let (rows, changes): (Vec<_>, Vec<_>) = (found.verdicts.iter().collect(), found.changes.iter().collect());
        self.add(&found.account, &rows, &changes);
    }

    /// Adds one account.
    pub(super) fn add(&mut self, line: &AccountLine, rows: &[&Row], changes: &[&Change]) {
        let account = self.accounts.add(&line.id, &line.name);
        self.add_account(line, account, rows);
        for row in rows.iter().filter(|row| row.verdict != VerdictKind::OwnedElsewhere) {
            self.add_row(row, account, line.status);
        }
        self.add_owned(rows, account);
        self.changed += usize::from(changes.iter().any(|change| change.can_be_applied()));
        let reasons = Reasons::of(rows);
        for change in changes {
            if self.menders.contains(&change.account) {
                self.at_home.insert(change.target().address(), change.can_be_applied());
            }
            drift::gather(&mut self.changes, account, change, &reasons, self.detail);
        }
    }

    /// Puts blocks into the order of the registry.
    pub(super) fn sort(&mut self) {
        self.changes.sort_by_key(|shape| (shape.ready.clone(), shape.place()));
        self.owned.sort_by_key(|owned| (owned.in_force, crate::controls::position(&owned.control)));
    }

    /// Whether there is something in a section of changes.
    pub(super) fn has_changes(&self, of: impl Fn(&Shape) -> bool) -> bool {
        self.changes.iter().any(|(shape, _)| of(shape))
    }

    fn add_account(&mut self, line: &AccountLine, account: usize, rows: &[&Row]) {
        let reason = line.reason.as_deref().unwrap_or("no reason is known");
        let group = match line.status {
            Status::Read => return,
            Status::Unreadable => &mut self.closed_accounts,
            Status::Skipped => &mut self.skipped,
            // What is told with the requirement is not told again with the account.
            Status::Partial if rows.iter().any(|row| row.reason.as_deref() == Some(reason)) => return,
            Status::Partial => &mut self.partial,
        };
        group.of(general(reason, &line.id, None)).add(account, None);
    }

    /// What others set in one account: in each of its regions, all that lacks the same.
    fn add_owned(&mut self, rows: &[&Row], account: usize) {
        let mut found: Vec<(Option<&Region>, Owned, Notes)> = vec![];
        for row in rows.iter().filter(|row| row.verdict == VerdictKind::OwnedElsewhere) {
            let region = row.region.as_ref();
            let reason = general(row.reason.as_deref().unwrap_or_default(), &row.account, region);
            let owned = Owned {
                control: safe(&row.control).into_owned(),
                owner: safe(row.owner.as_deref().unwrap_or("another")).into_owned(),
                in_force: row.in_force.unwrap_or(false),
                mend: Some(reason).filter(|mend| !mend.is_empty()),
                lacks: vec![],
            };
            let note = if owned.in_force { String::new() } else { difference(row) };
            let note = (safe(&row.requirement).into_owned(), note);
            match found.iter_mut().find(|(at, known, _)| *at == region && *known == owned) {
                Some((_, _, notes)) => notes.push(note),
                None => found.push((region, owned, vec![note])),
            }
        }
        for (region, mut owned, notes) in found {
            if !owned.in_force {
                owned.lacks.clone_from(&notes);
            }
            let noted = self.owned.of(owned);
            noted.places.add(account, region);
            for (requirement, note) in notes {
                noted.note(&requirement, note, self.detail);
            }
        }
    }

    fn add_row(&mut self, row: &Row, account: usize, status: Status) {
        let region = row.region.as_ref();
        let reason = || general(row.reason.as_deref().unwrap_or_default(), &row.account, region);
        let requirement = || safe(&row.requirement).into_owned();
        let object = || general(row.object.as_deref().unwrap_or_default(), &row.account, region);
        let (noted, note) = match row.verdict {
            // What others set is added as a whole.
            VerdictKind::Compliant | VerdictKind::OwnedElsewhere => return,
            VerdictKind::Drifted => match &row.through {
                None => return,
                Some(through) => (self.through.of(safe(through).into_owned()), difference(row)),
            },
            VerdictKind::Exempt => (self.exempt.of((requirement(), reason())), object()),
            VerdictKind::Pending => (self.pending.of((requirement(), reason())), object()),
            // An account that could not be entered is told as a whole.
            VerdictKind::Unreadable if status == Status::Unreadable => return,
            VerdictKind::Unreadable => (self.unreadable.of((safe(&row.control).into_owned(), reason())), object()),
            VerdictKind::NotApplicable => {
                // What is said of the region as a whole begins with its name.
                if let Some(whole) = reason().strip_prefix(REGION).and_then(|rest| rest.strip_prefix(" is ")) {
                    self.closed_regions.of(whole.to_owned()).add(account, region);
                }
                return;
            }
        };
        noted.places.add(account, region);
        noted.note(&requirement(), note, self.detail);
    }
}

/// What is there and what is wanted, with neither account nor region.
fn difference(row: &Row) -> String {
    general(&before_and_after(&row.observed, &row.wanted), &row.account, row.region.as_ref())
}
