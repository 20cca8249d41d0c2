//! EC2 by a client of our own, for the few operations of it that trueup asks for. The SDK's crate for EC2 takes longer
//! to build than all else together, see `docs/design/ec2-client.md`.
//!
//! Only what a generated crate would hold is ours: how a request is written, how an answer is read, and which endpoint
//! is asked. What is below (signatures, credentials, retries, timeouts, the guard) is the SDK's own runtime, set up
//! from the same configuration as every other client.

mod answer;
mod endpoint;
mod form;
mod plugins;
mod refused;

use std::borrow::Cow;
use std::fmt::Display;

use aws_smithy_runtime::client::orchestrator;
use aws_smithy_runtime_api::client::interceptors::context::Input;
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, Metadata};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_plugin::{RuntimePlugins, StaticRuntimePlugin};
use aws_smithy_types::config_bag::Layer;

pub use answer::{Answer, Element, Missing};
pub(super) use endpoint::url;
use form::Form;
pub(super) use plugins::{Parts, plugins};
pub use refused::Refused;

/// The SDK's service id.
pub(super) const SERVICE: &str = "EC2";

/// EC2 in one region. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Ec2 {
    plugins: RuntimePlugins,
}

impl Ec2 {
    pub(super) fn new(plugins: RuntimePlugins) -> Self {
        Self { plugins }
    }

    /// A request for an operation, such as `DescribeRegions`.
    #[must_use]
    pub fn request(&self, operation: &'static str) -> Request {
        Request { plugins: self.plugins.clone(), form: Form::of(operation), operation }
    }
}

/// A request that was not sent yet.
#[derive(Debug)]
pub struct Request {
    plugins: RuntimePlugins,
    form: Form,
    operation: &'static str,
}

impl Request {
    /// Sets a parameter, by its name on the wire: `State`, `Filter.1.Name`.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Display) -> Self {
        self.form.set(name, &value.to_string());
        self
    }

    /// Sets a parameter where there is a value.
    #[must_use]
    pub fn with_some(self, name: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Sets a list, which EC2 flattens: `RegionName.1`, `RegionName.2`.
    #[must_use]
    pub fn with_all(self, name: &str, values: impl IntoIterator<Item: Display>) -> Self {
        let numbered = values.into_iter().zip(1u32..);
        numbered.fold(self, |request, (value, number)| request.with(&format!("{name}.{number}"), value))
    }

    /// Sends it.
    ///
    /// # Errors
    /// EC2 refused, or there was no answer that makes sense.
    pub async fn send(self) -> Result<Answer, SdkError<Refused, HttpResponse>> {
        let mut layer = Layer::new("operation");
        layer.store_put(Metadata::new(Cow::Borrowed(self.operation), Cow::Borrowed(SERVICE)));
        let operation = StaticRuntimePlugin::new().with_config(layer.freeze());
        let plugins = self.plugins.with_operation_plugin(operation);
        let answer = orchestrator::invoke(SERVICE, self.operation, Input::erase(self.form), &plugins).await;
        let answer = answer.map_err(|error| error.map_service_error(refused::typed))?;
        answer.downcast().map_err(|_| SdkError::construction_failure("an answer of EC2 is of another type"))
    }
}

#[cfg(test)]
mod tests;
