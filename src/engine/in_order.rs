//! Accounts by their ids, in whichever order they were judged.

use std::collections::{BTreeMap, VecDeque};
use std::io;

use super::{Collect, Spool};
use crate::assessment::{Assessment, Summary};
use crate::target::AccountId;

/// So many wait for their turn in memory; more of them wait on disk.
const WAITING: usize = 64;

/// Hands on what was found of each account as soon as all accounts before it were handed on, so that what is told in
/// order need not be kept.
pub struct InOrder<F> {
    /// The accounts that are still to come.
    next: VecDeque<AccountId>,
    waiting: BTreeMap<AccountId, Assessment>,
    spool: Spool,
    summary: Summary,
    each: F,
}

impl<F: FnMut(&Assessment)> InOrder<F> {
    /// Nothing yet of these accounts, which will be handed on in this order; what has to wait long waits in the spool.
    pub fn new(accounts: impl IntoIterator<Item = AccountId>, spool: Spool, each: F) -> Self {
        let next = accounts.into_iter().collect();
        Self { next, waiting: BTreeMap::new(), spool, summary: Summary::empty(), each }
    }
}

impl<F: FnMut(&Assessment)> Collect for InOrder<F> {
    fn add(&mut self, found: Assessment) -> io::Result<()> {
        self.summary.add(&found);
        if self.waiting.len() < WAITING || self.next.front() == Some(&found.account.id) {
            self.waiting.insert(found.account.id.clone(), found);
        } else {
            self.spool.add(found)?;
        }
        while let Some(next) = self.next.front() {
            let found = match self.waiting.remove(next) {
                Some(found) => found,
                None => match self.spool.take(next)? {
                    Some(found) => found,
                    None => break,
                },
            };
            (self.each)(&found);
            self.next.pop_front();
        }
        Ok(())
    }

    fn summary(&self) -> &Summary {
        &self.summary
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::{AccountLine, Status};

    fn id(number: usize) -> AccountId {
        format!("{number:012}").parse().expect("an id")
    }

    fn found(number: usize) -> Assessment {
        let account = AccountLine {
            id: id(number),
            name: String::new(),
            ou_path: None,
            state: "ACTIVE".to_owned(),
            status: Status::Read,
            reason: None,
        };
        Assessment { account, regions: vec![], verdicts: vec![], changes: vec![], terms: None }
    }

    /// The accounts as they were handed on, when they came in this order.
    fn handed_on(accounts: usize, came: impl IntoIterator<Item = usize>) -> Vec<AccountId> {
        let mut on = vec![];
        let spool = Spool::new(None).expect("a temporary file");
        let mut in_order = InOrder::new((0..accounts).map(id), spool, |found| on.push(found.account.id.clone()));
        came.into_iter().for_each(|number| in_order.add(found(number)).expect("room for it"));
        on
    }

    #[test]
    fn whichever_comes_first_all_are_handed_on_by_their_ids_and_none_before_its_turn() {
        let all = 3 * WAITING;
        let sorted: Vec<AccountId> = (0..all).map(id).collect();
        assert_eq!(handed_on(all, (0..all).rev()), sorted, "most had to wait on disk");
        let odd_first = (0..all).filter(|number| number % 2 == 1).chain((0..all).filter(|number| number % 2 == 0));
        assert_eq!(handed_on(all, odd_first), sorted);
        assert_eq!(handed_on(all, 1..all), [], "the first is still to come");
    }
}
