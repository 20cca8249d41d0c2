//! What one would not guess of IAM.

use super::{Behaviour, row};

pub(super) const ROWS: &[Behaviour] = &[
    row(
        "a_policy_without_version_has_no_variables",
        "Variables in documents of 2008-10-17, and of no version, are plain text",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html",
    ),
    row(
        "an_absent_key_satisfies_a_negated_condition",
        "A negated operator holds where the request lacks the key",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html",
    ),
    row(
        "arn_patterns_match_part_by_part",
        "A star in ArnLike does not reach over a colon",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html",
    ),
    row(
        "for_all_values_holds_without_the_key",
        "ForAllValues holds where the request lacks the key",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html",
    ),
    row(
        "refusals_name_the_kind_of_policy",
        "A refusal says which kind of policy denies, or allows nothing",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html",
    ),
    row(
        "security_audit_may_not_list_regions",
        "The managed policy SecurityAudit lacks account:ListRegions",
        "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/SecurityAudit.html",
    ),
    row(
        "no_password_policy_is_no_such_entity",
        "An account without a password policy answers NoSuchEntity",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountPasswordPolicy.html",
    ),
    row(
        "a_password_policy_is_replaced_whole",
        "What UpdateAccountPasswordPolicy is not told falls back to its default",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html",
    ),
    row(
        "a_password_age_of_zero_cannot_be_sent",
        "MaxPasswordAge and PasswordReusePrevention start at one; unset is left out",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html",
    ),
    row(
        "the_policy_simulator_knows_no_sessions",
        "SimulatePrincipalPolicy weighs the policies of a role, not those of the session that asks",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html",
    ),
    row(
        "the_policy_simulator_says_what_the_organization_denies",
        "SimulatePrincipalPolicy tells apart what service control policies do not allow",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_OrganizationsDecisionDetail.html",
    ),
    row(
        "service_linked_roles_are_protected",
        "A service-linked role cannot be changed by the account",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html",
    ),
];
