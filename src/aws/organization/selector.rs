//! One selector: what it names, whether an account is meant by it, and what was probably meant instead.

use std::collections::BTreeSet;
use std::fmt;

use globset::{Glob, GlobMatcher};

use super::{Account, Organization};
use crate::failure::Failure;
use crate::target::AccountId;

/// What one selector names.
#[derive(Debug)]
pub(super) enum Selector<'a> {
    Id(&'a str),
    Name(&'a str, GlobMatcher),
    Path(String),
    Unit(&'a str),
    Tag { key: &'a str, value: Option<&'a str> },
}

impl<'a> Selector<'a> {
    pub(super) fn account(text: &'a str) -> Result<Self, Failure> {
        if text.parse::<AccountId>().is_ok() {
            return Ok(Self::Id(text));
        }
        let glob = Glob::new(text).map_err(|error| Failure::usage(format!("`{text}` is not a pattern: {error}")))?;
        Ok(Self::Name(text, glob.compile_matcher()))
    }

    pub(super) fn unit(text: &'a str) -> Self {
        if text.starts_with("ou-") || text.starts_with("r-") {
            Self::Unit(text)
        } else {
            Self::Path(format!("/{}", text.trim_matches('/')))
        }
    }

    pub(super) fn tag(text: &'a str) -> Self {
        match text.split_once('=') {
            Some((key, value)) => Self::Tag { key, value: Some(value) },
            None => Self::Tag { key: text, value: None },
        }
    }

    pub(super) fn matches(&self, account: &Account) -> bool {
        match self {
            Self::Id(id) => account.id.as_str() == *id,
            Self::Name(_, glob) => account.name.as_deref().is_some_and(|name| glob.is_match(name)),
            Self::Path(path) => account.ou_path.as_deref().is_some_and(|place| is_below(place, path)),
            Self::Unit(id) => account.ou_ids.iter().any(|unit| unit == id),
            Self::Tag { key, value } => {
                let tag = account.tags.as_ref().and_then(|tags| tags.get(*key));
                tag.is_some_and(|has| value.is_none_or(|wanted| has == wanted))
            }
        }
    }

    /// What is not known cannot be selected by: an account whose unit is unknown would be left out, or in, in silence.
    pub(super) fn must_match(&self, organization: &Organization) -> Result<(), Failure> {
        let accounts = &organization.accounts;
        let blind = match self {
            Self::Id(_) => None,
            Self::Name(..) => accounts.iter().find(|account| account.name.is_none()),
            Self::Path(_) | Self::Unit(_) => accounts.iter().find(|account| account.ou_path.is_none()),
            Self::Tag { .. } => accounts.iter().find(|account| account.tags.is_none()),
        };
        if let Some(account) = blind {
            let kind = self.kind();
            return Err(organization.unknown.iter().fold(
                Failure::failed(format!(
                    "could not select by {kind} {self}: the {kind} of {} is not known",
                    account.id
                )),
                |failure, unknown| failure.hint(format!("not known: {unknown}")),
            ));
        }
        if accounts.iter().any(|account| self.matches(account)) {
            return Ok(());
        }
        let failure = Failure::usage(format!("no account matches the {} {self}", self.kind()));
        Err(match self.nearest(accounts) {
            Some(nearest) => failure.hint(format!("did you mean `{nearest}`?")),
            None => failure.hint(self.what_there_is(accounts)),
        })
    }

    /// What could be asked for in its place.
    fn what_there_is(&self, accounts: &[Account]) -> String {
        if !matches!(self, Self::Tag { .. }) {
            return "`trueup accounts` lists what there is".to_owned();
        }
        let tags: BTreeSet<String> = accounts.iter().flat_map(tags_of).map(|tag| format!("`{tag}`")).collect();
        let many = tags.len();
        let some: Vec<String> = tags.into_iter().take(MOST_TAGS).collect();
        match many {
            0 => "no account has a tag".to_owned(),
            _ if many > MOST_TAGS => format!("there are {} and {} more", some.join(", "), many - MOST_TAGS),
            _ => format!("there are {}", some.join(", ")),
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Id(_) => "account",
            Self::Name(..) => "name",
            Self::Path(_) | Self::Unit(_) => "unit",
            Self::Tag { .. } => "tag",
        }
    }

    fn nearest(&self, accounts: &[Account]) -> Option<String> {
        match self {
            Self::Id(id) => near(id, accounts.iter().map(|account| account.id.to_string())),
            Self::Name(name, _) => near(name, accounts.iter().filter_map(|account| account.name.clone())),
            Self::Path(path) => near(path, accounts.iter().flat_map(units_above)),
            Self::Unit(id) => near(id, accounts.iter().flat_map(|account| account.ou_ids.clone())),
            Self::Tag { key, value } => {
                let keys = || accounts.iter().filter_map(|account| account.tags.as_ref()).flatten();
                match value {
                    None => near(key, keys().map(|(key, _)| key.clone())),
                    Some(value) => near(&format!("{key}={value}"), accounts.iter().flat_map(tags_of)),
                }
            }
        }
    }
}

impl fmt::Display for Selector<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(text) | Self::Name(text, _) | Self::Unit(text) => write!(f, "`{text}`"),
            Self::Path(path) => write!(f, "`{path}`"),
            Self::Tag { key, value: None } => write!(f, "`{key}`"),
            Self::Tag { key, value: Some(value) } => write!(f, "`{key}={value}`"),
        }
    }
}

/// So many tags are named where one that was asked for is not there.
const MOST_TAGS: usize = 12;

fn tags_of(account: &Account) -> impl Iterator<Item = String> {
    account.tags.iter().flatten().map(|(key, value)| format!("{key}={value}"))
}

/// Whether a unit is another or below it: `/Sandbox` holds `/Sandbox/Dev` and not `/Sandboxes`.
fn is_below(place: &str, path: &str) -> bool {
    path == "/" || place.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// `/A/B` is in `/A/B` and in `/A`.
fn units_above(account: &Account) -> Vec<String> {
    let place = account.ou_path.as_deref().unwrap_or_default();
    let ends = place.char_indices().skip(1).filter(|(_, c)| *c == '/').map(|(end, _)| end);
    ends.chain([place.len()]).map(|end| place[..end].to_owned()).collect()
}

/// The nearest of these texts, if any is near enough to be meant.
fn near(text: &str, among: impl Iterator<Item = String>) -> Option<String> {
    let lower = text.to_lowercase();
    let rated = among.map(|other| (strsim::jaro_winkler(&lower, &other.to_lowercase()), other));
    rated.filter(|(rating, _)| *rating > 0.8).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, other)| other)
}
