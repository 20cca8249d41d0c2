//! The baseline file: which controls are wanted, with which settings, where, with which exemptions.
//!
//! A file is read in two steps: `parse` says what was typed, this module what it means once all layers are together.
//! Every mistake keeps its place, and all of them are shown in one go.

mod agreement;
mod content;
mod digest;
mod exemption;
mod fields;
mod files;
mod forms;
mod freeze;
mod init;
mod layered;
mod mistake;
mod node;
mod overlap;
mod parse;
mod resolve;
mod rollout;
mod schema;
mod schema_file;
mod scope;
mod show;
#[cfg(test)]
mod tests;
mod tolerance;
mod typed;
mod variants;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde_json::{Map, Value as Json};

pub use digest::{Digest, canonical};
pub use exemption::{Exemption, Unreachable};
pub use fields::Spanned;
pub use files::SHIPPED;
pub use forms::{ExternalId, Misformed, NamePattern, OrganizationId, RoleName, TagMatch, Unit};
pub use freeze::{Edge, Freeze};
pub use init::commented;
pub use layered::Layered;
pub use mistake::{Mistake, Span, Tone, nearest, refuse};
pub use rollout::{Rollout, WaveOf, pause};
pub use schema_file::file_schema;
pub use scope::{AccountFacts, Scope, UnitFacts};
pub use tolerance::{MaxFailures, OnError};

use trueup_aws::failure::{self, Failure};
use trueup_aws::target::{self, AccountId, Region};

use overlap::Overlap;

/// Why settings make no sense together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// The setting that does not fit.
    pub setting: &'static str,
    /// What is wrong.
    pub words: &'static str,
    /// What mends it.
    pub mend: &'static str,
}

/// What the baseline file needs to know of a control.
#[derive(Clone, Debug)]
pub struct ControlShape {
    /// Its id, such as `cloudtrail.trail`.
    pub id: &'static str,
    /// The JSON Schema of its settings.
    pub schema: Json,
    /// Why settings make no sense together, where each by itself does.
    pub contradiction: fn(&Json) -> Option<Contradiction>,
    /// Its settings that have to be as another control has them, each with that control.
    pub same_as: &'static [(&'static str, &'static str)],
    /// The full ids of its requirements, such as `cloudtrail.trail.kms`.
    pub requirements: Vec<String>,
}

/// Whether the management account may be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ManagementAccount {
    /// It is only read.
    #[default]
    Read,
    /// It is held to the baseline like any other.
    Include,
}

/// The regions in which the baseline counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Regions {
    /// All that are enabled in each account.
    #[default]
    All,
    /// These.
    Only(Vec<Region>),
}

/// How accounts are entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Roles to read with, tried in order.
    pub read_role: Vec<RoleName>,
    /// The role that `apply` writes with; there is no default.
    pub write_role: Option<RoleName>,
    /// The role of the management account; none: the caller's own credentials.
    pub management_role: Option<RoleName>,
    /// What the roles' trust policies ask for.
    pub external_id: Option<ExternalId>,
    /// Accounts that are entered otherwise.
    pub accounts: BTreeMap<AccountId, AccountAccess>,
}

/// How one account is entered, where it differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountAccess {
    /// The account.
    pub account: Spanned<AccountId>,
    /// Roles to read with; none: the same as everywhere.
    pub read_role: Vec<RoleName>,
    /// The role to write with; none: the same as everywhere.
    pub write_role: Option<RoleName>,
    /// Its external id; none: the same as everywhere.
    pub external_id: Option<ExternalId>,
}

/// Controls that are wanted otherwise in some accounts.
#[derive(Clone, Debug, PartialEq)]
pub struct Override {
    /// The accounts.
    pub scope: Scope,
    /// Settings by control; none: the control is off.
    pub controls: BTreeMap<String, Option<Json>>,
    /// The layer it comes from.
    pub layer: usize,
}

