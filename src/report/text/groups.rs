//! Things that are alike, each kept once with the places where it is.

use std::collections::HashMap;
use std::hash::Hash;

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

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
}

/// Places with some lines that are said of all of them.
#[derive(Default)]
pub(super) struct Noted {
    /// Where.
    pub(super) places: Places,
    /// What is said, each once, in the order in which it was met.
    pub(super) notes: Vec<(String, String)>,
}

impl Noted {
    /// Says something, once.
    pub(super) fn note(&mut self, subject: &str, text: String) {
        if !self.notes.iter().any(|(known, words)| known == subject && *words == text) {
            self.notes.push((subject.to_owned(), text));
        }
    }
}
