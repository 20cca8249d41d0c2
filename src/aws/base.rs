//! What a process has once: the HTTP client, the base configuration, and the caller's own identity.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime::client::retries::RetryPartition;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::SdkConfig;
use tokio::sync::{OnceCell, Semaphore};

use super::attempts::{OnItsWay, counted, keeping};
use super::caller::{self, Caller, GET_CALLER_IDENTITY};
use super::clients::Outfit;
use super::clock::Clock;
use super::config;
use super::guard::Guard;
use super::pacing::{Lane, Pacing, Traffic};
use super::session::{Entry, Session};
use crate::failure::Failure;
use crate::observe::{Call, Class, ReadError};
use crate::target::{AccountId, Region, Target};

pub(super) const ASSUME_ROLE: Call = Call { service: "STS", operation: "AssumeRole", action: "sts:AssumeRole" };

/// The calls that reaching accounts itself makes, by the caller's own credentials.
pub const CALLS: &[Call] = &[ASSUME_ROLE, GET_CALLER_IDENTITY];

/// How many accounts are entered at once: STS answers to one caller for all of them.
const ENTERING: usize = 16;
const FIRST_BACKOFF: Duration = Duration::from_secs(1);

/// What the user said about how AWS is reached.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The profile; wins over credentials in the environment.
    pub profile: Option<String>,
    /// The home region; otherwise that of the environment or the profile.
    pub region: Option<Region>,
    /// One endpoint for all services.
    pub endpoint_url: Option<String>,
    /// An HTTP client to use in place of our own: the simulator's, in the process.
    pub http_client: Option<SharedHttpClient>,
    /// Credentials to use in place of the default chain.
    pub credentials: Option<SharedCredentialsProvider>,
    /// The run's id; part of the name of every role session.
    pub run_id: String,
    /// How many requests may be in flight over all accounts.
    pub global_cap: usize,
    /// How long the first retry waits at most; none: a second. In the process there is nobody to spare.
    pub first_backoff: Option<Duration>,
    /// How long an answer is waited for, each time that a call is sent; none: twenty seconds.
    pub attempt_timeout: Option<Duration>,
}

/// What a process has once. Cheap to clone.
#[derive(Clone)]
pub struct Base(Arc<Shared>);

struct Shared {
    home: Region,
    outfit: Outfit,
    session_name: String,
    entering: Semaphore,
    caller: OnceCell<Caller>,
    /// What is wrong with the user's configuration, for when something is missing.
    trouble: Option<String>,
}

impl fmt::Debug for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Base").field("home", &self.0.home).finish_non_exhaustive()
    }
}

impl Base {
    /// Reads the environment and the profile. Sends nothing to AWS.
    ///
    /// # Errors
    /// There is no region or no such profile, or the certificates of `AWS_CA_BUNDLE` cannot be read.
    pub async fn load(options: Options) -> Result<Self, Failure> {
        let first_backoff = options.first_backoff.unwrap_or(FIRST_BACKOFF);
        let (run_id, cap) = (options.run_id.clone(), options.global_cap);
        let (config, trouble) = config::load(options, first_backoff).await?;
        let home = config.region().ok_or_else(|| no_region(trouble.as_deref()))?.as_ref().parse::<Region>().map_err(
            |malformed| {
                Failure::usage(format!("the home region {malformed}")).hint("give one with --region, such as eu-west-1")
            },
        )?;
        let outfit = Outfit {
            own_endpoints: config::own_endpoints(&config).into(),
            config,
            retries: RetryPartition::custom("caller").build(),
            guard: Arc::new(Guard::new(CALLS.iter().copied())),
            pacing: Arc::new(Pacing::new(cap, first_backoff / 10)),
            noted: Arc::default(),
            account: None,
            assumption: None,
            once: false,
            repeating: false,
        };
        Ok(Self(Arc::new(Shared {
            home,
            outfit,
            session_name: session_name(&run_id),
            entering: Semaphore::new(ENTERING.min(cap.max(1))),
            caller: OnceCell::new(),
            trouble,
        })))
    }

    /// The region that things without a region of their own are asked in.
    #[must_use]
    pub fn home_region(&self) -> &Region {
        &self.0.home
    }

