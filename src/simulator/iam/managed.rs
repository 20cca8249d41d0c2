//! AWS managed policies: those that roles and sessions of the simulator use.
//!
//! `SecurityAudit` and `ReadOnlyAccess` are cut down to the services there are here. What they lack is kept too:
//! `SecurityAudit` may not list an account's regions.

use super::document::{Document, Sort};

/// The document of an AWS managed policy, by its ARN in any partition.
pub(crate) fn document(arn: &str) -> Option<&'static str> {
    let name = arn.splitn(6, ':').nth(5)?.strip_prefix("policy/")?;
    POLICIES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// The same, parsed.
pub(crate) fn parsed(arn: &str) -> Option<Document> {
    document(arn).and_then(|text| Document::parse(text, Sort::Identity).ok())
}

const POLICIES: &[(&str, &str)] = &[
    ("AdministratorAccess", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#),
    (
        "SecurityAudit",
        r#"{"Version":"2012-10-17","Statement":[{"Sid":"BaseSecurityAuditStatement","Effect":"Allow","Resource":"*","Action":[
        "account:GetAccountInformation","account:GetAlternateContact","account:GetPrimaryEmail","account:GetRegionOptStatus",
        "cloudtrail:DescribeTrails","cloudtrail:GetEventSelectors","cloudtrail:GetInsightSelectors","cloudtrail:GetTrail",
        "cloudtrail:GetTrailStatus","cloudtrail:ListTags","cloudtrail:ListTrails","cloudtrail:LookupEvents",
        "ec2:Describe*","ec2:GetEbsDefaultKmsKeyId","ec2:GetEbsEncryptionByDefault",
        "ec2:GetImageBlockPublicAccessState","ec2:GetInstanceMetadataDefaults","ec2:GetSerialConsoleAccessStatus",
        "ec2:GetSnapshotBlockPublicAccessState",
        "guardduty:DescribeMalwareScans","guardduty:DescribeOrganizationConfiguration",
        "guardduty:DescribePublishingDestination","guardduty:Get*","guardduty:List*",
        "iam:GenerateCredentialReport","iam:GenerateServiceLastAccessedDetails","iam:Get*","iam:List*",
        "iam:SimulateCustomPolicy","iam:SimulatePrincipalPolicy",
        "kms:Describe*","kms:Get*","kms:List*","organizations:Describe*","organizations:List*",
        "s3:GetAccelerateConfiguration","s3:GetAccountPublicAccessBlock","s3:GetAnalyticsConfiguration","s3:GetBucket*",
        "s3:GetEncryptionConfiguration","s3:GetInventoryConfiguration","s3:GetLifecycleConfiguration",
        "s3:GetMetricsConfiguration","s3:GetObjectAcl","s3:GetObjectVersionAcl","s3:GetReplicationConfiguration",
        "s3:ListAllMyBuckets","s3:ListBucket","sts:GetAccessKeyInfo"]}]}"#,
    ),
    (
        "ReadOnlyAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*","Action":[
        "account:Get*","account:List*","cloudtrail:Describe*","cloudtrail:Get*","cloudtrail:List*","cloudtrail:LookupEvents",
        "ec2:Describe*","ec2:Get*",
        "guardduty:Describe*","guardduty:Get*","guardduty:List*","iam:Generate*","iam:Get*","iam:List*","iam:Simulate*",
        "kms:Describe*","kms:Get*","kms:List*","organizations:Describe*","organizations:List*",
        "s3:DescribeJob","s3:Get*","s3:List*","sts:GetAccessKeyInfo","sts:GetCallerIdentity","sts:GetSessionToken"]}]}"#,
    ),
    (
        "AWSCloudShellFullAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["cloudshell:*"],"Resource":"*"}]}"#,
    ),
    (
        "AWSSupportAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["support:*"],"Resource":"*"}]}"#,
    ),
    (
        "job-function/ViewOnlyAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*","Action":[
        "cloudtrail:DescribeTrails","cloudtrail:ListTrails","cloudtrail:LookupEvents","iam:GetAccountSummary","iam:List*",
        "kms:ListKeys","kms:ListResourceTags","organizations:List*","s3:ListAllMyBuckets","s3:ListBucket"]}]}"#,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_managed_policy_parses_in_every_partition() {
        for (name, _) in POLICIES {
            for partition in ["aws", "aws-us-gov"] {
                assert!(parsed(&format!("arn:{partition}:iam::aws:policy/{name}")).is_some(), "{name}");
            }
        }
        assert!(document("arn:aws:iam::aws:policy/Nothing").is_none());
    }
}
