//! Customer managed policies with their versions, and who a managed policy is attached to.

use super::iam::{State, conflict, document, encoded, listed, missing, name_of, taken};
use super::iam_tags as tagging;
use crate::fault::Fault;
use crate::front::Call;
use crate::iam::managed_document;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// A customer managed policy.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Policy {
    /// `ANPA…`.
    pub id: String,
    /// Such as `/`.
    pub path: String,
    /// Seconds since the epoch.
    pub created: i64,
    /// When a version was added or made the default.
    pub updated: i64,
    /// The number of the default version.
    pub default: usize,
    /// Number, document and age of each version, oldest first.
    pub versions: Vec<(usize, String, i64)>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

impl Policy {
    /// The document of the default version.
    pub(crate) fn document(&self) -> &str {
        self.version(self.default).map_or("", |(_, text, _)| text)
    }

    fn version(&self, number: usize) -> Option<&(usize, String, i64)> {
        self.versions.iter().find(|(known, ..)| *known == number)
    }

    fn shown_version(&self, (number, text, created): &(usize, String, i64)) -> Value {
        json!({
            "Document": encoded(text), "VersionId": format!("v{number}"), "IsDefaultVersion": *number == self.default,
            "CreateDate": created,
        })
    }

    /// Every version, the youngest first.
    pub(super) fn shown_versions(&self) -> Vec<Value> {
        self.versions.iter().rev().map(|version| self.shown_version(version)).collect()
    }
}

/// The most versions that a policy may have.
const MOST_VERSIONS: usize = 5;

/// A policy as IAM answers it.
pub(super) fn shown(state: &State, arn: &str, policy: &Policy) -> Map<String, Value> {
    let shown = json!({
        "PolicyName": name_of(arn), "PolicyId": policy.id, "Arn": arn, "Path": policy.path,
        "DefaultVersionId": format!("v{}", policy.default), "AttachmentCount": attachments(state, arn).count(),
        "PermissionsBoundaryUsageCount": bounded(state, arn), "IsAttachable": true,
        "CreateDate": policy.created, "UpdateDate": policy.updated,
    });
    match shown {
        Value::Object(shown) => shown,
        _ => Map::new(),
    }
}

/// The same with its tags, where it is asked for alone.
fn alone(state: &State, arn: &str, policy: &Policy) -> Map<String, Value> {
    let mut shown = shown(state, arn, policy);
    if !policy.tags.is_empty() {
        shown.insert("Tags".to_owned(), tagging::shown(&policy.tags).into());
    }
    shown
}

fn bounded(state: &State, arn: &str) -> usize {
    state.roles.values().filter(|role| role.boundary.as_deref() == Some(arn)).count()
}

/// Who has a managed policy attached: what sort of identity, its name and its id.
fn attachments<'a>(
    state: &'a State,
    arn: &'a str,
) -> impl Iterator<Item = (&'static str, &'a String, &'a String, &'a str)> {
    let groups = state.groups.iter().filter(move |(_, group)| group.attached.iter().any(|known| known == arn));
    let users = state.users.iter().filter(move |(_, user)| user.attached.iter().any(|known| known == arn));
    let roles = state.roles.iter().filter(move |(_, role)| role.attached.iter().any(|known| known == arn));
    let groups = groups.map(|(name, group)| ("Group", name, &group.id, group.path.as_str()));
    let users = users.map(|(name, user)| ("User", name, &user.id, user.path()));
    let roles = roles.map(|(name, role)| ("Role", name, &role.id, role.path.as_str()));
    groups.chain(users).chain(roles)
}

pub(super) fn policy<'a>(call: &'a mut Call<'_>) -> Result<(String, &'a mut Policy), Fault> {
    let arn = call.need("PolicyArn")?.to_owned();
    match call.mine().iam.policies.get_mut(&arn) {
        Some(policy) => Ok((arn, policy)),
        None => Err(missing(format!("Policy {arn} was not found."))),
    }
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (name, text) = (call.need("PolicyName")?.to_owned(), document(call.need("PolicyDocument")?)?);
    let tags = tagging::sent(call)?;
    let (path, now) = (call.text("Path").unwrap_or("/").to_owned(), call.now());
    let id = format!("ANPA{}", call.world.token(17).to_uppercase());
    let arn = format!("arn:{}:iam::{}:policy{path}{name}", call.world.partition, call.account);
    let state = &mut call.mine().iam;
    if state.policies.keys().any(|known| name_of(known).eq_ignore_ascii_case(&name)) {
        return Err(taken(format!("A policy called {name} already exists. Duplicate names are not allowed.")));
    }
    let versions = vec![(1, text, now)];
    let policy = Policy { id, path, created: now, updated: now, default: 1, versions, tags };
    let answer = alone(state, &arn, &policy);
    state.policies.insert(arn, policy);
    Ok(json!({ "Policy": answer }))
}

