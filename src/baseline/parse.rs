//! What was typed: one file, checked as far as it can be by itself, every mistake with its place.

use jiff::civil::Date;
use serde_json::Value as Json;

use super::exemption::{Exemption, Unreachable};
use super::fields::{self, Fields, Spanned, entries, items, list, one_or_list, parsed};
use super::forms::{ExternalId, NamePattern, OrganizationId, RoleName, Words};
use super::mistake::{Mistake, Span, nearest, shown};
use super::node::{Key, Node, Value};
use super::rollout::Rollout;
use super::schema::Checker;
use super::scope::Scope;
use super::{AccountAccess, ControlShape, ManagementAccount, Regions};
use crate::target::{AccountId, Region};

/// The keys of a baseline file.
pub(super) const KEYS: [&str; 14] = [
    "version",
    "name",
    "organization",
    "extends",
    "reviewed",
    "access",
    "management_account",
    "regions",
    "controls",
    "overrides",
    "exemptions",
    "unreachable",
    "rollout",
    "contested_days",
];

/// How many days what was set before may count.
pub(super) const CONTESTED_DAYS: std::ops::RangeInclusive<u16> = 1..=365;

/// One file, as it was typed.
#[derive(Debug, Default)]
pub(super) struct Typed {
    pub(super) name: Option<Spanned<String>>,
    pub(super) organization: Option<Spanned<OrganizationId>>,
    pub(super) extends: Vec<Spanned<String>>,
    pub(super) reviewed: Option<Spanned<Date>>,
    pub(super) access: TypedAccess,
    pub(super) management_account: Option<ManagementAccount>,
    pub(super) regions: Option<Regions>,
    pub(super) controls: Vec<(Key, Wanted)>,
    pub(super) overrides: Vec<TypedOverride>,
    pub(super) exemptions: Vec<Exemption>,
    pub(super) unreachable: Vec<Unreachable>,
    pub(super) rollout: Rollout,
    pub(super) contested_days: Option<u16>,
    /// Where to point when something is missing from the file as a whole.
    pub(super) head: Option<Span>,
}

/// How accounts are entered, where the file says so.
#[derive(Debug, Default)]
pub(super) struct TypedAccess {
    pub(super) read_role: Vec<Spanned<RoleName>>,
    pub(super) write_role: Option<Spanned<RoleName>>,
    pub(super) management_role: Option<Spanned<RoleName>>,
    pub(super) external_id: Option<Spanned<ExternalId>>,
    pub(super) accounts: Vec<AccountAccess>,
}

/// What is wanted of a control.
#[derive(Clone, Debug)]
pub(super) enum Wanted {
    Off,
    Settings(Node),
}

/// Controls for some accounts.
#[derive(Debug)]
pub(super) struct TypedOverride {
    pub(super) scope: Scope,
    pub(super) controls: Vec<(Key, Wanted)>,
}

/// Reads the tree of a file.
pub(super) struct Parser<'a> {
    /// The controls there are.
    pub(super) shapes: &'a [ControlShape],
    /// Where mistakes go.
    pub(super) mistakes: &'a mut Vec<Mistake>,
}

