//! Which IAM action, on which resource, each operation asks for: from AWS's Service Authorization Reference.
//!
//! Only what a model cannot tell stands here. It is written independently of what any client declares, so that a
//! client's list of permissions can be proven against it.

/// What an operation acts on, and which input member names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    /// No resource: policies must allow `*`.
    All,
    Analyzer(&'static str),
    /// The hub of the region.
    Hub,
    /// The recorder of the region.
    Recorder,
    /// An alarm, by its name.
    Alarm(&'static str),
    /// Each of these alarms, or all.
    Alarms(&'static str),
    Trail(&'static str),
    Key(&'static str),
    Alias(&'static str),
    /// A log group; where none is named, any.
    LogGroup(&'static str),
    Detector(&'static str),
    /// A snapshot, or any that is made.
    Snapshot(&'static str),
    /// A volume that is made.
    Volume,
    /// What EC2 has of this type in an account and region; where none is named, any that is made.
    Ec2(&'static str, &'static str),
    /// A topic, by its name or its ARN.
    Topic(&'static str),
    Bucket,
    /// An object, named by `Bucket` and `Key`.
    Object,
    Role(&'static str),
    ServiceRole,
    /// A user; where none is named, the one who calls.
    User,
    /// The user whose access key it is.
    OwnerOfKey,
    Group,
    /// A customer managed policy that is made, by its name and path.
    NewPolicy,
    /// What is made with a name, of this type of resource.
    Named(&'static str, &'static str),
    /// The account itself, or the member named by `AccountId`.
    Account,
    /// An account, unit, root or policy of the organization.
    Organization(&'static str),
    /// An ARN as it was sent.
    Arn(&'static str),
    /// Each of these ARNs.
    Arns(&'static str),
    /// Asks for no permission, or the handler weighs it itself: `AssumeRole`.
    Nothing,
}

/// One operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) operation: &'static str,
    /// The action's name without its prefix; most are named like the operation.
    pub(crate) action: &'static str,
    pub(crate) on: On,
}

/// The row of an operation.
pub(crate) fn row(service: &str, operation: &str) -> Option<&'static Row> {
    let rows = match service {
        "access-analyzer" => ACCESS_ANALYZER,
        "account" => ACCOUNT,
        "cloudtrail" => CLOUDTRAIL,
        "config" => CONFIG,
        "ec2" => EC2,
        "guardduty" => GUARDDUTY,
        "iam" => IAM,
        "kms" => KMS,
        "logs" => LOGS,
        "monitoring" => MONITORING,
        "organizations" => ORGANIZATIONS,
        "s3" => S3,
        "s3control" => S3_CONTROL,
        "securityhub" => SECURITYHUB,
        "sns" => SNS,
        "sts" => STS,
        _ => return None,
    };
    rows.iter().find(|row| row.operation == operation)
}

const fn asks(operation: &'static str, on: On) -> Row {
    Row { operation, action: operation, on }
}

/// An operation whose action has another name.
const fn named(row: Row, action: &'static str) -> Row {
    Row { action, ..row }
}

const ACCESS_ANALYZER: &[Row] = &[
    asks("CreateAnalyzer", On::Analyzer("analyzerName")),
    asks("DeleteAnalyzer", On::Analyzer("analyzerName")),
    asks("ListAnalyzers", On::All),
];

const ACCOUNT: &[Row] = &[
    asks("DeleteAlternateContact", On::Account),
    asks("DisableRegion", On::Account),
    asks("EnableRegion", On::Account),
    asks("GetAlternateContact", On::Account),
    asks("GetContactInformation", On::Account),
    asks("GetRegionOptStatus", On::Account),
    asks("ListRegions", On::Account),
    asks("PutAlternateContact", On::Account),
    asks("PutContactInformation", On::Account),
];

const CLOUDTRAIL: &[Row] = &[
    asks("AddTags", On::Arn("ResourceId")),
    asks("CreateTrail", On::Trail("Name")),
    asks("DeleteTrail", On::Trail("Name")),
    asks("DescribeTrails", On::All),
    asks("GetEventSelectors", On::Trail("TrailName")),
    asks("GetTrail", On::Trail("Name")),
    asks("GetTrailStatus", On::Trail("Name")),
    asks("ListTags", On::Arns("ResourceIdList")),
    asks("ListTrails", On::All),
    asks("PutEventSelectors", On::Trail("TrailName")),
    asks("RemoveTags", On::Arn("ResourceId")),
    asks("StartLogging", On::Trail("Name")),
    asks("StopLogging", On::Trail("Name")),
    asks("UpdateTrail", On::Trail("Name")),
];

const CONFIG: &[Row] = &[
    asks("DeleteConfigurationRecorder", On::Recorder),
    asks("DeleteDeliveryChannel", On::All),
    asks("DeleteRetentionConfiguration", On::All),
    asks("DescribeConfigurationRecorderStatus", On::Recorder),
    asks("DescribeConfigurationRecorders", On::Recorder),
    asks("DescribeDeliveryChannelStatus", On::All),
    asks("DescribeDeliveryChannels", On::All),
    asks("DescribeRetentionConfigurations", On::All),
    asks("PutConfigurationRecorder", On::Recorder),
    asks("PutDeliveryChannel", On::All),
    asks("PutRetentionConfiguration", On::All),
    asks("PutServiceLinkedConfigurationRecorder", On::All),
    asks("StartConfigurationRecorder", On::Recorder),
    asks("StopConfigurationRecorder", On::Recorder),
];

const EC2: &[Row] = &[
    asks("AuthorizeSecurityGroupEgress", On::Ec2("security-group", "GroupId")),
    asks("AuthorizeSecurityGroupIngress", On::Ec2("security-group", "GroupId")),
    asks("CreateManagedPrefixList", On::Ec2("prefix-list", "PrefixListId")),
    asks("CreateNetworkInterface", On::Ec2("network-interface", "NetworkInterfaceId")),
    asks("CreateSecurityGroup", On::Ec2("security-group", "GroupId")),
    asks("CreateSnapshot", On::Snapshot("SnapshotId")),
    asks("CreateSubnet", On::Ec2("subnet", "SubnetId")),
    asks("CreateVolume", On::Volume),
    asks("CreateVpc", On::Ec2("vpc", "VpcId")),
    asks("DeleteSecurityGroup", On::Ec2("security-group", "GroupId")),
    asks("DescribeNetworkInterfaces", On::All),
    asks("DescribeRegions", On::All),
    asks("DescribeSecurityGroups", On::All),
    asks("DescribeSnapshots", On::All),
    asks("DescribeSubnets", On::All),
    asks("DescribeVpcs", On::All),
    asks("DisableEbsEncryptionByDefault", On::All),
    asks("DisableImageBlockPublicAccess", On::All),
    asks("DisableSerialConsoleAccess", On::All),
    asks("DisableSnapshotBlockPublicAccess", On::All),
    asks("EnableEbsEncryptionByDefault", On::All),
    asks("EnableImageBlockPublicAccess", On::All),
    asks("EnableSerialConsoleAccess", On::All),
    asks("EnableSnapshotBlockPublicAccess", On::All),
    asks("GetEbsDefaultKmsKeyId", On::All),
    asks("GetEbsEncryptionByDefault", On::All),
    asks("GetImageBlockPublicAccessState", On::All),
    asks("GetInstanceMetadataDefaults", On::All),
    asks("GetManagedPrefixListEntries", On::Ec2("prefix-list", "PrefixListId")),
    asks("GetSerialConsoleAccessStatus", On::All),
    asks("GetSnapshotBlockPublicAccessState", On::All),
    asks("ModifyEbsDefaultKmsKeyId", On::All),
    asks("ModifyInstanceMetadataDefaults", On::All),
    asks("ModifySnapshotAttribute", On::Snapshot("SnapshotId")),
    asks("ResetEbsDefaultKmsKeyId", On::All),
    asks("RevokeSecurityGroupEgress", On::Ec2("security-group", "GroupId")),
    asks("RevokeSecurityGroupIngress", On::Ec2("security-group", "GroupId")),
];

const GUARDDUTY: &[Row] = &[
    asks("CreateDetector", On::All),
    asks("CreateMembers", On::Detector("DetectorId")),
    asks("DeleteDetector", On::Detector("DetectorId")),
    asks("DeleteMembers", On::Detector("DetectorId")),
    asks("DescribeOrganizationConfiguration", On::Detector("DetectorId")),
    asks("DisableOrganizationAdminAccount", On::All),
    asks("EnableOrganizationAdminAccount", On::All),
    asks("GetAdministratorAccount", On::Detector("DetectorId")),
    asks("GetDetector", On::Detector("DetectorId")),
    asks("GetMemberDetectors", On::Detector("DetectorId")),
    asks("GetMembers", On::Detector("DetectorId")),
    asks("ListDetectors", On::All),
    asks("ListMembers", On::Detector("DetectorId")),
    asks("ListOrganizationAdminAccounts", On::All),
    asks("ListTagsForResource", On::Arn("ResourceArn")),
    asks("TagResource", On::Arn("ResourceArn")),
    asks("UntagResource", On::Arn("ResourceArn")),
    asks("UpdateDetector", On::Detector("DetectorId")),
    asks("UpdateMemberDetectors", On::Detector("DetectorId")),
    asks("UpdateOrganizationConfiguration", On::Detector("DetectorId")),
];

const IAM: &[Row] = &[
    asks("AddUserToGroup", On::Group),
    asks("AttachGroupPolicy", On::Group),
    asks("AttachRolePolicy", On::Role("RoleName")),
    asks("AttachUserPolicy", On::User),
    asks("CreateAccessKey", On::User),
    asks("CreateAccountAlias", On::All),
    asks("CreateGroup", On::Group),
    asks("CreateLoginProfile", On::User),
    asks("CreateOpenIDConnectProvider", On::Named("oidc-provider", "Url")),
    asks("CreatePolicy", On::NewPolicy),
    asks("CreatePolicyVersion", On::Arn("PolicyArn")),
    asks("CreateRole", On::Role("RoleName")),
    asks("CreateSAMLProvider", On::Named("saml-provider", "Name")),
    asks("CreateServiceLinkedRole", On::ServiceRole),
    asks("CreateUser", On::User),
    asks("CreateVirtualMFADevice", On::Named("mfa", "VirtualMFADeviceName")),
    asks("DeactivateMFADevice", On::User),
    asks("DeleteAccessKey", On::User),
    asks("DeleteAccountAlias", On::All),
    asks("DeleteAccountPasswordPolicy", On::All),
    asks("DeleteGroupPolicy", On::Group),
    asks("DeleteLoginProfile", On::User),
    asks("DeletePolicy", On::Arn("PolicyArn")),
    asks("DeleteRole", On::Role("RoleName")),
    asks("DeleteRolePolicy", On::Role("RoleName")),
    asks("DeleteServerCertificate", On::Named("server-certificate", "ServerCertificateName")),
    asks("DeleteUser", On::User),
    asks("DeleteUserPolicy", On::User),
    asks("DeleteVirtualMFADevice", On::Arn("SerialNumber")),
    asks("DetachGroupPolicy", On::Group),
    asks("DetachRolePolicy", On::Role("RoleName")),
    asks("DetachUserPolicy", On::User),
    asks("EnableMFADevice", On::User),
    asks("GenerateCredentialReport", On::All),
    asks("GetAccessKeyLastUsed", On::OwnerOfKey),
    asks("GetAccountAuthorizationDetails", On::All),
    asks("GetAccountPasswordPolicy", On::All),
    asks("GetAccountSummary", On::All),
    asks("GetCredentialReport", On::All),
    asks("GetLoginProfile", On::User),
    asks("GetPolicy", On::Arn("PolicyArn")),
    asks("GetPolicyVersion", On::Arn("PolicyArn")),
    asks("GetRole", On::Role("RoleName")),
    asks("GetRolePolicy", On::Role("RoleName")),
    asks("GetUser", On::User),
    asks("GetUserPolicy", On::User),
    asks("ListAccessKeys", On::User),
    asks("ListAccountAliases", On::All),
    asks("ListAttachedGroupPolicies", On::Group),
    asks("ListAttachedRolePolicies", On::Role("RoleName")),
    asks("ListAttachedUserPolicies", On::User),
    asks("ListEntitiesForPolicy", On::Arn("PolicyArn")),
    asks("ListMFADevices", On::User),
    asks("ListOpenIDConnectProviders", On::All),
    asks("ListPolicies", On::All),
    asks("ListRolePolicies", On::Role("RoleName")),
    asks("ListRoles", On::All),
    asks("ListSAMLProviders", On::All),
    asks("ListServerCertificates", On::All),
    asks("ListUserPolicies", On::User),
    asks("ListUsers", On::All),
    asks("ListVirtualMFADevices", On::All),
    asks("PutGroupPolicy", On::Group),
    asks("PutRolePolicy", On::Role("RoleName")),
    asks("PutUserPolicy", On::User),
    asks("RemoveUserFromGroup", On::Group),
    asks("UpdateAccessKey", On::User),
    asks("SimulatePrincipalPolicy", On::Arn("PolicySourceArn")),
    asks("UpdateAccountPasswordPolicy", On::All),
    asks("UpdateAssumeRolePolicy", On::Role("RoleName")),
    asks("UploadServerCertificate", On::Named("server-certificate", "ServerCertificateName")),
];

const KMS: &[Row] = &[
    asks("CancelKeyDeletion", On::Key("KeyId")),
    asks("CreateAlias", On::Alias("AliasName")),
    asks("CreateKey", On::All),
    asks("DeleteAlias", On::Alias("AliasName")),
    asks("DescribeKey", On::Key("KeyId")),
    asks("DisableKey", On::Key("KeyId")),
    asks("DisableKeyRotation", On::Key("KeyId")),
    asks("EnableKey", On::Key("KeyId")),
    asks("EnableKeyRotation", On::Key("KeyId")),
    asks("GetKeyPolicy", On::Key("KeyId")),
    asks("GetKeyRotationStatus", On::Key("KeyId")),
    asks("GetPublicKey", On::Key("KeyId")),
    asks("ListAliases", On::All),
    asks("ListKeyPolicies", On::Key("KeyId")),
    asks("ListKeys", On::All),
    asks("ListResourceTags", On::Key("KeyId")),
    asks("PutKeyPolicy", On::Key("KeyId")),
    asks("ReplicateKey", On::Key("KeyId")),
    asks("ScheduleKeyDeletion", On::Key("KeyId")),
    asks("Sign", On::Key("KeyId")),
    asks("TagResource", On::Key("KeyId")),
    asks("UntagResource", On::Key("KeyId")),
    asks("UpdateAlias", On::Alias("AliasName")),
    asks("Verify", On::Key("KeyId")),
];

const LOGS: &[Row] = &[
    asks("CreateLogGroup", On::LogGroup("logGroupName")),
    asks("CreateLogStream", On::LogGroup("logGroupName")),
    asks("DeleteLogGroup", On::LogGroup("logGroupName")),
    asks("DeleteMetricFilter", On::LogGroup("logGroupName")),
    asks("DeleteRetentionPolicy", On::LogGroup("logGroupName")),
    asks("DescribeLogGroups", On::LogGroup("")),
    asks("DescribeLogStreams", On::LogGroup("logGroupName")),
    asks("DescribeMetricFilters", On::LogGroup("logGroupName")),
    asks("ListTagsForResource", On::Arn("resourceArn")),
    asks("PutLogEvents", On::LogGroup("logGroupName")),
    asks("PutMetricFilter", On::LogGroup("logGroupName")),
    asks("PutRetentionPolicy", On::LogGroup("logGroupName")),
    asks("TagResource", On::Arn("resourceArn")),
    asks("UntagResource", On::Arn("resourceArn")),
];

const MONITORING: &[Row] = &[
    asks("DeleteAlarms", On::Alarms("AlarmNames")),
    asks("DescribeAlarms", On::Alarms("AlarmNames")),
    asks("DisableAlarmActions", On::Alarms("AlarmNames")),
    asks("EnableAlarmActions", On::Alarms("AlarmNames")),
    asks("ListTagsForResource", On::Arn("ResourceARN")),
    asks("PutMetricAlarm", On::Alarm("AlarmName")),
    asks("TagResource", On::Arn("ResourceARN")),
    asks("UntagResource", On::Arn("ResourceARN")),
];

const ORGANIZATIONS: &[Row] = &[
    asks("AttachPolicy", On::Organization("TargetId")),
    asks("CloseAccount", On::Organization("AccountId")),
    asks("CreateAccount", On::All),
    asks("CreateOrganizationalUnit", On::Organization("ParentId")),
    asks("CreatePolicy", On::All),
    asks("DescribeAccount", On::Organization("AccountId")),
    asks("DescribeCreateAccountStatus", On::All),
    asks("DescribeEffectivePolicy", On::Organization("TargetId")),
    asks("DescribeOrganization", On::All),
    asks("DescribeOrganizationalUnit", On::Organization("OrganizationalUnitId")),
    asks("DescribePolicy", On::Organization("PolicyId")),
    asks("DetachPolicy", On::Organization("TargetId")),
    asks("DeregisterDelegatedAdministrator", On::Organization("AccountId")),
    asks("DisableAWSServiceAccess", On::All),
    asks("EnableAWSServiceAccess", On::All),
    asks("EnablePolicyType", On::Organization("RootId")),
    asks("ListAWSServiceAccessForOrganization", On::All),
    asks("ListAccounts", On::All),
    asks("ListAccountsForParent", On::Organization("ParentId")),
    asks("ListChildren", On::Organization("ParentId")),
    asks("ListDelegatedAdministrators", On::All),
    asks("ListDelegatedServicesForAccount", On::Organization("AccountId")),
    asks("ListOrganizationalUnitsForParent", On::Organization("ParentId")),
    asks("ListParents", On::Organization("ChildId")),
    asks("ListPolicies", On::All),
    asks("ListPoliciesForTarget", On::Organization("TargetId")),
    asks("ListRoots", On::All),
    asks("ListTagsForResource", On::Organization("ResourceId")),
    asks("ListTargetsForPolicy", On::Organization("PolicyId")),
    asks("MoveAccount", On::Organization("AccountId")),
    asks("RegisterDelegatedAdministrator", On::Organization("AccountId")),
    asks("TagResource", On::Organization("ResourceId")),
    asks("UntagResource", On::Organization("ResourceId")),
];

const S3: &[Row] = &[
    asks("CreateBucket", On::Bucket),
    asks("DeleteBucket", On::Bucket),
    asks("DeleteBucketPolicy", On::Bucket),
    named(asks("DeleteBucketTagging", On::Bucket), "PutBucketTagging"),
    asks("DeleteObject", On::Object),
    named(asks("DeletePublicAccessBlock", On::Bucket), "PutBucketPublicAccessBlock"),
    asks("GetBucketAcl", On::Bucket),
    named(asks("GetBucketEncryption", On::Bucket), "GetEncryptionConfiguration"),
    named(asks("GetBucketLifecycleConfiguration", On::Bucket), "GetLifecycleConfiguration"),
    asks("GetBucketLocation", On::Bucket),
    asks("GetBucketLogging", On::Bucket),
    asks("GetBucketOwnershipControls", On::Bucket),
    asks("GetBucketPolicy", On::Bucket),
    asks("GetBucketPolicyStatus", On::Bucket),
    asks("GetBucketTagging", On::Bucket),
    asks("GetBucketVersioning", On::Bucket),
    asks("GetObject", On::Object),
    named(asks("GetObjectLockConfiguration", On::Bucket), "GetBucketObjectLockConfiguration"),
    named(asks("GetPublicAccessBlock", On::Bucket), "GetBucketPublicAccessBlock"),
    named(asks("HeadBucket", On::Bucket), "ListBucket"),
    named(asks("HeadObject", On::Object), "GetObject"),
    named(asks("ListBuckets", On::All), "ListAllMyBuckets"),
    named(asks("ListObjectsV2", On::Bucket), "ListBucket"),
    named(asks("PutBucketEncryption", On::Bucket), "PutEncryptionConfiguration"),
    named(asks("PutBucketLifecycleConfiguration", On::Bucket), "PutLifecycleConfiguration"),
    asks("PutBucketLogging", On::Bucket),
    asks("PutBucketOwnershipControls", On::Bucket),
    asks("PutBucketPolicy", On::Bucket),
    asks("PutBucketTagging", On::Bucket),
    asks("PutBucketVersioning", On::Bucket),
    asks("PutObject", On::Object),
    named(asks("PutPublicAccessBlock", On::Bucket), "PutBucketPublicAccessBlock"),
];

const S3_CONTROL: &[Row] = &[
    named(asks("DeletePublicAccessBlock", On::All), "PutAccountPublicAccessBlock"),
    named(asks("GetPublicAccessBlock", On::All), "GetAccountPublicAccessBlock"),
    named(asks("PutPublicAccessBlock", On::All), "PutAccountPublicAccessBlock"),
];

const SECURITYHUB: &[Row] = &[
    asks("CreateConfigurationPolicy", On::All),
    asks("DescribeHub", On::Hub),
    asks("DescribeOrganizationConfiguration", On::Hub),
    asks("DisableSecurityHub", On::Hub),
    asks("EnableOrganizationAdminAccount", On::All),
    asks("EnableSecurityHub", On::Hub),
    asks("GetConfigurationPolicyAssociation", On::All),
    asks("ListTagsForResource", On::Hub),
    asks("StartConfigurationPolicyAssociation", On::All),
    asks("UpdateOrganizationConfiguration", On::Hub),
];

const SNS: &[Row] = &[
    asks("ConfirmSubscription", On::Topic("TopicArn")),
    asks("CreateTopic", On::Topic("Name")),
    asks("DeleteTopic", On::Topic("TopicArn")),
    asks("GetTopicAttributes", On::Topic("TopicArn")),
    asks("ListSubscriptionsByTopic", On::Topic("TopicArn")),
    asks("ListTagsForResource", On::Topic("ResourceArn")),
    asks("ListTopics", On::All),
    asks("SetTopicAttributes", On::Topic("TopicArn")),
    asks("Subscribe", On::Topic("TopicArn")),
    asks("TagResource", On::Topic("ResourceArn")),
    asks("Unsubscribe", On::All),
    asks("UntagResource", On::Topic("ResourceArn")),
];

const STS: &[Row] = &[asks("AssumeRole", On::Nothing), asks("GetCallerIdentity", On::Nothing)];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::services;

    #[test]
    fn every_operation_that_is_served_has_a_row_and_every_row_is_served() {
        for (service, rows) in [
            ("account", ACCOUNT),
            ("cloudtrail", CLOUDTRAIL),
            ("ec2", EC2),
            ("guardduty", GUARDDUTY),
            ("iam", IAM),
            ("kms", KMS),
            ("logs", LOGS),
            ("monitoring", MONITORING),
            ("organizations", ORGANIZATIONS),
            ("s3", S3),
            ("s3control", S3_CONTROL),
            ("sns", SNS),
            ("sts", STS),
        ] {
            let served = services::operations(service);
            for operation in &served {
                assert!(row(service, operation).is_some(), "{service} {operation} is served without a row");
            }
            for row in rows {
                assert!(served.contains(&row.operation), "{service} {} has a row and no handler", row.operation);
            }
        }
    }

    #[test]
    fn s3_names_its_actions_oddly() {
        let action = |operation| row("s3", operation).unwrap().action;
        assert_eq!(action("GetBucketEncryption"), "GetEncryptionConfiguration");
        assert_eq!(action("ListBuckets"), "ListAllMyBuckets");
        assert_eq!(action("GetPublicAccessBlock"), "GetBucketPublicAccessBlock");
        assert_eq!(action("HeadBucket"), "ListBucket");
    }
}
