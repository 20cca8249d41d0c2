//! Organizations' policies: their types, texts and targets. What they come to is in `organization_effective`.

use super::organizations::{Policy, State, arn, fault, listed, organization};
use crate::fault::Fault;
use crate::front::Call;
use crate::iam::{Document, Sort};
use crate::world::{Organization, World};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The type of policies that limit what accounts may do.
pub(super) const GUARDRAIL: &str = "SERVICE_CONTROL_POLICY";
/// The type of policies that set attributes of EC2 for accounts.
pub(super) const DECLARATIVE: &str = "DECLARATIVE_POLICY_EC2";
/// The type of policies that set the public access block of accounts.
pub(super) const S3: &str = "S3_POLICY";
/// The managed policy that is attached everywhere until it is detached.
pub(super) const FULL_ACCESS: &str = "p-FullAWSAccess";
pub(super) const FULL_ACCESS_TEXT: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

fn summary(world: &World, id: &str, policy: &Policy) -> Value {
    json!({"Id": id, "Arn": arn(world, id), "Name": policy.name, "Description": policy.description, "Type": policy.sort,
        "AwsManaged": id == FULL_ACCESS})
}

fn full_access() -> Policy {
    Policy {
        name: "FullAWSAccess".to_owned(),
        description: "Allows access to every operation".to_owned(),
        sort: GUARDRAIL.to_owned(),
        content: FULL_ACCESS_TEXT.to_owned(),
    }
}

/// The root as it is answered, with the policy types that are enabled in it.
pub(super) fn shown_root(world: &World, organization: &Organization) -> Value {
    let types = organization.state.policy_types.iter().map(|sort| json!({"Type": sort, "Status": "ENABLED"}));
    json!({"Id": organization.root, "Arn": arn(world, &organization.root), "Name": "Root", "PolicyTypes": types.collect::<Vec<_>>()})
}

