//! What the baseline asks of one account, as data: what a plan carries, so that apply needs no baseline.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::baseline::{AccountFacts, Baseline, Exemption, ManagementAccount};
use crate::control::Accepted;
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
    /// Why it is not asked, although it is active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreachable: Option<String>,
    /// Why nothing may be written in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_only: Option<String>,
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
            unreachable: baseline
                .known_unreachable(&account.id)
                .map(|listed| format!("listed as unreachable until {}: {}", listed.expires.value, listed.reason)),
            read_only: read_only.then(|| MANAGEMENT_IS_READ.to_owned()),
        }
    }

    /// What is accepted in a region; none: in the account as a whole.
    #[must_use]
    pub fn accepted_in(&self, region: Option<&Region>) -> Vec<Accepted> {
        let here = |one: &&AcceptedIn| one.regions.is_empty() || region.is_some_and(|r| one.regions.contains(r));
        self.accepted.iter().filter(here).map(|one| one.accepted.clone()).collect()
    }
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

impl From<&Account> for AccountFacts {
    fn from(account: &Account) -> Self {
        Self {
            id: account.id.clone(),
            name: account.name.clone().unwrap_or_default(),
            ou_path: account.ou_path.clone().unwrap_or_default(),
            ou_ids: account.ou_ids.clone(),
            tags: account.tags.clone().unwrap_or_default(),
        }
    }
}

/// What is said of changes in a management account that may only be read.
const MANAGEMENT_IS_READ: &str = "the management account is only read: set `management_account: include` in the \
                                  baseline to let apply write there, or mend it by hand";
