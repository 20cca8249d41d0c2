//! The password policy of an account.

use serde::{Deserialize, Serialize};

use crate::observe::iam::PasswordPolicy;
use crate::observe::{Call, ReadError};
use crate::steps::undo::iam::{DeleteAccountPasswordPolicy, RestorePasswordPolicy};
use crate::steps::{Atom, Risk, Step, Undo, Writer};

/// Sets the account's password policy.
///
/// [UpdateAccountPasswordPolicy](https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html)
/// replaces the whole policy, so everything that must stay is sent with what changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UpdateAccountPasswordPolicy {
    /// The policy afterwards.
    pub policy: PasswordPolicy,
    /// The policy it replaces; none: there is none.
    pub before: Option<PasswordPolicy>,
}

impl UpdateAccountPasswordPolicy {
    /// Whether passwords begin to expire, or expire sooner than before.
    fn shortens_age(&self) -> bool {
        let before = self.before.as_ref().and_then(|policy| policy.max_age_days);
        match (before, self.policy.max_age_days) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(before), Some(after)) => after < before,
        }
    }

    fn locks_out(&self) -> bool {
        self.policy.hard_expiry && !self.before.as_ref().is_some_and(|policy| policy.hard_expiry)
    }
}

pub(in crate::steps) const UPDATE: Call =
    Call { service: "IAM", operation: "UpdateAccountPasswordPolicy", action: "iam:UpdateAccountPasswordPolicy" };

/// Sends a whole policy.
pub(in crate::steps) async fn send(writer: &Writer, policy: &PasswordPolicy, undo: Undo) -> Result<(), ReadError> {
    // An age or a number of former passwords that is not set is left out of the call: 0 is refused.
    let number = |value: Option<u32>| value.and_then(|value| i32::try_from(value).ok());
    let request = writer
        .session
        .iam()
        .update_account_password_policy()
        .set_minimum_password_length(number(Some(policy.minimum_length)))
        .require_symbols(policy.require_symbols)
        .require_numbers(policy.require_numbers)
        .require_uppercase_characters(policy.require_uppercase)
        .require_lowercase_characters(policy.require_lowercase)
        .allow_users_to_change_password(policy.allow_users_to_change)
        .set_max_password_age(number(policy.max_age_days))
        .set_password_reuse_prevention(number(policy.reuse_prevention))
        .hard_expiry(policy.hard_expiry);
    writer.write(&writer.at, &UPDATE, undo, request.send()).await
}

impl Atom for UpdateAccountPasswordPolicy {
    const CALLS: &'static [Call] = &[UPDATE];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let set = self.policy.clone();
        let back = match self.before.clone() {
            Some(before) => Step::RestorePasswordPolicy(RestorePasswordPolicy { set, before }),
            None => Step::DeleteAccountPasswordPolicy(DeleteAccountPasswordPolicy { set }),
        };
        send(writer, &self.policy, Undo::by(back)).await
    }

    fn says(&self) -> String {
        let sent = match self.before {
            Some(_) => "UpdateAccountPasswordPolicy with the former values and what has to change",
            None => "UpdateAccountPasswordPolicy: the account's first policy",
        };
        let days = self.policy.max_age_days.filter(|_| self.shortens_age());
        let expired = days.map(|days| format!("; passwords older than {days} days have expired then"));
        let locked = self.locks_out().then_some("; users with an expired password are locked out then");
        format!("{sent}{}{}", expired.unwrap_or_default(), locked.unwrap_or_default())
    }

    fn risk(&self) -> Risk {
        if self.shortens_age() || self.locks_out() { Risk::Disruptive } else { Risk::Safe }
    }

    fn undo(&self) -> String {
        match self.before {
            Some(_) => "UpdateAccountPasswordPolicy with the former values".to_owned(),
            None => "DeleteAccountPasswordPolicy".to_owned(),
        }
    }
}
