//! What a baseline may ask of the topic of alarms.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::control::Context;
use crate::controls::Yes;
use crate::controls::cloudwatch::place::{Scope, TOPIC, whose};
use crate::observe::cloudtrail::Whose;
use crate::observe::sns::Subscription;
use crate::target::Region;

/// The topic that the alarms of `cloudwatch.alarm` tell, in the account and region that has them.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// `organization`: only the account that has the log group of the organization's trail has a topic. `account`: so
    /// has every account of which no such trail records. Left out: `account`. As in `cloudwatch.alarm`.
    #[schemars(extend("default" = "account"))]
    pub(super) scope: Option<Scope>,
    /// The name of the topic, `security-alarms` if left out. As in `cloudwatch.alarm`.
    #[schemars(regex(pattern = r"^[A-Za-z0-9_-]{1,256}$"))]
    #[schemars(extend("default" = "security-alarms"))]
    pub(super) name: Option<String>,
    /// Require that CloudWatch may publish to it.
    pub(super) publish: Option<Yes>,
    /// Require that it encrypts with no key that CloudWatch may not use: neither with AWS's own for SNS, nor with one of
    /// the account whose policy does not let CloudWatch in.
    pub(super) usable_key: Option<Yes>,
    /// Require that somebody is told: each of `subscriptions`, or where that is left out, anybody.
    pub(super) subscribed: Option<Yes>,
    /// Who is to be told; asks for `subscribed` by itself. Whoever gets mail has to confirm it, by the link in the first one.
    #[schemars(length(min = 1))]
    pub(super) subscriptions: Option<Vec<Endpoint>>,
}

/// Somebody who is told.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct Endpoint {
    /// How.
    pub(super) protocol: Protocol,
    /// The address, or the ARN of a queue or a function. It may hold `{account}` and `{region}`.
    #[schemars(length(min = 1))]
    pub(super) endpoint: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) enum Protocol {
    #[serde(rename = "email")]
    Email,
    #[serde(rename = "email-json")]
    EmailJson,
    #[serde(rename = "https")]
    Https,
    #[serde(rename = "lambda")]
    Lambda,
    #[serde(rename = "sqs")]
    Sqs,
}

impl Protocol {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::EmailJson => "email-json",
            Self::Https => "https",
            Self::Lambda => "lambda",
            Self::Sqs => "sqs",
        }
    }
}

impl Settings {
    pub(super) fn asks_nothing(&self) -> bool {
        self.publish.is_none() && self.usable_key.is_none() && self.subscribed.is_none() && self.subscriptions.is_none()
    }

    pub(super) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(TOPIC)
    }

    pub(super) fn whose(&self) -> Whose {
        whose(self.scope)
    }

    /// Who is to be told in an account, with its id and the region put in.
    pub(super) fn endpoints(&self, context: &Context<'_>, region: &Region) -> Vec<Endpoint> {
        let named = |one: &Endpoint| Endpoint { endpoint: context.named(&one.endpoint, region), ..one.clone() };
        self.subscriptions.iter().flatten().map(named).collect()
    }

    pub(super) fn subscribed(&self) -> bool {
        self.subscribed.is_some() || self.subscriptions.is_some()
    }
}

impl Endpoint {
    pub(super) fn is(&self, one: &Subscription) -> bool {
        one.protocol == self.protocol.name() && one.endpoint == self.endpoint
    }

    pub(super) fn words(&self) -> String {
        format!("{} {}", self.protocol.name(), self.endpoint)
    }
}
