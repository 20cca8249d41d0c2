//! Policies of users and groups: inline ones, and managed ones that are attached.

use super::iam::{document, encoded, listed, missing, name_of};
use super::iam_users::{group, user};
use crate::fault::Fault;
use crate::front::Call;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Whether a managed policy is there to be attached.
pub(super) fn attachable(call: &mut Call<'_>, arn: &str) -> Result<(), Fault> {
    match call.mine().iam.managed(arn) {
        Some(_) => Ok(()),
        None => Err(missing(format!("Policy {arn} does not exist or is not attachable."))),
    }
}

fn attach(attached: &mut Vec<String>, arn: String) {
    if !attached.contains(&arn) {
        attached.push(arn);
    }
}

fn detach(attached: &mut Vec<String>, arn: &str) -> Result<Value, Fault> {
    let before = attached.len();
    attached.retain(|known| known != arn);
    if attached.len() == before { Err(missing(format!("Policy {arn} was not found."))) } else { Ok(json!({})) }
}

pub(super) fn attach_to_user(call: &mut Call<'_>) -> Result<Value, Fault> {
    let arn = call.need("PolicyArn")?.to_owned();
    user(call)?;
    attachable(call, &arn)?;
    attach(&mut user(call)?.1.attached, arn);
    Ok(json!({}))
}

pub(super) fn detach_from_user(call: &mut Call<'_>) -> Result<Value, Fault> {
    let arn = call.need("PolicyArn")?.to_owned();
    detach(&mut user(call)?.1.attached, &arn)
}

pub(super) fn attach_to_group(call: &mut Call<'_>) -> Result<Value, Fault> {
    let arn = call.need("PolicyArn")?.to_owned();
    group(call)?;
    attachable(call, &arn)?;
    attach(&mut group(call)?.1.attached, arn);
    Ok(json!({}))
}

pub(super) fn detach_from_group(call: &mut Call<'_>) -> Result<Value, Fault> {
    let arn = call.need("PolicyArn")?.to_owned();
    detach(&mut group(call)?.1.attached, &arn)
}

/// Managed policies by name and ARN.
pub(super) fn attached(arns: &[String]) -> Vec<Value> {
    arns.iter().map(|arn| json!({"PolicyName": name_of(arn), "PolicyArn": arn})).collect()
}

pub(super) fn list_attached_to_user(call: &mut Call<'_>) -> Result<Value, Fault> {
    let all = attached(&user(call)?.1.attached);
    listed(call, "AttachedPolicies", all)
}

pub(super) fn list_attached_to_group(call: &mut Call<'_>) -> Result<Value, Fault> {
    let all = attached(&group(call)?.1.attached);
    listed(call, "AttachedPolicies", all)
}

fn sent(call: &Call<'_>) -> Result<(String, String), Fault> {
    Ok((call.need("PolicyName")?.to_owned(), document(call.need("PolicyDocument")?)?))
}

fn forget(inline: &mut BTreeMap<String, String>, kind: &str, policy: &str) -> Result<Value, Fault> {
    match inline.remove(policy) {
        Some(_) => Ok(json!({})),
        None => Err(missing(format!("The {kind} policy with name {policy} cannot be found."))),
    }
}

pub(super) fn put_of_user(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (name, text) = sent(call)?;
    user(call)?.1.inline.insert(name, text);
    Ok(json!({}))
}

pub(super) fn get_of_user(call: &mut Call<'_>) -> Result<Value, Fault> {
    let policy = call.need("PolicyName")?.to_owned();
    let (name, user) = user(call)?;
    match user.inline.get(&policy) {
        Some(text) => Ok(json!({"UserName": name, "PolicyName": policy, "PolicyDocument": encoded(text)})),
        None => Err(missing(format!("The user policy with name {policy} cannot be found."))),
    }
}

pub(super) fn delete_of_user(call: &mut Call<'_>) -> Result<Value, Fault> {
    let policy = call.need("PolicyName")?.to_owned();
    forget(&mut user(call)?.1.inline, "user", &policy)
}

pub(super) fn list_of_user(call: &mut Call<'_>) -> Result<Value, Fault> {
    let names = user(call)?.1.inline.keys().map(|name| json!(name)).collect();
    listed(call, "PolicyNames", names)
}

pub(super) fn put_of_group(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (name, text) = sent(call)?;
    group(call)?.1.inline.insert(name, text);
    Ok(json!({}))
}

pub(super) fn delete_of_group(call: &mut Call<'_>) -> Result<Value, Fault> {
    let policy = call.need("PolicyName")?.to_owned();
    forget(&mut group(call)?.1.inline, "group", &policy)
}
