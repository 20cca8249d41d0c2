//! What one would not guess of EC2.

use super::{Behaviour, row};

pub(super) const ROWS: &[Behaviour] = &[
    row(
        "regions_that_are_not_enabled_are_shown_on_request",
        "DescribeRegions shows regions that are not enabled only with AllRegions, as not-opted-in",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html",
    ),
    row(
        "a_region_that_is_not_enabled_knows_no_credentials_for_ec2",
        "EC2 in a region that is not enabled answers AuthFailure",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html",
    ),
    row(
        "a_parameter_that_ec2_does_not_know_is_refused",
        "A parameter that an operation does not have is UnknownParameter, and not passed over",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html",
    ),
    row(
        "a_dry_run_is_refused_either_way",
        "With DryRun who may is refused by DryRunOperation, and who may not by UnauthorizedOperation; nothing is changed",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableEbsEncryptionByDefault.html",
    ),
    row(
        "encryption_by_default_is_of_one_region",
        "EnableEbsEncryptionByDefault is about one region, and a region that was never asked is off",
        "https://docs.aws.amazon.com/ebs/latest/userguide/encryption-by-default.html",
    ),
    row(
        "without_a_default_key_ebs_uses_that_of_aws",
        "GetEbsDefaultKmsKeyId answers alias/aws/ebs until a key is named, and again after a reset",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetEbsDefaultKmsKeyId.html",
    ),
    row(
        "a_default_key_that_is_not_there_is_taken",
        "ModifyEbsDefaultKmsKeyId looks for the key later: one that does not exist is taken without a word",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyEbsDefaultKmsKeyId.html",
    ),
    row(
        "snapshots_start_unblocked_and_images_blocked",
        "The public sharing of snapshots starts unblocked; that of images is blocked in an account without public images",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-public-access-to-amis.html",
    ),
    row(
        "snapshots_stay_public_by_name_while_all_sharing_is_blocked",
        "Blocking all sharing leaves the permissions of public snapshots as they are, and lets no more be made public",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableSnapshotBlockPublicAccess.html",
    ),
    row(
        "encrypted_snapshots_cannot_be_public",
        "An encrypted snapshot cannot be shared with everybody; with encryption by default every new one is encrypted",
        "https://docs.aws.amazon.com/ebs/latest/userguide/ebs-modifying-snapshot-permissions.html",
    ),
    row(
        "sharing_of_snapshots_is_unblocked_by_an_operation_of_its_own",
        "EnableSnapshotBlockPublicAccess does not take unblocked",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableSnapshotBlockPublicAccess.html",
    ),
    row(
        "metadata_defaults_that_are_not_named_stay",
        "ModifyInstanceMetadataDefaults changes what it names; no-preference and -1 take a default away",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceMetadataDefaults.html",
    ),
    row(
        "what_a_declarative_policy_sets_the_account_cannot_change",
        "Under a declarative policy the state is the policy's, says so in ManagedBy, and refuses changes with its words",
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_declarative.html",
    ),
    row(
        "every_region_has_a_default_vpc_with_a_group_that_lets_its_members_in",
        "Each region of an account has a default VPC, whose default group lets its own members in and everything out",
        "https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html",
    ),
    row(
        "a_vpc_that_is_made_brings_a_default_group_that_nobody_can_delete",
        "CreateVpc makes a group default with it; DeleteSecurityGroup refuses it by CannotDelete, and its name is reserved",
        "https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html",
    ),
    row(
        "a_group_that_is_made_lets_nothing_in_and_everything_out",
        "CreateSecurityGroup makes a group without inbound rules and with one that lets everything out",
        "https://docs.aws.amazon.com/vpc/latest/userguide/creating-security-groups.html",
    ),
    row(
        "rules_of_one_protocol_and_range_are_one_permission",
        "DescribeSecurityGroups shows rules of the same protocol and ports as one permission with several sources",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html",
    ),
    row(
        "a_rule_that_is_there_already_is_a_duplicate_whatever_is_written_beside_it",
        "Authorizing a rule that is there is InvalidPermission.Duplicate, and adds none of the others of the request",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html",
    ),
    row(
        "what_is_revoked_and_is_not_there_is_forgiven_in_the_default_vpc_alone",
        "Revoking a rule that is not there is InvalidPermission.NotFound; in the default VPC it is only shown as unknown",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeSecurityGroupIngress.html",
    ),
    row(
        "a_rule_is_revoked_without_what_is_written_beside_it",
        "A rule is found by protocol, ports and source: its description need not be said to revoke it",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeSecurityGroupIngress.html",
    ),
    row(
        "an_interface_without_a_group_gets_the_default_one",
        "CreateNetworkInterface without a group gives the default group of the VPC",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkInterface.html",
    ),
    row(
        "a_prefix_list_in_a_rule_holds_what_only_its_entries_say",
        "A rule names a prefix list by its id; what it holds is read by GetManagedPrefixListEntries",
        "https://docs.aws.amazon.com/vpc/latest/userguide/managed-prefix-lists.html",
    ),
    row(
        "pages_of_ec2_have_five_elements_at_least",
        "DescribeSecurityGroups takes MaxResults from 5 to 1000, and a token that is not its own is refused",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroups.html",
    ),
    row(
        "every_vpc_has_an_acl_that_lets_everything_through_and_ends_in_a_refusal",
        "A VPC comes with a network ACL of all its subnets, whose entry 100 lets everything through; one that is made lets nothing",
        "https://docs.aws.amazon.com/vpc/latest/userguide/default-network-acl.html",
    ),
    row(
        "entries_of_an_acl_have_numbers_of_their_own",
        "An entry is made once for each number and direction, and replaced by another operation; the last can be neither",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAclEntry.html",
    ),
    row(
        "what_a_flow_log_cannot_do_is_said_in_an_answer_that_is_no_failure",
        "CreateFlowLogs answers 200 with the resources that it could do nothing for, and why",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html",
    ),
    row(
        "a_second_flow_log_of_the_same_traffic_to_the_same_place_is_there_already",
        "A flow log of the same traffic to the same place is FlowLogAlreadyExists; one of other traffic is made beside it",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html",
    ),
    row(
        "a_bucket_of_flow_logs_lets_the_delivery_in_or_gets_a_policy_from_who_may_write_one",
        "AWS adds what delivery needs to the policy of a bucket only where its owner makes the flow log and may change the policy",
        "https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-permissions.html",
    ),
    row(
        "a_role_that_cannot_deliver_is_found_out_later",
        "A flow log into a log group takes a role; that it cannot deliver is seen in DeliverLogsStatus later",
        "https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-troubleshooting.html",
    ),
    row(
        "what_flow_logs_take_besides_is_checked_on_who_makes_them",
        "CreateFlowLogs takes logs:CreateLogDelivery for S3, iam:PassRole for a role, and ec2:CreateTags for tags",
        "https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-create-flow-log.html",
    ),
    row(
        "an_instance_is_launched_with_what_its_launch_says_and_else_what_the_account_says",
        "Metadata options of a launch go before the account's defaults, and those before AWS's; instances that run stay as they are",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-options.html",
    ),
    row(
        "options_of_metadata_that_are_not_named_stay",
        "ModifyInstanceMetadataOptions changes what it names, and says pending until it is applied",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceMetadataOptions.html",
    ),
    row(
        "an_instance_shows_the_instance_profile_that_it_was_launched_with_and_else_none",
        "RunInstances names an instance profile by its name or its ARN, and DescribeInstances shows its ARN and its id",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IamInstanceProfile.html",
    ),
    row(
        "an_instance_that_starts_or_stops_is_between_two_states_for_a_while",
        "StartInstances answers pending and StopInstances stopping, and who asks gets that until it runs or is stopped",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html",
    ),
    row(
        "metadata_are_changed_of_an_instance_that_runs_or_is_stopped",
        "ModifyInstanceMetadataOptions is for running and stopped instances; in between, it is IncorrectInstanceState",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceMetadataOptions.html",
    ),
    row(
        "an_instance_that_is_terminated_is_shown_for_a_while_and_cannot_be_changed",
        "DescribeInstances shows terminated instances for about an hour; changing one is IncorrectInstanceState",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html",
    ),
    row(
        "what_a_service_of_aws_runs_is_not_the_accounts_to_change",
        "An instance that a service runs has an Operator, and cannot be modified by the account",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/amazon-ec2-managed-instances.html",
    ),
];
