//! Entering an account: one `AssumeRole` per account, at first use, refreshed before it runs out.

use std::fmt;
use std::sync::{self, Arc, OnceLock, PoisonError};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use aws_sdk_sts::types::PolicyDescriptorType;
use tokio::sync::Mutex;

use super::attempts::keeping;
use super::base::{ASSUME_ROLE, Base};
use super::caller::Caller;
use super::policy::SessionPolicy;
use crate::observe::{Class, DeniedBy, ReadError};
use crate::target::{AccountId, Target};

/// Credentials that run out sooner than this are fetched anew.
const SPARE: Duration = Duration::from_mins(5);

/// Why an account could not be entered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("could not enter {account} as {}: {refusal} ({message})", tried.join(", "))]
pub struct EnterError {
    /// The account.
    pub account: AccountId,
    /// The roles that were tried, as given.
    pub tried: Vec<String>,
    /// What kind of refusal it was.
    pub refusal: Refusal,
    /// The error code of AWS, where the answer had one.
    pub code: Option<String>,
    /// The words of AWS, or of the transport.
    pub message: String,
    /// The request id of AWS, where the answer had one.
    pub request_id: Option<String>,
}

/// What kind of refusal an entry met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No role could be assumed: there is none of that name, or it does not trust the caller.
    #[error("denied")]
    Denied(DeniedBy),
    /// The account is suspended.
    #[error("the account is suspended")]
    Suspended,
    /// Throttled until the retries were spent.
    #[error("throttled")]
    Throttled,
    /// Anything else.
    #[error("failed")]
    Failed,
}

impl EnterError {
    fn new(account: &AccountId, tried: &[String], error: ReadError) -> Self {
        let refusal = match error.class {
            // AWS has no code for it, only words.
            Class::Denied(_) if error.message.to_ascii_lowercase().contains("suspended") => Refusal::Suspended,
            Class::Denied(by) => Refusal::Denied(by),
            Class::Throttled => Refusal::Throttled,
            Class::RegionDisabled
            | Class::ServiceUnavailable
            | Class::Failed
            | Class::NotRead
            | Class::NotSent
            | Class::InDoubt => Refusal::Failed,
        };
        let ReadError { code, message, request_id, .. } = error;
        Self { account: account.clone(), tried: tried.to_vec(), refusal, code, message, request_id }
    }

    /// The same as the error of a read that needed the account.
    #[must_use]
    pub fn into_read_error(self, at: &Target) -> ReadError {
        let class = match self.refusal {
            Refusal::Denied(by) => Class::Denied(by),
            Refusal::Suspended => Class::Denied(DeniedBy::Unknown),
            Refusal::Throttled => Class::Throttled,
            Refusal::Failed => Class::Failed,
        };
        ReadError {
            at: at.clone(),
            action: ASSUME_ROLE.action.to_owned(),
            class,
            message: format!("as {}: {}", self.tried.join(", "), self.message),
            code: self.code,
            // That of another call than the one that needed the account, which was not sent.
            status: None,
            request_id: self.request_id,
        }
    }
}

/// The role, or roles, by which an account is entered.
#[derive(Clone, Debug)]
pub(super) struct Role {
    pub(super) account: AccountId,
    pub(super) caller: Caller,
    pub(super) roles: Vec<String>,
    pub(super) external_id: Option<String>,
    pub(super) policy: Option<SessionPolicy>,
}

/// The credentials of one account. All who need them at once wait for the same `AssumeRole`.
#[derive(Clone)]
pub(super) struct Assumption(Arc<Inner>);

struct Inner {
    base: Base,
    role: Role,
    assumed: OnceLock<String>,
    held: Mutex<Held>,
    /// The key of a session that AWS said has run out.
    run_out: sync::Mutex<Option<String>>,
}

enum Held {
    Nothing,
    Credentials { arn: String, credentials: Credentials },
    Refused(EnterError),
}

impl fmt::Debug for Assumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Assumption").field("role", &self.0.role).finish_non_exhaustive()
    }
}

impl Assumption {
    pub(super) fn new(base: Base, role: Role) -> Self {
        Self(Arc::new(Inner {
            base,
            role,
            assumed: OnceLock::new(),
            held: Mutex::new(Held::Nothing),
            run_out: sync::Mutex::default(),
        }))
    }

    /// The ARN of the role, once it was assumed.
    pub(super) fn role(&self) -> Option<&str> {
        self.0.assumed.get().map(String::as_str)
    }

