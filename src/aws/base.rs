//! What a process has once: the HTTP client, the base configuration, and the caller's own identity.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_config::BehaviorVersion;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime::client::retries::RetryPartition;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::SdkConfig;
use aws_types::app_name::AppName;
use aws_types::service_config::ServiceConfigKey;
use tokio::sync::{OnceCell, Semaphore};

use super::clients::Outfit;
use super::errors::{Explained, read_error};
use super::guard::Guard;
use super::http;
use super::pacing::{Lane, Pacing, Traffic};
use super::session::{Entry, Session};
use crate::failure::Failure;
use crate::observe::{Call, Class, ReadError};
use crate::target::{AccountId, Partition, Region, Target};

pub(super) const ASSUME_ROLE: Call = Call { service: "STS", operation: "AssumeRole", action: "sts:AssumeRole" };
const GET_CALLER_IDENTITY: Call =
    Call { service: "STS", operation: "GetCallerIdentity", action: "sts:GetCallerIdentity" };

/// The calls that reaching accounts itself makes, by the caller's own credentials.
pub const CALLS: &[Call] = &[ASSUME_ROLE, GET_CALLER_IDENTITY];

/// How many accounts are entered at once: STS answers to one caller for all of them.
const ENTERING: usize = 16;
const CONNECT: Duration = Duration::from_secs(3);
const ATTEMPT: Duration = Duration::from_secs(20);
const ATTEMPTS: u32 = 6;
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
}

