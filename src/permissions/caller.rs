//! What the caller needs: to find the accounts and to enter them.

use std::collections::BTreeSet;

use super::reference::{self, On};
use super::{Allowed, Anywhere, Asked, Because, Holder, Policy};
use crate::observe::Home;
use crate::organization;
use crate::plan::Access;

/// The names of the roles that trueup enters accounts by; of an ARN, its last part.
#[must_use]
pub fn own_roles(access: &Access) -> BTreeSet<&str> {
    let own = access.accounts.values().flat_map(|own| own.read_role.iter().chain(&own.write_role));
    let all = access.read_role.iter().chain(&access.write_role).chain(&access.management_role).chain(own);
    all.map(|role| role.rsplit_once(":role/").map_or(role.as_str(), |(_, name)| name)).collect()
}

/// What the caller needs: to find the accounts and to enter them, and, where no role is named for the management
/// account, what that role would need.
pub(super) fn caller(asked: &Asked<'_>, roles: &[Policy]) -> Policy {
    let mut policy = Policy::new(Holder::Caller);
    let tags = asked.baseline.needs_tags();
    let finding = organization::CALLS.iter().filter(|call| tags || call.operation != "ListTagsForResource");
    let finding = finding.map(|call| (call, "the accounts of the organization"));
    // An apply writes to no account that was suspended, or has left, since it was planned.
    let standing = organization::STANDING_CALLS.iter().filter(|_| asked.apply);
    let standing = standing.map(|call| (call, "accounts that an apply is about to write, or that let it in no more"));
    for (call, by) in finding.chain(standing) {
        let because = Because { control: None, by: by.to_owned(), dependent: false };
        let (resources, anywhere) = match reference::look_up(call.action).map(|known| known.on) {
            None => (BTreeSet::from(["*".to_owned()]), Some(Anywhere::Unknown)),
            Some(On::Nothing) => (BTreeSet::from(["*".to_owned()]), Some(Anywhere::NoResource)),
            Some(On::All(mut types) | On::One(mut types)) => {
                if ["ListTagsForResource", "DescribeAccount"].contains(&call.operation) {
                    types.retain(|kind, _| kind == "account");
                }
                (types.into_values().map(|pattern| pattern.replace("{account}", "*")).collect(), None)
            }
        };
        policy.allowed.insert(call.action.to_owned(), Allowed { resources, anywhere, because: [because].into() });
    }
    let because = Because { control: None, by: "entering accounts".to_owned(), dependent: false };
    let entering = Allowed { resources: entered(asked), anywhere: None, because: [because].into() };
    policy.allowed.insert("sts:AssumeRole".to_owned(), entering);
    if asked.access.management_role.is_none() {
        let own = [Holder::Reader(Home::Management), Holder::Writer(Home::Management)];
        roles.iter().filter(|role| own.contains(&role.holder)).for_each(|role| policy.merge(role));
    }
    asked.shared.iter().for_each(|shared| shared.allow(&mut policy));
    policy
}

/// The roles that are assumed.
fn entered(asked: &Asked<'_>) -> BTreeSet<String> {
    let access = asked.access;
    let write = |role: &'_ Option<String>| role.clone().filter(|_| asked.apply);
    let arn = |account: &str, role: &str| {
        if role.starts_with("arn:") {
            return role.to_owned();
        }
        format!("arn:{{partition}}:iam::{account}:role/{role}")
    };
    let everywhere = access.read_role.iter().cloned().chain(access.management_role.clone());
    let mut roles: BTreeSet<String> = everywhere.chain(write(&access.write_role)).map(|role| arn("*", &role)).collect();
    for (account, own) in &access.accounts {
        let named = own.read_role.iter().cloned().chain(write(&own.write_role));
        roles.extend(named.map(|role| arn(account.as_str(), &role)));
    }
    roles
}
