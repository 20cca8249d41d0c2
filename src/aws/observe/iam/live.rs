//! What a user has at this moment: the credential report may be four hours old, and nobody is to lose a password or a key
//! for what it says alone.

use aws_sdk_iam::types as sdk;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::observe::{Call, Home, Observe, ReadError, Reader, Scope};
use crate::target::Target;
use crate::{Absent, Session};

const GONE: &[&str] = &["NoSuchEntity"];

fn moment(time: aws_sdk_iam::primitives::DateTime) -> Option<Timestamp> {
    Timestamp::from_second(time.secs()).ok()
}

/// When the password of a user was made; none: there is no password, or no such user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginProfile(pub Option<Timestamp>);

impl Observe for LoginProfile {
    const NAME: &'static str = "iam.login_profile";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] =
        &[Call { service: "IAM", operation: "GetLoginProfile", action: "iam:GetLoginProfile" }];
    type Key = String;

    async fn observe(reader: &Reader, user: &String) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let asked = session.iam().get_login_profile().user_name(user);
        let sending = async { asked.send().await.absent_on(GONE) };
        let answer = session.ask(reader.at(), &Self::CALLS[0], sending).await?;
        let profile = answer.and_then(|answer| answer.login_profile);
        Ok(Self(profile.and_then(|sdk::LoginProfile { create_date, .. }| moment(create_date))))
    }
}

/// Whether a user has an MFA device of any kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HasMfa(pub bool);

impl Observe for HasMfa {
    const NAME: &'static str = "iam.mfa_devices";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] =
        &[Call { service: "IAM", operation: "ListMFADevices", action: "iam:ListMFADevices" }];
    type Key = String;

    async fn observe(reader: &Reader, user: &String) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let asked = session.iam().list_mfa_devices().user_name(user);
        let sending = async { asked.send().await.absent_on(GONE) };
        let answer = session.ask(reader.at(), &Self::CALLS[0], sending).await?;
        Ok(Self(answer.is_some_and(|answer| !answer.mfa_devices.is_empty())))
    }
}

/// When a user signed in to the console last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn(pub Option<Timestamp>);

impl Observe for SignIn {
    const NAME: &'static str = "iam.sign_in";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[Call { service: "IAM", operation: "GetUser", action: "iam:GetUser" }];
    type Key = String;

    async fn observe(reader: &Reader, user: &String) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let asked = session.iam().get_user().user_name(user);
        let sending = async { asked.send().await.absent_on(GONE) };
        let answer = session.ask(reader.at(), &Self::CALLS[0], sending).await?;
        Ok(Self(answer.and_then(|answer| answer.user).and_then(|user| user.password_last_used).and_then(moment)))
    }
}

/// The access keys of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKeys(pub Vec<AccessKey>);

/// An access key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKey {
    /// Its id.
    pub id: String,
    /// Whether it may be used.
    pub active: bool,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// When it was changed since, such as made active again, as far as the credential report knows.
    #[serde(default)]
    pub changed: Option<Timestamp>,
    /// When it was used last; of one that is inactive it is not asked.
    pub last_used: Option<Timestamp>,
    /// With which service it was used last.
    pub service: Option<String>,
}

pub(crate) const LIST_KEYS: Call = Call { service: "IAM", operation: "ListAccessKeys", action: "iam:ListAccessKeys" };
const LAST_USED: Call = Call { service: "IAM", operation: "GetAccessKeyLastUsed", action: "iam:GetAccessKeyLastUsed" };

impl Observe for AccessKeys {
    const NAME: &'static str = "iam.access_keys";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[LIST_KEYS, LAST_USED];
    type Key = String;

    async fn observe(reader: &Reader, user: &String) -> Result<Self, ReadError> {
        let (session, at) = (reader.session()?, reader.at());
        let mut keys = list_keys(session, at, Some(user)).await?.unwrap_or_default();
        for key in keys.iter_mut().filter(|key| key.active) {
            let asked = session.iam().get_access_key_last_used().access_key_id(&key.id);
            let sending = async { asked.send().await.absent_on(GONE) };
            let answer = session.ask(at, &LAST_USED, sending).await?;
            let Some(last) = answer.and_then(|answer| answer.access_key_last_used) else { continue };
            key.last_used = last.last_used_date.and_then(moment);
            key.service = Some(last.service_name).filter(|name| name != "N/A");
        }
        Ok(Self(keys))
    }
}

/// The access keys of a user, or of who asks, without their use; none: there is no such user.
pub(crate) async fn list_keys(
    session: &Session,
    at: &Target,
    user: Option<&str>,
) -> Result<Option<Vec<AccessKey>>, ReadError> {
    let asked = session.iam().list_access_keys().set_user_name(user.map(str::to_owned));
    let sending = async { asked.send().await.absent_on(GONE) };
    let Some(answer) = session.ask(at, &LIST_KEYS, sending).await? else { return Ok(None) };
    let key = |sdk::AccessKeyMetadata { access_key_id, status, create_date, .. }| {
        let active = status.is_some_and(|status| status.as_str() == "Active");
        Some(AccessKey { id: access_key_id?, active, created: create_date.and_then(moment), ..AccessKey::default() })
    };
    let keys = answer.access_key_metadata.into_iter().filter_map(key);
    Ok(Some(keys.collect()))
}
