//! What one would not guess of GuardDuty.

use super::{Behaviour, row};

pub(super) const ROWS: &[Behaviour] = &[
    row(
        "a_region_has_one_detector",
        "A second CreateDetector is BadRequestException",
        "https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateDetector.html",
    ),
    row(
        "unnamed_features_switch_on",
        "CreateDetector switches on what it is not told, except runtime monitoring",
        "https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateDetector.html",
    ),
    row(
        "both_runtime_monitorings_are_refused",
        "RUNTIME_MONITORING and EKS_RUNTIME_MONITORING cannot be named in one call, also not for members and organizations",
        "https://docs.aws.amazon.com/guardduty/latest/APIReference/API_UpdateDetector.html",
    ),
    row(
        "the_forerunner_stays_on",
        "Switching RUNTIME_MONITORING on leaves EKS_RUNTIME_MONITORING on, until it is switched off by itself",
        "https://docs.aws.amazon.com/guardduty/latest/ug/runtime-monitoring-agent-resource-clean-up.html",
    ),
    row(
        "feature_updates_merge",
        "UpdateDetector keeps the features it is not told",
        "https://docs.aws.amazon.com/guardduty/latest/APIReference/API_UpdateDetector.html",
    ),
    row(
        "foundational_sources_are_listed",
        "GetDetector lists CLOUD_TRAIL, DNS_LOGS and FLOW_LOGS too",
        "https://docs.aws.amazon.com/guardduty/latest/APIReference/API_DetectorFeatureConfigurationResult.html",
    ),
    row(
        "the_administrator_is_regional",
        "The delegated administrator is named region by region",
        "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_organizations.html",
    ),
    row(
        "the_management_account_lists_administrators",
        "Only the management account lists the administrators of the organization",
        "https://docs.aws.amazon.com/guardduty/latest/APIReference/API_ListOrganizationAdminAccounts.html",
    ),
    row(
        "naming_an_administrator_gives_it_a_detector",
        "EnableOrganizationAdminAccount trusts GuardDuty in the organization and makes a detector for the administrator",
        "https://docs.aws.amazon.com/guardduty/latest/ug/organizations_permissions.html",
    ),
    row(
        "members_cannot_change_their_detector",
        "A member cannot change the protection plans of its detector",
        "https://docs.aws.amazon.com/guardduty/latest/ug/administrator_member_relationships.html",
    ),
    row(
        "an_invitation_binds_whom_it_is_accepted_by",
        "Who is not the organization's administrator invites its members; an account has one once it has accepted",
        "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_invitations.html",
    ),
    row(
        "malware_scans_are_not_an_inviters_to_switch",
        "An administrator by invitation changes every plan of its members but Malware Protection for EC2",
        "https://docs.aws.amazon.com/guardduty/latest/ug/administrator_member_relationships.html",
    ),
    row(
        "the_administrators_frequency_is_its_members_too",
        "How often findings are exported again is set by the administrator for all of its members, and by no member",
        "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html",
    ),
    row(
        "who_has_no_administrator_gets_an_empty_answer",
        "GetAdministratorAccount answers without content where there is none",
        "https://docs.aws.amazon.com/guardduty/latest/APIReference/API_GetAdministratorAccount.html",
    ),
    row(
        "strangers_are_unprocessed",
        "Calls over members answer 200 and name whom they left out",
        "https://docs.aws.amazon.com/guardduty/latest/APIReference/API_UpdateMemberDetectors.html",
    ),
    row(
        "what_members_are_not_told_stays",
        "UpdateMemberDetectors keeps the features of each member that it is not told",
        "https://docs.aws.amazon.com/guardduty/latest/APIReference/API_UpdateMemberDetectors.html",
    ),
    row(
        "a_policy_holds_against_the_administrator_too",
        "GetMemberDetectors names the policy that manages a member's feature, and UpdateMemberDetectors leaves that \
         member unprocessed",
        "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-organization-policies-considerations.html",
    ),
    row(
        "at_most_fifty_members_a_call",
        "Calls over members take fifty accounts",
        "https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateMembers.html",
    ),
    row(
        "who_takes_in_everyone_lets_nobody_go",
        "DeleteMembers fails while every account is taken in",
        "https://docs.aws.amazon.com/guardduty/latest/APIReference/API_DeleteMembers.html",
    ),
    row(
        "what_a_policy_names_is_managed_and_read_only",
        "GetDetector names the policy that manages a feature, and UpdateDetector refuses to change that feature",
        "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-organization-policies-considerations.html",
    ),
    row(
        "a_regions_block_replaces_the_default",
        "Where a policy has a block for the region, its default block says nothing there; without either nothing is managed",
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_guardduty_syntax.html",
    ),
    row(
        "a_first_detector_needs_its_role",
        "CreateDetector needs iam:CreateServiceLinkedRole while the role is missing",
        "https://docs.aws.amazon.com/guardduty/latest/ug/slr-permissions.html",
    ),
];
