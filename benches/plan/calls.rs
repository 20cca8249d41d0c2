//! The calls that a plan made, as the simulator recorded them.

use std::collections::BTreeMap;
use std::io::Write as _;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tempfile::NamedTempFile;

use super::Outcome;

/// One recorded call.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Entry {
    account: String,
    /// The region of the signature.
    pub(crate) region: String,
    /// The signing name.
    pub(crate) service: String,
    pub(crate) operation: String,
    /// By the member names of AWS's service models.
    pub(crate) input: Value,
    /// The name of the role session; none: the caller's own credentials.
    session: Option<String>,
    status: u16,
}

/// All calls of a run, arranged as it made them.
#[derive(Serialize, Deserialize)]
pub(crate) struct Recording {
    /// What is asked one after another with the caller's own credentials, before any account.
    pub(crate) discovery: Vec<Entry>,
    /// What is asked of each account.
    pub(crate) accounts: Vec<OfAccount>,
}

/// The calls of one account.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct OfAccount {
    /// How it is entered; none: it is the caller's own.
    pub(crate) entry: Option<Entry>,
    pub(crate) calls: Vec<Entry>,
}

impl Recording {
    /// Arranges the calls of a run.
    pub(crate) fn of(entries: Vec<Entry>) -> Outcome<Self> {
        let mut discovery = vec![];
        let mut accounts: BTreeMap<String, OfAccount> = BTreeMap::new();
        for entry in entries {
            if entry.operation.is_empty() || entry.is_throttled_or_broken() {
                return Err(format!("{} {} was answered {}", entry.service, entry.operation, entry.status).into());
            }
            match (&entry.session, entry.role_account()) {
                (None, Some(account)) => {
                    let of = accounts.entry(account).or_default();
                    if of.entry.replace(entry).is_some() {
                        return Err("an account was entered twice".into());
                    }
                }
                (None, None) if matches!(entry.service.as_str(), "sts" | "organizations") => discovery.push(entry),
                _ => accounts.entry(entry.account.clone()).or_default().calls.push(entry),
            }
        }
        Ok(Self { discovery, accounts: accounts.into_values().collect() })
    }

    /// Writes it to where a replay reads it.
    pub(crate) fn save(&self) -> Outcome<NamedTempFile> {
        let mut file = NamedTempFile::new()?;
        serde_json::to_writer(&mut file, self)?;
        file.flush()?;
        Ok(file)
    }

    fn entries(&self) -> impl Iterator<Item = &Entry> {
        let of_accounts = self.accounts.iter().flat_map(|of| of.entry.iter().chain(&of.calls));
        self.discovery.iter().chain(of_accounts)
    }

    /// How many calls.
    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.entries().count()).unwrap_or(u32::MAX)
    }

    /// Refuses another run whose calls are not the same, in whatever order.
    pub(crate) fn expect(&self, other: &[Entry]) -> Outcome<()> {
        let mut balance: BTreeMap<String, i64> = BTreeMap::new();
        for entry in self.entries() {
            *balance.entry(entry.says()).or_default() += 1;
        }
        for entry in other {
            *balance.entry(entry.says()).or_default() -= 1;
        }
        match balance.into_iter().find(|(_, difference)| *difference != 0) {
            None => Ok(()),
            Some((call, missing)) => Err(format!("the replay differs from the plan by {missing} of {call}").into()),
        }
    }
}

impl Entry {
    fn is_throttled_or_broken(&self) -> bool {
        matches!(self.status, 429 | 500..)
    }

    /// The account that is entered by this call, if it is one that enters.
    fn role_account(&self) -> Option<String> {
        let role = self.input.get("RoleArn").filter(|_| self.operation == "AssumeRole")?;
        role.as_str()?.split(':').nth(4).map(str::to_owned)
    }

    fn says(&self) -> String {
        let Self { account, region, service, operation, input, session, status } = self;
        let session = session.as_deref().unwrap_or("the caller");
        format!("{service} {operation} in {account} {region} as {session}: {status} for {input}")
    }
}
