//! The password policy of an account.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::observe::iam::PasswordPolicy;
use crate::observe::{Call, ReadError};
use crate::steps::atom::named;
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
    /// The users who have to set a new password when they sign in next, because theirs is as old already.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expires: Vec<String>,
    /// The users who are locked out, because their password is as old already.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locks_out: Vec<String>,
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

    fn hardens_expiry(&self) -> bool {
        self.policy.hard_expiry && !self.before.as_ref().is_some_and(|policy| policy.hard_expiry)
    }

    /// Whom it hits at once.
    fn hits(&self) -> String {
        let users =
            |users: &[String]| if users.len() == 1 { "1 user".to_owned() } else { format!("{} users", users.len()) };
        let (locks_out, expires) = (&self.locks_out, &self.expires);
        let mut hits = vec![];
        if !locks_out.is_empty() {
            hits.push(format!("locks out {} ({})", users(locks_out), named(locks_out)));
        }
        if !expires.is_empty() {
            hits.push(format!("makes {} set a new password ({})", users(expires), named(expires)));
        }
        hits.join("; ")
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
        let what = match self.before {
            Some(_) => "UpdateAccountPasswordPolicy with the former values and what has to change",
            None => "UpdateAccountPasswordPolicy: the account's first policy",
        };
        let hits = self.hits();
        if hits.is_empty() { what.to_owned() } else { format!("{what}: {hits}") }
    }

    /// Who set a new password since it was planned is not hit any more; nobody else may be.
    fn beside(&self, other: &Self) -> Option<Self> {
        let both = |one: &[String], other: &[String]| {
            let all: BTreeSet<&String> = one.iter().chain(other).collect();
            all.into_iter().cloned().collect::<Vec<_>>()
        };
        (self.policy == other.policy && self.before == other.before).then(|| Self {
            expires: both(&self.expires, &other.expires),
            locks_out: both(&self.locks_out, &other.locks_out),
            ..self.clone()
        })
    }

    fn risk(&self) -> Risk {
        if self.shortens_age() || self.hardens_expiry() { Risk::Disruptive } else { Risk::Safe }
    }

    fn undo(&self) -> String {
        match self.before {
            Some(_) => "UpdateAccountPasswordPolicy with the former values".to_owned(),
            None => "DeleteAccountPasswordPolicy".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(expires: &[&str], locks_out: &[&str]) -> UpdateAccountPasswordPolicy {
        let all = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let policy = PasswordPolicy { max_age_days: Some(90), ..PasswordPolicy::without() };
        UpdateAccountPasswordPolicy { policy, before: None, expires: all(expires), locks_out: all(locks_out) }
    }

    #[test]
    fn whom_it_hits_is_named() {
        let first = "UpdateAccountPasswordPolicy: the account's first policy";
        assert_eq!(step(&[], &[]).says(), first);
        assert_eq!(
            step(&["a", "b", "c", "d", "e", "f"], &["g"]).says(),
            format!("{first}: locks out 1 user (g); makes 6 users set a new password (a, b, c, d, e, …)")
        );
    }

    #[test]
    fn a_planned_step_covers_one_that_hits_fewer_and_none_that_hits_somebody_else() {
        let covers = |planned: &UpdateAccountPasswordPolicy, now: &UpdateAccountPasswordPolicy| {
            let of = |step: &UpdateAccountPasswordPolicy| Step::UpdateAccountPasswordPolicy(step.clone());
            of(planned).covers(&of(now))
        };
        let planned = step(&["ada", "bob"], &[]);
        assert!(covers(&planned, &planned) && covers(&planned, &step(&["bob"], &[])));
        assert!(covers(&planned, &step(&[], &[])));
        for now in [step(&["ada", "carl"], &[]), step(&[], &["ada"])] {
            assert!(!covers(&planned, &now), "{now:?}");
        }
        let mut weaker = planned.clone();
        weaker.policy.minimum_length -= 1;
        assert!(!covers(&planned, &weaker), "another policy was not planned");
    }
}
