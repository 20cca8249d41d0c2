//! Which types of resources a recorder has: what falls short, and what it is made to.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::observe::config::{GLOBAL_TYPES, Types};

/// What is recorded, as a report shows it.
pub(super) fn shown(types: Option<&Types>) -> Value {
    match types {
        None => Value::Null,
        Some(Types::All { .. }) => json!(true),
        Some(Types::AllBut(excluded)) => json!({ "all_but": excluded }),
        Some(Types::Only(types)) => json!({ "only": types }),
    }
}

/// Whether all is recorded but what may be left out. The types of IAM are a requirement of their own.
pub(super) fn records_all(types: &Types, allowed: &BTreeSet<String>) -> bool {
    match types {
        Types::All { .. } => true,
        Types::AllBut(excluded) => {
            excluded.iter().all(|kind| allowed.contains(kind) || GLOBAL_TYPES.contains(&kind.as_str()))
        }
        Types::Only(_) => false,
    }
}

/// The same with all that has to be recorded; what may be left out and is stays so.
pub(super) fn with_all(types: &Types, allowed: &BTreeSet<String>) -> Types {
    let global = types.record_global();
    let Types::AllBut(excluded) = types else { return Types::All { global } };
    let may = |kind: &&String| allowed.contains(*kind) || GLOBAL_TYPES.contains(&kind.as_str());
    let kept: BTreeSet<String> = excluded.iter().filter(may).cloned().collect();
    // Leaving out just the types of IAM is what a recorder of all types of the region does.
    if kept.iter().all(|kind| GLOBAL_TYPES.contains(&kind.as_str())) {
        return Types::All { global };
    }
    Types::AllBut(kept)
}

/// The same with the types of IAM.
pub(super) fn with_global(types: &Types) -> Types {
    let is_global = |kind: &String| GLOBAL_TYPES.contains(&kind.as_str());
    match types {
        Types::All { .. } => Types::All { global: true },
        Types::AllBut(excluded) => {
            let kept: BTreeSet<String> = excluded.iter().filter(|kind| !is_global(kind)).cloned().collect();
            if kept.is_empty() { Types::All { global: true } } else { Types::AllBut(kept) }
        }
        Types::Only(types) => Types::Only(types.iter().cloned().chain(GLOBAL_TYPES.map(str::to_owned)).collect()),
    }
}
