//! The texts of a baseline that have a form of their own.

use std::fmt;
use std::str::FromStr;

use globset::{Glob, GlobMatcher};
use serde::{Serialize, Serializer};

use super::mistake::shown;

/// A text that has not the form of what it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {wanted}")]
pub struct Misformed {
    text: String,
    wanted: &'static str,
}

fn misformed(text: &str, wanted: &'static str) -> Misformed {
    Misformed { text: shown(text), wanted }
}

/// Any text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Words(pub(super) String);

impl FromStr for Words {
    type Err = Misformed;

    fn from_str(text: &str) -> Result<Self, Misformed> {
        Ok(Self(text.to_owned()))
    }
}

macro_rules! plain_form {
    ($(#[$doc:meta])* $name:ident, $wanted:literal, $holds:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        pub struct $name(String);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Misformed;

            fn from_str(text: &str) -> Result<Self, Misformed> {
                let holds: fn(&str) -> bool = $holds;
                if holds(text) { Ok(Self(text.to_owned())) } else { Err(misformed(text, $wanted)) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

plain_form!(
    /// The id of an organization.
    OrganizationId,
    "the id of an organization, such as o-abc1234567",
    |text| text.strip_prefix("o-").is_some_and(|rest| (10..=32).contains(&rest.len()) && lower_alphanumeric(rest))
);

plain_form!(
    /// The name of a role, the same in each account; with its path, where it has one.
    RoleName,
    "the name of a role (not an ARN: each account has its own)",
    |text| (1..=576).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-/".contains(c))
);

plain_form!(
    /// The external id that a role's trust policy asks for.
    ExternalId,
    "an external id: 2 to 1224 letters, digits and _+=,.@:/-",
    |text| (2..=1224).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c))
);

fn lower_alphanumeric(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

/// An organizational unit: everything in it and below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unit {
    /// By the names from the root down: `/Sandbox/Dev`; `/` is the root.
    Path(String),
    /// By its id: `ou-ab12-cdefghij`, or the root's `r-ab12`.
    Id(String),
}

impl FromStr for Unit {
    type Err = Misformed;

    fn from_str(text: &str) -> Result<Self, Misformed> {
        let path = text.starts_with('/') && (text == "/" || text[1..].split('/').all(|name| !name.trim().is_empty()));
        let tail = text.strip_prefix("ou-").or_else(|| text.strip_prefix("r-"));
        let id = tail.is_some_and(|tail| tail.len() >= 4 && tail.split('-').all(lower_alphanumeric));
        match (path, id) {
            (true, _) => Ok(Self::Path(text.to_owned())),
            (false, true) => Ok(Self::Id(text.to_owned())),
            (false, false) => {
                Err(misformed(text, "an OU: a path such as /Sandbox/Dev, or an id such as ou-ab12-cdefghij"))
            }
        }
    }
}

impl Unit {
    /// Whether the path of another unit is this one or lies below it.
    pub(super) fn holds_path(&self, other: &str) -> bool {
        match self {
            Self::Path(own) if own == "/" => true,
            Self::Path(own) => {
                other.strip_prefix(own.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
            Self::Id(_) => false,
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Path(text) | Self::Id(text)) = self;
        f.write_str(text)
    }
}

impl Serialize for Unit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A tag of an account: `environment`, or with its value `environment=sandbox`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagMatch {
    /// The key.
    pub key: String,
    /// The value; none: whatever it is.
    pub value: Option<String>,
}

impl FromStr for TagMatch {
    type Err = Misformed;

    fn from_str(text: &str) -> Result<Self, Misformed> {
        let (key, value) = match text.split_once('=') {
            Some((key, value)) => (key, Some(value.to_owned())),
            None => (text, None),
        };
        if key.trim().is_empty() {
            return Err(misformed(text, "a tag: a key, or key=value"));
        }
        Ok(Self { key: key.to_owned(), value })
    }
}

impl fmt::Display for TagMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{}={value}", self.key),
            None => f.write_str(&self.key),
        }
    }
}

impl Serialize for TagMatch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The name of an object, or a pattern of names with `*`.
#[derive(Clone, Debug)]
pub struct NamePattern {
    text: String,
    glob: GlobMatcher,
}

impl NamePattern {
    /// Whether the object is meant.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        self.text == name || self.glob.is_match(name)
    }
}

impl FromStr for NamePattern {
    type Err = Misformed;

    fn from_str(text: &str) -> Result<Self, Misformed> {
        match Glob::new(text) {
            Ok(glob) => Ok(Self { text: text.to_owned(), glob: glob.compile_matcher() }),
            Err(_) => Err(misformed(text, "the name of an object, or a pattern with *")),
        }
    }
}

impl PartialEq for NamePattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Display for NamePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for NamePattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts<T: FromStr>(text: &str) -> bool {
        text.parse::<T>().is_ok()
    }

    #[test]
    fn an_organization_id_has_its_form() {
        assert!(accepts::<OrganizationId>("o-abc1234567"));
        for bad in ["o-abc123456", "abc1234567", "o-ABC1234567", "o-"] {
            assert!(!accepts::<OrganizationId>(bad), "{bad}");
        }
        assert!(!accepts::<OrganizationId>(&format!("o-{}", "a".repeat(33))));
    }

    #[test]
    fn a_role_is_named_and_not_given_as_arn() {
        assert!(accepts::<RoleName>("trueup-read"));
        assert!(accepts::<RoleName>("service/trueup-read"));
        assert!(!accepts::<RoleName>("arn:aws:iam::111122223333:role/trueup-read"));
    }

    #[test]
    fn a_unit_is_a_path_or_an_id() {
        for good in ["/", "/Sandbox", "/Sandbox/Team Blue", "ou-ab12-cdefghij", "r-ab12"] {
            assert!(accepts::<Unit>(good), "{good}");
        }
        for bad in ["Sandbox", "/Sandbox/", "//", "ou-", "ou-AB12-cdefghij"] {
            assert!(!accepts::<Unit>(bad), "{bad}");
        }
    }

    #[test]
    fn a_path_holds_what_lies_below_it_and_not_what_merely_starts_like_it() {
        let unit: Unit = "/Sandbox".parse().expect("a path");
        assert!(unit.holds_path("/Sandbox") && unit.holds_path("/Sandbox/Dev"));
        assert!(!unit.holds_path("/Sandboxes") && !unit.holds_path("/"));
        assert!("/".parse::<Unit>().expect("the root").holds_path("/Sandbox"));
    }

    #[test]
    fn an_object_pattern_crosses_slashes_and_a_name_with_brackets_is_itself() {
        let aliases: NamePattern = "alias/old-*".parse().expect("a pattern");
        assert!(aliases.matches("alias/old-key/2") && !aliases.matches("alias/new"));
        assert!("bucket[1]".parse::<NamePattern>().expect("a name").matches("bucket[1]"));
    }
}
