//! The base configuration: the SDK's default chain, with what it leaves out or does in another order.

use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::SdkConfig;
use aws_types::app_name::AppName;
use aws_types::os_shim_internal::Env;
use aws_types::service_config::ServiceConfigKey;

use super::base::Options;
use super::http;
use crate::failure::Failure;

const CONNECT: Duration = Duration::from_secs(3);
const ATTEMPT: Duration = Duration::from_secs(20);
const ATTEMPTS: u32 = 6;

/// Reads the environment and the profile.
pub(super) async fn load(options: Options, first_backoff: Duration) -> Result<SdkConfig, Failure> {
    let Options { profile, region, endpoint_url, http_client, credentials, attempt_timeout, .. } = options;
    let http_client = match http_client {
        Some(given) => given,
        None => http::client(profile.as_deref()).await?,
    };
    let region = region.map(|region| aws_types::region::Region::new(region.as_str().to_owned()));
    let attempts = attempts(&Env::real());
    let retries = RetryConfig::standard().with_max_attempts(attempts).with_initial_backoff(first_backoff);
    let attempt = attempt_timeout.unwrap_or(ATTEMPT);
    let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(attempt).build();
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

/// How often a call is sent at most: what the user's environment says wins, as with every other client of AWS.
fn attempts(env: &Env) -> u32 {
    let said = env.get("AWS_MAX_ATTEMPTS").ok().and_then(|text| text.trim().parse().ok());
    said.filter(|attempts| *attempts > 0).unwrap_or(ATTEMPTS)
}

/// Whether S3 is asked at an endpoint that the user gave, in an option, the environment or the profile.
pub(super) fn has_own_endpoint(config: &SdkConfig) -> bool {
    let key = ServiceConfigKey::builder().service_id("S3").env("AWS_ENDPOINT_URL").profile("endpoint_url").build();
    let of_s3 = || key.ok().and_then(|key| config.service_config()?.load_config(key));
    config.endpoint_url().is_some() || of_s3().is_some()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use aws_credential_types::provider::ProvideCredentials;

    use super::*;
    use crate::aws::Base;
    use crate::aws::stub::{Stub, refused};

    /// The environment of a process cannot be changed safely from within, so the test runs itself again in another.
    fn again_with(test: &str, variables: &[(&str, &str)]) {
        let mut command = Command::new(std::env::current_exe().expect("the test binary"));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_")) {
            command.env_remove(name);
        }
        command.args([&format!("aws::config::tests::{test}"), "--exact"]).env("TRUEUP_TEST_AGAIN", "1");
        let output = command.envs(variables.iter().copied()).output().expect("the test runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "the test has another name");
    }

    #[test]
    fn the_environment_says_how_often_a_call_is_sent() {
        let said = |text| attempts(&Env::from_slice(&[("AWS_MAX_ATTEMPTS", text)]));
        assert_eq!([said("2"), said(" 9 "), said("0"), said("often")], [2, 9, ATTEMPTS, ATTEMPTS]);
        assert_eq!(attempts(&Env::from_slice(&[])), ATTEMPTS);
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