pub(super) fn enable_type(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (root, sort) = (call.need("RootId")?.to_owned(), call.need("PolicyType")?.to_owned());
    let organization = organization(call)?;
    if organization.root != root {
        return Err(fault("RootNotFoundException", "We can't find a root with the RootId that you specified."));
    }
    if !organization.state.policy_types.insert(sort) {
        return Err(fault("PolicyTypeAlreadyEnabledException", "The specified policy type is already enabled."));
    }
    let organization = organization.clone();
    Ok(json!({ "Root": shown_root(call.world, &organization) }))
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Value, Fault> {
    let text = |member| call.need(member).map(str::to_owned);
    let policy = Policy {
        name: text("Name")?,
        description: text("Description")?,
        sort: text("Type")?,
        content: text("Content")?,
    };
    let malformed = |why: String| fault("MalformedPolicyDocumentException", why);
    if policy.sort == GUARDRAIL {
        Document::parse(&policy.content, Sort::Identity).map_err(malformed)?;
    } else {
        serde_json::from_str::<Map<String, Value>>(&policy.content).map_err(|why| malformed(why.to_string()))?;
    }
    let id = format!("p-{}", call.world.token(8));
    let tags = super::iam::tags(call.list("Tags"));
    let state = &mut organization(call)?.state;
    if state.policies.values().any(|known| known.sort == policy.sort && known.name == policy.name) {
        return Err(fault("DuplicatePolicyException", "A policy with the same name already exists."));
    }
    state.policies.insert(id.clone(), policy.clone());
    state.tags.insert(id.clone(), tags);
    Ok(json!({"Policy": {"PolicySummary": summary(call.world, &id, &policy), "Content": policy.content}}))
}

/// A policy that exists, by the input's `PolicyId`.
fn policy(call: &mut Call<'_>) -> Result<(String, Policy), Fault> {
    let id = call.need("PolicyId")?.to_owned();
    let state = &organization(call)?.state;
    let found = if id == FULL_ACCESS { Some(full_access()) } else { state.policies.get(&id).cloned() };
    match found {
        Some(policy) => Ok((id, policy)),
        None => Err(fault("PolicyNotFoundException", "We can't find a policy with the PolicyId that you specified.")),
    }
}

/// The root, unit or account of the input's `TargetId`.
fn target(call: &mut Call<'_>) -> Result<String, Fault> {
    let id = call.need("TargetId")?.to_owned();
    let organization = organization(call)?;
    let known = organization.root == id || organization.units.contains_key(&id);
    if known || call.world.accounts.get(&id).is_some_and(|account| !account.parent.is_empty()) {
        Ok(id)
    } else {
        Err(fault(
            "TargetNotFoundException",
            "We can't find a root, OU, account, or policy with the TargetId that you specified.",
        ))
    }
}

pub(super) fn attach(call: &mut Call<'_>) -> Result<Value, Fault> {
    let ((id, policy), target) = (policy(call)?, target(call)?);
    let state = &mut organization(call)?.state;
    if !state.policy_types.contains(&policy.sort) {
        return Err(fault(
            "PolicyTypeNotEnabledException",
            "The specified policy type isn't currently enabled in this root.",
        ));
    }
    let attached = if id == FULL_ACCESS {
        state.without_full_access.remove(&target)
    } else {
        state.attached.entry(target).or_default().insert(id)
    };
    if attached {
        Ok(json!({}))
    } else {
        Err(fault(
            "DuplicatePolicyAttachmentException",
            "The selected policy is already attached to the specified target.",
        ))
    }
}

/// The service control policies that are attached to a target.
fn guardrails_at(state: &State, target: &str) -> BTreeSet<String> {
    let sort = |id: &String| state.policies.get(id).is_some_and(|policy| policy.sort == GUARDRAIL);
    let mut all: BTreeSet<String> =
        state.attached.get(target).into_iter().flatten().filter(|id| sort(id)).cloned().collect();
    if !state.without_full_access.contains(target) {
        all.insert(FULL_ACCESS.to_owned());
    }
    all
}

pub(super) fn detach(call: &mut Call<'_>) -> Result<Value, Fault> {
    let ((id, policy), target) = (policy(call)?, target(call)?);
    let state = &mut organization(call)?.state;
    let mut left = guardrails_at(state, &target);
    if policy.sort == GUARDRAIL && left.remove(&id) && left.is_empty() {
        return Err(fault("ConstraintViolationException", "You must have at least one policy attached to a target.")
            .with("Reason", "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"));
    }
    let detached = if id == FULL_ACCESS {
        state.without_full_access.insert(target)
    } else {
        state.attached.entry(target).or_default().remove(&id)
    };
    if detached {
        Ok(json!({}))
    } else {
        Err(fault(
            "PolicyNotAttachedException",
            "The policy isn't attached to the specified target in the specified root.",
        ))
    }
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Value, Fault> {
    let sort = call.need("Filter")?.to_owned();
    let mut all = organization(call)?.state.policies.clone();
    all.insert(FULL_ACCESS.to_owned(), full_access());
    let all = all.iter().filter(|(_, policy)| policy.sort == sort).map(|(id, policy)| summary(call.world, id, policy));
    let all = all.collect();
    listed(call, "Policies", all)
}

pub(super) fn list_for_target(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (sort, target) = (call.need("Filter")?.to_owned(), target(call)?);
    let state = organization(call)?.state.clone();
    let attached = state.attached.get(&target).into_iter().flatten();
    let mut all: Vec<Value> = attached
        .filter_map(|id| state.policies.get(id).map(|policy| (id, policy)))
        .filter(|(_, policy)| policy.sort == sort)
        .map(|(id, policy)| summary(call.world, id, policy))
        .collect();
    if sort == GUARDRAIL && state.policy_types.contains(GUARDRAIL) && !state.without_full_access.contains(&target) {
        all.push(summary(call.world, FULL_ACCESS, &full_access()));
    }
    listed(call, "Policies", all)
}

pub(super) fn describe(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (id, policy) = policy(call)?;
    Ok(json!({"Policy": {"PolicySummary": summary(call.world, &id, &policy), "Content": policy.content}}))
}

pub(super) fn list_targets(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (id, _) = policy(call)?;
    let organization = organization(call)?.clone();
    let accounts = call.world.accounts().filter(|account| !account.parent.is_empty());
    let mut known = vec![(organization.root.clone(), "Root".to_owned(), "ROOT")];
    known.extend(organization.units.values().map(|unit| (unit.id.clone(), unit.name.clone(), "ORGANIZATIONAL_UNIT")));
    known.extend(accounts.map(|account| (account.id.clone(), account.name.clone(), "ACCOUNT")));
    let state = &organization.state;
    known.retain(|(target, ..)| match id.as_str() {
        FULL_ACCESS => !state.without_full_access.contains(target),
        _ => state.attached.get(target).is_some_and(|ids| ids.contains(&id)),
    });
    let all = known.iter().map(
        |(target, name, kind)| json!({"TargetId": target, "Arn": arn(call.world, target), "Name": name, "Type": kind}),
    );
    let all = all.collect();
    listed(call, "Targets", all)
}
