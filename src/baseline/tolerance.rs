//! How many failures an apply bears, as a baseline or the command line says it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a failure means for the changes that are not begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnError {
    /// They go on.
    #[default]
    Continue,
    /// Those of the same account are held.
    StopAccount,
    /// All are held.
    Stop,
}

impl FromStr for OnError {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "continue" => Self::Continue,
            "stop-account" => Self::StopAccount,
            "stop" => Self::Stop,
            _ => return Err(format!("`{text}` is not continue, stop-account or stop")),
        })
    }
}

impl fmt::Display for OnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Continue => "continue",
            Self::StopAccount => "stop-account",
            Self::Stop => "stop",
        })
    }
}

/// In how many accounts something may fail: a number, or a share of the accounts that the plan writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum MaxFailures {
    /// So many accounts.
    Accounts(u32),
    /// So many of a hundred.
    Percent(u8),
}

impl MaxFailures {
    /// Whether this many failed accounts, of so many, are too many. Nothing is rounded.
    #[must_use]
    pub fn exceeded(self, failed: usize, of: usize) -> bool {
        failed > self.borne(of)
    }

    /// How many accounts, of so many, may fail.
    #[must_use]
    pub fn borne(self, of: usize) -> usize {
        match self {
            Self::Accounts(borne) => borne as usize,
            Self::Percent(share) => (of as u128 * u128::from(share) / 100) as usize,
        }
    }
}

impl FromStr for MaxFailures {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // `parse` would take a sign as well.
        let digits = text.strip_suffix('%').unwrap_or(text);
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let found = match (plain, text.ends_with('%')) {
            (false, _) => None,
            (true, false) => digits.parse().ok().map(Self::Accounts),
            (true, true) => digits.parse().ok().filter(|share| *share <= 100).map(Self::Percent),
        };
        found.ok_or_else(|| format!("`{text}` is not a number of accounts such as 3, or a share from 0% to 100%"))
    }
}

impl TryFrom<String> for MaxFailures {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<MaxFailures> for String {
    fn from(value: MaxFailures) -> Self {
        value.to_string()
    }
}

impl fmt::Display for MaxFailures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accounts(borne) => write!(f, "{borne}"),
            Self::Percent(share) => write!(f, "{share}%"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tolerance_is_a_number_or_a_share_of_a_hundred() {
        for good in ["0", "12", "0%", "100%"] {
            assert_eq!(good.parse::<MaxFailures>().expect("a tolerance").to_string(), good);
        }
        for bad in ["", "%", "-1", "+1", "1.5%", "101%", "300%", "some", "5000000000"] {
            assert!(bad.parse::<MaxFailures>().is_err(), "{bad}");
        }
    }
}