    /// Who runs trueup; asked once.
    ///
    /// # Errors
    /// There are no credentials, or STS refuses them.
    pub async fn caller(&self) -> Result<Caller, Failure> {
        self.0.caller.get_or_try_init(|| caller::ask(self, self.0.trouble.as_deref())).await.cloned()
    }

    /// A session in an account. Nothing is sent before its first use, which then assumes the role, once.
    #[must_use]
    pub fn enter(&self, caller: &Caller, account: &AccountId, entry: Entry, guard: &Arc<Guard>) -> Session {
        Session::new(self, caller, account, entry, guard)
    }

    /// What was sent so far, by service.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        self.0.outfit.pacing.traffic()
    }

    pub(super) fn config(&self) -> &SdkConfig {
        &self.0.outfit.config
    }

    pub(super) fn outfit(&self) -> &Outfit {
        &self.0.outfit
    }

    pub(super) fn session_name(&self) -> &str {
        &self.0.session_name
    }

    pub(super) fn sts(&self) -> aws_sdk_sts::Client {
        self.0.outfit.sts(&self.0.home)
    }

    /// By how many seconds this machine is ahead of AWS, as one answer of STS says; none where it does not.
    ///
    /// # Errors
    /// STS refused, or could not be reached.
    pub async fn ahead(&self, caller: &Caller) -> Result<Option<i64>, ReadError> {
        let clock = Clock::default();
        let asked = self.sts().get_caller_identity().customize().interceptor(clock.clone());
        let at = Target { account: caller.account.clone(), region: Some(self.0.home.clone()) };
        let lane = Lane { account: None, region: self.0.home.clone(), service: GET_CALLER_IDENTITY.service };
        let allowed = self.0.outfit.attempts(&GET_CALLER_IDENTITY);
        let mut answer = None;
        let sending = pin!(keeping(&mut answer, asked.send()));
        self.paced(&lane, &at, &GET_CALLER_IDENTITY, allowed, sending).await?;
        let here = self.now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs().cast_signed());
        Ok(clock.seconds().map(|there| here - there))
    }

    pub(super) fn now(&self) -> SystemTime {
        self.config().time_source().unwrap_or_default().now()
    }

    /// Sends an `AssumeRole`, when it is its turn.
    pub(super) async fn entering(&self, at: &Target, sending: OnItsWay<'_>) -> Result<(), ReadError> {
        let _permit = self.0.entering.acquire().await;
        let lane = Lane { account: None, region: self.0.home.clone(), service: ASSUME_ROLE.service };
        // A call whose session runs out just before it leaves enters the account again while it holds its own place
        // among those in flight. With a second place to wait for, calls that do so together would wait for each other.
        self.0.outfit.pacing.pause(&lane).await;
        self.answered(&lane, at, &ASSUME_ROLE, self.0.outfit.attempts(&ASSUME_ROLE), sending).await
    }

    /// Sends one call, at most `allowed` times, when its lane and the process have room.
    pub(super) async fn paced(
        &self,
        lane: &Lane,
        at: &Target,
        call: &Call,
        allowed: u32,
        sending: OnItsWay<'_>,
    ) -> Result<(), ReadError> {
        let _permit = self.0.outfit.pacing.turn(lane).await;
        self.answered(lane, at, call, allowed, sending).await
    }

    /// Sends one call now, at most `allowed` times, and tells its lane of the answer.
    async fn answered(
        &self,
        lane: &Lane,
        at: &Target,
        call: &Call,
        allowed: u32,
        sending: OnItsWay<'_>,
    ) -> Result<(), ReadError> {
        let answer = counted(at, call, allowed, sending).await;
        if !matches!(&answer, Err(error) if error.class == Class::Throttled) {
            self.0.outfit.pacing.answered(lane);
        }
        answer
    }
}

/// STS takes 64 characters, and not every one.
fn session_name(run_id: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    format!("trueup-{run_id}").chars().map(|c| if allowed(c) { c } else { '-' }).take(64).collect()
}

fn no_region(trouble: Option<&str>) -> Failure {
    let failure = Failure::usage("no home region is known")
        .hint("give one with --region, AWS_REGION, or `region` in the profile, such as eu-west-1");
    trouble.into_iter().fold(failure, Failure::hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_name_has_only_what_sts_takes() {
        assert_eq!(session_name("2026-11-22T10:11:12Z"), "trueup-2026-11-22T10-11-12Z");
        assert_eq!(session_name(&"x".repeat(100)).len(), 64);
    }
}
