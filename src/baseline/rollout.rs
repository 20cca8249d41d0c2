//! In which order accounts are written, and how carefully: the key `rollout`.

use std::str::FromStr;

use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use super::fields::{self, Fields, Spanned, parsed};
use super::freeze::Freeze;
use super::mistake::{Mistake, shown};
use super::node::{Node, Value};
use super::parse::Parser;
use super::scope::Scope;
use super::tolerance::{MaxFailures, OnError};

/// The keys of `rollout`.
pub(super) const KEYS: [&str; 7] = ["canary", "waves", "pause", "max_failures", "max_changes", "on_error", "freeze"];
const SELECTORS: [&str; 3] = ["ou", "account", "tag"];
/// Longer than this nobody keeps a process waiting.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(24);

/// In which order accounts are written, and how carefully. What is none is not said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rollout {
    /// The accounts that come first, and are verified before the rest.
    pub canary: Option<Scope>,
    /// The accounts that come then, in order.
    pub waves: Option<Vec<WaveOf>>,
    /// How long to wait between two waves.
    pub pause: Option<SignedDuration>,
    /// In how many accounts something may fail.
    pub max_failures: Option<MaxFailures>,
    /// How many changes may be written.
    pub max_changes: Option<u32>,
    /// What a failure means.
    pub on_error: Option<OnError>,
    /// When nothing is written. Those of all layers count.
    pub freeze: Vec<Freeze>,
}

/// Accounts that are written together.
#[derive(Clone, Debug, PartialEq)]
pub struct WaveOf {
    /// Which; with no selector, all that no other wave names.
    pub scope: Scope,
    /// In lots of so many accounts at most; none: all at once.
    pub size: Option<u32>,
}

impl Rollout {
    /// The sets of accounts that it names.
    pub(super) fn scopes(&self) -> impl Iterator<Item = &Scope> {
        self.canary.iter().chain(self.waves.iter().flatten().map(|wave| &wave.scope))
    }

    /// The same as the file would say it.
    pub(super) fn content(&self) -> Json {
        let scope = |scope: &Scope| super::content::scope_content(scope, SELECTORS);
        let wave = |wave: &WaveOf| {
            let mut content = scope(&wave.scope);
            if let Some(size) = wave.size {
                content["size"] = size.into();
            }
            content
        };
        super::content::without_nothing(json!({
            "canary": self.canary.as_ref().map(scope),
            "waves": self.waves.as_ref().map(|waves| waves.iter().map(wave).collect::<Vec<_>>()),
            "pause": self.pause.map(|pause| format!("{pause:#}")),
            "max_failures": self.max_failures.map(|borne| match borne {
                MaxFailures::Accounts(number) => json!(number),
                MaxFailures::Percent(_) => json!(borne),
            }),
            "max_changes": self.max_changes,
            "on_error": self.on_error,
            "freeze": self.freeze,
        }))
    }
}

/// How long to wait.
struct Pause(SignedDuration);

impl FromStr for Pause {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        pause(text).map(Self)
    }
}

/// How long to wait, as `10m`.
///
/// # Errors
/// It is no time, negative, or longer than a day.
pub fn pause(text: &str) -> Result<SignedDuration, String> {
    let found = text.parse::<SignedDuration>().ok();
    let found = found.filter(|pause| !pause.is_negative() && *pause <= LONGEST_PAUSE);
    found.ok_or_else(|| format!("`{}` is not a time of at most a day, such as 90s, 10m or 1h30m", shown(text)))
}

impl Parser<'_> {
    pub(super) fn rollout(&mut self, node: &Node) -> Rollout {
        let Some(fields) = Fields::of(node, "`rollout`", &KEYS, self.mistakes) else { return Rollout::default() };
        let pause: Option<Spanned<Pause>> = fields.get("pause").and_then(|node| parsed(node, "pause", self.mistakes));
        let on_error: Option<Spanned<OnError>> =
            fields.get("on_error").and_then(|node| parsed(node, "on_error", self.mistakes));
        Rollout {
            canary: fields.get("canary").and_then(|node| self.canary(node)),
            waves: fields.get("waves").map(|node| self.waves(node)),
            pause: pause.map(|pause| pause.value.0),
            max_failures: fields.get("max_failures").and_then(|node| self.max_failures(node)),
            max_changes: fields.get("max_changes").and_then(|node| self.whole(node, "max_changes", 0)),
            on_error: on_error.map(|on_error| on_error.value),
            freeze: fields.get("freeze").map(|node| self.freezes(node)).unwrap_or_default(),
        }
    }

    fn canary(&mut self, node: &Node) -> Option<Scope> {
        let fields = Fields::of(node, "`canary`", &SELECTORS, self.mistakes)?;
        if SELECTORS.iter().all(|name| fields.get(name).is_none()) {
            let mistake = Mistake::at(&node.span, "`canary` chooses no accounts");
            self.mistakes.push(mistake.suggest("name `ou`, `account` or `tag`"));
        }
        Some(self.scope(&fields, SELECTORS))
    }

    /// A list of waves, or one alone.
    fn waves(&mut self, node: &Node) -> Vec<WaveOf> {
        if let Value::Map(_) = &node.value {
            return self.wave(node).into_iter().collect();
        }
        let items = fields::items(node, "waves", self.mistakes);
        let waves: Vec<(WaveOf, &Node)> = items.iter().filter_map(|item| Some((self.wave(item)?, item))).collect();
        let without_last = waves.split_last().map(|(_, rest)| rest).unwrap_or_default();
        for (_, item) in without_last.iter().filter(|(wave, _)| wave.scope == Scope::default()) {
            let mistake =
                Mistake::at(&item.span, "a wave of a size alone takes all that are left, and this is not the last");
            self.mistakes.push(mistake.suggest("put it last, or name `ou`, `account` or `tag` as well"));
        }
        waves.into_iter().map(|(wave, _)| wave).collect()
    }

    fn wave(&mut self, node: &Node) -> Option<WaveOf> {
        let before = self.mistakes.len();
        let fields = Fields::of(node, "a wave", &["ou", "account", "tag", "size"], self.mistakes)?;
        let size = fields.get("size").and_then(|node| self.whole(node, "size", 1));
        let scope = self.scope(&fields, SELECTORS);
        // A wave that lost a selector to a mistake would take more accounts than was meant.
        if self.mistakes.len() > before {
            return None;
        }
        if size.is_none() && scope == Scope::default() {
            let mistake = Mistake::at(&node.span, "a wave chooses no accounts");
            self.mistakes.push(mistake.suggest("name `ou`, `account`, `tag` or `size`"));
        }
        Some(WaveOf { scope, size })
    }

    fn max_failures(&mut self, node: &Node) -> Option<MaxFailures> {
        if let Value::Text(_) = &node.value {
            return parsed(node, "max_failures", self.mistakes).map(|borne| borne.value);
        }
        self.whole(node, "max_failures", 0).map(MaxFailures::Accounts)
    }

    /// A whole number.
    fn whole(&mut self, node: &Node, name: &str, least: u32) -> Option<u32> {
        if let Value::Int(number) = node.value
            && let Some(number) = u32::try_from(number).ok().filter(|number| *number >= least)
        {
            return Some(number);
        }
        let message = format!("`{name}` is a whole number, {least} or more, and this is {}", node.kind());
        self.mistakes.push(Mistake::at(&node.span, message));
        None
    }
}
