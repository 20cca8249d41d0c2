//! The plan file: versioned JSON that is refused when it was changed, is too old, or is of another organization.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::sound::unsound;
use super::strict::{LISTS, Strict};
use super::{Change, Digest, PlanText, Rollout, Wave};
use crate::assessment::{AccountLine, Row, Standing, Summary};
use crate::engine::Terms;
use crate::target::{AccountId, Region};

/// The format that is written and read.
pub const FORMAT: &str = "trueup.plan/1";

/// The organization of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationLine {
    /// Its id; none where Organizations could not be asked.
    pub id: Option<String>,
    /// Its management account, if known.
    pub management_account: Option<AccountId>,
}

/// The baseline of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaselineLine {
    /// Its name.
    pub name: String,
    /// The digest of what it means.
    pub digest: String,
    /// The organization that it, or an option, says may be written.
    pub organization: Option<String>,
}

/// What a plan says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// [`FORMAT`].
    pub format: String,
    /// `trueup` and its version.
    pub tool: String,
    /// When it was made.
    pub created: Timestamp,
    /// Who made it: the caller's ARN.
    pub created_by: Option<String>,
    /// The organization.
    pub organization: OrganizationLine,
    /// The baseline.
    pub baseline: BaselineLine,
    /// Whether everything that was asked could be read.
    pub complete: bool,
    /// The home region.
    pub home_region: Region,
    /// Every region that was judged in some account.
    pub regions: Vec<Region>,
    /// What there is to say besides: expired exemptions, what is not known.
    pub warnings: Vec<String>,
    /// The figures.
    pub summary: Summary,
    /// How accounts are entered.
    pub access: Access,
    /// In which waves it is carried out, and how carefully, where the baseline says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollout: Option<Rollout>,
    /// How the accounts stand against the framework that was asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub framework: Option<Standing>,
}

impl Header {
    /// The waves, in order; none where everything is one.
    #[must_use]
    pub fn waves(&self) -> &[Wave] {
        self.rollout.as_ref().map(|rollout| rollout.waves.as_slice()).unwrap_or_default()
    }
}

/// How accounts are entered, resolved from baseline and options.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// Roles to read with, tried in order.
    pub read_role: Vec<String>,
    /// The role that apply writes with.
    pub write_role: Option<String>,
    /// The role of the management account; none: the caller's own credentials.
    pub management_role: Option<String>,
    /// What the roles' trust policies ask for. AWS does not treat it as a secret.
    pub external_id: Option<String>,
    /// Accounts that are entered otherwise.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub accounts: BTreeMap<AccountId, AccountAccess>,
}

/// How one account is entered, where it differs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountAccess {
    /// Roles to read with; empty: as everywhere.
    pub read_role: Vec<String>,
    /// The role to write with; none: as everywhere.
    pub write_role: Option<String>,
    /// Its external id; none: as everywhere.
    pub external_id: Option<String>,
}

/// A plan as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PlanFile {
    /// What it says of itself.
    #[serde(flatten)]
    pub header: Header,
    /// Every account in scope.
    pub accounts: Vec<AccountLine>,
    /// What the baseline asks of the accounts that are changed.
    pub terms: Vec<Terms>,
    /// Every verdict.
    pub verdicts: Vec<Row>,
    /// Every change.
    pub changes: Vec<Change>,
    /// The digest of all this.
    pub digest: String,
}

/// Why a plan file is refused.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// It cannot be read.
    #[error("could not read {path}: {error}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// It is a folder or a device.
    #[error("{path} is {found}, and a plan is a file or comes by a pipe")]
    NotAFile {
        /// Its path.
        path: String,
        /// What it is.
        found: &'static str,
    },
    /// No organization is so large.
    #[error("{path} has more than {limit} bytes, and no plan has")]
    TooLarge {
        /// The file.
        path: String,
        /// How many a plan may have.
        limit: u64,
    },
    /// It is no plan.
    #[error("{path} is not a plan of trueup: {why}")]
    NotAPlan {
        /// The file.
        path: String,
        /// Where and why.
        why: String,
    },
    /// Another version wrote it.
    #[error("{path} has the format {found}, and this version reads {FORMAT}: make the plan again with this version")]
    Format {
        /// The file.
        path: String,
        /// Its format.
        found: String,
    },
    /// Its content is not what was written.
    #[error("{path} was changed after it was made: its content has the digest {found}, and it says {said}")]
    Changed {
        /// The file.
        path: String,
        /// What its content has.
        found: String,
        /// What it says.
        said: String,
    },
    /// Its parts contradict each other.
    #[error("{path} does not fit together: {why}; make the plan again with this version")]
    Unsound {
        /// The file.
        path: String,
        /// What does not.
        why: String,
    },
    /// It is of another day.
    #[error("{path} is {age} old, older than --max-age {limit}: make the plan again")]
    TooOld {
        /// The file.
        path: String,
        /// Its age.
        age: String,
        /// The limit.
        limit: String,
    },
}

