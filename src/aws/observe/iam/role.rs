//! A role that somebody names, with one of its own policies.

use serde::{Deserialize, Serialize};

use super::decoded;
use crate::Absent;
use crate::observe::{Call, Home, Observe, ReadError, Reader, Scope};

/// A role by its name, with one of its inline policies; none: there is no such role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role(pub Option<RoleState>);

/// What is known of a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleState {
    /// Its ARN.
    pub arn: String,
    /// Whom it trusts, JSON.
    pub trust: String,
    /// What that inline policy allows, JSON; none: it has no such policy.
    pub policy: Option<String>,
    /// Its tags.
    pub tags: Vec<(String, String)>,
}

/// Which role, and which of its inline policies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RoleKey {
    /// The name of the role.
    pub role: String,
    /// The name of the policy.
    pub policy: String,
}

const fn call(operation: &'static str, action: &'static str) -> Call {
    Call { service: "IAM", operation, action }
}

const GET_ROLE: Call = call("GetRole", "iam:GetRole");
pub(crate) const GET_ROLE_POLICY: Call = call("GetRolePolicy", "iam:GetRolePolicy");

const GONE: &[&str] = &["NoSuchEntity"];

impl Observe for Role {
    const NAME: &'static str = "iam.role";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[GET_ROLE, GET_ROLE_POLICY];
    type Key = RoleKey;

    async fn observe(reader: &Reader, key: &RoleKey) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let odd = |call: &Call, why: String| ReadError::senseless(reader.at(), call, why);
        let asked = session.iam().get_role().role_name(&key.role);
        let answer = session.ask(reader.at(), &GET_ROLE, async { asked.send().await.absent_on(GONE) }).await?;
        let Some(role) = answer.and_then(|answer| answer.role) else { return Ok(Self(None)) };
        let trust = decoded(role.assume_role_policy_document().unwrap_or_default());
        let trust = trust.map_err(|why| odd(&GET_ROLE, why))?;
        let asked = session.iam().get_role_policy().role_name(&key.role).policy_name(&key.policy);
        let answer = session.ask(reader.at(), &GET_ROLE_POLICY, async { asked.send().await.absent_on(GONE) }).await?;
        let policy = answer.map(|answer| decoded(&answer.policy_document)).transpose();
        let policy = policy.map_err(|why| odd(&GET_ROLE_POLICY, why))?;
        let tags = role.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect();
        Ok(Self(Some(RoleState { arn: role.arn, trust, policy, tags })))
    }
}

/// Whether the account has a role of this name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleExists(pub bool);

impl Observe for RoleExists {
    const NAME: &'static str = "iam.role_exists";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[GET_ROLE];
    type Key = String;

    async fn observe(reader: &Reader, name: &String) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let asked = session.iam().get_role().role_name(name);
        let answer = session.ask(reader.at(), &GET_ROLE, async { asked.send().await.absent_on(GONE) }).await?;
        Ok(Self(answer.is_some()))
    }
}
