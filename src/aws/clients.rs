//! Service clients: as short-lived as their session, made from the one base configuration with the session's credentials and guard.

use std::any::{Any, TypeId};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use aws_config::retry::RetryConfig;
use aws_smithy_runtime::client::retries::RetryPartition;
use aws_types::SdkConfig;

use super::as_given::AsGiven;
use super::assume::Assumption;
use super::ec2::{self, Ec2};
use super::guard::Guard;
use super::pacing::Pacing;
use super::retries::SentAgain;
use super::session::{Noted, Session};
use super::watch::Watch;
use crate::observe::Call;
use crate::target::{AccountId, Partition, Region, Target};

/// What every client of a session is made with.
#[derive(Clone, Debug)]
pub(super) struct Outfit {
    /// The base configuration with the session's credentials.
    pub(super) config: SdkConfig,
    /// Whose retries share one budget. The SDK would share it over the process by service and region, so that one
    /// throttled account spends what all others need.
    pub(super) retries: RetryPartition,
    pub(super) guard: Arc<Guard>,
    pub(super) pacing: Arc<Pacing>,
    pub(super) noted: Arc<Noted>,
    /// The account; none for the caller's own, before it is known.
    pub(super) account: Option<AccountId>,
    /// The services that are asked at an endpoint of the user's.
    pub(super) own_endpoints: Arc<BTreeSet<&'static str>>,
    /// How the account was entered; none by the caller's own credentials.
    pub(super) assumption: Option<Assumption>,
    /// Each write is sent once.
    pub(super) once: bool,
    /// What is sent was sent before, by a session of which each write is sent once.
    pub(super) repeating: bool,
}

/// Every service that a client is made of, by SDK id.
pub(super) const SERVICES: [&str; 16] = [
    "AccessAnalyzer",
    "Account",
    "CloudTrail",
    "CloudWatch",
    "CloudWatch Logs",
    "Config Service",
    ec2::SERVICE,
    "GuardDuty",
    "IAM",
    "KMS",
    "Organizations",
    "S3",
    "S3 Control",
    "STS",
    "SecurityHub",
    "SNS",
];

/// Those with one endpoint in the partition.
const GLOBAL: [&str; 3] = ["Account", "IAM", "Organizations"];

impl Outfit {
    /// How often a call is sent at most.
    pub(super) fn attempts(&self, call: &Call) -> u32 {
        if self.once && !call.reads() {
            return 1;
        }
        self.config.retry_config().map_or(1, RetryConfig::max_attempts)
    }

    fn at(&self, region: &Region) -> (SdkConfig, Watch) {
        let region_code = aws_types::region::Region::new(region.as_str().to_owned());
        let config = self.config.to_builder().region(region_code).build();
        let watch = Watch {
            guard: Arc::clone(&self.guard),
            pacing: Arc::clone(&self.pacing),
            noted: Arc::clone(&self.noted),
            account: self.account.clone(),
            assumption: self.assumption.clone(),
            repeating: self.repeating,
            region: region.clone(),
        };
        (config, watch)
    }
}

/// Builds a client of a service; each service has its own types of the same shape.
macro_rules! client {
    ($outfit:expr, $region:expr, $sdk:ident $(, $option:ident($value:expr))*) => {{
        let (config, watch) = $outfit.at($region);
        let mut config = $sdk::config::Builder::from(&config)
            .retry_partition($outfit.retries.clone())
            .retry_classifier(SentAgain { renews: $outfit.assumption.is_some(), once: $outfit.once })
            $(.$option($value))*;
        config.push_interceptor(watch.permanent());
        $sdk::Client::from_conf(config.build())
    }};
}

/// The clients that a session has made, by type and region. Making one costs a tenth of a call, and an account is
/// asked many times; they go away with the session.
#[derive(Debug, Default)]
pub(super) struct Made(Mutex<HashMap<(TypeId, Region), Box<dyn Any + Send + Sync>>>);

impl Made {
    fn client<C: Clone + Send + Sync + 'static>(&self, region: &Region, build: impl FnOnce() -> C) -> C {
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = clients.get(&(TypeId::of::<C>(), region.clone())).and_then(|client| client.downcast_ref::<C>());
        if let Some(known) = known {
            return known.clone();
        }
        let client = build();
        clients.insert((TypeId::of::<C>(), region.clone()), Box::new(client.clone()));
        client
    }
}

impl Outfit {
    pub(super) fn sts(&self, region: &Region) -> aws_sdk_sts::Client {
        client!(self, region, aws_sdk_sts)
    }

    fn ec2(&self, region: &Region, partition: &Partition) -> Ec2 {
        let (config, watch) = self.at(region);
        let url = ec2::url(&config, region, partition);
        let again = SentAgain { renews: self.assumption.is_some(), once: self.once };
        let retries = self.retries.clone();
        Ec2::new(ec2::plugins(ec2::Parts { config: &config, url, retries, watch, again }))
    }
}

impl Session {
    /// IAM Access Analyzer in a region.
    #[must_use]
    pub fn access_analyzer(&self, region: &Region) -> aws_sdk_accessanalyzer::Client {
        self.made().client(region, || client!(self.outfit(), region, aws_sdk_accessanalyzer))
    }

