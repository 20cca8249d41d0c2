//! Settings that remember which layer each value comes from.

use std::collections::BTreeMap;

use serde_json::Value as Json;

/// A value of a setting, or settings below it.
#[derive(Clone, Debug, PartialEq)]
pub enum Layered {
    /// Settings by name; those of later layers are merged in.
    Map(BTreeMap<String, Layered>),
    /// A scalar or a list; a later layer replaces it.
    Leaf {
        /// The value.
        value: Json,
        /// The layer it comes from, as an index into the baseline's layers.
        layer: usize,
    },
}

impl Layered {
    pub(super) fn new(value: Json, layer: usize) -> Self {
        match value {
            Json::Object(entries) => {
                Self::Map(entries.into_iter().map(|(key, value)| (key, Self::new(value, layer))).collect())
            }
            value => Self::Leaf { value, layer },
        }
    }

    /// Puts a later layer over this one.
    pub(super) fn merge(&mut self, later: Self) {
        match (self, later) {
            (Self::Map(own), Self::Map(later)) => {
                for (key, value) in later {
                    match own.get_mut(&key) {
                        Some(there) => there.merge(value),
                        None => {
                            own.insert(key, value);
                        }
                    }
                }
            }
            (own, later) => *own = later,
        }
    }

    /// The values alone.
    #[must_use]
    pub fn json(&self) -> Json {
        match self {
            Self::Map(entries) => entries.iter().map(|(key, value)| (key.clone(), value.json())).collect(),
            Self::Leaf { value, .. } => value.clone(),
        }
    }

    /// The layer of the value at a path.
    pub(super) fn layer_at(&self, path: &[String]) -> Option<usize> {
        match (self, path) {
            (Self::Map(entries), [first, rest @ ..]) => entries.get(first)?.layer_at(rest),
            (Self::Leaf { layer, .. }, []) => Some(*layer),
            _ => None,
        }
    }
}

/// Puts later settings over earlier ones, as layers are: maps merge, the rest is replaced.
pub(super) fn merge(earlier: &mut Json, later: &Json) {
    match (earlier, later) {
        (Json::Object(own), Json::Object(later)) => {
            for (key, value) in later {
                merge(own.entry(key.clone()).or_insert(Json::Null), value);
            }
        }
        (own, later) => *own = later.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn maps_merge_and_lists_are_replaced() {
        let mut settings = Layered::new(json!({ "a": { "x": 1, "y": 2 }, "list": [1, 2], "kept": true }), 0);
        settings.merge(Layered::new(json!({ "a": { "y": 3 }, "list": [9] }), 1));
        assert_eq!(settings.json(), json!({ "a": { "x": 1, "y": 3 }, "list": [9], "kept": true }));
        let layer = |path: &[&str]| settings.layer_at(&path.iter().map(|&key| key.to_owned()).collect::<Vec<_>>());
        assert_eq!(layer(&["a", "x"]), Some(0));
        assert_eq!(layer(&["a", "y"]), Some(1));
        assert_eq!(layer(&["a"]), None);
    }

    #[test]
    fn plain_settings_merge_the_same_way() {
        let mut settings = json!({ "a": { "x": 1 }, "list": [1, 2] });
        merge(&mut settings, &json!({ "a": { "y": 3 }, "list": [9], "new": 1 }));
        assert_eq!(settings, json!({ "a": { "x": 1, "y": 3 }, "list": [9], "new": 1 }));
    }
}
