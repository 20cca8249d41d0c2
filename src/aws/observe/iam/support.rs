//! Who may open cases with AWS Support, and the role that is wanted for it.

use serde::{Deserialize, Serialize};

use super::{Entities, decoded};
use crate::Absent;
use crate::observe::{Call, Home, Observe, ReadError, Reader, Reads, Scope};
use crate::ownership::Signs;

/// A role by its name, as far as it matters whom it trusts; none: there is no such role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trust(pub Option<Trusting>);

/// A role that may be there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trusting {
    /// Whom it trusts, JSON.
    pub document: String,
    /// The tags that say who looks after it.
    pub signs: Signs,
}

const GET: Call = Call { service: "IAM", operation: "GetRole", action: "iam:GetRole" };

impl Observe for Trust {
    const NAME: &'static str = "iam.trusting_role";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[GET];
    /// The name of the role.
    type Key = String;

    async fn observe(reader: &Reader, role: &String) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let asked = session.iam().get_role().role_name(role);
        let sending = async { asked.send().await.absent_on(&["NoSuchEntity"]) };
        let answer = session.ask(reader.at(), &GET, sending).await?;
        let Some(role) = answer.and_then(|answer| answer.role) else { return Ok(Self(None)) };
        let document = decoded(role.assume_role_policy_document().unwrap_or_default());
        let document = document.map_err(|why| ReadError::senseless(reader.at(), &GET, why))?;
        let signs = Signs::of(role.tags().iter().map(|tag| (tag.key(), tag.value())));
        Ok(Self(Some(Trusting { document, signs })))
    }
}

/// Who may open cases, and the role that would be made where nobody may.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Support {
    /// Who has the policy.
    pub entities: Entities,
    /// The wanted role, where nobody has the policy and there is such a role.
    pub trust: Option<Trusting>,
}

/// The policy of AWS that lets open cases.
pub const SUPPORT_ACCESS: &str = "AWSSupportAccess";

impl Observe for Support {
    const NAME: &'static str = "iam.support";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[];
    /// The name of the role that may be made; none: none is.
    type Key = Option<String>;

    async fn observe(reader: &Reader, role: &Option<String>) -> Result<Self, ReadError> {
        let entities = Entities::clone(&*reader.of::<Entities>(&SUPPORT_ACCESS.to_owned()).await?);
        let trust = match role {
            Some(role) if entities.roles.is_empty() => reader.of::<Trust>(role).await?.0.clone(),
            _ => None,
        };
        Ok(Self { entities, trust })
    }

    fn builds_on() -> Vec<Reads> {
        vec![Reads::of::<Entities>(), Reads::of::<Trust>()]
    }
}