/// A baseline with all its layers, resolved.
#[derive(Clone, Debug)]
pub struct Baseline {
    /// Its name: as it says, else that of its file.
    pub name: String,
    /// The organization it is for.
    pub organization: Option<OrganizationId>,
    /// How accounts are entered.
    pub access: Access,
    /// Whether the management account may be written.
    pub management_account: ManagementAccount,
    /// The regions in which it counts.
    pub regions: Regions,
    /// Settings by control.
    pub controls: BTreeMap<String, Layered>,
    /// What differs in some accounts; later ones win.
    pub overrides: Vec<Override>,
    /// What does not count somewhere, for a time.
    pub exemptions: Vec<Exemption>,
    /// Accounts known to be unreachable, for a time.
    pub unreachable: Vec<Unreachable>,
    /// In which order accounts are written, and how carefully.
    pub rollout: Rollout,
    /// For how many days what runs set counts, when it comes back; none: [`Baseline::contested_days`].
    pub contested_days: Option<u16>,
    /// The files it is made of, the lowest first.
    pub layers: Vec<String>,
    /// SHA-256 over its resolved content; the same for the same content, however it is laid out.
    pub digest: String,
    /// What a person should look at.
    pub warnings: Vec<Mistake>,
    today: Date,
    /// The layer that each value outside `controls` comes from.
    from: BTreeMap<&'static str, usize>,
    overlaps: Vec<Overlap>,
}

impl Baseline {
    /// Loads a shipped baseline by name, or a file, with all that it extends.
    ///
    /// # Errors
    /// The file cannot be read, or has mistakes; all of them are shown.
    pub fn load(source: &str, shapes: &[ControlShape], today: Date) -> Result<Self, Failure> {
        let mut mistakes = vec![];
        let layers = files::load(source, shapes, &mut mistakes)?;
        let baseline = Self::resolve(source, layers, shapes, today, &mut mistakes);
        if mistakes.is_empty() { Ok(baseline) } else { Err(refuse(mistakes)) }
    }

    /// Reads a baseline that is at hand as a text, such as the content that a plan carries.
    ///
    /// # Errors
    /// The text has mistakes; all of them are shown under this name.
    pub fn from_text(name: &str, text: &str, shapes: &[ControlShape], today: Date) -> Result<Self, Failure> {
        Self::from_bytes(name, text.as_bytes(), shapes, today)
    }

    /// The same of bytes, which need not be a text.
    ///
    /// # Errors
    /// The bytes have mistakes; all of them are shown under this name.
    pub fn from_bytes(name: &str, bytes: &[u8], shapes: &[ControlShape], today: Date) -> Result<Self, Failure> {
        let mut mistakes = vec![];
        let layers = files::load_bytes(name, bytes, shapes, &mut mistakes);
        let baseline = Self::resolve(name, layers, shapes, today, &mut mistakes);
        if mistakes.is_empty() { Ok(baseline) } else { Err(refuse(mistakes)) }
    }

    /// For how many days what runs set counts, when it comes back.
    #[must_use]
    pub fn contested_days(&self) -> u16 {
        self.contested_days.unwrap_or(14)
    }

    /// The controls that are wanted anywhere.
    #[must_use]
    pub fn control_ids(&self) -> BTreeSet<&str> {
        let overridden = self.overrides.iter().flat_map(|one| &one.controls);
        let added = overridden.filter(|(_, settings)| settings.is_some()).map(|(id, _)| id.as_str());
        self.controls.keys().map(String::as_str).chain(added).collect()
    }

    /// The settings by control that count in an account.
    #[must_use]
    pub fn settings_for(&self, account: &AccountFacts) -> BTreeMap<String, Json> {
        let mut settings: BTreeMap<String, Json> =
            self.controls.iter().map(|(id, settings)| (id.clone(), settings.json())).collect();
        for one in self.overrides.iter().filter(|one| one.scope.holds(account)) {
            for (id, wanted) in &one.controls {
                match wanted {
                    None => {
                        settings.remove(id);
                    }
                    Some(wanted) => {
                        let own = settings.entry(id.clone()).or_insert_with(|| Json::Object(Map::new()));
                        layered::merge(own, wanted);
                    }
                }
            }
        }
        settings
    }
}

impl Access {
    /// The roles to read an account with, tried in order.
    #[must_use]
    pub fn read_roles(&self, account: &AccountId) -> &[RoleName] {
        let own = self.accounts.get(account).map(|own| own.read_role.as_slice());
        own.filter(|roles| !roles.is_empty()).unwrap_or(&self.read_role)
    }

    /// The role to write an account with.
    #[must_use]
    pub fn write_role(&self, account: &AccountId) -> Option<&RoleName> {
        self.accounts.get(account).and_then(|own| own.write_role.as_ref()).or(self.write_role.as_ref())
    }

    /// The external id that an account's roles ask for.
    #[must_use]
    pub fn external_id(&self, account: &AccountId) -> Option<&ExternalId> {
        self.accounts.get(account).and_then(|own| own.external_id.as_ref()).or(self.external_id.as_ref())
    }
}
