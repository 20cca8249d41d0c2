//! What the baseline asks of one account, as data: what a plan carries, so that apply needs no baseline.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::baseline::{AccountFacts, Baseline, Exemption, ManagementAccount};
use crate::control::{Accepted, OfOthers};
use crate::controls;
use crate::organization::{Account, Organization};
use crate::target::{AccountId, Region};

/// What the baseline asks of one account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Terms {
    /// The account.
    pub account: AccountId,
    /// The settings of each control that is wanted.
    pub settings: BTreeMap<String, Value>,
    /// Deviations that are accepted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<AcceptedIn>,
    /// What is asked of other accounts whose objects are changed from this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<AskedOfOthers>,
    /// Why it is not asked, although it is active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreachable: Option<String>,
    /// Why nothing may be written in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_only: Option<String>,
}

/// What is asked of other accounts by one control, the same of all of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AskedOfOthers {
    /// The control.
    pub control: String,
    /// The accounts.
    pub accounts: BTreeSet<AccountId>,
    /// Its settings.
    pub settings: Value,
    /// Deviations that are accepted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<AcceptedIn>,
}

/// A deviation that is accepted in some regions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptedIn {
    /// The regions; empty: everywhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<Region>,
    /// What is accepted.
    pub accepted: Accepted,
}

impl Terms {
    /// What the baseline asks of this account.
    #[must_use]
    pub fn of(baseline: &Baseline, organization: &Organization, account: &Account, today: Date) -> Self {
        let facts = AccountFacts::from(account);
        let management = organization.management_account.as_ref() == Some(&account.id);
        let read_only = management && baseline.management_account == ManagementAccount::Read;
        let held = baseline.exemptions.iter().filter(|one| one.expires.value >= today && one.scope.holds(&facts));
        Self {
            account: account.id.clone(),
            settings: baseline.settings_for(&facts),
            accepted: held.map(AcceptedIn::of).collect(),
            others: vec![],
            unreachable: baseline
                .known_unreachable(&account.id)
                .map(|listed| format!("listed as unreachable until {}: {}", listed.expires.value, listed.reason)),
            read_only: read_only.then(|| MANAGEMENT_IS_READ.to_owned()),
        }
    }

    /// With what is asked of the other accounts in scope, as far as their objects are changed from this one. An account
    /// that is not asked, or in which nothing may be written, is left alone from here as well.
    #[must_use]
    pub fn with_others<I: Iterator<Item = Self>>(mut self, others: impl Fn() -> I) -> Self {
        let from_here = |id: &str, settings: &Value| {
            let bound = controls::find(id).and_then(|control| control.bind(settings).ok());
            bound.is_some_and(|bound| bound.changed_from() == Some(&self.account))
        };
        let controls = self.settings.iter().filter(|(id, settings)| from_here(id, settings)).map(|(id, _)| id);
        let mut groups: Vec<AskedOfOthers> = vec![];
        for control in controls {
            for other in others().filter(|other| other.unreachable.is_none() && other.read_only.is_none()) {
                let Some(settings) = other.settings.get(control).filter(|settings| from_here(control, settings)) else {
                    continue;
                };
                let same = |group: &&mut AskedOfOthers| {
                    group.control == *control && group.settings == *settings && group.accepted == other.accepted
                };
                match groups.iter_mut().find(same) {
                    Some(group) => drop(group.accounts.insert(other.account)),
                    None => groups.push(AskedOfOthers {
                        control: control.clone(),
                        accounts: BTreeSet::from([other.account]),
                        settings: settings.clone(),
                        accepted: other.accepted,
                    }),
                }
            }
        }
        self.others = groups;
        self
    }

    /// What is accepted in a region; none: in the account as a whole.
    #[must_use]
    pub fn accepted_in(&self, region: Option<&Region>) -> Vec<Accepted> {
        accepted_in(&self.accepted, region)
    }

    /// What is asked of others in a region, by control.
    #[must_use]
    pub fn others_in(&self, region: Option<&Region>) -> Vec<(String, OfOthers)> {
        let one = |asked: &AskedOfOthers| {
            let AskedOfOthers { control, accounts, settings, accepted } = asked.clone();
            (control, OfOthers { accounts, settings, accepted: accepted_in(&accepted, region) })
        };
        self.others.iter().map(one).collect()
    }
}

fn accepted_in(all: &[AcceptedIn], region: Option<&Region>) -> Vec<Accepted> {
    let here = |one: &&AcceptedIn| one.regions.is_empty() || region.is_some_and(|r| one.regions.contains(r));
    all.iter().filter(here).map(|one| one.accepted.clone()).collect()
}

impl AcceptedIn {
    fn of(exemption: &Exemption) -> Self {
        let approved = exemption.approved_by.as_ref().map(|by| format!(", approved by {by}")).unwrap_or_default();
        let accepted = Accepted {
            requirement: exemption.requirement.clone(),
            objects: exemption.objects.iter().map(ToString::to_string).collect(),
            reason: format!("{}{approved}, until {}", exemption.reason, exemption.expires.value),
            index: exemption.index,
        };
        Self { regions: exemption.regions.clone(), accepted }
    }
}

/// What is said of changes in a management account that may only be read.
const MANAGEMENT_IS_READ: &str = "the management account is only read: set `management_account: include` in the \
                                  baseline to let apply write there, or mend it by hand";
