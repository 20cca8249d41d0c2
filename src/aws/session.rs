//! A session in one account: its credentials, and what everything sent there goes through.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime::client::retries::RetryPartition;
use tokio::sync::Semaphore;

use super::assume::{Assumption, EnterError, Role};
use super::attempts::{OnItsWay, keeping};
use super::base::Base;
use super::caller::Caller;
use super::clients::{Made, Outfit};
use super::errors::{Fault, Sending};
use super::guard::Guard;
use super::pacing::Lane;
use super::policy::SessionPolicy;
use crate::observe::{Call, ReadError};
use crate::target::{AccountId, Partition, Region, Target};

/// How many calls of one account may be in flight.
const IN_FLIGHT: usize = 8;

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

/// What was sent in one account; it goes away with the session, so that memory does not grow with the organization.
#[derive(Debug, Default)]
pub(super) struct Noted(Mutex<BTreeMap<(Region, Call), u64>>);

impl Noted {
    pub(super) fn note(&self, region: &Region, call: Call) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *noted.entry((region.clone(), call)).or_default() += 1;
    }
}

/// Where retries wait longer.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// A session in one account. Cheap to clone; all clones share credentials, permits and counters.
#[derive(Clone, Debug)]
pub struct Session(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    account: AccountId,
    partition: Partition,
    base: Base,
    outfit: Outfit,
    made: Made,
    in_flight: Semaphore,
    /// None: the caller's own credentials.
    assumption: Option<Assumption>,
    /// The IAM user of this account by whose keys trueup was started.
    own_user: Option<String>,
}

impl Session {
    pub(super) fn new(base: &Base, caller: &Caller, account: &AccountId, entry: Entry, guard: &Arc<Guard>) -> Self {
        let assumption = match entry {
            Entry::Own => None,
            Entry::Role { roles, external_id, policy } => {
                let role = Role { account: account.clone(), caller: caller.clone(), roles, external_id, policy };
                Some(Assumption::new(base.clone(), role))
            }
        };
        let mut config = base.config().to_builder();
        if let Some(assumption) = &assumption {
            // The assumption keeps its credentials itself; a cache of the process would keep those of every account.
            config = config
                .credentials_provider(SharedCredentialsProvider::new(assumption.clone()))
                .identity_cache(IdentityCache::no_cache());
        }
        let outfit = Outfit {
            config: config.build(),
            retries: RetryPartition::custom(account.as_str().to_owned()).build(),
            guard: Arc::clone(guard),
            account: Some(account.clone()),
            assumption: assumption.clone(),
            ..base.outfit().clone()
        };
        let outfit = Outfit { noted: Arc::default(), ..outfit };
        Self(Arc::new(Inner {
            account: account.clone(),
            partition: caller.partition.clone(),
            base: base.clone(),
            outfit,
            made: Made::default(),
            in_flight: Semaphore::new(IN_FLIGHT),
            assumption,
            own_user: caller.user().filter(|_| caller.account == *account).map(str::to_owned),
        }))
    }

    /// The same session with clients that send no write twice: what a write has done whose answer was lost has to be
    /// read first.
    #[must_use]
    pub fn once(&self) -> Self {
        self.sending_once(false)
    }

    /// The same for what was sent once before: it counts as a retry.
    #[must_use]
    pub fn once_more(&self) -> Self {
        self.sending_once(true)
    }

    /// The same session by credentials that were given for its account. They are kept nowhere else, and where they have
    /// run out no others follow.
    pub(crate) fn given(&self, credentials: Credentials) -> Self {
        let config = self.0.outfit.config.to_builder();
        let config = config
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .identity_cache(IdentityCache::no_cache());
        Self(Arc::new(Inner {
            account: self.0.account.clone(),
            partition: self.0.partition.clone(),
            base: self.0.base.clone(),
            outfit: Outfit { config: config.build(), assumption: None, ..self.0.outfit.clone() },
            made: Made::default(),
            in_flight: Semaphore::new(IN_FLIGHT),
            assumption: None,
            own_user: None,
        }))
    }