/// Who runs trueup, as STS says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The account of the credentials.
    pub account: AccountId,
    /// The user or the role session.
    pub arn: String,
    /// The partition of that ARN.
    pub partition: Partition,
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
    /// There is no region, or the certificates of `AWS_CA_BUNDLE` cannot be read.
    pub async fn load(options: Options) -> Result<Self, Failure> {
        let first_backoff = options.first_backoff.unwrap_or(FIRST_BACKOFF);
        let (run_id, cap) = (options.run_id.clone(), options.global_cap);
        let config = config(options, first_backoff).await?;
        let home = config.region().ok_or_else(no_region)?.as_ref().parse::<Region>().map_err(|malformed| {
            Failure::usage(format!("the home region {malformed}")).hint("give one with --region, such as eu-west-1")
        })?;
        let outfit = Outfit {
            path_style: has_own_endpoint(&config),
            config,
            retries: RetryPartition::custom("caller").build(),
            guard: Arc::new(Guard::new(CALLS.iter().copied())),
            pacing: Arc::new(Pacing::new(cap, first_backoff / 10)),
            noted: Arc::default(),
            account: None,
        };
        Ok(Self(Arc::new(Shared {
            home,
            outfit,
            session_name: session_name(&run_id),
            entering: Semaphore::new(ENTERING),
            caller: OnceCell::new(),
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
        self.0.caller.get_or_try_init(|| self.ask_caller()).await.cloned()
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

    pub(super) fn now(&self) -> SystemTime {
        self.config().time_source().unwrap_or_default().now()
    }

    /// Sends an `AssumeRole`, when it is its turn.
    pub(super) async fn entering<T, E>(
        &self,
        at: &Target,
        sending: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, ReadError>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let _permit = self.0.entering.acquire().await;
        let lane = Lane { account: None, region: self.0.home.clone(), service: ASSUME_ROLE.service };
        self.paced(&lane, at, &ASSUME_ROLE, sending).await
    }

    /// Sends one call when its lane and the process have room.
    pub(super) async fn paced<T, E>(
        &self,
        lane: &Lane,
        at: &Target,
        call: &Call,
        sending: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, ReadError>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let pacing = &self.0.outfit.pacing;
        let _permit = pacing.turn(lane).await;
        let answer = sending.await.map_err(|error| read_error(at, call, &error));
        if !matches!(&answer, Err(error) if error.class == Class::Throttled) {
            pacing.answered(lane);
        }
        answer
    }

    async fn ask_caller(&self) -> Result<Caller, Failure> {
        let answer = self
            .sts()
            .get_caller_identity()
            .send()
            .await
            .map_err(|error| unknown_caller(&Explained::of(&GET_CALLER_IDENTITY, &error)))?;
        let (Some(account), Some(arn)) = (answer.account(), answer.arn()) else {
            return Err(Failure::failed("could not find out whose credentials these are: the answer of STS is empty"));
        };
        let odd = |malformed| Failure::failed(format!("could not find out whose credentials these are: {malformed}"));
        Ok(Caller {
            account: account.parse().map_err(odd)?,
            arn: arn.to_owned(),
            partition: Partition::of_arn(arn).map_err(odd)?,
        })
    }
}

async fn config(options: Options, first_backoff: Duration) -> Result<SdkConfig, Failure> {
    let Options { profile, region, endpoint_url, http_client, credentials, .. } = options;
    let http_client = match http_client {
        Some(given) => given,
        None => http::client(profile.as_deref()).await?,
    };
    let region = region.map(|region| aws_types::region::Region::new(region.as_str().to_owned()));
    let retries = RetryConfig::standard().with_max_attempts(ATTEMPTS).with_initial_backoff(first_backoff);
    let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(ATTEMPT).build();
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http_client.clone())
        .retry_config(retries)
        .timeout_config(timeouts);
    // A slash is not allowed here; the SDK writes `app/trueup-1.2.3`.
    if let Ok(name) = AppName::new(concat!("trueup-", env!("CARGO_PKG_VERSION"))) {
        loader = loader.app_name(name);
    }
    if let Some(region) = region.clone() {
        loader = loader.region(region);
    }
    if let Some(url) = endpoint_url {
        loader = loader.endpoint_url(url);
    }
    if let Some(profile) = &profile {
        loader = loader.profile_name(profile);
    }
    if let Some(given) = credentials {
        return Ok(loader.credentials_provider(given).load().await);
    }
    let config = loader.load().await;
    Ok(match profile {
        None => config,
        // The default chain asks the environment first; a profile that was asked for by name has to win over it.
        Some(profile) => {
            let providers = ProviderConfig::without_region()
                .with_region(config.region().cloned())
                .with_http_client(http_client)
                .with_behavior_version(Some(BehaviorVersion::v2026_01_12()));
            let provider =
                ProfileFileCredentialsProvider::builder().configure(&providers).profile_name(profile).build();
            config.to_builder().credentials_provider(SharedCredentialsProvider::new(provider)).build()
        }
    })
}

/// Whether S3 is asked at an endpoint that the user gave, in an option, the environment or the profile.
fn has_own_endpoint(config: &SdkConfig) -> bool {
    let key = ServiceConfigKey::builder().service_id("S3").env("AWS_ENDPOINT_URL").profile("endpoint_url").build();
    let of_s3 = || key.ok().and_then(|key| config.service_config()?.load_config(key));
    config.endpoint_url().is_some() || of_s3().is_some()
}

/// STS takes 64 characters, and not every one.
fn session_name(run_id: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    format!("trueup-{run_id}").chars().map(|c| if allowed(c) { c } else { '-' }).take(64).collect()
}

fn no_region() -> Failure {
    Failure::usage("no home region is known")
        .hint("give one with --region, AWS_REGION, or `region` in the profile, such as eu-west-1")
}

fn unknown_caller(error: &Explained) -> Failure {
    let because = match &error.code {
        Some(code) => format!("{code}: {}", error.message),
        None => error.message.clone(),
    };
    let failure = Failure::failed(format!("could not find out whose credentials these are: {because}"));
    match (error.class, error.code.as_deref()) {
        (_, Some("ExpiredToken" | "ExpiredTokenException" | "RequestExpired")) => {
            failure.hint("the credentials have run out: sign in again, such as with `aws sso login`")
        }
        (Class::RegionDisabled, _) => failure
            .hint("the keys are not valid, or the home region is not enabled in their account: try another --region"),
        (Class::ServiceUnavailable, _) => failure.hint("the name of the STS endpoint does not resolve: check --region"),
        (_, None) => failure
            .hint("is there a profile? Name it with --profile or AWS_PROFILE, or sign in with `aws sso login`")
            .hint("`aws sts get-caller-identity` shows what the AWS CLI uses"),
        _ => failure.hint("`aws sts get-caller-identity` shows what the AWS CLI uses"),
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use aws_credential_types::provider::ProvideCredentials;

    use super::*;
    use crate::aws::stub::{Stub, refused};

    #[test]
    fn a_session_name_has_only_what_sts_takes() {
        assert_eq!(session_name("2026-11-22T10:11:12Z"), "trueup-2026-11-22T10-11-12Z");
        assert_eq!(session_name(&"x".repeat(100)).len(), 64);
    }

    /// The environment of a process cannot be changed safely from within, so the test runs itself again in another.
    fn again_with(test: &str, variables: &[(&str, &str)]) {
        let mut command = Command::new(std::env::current_exe().expect("the test binary"));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_")) {
            command.env_remove(name);
        }
        command.args([&format!("aws::base::tests::{test}"), "--exact"]).env("TRUEUP_TEST_AGAIN", "1");
        let output = command.envs(variables.iter().copied()).output().expect("the test runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "the test has another name");
    }

    fn is_again() -> bool {
        std::env::var_os("TRUEUP_TEST_AGAIN").is_some()
    }

    fn options(profile: Option<&str>) -> Options {
        let http_client = Some(Stub::new(|_| refused(400, "Unexpected", "nothing is to be asked")).client());
        Options { http_client, profile: profile.map(str::to_owned), ..Options::default() }
    }

    async fn access_key(base: &Base) -> String {
        let provider = base.config().credentials_provider().expect("a provider");
        provider.provide_credentials().await.expect("credentials").access_key_id().to_owned()
    }

    #[test]
    fn a_profile_beats_the_keys_of_the_environment() {
        if is_again() {
            let checks = async {
                let named = Base::load(options(Some("audit"))).await.expect("a base");
                assert_eq!(access_key(&named).await, "KEYOFPROFILE");
                assert_eq!(named.home_region().as_str(), "eu-north-1");
                let unnamed = Base::load(Options { region: "eu-west-1".parse().ok(), ..options(None) }).await;
                assert_eq!(access_key(&unnamed.expect("a base")).await, "KEYOFENVIRONMENT");
            };
            return tokio::runtime::Runtime::new().expect("a runtime").block_on(checks);
        }
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("config");
        let profile =
            "[profile audit]\nregion = eu-north-1\naws_access_key_id = KEYOFPROFILE\naws_secret_access_key = x\n";
        std::fs::write(&path, profile).expect("written");
        again_with(
            "a_profile_beats_the_keys_of_the_environment",
            &[
                ("AWS_CONFIG_FILE", path.to_str().expect("UTF-8")),
                ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
                ("AWS_ACCESS_KEY_ID", "KEYOFENVIRONMENT"),
                ("AWS_SECRET_ACCESS_KEY", "x"),
            ],
        );
    }

    #[test]
    fn endpoints_fips_and_dual_stack_come_from_the_environment() {
        if is_again() {
            let checks = async {
                let base =
                    Base::load(Options { region: "eu-west-1".parse().ok(), ..options(None) }).await.expect("a base");
                assert!(has_own_endpoint(base.config()), "S3 alone has one");
                assert_eq!((base.config().use_fips(), base.config().use_dual_stack()), (Some(true), Some(true)));
            };
            return tokio::runtime::Runtime::new().expect("a runtime").block_on(checks);
        }
        again_with(
            "endpoints_fips_and_dual_stack_come_from_the_environment",
            &[
                ("AWS_CONFIG_FILE", "/dev/null"),
                ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
                ("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1"),
                ("AWS_USE_FIPS_ENDPOINT", "true"),
                ("AWS_USE_DUALSTACK_ENDPOINT", "true"),
            ],
        );
    }

    #[test]
    fn without_a_region_it_says_how_to_give_one() {
        if is_again() {
            let load = Base::load(options(None));
            let failure = tokio::runtime::Runtime::new().expect("a runtime").block_on(load).expect_err("no region");
            assert!(failure.kind == crate::failure::Kind::Usage && failure.hints[0].contains("--region"), "{failure}");
            return;
        }
        again_with(
            "without_a_region_it_says_how_to_give_one",
            &[
                ("AWS_CONFIG_FILE", "/dev/null"),
                ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
                ("AWS_EC2_METADATA_DISABLED", "true"),
            ],
        );
    }
}