impl PlanFile {
    /// Reads a plan and checks that it is whole, unchanged, and fits together.
    ///
    /// # Errors
    /// It cannot be read, is no plan, has another format, was changed, or contradicts itself.
    pub fn read(path: &Path) -> Result<Self, Refused> {
        PlanText::read(path)?.plan()
    }

    /// The same of bytes that are at hand, which errors call by this name.
    ///
    /// # Errors
    /// They are no plan, have another format, were changed, or contradict themselves.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, Refused> {
        let path = || name.to_owned();
        let not_a_plan = |why: String| Refused::NotAPlan { path: path(), why: printable(&why) };
        let text = std::str::from_utf8(bytes)
            .map_err(|error| not_a_plan(format!("it is not UTF-8 from byte {} on", error.valid_up_to())))?;
        if text.trim().is_empty() {
            return Err(not_a_plan("it is empty".to_owned()));
        }
        let strict = Strict::of(text).map_err(not_a_plan)?;
        if strict.format() != FORMAT {
            return Err(Refused::Format { path: path(), found: printable(strict.format()) });
        }
        let (plan, content) = strict.plan().map_err(not_a_plan)?;
        let found = content.digest;
        if found != plan.digest {
            return Err(Refused::Changed { path: path(), found, said: printable(&plan.digest) });
        }
        if bytes.len() / MOST_LAYOUT > content.bytes {
            let why = format!("it has {} bytes for a content of {}", bytes.len(), content.bytes);
            return Err(not_a_plan(why));
        }
        match unsound(&plan) {
            None => Ok(plan),
            Some(why) => Err(Refused::Unsound { path: path(), why: printable(&why) }),
        }
    }

    /// The digest that its content should say: that of what a reader makes of it, because a number with a fraction
    /// that is written and read again need not be the same to its last bit.
    #[must_use]
    pub fn content_digest(&self) -> String {
        let text = serde_json::to_string(self).expect("plain data serializes");
        content_digest(&serde_json::from_str(&text).expect("what was just written can be read"))
    }

    /// The organization that it is a plan of, or that its baseline names where Organizations could not be asked.
    #[must_use]
    pub fn organization(&self) -> Option<&str> {
        self.header.organization.id.as_deref().or(self.header.baseline.organization.as_deref())
    }

    /// Refuses a plan that is older than `limit`, or from the future.
    ///
    /// # Errors
    /// It is.
    pub fn check_age(&self, path: &Path, now: Timestamp, limit: SignedDuration) -> Result<(), Refused> {
        let age = now.duration_since(self.header.created);
        if age.abs() <= limit {
            return Ok(());
        }
        let whole = |age: SignedDuration| format!("{:#}", SignedDuration::from_secs(age.as_secs()));
        Err(Refused::TooOld { path: path.display().to_string(), age: whole(age), limit: whole(limit) })
    }
}

/// Words of a file end up on a terminal: no control characters, and not without end.
pub(crate) fn printable(text: &str) -> String {
    const LONGEST: usize = 400;
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    let short: String = text.chars().take(LONGEST).map(clean).collect();
    if text.chars().nth(LONGEST).is_some() { short + "…" } else { short }
}

/// How many times the bytes of its content a plan may have: some tools lay it out with many blanks, and none with so many.
const MOST_LAYOUT: usize = 8;

/// The digest that this content should say: everything in the file counts, also what this version does not know.
fn content_digest(file: &Value) -> String {
    let mut header = file.clone();
    let mut lists = vec![];
    if let Some(fields) = header.as_object_mut() {
        fields.remove("digest");
        lists.extend(LISTS.iter().filter_map(|name| fields.remove(*name)));
    }
    let mut digest = Digest::default();
    digest.add(&header);
    lists.iter().filter_map(Value::as_array).flatten().for_each(|item| digest.add(item));
    digest.end()
}
