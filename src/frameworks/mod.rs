//! Frameworks: what others ask of every account, such as the CIS AWS Foundations Benchmark, item by item.
//!
//! The numbers, levels and assessments are the publisher's, the words are ours. Which requirements cover an item stands
//! here nowhere: the requirements say it themselves, by their references, and `controls::coverage` puts the two together.

mod items;
mod reference;

use std::fmt;

pub use items::{Assessed, Item, Level, Section, Topic};
pub use reference::{Reference, Source, cis, nist, security_hub};

/// A framework of which every item is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Framework {
    /// CIS AWS Foundations Benchmark 1.4.
    CisAws1_4,
    /// CIS AWS Foundations Benchmark 1.5.
    CisAws1_5,
    /// CIS AWS Foundations Benchmark 2.0.
    CisAws2_0,
    /// CIS AWS Foundations Benchmark 3.0.
    CisAws3_0,
    /// CIS AWS Foundations Benchmark 4.0.
    CisAws4_0,
    /// CIS AWS Foundations Benchmark 5.0.
    CisAws5_0,
    /// CIS AWS Foundations Benchmark 6.0.
    CisAws6_0,
    /// CIS AWS Foundations Benchmark 7.0.
    CisAws7_0,
}

impl Framework {
    /// Every framework, the oldest edition first.
    pub const ALL: [Self; 8] = [
        Self::CisAws1_4,
        Self::CisAws1_5,
        Self::CisAws2_0,
        Self::CisAws3_0,
        Self::CisAws4_0,
        Self::CisAws5_0,
        Self::CisAws6_0,
        Self::CisAws7_0,
    ];

    /// The name that is typed, which is that of its baseline too, where one is shipped.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CisAws1_4 => "cis-aws-v1.4",
            Self::CisAws1_5 => "cis-aws-v1.5",
            Self::CisAws2_0 => "cis-aws-v2.0",
            Self::CisAws3_0 => "cis-aws-v3.0",
            Self::CisAws4_0 => "cis-aws-v4.0",
            Self::CisAws5_0 => "cis-aws-v5.0",
            Self::CisAws6_0 => "cis-aws-v6.0",
            Self::CisAws7_0 => "cis-aws-v7.0",
        }
    }

    /// The number of its edition.
    #[must_use]
    pub const fn edition(self) -> &'static str {
        self.name().split_at("cis-aws-v".len()).1
    }

    /// What it is called in full.
    #[must_use]
    pub fn title(self) -> String {
        format!("CIS AWS Foundations Benchmark {}", self.edition())
    }

    /// The framework with this name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|framework| framework.name() == name)
    }

    /// Its items, in the order of their numbers.
    #[must_use]
    pub fn items(self) -> &'static [Item] {
        &items::list(self).items
    }

    /// The item with this number.
    #[must_use]
    pub fn item(self, number: &str) -> Option<&'static Item> {
        self.items().iter().find(|item| item.number == number)
    }

    /// Its sections, in order.
    #[must_use]
    pub fn sections(self) -> &'static [Section] {
        &items::list(self).sections
    }
}

impl fmt::Display for Framework {
    /// As references name it: `CIS AWS 3.0`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CIS AWS {}", self.edition())
    }
}
