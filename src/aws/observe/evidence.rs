//! Observations kept as data, so that they can be judged again without AWS.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ReadError;
use crate::target::{AccountId, Region};

/// One observation as it was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The region; none at account scope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// The name of the observation.
    pub name: String,
    /// Which one, as JSON.
    pub key: String,
    /// What was seen, or why it could not be read.
    pub seen: Result<Value, ReadError>,
}

/// The name under which it is kept why an account could not be entered.
const ENTRY: &str = "entry";

impl Kept {
    /// Why an account could not be entered.
    #[must_use]
    pub fn refusal(refused: &ReadError) -> Self {
        Self { region: None, name: ENTRY.to_owned(), key: String::new(), seen: Err(refused.clone()) }
    }
}

/// The observations of a run by account: kept while it reads, or read again from a file.
#[derive(Debug, Default)]
pub struct Evidence(Mutex<BTreeMap<AccountId, Vec<Kept>>>);

impl Evidence {
    /// Adds what was read of an account.
    pub fn keep(&self, account: &AccountId, kept: impl IntoIterator<Item = Kept>) {
        self.lock().entry(account.clone()).or_default().extend(kept);
    }

    /// Takes away what was kept of an account, sorted so that two equal runs keep equal evidence.
    #[must_use]
    pub fn take(&self, account: &AccountId) -> Vec<Kept> {
        let mut kept = self.lock().remove(account).unwrap_or_default();
        kept.sort_by(|a, b| (&a.region, &a.name, &a.key).cmp(&(&b.region, &b.name, &b.key)));
        kept
    }

    /// The accounts of which something is kept.
    #[must_use]
    pub fn accounts(&self) -> Vec<AccountId> {
        self.lock().keys().cloned().collect()
    }

    /// Why an account could not be entered, if it could not.
    #[must_use]
    pub fn refused(&self, account: &AccountId) -> Option<ReadError> {
        self.find(account, None, ENTRY, "").and_then(Result::err)
    }

    /// What was seen of one thing, if it was kept.
    #[must_use]
    pub fn find(
        &self,
        account: &AccountId,
        region: Option<&Region>,
        name: &str,
        key: &str,
    ) -> Option<Result<Value, ReadError>> {
        let same = |kept: &&Kept| kept.region.as_ref() == region && kept.name == name && kept.key == key;
        self.lock().get(account)?.iter().find(same).map(|kept| kept.seen.clone())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<AccountId, Vec<Kept>>> {
        self.0.lock().expect("no panic holds the evidence")
    }
}
