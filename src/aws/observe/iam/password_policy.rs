//! The password policy of an account.

use serde::{Deserialize, Serialize};

use crate::observe::{Call, Home, Observe, ReadError, Reader, Scope};
use crate::target::Target;
use crate::{Absent, Session};

/// The rules for the passwords of an account's IAM users, as
/// [GetAccountPasswordPolicy](https://docs.aws.amazon.com/IAM/latest/APIReference/API_PasswordPolicy.html) answers them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "the API has these five switches")]
pub struct PasswordPolicy {
    /// Characters at least.
    pub minimum_length: u32,
    /// A character that is neither letter nor digit is required.
    pub require_symbols: bool,
    /// A digit is required.
    pub require_numbers: bool,
    /// A letter from A to Z is required.
    pub require_uppercase: bool,
    /// A letter from a to z is required.
    pub require_lowercase: bool,
    /// Users may change their own password.
    pub allow_users_to_change: bool,
    /// Days until a password expires; none: never.
    pub max_age_days: Option<u32>,
    /// How many former passwords may not be used again; none: all may.
    pub reuse_prevention: Option<u32>,
    /// A user whose password expired cannot set a new one.
    pub hard_expiry: bool,
}

/// What a policy makes of a password, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It lets its user in.
    Valid,
    /// Its user has to set a new one when signing in.
    Expired,
    /// Its user is locked out until an administrator sets a new one.
    LockedOut,
}

impl PasswordPolicy {
    /// What AWS enforces of it where an account has no policy of its own, and so what its first policy may not go below.
    #[must_use]
    pub fn without() -> Self {
        Self {
            minimum_length: LENGTH_WITHOUT_POLICY,
            require_symbols: false,
            require_numbers: false,
            require_uppercase: false,
            require_lowercase: false,
            allow_users_to_change: false,
            max_age_days: None,
            reuse_prevention: None,
            hard_expiry: false,
        }
    }

    /// What becomes of a password that is so many days old.
    #[must_use]
    pub fn fate(&self, days: u32) -> Fate {
        match self.max_age_days {
            Some(most) if days >= most && self.hard_expiry => Fate::LockedOut,
            Some(most) if days >= most => Fate::Expired,
            _ => Fate::Valid,
        }
    }

    /// Whether some password fares worse by it than by the policy before; without one, every password is valid.
    #[must_use]
    pub fn hits(&self, before: Option<&Self>) -> bool {
        self.max_age_days.is_some_and(|days| self.worsens(before, days).is_some())
    }

    /// What becomes of a password of so many days, where that is worse than by the policy before.
    #[must_use]
    pub fn worsens(&self, before: Option<&Self>, days: u32) -> Option<Fate> {
        let fate = self.fate(days);
        (fate > before.map_or(Fate::Valid, |before| before.fate(days))).then_some(fate)
    }
}

impl Observe for Option<PasswordPolicy> {
    const NAME: &'static str = "iam.password_policy";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[GET];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        look(reader.session()?, reader.at()).await
    }
}

/// The call that reads the policy.
pub(crate) const GET: Call =
    Call { service: "IAM", operation: "GetAccountPasswordPolicy", action: "iam:GetAccountPasswordPolicy" };

/// The password policy of an account.
pub(crate) async fn look(session: &Session, at: &Target) -> Result<Option<PasswordPolicy>, ReadError> {
    let asked = session.iam().get_account_password_policy();
    let sending = async { asked.send().await.absent_on(&["NoSuchEntity"]) };
    let answer = session.ask(at, &GET, sending).await?;
    let Some(policy) = answer.and_then(|answer| answer.password_policy) else { return Ok(None) };
    // An unset age or reuse is left out by AWS, and answered as 0 by some who speak its protocol.
    let set = |value: Option<i32>| value.and_then(|v| u32::try_from(v).ok()).filter(|v| *v > 0);
    Ok(Some(PasswordPolicy {
        minimum_length: set(policy.minimum_password_length).unwrap_or(DEFAULT_MINIMUM_LENGTH),
        require_symbols: policy.require_symbols,
        require_numbers: policy.require_numbers,
        require_uppercase: policy.require_uppercase_characters,
        require_lowercase: policy.require_lowercase_characters,
        allow_users_to_change: policy.allow_users_to_change_password,
        max_age_days: set(policy.max_password_age),
        reuse_prevention: set(policy.password_reuse_prevention),
        hard_expiry: policy.hard_expiry.unwrap_or(false),
    }))
}

/// The length that AWS enforces without a policy.
const LENGTH_WITHOUT_POLICY: u32 = 8;

/// What `UpdateAccountPasswordPolicy` sets where no minimum length is sent.
const DEFAULT_MINIMUM_LENGTH: u32 = 6;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::observe::Homes;
    use crate::stub::{Stub, caller, xml};
    use crate::{Entry, Guard};

    /// The policy of an account that answers with these elements.
    async fn seen(elements: &'static str) -> PasswordPolicy {
        let stub = Stub::new(move |_| {
            xml(
                200,
                &format!(
                    "<GetAccountPasswordPolicyResponse><GetAccountPasswordPolicyResult><PasswordPolicy>{elements}\
                     </PasswordPolicy></GetAccountPasswordPolicyResult></GetAccountPasswordPolicyResponse>"
                ),
            )
        });
        let caller = caller();
        let guard = Arc::new(Guard::new(Option::<PasswordPolicy>::CALLS.iter().copied()));
        let session = stub.base().await.enter(&caller, &caller.account, Entry::Own, &guard);
        let homes = Arc::new(Homes::live(None, "eu-west-1".parse().expect("a region"), None));
        let seen = Reader::live(session, &homes).get::<Option<PasswordPolicy>>().await.expect("an answer");
        Option::clone(&*seen).expect("there is one")
    }

    #[tokio::test]
    async fn an_age_and_a_reuse_of_zero_are_unset_as_those_that_are_left_out() {
        let left_out = seen("<MinimumPasswordLength>10</MinimumPasswordLength>").await;
        assert_eq!((left_out.max_age_days, left_out.reuse_prevention, left_out.hard_expiry), (None, None, false));
        let zero = seen(
            "<MinimumPasswordLength>10</MinimumPasswordLength><MaxPasswordAge>0</MaxPasswordAge>\
             <PasswordReusePrevention>0</PasswordReusePrevention>",
        );
        assert_eq!(zero.await, left_out);
    }

    #[tokio::test]
    async fn what_is_set_is_read_as_it_is() {
        let set = seen(
            "<MinimumPasswordLength>20</MinimumPasswordLength><RequireSymbols>true</RequireSymbols>\
             <MaxPasswordAge>90</MaxPasswordAge><PasswordReusePrevention>24</PasswordReusePrevention>\
             <ExpirePasswords>true</ExpirePasswords><HardExpiry>true</HardExpiry>",
        )
        .await;
        assert_eq!((set.minimum_length, set.max_age_days, set.reuse_prevention), (20, Some(90), Some(24)));
        assert!(set.require_symbols && set.hard_expiry && !set.require_numbers && !set.allow_users_to_change);
    }
}
