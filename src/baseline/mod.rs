//! The baseline file: which controls are wanted, with which settings, where, with which exemptions.
//!
//! A file is read in two steps: `parse` says what was typed, this module what it means once all layers are together.
//! Every mistake keeps its place, and all of them are shown in one go.

mod content;
mod exemption;
mod fields;
mod files;
mod forms;
mod init;
mod layered;
mod mistake;
mod node;
mod overlap;
mod parse;
mod schema;
mod schema_file;
mod scope;
mod show;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::civil::Date;
use serde_json::Value as Json;

pub use exemption::{Exemption, Unreachable};
pub use fields::Spanned;
pub use files::SHIPPED;
pub use forms::{ExternalId, Misformed, NamePattern, OrganizationId, RoleName, TagMatch, Unit};
pub use init::commented;
pub use layered::Layered;
pub use mistake::{Mistake, Source, Span, Tone, refuse};
pub use schema_file::file_schema;
pub use scope::{AccountFacts, Scope, UnitFacts};

use crate::failure::Failure;
use crate::target::AccountId;
use crate::target::Region;
use files::Layer;
use overlap::Overlap;
use parse::{Typed, Wanted, missing_settings};

/// The role that AWS Organizations makes in the accounts it creates.
const DEFAULT_READ_ROLE: &str = "OrganizationAccountAccessRole";
/// A baseline that nobody looked at for longer is told to be looked at.
const REVIEWED_WITHIN_DAYS: i32 = 180;

/// What the baseline file needs to know of a control.
#[derive(Clone, Debug)]
pub struct ControlShape {
    /// Its id, such as `cloudtrail.trail`.
    pub id: &'static str,
    /// The JSON Schema of its settings.
    pub schema: Json,
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

    fn resolve(
        source: &str,
        layers: Vec<Layer>,
        shapes: &[ControlShape],
        today: Date,
        mistakes: &mut Vec<Mistake>,
    ) -> Self {
        let stem = Path::new(source).file_stem().map_or(source.into(), |stem| stem.to_string_lossy());
        let mut baseline = Self::empty(stem.into_owned(), today);
        let mut overrides = vec![];
        let mut keys = BTreeMap::new();
        let mut head = None;
        for (index, Layer { name, mut typed }) in layers.into_iter().enumerate() {
            baseline.layers.push(name);
            baseline.reviewed(&typed);
            baseline.take_scalars(&mut typed, index);
            baseline.take_access(&mut typed, index);
            for (key, wanted) in typed.controls {
                baseline.take_control(&key.text, &wanted, index);
                keys.insert(key.text, key.span);
            }
            overrides.extend(typed.overrides.into_iter().map(|one| (index, one)));
            baseline.exemptions.extend(typed.exemptions);
            baseline.unreachable.extend(typed.unreachable);
            head = typed.head;
        }
        for (index, exemption) in baseline.exemptions.iter_mut().enumerate() {
            exemption.index = index;
        }
        baseline.overlaps = overlap::find(&overrides);
        baseline.overrides = overrides.iter().map(|(layer, one)| Override::of(one, *layer)).collect();
        baseline.require_settings(shapes, &keys, mistakes);
        if let Some(head) = head.filter(|_| mistakes.is_empty() && baseline.control_ids().is_empty()) {
            let mistake = Mistake::at(&head, "this baseline wants no control");
            mistakes.push(mistake.suggest("add `controls`, or `extends: [foundation]`"));
        }
        baseline.warnings.extend(baseline.expired());
        baseline.warnings.extend(baseline.overlaps.iter().map(Overlap::warning));
        mistake::in_file_order(&mut baseline.warnings);
        baseline.digest = baseline.compute_digest();
        baseline
    }

    fn empty(name: String, today: Date) -> Self {
        Self {
            name,
            organization: None,
            access: Access {
                read_role: DEFAULT_READ_ROLE.parse().into_iter().collect(),
                write_role: None,
                management_role: None,
                external_id: None,
                accounts: BTreeMap::new(),
            },
            management_account: ManagementAccount::default(),
            regions: Regions::default(),
            controls: BTreeMap::new(),
            overrides: vec![],
            exemptions: vec![],
            unreachable: vec![],
            layers: vec![],
            digest: String::new(),
            warnings: vec![],
            today,
            from: BTreeMap::new(),
            overlaps: vec![],
        }
    }

    fn reviewed(&mut self, typed: &Typed) {
        let Some(reviewed) = &typed.reviewed else { return };
        let days = (self.today - reviewed.value).get_days();
        if days > REVIEWED_WITHIN_DAYS {
            let message = format!("this baseline was last reviewed {days} days ago");
            self.warnings.push(Mistake::at(&reviewed.span, message).suggest("review it, and put today's date here"));
        }
    }

    fn take_scalars(&mut self, typed: &mut Typed, layer: usize) {
        let from = &mut self.from;
        if let Some(name) = typed.name.take() {
            self.name = name.value;
            from.insert("name", layer);
        }
        if let Some(organization) = typed.organization.take() {
            self.organization = Some(organization.value);
            from.insert("organization", layer);
        }
        if let Some(management_account) = typed.management_account.take() {
            self.management_account = management_account;
            from.insert("management_account", layer);
        }
        if let Some(regions) = typed.regions.take() {
            self.regions = regions;
            from.insert("regions", layer);
        }
    }

    fn take_access(&mut self, typed: &mut Typed, layer: usize) {
        let (typed, from) = (&mut typed.access, &mut self.from);
        if !typed.read_role.is_empty() {
            self.access.read_role = typed.read_role.drain(..).map(|role| role.value).collect();
            from.insert("read_role", layer);
        }
        if let Some(role) = typed.write_role.take() {
            self.access.write_role = Some(role.value);
            from.insert("write_role", layer);
        }
        if let Some(role) = typed.management_role.take() {
            self.access.management_role = Some(role.value);
            from.insert("management_role", layer);
        }
        if let Some(id) = typed.external_id.take() {
            self.access.external_id = Some(id.value);
            from.insert("external_id", layer);
        }
        for account in typed.accounts.drain(..) {
            self.access.accounts.insert(account.account.value.clone(), account);
        }
    }

    fn take_control(&mut self, id: &str, wanted: &Wanted, layer: usize) {
        match wanted {
            Wanted::Off => {
                self.controls.remove(id);
            }
            Wanted::Settings(node) => {
                let empty = || Layered::Map(BTreeMap::new());
                self.controls.entry(id.to_owned()).or_insert_with(empty).merge(Layered::new(node.json(), layer));
            }
        }
    }

    fn require_settings(&self, shapes: &[ControlShape], keys: &BTreeMap<String, Span>, mistakes: &mut Vec<Mistake>) {
        for shape in shapes {
            let (Some(settings), Some(key)) = (self.controls.get(shape.id), keys.get(shape.id)) else { continue };
            for missing in missing_settings(&shape.schema, &settings.json()) {
                mistakes.push(Mistake::at(key, format!("`{}` needs the setting `{missing}`", shape.id)));
            }
        }
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
                    Some(wanted) => layered::merge(
                        settings.entry(id.clone()).or_insert_with(|| Json::Object([].into_iter().collect())),
                        wanted,
                    ),
                }
            }
        }
        settings
    }
}

impl Override {
    fn of(typed: &parse::TypedOverride, layer: usize) -> Self {
        let controls = typed.controls.iter().map(|(key, wanted)| {
            let settings = match wanted {
                Wanted::Off => None,
                Wanted::Settings(node) => Some(node.json()),
            };
            (key.text.clone(), settings)
        });
        Self { scope: typed.scope.clone(), controls: controls.collect(), layer }
    }
}
