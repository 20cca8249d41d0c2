//! Where a report of a plan takes it from: what was just found, or a plan file.

use std::collections::{BTreeSet, HashMap};
use std::io;

use crate::assessment::{AccountLine, Row};
use crate::engine::Spool;
use crate::plan::{Change, PlanFile};
use crate::target::AccountId;

/// What a plan is shown from.
pub enum Found<'a> {
    /// A survey that was just made; one account is in memory at a time.
    Spool(&'a mut Spool),
    /// A plan file.
    File(&'a PlanFile),
}

impl<'a> From<&'a mut Spool> for Found<'a> {
    fn from(spool: &'a mut Spool) -> Self {
        Self::Spool(spool)
    }
}

impl<'a> From<&'a PlanFile> for Found<'a> {
    fn from(plan: &'a PlanFile) -> Self {
        Self::File(plan)
    }
}

impl Found<'_> {
    /// The accounts that others are mended at.
    pub(super) fn menders(&self) -> BTreeSet<AccountId> {
        match self {
            Self::Spool(spool) => spool.menders().clone(),
            Self::File(plan) => plan.verdicts.iter().filter_map(Row::mended_at).collect(),
        }
    }

    /// Hands on one account after another, with its verdicts and changes.
    pub(super) fn read(self, mut each: impl FnMut(&AccountLine, &[&Row], &[&Change])) -> io::Result<()> {
        match self {
            Self::Spool(spool) => spool.read(|found| {
                let (rows, changes): (Vec<_>, Vec<_>) =
                    (found.verdicts.iter().collect(), found.changes.iter().collect());
                each(&found.account, &rows, &changes);
                Ok(())
            }),
            Self::File(plan) => {
                let mut of: HashMap<&AccountId, (Vec<&Row>, Vec<&Change>)> = HashMap::new();
                plan.verdicts.iter().for_each(|row| of.entry(&row.account).or_default().0.push(row));
                plan.changes.iter().for_each(|change| of.entry(&change.account).or_default().1.push(change));
                for line in &plan.accounts {
                    let (rows, changes) = of.remove(&line.id).unwrap_or_default();
                    each(line, &rows, &changes);
                }
                Ok(())
            }
        }
    }
}
