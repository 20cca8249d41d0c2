//! The names that AWS and a baseline have in common.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a detector may watch besides its foundations, as far as it protects something.
///
/// `EKS_RUNTIME_MONITORING` is the forerunner of `RUNTIME_MONITORING` and may not be named beside it. `AI_ANALYST`
/// answers questions about findings, and watches nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schemars(inline)]
pub enum Feature {
    /// Reads and writes of objects in S3.
    S3DataEvents,
    /// The audit logs of EKS clusters.
    EksAuditLogs,
    /// The volumes of EC2 instances, scanned once something is found.
    EbsMalwareProtection,
    /// Logins to Aurora and RDS databases.
    RdsLoginEvents,
    /// The network traffic of Lambda functions.
    LambdaNetworkLogs,
    /// The operating systems of EC2, ECS and EKS workloads.
    RuntimeMonitoring,
    /// The use of generative models. Few regions offer it so far.
    AiProtection,
}

impl Feature {
    /// Every feature.
    pub const ALL: [Self; 7] = [
        Self::S3DataEvents,
        Self::EksAuditLogs,
        Self::EbsMalwareProtection,
        Self::RdsLoginEvents,
        Self::LambdaNetworkLogs,
        Self::RuntimeMonitoring,
        Self::AiProtection,
    ];

    /// The name, as AWS has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::S3DataEvents => "S3_DATA_EVENTS",
            Self::EksAuditLogs => "EKS_AUDIT_LOGS",
            Self::EbsMalwareProtection => "EBS_MALWARE_PROTECTION",
            Self::RdsLoginEvents => "RDS_LOGIN_EVENTS",
            Self::LambdaNetworkLogs => "LAMBDA_NETWORK_LOGS",
            Self::RuntimeMonitoring => "RUNTIME_MONITORING",
            Self::AiProtection => "AI_PROTECTION",
        }
    }
}

/// How often a detector exports what is new about findings it already has; often is more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schemars(inline)]
pub enum Frequency {
    /// Every six hours.
    SixHours,
    /// Every hour.
    OneHour,
    /// Every fifteen minutes.
    FifteenMinutes,
}

impl Frequency {
    /// Every frequency.
    pub const ALL: [Self; 3] = [Self::SixHours, Self::OneHour, Self::FifteenMinutes];

    /// The name, as AWS has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SixHours => "SIX_HOURS",
            Self::OneHour => "ONE_HOUR",
            Self::FifteenMinutes => "FIFTEEN_MINUTES",
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_guardduty::types::{DetectorFeature, FindingPublishingFrequency};

    use super::*;

    #[test]
    fn the_names_are_those_of_aws_and_of_the_baseline() {
        for feature in Feature::ALL {
            assert!(DetectorFeature::values().contains(&feature.name()), "{}", feature.name());
            assert_eq!(serde_json::to_value(feature).expect("a name"), feature.name());
        }
        for frequency in Frequency::ALL {
            assert!(FindingPublishingFrequency::values().contains(&frequency.name()), "{}", frequency.name());
            assert_eq!(serde_json::to_value(frequency).expect("a name"), frequency.name());
        }
    }

    #[test]
    fn the_shorter_the_pause_the_more_it_is() {
        assert!(Frequency::SixHours < Frequency::OneHour && Frequency::OneHour < Frequency::FifteenMinutes);
    }
}
