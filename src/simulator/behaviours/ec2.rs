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
];
