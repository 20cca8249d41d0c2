//! Which IAM action, on which resource, each operation asks for: from AWS's Service Authorization Reference.
//!
//! Only what a model cannot tell stands here. It is written independently of what any client declares, so that a
//! client's list of permissions can be proven against it.

/// What an operation does to what it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It reads.
    Read,
    /// It changes something.
    Write,
}

/// What an operation acts on, and which input member names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    /// No resource: policies must allow `*`.
    All,
    Trail(&'static str),
    Key(&'static str),
    Alias(&'static str),
    Detector(&'static str),
    Bucket,
    Role(&'static str),
    ServiceRole,
    /// The account itself, or the member named by `AccountId`.
    Account,
    /// An account, unit, root or policy of the organization.
    Organization(&'static str),
    /// An ARN as it was sent.
    Arn(&'static str),
    /// Asks for no permission, or the handler weighs it itself: AssumeRole.
    Nothing,
}

/// One operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) operation: &'static str,
    /// The action's name without its prefix; most are named like the operation.
    pub(crate) action: &'static str,
    pub(crate) on: On,
    pub(crate) access: Access,
}

/// The row of an operation.
pub(crate) fn row(service: &str, operation: &str) -> Option<&'static Row> {
    let rows = match service {
        "account" => ACCOUNT,
        "cloudtrail" => CLOUDTRAIL,
        "guardduty" => GUARDDUTY,
        "iam" => IAM,
        "kms" => KMS,
        "organizations" => ORGANIZATIONS,
        "s3" => S3,
        "sts" => STS,
        _ => return None,
    };
    rows.iter().find(|row| row.operation == operation)
}

/// Whether an operation reads or writes; what is not known counts as a write.
pub(crate) fn access(service: &str, operation: &str) -> Access {
    row(service, operation).map_or(Access::Write, |row| row.access)
}

const fn read(operation: &'static str, on: On) -> Row {
    Row { operation, action: operation, on, access: Access::Read }
}

const fn write(operation: &'static str, on: On) -> Row {
    Row { operation, action: operation, on, access: Access::Write }
}

/// An operation whose action has another name.
const fn named(row: Row, action: &'static str) -> Row {
    Row { action, ..row }
}

const ACCOUNT: &[Row] = &[
    write("DisableRegion", On::Account),
    write("EnableRegion", On::Account),
    read("GetRegionOptStatus", On::Account),
    read("ListRegions", On::Account),
];

const CLOUDTRAIL: &[Row] = &[
    write("AddTags", On::Arn("ResourceId")),
    write("CreateTrail", On::Trail("Name")),
    write("DeleteTrail", On::Trail("Name")),
    read("DescribeTrails", On::All),
    read("GetEventSelectors", On::Trail("TrailName")),
    read("GetTrail", On::Trail("Name")),
    read("GetTrailStatus", On::Trail("Name")),
    read("ListTags", On::All),
    read("ListTrails", On::All),
    write("PutEventSelectors", On::Trail("TrailName")),
    write("RemoveTags", On::Arn("ResourceId")),
    write("StartLogging", On::Trail("Name")),
    write("StopLogging", On::Trail("Name")),
    write("UpdateTrail", On::Trail("Name")),
];

const GUARDDUTY: &[Row] = &[
    write("CreateDetector", On::All),
    write("CreateMembers", On::Detector("DetectorId")),
    write("DeleteDetector", On::Detector("DetectorId")),
    read("DescribeOrganizationConfiguration", On::Detector("DetectorId")),
    write("DisableOrganizationAdminAccount", On::All),
    write("EnableOrganizationAdminAccount", On::All),
    read("GetAdministratorAccount", On::Detector("DetectorId")),
    read("GetDetector", On::Detector("DetectorId")),
    read("GetMemberDetectors", On::Detector("DetectorId")),
    read("GetMembers", On::Detector("DetectorId")),
    read("ListDetectors", On::All),
    read("ListMembers", On::Detector("DetectorId")),
    read("ListOrganizationAdminAccounts", On::All),
    read("ListTagsForResource", On::Arn("ResourceArn")),
    write("TagResource", On::Arn("ResourceArn")),
    write("UntagResource", On::Arn("ResourceArn")),
    write("UpdateDetector", On::Detector("DetectorId")),
    write("UpdateMemberDetectors", On::Detector("DetectorId")),
    write("UpdateOrganizationConfiguration", On::Detector("DetectorId")),
];

const IAM: &[Row] = &[
    write("AttachRolePolicy", On::Role("RoleName")),
    write("CreateRole", On::Role("RoleName")),
    write("CreateServiceLinkedRole", On::ServiceRole),
    write("DeleteAccountPasswordPolicy", On::All),
    write("DeleteRole", On::Role("RoleName")),
    write("DeleteRolePolicy", On::Role("RoleName")),
    write("DetachRolePolicy", On::Role("RoleName")),
    read("GetAccountPasswordPolicy", On::All),
    read("GetAccountSummary", On::All),
    read("GetRole", On::Role("RoleName")),
    read("GetRolePolicy", On::Role("RoleName")),
    read("ListAttachedRolePolicies", On::Role("RoleName")),
    read("ListRolePolicies", On::Role("RoleName")),
    read("ListRoles", On::All),
    write("PutRolePolicy", On::Role("RoleName")),
    write("UpdateAccountPasswordPolicy", On::All),
    write("UpdateAssumeRolePolicy", On::Role("RoleName")),
    write("UpdateRole", On::Role("RoleName")),
];

const KMS: &[Row] = &[
    write("CancelKeyDeletion", On::Key("KeyId")),
    write("CreateAlias", On::Alias("AliasName")),
    write("CreateKey", On::All),
    write("DeleteAlias", On::Alias("AliasName")),
    read("DescribeKey", On::Key("KeyId")),
    write("DisableKey", On::Key("KeyId")),
    write("DisableKeyRotation", On::Key("KeyId")),
    write("EnableKey", On::Key("KeyId")),
    write("EnableKeyRotation", On::Key("KeyId")),
    read("GetKeyPolicy", On::Key("KeyId")),
    read("GetKeyRotationStatus", On::Key("KeyId")),
    read("ListAliases", On::All),
    read("ListKeyPolicies", On::Key("KeyId")),
    read("ListKeys", On::All),
    read("ListResourceTags", On::Key("KeyId")),
    write("PutKeyPolicy", On::Key("KeyId")),
    write("ReplicateKey", On::Key("KeyId")),
    write("ScheduleKeyDeletion", On::Key("KeyId")),
    write("TagResource", On::Key("KeyId")),
    write("UntagResource", On::Key("KeyId")),
    write("UpdateAlias", On::Alias("AliasName")),
];

const ORGANIZATIONS: &[Row] = &[
    write("AttachPolicy", On::Organization("TargetId")),
    write("CloseAccount", On::Organization("AccountId")),
    write("CreateAccount", On::All),
    write("CreateOrganizationalUnit", On::Organization("ParentId")),
    write("CreatePolicy", On::All),
    read("DescribeAccount", On::Organization("AccountId")),
    read("DescribeCreateAccountStatus", On::All),
    read("DescribeEffectivePolicy", On::Organization("TargetId")),
    read("DescribeOrganization", On::All),
    read("DescribeOrganizationalUnit", On::Organization("OrganizationalUnitId")),
    read("DescribePolicy", On::Organization("PolicyId")),
    write("DetachPolicy", On::Organization("TargetId")),
    write("DeregisterDelegatedAdministrator", On::Organization("AccountId")),
    write("DisableAWSServiceAccess", On::All),
    write("EnableAWSServiceAccess", On::All),
    write("EnablePolicyType", On::Organization("RootId")),
    read("ListAWSServiceAccessForOrganization", On::All),
    read("ListAccounts", On::All),
    read("ListAccountsForParent", On::Organization("ParentId")),
    read("ListChildren", On::Organization("ParentId")),
    read("ListDelegatedAdministrators", On::All),
    read("ListDelegatedServicesForAccount", On::Organization("AccountId")),
    read("ListOrganizationalUnitsForParent", On::Organization("ParentId")),
    read("ListParents", On::Organization("ChildId")),
    read("ListPolicies", On::All),
    read("ListPoliciesForTarget", On::Organization("TargetId")),
    read("ListRoots", On::All),
    read("ListTagsForResource", On::Organization("ResourceId")),
    read("ListTargetsForPolicy", On::Organization("PolicyId")),
    write("MoveAccount", On::Organization("AccountId")),
    write("RegisterDelegatedAdministrator", On::Organization("AccountId")),
    write("TagResource", On::Organization("ResourceId")),
    write("UntagResource", On::Organization("ResourceId")),
];

const S3: &[Row] = &[
    write("CreateBucket", On::Bucket),
    write("DeleteBucket", On::Bucket),
    named(write("DeleteBucketEncryption", On::Bucket), "PutEncryptionConfiguration"),
    named(write("DeleteBucketLifecycle", On::Bucket), "PutLifecycleConfiguration"),
    named(write("DeleteBucketOwnershipControls", On::Bucket), "PutBucketOwnershipControls"),
    write("DeleteBucketPolicy", On::Bucket),
    named(write("DeleteBucketTagging", On::Bucket), "PutBucketTagging"),
    named(write("DeletePublicAccessBlock", On::Bucket), "PutBucketPublicAccessBlock"),
    read("GetBucketAcl", On::Bucket),
    named(read("GetBucketEncryption", On::Bucket), "GetEncryptionConfiguration"),
    named(read("GetBucketLifecycleConfiguration", On::Bucket), "GetLifecycleConfiguration"),
    read("GetBucketLocation", On::Bucket),
    read("GetBucketLogging", On::Bucket),
    read("GetBucketOwnershipControls", On::Bucket),
    read("GetBucketPolicy", On::Bucket),
    read("GetBucketPolicyStatus", On::Bucket),
    read("GetBucketTagging", On::Bucket),
    read("GetBucketVersioning", On::Bucket),
    named(read("GetPublicAccessBlock", On::Bucket), "GetBucketPublicAccessBlock"),
    named(read("HeadBucket", On::Bucket), "ListBucket"),
    named(read("ListBuckets", On::All), "ListAllMyBuckets"),
    write("PutBucketAcl", On::Bucket),
    named(write("PutBucketEncryption", On::Bucket), "PutEncryptionConfiguration"),
    named(write("PutBucketLifecycleConfiguration", On::Bucket), "PutLifecycleConfiguration"),
    write("PutBucketLogging", On::Bucket),
    write("PutBucketOwnershipControls", On::Bucket),
    write("PutBucketPolicy", On::Bucket),
    write("PutBucketTagging", On::Bucket),
    write("PutBucketVersioning", On::Bucket),
    named(write("PutPublicAccessBlock", On::Bucket), "PutBucketPublicAccessBlock"),
];

const STS: &[Row] = &[write("AssumeRole", On::Nothing), read("GetCallerIdentity", On::Nothing)];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::services;

    #[test]
    fn every_operation_that_is_served_has_a_row_and_every_row_is_served() {
        for (service, rows) in [
            ("account", ACCOUNT),
            ("cloudtrail", CLOUDTRAIL),
            ("guardduty", GUARDDUTY),
            ("iam", IAM),
            ("kms", KMS),
            ("organizations", ORGANIZATIONS),
            ("s3", S3),
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
    fn what_only_reads_is_named_like_a_read() {
        for row in [ACCOUNT, CLOUDTRAIL, GUARDDUTY, IAM, KMS, ORGANIZATIONS, S3, STS].concat() {
            let reads = ["Get", "List", "Describe", "Head"].iter().any(|verb| row.operation.starts_with(verb));
            assert_eq!(reads, row.access == Access::Read, "{}", row.operation);
        }
    }

    #[test]
    fn s3_names_its_actions_oddly() {
        let action = |operation| row("s3", operation).unwrap().action;
        assert_eq!(action("GetBucketEncryption"), "GetEncryptionConfiguration");
        assert_eq!(action("ListBuckets"), "ListAllMyBuckets");
        assert_eq!(action("GetPublicAccessBlock"), "GetBucketPublicAccessBlock");
        assert_eq!(action("DeleteBucketTagging"), "PutBucketTagging");
    }
}
