//! The SDK's runtime set up for EC2, as its generated crates set it up for their services.

use std::borrow::Cow;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_runtime::auth::SigV4OperationSigningConfig;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::invocation_id::InvocationIdInterceptor;
use aws_runtime::recursion_detection::RecursionDetectionInterceptor;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_runtime::service_clock_skew::{ServiceClockSkewClassifier, ServiceClockSkewInterceptor};
use aws_runtime::user_agent::{ApiMetadata, UserAgentInterceptor};
use aws_smithy_runtime::client::defaults::{DefaultPluginParams, default_plugins};
use aws_smithy_runtime::client::http::connection_poisoning::ConnectionPoisoningInterceptor;
use aws_smithy_runtime::client::orchestrator::AuthSchemeAndEndpointOrchestrationV2;
use aws_smithy_runtime::client::orchestrator::endpoints::StaticUriEndpointResolver;
use aws_smithy_runtime::client::retries::RetryPartition;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{
    AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver,
};
use aws_smithy_runtime_api::client::endpoint::{EndpointResolverParams, SharedEndpointResolver};
use aws_smithy_runtime_api::client::interceptors::context::{Error, Input, Output};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, Metadata, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::{RuntimePlugins, StaticRuntimePlugin};
use aws_smithy_runtime_api::client::ser_de::{
    DeserializeResponse, SerializeRequest, SharedRequestSerializer, SharedResponseDeserializer,
};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::{ConfigBag, Layer};
use aws_types::SdkConfig;
use aws_types::SigningName;
use aws_types::region::SigningRegion;
use aws_types::request_id::RequestId as _;

use super::{Answer, Form, Refused};
use crate::retries::SentAgain;
use crate::watch::Watch;

/// What a client is made of.
pub(crate) struct Parts<'a> {
    pub(crate) config: &'a SdkConfig,
    pub(crate) url: String,
    pub(crate) retries: RetryPartition,
    pub(crate) watch: Watch,
    pub(crate) again: SentAgain,
}

/// The runtime of one client.
pub(crate) fn plugins(parts: Parts<'_>) -> RuntimePlugins {
    let mut params = DefaultPluginParams::new().with_retry_partition_name("ec2").with_is_aws_sdk(true);
    if let Some(version) = parts.config.behavior_version() {
        params = params.with_behavior_version(version);
    }
    let layer = layer(parts.config, &parts.retries).freeze();
    let plugin = StaticRuntimePlugin::new().with_config(layer).with_runtime_components(components(parts));
    RuntimePlugins::new().with_client_plugins(default_plugins(params)).with_client_plugin(plugin)
}

fn layer(config: &SdkConfig, retries: &RetryPartition) -> Layer {
    let mut layer = Layer::new("ec2");
    layer.store_put(retries.clone());
    layer.store_put(SigningName::from_static("ec2"));
    if let Some(region) = config.region() {
        layer.store_put(region.clone());
        layer.store_put(SigningRegion::from(region.clone()));
    }
    layer.store_or_unset(config.app_name().cloned());
    layer.store_put(ApiMetadata::new("ec2", env!("CARGO_PKG_VERSION")));
    if let Some(retries) = config.retry_config() {
        layer.store_put(retries.clone());
    }
    if let Some(timeouts) = config.timeout_config() {
        layer.store_put(timeouts.clone());
    }
    if let Some(protection) = config.stalled_stream_protection() {
        layer.store_put(protection);
    }
    layer.store_put(AuthSchemeAndEndpointOrchestrationV2);
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    let mut signing = SigV4OperationSigningConfig::default();
    signing.signing_options.double_uri_encode = true;
    signing.signing_options.normalize_uri_path = true;
    layer.store_put(signing);
    layer.store_put(SharedRequestSerializer::new(Writing));
    layer.store_put(SharedResponseDeserializer::new(Reading));
    layer
}

fn components(parts: Parts<'_>) -> RuntimeComponentsBuilder {
    let config = parts.config;
    let mut components = RuntimeComponentsBuilder::new("ec2");
    components.set_http_client(config.http_client());
    components.set_sleep_impl(config.sleep_impl());
    components.set_time_source(config.time_source());
    if let Some(cache) = config.identity_cache() {
        components.set_identity_cache(Some(cache));
    }
    if let Some(credentials) = config.credentials_provider() {
        let credentials: SharedCredentialsProvider = credentials;
        components.set_identity_resolver(SCHEME_ID, credentials);
    }
    let sigv4 = StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]);
    components.set_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(sigv4)));
    components.push_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()));
    let endpoint = StaticUriEndpointResolver::uri(parts.url);
    components.set_endpoint_resolver(Some(SharedEndpointResolver::new(endpoint)));
    components.push_retry_classifier(HttpStatusCodeClassifier::default());
    components.push_retry_classifier(TransientErrorClassifier::<Refused>::new());
    components.push_retry_classifier(AwsErrorCodeClassifier::<Refused>::new());
    components.push_retry_classifier(ServiceClockSkewClassifier::<Refused>::new());
    components.push_retry_classifier(parts.again);
    components.push_interceptor(ConnectionPoisoningInterceptor::new());
    components.push_interceptor(ServiceClockSkewInterceptor::new());
    components.push_interceptor(RequestInfoInterceptor::new());
    components.push_interceptor(UserAgentInterceptor::new());
    components.push_interceptor(InvocationIdInterceptor::new());
    components.push_interceptor(RecursionDetectionInterceptor::new());
    components.push_interceptor(parts.watch.permanent());
    components
}

/// Writes requests.
#[derive(Debug)]
struct Writing;

impl SerializeRequest for Writing {
    fn serialize_input(&self, input: Input, cfg: &mut ConfigBag) -> Result<HttpRequest, BoxError> {
        let form: Form = input.downcast().map_err(|_| "what is sent to EC2 is no form")?;
        let mut request = HttpRequest::new(SdkBody::from(form.text()));
        request.set_method("POST")?;
        request.set_uri("/")?;
        let headers = request.headers_mut();
        headers.try_insert("content-type", "application/x-www-form-urlencoded")?;
        headers.try_insert("content-length", Cow::Owned(form.text().len().to_string()))?;
        // There is one endpoint, whatever is asked. The runtime looks for this among what belongs to one request.
        cfg.interceptor_state().store_put(EndpointResolverParams::new(()));
        Ok(request)
    }
}

/// Reads answers.
#[derive(Debug)]
struct Reading;

impl DeserializeResponse for Reading {
    fn deserialize_nonstreaming_with_config(
        &self,
        response: &HttpResponse,
        cfg: &ConfigBag,
    ) -> Result<Output, OrchestratorError<Error>> {
        let operation = cfg.load::<Metadata>().map_or("", Metadata::name);
        let body = response.body().bytes().unwrap_or_default();
        let id = response.request_id();
        let read = if response.status().is_success() {
            let answer = Answer::read(operation, body, id).map_err(Refused::from);
            answer.and_then(|answer| Refused::within(&answer).map_or(Ok(answer), Err))
        } else {
            Err(Refused::read(body, id))
        };
        read.map(Output::erase).map_err(|refused| OrchestratorError::operation(Error::erase(refused)))
    }
}
