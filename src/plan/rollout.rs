//! In which waves a plan is carried out, and how carefully: resolved, so that apply needs nothing but the plan.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::baseline::{self, AccountFacts, Freeze, Scope, WaveOf};
use crate::engine::tolerance::{MaxFailures, OnError};
use crate::target::AccountId;

/// How a plan is carried out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rollout {
    /// The waves, in order. Accounts in none of them come last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waves: Vec<Wave>,
    /// How long to wait between two waves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause: Option<SignedDuration>,
    /// In how many accounts something may fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_failures: Option<MaxFailures>,
    /// How many changes may be written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_changes: Option<u32>,
    /// What a failure means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_error: Option<OnError>,
    /// When nothing is written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub freeze: Vec<Freeze>,
}

/// Accounts that are written together, before any of the next wave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wave {
    /// How people know it.
    pub name: String,
    /// Whether it has to be verified before anything else is begun.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub canary: bool,
    /// The accounts.
    pub accounts: Vec<AccountId>,
}

/// What accounts are called that no wave names.
pub const REST: &str = "the rest";

impl Rollout {
    /// What a baseline asks for, over the accounts that a plan writes; none where it asks for nothing.
    #[must_use]
    pub fn of(asked: &baseline::Rollout, written: &[AccountFacts]) -> Option<Self> {
        let rollout = Self {
            waves: waves(asked, written),
            pause: asked.pause,
            max_failures: asked.max_failures,
            max_changes: asked.max_changes,
            on_error: asked.on_error,
            freeze: asked.freeze.clone(),
        };
        (rollout != Self::default()).then_some(rollout)
    }

    /// The freeze that holds at this moment, if one does.
    #[must_use]
    pub fn frozen(&self, at: Timestamp) -> Option<&Freeze> {
        self.freeze.iter().find(|freeze| freeze.holds(at))
    }
}

/// Each account is in the first wave that names it. A wave without accounts is none.
fn waves(asked: &baseline::Rollout, written: &[AccountFacts]) -> Vec<Wave> {
    let mut left: Vec<&AccountFacts> = written.iter().collect();
    let mut waves = vec![];
    if let Some(scope) = &asked.canary {
        let accounts = taken(scope, &mut left);
        waves.push(Wave { name: "canary".to_owned(), canary: true, accounts });
    }
    for WaveOf { scope, size } in asked.waves.iter().flatten() {
        let accounts = taken(scope, &mut left);
        let size = size.map_or(accounts.len(), |size| size as usize).max(1);
        let lots = accounts.len().div_ceil(size);
        for (number, lot) in accounts.chunks(size).enumerate() {
            let which = if lots > 1 { format!(" ({} of {lots})", number + 1) } else { String::new() };
            waves.push(Wave { name: format!("{}{which}", name(scope)), canary: false, accounts: lot.to_vec() });
        }
    }
    if !waves.is_empty() && !left.is_empty() {
        let accounts = left.iter().map(|account| account.id.clone()).collect();
        waves.push(Wave { name: REST.to_owned(), canary: false, accounts });
    }
    waves.retain(|wave| !wave.accounts.is_empty());
    waves
}

fn taken(scope: &Scope, left: &mut Vec<&AccountFacts>) -> Vec<AccountId> {
    let taken: BTreeSet<AccountId> =
        left.iter().filter(|account| scope.holds(account)).map(|account| account.id.clone()).collect();
    left.retain(|account| !taken.contains(&account.id));
    taken.into_iter().collect()
}

fn name(scope: &Scope) -> String {
    let ous = scope.ous.iter().map(|unit| unit.value.to_string());
    let accounts = scope.accounts.iter().map(|account| account.value.to_string());
    let tags = scope.tags.iter().map(|tag| tag.value.to_string());
    let names: Vec<String> = ous.chain(accounts).chain(tags).collect();
    if names.is_empty() { REST.to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Accounts of these numbers, each in the unit that is said.
    fn accounts(units: &[&str]) -> Vec<AccountFacts> {
        let account = |(number, unit): (usize, &&str)| AccountFacts {
            id: format!("{number:012}").parse().expect("an account"),
            name: format!("a{number}"),
            ou_path: (*unit).to_owned(),
            ou_ids: vec![],
            tags: BTreeMap::new(),
        };
        units.iter().enumerate().map(account).collect()
    }

    fn of(yaml: &str, accounts: &[AccountFacts]) -> Vec<(String, Vec<u64>)> {
        let text = format!("version: 1\nextends: [foundation]\nrollout: {yaml}\n");
        let today = jiff::civil::date(2026, 11, 22);
        let shapes = crate::controls::shapes();
        let baseline = baseline::Baseline::from_text("acme", &text, &shapes, today).expect("a baseline");
        let waves = Rollout::of(&baseline.rollout, accounts).unwrap_or_default().waves;
        let number = |id: &AccountId| id.as_str().parse::<u64>().expect("a number");
        waves.iter().map(|wave| (wave.name.clone(), wave.accounts.iter().map(number).collect())).collect()
    }

    fn wave(name: &str, accounts: &[u64]) -> (String, Vec<u64>) {
        (name.to_owned(), accounts.to_vec())
    }

    #[test]
    fn an_account_is_in_the_first_wave_that_names_it_and_what_none_names_comes_last() {
        let all = accounts(&["/Prod", "/Dev", "/Dev/One", "/Prod", "/"]);
        let found = of("{ canary: { ou: /Dev/One }, waves: [{ ou: /Dev }, { ou: [/Dev, /Prod] }] }", &all);
        let expected = [wave("canary", &[2]), wave("/Dev", &[1]), wave("/Dev, /Prod", &[0, 3]), wave(REST, &[4])];
        assert_eq!(found, expected);
    }

    #[test]
    fn lots_are_of_the_size_that_was_said_and_the_last_has_what_is_left() {
        let all = accounts(&["/Dev", "/Dev", "/Dev", "/Prod", "/Prod"]);
        let expected = [
            wave("/Dev (1 of 2)", &[0, 1]),
            wave("/Dev (2 of 2)", &[2]),
            wave("the rest (1 of 2)", &[3]),
            wave("the rest (2 of 2)", &[4]),
        ];
        assert_eq!(of("{ waves: [{ ou: /Dev, size: 2 }, { size: 1 }] }", &all), expected);
        for (size, lots) in [(4, 2), (5, 1), (6, 1)] {
            assert_eq!(of(&format!("{{ waves: {{ size: {size} }} }}"), &all).len(), lots, "{size}");
        }
    }

    #[test]
    fn a_wave_without_accounts_is_none_and_without_waves_all_are_one() {
        let all = accounts(&["/Prod", "/Prod"]);
        assert_eq!(of("{ canary: { ou: /Dev }, waves: [{ ou: /Dev }] }", &all), [wave(REST, &[0, 1])]);
        assert_eq!(of("{ waves: [{ ou: /Prod }] }", &all), [wave("/Prod", &[0, 1])]);
        assert_eq!(of("{ pause: 10m }", &all), []);
        assert_eq!(of("{ waves: { size: 1 } }", &[]), []);
        assert!(Rollout::of(&baseline::Rollout::default(), &all).is_none());
    }

    #[test]
    fn a_wave_takes_those_that_meet_every_selector() {
        let mut all = accounts(&["/Dev", "/Dev", "/Prod"]);
        for number in [1, 2] {
            all[number].tags.insert("tier".to_owned(), "one".to_owned());
        }
        let found = of("{ waves: [{ ou: /Dev, tag: tier=one }] }", &all);
        assert_eq!(found, [wave("/Dev, tier=one", &[1]), wave(REST, &[0, 2])]);
    }
}
