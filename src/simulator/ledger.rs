//! Every call that reached the simulator, in order.

use serde::Serialize;
use serde_json::Value;

/// One call, refused or not.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Counted from 1.
    pub sequence: u64,
    /// The caller's account; empty where the access key is unknown.
    pub account: String,
    /// The region of the signature.
    pub region: String,
    /// The service's signing name.
    pub service: String,
    /// The operation; empty where the request names none that is known.
    pub operation: String,
    /// The input by the model's member names; null where the request makes no sense.
    pub input: Value,
    /// Whether the operation changes anything.
    pub write: bool,
    /// The caller's ARN.
    pub principal: String,
    /// The name of the role session, if the caller is one.
    pub session: Option<String>,
    /// False where an injected fault struck before the call could take effect.
    pub carried_out: bool,
    /// The HTTP status of the answer, also of one that was lost on its way.
    pub status: u16,
    /// The error code of a refusal.
    pub code: Option<String>,
    /// What the client calls itself.
    pub user_agent: String,
    /// The IAM actions that were weighed for it, in order; after the first that is refused none is.
    pub weighed: Vec<String>,
}

/// The record of all calls.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: Vec<Entry>,
    count: u64,
    /// The actions that were weighed for the call that is being answered.
    weighed: Vec<String>,
}

impl Ledger {
    /// The number of the next call.
    pub(crate) fn next(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    /// Notes an action that is weighed for the call that is being answered.
    pub(crate) fn weigh(&mut self, action: &str) {
        self.weighed.push(action.to_owned());
    }

    /// Records a call with the actions that were weighed for it.
    pub(crate) fn record(&mut self, entry: Entry) {
        let weighed = std::mem::take(&mut self.weighed);
        self.entries.push(Entry { weighed, ..entry });
    }

    /// Every call, in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The calls that change something, refused ones too.
    pub fn writes(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.write)
    }

    /// Forgets the calls so far; the numbers go on.
    pub fn clear(&mut self) {
        self.entries.clear();
    }
}

/// Whether an operation changes anything, by its verb. `AssumeRole`, `AssumeRoot` and `Sign` are writes to IAM's access
/// levels, but they leave nothing behind; the credential report is generated for whoever reads it.
pub(crate) fn writes(operation: &str) -> bool {
    const READS: &[&str] = &["Get", "List", "Describe", "Head", "BatchGet", "Lookup", "Simulate", "AssumeRole"];
    let leaves_nothing = matches!(operation, "AssumeRoot" | "Sign" | "Verify" | "GenerateCredentialReport");
    !operation.is_empty() && !leaves_nothing && !READS.iter().any(|verb| operation.starts_with(verb))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SERVICES;

    #[test]
    fn what_changes_something_is_told_by_its_verb() {
        let reads = SERVICES.values().flat_map(|service| &service.operations).filter(|(name, _)| !writes(name));
        for (name, operation) in reads {
            assert!(operation.output.is_some(), "{name} would be a read that answers nothing");
        }
        assert!(
            !writes("GenerateCredentialReport") && !writes("Sign") && writes("SignUp") && writes("VerifyEmailIdentity")
        );
        assert!(writes("CreateTrail") && writes("StopLogging") && writes("BatchUpdateFindings"));
    }
}
