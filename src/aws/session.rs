//! A session in one account: its credentials, and what everything sent there goes through.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::SessionPolicy;
use crate::observe::{Call, DeniedBy, ReadError};
use crate::target::{AccountId, Partition, Region, Target};

/// How an account is entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// By the caller's own credentials.
    Own,
    /// By assuming a role.
    Role {
        /// Names, or full ARNs, tried in order: where one is refused, the next is tried.
        roles: Vec<String>,
        /// The external id that the role's trust asks for.
        external_id: Option<String>,
        /// What the role session is narrowed to.
        policy: Option<SessionPolicy>,
    },
}

/// Why an account could not be entered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("could not enter {account} as {}: {refusal}: {message}", tried.join(", "))]
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

/// A session in one account. Cheap to clone; all clones share credentials, permits and counters.
#[derive(Clone)]
pub struct Session(Arc<()>);

impl Session {
    /// The account.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        let _ = &self.0;
        todo!()
    }

    /// The partition of the account.
    #[must_use]
    pub fn partition(&self) -> &Partition {
        todo!()
    }

    /// The region that things without a region of their own are asked in.
    #[must_use]
    pub fn home_region(&self) -> &Region {
        todo!()
    }

    /// Enters the account now, if that was not done yet.
    ///
    /// # Errors
    /// No role could be assumed. The answer is kept: asking again sends nothing.
    pub async fn identity(&self) -> Result<(), EnterError> {
        todo!()
    }

    /// The ARN of the role that was assumed; none before the first use, and with the caller's own credentials.
    #[must_use]
    pub fn role(&self) -> Option<String> {
        todo!()
    }

    /// The calls that were sent in this account, by region (none: the global endpoint was asked), retries among them.
    #[must_use]
    pub fn calls(&self) -> BTreeMap<(Region, Call), u64> {
        todo!()
    }

    /// Sends one call of a client of this session, when it is its turn, and says why where there is no answer.
    ///
    /// # Errors
    /// The account could not be entered, or AWS gave no answer.
    pub async fn ask<T, E>(
        &self,
        at: &Target,
        call: &Call,
        sending: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, ReadError>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let _ = (at, call, sending.await);
        todo!()
    }
}
