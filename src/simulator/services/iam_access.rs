//! What a user signs in with: a password for the console, and access keys.

use super::iam::{User, conflict, listed, missing, taken};
use super::iam_users::user;
use crate::fault::Fault;
use crate::front::Call;
use crate::world::{Caller, Principal, World};
use serde::Serialize;
use serde_json::{Value, json};

/// A password for the console.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Login {
    /// Seconds since the epoch.
    pub created: i64,
    /// When it was set since: only the credential report says that.
    pub changed: Option<i64>,
    /// When it was used last.
    pub last_used: Option<i64>,
    /// It has to be changed at the next sign-in.
    pub reset: bool,
}

/// An access key. Its secret is with the world's credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccessKey {
    /// `AKIA…`.
    pub id: String,
    /// Whether it may be used.
    pub active: bool,
    /// Seconds since the epoch.
    pub created: i64,
    /// When it was changed since: only the credential report says that.
    pub changed: Option<i64>,
    /// When it was used last.
    pub last_used: Option<LastUse>,
}

/// When and where an access key was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LastUse {
    /// Seconds since the epoch.
    pub at: i64,
    /// The region.
    pub region: String,
    /// The service, such as `s3`.
    pub service: String,
}

pub(super) fn create_login(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (now, reset) = (call.now(), call.flag("PasswordResetRequired").unwrap_or(false));
    call.need("Password")?;
    let (name, user) = user(call)?;
    if user.login.is_some() {
        return Err(taken(format!("Login Profile for user {name} already exists.")));
    }
    let login = Login { created: now, changed: None, last_used: None, reset };
    let answer = shown(&name, &login);
    user.login = Some(login);
    Ok(json!({ "LoginProfile": answer }))
}

fn shown(name: &str, login: &Login) -> Value {
    json!({"UserName": name, "CreateDate": login.created, "PasswordResetRequired": login.reset})
}

pub(super) fn get_login(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (name, user) = user(call)?;
    match &user.login {
        Some(login) => Ok(json!({ "LoginProfile": shown(&name, login) })),
        None => Err(no_login(&name)),
    }
}

pub(super) fn delete_login(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (name, user) = user(call)?;
    user.login.take().map(|_| json!({})).ok_or_else(|| no_login(&name))
}

fn no_login(name: &str) -> Fault {
    missing(format!("Login Profile for User {name} cannot be found."))
}

/// The most access keys that a user may have, the root user as well.
const MOST_KEYS: usize = 2;

/// The access keys that a call is about, and whose they are; none: the root user's, who names nobody.
fn keys<'a>(call: &'a mut Call<'_>) -> Result<(Option<String>, &'a mut Vec<AccessKey>), Fault> {
    let root = matches!(call.caller.principal, Principal::Root | Principal::RootTask(_));
    if root && call.text("UserName").is_none() {
        return Ok((None, &mut call.mine().iam.root.keys));
    }
    let (name, user) = user(call)?;
    Ok((Some(name), &mut user.keys))
}

pub(super) fn create_key(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (account, now, partition) = (call.account.to_owned(), call.now(), call.world.partition.clone());
    let (name, keys) = self::keys(call)?;
    if keys.len() >= MOST_KEYS {
        let message = format!("Cannot exceed quota for AccessKeysPerUser: {MOST_KEYS}");
        return Err(Fault::new(409, "LimitExceeded", message));
    }
    let holder = match &name {
        None => call.world.root_of(&account),
        Some(name) => {
            let (_, user) = user(call)?;
            let (arn, id) = (user.arn(&partition, &account, name), user.id.clone());
            Caller { account, arn, id, principal: Principal::User(name.clone()) }
        }
    };
    let made = call.world.issue(holder, None);
    let key = AccessKey { id: made.access_key_id.clone(), active: true, created: now, changed: None, last_used: None };
    self::keys(call)?.1.push(key);
    Ok(json!({"AccessKey": {
        "UserName": shown_name(name.as_ref()), "AccessKeyId": made.access_key_id, "Status": "Active",
        "SecretAccessKey": made.secret_access_key, "CreateDate": now,
    }}))
}

/// The root user has no name, and AWS's answers have a place for one.
fn shown_name(name: Option<&String>) -> &str {
    name.map_or("", String::as_str)
}

fn key<'a>(call: &'a mut Call<'_>) -> Result<&'a mut AccessKey, Fault> {
    let id = call.need("AccessKeyId")?.to_owned();
    let found = keys(call)?.1.iter_mut().find(|key| key.id == id);
    found.ok_or_else(|| missing(format!("The Access Key with id {id} cannot be found.")))
}

pub(super) fn update_key(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (active, now) = (call.need("Status")? == "Active", call.now());
    let key = key(call)?;
    (key.active, key.changed) = (active, Some(now));
    Ok(json!({}))
}

pub(super) fn delete_key(call: &mut Call<'_>) -> Result<Value, Fault> {
    let id = key(call)?.id.clone();
    keys(call)?.1.retain(|key| key.id != id);
    call.world.credentials.remove(&id);
    Ok(json!({}))
}

pub(super) fn list_keys(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (name, keys) = keys(call)?;
    let (name, status) = (shown_name(name.as_ref()), |key: &AccessKey| if key.active { "Active" } else { "Inactive" });
    let shown = |key: &AccessKey| json!({"UserName": name, "AccessKeyId": key.id, "Status": status(key), "CreateDate": key.created});
    let keys = keys.iter().map(shown).collect();
    listed(call, "AccessKeyMetadata", keys)
}

pub(super) fn last_used(call: &mut Call<'_>) -> Result<Value, Fault> {
    let id = call.need("AccessKeyId")?.to_owned();
    let users = &call.mine().iam.users;
    let found = users.iter().find_map(|(name, user)| Some((name, user.keys.iter().find(|key| key.id == id)?)));
    // A key that is not the account's is answered as a refusal, so that nobody learns whose it is.
    let Some((name, key)) = found else {
        return Err(Fault::denied(format!("User is not authorized to perform: iam:GetAccessKeyLastUsed on {id}")));
    };
    let last = match &key.last_used {
        Some(last) => json!({"LastUsedDate": last.at, "Region": last.region, "ServiceName": last.service}),
        None => json!({"Region": "N/A", "ServiceName": "N/A"}),
    };
    Ok(json!({"UserName": name, "AccessKeyLastUsed": last}))
}

/// What has to go before a user can be deleted.
pub(super) fn in_the_way(user: &User) -> Option<Fault> {
    let what = if user.login.is_some() {
        "login profile"
    } else if !user.keys.is_empty() {
        "access keys"
    } else if !user.mfa.is_empty() {
        "MFA device"
    } else if !user.inline.is_empty() || !user.attached.is_empty() {
        "policies"
    } else {
        return None;
    };
    Some(conflict(format!("Cannot delete entity, must delete {what} first.")))
}

/// Whether the key of a caller may not be used any more.
pub(crate) fn is_inactive(world: &World, caller: &Caller, id: &str) -> bool {
    let iam = world.known(&caller.account).map(|account| &account.iam);
    let keys = match &caller.principal {
        Principal::User(name) => iam.and_then(|iam| iam.users.get(name)).map(|user| &user.keys),
        Principal::Root => iam.map(|iam| &iam.root.keys),
        Principal::RootTask(_) | Principal::Role(_) => None,
    };
    keys.is_some_and(|keys| keys.iter().any(|key| key.id == id && !key.active))
}