    /// Credentials that last. A refusal is kept, so that an account that cannot be entered is asked once.
    pub(super) async fn credentials(&self) -> Result<Credentials, EnterError> {
        let mut held = self.0.held.lock().await;
        match &*held {
            Held::Refused(refused) => Err(refused.clone()),
            Held::Credentials { credentials, .. } if self.lasts(credentials, SPARE) => Ok(credentials.clone()),
            Held::Credentials { arn, credentials } => {
                let arn = arn.clone();
                match self.0.assume(&arn).await {
                    Ok(fresh) => {
                        *held = Held::Credentials { arn, credentials: fresh.clone() };
                        Ok(fresh)
                    }
                    // What is left of the old ones is better than nothing; the next use tries again.
                    Err(_) if self.lasts(credentials, Duration::ZERO) => Ok(credentials.clone()),
                    Err(error) => Err(EnterError::new(&self.0.role.account, std::slice::from_ref(&arn), error)),
                }
            }
            Held::Nothing => {
                let first = self.0.first_of_roles().await;
                *held = match &first {
                    Ok((arn, credentials)) => {
                        let arn = self.0.assumed.get_or_init(|| arn.clone()).clone();
                        Held::Credentials { arn, credentials: credentials.clone() }
                    }
                    Err(refused) => Held::Refused(refused.clone()),
                };
                first.map(|(_, credentials)| credentials)
            }
        }
    }

    /// AWS said that the session of this key has run out: it is not used again.
    pub(super) fn ran_out(&self, access_key_id: &str) {
        *self.0.run_out.lock().unwrap_or_else(PoisonError::into_inner) = Some(access_key_id.to_owned());
    }

    fn lasts(&self, credentials: &Credentials, spare: Duration) -> bool {
        let run_out = self.0.run_out.lock().unwrap_or_else(PoisonError::into_inner);
        if run_out.as_deref() == Some(credentials.access_key_id()) {
            return false;
        }
        credentials.expiry().is_none_or(|end| self.0.base.now() + spare < end)
    }
}

impl Inner {
    /// Tries the roles in order. Only a denial leads on to the next: a role that is throttled may well be there.
    async fn first_of_roles(&self) -> Result<(String, Credentials), EnterError> {
        let Role { account, caller, roles, .. } = &self.role;
        let mut refused = None;
        for (n, role) in roles.iter().enumerate() {
            let arn = if role.starts_with("arn:") {
                role.clone()
            } else {
                format!("arn:{}:iam::{account}:role/{role}", caller.partition)
            };
            match self.assume(&arn).await {
                Ok(credentials) => return Ok((arn, credentials)),
                Err(error) => {
                    let error = EnterError::new(account, &roles[..=n], error);
                    if !matches!(error.refusal, Refusal::Denied(_)) {
                        return Err(error);
                    }
                    refused = Some(error);
                }
            }
        }
        Err(refused.unwrap_or_else(|| EnterError {
            account: account.clone(),
            tried: vec![],
            refusal: Refusal::Failed,
            code: None,
            message: "no role is named".to_owned(),
            request_id: None,
        }))
    }

    /// How large a session policy is once AWS has packed it is not known before AWS says that it is too large.
    async fn assume(&self, arn: &str) -> Result<Credentials, ReadError> {
        let mut policy = self.role.policy.as_ref();
        loop {
            let answer = self.assume_with(arn, policy).await;
            let too_large = matches!(&answer, Err(error) if error.code.as_deref() == Some("PackedPolicyTooLarge"));
            match policy.and_then(|policy| policy.wider.as_deref()) {
                Some(wider) if too_large => policy = Some(wider),
                _ => return answer,
            }
        }
    }

    async fn assume_with(&self, arn: &str, policy: Option<&SessionPolicy>) -> Result<Credentials, ReadError> {
        let at = Target { account: self.role.account.clone(), region: None };
        let managed = policy.map(|policy| {
            policy.managed.iter().map(|arn| PolicyDescriptorType::builder().arn(arn).build()).collect::<Vec<_>>()
        });
        let request = self
            .base
            .sts()
            .assume_role()
            .role_arn(arn)
            .role_session_name(self.base.session_name())
            .set_external_id(self.role.external_id.clone())
            .set_policy(policy.and_then(|policy| policy.inline.clone()))
            .set_policy_arns(managed.filter(|arns| !arns.is_empty()));
        let mut answer = None;
        self.base.entering(&at, Box::pin(keeping(&mut answer, request.send())).as_mut()).await?;
        let answer = answer.expect("a call that was answered has an answer");
        let broken = |message: &str| ReadError {
            at: at.clone(),
            action: ASSUME_ROLE.action.to_owned(),
            class: Class::Failed,
            code: None,
            message: message.to_owned(),
            status: None,
            request_id: None,
        };
        let given = answer.credentials().ok_or_else(|| broken("the answer has no credentials"))?;
        let end = (*given.expiration()).try_into().map_err(|_| broken("the answer has no sensible expiry"))?;
        Ok(Credentials::new(
            given.access_key_id(),
            given.secret_access_key(),
            Some(given.session_token().to_owned()),
            Some(end),
            "trueup",
        ))
    }
}

impl ProvideCredentials for Assumption {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async { self.credentials().await.map_err(CredentialsError::provider_error) })
    }
}
