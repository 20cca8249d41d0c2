//! The plan file: versioned JSON that is refused when it was changed, is too old, or is of another organization.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Change, Digest, Rollout, Wave};
use crate::assessment::{AccountLine, Row, Summary};
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
    /// It is no plan.
    #[error("{path} is not a plan of trueup: {error}")]
    NotAPlan {
        /// The file.
        path: String,
        /// Where and why.
        error: serde_json::Error,
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

/// A file larger than this was not written by trueup for any organization.
const LARGEST: u64 = 4 << 30;

impl PlanFile {
    /// Reads a plan and checks that it is whole and unchanged.
    ///
    /// # Errors
    /// It cannot be read, is no plan, has another format, or was changed.
    pub fn read(path: &Path) -> Result<Self, Refused> {
        let name = path.display().to_string();
        let unreadable = |error| Refused::Unreadable { path: name.clone(), error };
        let file = std::fs::File::open(path).map_err(unreadable)?;
        let mut text = String::new();
        file.take(LARGEST).read_to_string(&mut text).map_err(unreadable)?;
        let not_a_plan = |error| Refused::NotAPlan { path: name.clone(), error };
        let value: Value = serde_json::from_str(&text).map_err(not_a_plan)?;
        let format = Format::deserialize(&value).map_err(not_a_plan)?;
        if format.format != FORMAT {
            return Err(Refused::Format { path: name, found: format.format });
        }
        let found = content_digest(&value);
        let plan = Self::deserialize(value).map_err(not_a_plan)?;
        if found == plan.digest { Ok(plan) } else { Err(Refused::Changed { path: name, found, said: plan.digest }) }
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

/// The lists of a plan, in the order in which they are digested.
const LISTS: [&str; 4] = ["accounts", "terms", "verdicts", "changes"];

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

#[derive(Deserialize)]
struct Format {
    format: String,
}