    /// `CloudTrail` in a region.
    #[must_use]
    pub fn cloudtrail(&self, region: &Region) -> aws_sdk_cloudtrail::Client {
        self.made().client(region, || client!(self.outfit(), region, aws_sdk_cloudtrail))
    }

    /// `CloudWatch` in a region.
    #[must_use]
    pub fn cloudwatch(&self, region: &Region) -> aws_sdk_cloudwatch::Client {
        self.made().client(region, || client!(self.outfit(), region, aws_sdk_cloudwatch))
    }

    /// `CloudWatch` Logs in a region.
    #[must_use]
    pub fn logs(&self, region: &Region) -> aws_sdk_cloudwatchlogs::Client {
        self.made().client(region, || client!(self.outfit(), region, aws_sdk_cloudwatchlogs))
    }

    /// AWS Config in a region.
    #[must_use]
    pub fn config_service(&self, region: &Region) -> aws_sdk_config::Client {
        self.made().client(region, || client!(self.outfit(), region, aws_sdk_config))
    }

    /// EC2 in a region.
    #[must_use]
    pub fn ec2(&self, region: &Region) -> Ec2 {
        self.made().client(region, || self.outfit().ec2(region, self.partition()))
    }

    /// `GuardDuty` in a region.
    #[must_use]
    pub fn guardduty(&self, region: &Region) -> aws_sdk_guardduty::Client {
        self.made().client(region, || client!(self.outfit(), region, aws_sdk_guardduty))
    }

    /// KMS in a region.
    #[must_use]
    pub fn kms(&self, region: &Region) -> aws_sdk_kms::Client {
        self.made().client(region, || client!(self.outfit(), region, aws_sdk_kms))
    }

    /// S3 in a region. Emulators and the simulator have one host, so where an endpoint was given a bucket is named in
    /// the path.
    #[must_use]
    pub fn s3(&self, region: &Region) -> aws_sdk_s3::Client {
        let in_path = self.has_own_endpoint("S3");
        self.made().client(region, || client!(self.outfit(), region, aws_sdk_s3, force_path_style(in_path)))
    }

    /// S3 Control in a region. Its host begins with the account, which only AWS has such names for: where an endpoint was
    /// given, that is asked as it is.
    #[must_use]
    pub fn s3_control(&self, region: &Region) -> aws_sdk_s3control::Client {
        let own = self.has_own_endpoint("S3 Control");
        self.made().client(region, || {
            if own {
                client!(self.outfit(), region, aws_sdk_s3control, endpoint_resolver(AsGiven))
            } else {
                client!(self.outfit(), region, aws_sdk_s3control)
            }
        })
    }

    /// Security Hub in a region.
    #[must_use]
    pub fn security_hub(&self, region: &Region) -> aws_sdk_securityhub::Client {
        self.made().client(region, || client!(self.outfit(), region, aws_sdk_securityhub))
    }

    /// SNS in a region.
    #[must_use]
    pub fn sns(&self, region: &Region) -> aws_sdk_sns::Client {
        self.made().client(region, || client!(self.outfit(), region, aws_sdk_sns))
    }

    /// IAM, which has one endpoint in the partition.
    #[must_use]
    pub fn iam(&self) -> aws_sdk_iam::Client {
        let region = self.global_region("IAM");
        self.made().client(&region, || client!(self.outfit(), &region, aws_sdk_iam))
    }

    /// Account Management, which has one endpoint in the partition.
    #[must_use]
    pub fn account_management(&self) -> aws_sdk_account::Client {
        let region = self.global_region("Account");
        self.made().client(&region, || client!(self.outfit(), &region, aws_sdk_account))
    }

    /// Organizations, which has one endpoint in the partition.
    #[must_use]
    pub fn organizations(&self) -> aws_sdk_organizations::Client {
        let region = self.global_region("Organizations");
        self.made().client(&region, || client!(self.outfit(), &region, aws_sdk_organizations))
    }

    /// The region whose client asks a service for a target. It is also the one that a throttle slows.
    pub(crate) fn asking_region(&self, service: &str, at: &Target) -> Region {
        if GLOBAL.contains(&service) {
            self.global_region(service)
        } else {
            at.region.as_ref().unwrap_or(self.home_region()).clone()
        }
    }

    /// The region that signs for a service with one endpoint in the partition. The SDK finds it by itself where it
    /// chooses the endpoint; where the user gave one, it would sign for the region of the client.
    fn global_region(&self, service: &str) -> Region {
        let signs = match self.partition().as_str() {
            "aws" => "us-east-1",
            "aws-us-gov" => "us-gov-west-1",
            "aws-cn" => "cn-northwest-1",
            _ => return self.home_region().clone(),
        };
        if self.has_own_endpoint(service) {
            signs.parse().unwrap_or_else(|_| self.home_region().clone())
        } else {
            self.home_region().clone()
        }
    }

    /// STS in the home region.
    #[must_use]
    pub fn sts(&self) -> aws_sdk_sts::Client {
        self.outfit().sts(self.home_region())
    }
}
