//! What a control may know besides what it observed, what is accepted and what is asked of others among it.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Meta;
use crate::baseline::NamePattern;
use crate::drift::Bench;
use crate::target::{AccountId, Object, Partition, Region, Target};

/// A deviation that the baseline accepts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// The full id of the requirement.
    pub requirement: String,
    /// Only for objects with such names; empty: for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<String>,
    /// Why, with who approved it and until when.
    pub reason: String,
    /// Which exemption of the baseline it is.
    pub index: usize,
}

impl Accepted {
    fn speaks_of(&self, requirement: &str, object: &str) -> bool {
        let named = |pattern: &String| pattern.parse::<NamePattern>().is_ok_and(|pattern| pattern.matches(object));
        self.requirement == requirement && (self.objects.is_empty() || self.objects.iter().any(named))
    }
}

/// What the baseline asks of other accounts, the same of all of them.
#[derive(Clone, Debug, PartialEq)]
pub struct OfOthers {
    /// The accounts.
    pub accounts: BTreeSet<AccountId>,
    /// The settings of the control.
    pub settings: Value,
    /// What is accepted there.
    pub accepted: Vec<Accepted>,
}

impl OfOthers {
    /// Whether the baseline accepts there that an object does not meet a requirement.
    #[must_use]
    pub fn accepts(&self, requirement: &str, object: &str) -> bool {
        self.accepted.iter().any(|accepted| accepted.speaks_of(requirement, object))
    }
}

/// All that a control may know besides what it observed: no clock, no AWS.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// The target that is judged.
    pub at: Target,
    /// The home region of the run.
    pub home_region: &'a Region,
    /// The partition, for ARNs.
    pub partition: &'a Partition,
    /// The organization's id, if known.
    pub organization: Option<&'a str>,
    /// The management account, if known.
    pub management: Option<&'a AccountId>,
    /// What the baseline accepts here.
    pub accepted: &'a [Accepted],
    /// What the baseline asks of other accounts whose objects are changed from here, by the id of the control.
    pub others: &'a [(String, OfOthers)],
    /// The date of the run.
    pub today: Date,
    /// What other controls plan to make here, of those that this one follows.
    pub made: &'a [Object],
}

impl Context<'_> {
    /// Puts an object of this target under judgement.
    #[must_use]
    pub fn object(&self, meta: &'static Meta, name: &str) -> Bench<'_> {
        Bench::new(self, meta, Object { at: self.at.clone(), kind: meta.id.to_owned(), name: name.to_owned() })
    }

    /// What the baseline accepts of this requirement and object.
    #[must_use]
    pub fn exemption(&self, requirement: &str, object: &str) -> Option<&Accepted> {
        self.accepted.iter().find(|accepted| accepted.speaks_of(requirement, object))
    }

    /// What the baseline asks of other accounts by this control, where their objects are changed from here.
    pub fn others(&self, meta: &'static Meta) -> impl Iterator<Item = &OfOthers> {
        self.others.iter().filter(|(id, _)| id == meta.id).map(|(_, asked)| asked)
    }

    /// A name of the baseline with `{account}` and `{region}` put in, the region being `region`.
    #[must_use]
    pub fn named(&self, template: &str, region: &Region) -> String {
        template.replace("{account}", self.at.account.as_str()).replace("{region}", region.as_str())
    }

    /// Whether this is the management account.
    #[must_use]
    pub fn is_management(&self) -> bool {
        self.management == Some(&self.at.account)
    }
}
