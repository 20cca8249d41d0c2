//! The permissions for programs: the documents as IAM takes them, and why each action is in them.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{Shown, place, why_anywhere};
use crate::permissions::{Allowed, Because, Policy, documents};
use crate::report::TOOL;

/// The format of the JSON document.
pub const FORMAT: &str = "trueup.permissions/1";

/// Writes the permissions as a JSON document.
///
/// # Errors
/// `out` cannot be written.
pub fn write(shown: &Shown<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (name, digest) = shown.baseline;
    let policies: Vec<Value> = shown.policies.iter().map(|policy| of_policy(policy, shown)).collect();
    let document = json!({
        "format": FORMAT,
        "tool": TOOL,
        "baseline": { "name": name, "digest": digest },
        "apply": shown.apply,
        "policies": policies,
    });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

fn of_policy(policy: &Policy, shown: &Shown<'_>) -> Value {
    let documents: Vec<Value> = documents(policy)
        .iter()
        .map(|document| {
            let (name, characters) = (&document.name, document.characters);
            json!({ "name": name, "characters": characters, "policy": document.json(shown.blanks) })
        })
        .collect();
    let actions: Vec<Value> =
        policy.allowed.iter().map(|(action, allowed)| of_action(action, allowed, shown)).collect();
    let denied: Vec<Value> = policy
        .denied
        .iter()
        .map(|(resource, actions)| json!({ "resource": shown.blanks.fill(resource), "actions": actions }))
        .collect();
    json!({
        "holder": policy.holder.name(),
        "account": place(policy.holder),
        "documents": documents,
        "actions": actions,
        "denied": denied,
    })
}

fn of_action(action: &str, allowed: &Allowed, shown: &Shown<'_>) -> Value {
    let resources: Vec<String> = allowed.resources.iter().map(|resource| shown.blanks.fill(resource)).collect();
    let because = |because: &Because| {
        let Because { control, by, dependent } = because;
        json!({ "control": control, "by": by, "dependent": dependent })
    };
    let because: Vec<Value> = allowed.because.iter().map(because).collect();
    json!({
        "action": action,
        "resources": resources,
        "anywhere": allowed.anywhere.map(why_anywhere),
        "because": because,
    })
}