    /// Whether a session that has run out is followed by another.
    #[must_use]
    pub fn renews(&self) -> bool {
        self.0.assumption.is_some()
    }

    fn sending_once(&self, repeating: bool) -> Self {
        Self(Arc::new(Inner {
            account: self.0.account.clone(),
            partition: self.0.partition.clone(),
            base: self.0.base.clone(),
            outfit: Outfit { once: true, repeating, ..self.0.outfit.clone() },
            made: Made::default(),
            in_flight: Semaphore::new(IN_FLIGHT),
            assumption: self.0.assumption.clone(),
            own_user: self.0.own_user.clone(),
        }))
    }

    /// The account.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.0.account
    }

    /// The time by the clock of this machine, in seconds since 1970.
    pub fn now(&self) -> i64 {
        let since = self.0.base.now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |since| since.as_secs().cast_signed())
    }

    /// The partition of the account.
    #[must_use]
    pub fn partition(&self) -> &Partition {
        &self.0.partition
    }

    /// The IAM user of this account by whose keys trueup was started, where that is so: it must not be shut out.
    #[must_use]
    pub fn own_user(&self) -> Option<&str> {
        self.0.own_user.as_deref()
    }

    /// The region that things without a region of their own are asked in.
    #[must_use]
    pub fn home_region(&self) -> &Region {
        self.0.base.home_region()
    }

    /// How long to wait at first for what AWS is still making.
    #[must_use]
    pub fn first_pause(&self) -> Duration {
        self.0.outfit.config.retry_config().map_or(FIRST_PAUSE, |config| config.initial_backoff().min(FIRST_PAUSE))
    }

    /// Whether the user gave the endpoint of a service, by its SDK id: then an emulator may answer, which knows less
    /// than AWS.
    #[must_use]
    pub fn has_own_endpoint(&self, service: &str) -> bool {
        self.0.outfit.own_endpoints.contains(service)
    }

    pub(super) fn outfit(&self) -> &Outfit {
        &self.0.outfit
    }

    pub(super) fn made(&self) -> &Made {
        &self.0.made
    }

    /// Enters the account now, if that was not done yet.
    ///
    /// # Errors
    /// No role could be assumed. The answer is kept: asking again sends nothing.
    pub async fn identity(&self) -> Result<(), EnterError> {
        match &self.0.assumption {
            None => Ok(()),
            Some(assumption) => assumption.credentials().await.map(drop),
        }
    }

    /// The ARN of the role that was assumed; none before the first use, and with the caller's own credentials.
    #[must_use]
    pub fn role(&self) -> Option<&str> {
        self.0.assumption.as_ref().and_then(Assumption::role)
    }

    /// The calls that were sent in this account, by the region whose client sent them, retries among them.
    #[must_use]
    pub fn calls(&self) -> BTreeMap<(Region, Call), u64> {
        self.0.outfit.noted.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends one call of a client of this session, when it is its turn, and says why where there is no answer.
    ///
    /// # Errors
    /// The account could not be entered, or AWS gave no answer.
    pub fn ask<T: Send, E: Fault>(
        &self,
        at: &Target,
        call: &Call,
        sending: impl Sending<T, E>,
    ) -> impl Future<Output = Result<T, ReadError>> {
        // The SDK's futures are large, and thousands of calls wait here for their turn.
        let sending = Box::pin(sending);
        async move {
            let mut answer = None;
            self.send(at, call, pin!(keeping(&mut answer, sending))).await?;
            Ok(answer.expect("a call that was answered has an answer"))
        }
    }

    async fn send(&self, at: &Target, call: &Call, sending: OnItsWay<'_>) -> Result<(), ReadError> {
        self.identity().await.map_err(|refused| refused.into_read_error(at))?;
        let _permit = self.0.in_flight.acquire().await;
        let region = self.asking_region(call.service, at);
        let lane = Lane { account: Some(self.0.account.clone()), region, service: call.service };
        self.0.base.paced(&lane, at, call, self.0.outfit.attempts(call), sending).await
    }
}
