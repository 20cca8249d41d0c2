//! What a process has once: the HTTP client, the base configuration, and the caller's own identity.

use std::sync::Arc;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::SdkConfig;

use super::{Entry, Guard, Session, Traffic};
use crate::failure::Failure;
use crate::observe::Call;
use crate::target::{AccountId, Partition, Region};

/// The calls that reaching accounts itself makes.
pub const CALLS: &[Call] = &[
    Call { service: "STS", operation: "AssumeRole", action: "sts:AssumeRole" },
    Call { service: "STS", operation: "GetCallerIdentity", action: "sts:GetCallerIdentity" },
];

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
    config: SdkConfig,
}

impl Base {
    /// Reads the environment and the profile. Sends nothing to AWS.
    ///
    /// # Errors
    /// There is no region, or the certificates of `AWS_CA_BUNDLE` cannot be read.
    pub async fn load(options: Options) -> Result<Self, Failure> {
        let _ = options;
        todo!()
    }

    /// The region that things without a region of their own are asked in.
    #[must_use]
    pub fn home_region(&self) -> &Region {
        let _ = &self.0.config;
        todo!()
    }

    /// Who runs trueup; asked once.
    ///
    /// # Errors
    /// There are no credentials, or STS refuses them.
    pub async fn caller(&self) -> Result<Caller, Failure> {
        todo!()
    }

    /// A session in an account. Nothing is sent before its first use, which then assumes the role, once.
    #[must_use]
    pub fn enter(&self, caller: &Caller, account: &AccountId, entry: Entry, guard: &Arc<Guard>) -> Session {
        let _ = (caller, account, entry, guard);
        todo!()
    }

    /// What was sent so far, by service.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        todo!()
    }
}
