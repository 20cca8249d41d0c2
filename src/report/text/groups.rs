//! Things that are alike, each kept once with the places where it is.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher as _};

use super::places::Places;

/// What is alike, in the order in which it was first met.
pub(super) struct Groups<K, V> {
    numbers: HashMap<K, usize>,
    members: Vec<(K, V)>,
}

impl<K, V> Default for Groups<K, V> {
    fn default() -> Self {
        Self { numbers: HashMap::new(), members: vec![] }
    }
}

impl<K: Hash + Eq + Clone, V: Default> Groups<K, V> {
    /// The group with this key, begun where there is none.
    pub(super) fn of(&mut self, key: K) -> &mut V {
        let number = *self.numbers.entry(key.clone()).or_insert_with(|| {
            self.members.push((key, V::default()));
            self.members.len() - 1
        });
        &mut self.members[number].1
    }

    /// Sorts the groups; equal ones stay as they were met.
    pub(super) fn sort_by_key<S: Ord>(&mut self, key: impl Fn(&K) -> S) {
        self.members.sort_by_key(|(one, _)| key(one));
        self.numbers = self.members.iter().enumerate().map(|(number, (key, _))| (key.clone(), number)).collect();
    }

    /// The groups.
    pub(super) fn iter(&self) -> impl Iterator<Item = &(K, V)> {
        self.members.iter()
    }

    /// Whether there is a group with this key.
    pub(super) fn has(&self, key: &K) -> bool {
        self.numbers.contains_key(key)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
}

/// So many notes of a group are kept, unless all are asked for.
const MOST_NOTES: usize = 12;

/// Places with some lines that are said of all of them.
#[derive(Default)]
pub(super) struct Noted {
    /// Where.
    pub(super) places: Places,
    notes: Vec<(String, String)>,
    /// Digests of all notes: there can be as many as there are keys in an organization.
    known: HashSet<u64>,
}

impl Noted {
    /// Says something, once.
    pub(super) fn note(&mut self, subject: &str, text: String, all: bool) {
        let mut digest = DefaultHasher::new();
        (subject, &text).hash(&mut digest);
        if self.known.insert(digest.finish()) && (all || self.notes.len() < MOST_NOTES) {
            self.notes.push((subject.to_owned(), text));
        }
    }

    /// What is said, in the order in which it was met.
    pub(super) fn notes(&self) -> &[(String, String)] {
        &self.notes
    }

    /// How many notes are not shown.
    pub(super) fn left_out(&self) -> usize {
        self.known.len() - self.notes.len()
    }
}
