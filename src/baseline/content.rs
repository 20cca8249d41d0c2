//! The resolved content of a baseline as JSON, in the form of the file itself, and its digest.

use serde_json::{Map, Value as Json, json};
use sha2::{Digest as _, Sha256};

use super::digest::canonical;
use super::exemption::{Exemption, Unreachable};
use super::scope::Scope;
use super::{AccountAccess, Baseline, ManagementAccount, Override, Regions};

impl Baseline {
    /// What the baseline says, as the file would say it without `extends`. A plan carries this.
    #[must_use]
    pub fn content(&self) -> Json {
        let controls: Map<String, Json> =
            self.controls.iter().map(|(id, settings)| (id.clone(), settings.json())).collect();
        without_nothing(json!({
            "version": 1,
            "name": self.name,
            "organization": self.organization,
            "access": self.access_content(),
            "management_account": match self.management_account {
                ManagementAccount::Read => "read",
                ManagementAccount::Include => "include",
            },
            "regions": match &self.regions {
                Regions::All => json!("all"),
                Regions::Only(regions) => json!(regions),
            },
            "controls": controls,
            "overrides": self.overrides.iter().map(override_content).collect::<Vec<_>>(),
            "exemptions": self.exemptions.iter().map(exemption_content).collect::<Vec<_>>(),
            "unreachable": self.unreachable.iter().map(unreachable_content).collect::<Vec<_>>(),
            "rollout": self.rollout.content(),
            "contested_days": self.contested_days,
        }))
    }

    fn access_content(&self) -> Json {
        let accounts: Map<String, Json> =
            self.access.accounts.iter().map(|(id, access)| (id.to_string(), account_content(access))).collect();
        without_nothing(json!({
            "read_role": self.access.read_role,
            "write_role": self.access.write_role,
            "management_role": self.access.management_role,
            "external_id": self.access.external_id,
            "accounts": accounts,
        }))
    }

    pub(super) fn compute_digest(&self) -> String {
        let mut content = self.content();
        // What a baseline is called does not change what it asks for.
        content["name"] = Json::Null;
        format!("sha256:{}", hex::encode(Sha256::digest(canonical(&content))))
    }
}

fn account_content(access: &AccountAccess) -> Json {
    without_nothing(json!({
        "read_role": access.read_role,
        "write_role": access.write_role,
        "external_id": access.external_id,
    }))
}

fn override_content(one: &Override) -> Json {
    let controls: Map<String, Json> =
        one.controls.iter().map(|(id, settings)| (id.clone(), settings.clone().unwrap_or("off".into()))).collect();
    json!({ "match": scope_content(&one.scope, ["ou", "account", "tag"]), "controls": controls })
}

pub(super) fn scope_content(scope: &Scope, [ous, accounts, tags]: [&str; 3]) -> Json {
    without_nothing(json!({ ous: scope.ous, accounts: scope.accounts, tags: scope.tags }))
}

fn exemption_content(one: &Exemption) -> Json {
    let mut content = json!({
        "requirement": one.requirement,
        "regions": one.regions,
        "objects": one.objects,
        "reason": one.reason,
        "approved_by": one.approved_by,
        "expires": one.expires,
    });
    super::layered::merge(&mut content, &scope_content(&one.scope, ["ous", "accounts", "tags"]));
    without_nothing(content)
}

fn unreachable_content(one: &Unreachable) -> Json {
    json!({ "accounts": one.accounts, "reason": one.reason, "expires": one.expires })
}

/// Leaves out what is not said: a null, an empty list, an empty map.
pub(super) fn without_nothing(content: Json) -> Json {
    let Json::Object(entries) = content else { return content };
    let said = |value: &Json| match value {
        Json::Null => false,
        Json::Array(items) => !items.is_empty(),
        Json::Object(entries) => !entries.is_empty(),
        _ => true,
    };
    Json::Object(entries.into_iter().filter(|(_, value)| said(value)).collect())
}
