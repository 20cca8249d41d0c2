//! Eventual consistency: for some calls after a write, its account is seen as it was before.

use super::fault::Fault;
use super::services::s3::Bucket;
use super::world::{Account, World};
use serde_json::Value;
use std::collections::BTreeMap;
use std::mem;

/// What an account looked like, and to how many more calls it still looks so.
#[derive(Clone, Debug)]
pub(super) struct Past {
    account: Account,
    buckets: BTreeMap<String, Bucket>,
    left: u32,
}

impl World {
    /// Does a call of an account in the world as that call sees it. `lags`: to how many later calls it is as if this
    /// one had not been made.
    pub(super) fn in_its_time(
        &mut self,
        account: &str,
        writes: bool,
        lags: Option<u32>,
        mut call: impl FnMut(&mut Self) -> Result<Value, Fault>,
    ) -> Result<Value, Fault> {
        if let Some(mut past) = self.pasts.remove(account).filter(|past| past.left > 0) {
            past.left -= 1;
            // What is tried in the past must change neither it nor what comes out in the present.
            let (random, mut tried) = (self.random, past.clone());
            self.swap(account, &mut tried);
            let seen = call(self);
            self.swap(account, &mut tried);
            if writes {
                self.random = random;
            }
            self.pasts.insert(account.to_owned(), past);
            if !writes || seen.is_err() {
                return seen;
            }
        }
        let before = lags.and_then(|left| self.past_of(account, left));
        let done = call(self)?;
        if let Some(before) = before {
            self.pasts.insert(account.to_owned(), before);
        }
        Ok(done)
    }

    fn past_of(&mut self, account: &str, left: u32) -> Option<Past> {
        let now = self.account(account)?.clone();
        Some(Past { account: now, buckets: self.buckets.clone(), left })
    }

    /// The past takes the place of the present, or the other way round.
    fn swap(&mut self, account: &str, past: &mut Past) {
        if let Some(now) = self.accounts.get_mut(account) {
            mem::swap(now, &mut past.account);
        }
        mem::swap(&mut self.buckets, &mut past.buckets);
    }
}
