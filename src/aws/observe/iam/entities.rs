//! Who has a managed policy of AWS attached.

use serde::{Deserialize, Serialize};

use crate::observe::{Call, Home, Observe, ReadError, Reader, Scope};

/// The identities that have a policy, by kind and name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entities {
    /// Groups.
    pub groups: Vec<String>,
    /// Roles.
    pub roles: Vec<String>,
    /// Users.
    pub users: Vec<String>,
}

impl Entities {
    /// Everybody, as `kind/name`.
    #[must_use]
    pub fn named(&self) -> Vec<String> {
        let of = |kind: &'static str, names: &[String]| -> Vec<String> {
            names.iter().map(|name| format!("{kind}/{name}")).collect()
        };
        [of("group", &self.groups), of("role", &self.roles), of("user", &self.users)].concat()
    }
}

const CALL: Call = Call { service: "IAM", operation: "ListEntitiesForPolicy", action: "iam:ListEntitiesForPolicy" };

impl Observe for Entities {
    const NAME: &'static str = "iam.entities_for_policy";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[CALL];
    /// The name of a policy of AWS, with its path where it has one.
    type Key = String;

    async fn observe(reader: &Reader, policy: &String) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let arn = format!("arn:{}:iam::aws:policy/{policy}", session.partition());
        let mut found = Self::default();
        let mut marker: Option<String> = None;
        loop {
            let asked = session.iam().list_entities_for_policy().policy_arn(&arn).set_marker(marker);
            let page = session.ask(reader.at(), &CALL, asked.send()).await?;
            found.groups.extend(page.policy_groups().iter().filter_map(|one| one.group_name().map(str::to_owned)));
            found.roles.extend(page.policy_roles().iter().filter_map(|one| one.role_name().map(str::to_owned)));
            found.users.extend(page.policy_users().iter().filter_map(|one| one.user_name().map(str::to_owned)));
            marker = page.marker.filter(|marker| page.is_truncated && !marker.is_empty());
            if marker.is_none() {
                for names in [&mut found.groups, &mut found.roles, &mut found.users] {
                    names.sort();
                }
                return Ok(found);
            }
        }
    }
}
