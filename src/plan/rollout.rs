//! In which waves a plan is carried out, and how carefully: resolved, so that apply needs nothing but the plan.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::baseline::{self, AccountFacts, Freeze, MaxFailures, OnError, Scope, WaveOf};
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

impl Rollout {
    /// With this canary and these waves in place of its own, where they are said. Accounts that its own waves named stay
    /// in them, as far as nothing takes them out.
    pub fn retype(&mut self, canary: Option<&Scope>, waves: Option<&[WaveOf]>, written: &[AccountFacts]) {
        let mut left: Vec<&AccountFacts> = written.iter().collect();
        let (own_canary, own): (Vec<Wave>, Vec<Wave>) =
            std::mem::take(&mut self.waves).into_iter().partition(|wave| wave.canary);
        let keep = |wave: Wave, left: &mut Vec<&AccountFacts>| {
            let is_left = |id: &AccountId| left.iter().any(|account| account.id == *id);
            let accounts: Vec<AccountId> = wave.accounts.into_iter().filter(is_left).collect();
            left.retain(|account| !accounts.contains(&account.id));
            Wave { accounts, ..wave }
        };
        let mut all = match canary {
            Some(scope) => vec![first(scope, &mut left)],
            None => own_canary.into_iter().map(|wave| keep(wave, &mut left)).collect(),
        };
        match waves {
            Some(waves) => all.extend(lots(waves, &mut left)),
            None => all.extend(own.into_iter().map(|wave| keep(wave, &mut left))),
        }
        self.waves = with_the_rest(all, &left);
    }
}

/// Each account is in the first wave that names it. A wave without accounts is none.
fn waves(asked: &baseline::Rollout, written: &[AccountFacts]) -> Vec<Wave> {
    let mut left: Vec<&AccountFacts> = written.iter().collect();
    let mut waves: Vec<Wave> = asked.canary.iter().map(|scope| first(scope, &mut left)).collect();
    waves.extend(lots(asked.waves.as_deref().unwrap_or_default(), &mut left));
    with_the_rest(waves, &left)
}

fn first(scope: &Scope, left: &mut Vec<&AccountFacts>) -> Wave {
    Wave { name: "canary".to_owned(), canary: true, accounts: taken(scope, left) }
}

fn lots(asked: &[WaveOf], left: &mut Vec<&AccountFacts>) -> Vec<Wave> {
    let mut waves = vec![];
    for WaveOf { scope, size } in asked {
        let accounts = taken(scope, left);
        let size = size.map_or(accounts.len(), |size| size as usize).max(1);
        let lots = accounts.len().div_ceil(size);
        for (number, lot) in accounts.chunks(size).enumerate() {
            let which = if lots > 1 { format!(" ({} of {lots})", number + 1) } else { String::new() };
            waves.push(Wave { name: format!("{}{which}", name(scope)), canary: false, accounts: lot.to_vec() });
        }
    }
    waves
}

/// With those that no wave names, last.
fn with_the_rest(mut waves: Vec<Wave>, left: &[&AccountFacts]) -> Vec<Wave> {
    if !waves.is_empty() && !left.is_empty() {
        let accounts = left.iter().map(|account| account.id.clone());
        match waves.last_mut().filter(|last| last.name == REST) {
            Some(last) => last.accounts.extend(accounts),
            None => waves.push(Wave { name: REST.to_owned(), canary: false, accounts: accounts.collect() }),
        }
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
    fn what_is_typed_takes_the_place_of_what_the_plan_carries_and_nobody_gets_lost() {
        let all = accounts(&["/Prod", "/Dev", "/Dev/One", "/Prod", "/"]);
        let retyped = |canary: Option<&str>, waves: &[&str]| {
            let text =
                "version: 1\nextends: [foundation]\nrollout: { canary: { ou: /Dev/One }, waves: [{ ou: /Dev }] }\n";
            let today = jiff::civil::date(2026, 11, 22);
            let shapes = crate::controls::shapes();
            let baseline = baseline::Baseline::from_text("acme", text, &shapes, today).expect("a baseline");
            let mut rollout = Rollout::of(&baseline.rollout, &all).expect("waves");
            let parsed = |text: &&str| text.parse::<WaveOf>().expect("a wave");
            let canary = canary.map(|text| WaveOf::canary(&[parsed(&text)]).expect("a canary"));
            let waves: Vec<WaveOf> = waves.iter().map(parsed).collect();
            rollout.retype(canary.as_ref(), (!waves.is_empty()).then_some(&*waves), &all);
            let number = |id: &AccountId| id.as_str().parse::<u64>().expect("a number");
            let shown: Vec<_> = rollout
                .waves
                .iter()
                .map(|wave| (wave.name.clone(), wave.accounts.iter().map(number).collect::<Vec<_>>()))
                .collect();
            shown
        };
        assert_eq!(
            retyped(Some("account=000000000000"), &[]),
            [wave("canary", &[0]), wave("/Dev", &[1]), wave(REST, &[3, 4, 2])],
            "who was the canary comes with the rest"
        );
        assert_eq!(
            retyped(None, &["ou=/Prod+size=1"]),
            [wave("canary", &[2]), wave("/Prod (1 of 2)", &[0]), wave("/Prod (2 of 2)", &[3]), wave(REST, &[1, 4])]
        );
        assert_eq!(
            retyped(Some("ou=/Dev"), &["ou=/Prod", "size=1"]),
            [wave("canary", &[1, 2]), wave("/Prod", &[0, 3]), wave(REST, &[4])]
        );
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
