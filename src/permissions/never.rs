//! What trueup never does, and what undoes what a baseline holds: the Deny list of its write roles, and that of a
//! service control policy.

/// An action that is denied to the write roles, whatever their policies may come to allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Never {
    /// The IAM action.
    pub action: &'static str,
    /// Whether it undoes what a baseline holds, so that it may be denied to everybody else as well.
    pub undoes: bool,
}

const fn undoes(action: &'static str) -> Never {
    Never { action, undoes: true }
}

const fn never(action: &'static str) -> Never {
    Never { action, undoes: false }
}

/// Denied on every resource.
pub const NEVER: &[Never] = &[
    never("account:CloseAccount"),
    never("account:DisableRegion"),
    undoes("cloudtrail:DeleteTrail"),
    undoes("cloudtrail:StopLogging"),
    undoes("config:DeleteConfigurationRecorder"),
    undoes("config:DeleteDeliveryChannel"),
    undoes("config:StopConfigurationRecorder"),
    undoes("ec2:DisableEbsEncryptionByDefault"),
    undoes("ec2:DisableImageBlockPublicAccess"),
    undoes("ec2:DisableSnapshotBlockPublicAccess"),
    undoes("ec2:EnableSerialConsoleAccess"),
    undoes("guardduty:DeleteDetector"),
    undoes("guardduty:DeleteMembers"),
    undoes("guardduty:DisableOrganizationAdminAccount"),
    undoes("guardduty:DisassociateFromAdministratorAccount"),
    undoes("guardduty:DisassociateMembers"),
    undoes("guardduty:StopMonitoringMembers"),
    never("iam:CreateAccessKey"),
    never("iam:CreateLoginProfile"),
    never("iam:CreateUser"),
    undoes("iam:DeleteAccountPasswordPolicy"),
    never("kms:DeleteAlias"),
    never("kms:DisableKey"),
    undoes("kms:DisableKeyRotation"),
    never("kms:ScheduleKeyDeletion"),
    never("logs:DeleteLogGroup"),
    never("logs:DeleteLogStream"),
    never("organizations:CloseAccount"),
    never("organizations:DeleteOrganization"),
    never("organizations:DisableAWSServiceAccess"),
    never("organizations:LeaveOrganization"),
    never("organizations:RemoveAccountFromOrganization"),
    never("s3:DeleteBucket"),
    never("s3:DeleteBucketPolicy"),
    never("s3:DeleteObject"),
    never("s3:DeleteObjectVersion"),
    undoes("securityhub:DisableSecurityHub"),
];

/// Denied on trueup's own roles: who may write an account must not be able to widen what that means.
pub const OWN_ROLES: &[&str] = &[
    "iam:AttachRolePolicy",
    "iam:DeleteRole",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
];

/// Where the managed policies are that trueup's own roles consist of.
pub const OWN_PATH: &str = "/trueup/";

/// Denied on those policies: a new version of one widens what a role may do, and leaves the role as it is.
pub const OWN_POLICIES: &[&str] =
    &["iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:SetDefaultPolicyVersion"];

/// Whether an action changes a setting that an account or a region has one of, so that nobody but trueup needs it
/// where a baseline holds the setting. What makes or changes one thing of many, such as a bucket, is everybody's.
#[must_use]
pub fn sets(action: &str) -> bool {
    const SETTINGS: &[&str] = &[
        "cloudtrail:PutEventSelectors",
        "cloudtrail:UpdateTrail",
        "ec2:EnableSnapshotBlockPublicAccess",
        "ec2:ModifyEbsDefaultKmsKeyId",
        "ec2:ModifyInstanceMetadataDefaults",
        "guardduty:UpdateDetector",
        "guardduty:UpdateMemberDetectors",
        "iam:UpdateAccountPasswordPolicy",
        "s3:PutAccountPublicAccessBlock",
    ];
    SETTINGS.contains(&action)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permissions::reference::{Level, look_up};
    use crate::steps::DECLARED;

    #[test]
    fn every_action_of_the_lists_is_one_of_awss_and_changes_something() {
        for action in NEVER.iter().map(|never| never.action).chain([OWN_ROLES, OWN_POLICIES].concat()) {
            let known = look_up(action).unwrap_or_else(|| panic!("{action} is not known to AWS"));
            assert!(!matches!(known.level, Level::List | Level::Read), "{action}");
        }
        assert!(NEVER.is_sorted_by_key(|never| never.action) && OWN_ROLES.is_sorted() && OWN_POLICIES.is_sorted());
    }

    #[test]
    fn no_step_calls_what_is_never_done() {
        for (step, calls, dependent) in DECLARED {
            for action in calls.iter().map(|call| call.action).chain(dependent.iter().copied()) {
                assert!(NEVER.iter().all(|never| never.action != action), "{step} calls {action}");
            }
        }
    }
}
