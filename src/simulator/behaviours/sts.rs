//! What one would not guess of STS.

use super::{Behaviour, row, seen};

pub(super) const ROWS: &[Behaviour] = &[
    seen(
        "an_absent_role_and_a_refused_trust_look_alike",
        "AssumeRole answers AccessDenied with one sentence for both",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_roles.html",
        "https://github.com/uswitch/kiam/issues/33",
    ),
    row(
        "a_suspended_account_lets_nobody_in",
        "No role of an account that is not active can be assumed",
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_close.html",
    ),
    row(
        "a_trust_may_ask_for_an_external_id",
        "A trust policy with sts:ExternalId refuses who does not send it",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html",
    ),
    row(
        "crossing_accounts_takes_both_sides",
        "Who assumes a role of another account needs a permission of its own beside the trust",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html",
    ),
    row(
        "role_chaining_lasts_an_hour",
        "A session made from a session of a role lasts an hour at most",
        "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html",
    ),
    row(
        "a_session_policy_only_takes_away",
        "A session may do what both its role and its session policy allow",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session",
    ),
    row(
        "a_session_policy_has_a_size",
        "Inline and managed session policies hold 2,048 characters together",
        "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html",
    ),
    row(
        "a_session_policy_may_pack_too_large",
        "A policy within the plain limit can still be PackedPolicyTooLarge",
        "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html",
    ),
    row(
        "a_malformed_session_policy_is_refused",
        "A session policy that is no policy is MalformedPolicyDocument",
        "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html",
    ),
    row(
        "caller_identity_needs_no_permission",
        "GetCallerIdentity answers even where a policy denies it",
        "https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html",
    ),
    row(
        "a_root_user_assumes_no_role",
        "Roles cannot be assumed with the root user's keys",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-api.html",
    ),
    row(
        "the_root_user_of_a_member_is_become_where_root_access_is_central",
        "AssumeRoot needs both features of central root access, sts:AssumeRoot, and a caller in the management account \
         or in that which administers IAM",
        "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html",
    ),
    row(
        "nobody_becomes_the_root_user_of_the_management_account",
        "AssumeRoot is for members that are active, never for the management account, and not with a root user's keys",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html",
    ),
    row(
        "a_root_session_is_for_one_task_of_five_and_lasts_fifteen_minutes",
        "AssumeRoot takes one of AWS's five task policies, and no more than 900 seconds",
        "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html",
    ),
    row(
        "a_root_session_that_deletes_keys_cannot_deactivate_them",
        "IAMDeleteRootUserCredentials lets keys of the root user be listed and deleted; UpdateAccessKey is denied",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/security-iam-awsmanpol.html#security-iam-awsmanpol-IAMDeleteRootUserCredentials",
    ),
];
