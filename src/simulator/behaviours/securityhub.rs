//! What one would not guess of Security Hub CSPM.

use super::{Behaviour, row, seen};

pub(super) const ROWS: &[Behaviour] = &[
    seen(
        "who_has_no_hub_is_refused_and_told_why",
        "DescribeHub without a hub is InvalidAccessException with status 401, and says that the account is not subscribed",
        "https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DescribeHub.html",
        "https://github.com/prowler-cloud/prowler/pull/1590",
    ),
    seen(
        "a_second_subscription_is_a_conflict",
        "EnableSecurityHub where it is on is ResourceConflictException",
        "https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_EnableSecurityHub.html",
        "https://github.com/nozaq/terraform-aws-secure-baseline/issues/135",
    ),
    row(
        "standards_come_on_unless_they_are_declined",
        "EnableSecurityHub switches default standards on unless EnableDefaultStandards is false",
        "https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_EnableSecurityHub.html",
    ),
    row(
        "who_is_configured_centrally_cannot_switch_itself_on",
        "An account that has a configuration policy is configured by the delegated administrator alone",
        "https://docs.aws.amazon.com/securityhub/latest/userguide/central-configuration-management-type.html",
    ),
    row(
        "what_a_unit_has_its_accounts_inherit",
        "An account without an association of its own has that of its unit or root, and may be self-managed",
        "https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_GetConfigurationPolicyAssociation.html",
    ),
    row(
        "only_the_administrator_knows_the_configuration",
        "DescribeOrganizationConfiguration and associations are InvalidAccessException to anybody else",
        "https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DescribeOrganizationConfiguration.html",
    ),
    row(
        "a_policy_of_the_organization_says_where_it_is_on",
        "A Security Hub CSPM policy has it on in the regions that it enables and off in those that it disables, which \
         goes first; ALL_SUPPORTED is every region, and one in neither list is left as it is",
        "https://docs.aws.amazon.com/securityhub/latest/userguide/orgs-policies-how-they-work.html",
    ),
    row(
        "what_a_policy_of_the_organization_sets_the_account_cannot_change",
        "Where such a policy names the region, the account itself can switch it neither on nor off",
        "https://docs.aws.amazon.com/securityhub/latest/userguide/orgs-policies-review-impact.html",
    ),
    row(
        "a_first_hub_needs_its_role",
        "EnableSecurityHub needs iam:CreateServiceLinkedRole while the role is missing",
        "https://docs.aws.amazon.com/securityhub/latest/userguide/using-service-linked-roles.html",
    ),
];