pub(super) fn create_version(call: &mut Call<'_>) -> Result<Value, Fault> {
    let text = document(call.need("PolicyDocument")?)?;
    let (now, default) = (call.now(), call.flag("SetAsDefault").unwrap_or(false));
    let (_, policy) = policy(call)?;
    if policy.versions.len() >= MOST_VERSIONS {
        let message = "A managed policy can have up to 5 versions. Before you create a new version, you must delete an \
                       existing version.";
        return Err(Fault::new(409, "LimitExceeded", message));
    }
    let number = policy.versions.last().map_or(1, |(number, ..)| number + 1);
    policy.versions.push((number, text, now));
    policy.updated = now;
    if default {
        policy.default = number;
    }
    let shown = policy.version(number).map(|version| policy.shown_version(version));
    Ok(json!({ "PolicyVersion": shown }))
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (arn, policy) = policy(call)?;
    let versions = policy.versions.len();
    let state = &mut call.mine().iam;
    if attachments(state, &arn).next().is_some() || bounded(state, &arn) > 0 {
        return Err(conflict("Cannot delete a policy attached to entities."));
    }
    if versions > 1 {
        return Err(conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions.",
        ));
    }
    state.policies.remove(&arn);
    Ok(json!({}))
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (arn, policy) = policy(call)?;
    let policy = policy.clone();
    Ok(json!({ "Policy": alone(&call.mine().iam, &arn, &policy) }))
}

pub(super) fn get_version(call: &mut Call<'_>) -> Result<Value, Fault> {
    let wanted = call.need("VersionId")?.to_owned();
    let (arn, policy) = policy(call)?;
    let number = wanted.strip_prefix('v').and_then(|number| number.parse().ok()).unwrap_or_default();
    match policy.version(number) {
        Some(version) => Ok(json!({ "PolicyVersion": policy.shown_version(version) })),
        None => Err(missing(format!("Policy {arn} version {wanted} does not exist or is not attachable."))),
    }
}

/// The policies of the account. Those of AWS are a thousand, of which the simulator knows a few: it does not list them.
pub(super) fn list(call: &mut Call<'_>) -> Result<Value, Fault> {
    if call.text("Scope") != Some("Local") {
        return Err(Fault::new(501, "SimulatorGap", "only policies of Scope Local are listed"));
    }
    let attached = call.flag("OnlyAttached").unwrap_or(false);
    let state = call.mine().iam.clone();
    let all = state.policies.iter().map(|(arn, policy)| Value::Object(shown(&state, arn, policy)));
    let all = all.filter(|policy| !attached || policy["AttachmentCount"] != 0).collect();
    listed(call, "Policies", all)
}

pub(super) fn entities(call: &mut Call<'_>) -> Result<Value, Fault> {
    let arn = call.need("PolicyArn")?.to_owned();
    if managed_document(&arn).is_none() && !call.mine().iam.policies.contains_key(&arn) {
        return Err(missing(format!("Policy {arn} does not exist or is not attachable.")));
    }
    let filter = call.text("EntityFilter").map(str::to_owned);
    let prefix = call.text("PathPrefix").unwrap_or("/").to_owned();
    let state = &call.mine().iam;
    let found = attachments(state, &arn).filter(|(_, _, _, path)| path.starts_with(&prefix));
    let found = found.filter(|(sort, ..)| filter.as_deref().is_none_or(|filter| filter == *sort));
    let all = found.map(|(sort, name, id, _)| json!({ "sort": sort, "name": name, "id": id })).collect();
    let page = listed(call, "all", all)?;
    let mut answer = json!({"IsTruncated": page["IsTruncated"]});
    if let Some(marker) = page.get("Marker") {
        answer["Marker"] = marker.clone();
    }
    for sort in ["Group", "User", "Role"] {
        let found = page["all"].as_array().into_iter().flatten().filter(|one| one["sort"] == sort);
        let shown = found.map(|one| json!({format!("{sort}Name"): one["name"], format!("{sort}Id"): one["id"]}));
        answer[format!("Policy{sort}s")] = shown.collect();
    }
    Ok(answer)
}
