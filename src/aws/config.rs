//! The base configuration: the SDK's default chain, with what it leaves out or does in another order.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::SdkConfig;
use aws_types::app_name::AppName;
use aws_types::os_shim_internal::{Env, Fs};
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

use super::base::Options;
use super::clients::SERVICES;
use super::{given, http, profile};
use crate::failure::Failure;

const CONNECT: Duration = Duration::from_secs(3);
const ATTEMPT: Duration = Duration::from_secs(20);
const ATTEMPTS: u32 = 6;

/// Reads the environment and the profile. What is wrong with them may not matter, and is answered besides.
pub(super) async fn load(options: Options, first_backoff: Duration) -> Result<(SdkConfig, Option<String>), Failure> {
    let env = Env::real();
    let profiles = profile::load(&env, &Fs::real(), options.profile.as_deref()).await;
    if let Some(typed) = &options.profile {
        profile::must_be_there(&profiles, typed)?;
    }
    let trouble = profile::trouble(&profiles, &env);
    let ca_bundle = profiles.as_ref().ok().and_then(|profiles| profiles.get("ca_bundle"));
    let http_client = match &options.http_client {
        Some(given) => given.clone(),
        None => http::client(ca_bundle).await?,
    };
    options.endpoint_url.as_deref().map_or(Ok(()), given::check_endpoint)?;
    let config = configured(options, http_client, first_backoff).await;
    let said = |key: &str| profiles.as_ref().ok().and_then(|profiles| profiles.get(key));
    let config = without_empty_endpoints(config, &env, said("endpoint_url"), said("ignore_configured_endpoint_urls"));
    SERVICES.iter().filter_map(|service| endpoint(&config, service)).try_for_each(|url| given::check_endpoint(&url))?;
    Ok((config, trouble))
}

async fn configured(options: Options, http_client: SharedHttpClient, first_backoff: Duration) -> SdkConfig {
    let Options { profile, region, endpoint_url, credentials, attempt_timeout, .. } = options;
    let region = region.map(|region| aws_types::region::Region::new(region.as_str().to_owned()));
    let attempts = attempts(&Env::real());
    let retries = RetryConfig::standard().with_max_attempts(attempts).with_initial_backoff(first_backoff);
    let attempt = attempt_timeout.unwrap_or(ATTEMPT);
    let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(attempt).build();
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http_client.clone())
        .retry_config(retries.clone())
        .timeout_config(timeouts.clone());
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
        return loader.credentials_provider(given).load().await;
    }
    let config = loader.load().await;
    match profile {
        None => config,
        // The default chain asks the environment first; a profile that was asked for by name has to win over it.
        Some(profile) => {
            let providers = ProviderConfig::without_region()
                .with_region(config.region().cloned())
                .with_use_fips(config.use_fips())
                .with_use_dual_stack(config.use_dual_stack())
                .with_http_client(http_client)
                .with_retry_config(retries)
                .with_timeout_config(timeouts)
                .with_behavior_version(Some(BehaviorVersion::v2026_01_12()));
            let provider =
                ProfileFileCredentialsProvider::builder().configure(&providers).profile_name(profile).build();
            config.to_builder().credentials_provider(SharedCredentialsProvider::new(provider)).build()
        }
    }
}

/// How often a call is sent at most: what the user's environment says wins, as with every other client of AWS.
fn attempts(env: &Env) -> u32 {
    let said = env.get("AWS_MAX_ATTEMPTS").ok().and_then(|text| text.trim().parse().ok());
    said.filter(|attempts| *attempts > 0).unwrap_or(ATTEMPTS)
}

/// An endpoint that is an empty text in the environment is none, as the command line of AWS has it, and that of the
/// profile counts, unless it says to `ignore` those. The SDK would ask the empty one.
fn without_empty_endpoints(config: SdkConfig, env: &Env, of_profile: Option<&str>, ignore: Option<&str>) -> SdkConfig {
    let mut builder = config.to_builder();
    let is_empty = env.get("AWS_ENDPOINT_URL").is_ok_and(|url| url.is_empty());
    let said = env.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").ok().or(ignore.map(str::to_owned));
    let counts = said.is_none_or(|said| !said.eq_ignore_ascii_case("true"));
    if is_empty && counts && config.endpoint_url().is_none_or(str::is_empty) {
        builder.set_endpoint_url(of_profile.filter(|url| !url.is_empty()).map(str::to_owned));
    }
    builder.service_config(Said(config)).build()
}

/// What the environment and the profile say of single services, empty texts left out.
#[derive(Debug)]
struct Said(SdkConfig);

impl LoadServiceConfig for Said {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        self.0.service_config()?.load_config(key).filter(|said| !said.is_empty())
    }
}

/// The endpoint of a service that the user gave: in an option, or in the environment or the profile, where what is said
/// of the service wins over what is said of all.
pub(super) fn endpoint(config: &SdkConfig, service: &str) -> Option<String> {
    let of_all = || config.endpoint_url().map(str::to_owned);
    if config.get_origin("endpoint_url").is_client_config() {
        return of_all();
    }
    let key = ServiceConfigKey::builder().service_id(service).env("AWS_ENDPOINT_URL").profile("endpoint_url").build();
    let of_service = || config.service_config()?.load_config(key.ok()?);
    of_service().or_else(of_all)
}

/// The services, by SDK id, that are asked at an endpoint of the user's.
pub(super) fn own_endpoints(config: &SdkConfig) -> BTreeSet<&'static str> {
    SERVICES.into_iter().filter(|service| endpoint(config, service).is_some()).collect()
}

#[cfg(test)]
mod tests;
