//! What one would not guess of CloudTrail.

use super::{Behaviour, row, seen};

pub(super) const ROWS: &[Behaviour] = &[
    row(
        "a_trail_needs_its_bucket",
        "CreateTrail refuses a bucket that is not there",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html",
    ),
    row(
        "a_trails_name_keeps_to_rules",
        "A name of a trail has no adjacent periods, underscores or dashes, and is no IP address",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html",
    ),
    row(
        "a_trail_needs_the_word_of_the_bucket",
        "The bucket policy must let CloudTrail read the ACL and deliver for this very trail",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html",
    ),
    row(
        "an_organization_trail_needs_two_prefixes",
        "The bucket policy must also open AWSLogs of the organization's id",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html",
    ),
    row(
        "a_trail_delivers_into_a_bucket_of_another_account",
        "The bucket of an organization trail may be another account's, whose policy then names the trail of the management account",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html",
    ),
    row(
        "a_trail_takes_a_key_of_another_account_by_its_arn",
        "A key of another account is named by the ARN of the key or of its alias, and has to let the trail in by its policy",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html",
    ),
    row(
        "a_trail_needs_the_word_of_the_key",
        "The key policy must let CloudTrail describe the key and generate data keys",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html",
    ),
    row(
        "a_bucket_key_takes_decryption",
        "A trail with a key, in a bucket that has an S3 Bucket Key, needs kms:Decrypt for CloudTrail as well",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html",
    ),
    row(
        "a_trails_key_is_in_the_buckets_region",
        "A key of another region than the bucket's is not found",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html",
    ),
    row(
        "a_disabled_key_makes_no_trail",
        "A key that is not enabled is KmsException",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html",
    ),
    row(
        "an_alias_is_answered_as_a_key",
        "KmsKeyId is answered as the key's ARN, whatever was sent",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html",
    ),
    row(
        "a_new_trail_does_not_log",
        "CreateTrail does not start logging",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-create-and-update-a-trail-by-using-the-aws-cli-create-trail.html",
    ),
    row(
        "a_multi_region_trail_casts_shadows",
        "A multi-Region trail shows in every region, a single-Region trail only at home",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html",
    ),
    row(
        "a_name_describes_a_trail_only_at_home",
        "DescribeTrails finds shadows, and the organization's trail in a member, by ARN and not by name",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html",
    ),
    row(
        "a_shadow_is_named_by_arn",
        "The status of a shadow trail is asked for by its ARN",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html",
    ),
    row(
        "members_name_the_organizations_trail_by_arn",
        "A member asks for the status of the organization's trail by its ARN",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html",
    ),
    row(
        "a_trail_is_changed_at_home",
        "Writes elsewhere than in the home region are InvalidHomeRegionException",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateTrail.html",
    ),
    row(
        "list_trails_sees_every_region",
        "ListTrails answers the trails of all regions",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListTrails.html",
    ),
    row(
        "members_see_organization_trails",
        "A member sees the organization's trail under its own name with the management account's ARN",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-trail-organization.html",
    ),
    row(
        "members_cannot_change_organization_trails",
        "A member cannot update, stop or delete the organization's trail",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-trail-organization.html",
    ),
    seen(
        "members_do_not_read_an_organization_trails_selectors",
        "A member that asks for the selectors of the organization's trail, which it sees, is denied",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html",
        "https://github.com/cloud-custodian/cloud-custodian/pull/6394",
    ),
    seen(
        "an_organization_trails_tags_are_its_owners",
        "ListTags knows trails of the caller's account alone, and calls the ARN of the organization's trail invalid",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListTags.html",
        "https://github.com/cloudquery/cq-provider-aws/issues/405",
    ),
    seen(
        "tags_are_asked_for_at_home",
        "ListTags knows trails of the region that is asked alone, shadows not included",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListTags.html",
        "https://github.com/cloudquery/cq-provider-aws/issues/236",
    ),
    row(
        "an_organization_trail_needs_trusted_access",
        "CloudTrailAccessNotEnabledException without trusted access",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html",
    ),
    row(
        "members_make_no_organization_trail",
        "Only the management account or a delegate makes an organization trail",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html",
    ),
    row(
        "a_delegates_trail_needs_the_managements_role",
        "A delegate makes no organization trail while the management account lacks CloudTrail's service-linked role",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html",
    ),
    row(
        "only_the_management_account_converts_a_trail",
        "A delegate cannot make an organization trail an account's own, nor the other way round",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateTrail.html",
    ),
    row(
        "a_region_has_room_for_five_trails",
        "A region has room for five trails, and a multi-Region trail takes a place in every one",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-multiple-trails.html",
    ),
    seen(
        "multi_region_needs_global_events",
        "A multi-Region trail that is told to leave out global service events is refused",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html",
        "https://github.com/hashicorp/terraform/issues/4723",
    ),
    row(
        "a_trail_that_grows_takes_in_global_events",
        "Making a trail multi-Region switches its global service events on, making it single-Region switches them off",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html",
    ),
    row(
        "update_trail_keeps_what_it_is_not_told",
        "UpdateTrail changes only what is sent",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-create-and-update-a-trail-by-using-the-aws-cli-update-trail.html",
    ),
    row(
        "an_empty_key_ends_encryption",
        "UpdateTrail with an empty KmsKeyId takes the key away",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-encryption-cli.html",
    ),
    row(
        "a_new_trail_has_the_default_selector",
        "A new trail logs all management events and no data events, and says so in its selectors",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html",
    ),
    row(
        "selectors_are_replaced_whole",
        "PutEventSelectors replaces every selector; basic and advanced exclude each other",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html",
    ),
    row(
        "a_trails_selectors_have_limits",
        "Five basic selectors with 250 data resources together, or 500 values of all advanced selectors together",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html",
    ),
    row(
        "an_advanced_selector_says_of_what",
        "An advanced selector without eventCategory, or of data events without resources.type, is refused; basic ones \
         know objects, functions and tables alone",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html",
    ),
    row(
        "a_trail_without_insights_has_no_selectors_of_them",
        "GetInsightSelectors of a trail without Insights is InsightNotEnabledException; HasInsightSelectors says so first",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetInsightSelectors.html",
    ),
    row(
        "insights_are_replaced_whole",
        "PutInsightSelectors replaces every insight, looks at management events unless told otherwise, and with none \
         switches them off",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutInsightSelectors.html",
    ),
    seen(
        "a_trail_takes_a_log_group_only_with_a_role",
        "A log group without a role, and a role without a log group, are refused, each by its own error",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateTrail.html",
        "https://github.com/pulumi/docs/issues/5117",
    ),
    row(
        "a_trails_log_group_is_named_with_a_star_at_home",
        "The log group is named by its ARN with :*, and is one of the trail's account and home Region that is there",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html",
    ),
    seen(
        "the_role_of_a_log_group_is_tried",
        "The role has to trust CloudTrail and to let it write the trail's streams, the organization's included",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html",
        "https://github.com/cloudposse/terraform-aws-cloudwatch-logs/pull/38",
    ),
    row(
        "who_gives_a_trail_a_role_has_to_be_let_pass_it",
        "A trail with a log group asks for iam:PassRole on the role",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html",
    ),
    row(
        "an_empty_log_group_and_role_end_delivery",
        "UpdateTrail with both empty takes the log group away",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/stop-cloudtrail-from-sending-events-to-cloudwatch-logs.html",
    ),
    row(
        "the_first_delivery_to_a_log_group_takes_minutes",
        "LatestCloudWatchLogsDeliveryTime is there once something was delivered, which is about five minutes later",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html",
    ),
    row(
        "a_log_group_that_is_gone_shows_as_an_error_of_the_next_delivery",
        "LatestCloudWatchLogsDeliveryError tells that nothing arrives any more, and the last time stays",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html",
    ),
    row(
        "a_trail_without_its_bucket_still_logs",
        "IsLogging says nothing of delivery: that nothing arrives is told by LatestDeliveryError",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html",
    ),
];
