//! Policies by which the organization sets values in its accounts: which there are, and what they come to in one.
//!
//! A type without policies costs one call a run. Where there are some, what is in effect is asked for once for each unit
//! whose accounts have no policy of their own, and once for each account that has one.

use std::collections::BTreeSet;

use aws_sdk_organizations::types as sdk;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Absent;
use crate::observe::{Call, Class, Home, Observe, ReadError, Reader, Reads, Scope};
use crate::ownership::PolicyType;
use crate::target::AccountId;

const fn call(operation: &'static str, action: &'static str) -> Call {
    Call { service: "Organizations", operation, action }
}

const LIST_POLICIES: Call = call("ListPolicies", "organizations:ListPolicies");
const LIST_TARGETS: Call = call("ListTargetsForPolicy", "organizations:ListTargetsForPolicy");
pub(crate) const DESCRIBE_EFFECTIVE: Call = call("DescribeEffectivePolicy", "organizations:DescribeEffectivePolicy");

/// A policy that is attached somewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// Its name and id, for people.
    pub label: String,
    /// The ids of roots, units and accounts that it is attached to.
    pub targets: BTreeSet<String>,
}

/// The policies of a type that are attached somewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policies(pub Vec<Attached>);

impl Observe for Policies {
    const NAME: &'static str = "organizations.policies";
    const HOME: Home = Home::Management;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[LIST_POLICIES, LIST_TARGETS];
    type Key = PolicyType;

    async fn observe(reader: &Reader, kind: &PolicyType) -> Result<Self, ReadError> {
        // Who does not know the type, such as another partition, has no policy of it.
        const UNKNOWN: &[&str] = &["InvalidInputException", "UnsupportedAPIEndpointException"];
        let session = reader.session()?;
        let filter = sdk::PolicyType::from(kind.name());
        let mut attached = vec![];
        let mut next: Option<String> = None;
        loop {
            let asked = session.organizations().list_policies().filter(filter.clone()).set_next_token(next);
            let sending = async { asked.send().await.absent_on(UNKNOWN) };
            let Some(page) = session.ask(reader.at(), &LIST_POLICIES, sending).await? else { break };
            for policy in page.policies() {
                let Some(id) = policy.id() else { continue };
                let targets = targets(reader, id).await?;
                if !targets.is_empty() {
                    attached.push(Attached { label: format!("{} ({id})", policy.name().unwrap_or_default()), targets });
                }
            }
            next = page.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                break;
            }
        }
        Ok(Self(attached))
    }
}

/// What a policy is attached to.
async fn targets(reader: &Reader, id: &str) -> Result<BTreeSet<String>, ReadError> {
    let session = reader.session()?;
    let mut targets = BTreeSet::new();
    let mut next: Option<String> = None;
    loop {
        let asked = session.organizations().list_targets_for_policy().policy_id(id).set_next_token(next);
        let page = session.ask(reader.at(), &LIST_TARGETS, asked.send()).await?;
        targets.extend(page.targets().iter().filter_map(|target| target.target_id()).map(str::to_owned));
        next = page.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(targets);
        }
    }
}

/// Where the policies of a type come to the same: an account, or all accounts right in a unit that have none of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The type.
    pub kind: PolicyType,
    /// The id of the unit, or of the account.
    pub at: String,
    /// An account there, which AWS is asked for.
    #[serde(skip)]
    pub account: AccountId,
}

/// What is in effect of a type in one place; none: nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectivePolicy(pub Option<Map<String, Value>>);

impl Observe for EffectivePolicy {
    const NAME: &'static str = "organizations.effective_policy";
    const HOME: Home = Home::Management;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[DESCRIBE_EFFECTIVE];
    type Key = Place;

    async fn observe(reader: &Reader, place: &Place) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let kind = sdk::EffectivePolicyType::from(place.kind.name());
        let asked = session.organizations().describe_effective_policy().policy_type(kind);
        let asked = asked.target_id(place.account.as_str());
        let sending = async { asked.send().await.absent_on(&["EffectivePolicyNotFoundException"]) };
        let answer = session.ask(reader.at(), &DESCRIBE_EFFECTIVE, sending).await?;
        let content = answer.as_ref().and_then(|answer| answer.effective_policy()?.policy_content());
        let Some(content) = content else { return Ok(Self(None)) };
        let content = serde_json::from_str(content).map_err(|error| ReadError {
            at: reader.at().clone(),
            action: DESCRIBE_EFFECTIVE.action.to_owned(),
            class: Class::Failed,
            code: None,
            message: format!("the effective {} of {} makes no sense: {error}", place.kind.name(), place.account),
            status: None,
            request_id: None,
        })?;
        Ok(Self(Some(content)))
    }
}

/// What the organization's policies of a type say for an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Governed {
    /// The policies that reach it, as far as its place in the organization is known, each by its name and id.
    pub policies: Vec<String>,
    /// What they come to.
    pub content: Map<String, Value>,
}

/// What the organization's policies of a type say for the account that is judged; none: none reaches it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Governing(pub Option<Governed>);

impl Observe for Governing {
    const NAME: &'static str = "organizations.governing";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[];
    type Key = PolicyType;

    async fn observe(reader: &Reader, kind: &PolicyType) -> Result<Self, ReadError> {
        let all = reader.of::<Policies>(kind).await?;
        let (account, units) = (&reader.at().account, reader.units());
        let own = |policy: &Attached| policy.targets.contains(account.as_str());
        let inherited = |policy: &Attached| units.iter().flat_map(|units| *units).any(|id| policy.targets.contains(id));
        let reaching: Vec<&Attached> = all.0.iter().filter(|policy| own(policy) || inherited(policy)).collect();
        if all.0.is_empty() || units.is_some() && reaching.is_empty() {
            return Ok(Self(None));
        }
        let unit = units.and_then(<[String]>::last).filter(|_| !reaching.iter().any(|policy| own(policy)));
        let at = unit.cloned().unwrap_or_else(|| account.to_string());
        let effective = reader.of::<EffectivePolicy>(&Place { kind: *kind, at, account: account.clone() }).await?;
        let policies = reaching.into_iter().map(|policy| policy.label.clone()).collect();
        Ok(Self(effective.0.clone().map(|content| Governed { policies, content })))
    }

    fn builds_on() -> Vec<Reads> {
        vec![Reads::of::<Policies>(), Reads::of::<EffectivePolicy>()]
    }
}
