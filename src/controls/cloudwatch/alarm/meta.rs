//! What the alarms say of themselves.

use crate::control::{Meta, Requirement, Runs, Severity};
use crate::frameworks::{Reference, cis, nist, security_hub};

/// What NIST SP 800-53 calls it that changes of the network are watched.
const WATCHED: &str = "AU-6(1) AU-6(5) AU-12(3) AU-14 CA-2(2) CA-7 PM-14 PM-31 SC-36(1) SI-2 SI-4(12) SI-5 SI-5(1)";

const fn requirement(id: &'static str, title: &'static str, references: &'static [Reference]) -> Requirement {
    Requirement { id, title, severity: Severity::Low, references }
}

pub(super) const META: Meta = Meta {
    id: "cloudwatch.alarm",
    title: "What an attacker does, or a slip, raises an alarm",
    why: "A trail that nobody reads tells what happened when it is too late. These alarms tell somebody within minutes that \
          the root user was used, a trail stopped, a key disabled, a network opened.",
    runs: Runs::EveryAccount,
    requirements: &[
        requirement(
            "cloudwatch.alarm.unauthorized_api_calls",
            "Calls that are refused raise an alarm",
            &[cis("1.4-5.0", "4.1"), cis("6.0-7.0", "5.1"), security_hub("CloudWatch.2")],
        ),
        requirement(
            "cloudwatch.alarm.console_signin_without_mfa",
            "A sign-in to the console without MFA raises an alarm",
            &[cis("1.4-5.0", "4.2"), cis("6.0-7.0", "5.2"), security_hub("CloudWatch.3")],
        ),
        requirement(
            "cloudwatch.alarm.root_usage",
            "Use of the root user raises an alarm",
            &[cis("1.4-5.0", "4.3"), cis("6.0-7.0", "5.3"), security_hub("CloudWatch.1")],
        ),
        requirement(
            "cloudwatch.alarm.iam_policy_changes",
            "A change of policies in IAM raises an alarm",
            &[cis("1.4-5.0", "4.4"), cis("6.0-7.0", "5.4"), security_hub("CloudWatch.4")],
        ),
        requirement(
            "cloudwatch.alarm.cloudtrail_changes",
            "A change of a trail raises an alarm",
            &[cis("1.4-5.0", "4.5"), cis("6.0-7.0", "5.5"), security_hub("CloudWatch.5")],
        ),
        requirement(
            "cloudwatch.alarm.console_auth_failures",
            "A failed sign-in to the console raises an alarm",
            &[cis("1.4-5.0", "4.6"), cis("6.0-7.0", "5.6"), security_hub("CloudWatch.6")],
        ),
        requirement(
            "cloudwatch.alarm.kms_cmk_disable_delete",
            "A KMS key that is disabled, or to be deleted, raises an alarm",
            &[cis("1.4-5.0", "4.7"), cis("6.0-7.0", "5.7"), security_hub("CloudWatch.7")],
        ),
        requirement(
            "cloudwatch.alarm.s3_bucket_policy_changes",
            "A change of who may use a bucket raises an alarm",
            &[cis("1.4-5.0", "4.8"), cis("6.0-7.0", "5.8"), security_hub("CloudWatch.8")],
        ),
        requirement(
            "cloudwatch.alarm.config_changes",
            "A change of AWS Config raises an alarm",
            &[cis("1.4-5.0", "4.9"), cis("6.0-7.0", "5.9"), security_hub("CloudWatch.9")],
        ),
        requirement(
            "cloudwatch.alarm.security_group_changes",
            "A change of a security group raises an alarm",
            &[cis("1.4-5.0", "4.10"), cis("6.0-7.0", "5.10"), security_hub("CloudWatch.10")],
        ),
        requirement(
            "cloudwatch.alarm.nacl_changes",
            "A change of a network ACL raises an alarm",
            &[cis("1.4-5.0", "4.11"), cis("6.0-7.0", "5.11"), security_hub("CloudWatch.11"), nist(WATCHED)],
        ),
        requirement(
            "cloudwatch.alarm.network_gateway_changes",
            "A change of a gateway raises an alarm",
            &[cis("1.4-5.0", "4.12"), cis("6.0-7.0", "5.12"), security_hub("CloudWatch.12"), nist(WATCHED)],
        ),
        requirement(
            "cloudwatch.alarm.route_table_changes",
            "A change of routes raises an alarm",
            &[cis("1.4-5.0", "4.13"), cis("6.0-7.0", "5.13"), security_hub("CloudWatch.13"), nist(WATCHED)],
        ),
        requirement(
            "cloudwatch.alarm.vpc_changes",
            "A change of a VPC raises an alarm",
            &[cis("1.4-5.0", "4.14"), cis("6.0-7.0", "5.14"), security_hub("CloudWatch.14"), nist(WATCHED)],
        ),
        requirement(
            "cloudwatch.alarm.organizations_changes",
            "A change of the organization raises an alarm",
            &[cis("1.4-5.0", "4.15"), cis("6.0-7.0", "5.15")],
        ),
        Requirement {
            id: "cloudwatch.alarm.actions",
            title: "The alarms have actions, and the actions are switched on",
            severity: Severity::High,
            references: &[security_hub("CloudWatch.15"), security_hub("CloudWatch.17")],
        },
    ],
    steps: &["PutMetricFilter", "PutMetricAlarm", "EnableAlarmActions"],
};

pub(super) static PAGE: Meta = META;
