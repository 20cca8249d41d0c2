//! Where a thing is: account, region, partition, and the object found there.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A twelve-digit AWS account id. It is copied with everything that is found in the account, so all copies share it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId(Arc<str>);

/// A text that is not what it was read as: an account id, a region or a partition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {wanted}")]
pub struct Malformed {
    text: String,
    wanted: &'static str,
}

impl AccountId {
    /// The twelve digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountId {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let digits = text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
        if digits {
            Ok(Self(text.into()))
        } else {
            Err(Malformed { text: text.to_owned(), wanted: "an account id of twelve digits" })
        }
    }
}

impl TryFrom<String> for AccountId {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

impl From<AccountId> for String {
    fn from(id: AccountId) -> Self {
        id.as_str().to_owned()
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The code of an AWS region, such as `eu-west-1`. All copies share it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(Arc<str>);

impl Region {
    /// The region that an ARN names; none: it is no ARN, or that of something without a region.
    #[must_use]
    pub fn of_arn(arn: &str) -> Option<Self> {
        arn.split(':').nth(3)?.parse().ok()
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Region {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let shape = text.split('-').count() >= 3
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && text.bytes().next_back().is_some_and(|b| b.is_ascii_digit());
        if shape {
            Ok(Self(text.into()))
        } else {
            Err(Malformed { text: text.to_owned(), wanted: "the code of a region, such as eu-west-1" })
        }
    }
}

impl TryFrom<String> for Region {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

impl From<Region> for String {
    fn from(region: Region) -> Self {
        region.as_str().to_owned()
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The partition that an ARN names: `aws`, `aws-cn`, `aws-us-gov` and their like.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Partition(String);

impl Partition {
    /// The name as ARNs have it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The partition in which this ARN lives.
    ///
    /// # Errors
    /// The text is not an ARN.
    pub fn of_arn(arn: &str) -> Result<Self, Malformed> {
        let mut parts = arn.split(':');
        match (parts.next(), parts.next()) {
            (Some("arn"), Some(name)) if !name.is_empty() => Ok(Self(name.to_owned())),
            _ => Err(Malformed { text: arn.to_owned(), wanted: "an ARN" }),
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An account, and a region where the thing is regional.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Target {
    /// The account.
    pub account: AccountId,
    /// The region; none at account scope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.region {
            Some(region) => write!(f, "{} {region}", self.account),
            None => write!(f, "{}", self.account),
        }
    }
}

/// One AWS object, by name and never by position: what a change writes and a need names.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Object {
    /// Where it lives.
    pub at: Target,
    /// What it is: the id of a control, such as `cloudtrail.trail`, or of a part that controls share, such as `s3.bucket`.
    pub kind: String,
    /// Its natural name; never a generated id, where it has another.
    pub name: String,
}

impl Object {
    /// The address, stable across plans: `account/region/kind/name`, with `global` where there is no region.
    #[must_use]
    pub fn address(&self) -> String {
        let region = self.at.region.as_ref().map_or("global", Region::as_str);
        format!("{}/{region}/{}/{}", self.at.account, self.kind, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_id_has_twelve_digits() {
        assert!("123456789012".parse::<AccountId>().is_ok());
        for bad in ["12345678901", "1234567890123", "12345678901a", ""] {
            assert!(bad.parse::<AccountId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_region_has_the_shape_of_a_region() {
        for good in ["eu-west-1", "us-gov-east-1", "ap-southeast-4"] {
            assert!(good.parse::<Region>().is_ok(), "{good}");
        }
        for bad in ["all", "eu-west", "EU-WEST-1", "eu_west_1"] {
            assert!(bad.parse::<Region>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_partition_comes_from_the_arn() {
        let partition = Partition::of_arn("arn:aws-us-gov:sts::123456789012:assumed-role/a/b").expect("an ARN");
        assert_eq!(partition.as_str(), "aws-us-gov");
        assert!(Partition::of_arn("role/a").is_err());
    }
}
