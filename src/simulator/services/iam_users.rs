//! Users and groups: who there is, and who belongs to whom.

use super::iam::{Group, User, conflict, listed, missing, taken};
use super::iam_access::in_the_way;
use super::iam_tags as tagging;
use crate::fault::Fault;
use crate::front::Call;
use crate::world::Principal;
use serde_json::{Value, json};

/// The name of the user that a call is about: the one it names, or the one who calls.
pub(super) fn of_call(call: &Call<'_>) -> Result<String, Fault> {
    match (call.text("UserName"), &call.caller.principal) {
        (Some(name), _) => Ok(name.to_owned()),
        (None, Principal::User(name)) => Ok(name.clone()),
        (None, _) => {
            Err(Fault::new(400, "ValidationError", "Must specify userName when calling with non-User credentials"))
        }
    }
}

/// The user that a call is about.
pub(super) fn user<'a>(call: &'a mut Call<'_>) -> Result<(String, &'a mut User), Fault> {
    let name = of_call(call)?;
    match call.mine().iam.users.get_mut(&name) {
        Some(user) => Ok((name, user)),
        None => Err(missing(format!("The user with name {name} cannot be found."))),
    }
}

/// The group that a call is about.
pub(super) fn group<'a>(call: &'a mut Call<'_>) -> Result<(String, &'a mut Group), Fault> {
    let name = call.need("GroupName")?.to_owned();
    match call.mine().iam.groups.get_mut(&name) {
        Some(group) => Ok((name, group)),
        None => Err(missing(format!("The group with name {name} cannot be found."))),
    }
}

fn shown(call: &Call<'_>, name: &str, user: &User) -> Value {
    let mut shown = json!({
        "Path": user.path(),
        "UserName": name,
        "UserId": user.id,
        "Arn": user.arn(&call.world.partition, call.account, name),
        "CreateDate": user.created,
    });
    if let Some(used) = user.login.as_ref().and_then(|login| login.last_used) {
        shown["PasswordLastUsed"] = json!(used);
    }
    shown
}

/// A user that is asked for alone comes with its tags; on a list of many they are left out.
fn alone(call: &Call<'_>, name: &str, user: &User) -> Value {
    let mut shown = shown(call, name, user);
    if !user.tags.is_empty() {
        shown["Tags"] = tagging::shown(&user.tags).into();
    }
    shown
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Value, Fault> {
    let name = call.need("UserName")?.to_owned();
    if call.mine().iam.users.keys().any(|known| known.eq_ignore_ascii_case(&name)) {
        return Err(taken(format!("User with name {name} already exists.")));
    }
    let user = User {
        path: call.text("Path").unwrap_or("/").to_owned(),
        id: format!("AIDA{}", call.world.token(17).to_uppercase()),
        created: call.now(),
        tags: tagging::sent(call)?,
        ..User::default()
    };
    let answer = alone(call, &name, &user);
    call.mine().iam.users.insert(name, user);
    Ok(json!({ "User": answer }))
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (name, user) = user(call)?;
    let user = user.clone();
    Ok(json!({ "User": alone(call, &name, &user) }))
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Value, Fault> {
    let prefix = call.text("PathPrefix").unwrap_or("/").to_owned();
    let users = call.mine().iam.users.clone();
    let all = users.iter().filter(|(_, user)| user.path().starts_with(&prefix));
    let all = all.map(|(name, user)| shown(call, name, user)).collect();
    listed(call, "Users", all)
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (name, user) = user(call)?;
    if let Some(fault) = in_the_way(user) {
        return Err(fault);
    }
    let iam = &mut call.mine().iam;
    if iam.groups.values().any(|group| group.users.contains(&name)) {
        return Err(conflict("Cannot delete entity, must remove user from group first."));
    }
    iam.users.remove(&name);
    Ok(json!({}))
}

pub(super) fn create_group(call: &mut Call<'_>) -> Result<Value, Fault> {
    let name = call.need("GroupName")?.to_owned();
    if call.mine().iam.groups.keys().any(|known| known.eq_ignore_ascii_case(&name)) {
        return Err(taken(format!("Group with name {name} already exists.")));
    }
    let group = Group {
        path: call.text("Path").unwrap_or("/").to_owned(),
        id: format!("AGPA{}", call.world.token(17).to_uppercase()),
        created: call.now(),
        ..Group::default()
    };
    let answer = json!({
        "Path": group.path, "GroupName": name, "GroupId": group.id, "CreateDate": group.created,
        "Arn": group.arn(&call.world.partition, call.account, &name),
    });
    call.mine().iam.groups.insert(name, group);
    Ok(json!({ "Group": answer }))
}

pub(super) fn join(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (name, _) = user(call)?;
    group(call)?.1.users.insert(name);
    Ok(json!({}))
}

pub(super) fn leave(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (name, _) = user(call)?;
    group(call)?.1.users.remove(&name);
    Ok(json!({}))
}
