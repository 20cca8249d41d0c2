//! What `guardduty.detector` says of itself.

use crate::control::{Meta, Requirement, Runs, Severity};
use crate::frameworks::{nist, security_hub};
use crate::observe::guardduty::Feature;

pub(super) const META: Meta = Meta {
    id: "guardduty.detector",
    title: "GuardDuty watches the region",
    why: "Stolen credentials, mining and data on its way out leave traces in logs that nobody reads by hand. GuardDuty \
          reads them in every region, those that nobody uses included: that is where intruders like to work.",
    runs: Runs::EveryRegion,
    requirements: &[
        Requirement {
            id: "guardduty.detector.enabled",
            title: "There is a detector, and it is on",
            severity: Severity::High,
            references: &[
                security_hub("GuardDuty.1"),
                nist(
                    "AC-2(12) AC-3(12) AU-3(1) AU-6(1) AU-6(5) AU-12(3) AU-14 CA-2 CA-7 CM-8(3) PE-6(2) \
                     PE-6(4) PM-14 PM-16 PM-31 RA-1 RA-3 RA-3(4) RA-5 RA-5(4) RA-10 SC-5 SC-5(1) SC-5(3) \
                     SC-43 SI-3(8) SI-4 SI-4(1) SI-4(2) SI-4(3) SI-4(4) SI-4(10) SI-4(13) SI-4(14) \
                     SI-4(23) SI-4(25) SI-5 SI-5(1)",
                ),
            ],
        },
        Requirement {
            id: "guardduty.detector.publishing_frequency",
            title: "New facts about known findings are exported as often as wanted",
            severity: Severity::Low,
            references: &[],
        },
        Requirement {
            id: "guardduty.detector.features.S3_DATA_EVENTS",
            title: "Reads and writes of objects in S3 are watched",
            severity: Severity::High,
            references: &[security_hub("GuardDuty.10")],
        },
        Requirement {
            id: "guardduty.detector.features.EKS_AUDIT_LOGS",
            title: "The audit logs of EKS clusters are watched",
            severity: Severity::High,
            references: &[security_hub("GuardDuty.5")],
        },
        Requirement {
            id: "guardduty.detector.features.EBS_MALWARE_PROTECTION",
            title: "Volumes of suspicious EC2 instances are scanned for malware",
            severity: Severity::High,
            references: &[security_hub("GuardDuty.8")],
        },
        Requirement {
            id: "guardduty.detector.features.RDS_LOGIN_EVENTS",
            title: "Logins to Aurora and RDS databases are watched",
            severity: Severity::High,
            references: &[security_hub("GuardDuty.9")],
        },
        Requirement {
            id: "guardduty.detector.features.LAMBDA_NETWORK_LOGS",
            title: "The network traffic of Lambda functions is watched",
            severity: Severity::High,
            references: &[security_hub("GuardDuty.6")],
        },
        Requirement {
            id: "guardduty.detector.features.RUNTIME_MONITORING",
            title: "The operating systems of workloads are watched",
            severity: Severity::High,
            references: &[security_hub("GuardDuty.11")],
        },
        Requirement {
            id: "guardduty.detector.features.AI_PROTECTION",
            title: "The use of generative models is watched",
            severity: Severity::Medium,
            references: &[],
        },
    ],
    steps: &["CreateDetector", "UpdateDetector", "UpdateMemberDetectors"],
};

/// The short name of a feature's requirement.
pub(super) fn requirement(feature: Feature) -> &'static str {
    match feature {
        Feature::S3DataEvents => "features.S3_DATA_EVENTS",
        Feature::EksAuditLogs => "features.EKS_AUDIT_LOGS",
        Feature::EbsMalwareProtection => "features.EBS_MALWARE_PROTECTION",
        Feature::RdsLoginEvents => "features.RDS_LOGIN_EVENTS",
        Feature::LambdaNetworkLogs => "features.LAMBDA_NETWORK_LOGS",
        Feature::RuntimeMonitoring => "features.RUNTIME_MONITORING",
        Feature::AiProtection => "features.AI_PROTECTION",
    }
}
