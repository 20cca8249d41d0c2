//! From the layers, as they were typed, to the one baseline that they mean.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;
use serde_json::{Map, Value as Json};

use super::files::Layer;
use super::overlap::{self, Overlap};
use super::parse::{Typed, TypedOverride, Wanted, missing_settings};
use super::rollout::Rollout;
use super::{
    Access, Baseline, ControlShape, Layered, ManagementAccount, Mistake, Override, Regions, Span, agreement, layered,
    mistake,
};

/// The role that AWS Organizations makes in the accounts it creates.
const DEFAULT_READ_ROLE: &str = "OrganizationAccountAccessRole";
/// A baseline that nobody looked at for longer is told to be looked at.
const REVIEWED_WITHIN_DAYS: i32 = 180;

impl Baseline {
    /// Puts the layers together; what is wrong with the whole is noted.
    pub(super) fn resolve(
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
        let top = layers.len().saturating_sub(1);
        for (index, Layer { name, mut typed }) in layers.into_iter().enumerate() {
            baseline.layers.push(name);
            baseline.reviewed(&typed);
            // A file without a name is not called after what it extends.
            if let Some(name) = typed.name.take().filter(|_| index == top) {
                baseline.name = name.value;
                baseline.from.insert("name", index);
            }
            baseline.take_scalars(&mut typed, index);
            baseline.take_access(&mut typed, index);
            baseline.take_rollout(&mut typed.rollout, index);
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
        baseline.find_contradictions(shapes, &keys, &overrides, mistakes);
        if let Some(head) = head.filter(|_| mistakes.is_empty() && baseline.control_ids().is_empty()) {
            let mistake = Mistake::at(&head, "this baseline wants no control");
            mistakes.push(mistake.suggest("add `controls`, or `extends: [foundation]`"));
        }
        baseline.warnings.extend(baseline.expired());
        baseline.warnings.extend(agreement::find(shapes, &baseline.controls, &keys, &overrides));
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
            rollout: Rollout::default(),
            contested_days: None,
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
        // Nobody has looked at it on a day that has not come. It may have come already where the reviewer is.
        if days < -1 {
            let mistake = Mistake::at(&reviewed.span, "this baseline was reviewed on a day that has not come yet");
            self.warnings.push(mistake.suggest("put the day here on which somebody looked at it"));
        }
    }

    fn take_scalars(&mut self, typed: &mut Typed, layer: usize) {
        let from = &mut self.from;
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
        if let Some(days) = typed.contested_days.take() {
            self.contested_days = Some(days);
            from.insert("contested_days", layer);
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

    fn take_rollout(&mut self, typed: &mut Rollout, layer: usize) {
        let (own, from) = (&mut self.rollout, &mut self.from);
        let mut took = |name: &'static str, took: bool| {
            if took {
                from.insert(name, layer);
            }
        };
        took("canary", take(&mut own.canary, &mut typed.canary));
        took("waves", take(&mut own.waves, &mut typed.waves));
        took("pause", take(&mut own.pause, &mut typed.pause));
        took("max_failures", take(&mut own.max_failures, &mut typed.max_failures));
        took("max_changes", take(&mut own.max_changes, &mut typed.max_changes));
        took("on_error", take(&mut own.on_error, &mut typed.on_error));
        own.freeze.append(&mut typed.freeze);
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

    /// What the layers come to together, and with each override.
    fn find_contradictions(
        &self,
        shapes: &[ControlShape],
        keys: &BTreeMap<String, Span>,
        overrides: &[(usize, TypedOverride)],
        mistakes: &mut Vec<Mistake>,
    ) {
        for shape in shapes {
            let base = self.controls.get(shape.id).map(Layered::json);
            // What is said for all may be idle where an override changes what it goes with.
            let mut check = |at: &Span, settings: &Json, typed: &Json| {
                let found = (shape.contradiction)(settings).filter(|found| typed.get(found.setting).is_some());
                mistakes.extend(found.map(|found| Mistake::at(at, found.words).suggest(found.mend)));
            };
            if let (Some(settings), Some(key)) = (&base, keys.get(shape.id)) {
                check(key, settings, settings);
            }
            let typed = overrides.iter().flat_map(|(_, one)| &one.controls).filter(|(key, _)| key.text == shape.id);
            for (key, wanted) in typed {
                let Wanted::Settings(node) = wanted else { continue };
                let typed = node.json();
                let mut settings = base.clone().unwrap_or_else(|| Json::Object(Map::new()));
                layered::merge(&mut settings, &typed);
                check(&key.span, &settings, &typed);
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
}

/// Takes what a later layer says, and answers whether it says something.
fn take<T>(own: &mut Option<T>, later: &mut Option<T>) -> bool {
    let said = later.take();
    let took = said.is_some();
    *own = said.or(own.take());
    took
}

impl Override {
    fn of(typed: &TypedOverride, layer: usize) -> Self {
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