impl Parser<'_> {
    /// The whole file.
    pub(super) fn file(&mut self, root: &Node) -> Typed {
        let Some(fields) = Fields::of(root, "a baseline file", &KEYS, self.mistakes) else { return Typed::default() };
        self.version(&fields);
        let mut typed = Typed { head: Some(fields.head().clone()), ..Typed::default() };
        typed.name = fields.get("name").and_then(|node| fields::text(node, "name", self.mistakes));
        typed.organization = fields.get("organization").and_then(|node| parsed(node, "organization", self.mistakes));
        if let Some(node) = fields.get("extends") {
            let bases: Vec<Spanned<Words>> = one_or_list(node, "extends", self.mistakes);
            typed.extends = bases.into_iter().map(|base| Spanned { value: base.value.0, span: base.span }).collect();
        }
        typed.reviewed = fields.get("reviewed").and_then(|node| fields::date(node, "reviewed", self.mistakes));
        typed.access = fields.get("access").map(|node| self.access(node)).unwrap_or_default();
        typed.management_account = fields.get("management_account").and_then(|node| self.management_account(node));
        typed.regions = fields.get("regions").and_then(|node| self.regions(node));
        typed.controls = fields.get("controls").map(|node| self.controls(node)).unwrap_or_default();
        for item in fields.get("overrides").map(|node| items(node, "overrides", self.mistakes)).unwrap_or_default() {
            typed.overrides.extend(self.one_override(item));
        }
        for item in fields.get("exemptions").map(|node| items(node, "exemptions", self.mistakes)).unwrap_or_default() {
            typed.exemptions.extend(self.exemption(item));
        }
        for item in fields.get("unreachable").map(|node| items(node, "unreachable", self.mistakes)).unwrap_or_default()
        {
            typed.unreachable.extend(self.unreachable(item));
        }
        typed.rollout = fields.get("rollout").map(|node| self.rollout(node)).unwrap_or_default();
        typed.contested_days = fields.get("contested_days").and_then(|node| self.contested_days(node));
        typed
    }

    fn version(&mut self, fields: &Fields<'_>) {
        let Some(node) = fields.require("version", "the baseline file", self.mistakes) else { return };
        if !matches!(node.value, Value::Int(1)) {
            let message = format!("this trueup reads version 1 of the baseline file, and this is {}", node.kind());
            self.mistakes.push(Mistake::at(&node.span, message).suggest("write `version: 1`"));
        }
    }

    fn contested_days(&mut self, node: &Node) -> Option<u16> {
        let days = match node.value {
            Value::Int(days) => u16::try_from(days).ok().filter(|days| CONTESTED_DAYS.contains(days)),
            _ => None,
        };
        if days.is_none() {
            let (least, most) = (CONTESTED_DAYS.start(), CONTESTED_DAYS.end());
            let message =
                format!("`contested_days` is a number of days from {least} to {most}, and this is {}", node.kind());
            self.mistakes.push(Mistake::at(&node.span, message));
        }
        days
    }

    fn access(&mut self, node: &Node) -> TypedAccess {
        let known = ["read_role", "write_role", "management_role", "external_id", "accounts"];
        let Some(fields) = Fields::of(node, "`access`", &known, self.mistakes) else { return TypedAccess::default() };
        let mut access = TypedAccess {
            read_role: fields
                .get("read_role")
                .map(|node| one_or_list(node, "read_role", self.mistakes))
                .unwrap_or_default(),
            write_role: fields.get("write_role").and_then(|node| parsed(node, "write_role", self.mistakes)),
            management_role: fields
                .get("management_role")
                .and_then(|node| parsed(node, "management_role", self.mistakes)),
            external_id: fields.get("external_id").and_then(|node| parsed(node, "external_id", self.mistakes)),
            accounts: vec![],
        };
        let Some(accounts) = fields.get("accounts") else { return access };
        for (key, node) in entries(accounts, "`accounts`", self.mistakes).unwrap_or_default() {
            access.accounts.extend(self.account_access(key, node));
        }
        access
    }

    fn account_access(&mut self, key: &Key, node: &Node) -> Option<AccountAccess> {
        let id = key.text.parse::<AccountId>();
        if let Err(error) = &id {
            self.mistakes.push(Mistake::at(&key.span, error.to_string()));
        }
        let known = ["read_role", "write_role", "external_id"];
        let fields = Fields::of(node, "an account's access", &known, self.mistakes)?;
        let read_role: Vec<Spanned<RoleName>> =
            fields.get("read_role").map(|node| one_or_list(node, "read_role", self.mistakes)).unwrap_or_default();
        let write_role = fields.get("write_role").and_then(|node| parsed(node, "write_role", self.mistakes));
        let external_id = fields.get("external_id").and_then(|node| parsed(node, "external_id", self.mistakes));
        Some(AccountAccess {
            account: Spanned { value: id.ok()?, span: key.span.clone() },
            read_role: read_role.into_iter().map(|role| role.value).collect(),
            write_role: write_role.map(|role| role.value),
            external_id: external_id.map(|id| id.value),
        })
    }

    fn management_account(&mut self, node: &Node) -> Option<ManagementAccount> {
        let message = format!("`management_account` is `read` or `include`, and this is {}", node.kind());
        let mistake = Mistake::at(&node.span, message);
        self.mistakes.push(match &node.value {
            Value::Text(text) if text == "read" => return Some(ManagementAccount::Read),
            Value::Text(text) if text == "include" => return Some(ManagementAccount::Include),
            Value::Text(other) => mistake.nearest_of(other, ["read", "include"]),
            _ => mistake.suggest("`include` lets apply write it, `read` does not"),
        });
        None
    }

    fn regions(&mut self, node: &Node) -> Option<Regions> {
        match &node.value {
            Value::Text(text) if text == "all" => Some(Regions::All),
            Value::List(_) => {
                let regions: Vec<Spanned<Region>> = list(node, "regions", self.mistakes);
                Some(Regions::Only(regions.into_iter().map(|region| region.value).collect()))
            }
            Value::Text(text) if text.parse::<Region>().is_ok() => {
                let mistake = Mistake::at(&node.span, "`regions` is `all` or a list of regions");
                self.mistakes.push(mistake.suggest(format!("write [{text}]")));
                None
            }
            _ => {
                let message = format!("`regions` is `all` or a list of regions, and this is {}", node.kind());
                self.mistakes.push(Mistake::at(&node.span, message));
                None
            }
        }
    }

    fn controls(&mut self, node: &Node) -> Vec<(Key, Wanted)> {
        let mut wanted = vec![];
        for (key, node) in entries(node, "`controls`", self.mistakes).unwrap_or_default() {
            let Some(shape) = self.shapes.iter().find(|shape| shape.id == key.text) else {
                let mistake = Mistake::at(&key.span, format!("there is no control `{}`", shown(&key.text)));
                self.mistakes.push(mistake.nearest_of(&key.text, self.shapes.iter().map(|shape| shape.id)));
                continue;
            };
            if matches!(&node.value, Value::Text(text) if text == "off") {
                wanted.push((key.clone(), Wanted::Off));
                continue;
            }
            Checker { root: &shape.schema, control: shape.id, mistakes: self.mistakes }.settings(node);
            wanted.push((key.clone(), Wanted::Settings(node.clone())));
        }
        wanted
    }

    fn one_override(&mut self, node: &Node) -> Option<TypedOverride> {
        let fields = Fields::of(node, "an override", &["match", "controls"], self.mistakes)?;
        let controls = fields.require("controls", "the override", self.mistakes).map(|node| self.controls(node));
        let chosen = fields.require("match", "the override", self.mistakes)?;
        let selectors = Fields::of(chosen, "`match`", &["ou", "account", "tag"], self.mistakes)?;
        let scope = self.scope(&selectors, ["ou", "account", "tag"]);
        if ["ou", "account", "tag"].iter().all(|name| selectors.get(name).is_none()) {
            let mistake = Mistake::at(&chosen.span, "`match` chooses no accounts");
            self.mistakes
                .push(mistake.suggest("name `ou`, `account` or `tag`; what is for all accounts goes to `controls`"));
        }
        Some(TypedOverride { scope, controls: controls.unwrap_or_default() })
    }

    pub(super) fn scope(&mut self, fields: &Fields<'_>, [ous, accounts, tags]: [&str; 3]) -> Scope {
        Scope {
            ous: fields.get(ous).map(|node| one_or_list(node, ous, self.mistakes)).unwrap_or_default(),
            accounts: fields.get(accounts).map(|node| one_or_list(node, accounts, self.mistakes)).unwrap_or_default(),
            tags: fields.get(tags).map(|node| one_or_list(node, tags, self.mistakes)).unwrap_or_default(),
        }
    }

    fn exemption(&mut self, node: &Node) -> Option<Exemption> {
        let known =
            ["requirement", "accounts", "ous", "tags", "regions", "objects", "reason", "approved_by", "expires"];
        let before = self.mistakes.len();
        let fields = Fields::of(node, "an exemption", &known, self.mistakes)?;
        let requirement = fields.require("requirement", "the exemption", self.mistakes);
        let requirement = requirement.and_then(|node| fields::text(node, "requirement", self.mistakes));
        if let Some(requirement) = &requirement {
            self.requirement(requirement);
        }
        let scope = self.scope(&fields, ["ous", "accounts", "tags"]);
        let regions: Vec<Spanned<Region>> =
            fields.get("regions").map(|node| one_or_list(node, "regions", self.mistakes)).unwrap_or_default();
        let objects: Vec<Spanned<NamePattern>> =
            fields.get("objects").map(|node| one_or_list(node, "objects", self.mistakes)).unwrap_or_default();
        let reason = fields.require("reason", "the exemption", self.mistakes);
        let reason = reason.and_then(|node| fields::text(node, "reason", self.mistakes));
        let approved_by = fields.get("approved_by").and_then(|node| fields::text(node, "approved_by", self.mistakes));
        let expires = fields.require("expires", "the exemption", self.mistakes);
        let expires = expires.and_then(|node| fields::date(node, "expires", self.mistakes));
        // An exemption that lost a selector to a mistake would speak of more accounts than was meant.
        if self.mistakes.len() > before {
            return None;
        }
        Some(Exemption {
            requirement: requirement?.value,
            scope,
            regions: regions.into_iter().map(|region| region.value).collect(),
            objects: objects.into_iter().map(|object| object.value).collect(),
            reason: reason?.value,
            approved_by: approved_by.map(|name| name.value),
            expires: expires?,
            index: 0,
            span: fields.head().clone(),
        })
    }

    fn requirement(&mut self, named: &Spanned<String>) {
        let all = || self.shapes.iter().flat_map(|shape| shape.requirements.iter().map(String::as_str));
        if all().any(|known| known == named.value) {
            return;
        }
        let mistake = Mistake::at(&named.span, format!("there is no requirement `{}`", shown(&named.value)));
        let of_control = self.shapes.iter().find(|shape| shape.id == named.value);
        let mistake = match (of_control, nearest(&named.value, all())) {
            (Some(shape), _) => {
                let mistake = mistake.suggest("this is a control; an exemption names one requirement");
                mistake.note(format!("it has {}", shape.requirements.join(", ")))
            }
            (None, Some(name)) => mistake.suggest(format!("did you mean `{name}`?")),
            (None, None) => {
                mistake.note("a requirement is written in full, as in cloudtrail.trail.log_file_validation")
            }
        };
        self.mistakes.push(mistake);
    }

    fn unreachable(&mut self, node: &Node) -> Option<Unreachable> {
        let fields = Fields::of(node, "an unreachable entry", &["accounts", "reason", "expires"], self.mistakes)?;
        let accounts = fields.require("accounts", "the entry", self.mistakes);
        let accounts = accounts.map(|node| one_or_list(node, "accounts", self.mistakes));
        let reason = fields.require("reason", "the entry", self.mistakes);
        let reason = reason.and_then(|node| fields::text(node, "reason", self.mistakes));
        let expires = fields.require("expires", "the entry", self.mistakes);
        let expires = expires.and_then(|node| fields::date(node, "expires", self.mistakes));
        Some(Unreachable { accounts: accounts?, reason: reason?.value, expires: expires?, span: fields.head().clone() })
    }
}

/// What the settings of a control require to be there, once all layers are together.
pub(super) fn missing_settings(schema: &Json, settings: &Json) -> Vec<String> {
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str);
    required.filter(|name| settings.get(name).is_none()).map(str::to_owned).collect()
}
