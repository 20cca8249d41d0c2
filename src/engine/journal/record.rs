//! The records of a journal: what each line says, and how the lines hold together.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::approval::Approval;
use crate::engine::apply::Outcome;
use crate::plan::{Change, Digest};
use crate::steps::Undo;
use crate::target::{AccountId, Region};

/// The format that is written and read.
pub const FORMAT: &str = "trueup.journal/1";

/// The run that a journal is of; each record says it, so that a line is understood by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Its id.
    pub run: String,
    /// The digest of the plan that it applies.
    pub plan: String,
    /// Who applies: the ARN of the caller.
    pub caller: String,
}

/// One line of a journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// [`FORMAT`].
    pub format: String,
    /// Its number, from 1.
    pub sequence: u64,
    /// When it was written.
    pub time: Timestamp,
    /// The run.
    #[serde(flatten)]
    pub of: Run,
    /// What it says.
    #[serde(flatten)]
    pub says: Says,
    /// The digest of the line before; none in the first.
    pub previous: Option<String>,
    /// The digest of all of the above.
    pub digest: String,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Says {
    /// An apply begins.
    RunBegins {
        /// `trueup` and its version.
        tool: String,
        /// The organization, if known.
        organization: Option<String>,
        /// How many changes the plan has.
        changes: usize,
        /// Why it writes also while nothing is to be written, where somebody said so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        freeze_ignored: Option<String>,
        /// The approvals of others that it was asked for, each with its signature, so that it can be verified again.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        approvals: Vec<Approval>,
    },
    /// A call that changes something is about to be sent.
    WriteBegins(Write),
    /// That call was answered, or not.
    WriteEnds {
        /// The call.
        #[serde(flatten)]
        write: Write,
        /// What came of it.
        outcome: Sent,
        /// The request id of AWS.
        request_id: Option<String>,
        /// Why it was not done.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// A change was carried through, or not.
    ChangeEnds {
        /// Where.
        #[serde(flatten)]
        place: Place,
        /// What came of it.
        #[serde(flatten)]
        outcome: Outcome,
    },
    /// The apply ends; without this line it was killed.
    RunEnds {
        /// Why it stopped before all was done.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stopped: Option<String>,
    },
}

/// The object of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The id of the change.
    pub change: String,
    /// The account.
    pub account: AccountId,
    /// The region; none at account scope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// The address of the object.
    pub object: String,
}

impl Place {
    /// The object of this change.
    #[must_use]
    pub fn of(change: &Change) -> Self {
        Self {
            change: change.id.clone(),
            account: change.account.clone(),
            region: change.region.clone(),
            object: change.target().address(),
        }
    }
}

/// One call that changes something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Write {
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// The step that sends it, as the plan has it.
    pub step: Value,
    /// The call, as an IAM action.
    pub action: String,
    /// By requirement, what the plan saw.
    pub before: Value,
    /// By requirement, what is wanted.
    pub after: Value,
    /// How it is undone; said before it is sent, and not again afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<Undo>,
}

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sent {
    /// AWS did it.
    Done,
    /// AWS refused it.
    Refused,
    /// There was no answer, or none that says whether it was done.
    Lost,
}

impl Record {
    /// The line after `previous`.
    #[must_use]
    pub fn next(previous: Option<&Link>, time: Timestamp, of: Run, says: Says) -> Self {
        let mut record = Self {
            format: FORMAT.to_owned(),
            sequence: previous.map_or(1, |link| link.sequence + 1),
            time,
            of,
            says,
            previous: previous.map(|link| link.digest.clone()),
            digest: String::new(),
        };
        record.digest = content_digest(&serde_json::to_value(&record).expect("plain data serializes"));
        record
    }

    /// What the next line holds on to.
    #[must_use]
    pub fn link(&self) -> Link {
        Link { sequence: self.sequence, digest: self.digest.clone() }
    }
}

/// What a line holds on to: the line before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its number.
    pub sequence: u64,
    /// Its digest.
    pub digest: String,
}

/// The digest that a line should say: of everything in it but the digest itself, also what this version does not know.
pub(super) fn content_digest(line: &Value) -> String {
    let mut content = line.clone();
    if let Some(fields) = content.as_object_mut() {
        fields.remove("digest");
    }
    Digest::of(&content)
}
