//! Organizations out of a seed: a tree, a cast, and accounts that are furnished when they are first touched.

use super::furnish::{Furnishing, Part};
use super::world::{Account, World};
use serde::Deserialize;

/// What sort of world to generate.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// How many accounts, the management account included.
    pub accounts: usize,
    /// The regions that exist; the first is where single-region things are made.
    pub regions: Vec<String>,
    /// The same seed makes the same world.
    pub seed: u64,
    /// Where the clock starts, in seconds since the epoch; none is now.
    pub start: Option<i64>,
}

impl Default for Options {
    fn default() -> Self {
        let regions = ["us-east-1", "eu-west-1", "ap-northeast-1"].map(str::to_owned).to_vec();
        Self { accounts: 12, regions, seed: 1, start: None }
    }
}

/// The parts that a small world must show, in the order of its accounts.
const CAST: [Part; 7] = [
    Part::Suspended,
    Part::Unreachable,
    Part::Strict,
    Part::RegionClosed,
    Part::OwnTrail,
    Part::Compliant,
    Part::Mixed,
];

/// Where accounts live: path, and how many in ten.
const UNITS: [(&str, u64); 6] = [
    ("Security", 1),
    ("Infrastructure", 1),
    ("Workloads/Production/Europe", 3),
    ("Workloads/Production/America", 2),
    ("Workloads/Staging", 2),
    ("Sandbox", 1),
];

const TEAMS: [&str; 12] = [
    "payments",
    "search",
    "billing",
    "identity",
    "catalogue",
    "shipping",
    "analytics",
    "mobile",
    "support",
    "research",
    "media",
    "platform",
];

impl World {
    /// An organization of mixed accounts. Its accounts are listed at once, and furnished when first touched.
    pub fn generate(options: &Options) -> Self {
        let mut ids = Self::bare(&[], options.seed);
        let management = format!("1{}", ids.digits(11));
        let mut world = Self::with_management(&management, options.regions.clone(), options.seed, options.start);
        world.unfurnished.insert(management, Furnishing { seed: options.seed, part: Part::Management });
        let units = world.grow();
        for number in 1..options.accounts {
            let part = match number.checked_sub(1).and_then(|index| CAST.get(index)) {
                Some(part) if options.accounts >= 8 => *part,
                _ if world.one_in(4) => Part::Compliant,
                _ => Part::Mixed,
            };
            world.enrol(number, part, &units);
        }
        world
    }

    /// Makes the units and answers the ids of those that hold accounts, as often as they shall be drawn.
    fn grow(&mut self) -> Vec<String> {
        let mut made: Vec<(String, String)> = vec![];
        let mut drawn = vec![];
        for (path, weight) in UNITS {
            let mut parent: Option<String> = None;
            for (end, _) in path.match_indices('/').chain([(path.len(), "")]) {
                let known = made.iter().find(|(known, _)| known == &path[..end]).map(|(_, id)| id.clone());
                let name = path[..end].rsplit('/').next().unwrap_or(path);
                let id = known.unwrap_or_else(|| self.add_unit(parent.as_deref(), name));
                made.push((path[..end].to_owned(), id.clone()));
                parent = Some(id);
            }
            drawn.extend((0..weight).filter_map(|_| parent.clone()));
        }
        drawn
    }

    fn enrol(&mut self, number: usize, part: Part, units: &[String]) {
        let id = loop {
            let id = format!("{}{}", 2 + self.below(8), self.digits(11));
            if !self.accounts.contains_key(&id) {
                break id;
            }
        };
        let name = format!("{}-{number:02}", TEAMS[number % TEAMS.len()]);
        let parent = units[self.index(units.len())].clone();
        let state = if part == Part::Suspended { "SUSPENDED" } else { "ACTIVE" };
        let years = 86_400 * i64::try_from(100 + self.below(1_500)).unwrap_or_default();
        let furnishing = Furnishing { seed: self.random(), part };
        self.unfurnished.insert(id.clone(), furnishing);
        self.add_account(Account {
            email: format!("aws+{name}@example.com"),
            state: state.to_owned(),
            joined: self.now() - years,
            id,
            name,
            parent,
            ..Account::default()
        });
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        (self.random() >> 33) % bound
    }

    fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or_default()
    }

    pub(super) fn one_in(&mut self, bound: u64) -> bool {
        self.below(bound) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small(seed: u64) -> World {
        World::generate(&Options { accounts: 12, seed, start: Some(1_700_000_000), ..Options::default() })
    }

    #[test]
    fn the_order_of_touching_makes_no_difference() {
        let (mut forth, mut back) = (small(5), small(5));
        let ids: Vec<String> = forth.accounts().map(|account| account.id.clone()).collect();
        for (first, last) in ids.iter().zip(ids.iter().rev()) {
            forth.account(first).unwrap();
            back.account(last).unwrap();
        }
        assert_eq!(forth.state(), back.state());
        assert_ne!(forth.state(), small(6).state());
    }

    #[test]
    fn a_small_world_shows_the_whole_cast() {
        let mut world = small(1);
        let ids: Vec<String> = world.accounts().map(|account| account.id.clone()).collect();
        for id in &ids {
            world.account(id).unwrap();
        }
        let all: Vec<&Account> = world.accounts().collect();
        assert_eq!(all.len(), 12);
        assert_eq!(all.iter().filter(|account| account.state == "SUSPENDED").count(), 1);
        assert_eq!(all.iter().filter(|account| !account.opt_status.is_empty()).count(), 1);
        assert!(world.buckets.len() >= 2);
        let depth = world.organization.as_ref().unwrap().units.values().filter(|unit| unit.name == "Europe").count();
        assert_eq!(depth, 1);
    }

    #[test]
    fn every_seed_makes_a_world_that_aws_would_allow() {
        for seed in 10..20 {
            assert!(small(seed).state()["accounts"].as_object().is_some_and(|accounts| accounts.len() == 12));
        }
    }

    #[test]
    fn ten_thousand_accounts_are_listed_without_furnishing_one() {
        let world = World::generate(&Options { accounts: 10_000, ..Options::default() });
        assert_eq!(world.accounts().count(), 10_000);
        assert_eq!(world.unfurnished.len(), 10_000);
    }
}
