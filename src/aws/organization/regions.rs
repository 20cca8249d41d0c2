//! Which regions of an account are read.

use serde::{Deserialize, Serialize};

use crate::target::Region;

/// The regions that the baseline asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All that are enabled in each account.
    All,
    /// These, whether enabled or not: that shows when they are asked.
    These(Vec<Region>),
}

/// What `account:ListRegions`, or `ec2:DescribeRegions`, says of a region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OptStatus {
    /// Enabled, or enabled by default.
    Enabled,
    /// Being enabled: it refuses calls yet.
    Enabling,
    /// Being disabled.
    Disabling,
    /// Disabled.
    Disabled,
    /// A word that this version does not know.
    Other(String),
}

impl From<&str> for OptStatus {
    fn from(word: &str) -> Self {
        match word {
            "ENABLED" | "ENABLED_BY_DEFAULT" | "opted-in" | "opt-in-not-required" => Self::Enabled,
            "ENABLING" => Self::Enabling,
            "DISABLING" => Self::Disabling,
            "DISABLED" | "not-opted-in" => Self::Disabled,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl Wanted {
    /// Whether the account has to be asked for its regions.
    #[must_use]
    pub fn needs_list(&self) -> bool {
        matches!(self, Self::All)
    }

    /// The regions of an account, sorted, each once. A status that is not known counts as enabled: better to ask and
    /// be refused than to leave a region out in silence.
    #[must_use]
    pub fn of(&self, listed: &[(Region, OptStatus)]) -> Vec<Region> {
        let mut regions: Vec<Region> = match self {
            Self::These(regions) => regions.clone(),
            Self::All => {
                let asked = |status: &OptStatus| matches!(status, OptStatus::Enabled | OptStatus::Other(_));
                listed.iter().filter(|(_, status)| asked(status)).map(|(region, _)| region.clone()).collect()
            }
        };
        regions.sort();
        regions.dedup();
        regions
    }

    /// The regions that are being switched on or off, with what is said of them: they answer for some services and not
    /// for others, so they are not asked. Of those that the baseline lists it shows when they are asked.
    #[must_use]
    pub fn between(&self, listed: &[(Region, OptStatus)]) -> Vec<(Region, OptStatus)> {
        let between = |status: &OptStatus| matches!(status, OptStatus::Enabling | OptStatus::Disabling);
        listed.iter().filter(|(_, status)| self.needs_list() && between(status)).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(code: &str) -> Region {
        code.parse().expect("a region")
    }

    #[test]
    fn all_means_all_that_are_enabled() {
        let listed = [
            (region("us-east-1"), OptStatus::from("ENABLED_BY_DEFAULT")),
            (region("af-south-1"), OptStatus::from("DISABLED")),
            (region("ap-east-1"), OptStatus::from("ENABLED")),
            (region("me-south-1"), OptStatus::from("ENABLING")),
            (region("eu-south-1"), OptStatus::from("SOMETHING_NEW")),
        ];
        assert_eq!(Wanted::All.of(&listed), [region("ap-east-1"), region("eu-south-1"), region("us-east-1")]);
        assert!(Wanted::All.needs_list());
    }

    #[test]
    fn what_is_being_switched_on_or_off_is_told_from_what_is_off() {
        let listed =
            ["ENABLED", "ENABLING", "DISABLING", "DISABLED"].map(|word| (region("af-south-1"), OptStatus::from(word)));
        assert_eq!(Wanted::All.between(&listed), listed[1..3]);
        assert_eq!(Wanted::These(vec![region("af-south-1")]).between(&listed), [], "who lists regions asks nobody");
    }

    #[test]
    fn a_list_is_taken_as_it_is_and_asks_nobody() {
        let wanted = Wanted::These(vec![region("us-east-1"), region("eu-west-1"), region("us-east-1")]);
        assert!(!wanted.needs_list());
        assert_eq!(wanted.of(&[]), [region("eu-west-1"), region("us-east-1")]);
    }
}
