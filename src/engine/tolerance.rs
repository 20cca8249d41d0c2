//! How many failures an apply bears, and what it does not begin once that is exceeded.
//!
//! It is not [`super::stop::Stop`]: that hurries what is in flight to its end, and a failure in one account is no reason
//! to look less carefully at another.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::apply::OutcomeKind;
use crate::baseline::{MaxFailures, OnError};
use crate::target::AccountId;

/// What an apply bears.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tolerance {
    /// What a failure means.
    pub on_error: OnError,
    /// In how many accounts something may fail; none: in all.
    pub max_failures: Option<MaxFailures>,
}

impl Tolerance {
    /// In how many accounts, of so many, something may fail before nothing new is begun; none: in all.
    fn borne(self, of: usize) -> Option<usize> {
        if self.on_error == OnError::Stop { Some(0) } else { self.max_failures.map(|most| most.borne(of)) }
    }
}

/// Counts the accounts in which something failed, and says what may not be begun for that.
#[derive(Debug)]
pub struct Tally {
    tolerance: Tolerance,
    accounts: usize,
    /// As many as accounts may fail, and one: with that one it is known that they are too many. An account at work has
    /// one of them, and who fails keeps it, so that never more fail than the first that is too many.
    places: Semaphore,
    inner: Mutex<Inner>,
}

/// The place of an account at work; none: it needs none, since it has failed already, or nothing is begun any more.
#[derive(Debug)]
pub struct Place<'a>(Option<SemaphorePermit<'a>>);

impl Default for Tally {
    fn default() -> Self {
        Self::new(Tolerance::default(), 0)
    }
}

#[derive(Debug, Default)]
struct Inner {
    failed: BTreeSet<AccountId>,
    why: Option<String>,
}

impl Tally {
    /// Of a plan that writes so many accounts.
    #[must_use]
    pub fn new(tolerance: Tolerance, accounts: usize) -> Self {
        let places = tolerance.borne(accounts).map_or(usize::MAX, |borne| borne.saturating_add(1));
        let places = Semaphore::new(places.min(Semaphore::MAX_PERMITS));
        Self { tolerance, accounts, places, inner: Mutex::default() }
    }

