//! What a requirement is called elsewhere, in a report.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::controls::CONTROLS;

/// The names of a requirement in frameworks, such as `CIS AWS 3.0 1.8`. All verdicts of a requirement share them: a
/// plan has thousands, and each would have dozens of texts of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct References(Arc<[String]>);

impl References {
    /// Those of a requirement, by its full id; none where no control has it.
    pub fn of(requirement: &str) -> Self {
        static KNOWN: LazyLock<BTreeMap<&str, References>> = LazyLock::new(|| {
            let all = CONTROLS.iter().flat_map(|control| control.meta().requirements);
            all.map(|requirement| (requirement.id, References(requirement.names().collect()))).collect()
        });
        KNOWN.get(requirement).cloned().unwrap_or_default()
    }
}

impl Deref for References {
    type Target = [String];

    fn deref(&self) -> &[String] {
        &self.0
    }
}

impl Serialize for References {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.as_ref().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for References {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(|names| Self(names.into()))
    }
}
