//! What one would not guess of Organizations.

use super::{Behaviour, row, seen};

pub(super) const ROWS: &[Behaviour] = &[
    row(
        "members_may_only_describe_the_organization",
        "A member may describe the organization and its own effective policies; listing and changing are refused",
        "https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeOrganization.html",
    ),
    row(
        "delegated_administrators_read_the_organization",
        "Registering a service's delegated administrator lets it read the organization, and no more",
        "https://docs.aws.amazon.com/organizations/latest/APIReference/API_RegisterDelegatedAdministrator.html",
    ),
    row(
        "an_empty_page_may_carry_a_token",
        "A page may be empty and still have a NextToken",
        "https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html",
    ),
    row(
        "pages_hold_twenty",
        "Lists answer twenty elements a page at most",
        "https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html",
    ),
    row(
        "paths_hold_ids",
        "Paths of an account hold ids of the organization, the root, the units and the account, not names",
        "https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html",
    ),
    row(
        "state_and_status_stand_side_by_side",
        "An account has State beside Status, which is to be retired",
        "https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html",
    ),
    seen(
        "status_hides_what_state_tells",
        "Status has no words for an account that is not signed up or closed: it is ACTIVE beside PENDING_ACTIVATION, and \
         SUSPENDED beside CLOSED",
        "https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html",
        "https://aws.amazon.com/blogs/mt/updates-to-account-status-information-in-aws-organizations/",
    ),
    row(
        "no_effective_policy_is_an_error",
        "DescribeEffectivePolicy answers EffectivePolicyNotFoundException where no policy of the type applies",
        "https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeEffectivePolicy.html",
    ),
    row(
        "lower_policies_replace_add_and_take_away",
        "What is attached further down lays @@assign, @@append and @@remove over what is inherited; no operator is in what is in effect",
        "https://docs.aws.amazon.com/organizations/latest/userguide/policy-operators.html",
    ),
    row(
        "a_policy_limits_those_below_it",
        "An operator that a policy does not allow its children has no effect further down, whatever is allowed there",
        "https://docs.aws.amazon.com/organizations/latest/userguide/policy-operators.html",
    ),
    row(
        "policy_types_are_enabled_before_they_are_attached",
        "A policy of a type that is not enabled in the root cannot be attached",
        "https://docs.aws.amazon.com/organizations/latest/APIReference/API_AttachPolicy.html",
    ),
    row(
        "a_target_keeps_one_guardrail",
        "The last service control policy of a target cannot be detached",
        "https://docs.aws.amazon.com/organizations/latest/APIReference/API_DetachPolicy.html",
    ),
    row(
        "a_created_account_is_in_progress_first",
        "CreateAccount answers IN_PROGRESS; the status is asked for afterwards",
        "https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html",
    ),
    row(
        "a_removed_account_keeps_its_roles_and_is_not_found",
        "A removed account is not listed and not found any more, no service control policy limits it, and who its roles \
         trust still gets in",
        "https://docs.aws.amazon.com/organizations/latest/APIReference/API_RemoveAccountFromOrganization.html",
    ),
    row(
        "neither_the_management_account_nor_a_delegate_is_removed",
        "The management account cannot be removed, and a delegated administrator only once it is none any more",
        "https://docs.aws.amazon.com/organizations/latest/APIReference/API_RemoveAccountFromOrganization.html",
    ),
    row(
        "delegation_needs_trusted_access",
        "A delegated administrator is registered only for a service with trusted access",
        "https://docs.aws.amazon.com/organizations/latest/APIReference/API_RegisterDelegatedAdministrator.html",
    ),
    row(
        "guardrails_spare_the_management_account",
        "Service control policies do not limit the management account",
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html",
    ),
    row(
        "every_level_of_guardrails_must_allow",
        "An action is open only if every level from the root to the account allows it",
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html",
    ),
];
