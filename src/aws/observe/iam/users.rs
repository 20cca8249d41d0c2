//! The users of an account, as far as they are asked about.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::live::{AccessKey, AccessKeys, HasMfa, LoginProfile, SignIn};
use super::{Credentials, Details, Inline, Report};
use crate::observe::{Call, Home, Observe, ReadError, Readable, Reader, Reads, Scope};
use crate::ownership::Signs;

/// Of whom MFA is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MfaOf {
    /// Users with a password for the console.
    Console,
    /// Every user.
    Everyone,
}

/// What is asked about users. What nobody asks about is not read, and what the report has to say is read again only of
/// users who fall short of this by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// MFA.
    pub mfa: Option<MfaOf>,
    /// After how many days a password or a key counts as unused.
    pub max_unused_days: Option<u32>,
    /// How old a key may be.
    pub max_key_age_days: Option<u32>,
    /// No second active key.
    pub one_active_key: bool,
    /// No key that was made with the user.
    pub no_initial_access_key: bool,
    /// The policies of users.
    pub policies: bool,
    /// The day that ages are counted to.
    pub today: Date,
}

impl Asked {
    /// Whether anything of the credential report is asked about.
    #[must_use]
    pub fn credentials(&self) -> bool {
        self.mfa.is_some() || self.max_unused_days.is_some() || self.keys()
    }

    /// Whether anything of keys is asked about but their use.
    fn keys(&self) -> bool {
        self.max_key_age_days.is_some() || self.one_active_key || self.no_initial_access_key
    }

    fn age(&self, since: Option<Timestamp>) -> Option<i32> {
        since.map(|since| (self.today - since.to_zoned(TimeZone::UTC).date()).get_days())
    }

    fn is_older(&self, since: Option<Timestamp>, than: Option<u32>) -> bool {
        let than = than.map(|days| i32::try_from(days).unwrap_or(i32::MAX));
        matches!((self.age(since), than), (Some(age), Some(than)) if age > than)
    }

    /// Whether a user falls short on MFA.
    #[must_use]
    pub fn lacks_mfa(&self, password: bool, mfa: bool) -> bool {
        let asked = match self.mfa {
            None => false,
            Some(MfaOf::Console) => password,
            Some(MfaOf::Everyone) => true,
        };
        asked && !mfa
    }

    /// Whether a password is unused for too long. One that was never used is as old as it is.
    #[must_use]
    pub fn is_unused(&self, password: &Password) -> bool {
        self.is_older(password.last_used.or(password.since), self.max_unused_days)
    }

    /// Whether an active key is unused for too long.
    #[must_use]
    pub fn is_idle(&self, key: &AccessKey) -> bool {
        key.active && self.is_older(key.last_used.or(key.created), self.max_unused_days)
    }

    /// Whether an active key is too old.
    #[must_use]
    pub fn is_old(&self, key: &AccessKey) -> bool {
        key.active && self.is_older(key.created, self.max_key_age_days)
    }

    /// Whether an active key was made with the user, and never used.
    #[must_use]
    pub fn is_initial(&self, created: Option<Timestamp>, key: &AccessKey) -> bool {
        let (Some(user), Some(made)) = (created, key.created) else { return false };
        self.no_initial_access_key
            && key.active
            && key.last_used.is_none()
            && (made.as_second() - user.as_second()).abs() <= WITH_THE_USER
    }
}

/// Seconds within which a key is made in the same form as its user.
const WITH_THE_USER: i64 = 60;

/// The users of an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Users(pub Vec<User>);

/// A user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// The name.
    pub name: String,
    /// The path, such as `/`.
    pub path: String,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// The password, if there is one.
    pub password: Readable<Option<Password>>,
    /// Whether there is an MFA device.
    pub mfa: Readable<bool>,
    /// The access keys. Where the report had no complaint they have no ids.
    pub keys: Readable<Vec<AccessKey>>,
    /// Inline policies.
    pub inline: Vec<Inline>,
    /// ARNs of attached policies.
    pub attached: Vec<String>,
    /// Its tags that say who looks after it; none: they were not read.
    pub signs: Option<Signs>,
    /// Whether trueup was started by its keys.
    #[serde(default)]
    pub runs_this: bool,
}

/// A password for the console.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Password {
    /// When it was used last.
    pub last_used: Option<Timestamp>,
    /// When it was set.
    pub since: Option<Timestamp>,
}

impl User {
    /// As the report has it.
    fn reported(row: &Credentials) -> Self {
        let password =
            || Password { last_used: row.password_last_used, since: row.password_last_changed.or(row.created) };
        let keys = row.keys.iter().filter(|key| key.active || key.rotated.is_some()).map(|key| AccessKey {
            active: key.active,
            created: key.rotated,
            last_used: key.last_used,
            ..AccessKey::default()
        });
        Self {
            name: row.user.clone(),
            path: row.path.clone(),
            created: row.created,
            password: Readable::Read((row.password == Some(true)).then(password)),
            mfa: Readable::Read(row.mfa),
            keys: Readable::Read(keys.collect()),
            inline: vec![],
            attached: vec![],
            signs: None,
            runs_this: false,
        }
    }