    /// Waits until a change of this account may begin, so that no more accounts can fail than are borne and one.
    pub async fn place(&self, account: &AccountId) -> Place<'_> {
        if self.inner().failed.contains(account) {
            return Place(None);
        }
        Place(self.places.acquire().await.ok())
    }

    /// Counts what came of a change. What is not known counts as what failed.
    pub fn count(&self, account: &AccountId, outcome: OutcomeKind, place: Place<'_>) {
        if !matches!(outcome, OutcomeKind::Failed | OutcomeKind::Unknown) {
            return;
        }
        let mut inner = self.inner();
        inner.failed.insert(account.clone());
        if let Some(permit) = place.0 {
            permit.forget();
        }
        if let Some(why) = self.exceeded(account, inner.failed.len()) {
            inner.why.get_or_insert(why);
            // Whoever waits for a place waits for nothing.
            self.places.close();
        }
    }

    /// Ends the run for another reason; only the first one counts.
    pub fn end(&self, why: impl Into<String>) {
        self.inner().why.get_or_insert_with(|| why.into());
    }

    /// Why nothing new may be begun anywhere; none: work goes on.
    #[must_use]
    pub fn why(&self) -> Option<String> {
        self.inner().why.clone()
    }

    /// Why nothing new may be begun in an account.
    #[must_use]
    pub fn holds(&self, account: &AccountId) -> Option<String> {
        let inner = self.inner();
        let own = self.tolerance.on_error == OnError::StopAccount && inner.failed.contains(account);
        let own = own.then(|| "an earlier change of this account failed (on error: stop-account)".to_owned());
        inner.why.clone().or(own)
    }

    fn exceeded(&self, account: &AccountId, failed: usize) -> Option<String> {
        if self.tolerance.on_error == OnError::Stop {
            return Some(format!("a change in {account} failed (on error: stop)"));
        }
        let borne = self.tolerance.max_failures.filter(|borne| borne.exceeded(failed, self.accounts))?;
        Some(format!("something failed in {failed} of {} accounts, more than the {borne} borne", self.accounts))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    fn account(number: usize) -> AccountId {
        format!("{number:012}").parse().expect("an account")
    }

    fn tally(on_error: OnError, max_failures: Option<&str>, accounts: usize) -> Tally {
        let max_failures = max_failures.map(|text| text.parse().expect("a tolerance"));
        Tally::new(Tolerance { on_error, max_failures }, accounts)
    }

    /// The place of an account that may begin at once.
    fn place(tally: &Tally, number: usize) -> Option<Place<'_>> {
        tally.place(&account(number)).now_or_never()
    }

    /// One change of an account is begun and ends so.
    fn ends(tally: &Tally, number: usize, outcome: OutcomeKind) {
        tally.count(&account(number), outcome, place(tally, number).expect("it may begin"));
    }

    #[test]
    fn as_many_as_are_borne_are_borne_and_one_more_is_not() {
        for (borne, of, most) in [
            ("0", 10, 0),
            ("3", 10, 3),
            ("0%", 10, 0),
            ("10%", 10, 1),
            ("10%", 19, 1),
            ("10%", 20, 2),
            ("10%", 9, 0),
            ("33%", 3, 0),
            ("34%", 3, 1),
            ("50%", 3, 1),
            ("99%", 100, 99),
            ("2%", 50, 1),
            ("2%", 49, 0),
        ] {
            let tally = tally(OnError::Continue, Some(borne), of);
            for number in 0..most {
                ends(&tally, number, OutcomeKind::Failed);
            }
            assert_eq!(tally.why(), None, "{most} of {of} are borne by {borne}");
            ends(&tally, most, OutcomeKind::Failed);
            let why = tally.why().expect("one more is not");
            let said = format!("something failed in {} of {of} accounts, more than the {borne} borne", most + 1);
            assert_eq!(why, said);
        }
        assert!(!MaxFailures::Percent(100).exceeded(7, 7), "all of them are all");
    }

    #[test]
    fn an_account_counts_once_and_what_is_not_known_counts() {
        let tally = tally(OnError::Continue, Some("1"), 5);
        ends(&tally, 1, OutcomeKind::Failed);
        ends(&tally, 1, OutcomeKind::Unknown);
        for kind in [OutcomeKind::Stale, OutcomeKind::Held, OutcomeKind::Blocked, OutcomeKind::Pending] {
            ends(&tally, 2, kind);
        }
        assert_eq!(tally.why(), None);
        ends(&tally, 3, OutcomeKind::Unknown);
        assert!(tally.why().is_some());
    }

    #[test]
    fn what_a_failure_means_is_for_the_account_or_for_all() {
        let [first, second] = [account(1), account(2)];
        for (on_error, own, other) in
            [(OnError::Continue, false, false), (OnError::StopAccount, true, false), (OnError::Stop, true, true)]
        {
            let tally = tally(on_error, None, 2);
            assert_eq!((tally.holds(&first), tally.holds(&second)), (None, None));
            ends(&tally, 1, OutcomeKind::Failed);
            assert_eq!((tally.holds(&first).is_some(), tally.holds(&second).is_some()), (own, other), "{on_error:?}");
        }
    }

    #[test]
    fn no_more_accounts_are_at_work_than_may_fail_and_one() {
        let tally = tally(OnError::Continue, Some("1"), 5);
        let [first, second] = [1, 2].map(|number| place(&tally, number).expect("two may be at work"));
        assert!(place(&tally, 3).is_none(), "a third might be one failure more than is known in time");
        tally.count(&account(1), OutcomeKind::Verified, first);
        let third = place(&tally, 3).expect("the place of one that did not fail is free");
        tally.count(&account(2), OutcomeKind::Failed, second);
        assert!(place(&tally, 4).is_none(), "who failed keeps its place");
        assert!(place(&tally, 2).is_some(), "and needs no other for what it has left");
        tally.count(&account(3), OutcomeKind::Unknown, third);
        assert!(tally.why().is_some());
        assert!(place(&tally, 4).is_some(), "there is nothing more to wait for: it is held");
    }

    #[test]
    fn one_account_is_at_work_where_the_first_failure_stops_all_and_each_where_nothing_does() {
        let stops = tally(OnError::Stop, Some("100%"), 5);
        let only = place(&stops, 1).expect("one");
        assert!(place(&stops, 2).is_none());
        drop(only);
        let goes_on = tally(OnError::StopAccount, None, 5);
        let all: Vec<_> = (0..100).filter_map(|number| place(&goes_on, number)).collect();
        assert_eq!(all.len(), 100);
    }
}
