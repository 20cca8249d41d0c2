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
    row(
        "a_credential_report_is_started_awaited_and_then_answered",
        "GenerateCredentialReport starts a report, and says COMPLETE once it can be got; until then it is in progress",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateCredentialReport.html",
    ),
    row(
        "a_credential_report_lasts_four_hours",
        "For four hours the same report is answered, whatever changes; then it has expired",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html",
    ),
    row(
        "a_credential_report_has_a_row_for_the_root_user",
        "The first row is that of the root user, whose password the report speaks of otherwise than of a user's",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html",
    ),
    row(
        "a_credential_report_says_na_and_no_information",
        "What does not exist is N/A, a password that was never used no_information",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html",
    ),
    row(
        "a_credential_report_says_when_a_key_was_changed",
        "The report says when a key was made or changed last, and ListAccessKeys when it was made",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html",
    ),
    row(
        "the_account_summary_speaks_of_the_root_user",
        "AccountMFAEnabled and AccountAccessKeysPresent are of the root user alone",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html",
    ),
    row(
        "keys_without_a_user_name_are_those_of_who_asks",
        "A root user that names nobody makes, lists, changes and deletes its own access keys",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html",
    ),
    row(
        "central_root_access_takes_an_organization_that_trusts_iam",
        "ListOrganizationsFeatures answers ServiceAccessNotEnabledException until it does, and refuses members",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListOrganizationsFeatures.html",
    ),
    row(
        "a_virtual_mfa_device_is_listed_with_its_holder",
        "ListVirtualMFADevices says who has a device, and takes the assignment as a filter",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListVirtualMFADevices.html",
    ),
    row(
        "an_inactive_access_key_is_refused",
        "An access key that is inactive signs nothing until it is activated again",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
    ),
    row(
        "a_user_has_two_access_keys_at_most",
        "A third access key is refused, whatever the other two are",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",
    ),
    row(
        "the_last_use_of_a_key_that_was_never_used_has_no_date",
        "GetAccessKeyLastUsed answers no date, and N/A for region and service, for a key that was never used",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKeyLastUsed.html",
    ),
    row(
        "a_user_without_password_has_no_login_profile",
        "GetLoginProfile answers NoSuchEntity for a user without a password for the console",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetLoginProfile.html",
    ),
    row(
        "a_user_goes_last",
        "A user with a password, keys, devices, policies or groups cannot be deleted",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html",
    ),
    row(
        "policies_of_groups_are_those_of_their_users",
        "What a group may, its users may",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups.html",
    ),
    row(
        "authorization_details_come_in_pages_over_all_kinds",
        "GetAccountAuthorizationDetails pages over users, groups, roles and policies together, and filters by kind",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html",
    ),
    row(
        "documents_of_authorization_details_are_encoded",
        "Policy documents are URL-encoded in answers",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_PolicyDetail.html",
    ),
    row(
        "a_policy_in_use_cannot_be_deleted",
        "A managed policy that is attached, or that has other versions, cannot be deleted",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html",
    ),
    row(
        "the_default_version_of_a_policy_counts",
        "What a managed policy allows is what its default version does",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html",
    ),
    row(
        "entities_of_a_policy_are_listed_by_kind",
        "ListEntitiesForPolicy answers users, groups and roles apart, also for policies of AWS",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListEntitiesForPolicy.html",
    ),
    row(
        "an_account_has_one_alias",
        "CreateAccountAlias replaces the alias that the account has",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/console_account-alias.html",
    ),
    row(
        "an_alias_is_one_of_all_accounts",
        "An alias that another account has is refused",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/console_account-alias.html",
    ),
    row(
        "a_server_certificate_says_when_it_runs_out",
        "The list has the end of the validity that stands in the certificate",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_ServerCertificateMetadata.html",
    ),
    row(
        "identity_providers_are_counted_in_the_summary",
        "SAML and OIDC providers are Providers of the summary together",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html",
    ),
    row(
        "tags_are_told_of_one_and_not_of_a_list",
        "GetUser, GetPolicy and GetAccountAuthorizationDetails, for users and roles, tell tags; ListUsers and ListPolicies do \
         not, and neither do the details of a managed policy",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html",
    ),
    row(
        "tags_of_a_user_and_a_policy_take_a_permission_of_their_own",
        "CreateUser with tags asks for iam:TagUser besides, and CreatePolicy for iam:TagPolicy",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags_users.html",
    ),
];