    /// Reads again what the report complains of; of a user whom it does not have, everything.
    async fn made_sure(mut self, reader: &Reader, asked: &Asked, reported: bool) -> Self {
        let password = self.password.as_result().ok().cloned().flatten();
        let mfa = self.mfa.as_result().is_ok_and(|mfa| *mfa);
        let lacks_mfa = asked.lacks_mfa(password.is_some(), mfa);
        let unused = password.as_ref().is_some_and(|password| asked.is_unused(password));
        let keys = self.keys.as_result().map_or(&[][..], Vec::as_slice);
        let short = |key: &AccessKey| asked.is_idle(key) || asked.is_old(key) || asked.is_initial(self.created, key);
        let too_many = asked.one_active_key && keys.iter().filter(|key| key.active).count() > 1;
        let keys_fall_short = too_many || keys.iter().any(short);
        if asked.mfa.is_some() && (lacks_mfa || !reported) {
            self.mfa = reader.of::<HasMfa>(&self.name).await.map(|seen| seen.0).into();
        }
        if (lacks_mfa && asked.mfa == Some(MfaOf::Console)) || unused || (asked.needs_password() && !reported) {
            let with_use = unused || (!reported && asked.max_unused_days.is_some());
            let known = password.and_then(|password| password.last_used).filter(|_| !with_use);
            self.password = now(reader, &self.name, known, with_use).await.into();
        }
        if keys_fall_short || (!reported && (asked.keys() || asked.max_unused_days.is_some())) {
            self.keys = reader.of::<AccessKeys>(&self.name).await.map(|seen| seen.0.clone()).into();
        }
        self
    }
}

impl Asked {
    fn needs_password(&self) -> bool {
        self.mfa == Some(MfaOf::Console) || self.max_unused_days.is_some() || self.no_initial_access_key
    }
}

/// The password of a user at this moment, and when it was used last: `known`, unless it has to be read as well.
async fn now(
    reader: &Reader,
    name: &String,
    known: Option<Timestamp>,
    with_use: bool,
) -> Result<Option<Password>, ReadError> {
    let Some(since) = reader.of::<LoginProfile>(name).await?.0 else { return Ok(None) };
    let last_used = if with_use { reader.of::<SignIn>(name).await?.0 } else { known };
    Ok(Some(Password { last_used, since: Some(since) }))
}

impl Observe for Users {
    const NAME: &'static str = "iam.users";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[];
    type Key = Asked;

    async fn observe(reader: &Reader, asked: &Asked) -> Result<Self, ReadError> {
        let report = async { if asked.credentials() { reader.get::<Report>().await.map(Some) } else { Ok(None) } };
        let details = async { if asked.policies { reader.get::<Details>().await.map(Some) } else { Ok(None) } };
        let (report, details) = futures::try_join!(report, details)?;
        let rows = report.as_ref().map_or(&[][..], |report| &report.users);
        let mut users: Vec<(User, bool)> = rows.iter().map(|row| (User::reported(row), true)).collect();
        if let Some(details) = &details {
            // Who is not there any more has no policies; who came since has them, and is not in the report.
            users.retain(|(user, _)| details.users.iter().any(|known| known.name == user.name));
            for known in &details.users {
                let found = users.iter().position(|(user, _)| user.name == known.name);
                let place = found.unwrap_or_else(|| {
                    let (name, path) = (known.name.clone(), known.path.clone());
                    let row = Credentials { user: name, path, ..Credentials::default() };
                    users.push((User { created: known.created, ..User::reported(&row) }, report.is_none()));
                    users.len() - 1
                });
                let user = &mut users[place].0;
                user.inline.clone_from(&known.inline);
                user.attached.clone_from(&known.attached);
                user.signs = Some(known.signs.clone());
            }
        }
        users.sort_by(|a, b| a.0.name.cmp(&b.0.name));
        // Kept evidence is judged without a session, and nothing is written by it.
        let own = reader.session().ok().and_then(|session| session.own_user());
        for (user, _) in &mut users {
            user.runs_this = own == Some(&user.name);
        }
        // The session limits how many of these are in flight.
        let sure = users.into_iter().map(|(user, reported)| user.made_sure(reader, asked, reported));
        Ok(Self(futures::future::join_all(sure).await))
    }

    fn builds_on() -> Vec<Reads> {
        vec![
            Reads::of::<Report>(),
            Reads::of::<Details>(),
            Reads::of::<LoginProfile>(),
            Reads::of::<HasMfa>(),
            Reads::of::<SignIn>(),
            Reads::of::<AccessKeys>(),
        ]
    }
}
